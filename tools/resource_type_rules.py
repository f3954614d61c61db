"""Rules that select, from the schema of the AWS provider, the resource types without effect on IAM permissions.

A type is listed if its family was reviewed manually (`FAMILIES`) and none of its attributes, at any depth, is named
like a policy, a role, a principal or a grant. `EXCEPTIONS` are harmless attributes with such names, each with the
reason. `BY_ATTRIBUTE` are types that affect access only through such attributes and those in `EXTRA`.

"Without effect" means that IAM permissions do not change: opening a network, naming a host or raising an alarm does not
change them. A resource encrypted with another key, or no longer encrypted, may need fewer KMS permissions: encryption
attributes count for changes of existing resources.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from taskrole.plan.resource_types import ACCESS_WORDS

Schema = Mapping[str, Any]

# Regular expressions for whole type names without `aws_`, by family.
FAMILIES: Mapping[str, tuple[str, ...]] = {
    "networks": (
        "(default_)?(vpc|subnet|security_group|network_acl|route_table|vpc_dhcp_options)",
        "main_route_table_association|route|route_table_association|network_acl_(rule|association)",
        "security_group_rule|vpc_security_group_(egress_rule|ingress_rule|vpc_association)",
        "(internet|egress_only_internet|nat|customer|vpn)_gateway|internet_gateway_attachment",
        "vpn_(connection|connection_route|gateway_attachment|gateway_route_propagation)",
        "eip|eip_(association|domain_name)|network_interface|network_interface_(attachment|sg_attachment)",
        "vpc_(dhcp_options_association|ipv4_cidr_block_association|ipv6_cidr_block_association)",
        "vpc_peering_connection(_accepter|_options)?|vpc_network_performance_metric_subscription",
        "vpc_endpoint_(private_dns|route_table_association|security_group_association|subnet_association)",
        "vpc_endpoint_(connection_notification|service_private_dns_verification)",
        "vpc_ipam|vpc_ipam_(pool|pool_cidr_allocation|preview_next_cidr|scope)",
        "vpc_route_server(_endpoint|_peer|_propagation|_vpc_association)?",
        "ec2_(carrier_gateway|local_gateway_route|local_gateway_route_table_vpc_association|subnet_cidr_reservation)",
        "ec2_managed_prefix_list(_entry)?|ec2_network_insights_path|ec2_client_vpn_(network_association|route)",
        "ec2_transit_gateway_(connect|connect_peer|prefix_list_reference|route|route_table|vpc_attachment)",
        "ec2_transit_gateway_(route_table_association|route_table_propagation)",
        "ec2_transit_gateway_default_route_table_(association|propagation)",
        "dx_(bgp_peer|connection|connection_association|gateway|lag|macsec_key_association)",
        "dx_(private|public|transit)_virtual_interface",
        "globalaccelerator_(accelerator|endpoint_group|listener)",
        "networkfirewall_(logging_configuration|rule_group)",
    ),
    "load balancers": (
        "a?lb|a?lb_(listener|listener_certificate|listener_rule|target_group|target_group_attachment)",
        "elb|elb_attachment|app_cookie_stickiness_policy|lb_(cookie_stickiness|ssl_negotiation)_policy",
        "load_balancer_(backend_server_policy|listener_policy|policy)|proxy_protocol_policy",
    ),
    "names and certificates": (
        "acm_certificate|acm_certificate_validation",
        "route53_(cidr_collection|cidr_location|delegation_set|health_check|hosted_zone_dnssec|key_signing_key)",
        "route53_(query_log|record|traffic_policy|traffic_policy_instance|zone|zone_association)",
        "route53_resolver_(config|dnssec_config|endpoint|firewall_config|firewall_domain_list|firewall_rule)",
        "route53_resolver_(firewall_rule_group|firewall_rule_group_association|query_log_config|rule)",
        "route53_resolver_(query_log_config_association|rule_association)",
        "service_discovery_(http|private_dns|public_dns)_namespace|service_discovery_(instance|service)",
    ),
    "monitoring": (
        "cloudwatch_(composite_alarm|contributor_insight_rule|dashboard|metric_alarm|query_definition)",
        "cloudwatch_log_(anomaly_detector|group|metric_filter|stream)",
        "xray_(group|sampling_rule)",
        "synthetics_(group|group_association)",
    ),
    "costs": ("budgets_budget|ce_(anomaly_monitor|anomaly_subscription|cost_allocation_tag|cost_category)",),
    "scaling": (
        "appautoscaling_(policy|scheduled_action)|autoscaling_(attachment|notification|policy|schedule)",
        "autoscaling_traffic_source_attachment|placement_group|ecs_(cluster_capacity_providers|capacity_provider)",
    ),
    "containers": ("ecr_(lifecycle_policy|registry_scanning_configuration|repository)",),
    "storage": (
        "ebs_volume|volume_attachment|efs_(backup_policy|file_system|mount_target)",
        "s3_bucket_(accelerate|analytics|cors|intelligent_tiering|lifecycle|object_lock)_configuration",
        "s3_bucket_(metric|request_payment_configuration|server_side_encryption_configuration|versioning)",
    ),
    "databases": (
        "db_(event_subscription|option_group|parameter_group|subnet_group)|rds_cluster_parameter_group",
        "docdb_(cluster|cluster_instance|cluster_parameter_group|event_subscription|subnet_group)",
        "dax_(parameter_group|subnet_group)|dynamodb_(contributor_insights|table)",
        "elasticache_(cluster|parameter_group|subnet_group)",
        "memorydb_(parameter_group|subnet_group)|keyspaces_(keyspace|table)",
        "neptune_(cluster_instance|cluster_parameter_group|event_subscription|parameter_group|subnet_group)",
        "redshift_(event_subscription|parameter_group|snapshot_schedule|subnet_group|usage_limit)",
        "timestreamwrite_(database|table)",
    ),
    "queues and streams": (
        "kinesis_stream|kinesis_stream_consumer|sqs_queue_redrive_(allow_)?policy|msk_configuration|mq_configuration",
    ),
    "values that are read": ("secretsmanager_secret_version|ssm_parameter",),
    "mail": (
        "ses_(domain_dkim|domain_identity|domain_identity_verification|domain_mail_from|email_identity|template)",
        "sesv2_(dedicated_ip_pool|email_identity_mail_from_attributes)",
    ),
    "web application firewalls": (
        "wafv2_(ip_set|regex_pattern_set|rule_group|web_acl|web_acl_association|web_acl_logging_configuration)",
        "waf(regional)?_(byte_match_set|geo_match_set|ipset|rate_based_rule|regex_match_set|regex_pattern_set|rule)",
        "waf(regional)?_(rule_group|size_constraint_set|sql_injection_match_set|web_acl|xss_match_set)",
        "wafregional_web_acl_association|shield_(protection|protection_group|protection_health_check_association)",
    ),
}

# Types that affect access only through access attributes: a queue's timeout does not change permissions.
BY_ATTRIBUTE = (
    "appautoscaling_target|autoscaling_group|autoscaling_lifecycle_hook|cloudwatch_event_rule",
    "db_instance|rds_cluster|rds_cluster_instance|neptune_cluster|ecs_cluster|ecs_service|flow_log|instance",
    "kms_key|lambda_function|launch_template|s3_bucket|s3_bucket_logging|s3_bucket_object|s3_object",
    "secretsmanager_secret|sns_topic|sqs_queue|vpc_endpoint",
)

# Words in the names of encryption attributes, and encryption attributes without such a word.
ENCRYPTION_WORDS = frozenset({"encrypt", "encrypted", "encryption", "kms", "sse"})
ENCRYPTION: Mapping[str, tuple[str, ...]] = {"aws_ssm_parameter": ("key_id", "type")}

# Further access attributes of types: they name the role of a workload in other words.
EXTRA: Mapping[str, tuple[str, ...]] = {
    "aws_autoscaling_group": ("launch_configuration", "launch_template", "mixed_instances_policy"),
    "aws_ecs_cluster": ("configuration", "service_connect_defaults"),
    "aws_ecs_service": ("cluster", "enable_execute_command", "task_definition"),
    "aws_instance": ("launch_template",),
    "aws_kms_key": ("is_enabled",),
}

# Attributes named like access attributes that are none: of every type, or `type.attribute`.
EXCEPTIONS: Mapping[str, str] = {
    "access_logs": "where a load balancer writes its log",
    "alpn_policy": "which protocol a listener speaks",
    "assign_public_ip": "a network address",
    "associate_public_ip_address": "a network address",
    "dns_record_client_routing_policy": "which zone's address a client is given",
    "network_acl_id": "of a network access control list",
    "default_network_acl_id": "of a network access control list",
    "map_public_ip_on_launch": "a network address",
    "public_dns": "a host name",
    "public_ip": "a network address",
    "public_ip_source": "where network addresses are from",
    "public_ipv4_pool": "where network addresses are from",
    "public_default_scope_id": "a range of network addresses",
    "redrive_allow_policy": "which queues may name this one for undelivered messages",
    "redrive_policy": "where undelivered messages go",
    "routing_policy": "which address a name resolves to",
    "aws_alb_listener.default_action": "its authenticate_oidc: who may use the application, not AWS",
    "aws_alb_listener_rule.action": "its authenticate_oidc: who may use the application, not AWS",
    "aws_lb_listener.default_action": "its authenticate_oidc: who may use the application, not AWS",
    "aws_lb_listener_rule.action": "its authenticate_oidc: who may use the application, not AWS",
    "aws_alb_listener.mutual_authentication": "who may use the application, not AWS",
    "aws_lb_listener.mutual_authentication": "who may use the application, not AWS",
    "aws_alb_listener.routing_http_response_*": "headers that browsers read",
    "aws_lb_listener.routing_http_response_*": "headers that browsers read",
    "aws_alb_listener.ssl_policy": "which versions of TLS",
    "aws_lb_listener.ssl_policy": "which versions of TLS",
    "aws_appautoscaling_policy.policy_type": "how it scales",
    "aws_appautoscaling_policy.step_scaling_policy_configuration": "how it scales",
    "aws_appautoscaling_policy.target_tracking_scaling_policy_configuration": "how it scales",
    "aws_autoscaling_group.instance_maintenance_policy": "how many instances are replaced at once",
    "aws_autoscaling_policy.policy_type": "how it scales",
    "aws_ecr_lifecycle_policy.policy": "which images expire",
    "aws_efs_backup_policy.backup_policy": "whether it is backed up",
    "aws_efs_file_system.lifecycle_policy": "which storage files are moved to",
    "aws_load_balancer_backend_server_policy.policy_names": "of a classic load balancer",
    "aws_load_balancer_listener_policy.policy_names": "of a classic load balancer",
    "aws_load_balancer_policy.policy_attribute": "of a classic load balancer",
    "aws_load_balancer_policy.policy_name": "of a classic load balancer",
    "aws_load_balancer_policy.policy_type_name": "of a classic load balancer",
    "aws_route53_key_signing_key.public_key": "of DNSSEC",
    "aws_route53_record.cidr_routing_policy": "which address a name resolves to",
    "aws_route53_record.failover_routing_policy": "which address a name resolves to",
    "aws_route53_record.geolocation_routing_policy": "which address a name resolves to",
    "aws_route53_record.geoproximity_routing_policy": "which address a name resolves to",
    "aws_route53_record.latency_routing_policy": "which address a name resolves to",
    "aws_route53_record.multivalue_answer_routing_policy": "which address a name resolves to",
    "aws_route53_record.weighted_routing_policy": "which address a name resolves to",
    "aws_route53_resolver_firewall_rule_group.share_status": "computed: what another account has shared",
    "aws_route53_resolver_query_log_config.share_status": "computed: what another account has shared",
    "aws_route53_resolver_rule.share_status": "computed: what another account has shared",
    "aws_route53_traffic_policy_instance.traffic_policy_id": "which address a name resolves to",
    "aws_route53_traffic_policy_instance.traffic_policy_version": "which address a name resolves to",
    "aws_service_discovery_service.dns_config": "its routing_policy: which address a name resolves to",
    "aws_s3_bucket_intelligent_tiering_configuration.tiering": "its access_tier: which storage objects are moved to",
    "aws_s3_bucket_metric.filter": "its access_point: which requests are counted",
    "aws_sns_topic.archive_policy": "how long messages are kept",
    "aws_sns_topic.delivery_policy": "how often a delivery is tried",
    "aws_sqs_queue_redrive_allow_policy.redrive_allow_policy": "which queues may name this one",
    "aws_sqs_queue_redrive_policy.redrive_policy": "where undelivered messages go",
    "aws_wafv2_web_acl.association_config": "how much of a request is inspected",
    "aws_wafregional_web_acl_association.web_acl_id": "of a web application firewall",
    "aws_wafv2_web_acl_association.web_acl_arn": "of a web application firewall",
}

# Data sources with side effects.
_ACTING_DATA = frozenset({"aws_lambda_invocation"})
_ROLE_WORDS = frozenset({"assume", "iam", "role", "roles"})


def resource_types(provider: Schema) -> dict[str, Any]:
    """Return the lists for a provider's schema, the output of `terraform providers schema -json`.

    `without_effect` maps a type to its top-level encryption attributes and exceptions; `by_attribute` also to its
    access attributes, of which `texts` are single texts. `uses_a_role`, `has_a_policy` and `other` are all other types.
    `data_sources` are those that only read.
    """
    lists: dict[str, Any] = {
        "without_effect": {},
        "by_attribute": {},
        "uses_a_role": [],
        "has_a_policy": [],
        "other": [],
    }
    for type_, schema in sorted(provider["resource_schemas"].items()):
        block = schema["block"]
        matters, excepted = _access(type_, block)
        if not matters and _is_listed(type_, _LISTED):
            entry = {"encryption": _encryption(type_, block), "excepted": excepted}
            lists["without_effect"][type_] = {name: names for name, names in entry.items() if names}
        elif _is_listed(type_, BY_ATTRIBUTE):
            texts = [name for name in matters if _is_text(block, name)]
            others = sorted({*matters, *EXTRA.get(type_, ())} - {*texts})
            entry = {"encryption": _encryption(type_, block), "excepted": excepted, "others": others, "texts": texts}
            lists["by_attribute"][type_] = {name: names for name, names in entry.items() if names}
        else:
            lists[_kind(type_, block)].append(type_)
    lists["data_sources"] = sorted(provider["data_source_schemas"].keys() - _ACTING_DATA)
    return lists


def _kind(type_: str, block: Schema) -> str:
    words = {word for path in _paths(block) for word in path.rpartition(".")[2].split("_")} & ACCESS_WORDS
    if words & _ROLE_WORDS:
        return "uses_a_role"
    return "has_a_policy" if words or _words(type_) else "other"


_LISTED = tuple(pattern for patterns in FAMILIES.values() for pattern in patterns)


def _is_listed(type_: str, patterns: tuple[str, ...]) -> bool:
    name = type_.removeprefix("aws_")
    return any(re.fullmatch(pattern, name) for pattern in patterns)


def _access(type_: str, block: Schema) -> tuple[list[str], list[str]]:
    """Return the top-level access attributes of a type, and those with only a similar name."""
    matters: set[str] = set()
    excepted: set[str] = set()
    for path in _paths(block):
        first, last = path.partition(".")[0], path.rpartition(".")[2]
        if _words(last):
            (excepted if exceptions_for(type_, first, last) else matters).add(first)
    return sorted(matters), sorted(excepted - matters)


def exceptions_for(type_: str, *names: str) -> list[str]:
    """Return the keys of the exceptions that cover any of these attributes of a type."""
    spelled = [*names, *(f"{type_}.{name}" for name in names)]
    return [key for key in EXCEPTIONS if any(fnmatchcase(name, key) for name in spelled)]


def _encryption(type_: str, block: Schema) -> list[str]:
    named = {
        path.partition(".")[0]
        for path in _paths(block)
        if not ENCRYPTION_WORDS.isdisjoint(path.rpartition(".")[2].split("_"))
    }
    return sorted({*named, *ENCRYPTION.get(type_, ())})


def _words(name: str) -> frozenset[str]:
    return ACCESS_WORDS.intersection(name.split("_"))


def _is_text(block: Schema, name: str) -> bool:
    attribute = block.get("attributes", {}).get(name)
    return bool(attribute) and attribute.get("type") == "string"


def _paths(block: Schema, prefix: str = "") -> Iterator[str]:
    """Yield the attributes and blocks of a block, at any depth, as dotted paths."""
    for name, attribute in block.get("attributes", {}).items():
        yield f"{prefix}{name}"
        nested = attribute.get("nested_type")
        if nested:
            yield from _paths(nested, f"{prefix}{name}.")
        yield from (f"{prefix}{name}.{member}" for member in _members(attribute.get("type")))
    for name, nested in block.get("block_types", {}).items():
        yield f"{prefix}{name}"
        yield from _paths(nested["block"], f"{prefix}{name}.")


def _members(type_: Any) -> Iterator[str]:
    """Yield the names in a type such as `["list", ["object", {"acl": "string"}]]`."""
    if isinstance(type_, list) and type_[0] == "object":
        for name, inner in type_[1].items():
            yield name
            yield from _members(inner)
    elif isinstance(type_, list):
        for inner in type_[1:]:
            yield from _members(inner)
