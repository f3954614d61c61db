"""Tests the accounting of a plan: every change is in exactly one class."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest

from taskrole.plan.accounting import Accounting, NotReviewed, classify
from taskrole.plan.configuration import Configuration
from taskrole.plan.model import Plan, Unresolved
from taskrole.plan.reader import read_plan

AWS = "registry.terraform.io/hashicorp/aws"
PROVIDERS = {
    "aws": AWS,
    "awscc": "registry.terraform.io/hashicorp/awscc",
    "terraform": "terraform.io/builtin/terraform",
}
EXPLAINED, WITHOUT_EFFECT = Accounting(explained=1), Accounting(without_effect=1)
ASKS_FOR_TAGS = '{"Statement": [{"Condition": {"StringEquals": {"aws:ResourceTag/team": "a"}}}]}'


def change_of(
    address: str, actions: str = "create", before: Any = None, after: Any = None, **more: Any
) -> dict[str, Any]:
    """Return a change as Terraform writes it; `after` is what is created, and None for a deletion."""
    type_, name = address.removeprefix("data.").split(".")
    prefix = type_.partition("_")[0]
    change = {key: more.pop(key) for key in ("after_unknown", "importing") if key in more}
    return {
        "address": address,
        "mode": "data" if address.startswith("data.") else "managed",
        "type": type_,
        "name": name.partition("[")[0],
        "provider_name": PROVIDERS.get(prefix, f"registry.terraform.io/hashicorp/{prefix}"),
        "change": {"actions": actions.split(), "before": before, "after": after or {}, **change},
        **more,
    }


def read(*changes: dict[str, Any], resources: list[dict[str, Any]] | None = None, **members: Any) -> Plan:
    data = {
        "format_version": "1.2",
        "resource_changes": list(changes),
        "configuration": {"root_module": {"resources": resources or []}},
        **members,
    }
    return read_plan(BytesIO(json.dumps(data).encode()), "plan")


def classes(plan: Plan, *explained: str) -> tuple[Accounting, list[tuple[str, str, str]], tuple[Unresolved, ...]]:
    accounting, entries, unresolved = classify(plan, Configuration(plan), explained)
    return accounting, [(entry.address, entry.category, entry.why) for entry in entries], unresolved


def category(plan: Plan) -> str:
    accounting, entries, _ = classify(plan, Configuration(plan), ())
    assert accounting == Accounting(not_reviewed=1)
    return entries[0].category


def test_a_reported_change_is_explained():
    plan = read(change_of("aws_iam_role.web"))
    assert classes(plan, "aws_iam_role.web") == (EXPLAINED, [], ())


def test_an_entry_names_address_type_actions_category_and_reason():
    plan = read(change_of("acme_door.front", "delete create"))
    _, entries, _ = classify(plan, Configuration(plan), ())
    assert [replace(entry, key="") for entry in entries] == [
        NotReviewed("acme_door.front", "acme_door", ("create", "delete"), "unknown types", "its type is unknown")
    ]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("aws_s3_bucket_policy.b", "resource policies"),
        ("aws_kms_grant.g", "resource policies"),
        ("aws_secretsmanager_secret_policy.s", "resource policies"),
        ("aws_ecr_repository_policy.e", "resource policies"),
        ("aws_sqs_queue_policy.q", "resource policies"),
        ("aws_sns_topic_policy.t", "resource policies"),
        ("aws_lambda_permission.l", "resource policies"),
        ("aws_efs_file_system_policy.f", "resource policies"),
        ("aws_opensearch_domain_policy.o", "resource policies"),
        ("aws_backup_vault_policy.b", "resource policies"),
        ("aws_glue_resource_policy.g", "resource policies"),
        ("aws_api_gateway_rest_api_policy.a", "resource policies"),
        ("aws_s3_bucket_public_access_block.b", "resource policies"),
        ("aws_iam_user.u", "users and groups"),
        ("aws_iam_group_policy.g", "users and groups"),
        ("aws_iam_access_key.k", "users and groups"),
        ("aws_iam_openid_connect_provider.o", "identity providers"),
        ("aws_iam_saml_provider.s", "identity providers"),
        ("aws_ssoadmin_account_assignment.a", "single sign-on"),
        ("aws_identitystore_group_membership.m", "single sign-on"),
        ("aws_organizations_policy_attachment.p", "organisation policies"),
        ("aws_eks_access_entry.e", "Kubernetes access"),
        ("aws_eks_pod_identity_association.p", "Kubernetes access"),
        ("kubernetes_config_map.aws_auth", "Kubernetes access"),
        ("helm_release.h", "Kubernetes access"),
        ("aws_rolesanywhere_profile.r", "accounts and federation"),
        ("aws_cognito_identity_pool_roles_attachment.c", "accounts and federation"),
        ("aws_codebuild_project.c", "uses of roles"),
        ("aws_iam_service_linked_role.s", "roles and policies"),
        ("aws_ec2_tag.t", "tags"),
        ("aws_lambda_invocation.i", "other AWS types"),
        ("aws_something_new.s", "unknown types"),
        ("awscc_s3_bucket.b", "unknown types"),
        ("local_file.f", "writes files"),
    ],
)
def test_changes_that_can_matter_are_listed_by_category(address: str, expected: str):
    assert category(read(change_of(address))) == expected


@pytest.mark.parametrize(
    "address",
    [
        "aws_cloudformation_stack.s",
        "aws_cloudformation_stack_set.s",
        "aws_cloudformation_stack_set_instance.s",
        "aws_cloudcontrolapi_resource.r",
        "aws_serverlessapplicationrepository_cloudformation_stack.s",
        "aws_servicecatalog_provisioned_product.p",
        "awscc_iam_role.r",
        "awscc_iam_managed_policy.p",
        "awscc_ecs_task_definition.t",
    ],
)
def test_a_resource_that_creates_hidden_iam_is_unresolved(address: str):
    accounting, entries, unresolved = classes(read(change_of(address, "update")), address)
    assert accounting == Accounting(not_reviewed=1)
    assert entries[0][1] == "makes IAM resources unseen"
    assert [value.address for value in unresolved] == [address]
    assert "that the plan does not show" in unresolved[0].because


@pytest.mark.parametrize("address", ["aws_vpc.v", "aws_route53_record.r", "aws_cloudwatch_metric_alarm.a", "aws_lb.l"])
@pytest.mark.parametrize("actions", ["create", "update", "delete", "delete create", "forget"])
def test_a_type_on_the_dated_list_is_without_effect(address: str, actions: str):
    assert classes(read(change_of(address, actions))) == (WITHOUT_EFFECT, [], ())


@pytest.mark.parametrize("address", ["random_pet.p", "time_sleep.t", "tls_private_key.k", "null_resource.n"])
def test_a_resource_of_values_alone_is_without_effect(address: str):
    assert classes(read(change_of(address)))[0] == WITHOUT_EFFECT


def test_a_type_of_another_provider_of_the_same_name_is_unknown():
    foreign = {**change_of("aws_vpc.v"), "provider_name": "registry.terraform.io/acme/aws"}
    assert category(read(foreign)) == "unknown types"


def test_a_role_of_another_provider_is_not_explained():
    foreign = {**change_of("aws_iam_role.web"), "provider_name": "registry.terraform.io/acme/aws"}
    assert classes(read(foreign), "aws_iam_role.web")[0] == Accounting(not_reviewed=1)


@pytest.mark.parametrize(
    ("address", "attribute", "expected"),
    [
        ("aws_sqs_queue.q", "policy", "resource policies"),
        ("aws_kms_key.k", "policy", "resource policies"),
        ("aws_lambda_function.f", "role", "uses of roles"),
        ("aws_instance.i", "iam_instance_profile", "uses of roles"),
        ("aws_ecs_service.s", "task_definition", "workloads"),
        ("aws_cloudwatch_log_group.g", "kms_key_id", "encryption"),
    ],
)
def test_an_access_attribute_is_listed_with_its_category(address: str, attribute: str, expected: str):
    plan = read(change_of(address, "update", {attribute: "a"}, {attribute: "b"}))
    assert classes(plan)[1] == [(address, expected, f"it sets {attribute}")]


@pytest.mark.parametrize("attribute", ["trusted_role_arn", "resource_policy", "shared_with"])
@pytest.mark.parametrize("address", ["aws_vpc.v", "aws_appautoscaling_target.t"])
def test_an_attribute_of_a_newer_provider_is_classified_by_name(address: str, attribute: str):
    plan = read(change_of(address, "update", {}, {attribute: "b"}))
    assert classes(plan)[1] == [(address, category(plan), f"it sets {attribute}")]


@pytest.mark.parametrize("address", ["aws_sqs_queue.q", "aws_lambda_function.f", "aws_ecs_service.s"])
def test_other_attributes_of_such_a_type_are_without_effect(address: str):
    assert classes(read(change_of(address, "update", {"timeout": 1}, {"timeout": 2})))[0] == WITHOUT_EFFECT


def test_a_policy_that_the_provider_computes_is_without_effect():
    written = {
        "mode": "managed",
        "type": "aws_sqs_queue",
        "name": "q",
        "expressions": {"name": {"constant_value": "q"}},
    }
    queue = change_of("aws_sqs_queue.q", after_unknown={"policy": True})
    assert classes(read(queue, resources=[written]))[0] == WITHOUT_EFFECT


def test_a_configured_unknown_policy_is_listed():
    written = {"mode": "managed", "type": "aws_sqs_queue", "name": "q", "expressions": {"policy": {}}}
    queue = change_of("aws_sqs_queue.q", after_unknown={"policy": True})
    assert category(read(queue, resources=[written])) == "resource policies"


@pytest.mark.parametrize("attribute", ["tags", "tags_all", "description"])
def test_tags_that_no_policy_uses_are_without_effect(attribute: str):
    plan = read(change_of("aws_codebuild_project.c", "update", {attribute: "a"}, {attribute: "b"}))
    assert classes(plan)[0] == WITHOUT_EFFECT


@pytest.mark.parametrize(
    "text", [ASKS_FOR_TAGS, ASKS_FOR_TAGS.replace("/", "\\/"), ASKS_FOR_TAGS.replace("a", "\\u0061")]
)
@pytest.mark.parametrize("address", ["aws_vpc.v", "aws_sqs_queue.q", "aws_codebuild_project.c"])
def test_tags_that_a_policy_uses_are_listed(address: str, text: str):
    own = change_of("aws_iam_role_policy.own", "no-op", {"policy": text}, {"policy": text})
    plan = read(own, change_of(address, "update", {"tags": {"team": "a"}}, {"tags": {"team": "b"}}))
    assert category(plan) == "tags"


@pytest.mark.parametrize(
    ("key", "expected"),
    [("aws:ResourceTag/team", 1), ("aws:resourcetag/TEAM", 1), ("aws:ResourceTag/*", 1), ("aws:ResourceTag/cost", 0)],
)
def test_only_the_used_tags_are_listed(key: str, expected: int):
    text = json.dumps({"Statement": [{"Resource": f"arn:aws:s3:::${{{key}}}/x"}]})
    own = change_of("aws_iam_role_policy.own", "no-op", {"policy": text}, {"policy": text})
    plan = read(own, change_of("aws_vpc.v", "update", {"tags": {"a": "b"}}, {"tags": {"a": "b", "Team": "b"}}))
    assert classes(plan)[0].not_reviewed == expected


@pytest.mark.parametrize(
    ("attribute", "default", "expected"),
    [("tags", {}, 1), ("tags_all", {}, 0), ("tags_all", {"default_tags": [{}]}, 1)],
)
def test_unknown_tags_may_be_any_used_tag(attribute: str, default: dict[str, Any], expected: int):
    own = change_of("aws_iam_role_policy.own", "no-op", {"policy": ASKS_FOR_TAGS}, {"policy": ASKS_FOR_TAGS})
    configuration = {"provider_config": {"aws": {"name": "aws", "expressions": default}}, "root_module": {}}
    plan = read(own, change_of("aws_vpc.v", after_unknown={attribute: True}), configuration=configuration)
    assert classes(plan)[0].not_reviewed == expected


def test_tags_that_an_attached_aws_managed_policy_uses_are_listed():
    arn = "arn:aws:iam::aws:policy/aws-service-role/AmazonECSServiceRolePolicy"
    attached = change_of("aws_iam_role_policy_attachment.a", "no-op", {"policy_arn": arn}, {"policy_arn": arn})
    plan = read(attached, change_of("aws_vpc.v", "update", {"tags": {}}, {"tags": {"AmazonECSManaged": "b"}}))
    assert category(plan) == "tags"


@pytest.mark.parametrize("address", ["aws_iam_user.u", "aws_ssoadmin_permission_set.p", "aws_organizations_account.a"])
def test_tags_of_identities_are_always_listed(address: str):
    accounting, _, _ = classes(read(change_of(address, "update", {"tags": {}}, {"tags": {"team": "b"}})))
    assert accounting == Accounting(not_reviewed=1)


@pytest.mark.parametrize(
    "address",
    [
        "aws_iam_role.r",
        "aws_iam_policy.p",
        "aws_iam_role_policy.p",
        "aws_iam_role_policy_attachment.a",
        "aws_iam_policy_attachment.a",
        "aws_iam_role_policies_exclusive.e",
        "aws_iam_role_policy_attachments_exclusive.e",
    ],
)
def test_an_unreported_change_of_a_reviewed_type_is_unresolved(address: str):
    accounting, entries, unresolved = classes(read(change_of(address, "update")))
    assert accounting == Accounting(not_reviewed=1)
    assert entries == [(address, "roles and policies", "its effect on a role is not known")]
    assert [value.address for value in unresolved] == [address]


def test_a_new_policy_without_roles_is_listed_and_not_unresolved():
    _, entries, unresolved = classes(read(change_of("aws_iam_policy.p")))
    assert entries == [("aws_iam_policy.p", "roles and policies", "it is not attached to a role of this plan")]
    assert unresolved == ()


def test_a_policy_attached_to_users_is_listed_even_if_its_roles_are_explained():
    values = {"policy_arn": "arn:aws:iam::aws:policy/ReadOnlyAccess", "roles": ["web"], "users": ["eve"]}
    plan = read(change_of("aws_iam_policy_attachment.a", after=values))
    assert classes(plan, "aws_iam_policy_attachment.a")[1][0][1] == "users and groups"


def test_an_unreported_task_definition_is_listed():
    assert category(read(change_of("aws_ecs_task_definition.t"))) == "workloads"


@pytest.mark.parametrize(
    ("explained", "expected"), [((), Accounting(not_reviewed=1)), (("data.aws_iam_policy_document.d",), EXPLAINED)]
)
def test_a_policy_document_is_classified_by_its_users(explained: tuple[str, ...], expected: Accounting):
    assert classes(read(change_of("data.aws_iam_policy_document.d", "read")), *explained)[0] == expected


@pytest.mark.parametrize("address", ["data.aws_caller_identity.c", "data.aws_ami.a", "data.terraform_remote_state.s"])
def test_a_data_source_that_reads_is_without_effect(address: str):
    assert classes(read(change_of(address, "read")))[0] == WITHOUT_EFFECT


@pytest.mark.parametrize("address", ["data.external.e", "data.http.h", "data.aws_lambda_invocation.l"])
def test_a_data_source_with_side_effects_is_listed(address: str):
    assert category(read(change_of(address, "read"))) == "runs commands"


@pytest.mark.parametrize("mode", ["data", "ephemeral"])
def test_a_program_that_runs_while_planning_is_listed_without_a_change(mode: str):
    written = {"mode": mode, "type": "external", "name": "e", "expressions": {}}
    assert classes(read(resources=[written])) == (
        Accounting(not_reviewed=1),
        [(f"{mode}.external.e", "runs commands", "it runs a program, also during the plan")],
        (),
    )


@pytest.mark.parametrize(
    ("actions", "expected"),
    [("create", "runs commands"), ("delete", "runs commands"), ("delete create", "runs commands"), ("update", None)],
)
@pytest.mark.parametrize("address", ["terraform_data.x", "null_resource.x", "aws_vpc.x"])
def test_a_provisioner_runs_on_creation_and_deletion(address: str, actions: str, expected: str | None):
    provisioners = [{"type": "local-exec", "expressions": {"command": {"constant_value": "true"}}}]
    type_ = address.partition(".")[0]
    written = {"mode": "managed", "type": type_, "name": "x", "provisioners": provisioners, "expressions": {}}
    plan = read(change_of(address, actions), resources=[written])
    assert [entry[1] for entry in classes(plan, address)[1]] == ([expected] if expected else [])


@pytest.mark.parametrize("more", [{"previous_address": "aws_kms_key.old"}, {"importing": {"id": "k"}}])
def test_a_moved_or_imported_resource_is_without_effect(more: dict[str, Any]):
    assert classes(read(change_of("aws_kms_key.k", "no-op", {"policy": "{}"}, {"policy": "{}"}, **more)))[0] == (
        WITHOUT_EFFECT
    )


def test_a_deposed_object_is_not_explained_by_the_current_object():
    counts = change_of("aws_iam_role.web", "update")
    deposed = change_of("aws_iam_role.web", "delete", deposed="abc")
    assert classes(read(counts, deposed), "aws_iam_role.web")[0] == Accounting(explained=1, not_reviewed=1)


def test_a_deferred_change_is_not_explained():
    later = {"reason": "instance_count_unknown", "resource_change": change_of("aws_iam_role.web")}
    assert classes(read(deferred_changes=[later], resources=[{}]), "aws_iam_role.web")[0] == Accounting(not_reviewed=1)


@pytest.mark.parametrize(
    "members",
    [
        {"action_invocations": [{"address": "action.aws_lambda_invoke.a", "type": "aws_lambda_invoke", "name": "a"}]},
        {"deferred_action_invocations": [{"reason": "unknown", "action_invocation": {"address": "action.x.y"}}]},
        {"action_invocations": [{"something": "new"}, 1][:1]},
    ],
)
def test_an_invoked_action_is_listed(members: dict[str, Any]):
    assert category(read(resources=[{}], **members)) == "runs commands"


@pytest.mark.parametrize("address", ["aws_s3_bucket_policy.b", "aws_iam_role_policy.p"])
def test_the_key_of_an_entry_changes_with_its_values_and_not_with_sensitive_ones(address: str):
    def key(policy: str, secret: str) -> str:
        change = change_of(address, "update", {"policy": policy, "x": secret}, {"policy": "b"})
        change["change"]["before_sensitive"] = {"x": True}
        plan = read(change)
        return classify(plan, Configuration(plan), ())[1][0].key

    assert key("a", "one") == key("a", "two")
    assert key("a", "one") != key("c", "one")
