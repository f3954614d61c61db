"""The attributes that name the role of a workload, per resource type: a table instead of code per type.

A path leads through nested attributes, blocks and lists; `{}` after a step marks JSON text, as in
`container_properties{}.jobRoleArn`. An attribute that is a map or a list names several roles. Checked against the
provider hashicorp/aws 6.x on 2026-11-26.
Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs
"""

from __future__ import annotations

from collections.abc import Mapping

from taskrole.dataclass import dataclass

INSTANCE_PROFILE = "aws_iam_instance_profile"


@dataclass(frozen=True)
class WorkloadType:
    """The paths of a resource type, by what they name: roles, task definitions, or instance profiles.

    `exec` are the settings that enable ECS Exec. `also` are other attributes that determine who gets a role, or its
    session policy; they are not compared. `is_ecs` is True if all roles are for ECS; other types are for ECS only if
    they name a task definition.
    """

    roles: tuple[str, ...] = ()
    definitions: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    exec: tuple[str, ...] = ()
    also: frozenset[str] = frozenset()
    is_ecs: bool = False


def _ecs(roles: str = "", definitions: str = "", exec_: str = "", profiles: str = "") -> WorkloadType:
    paths = [tuple(text.split()) for text in (roles, definitions, profiles, exec_)]
    return WorkloadType(paths[0], paths[1], paths[2], paths[3], is_ecs=True)


def _roles(paths: str, also: str = "") -> WorkloadType:
    return WorkloadType(roles=tuple(paths.split()), also=frozenset(also.split()))


def _profiles(paths: str, roles: str = "") -> WorkloadType:
    return WorkloadType(roles=tuple(roles.split()), profiles=tuple(paths.split()))


_ECS = {
    "aws_ecs_task_definition": _ecs("task_role_arn execution_role_arn"),
    "aws_ecs_daemon_task_definition": _ecs("task_role_arn execution_role_arn"),
    "aws_ecs_express_gateway_service": _ecs("task_role_arn execution_role_arn infrastructure_role_arn"),
    "aws_ecs_service": _ecs(
        "iam_role volume_configuration.managed_ebs_volume.role_arn service_connect_configuration.service.tls.role_arn"
        " load_balancer.advanced_configuration.role_arn vpc_lattice_configurations.role_arn"
        " deployment_configuration.lifecycle_hook.role_arn",
        "task_definition",
        "enable_execute_command",
    ),
    "aws_ecs_task_set": _ecs(definitions="task_definition"),
    "aws_ecs_daemon": _ecs(definitions="daemon_task_definition_arn", exec_="enable_execute_command"),
    "aws_ecs_capacity_provider": _ecs(
        "managed_instances_provider.infrastructure_role_arn",
        profiles="managed_instances_provider.instance_launch_template.ec2_instance_profile_arn",
    ),
}

# A container override in the input of an ECS task also names a role:
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskOverride.html
_SCHEDULED = {
    "aws_cloudwatch_event_target": WorkloadType(
        ("role_arn", "input{}.taskRoleArn", "input{}.executionRoleArn"),
        ("ecs_target.task_definition_arn",),
        exec=("ecs_target.enable_execute_command",),
    ),
    "aws_scheduler_schedule": WorkloadType(
        ("target.role_arn", "target.input{}.taskRoleArn", "target.input{}.executionRoleArn"),
        ("target.ecs_parameters.task_definition_arn",),
        exec=("target.ecs_parameters.enable_execute_command",),
    ),
    "aws_pipes_pipe": WorkloadType(
        (
            "role_arn",
            "target_parameters.ecs_task_parameters.overrides.task_role_arn",
            "target_parameters.ecs_task_parameters.overrides.execution_role_arn",
        ),
        ("target_parameters.ecs_task_parameters.task_definition_arn",),
        exec=("target_parameters.ecs_task_parameters.enable_execute_command",),
    ),
}

_OTHERS = {
    INSTANCE_PROFILE: _roles("role"),
    "aws_apprunner_service": _roles(
        "instance_configuration.instance_role_arn source_configuration.authentication_configuration.access_role_arn"
    ),
    "aws_batch_compute_environment": _profiles(
        "compute_resources.instance_role", "service_role compute_resources.spot_iam_fleet_role"
    ),
    "aws_batch_job_definition": _roles(
        "container_properties{}.jobRoleArn container_properties{}.executionRoleArn"
        " ecs_properties{}.taskProperties.taskRoleArn ecs_properties{}.taskProperties.executionRoleArn"
        " node_properties{}.nodeRangeProperties.container.jobRoleArn"
        " node_properties{}.nodeRangeProperties.container.executionRoleArn"
        " node_properties{}.nodeRangeProperties.ecsProperties.taskProperties.taskRoleArn"
        " node_properties{}.nodeRangeProperties.ecsProperties.taskProperties.executionRoleArn"
    ),
    "aws_codebuild_project": _roles("service_role resource_access_role build_batch_config.service_role"),
    "aws_codepipeline": _roles("role_arn stage.action.role_arn"),
    "aws_cognito_identity_pool_roles_attachment": _roles(
        "roles role_mapping.mapping_rule.role_arn", also="identity_pool_id role_mapping"
    ),
    "aws_eks_addon": _roles(
        "service_account_role_arn pod_identity_association.role_arn", also="pod_identity_association"
    ),
    "aws_eks_capability": _roles("role_arn", also="configuration"),
    "aws_eks_cluster": _roles("role_arn compute_config.node_role_arn", also="access_config"),
    "aws_eks_fargate_profile": _roles("pod_execution_role_arn", also="selector"),
    "aws_eks_node_group": _roles("node_role_arn"),
    "aws_eks_pod_identity_association": _roles(
        "role_arn target_role_arn", also="cluster_name namespace service_account policy disable_session_tags"
    ),
    "aws_emr_cluster": _profiles("ec2_attributes.instance_profile", "service_role autoscaling_role"),
    "aws_glue_crawler": _roles("role"),
    "aws_glue_dev_endpoint": _roles("role_arn"),
    "aws_glue_job": _roles("role_arn"),
    "aws_glue_ml_transform": _roles("role_arn"),
    "aws_instance": _profiles("iam_instance_profile"),
    "aws_lambda_function": _roles("role"),
    "aws_launch_configuration": _profiles("iam_instance_profile"),
    "aws_launch_template": _profiles("iam_instance_profile.arn iam_instance_profile.name"),
    "aws_rolesanywhere_profile": _roles("role_arns", also="enabled managed_policy_arns session_policy"),
    "aws_sagemaker_model": _roles("execution_role_arn"),
    "aws_sagemaker_notebook_instance": _roles("role_arn"),
    "aws_sfn_state_machine": _roles("role_arn"),
    "aws_spot_instance_request": _profiles("iam_instance_profile"),
}

WORKLOADS: Mapping[str, WorkloadType] = {**_ECS, **_SCHEDULED, **_OTHERS}

# The resources that workloads name instead of a role, and the attributes of those that name the role.
DEFINITION_ROLES = ("task_role_arn", "execution_role_arn")
DEFINITIONS = frozenset({"aws_ecs_task_definition", "aws_ecs_daemon_task_definition"})
# Attributes that the provider computes if unset: unknown until the apply, and not relevant.
FILLED_IN = frozenset(
    {
        ("aws_batch_compute_environment", "service_role"),
        ("aws_ecs_service", "iam_role"),
        ("aws_instance", "iam_instance_profile"),
        ("aws_spot_instance_request", "iam_instance_profile"),
    }
)
