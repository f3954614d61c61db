"""Tests workloads that run under another role after a plan, and what they can do with it."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest

from taskrole.plan.configuration import Configuration
from taskrole.plan.reader import read_plan
from taskrole.plan.roles import planned_roles
from taskrole.review.report import WorkloadReview
from taskrole.review.review import ReviewOptions
from taskrole.review.settings import Approval, ReviewSettings
from taskrole.review.workloads import explained_addresses, review_workloads
from tests.review.cases import ECS_TRUST, TODAY, allow, change, plan_of, policy, reviewed

# In all, too long for make test-fast.
pytestmark = pytest.mark.slow

ACCOUNT = "123456789012"
SEND = policy(allow("sqs:SendMessage", f"arn:aws:sqs:eu-central-1:{ACCOUNT}:jobs"))
READ = policy(allow("s3:GetObject", "arn:aws:s3:::exports/*"))
EVERYTHING = policy(allow("*"))


def arn(role: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:role/{role}"


def role(name: str, document: Any = None, *, is_new: bool = False, account: str = ACCOUNT, **more: Any) -> list[Any]:
    """Return the changes of a role that the plan keeps or creates, with its inline policy."""
    values = {"name": name, "path": "/", "assume_role_policy": json.dumps(ECS_TRUST), **more}
    unknown = {"arn": True} if is_new else {}
    after = values if is_new else {**values, "arn": arn(name, account)}
    actions = ["create"] if is_new else ["no-op"]
    changes = [change(f"aws_iam_role.{name}", actions, None if is_new else after, after, unknown=unknown)]
    if document is not None:
        own = {"name": "own", "role": name, "policy": json.dumps(document)}
        changes.append(change(f"aws_iam_role_policy.{name}", actions, None if is_new else own, own))
    return changes


def updated(address: str, before: dict[str, Any], after: dict[str, Any], **more: Any) -> dict[str, Any]:
    return change(address, ["update"], before, after, **more)


def definition(name: str, revision: int = 1, actions: list[str] | None = None, before: Any = None, **roles: Any) -> Any:
    """Return a task definition; `before` are attributes with other values before it is replaced."""
    prefix = f"arn:aws:ecs:eu-central-1:{ACCOUNT}:task-definition/{name}"
    values = {"family": name, "revision": revision, "arn": f"{prefix}:{revision}", "arn_without_revision": prefix}
    values |= {"requires_compatibilities": ["FARGATE"], **roles}
    if before is None:
        return change(f"aws_ecs_task_definition.{name}", actions or ["no-op"], values, values)
    after = {key: value for key, value in values.items() if key not in ("arn", "revision")}
    unknown = {"arn": True, "revision": True}
    return change(f"aws_ecs_task_definition.{name}", ["delete", "create"], {**values, **before}, after, unknown=unknown)


def plan(*changes: Any, expressions: dict[str, dict[str, Any]] | None = None) -> dict[str, Any]:
    """Return a plan; `expressions` are those of the configuration, by address."""
    flat = [change for given in changes for change in (given if isinstance(given, list) else [given])]
    data = plan_of(*flat)
    data["configuration"]["root_module"] = {
        "resources": [
            {
                "address": change["address"],
                "mode": change["mode"],
                "type": change["type"],
                "name": change["name"],
                "provider_config_key": "aws.other" if change["name"] == "other" else "aws",
                "expressions": (expressions or {}).get(change["address"], {}),
            }
            for change in flat
        ]
    }
    return data


def workloads(*changes: Any, expressions: dict[str, dict[str, Any]] | None = None) -> list[WorkloadReview]:
    return list(reviewed(plan(*changes, expressions=expressions)).workloads)


def reference(text: str) -> dict[str, Any]:
    """Return an expression as Terraform has it for a configuration in JSON."""
    return {"constant_value": f"${{{text}}}", "references": [text, text.rpartition(".")[0]]}


def native(*texts: str) -> dict[str, Any]:
    """Return an expression as Terraform has it for a configuration in its own language."""
    return {"references": [reference for text in texts for reference in (text, text.rpartition(".")[0])]}


BOTH = [*role("weak", SEND), *role("strong", EVERYTHING)]
WEAK, STRONG = {"task_role_arn": arn("weak")}, {"task_role_arn": arn("strong")}


def test_a_task_definition_with_another_role_gains_its_permissions() -> None:
    (workload,) = workloads(BOTH, definition("web", before=WEAK, **STRONG))
    assert (workload.address, workload.name, workload.attribute) == (
        "aws_ecs_task_definition.web",
        "web",
        "task_role_arn",
    )
    assert (workload.before, workload.after, workload.verdict) == ("weak", "strong", "broadens")
    assert [row.sentence for row in workload.added] == ["+ Permissions management `*` on `*` to workload web"]
    assert workload.removed == ()


def test_grants_that_the_boundary_of_the_new_role_forbids_are_marked() -> None:
    limit = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    roles = [role("weak"), role("strong", SEND, permissions_boundary=limit)]
    (workload,) = workloads(*roles, definition("web", before=WEAK, **STRONG))
    assert [row.sentence for row in workload.added if row.origin == "policy"] == [
        "+ Write `sqs:SendMessage` on `jobs` to workload web, which its permissions boundary forbids"
    ]


def test_a_task_definition_with_a_weaker_role_loses_the_difference() -> None:
    (workload,) = workloads(BOTH, definition("web", before=STRONG, **WEAK))
    assert workload.verdict == "narrows"
    assert [row.actions for row in workload.removed] == [("*",)]


def test_the_verdict_of_a_workload_counts() -> None:
    data = plan(BOTH, definition("web", before=WEAK, **STRONG))
    report = reviewed(data, options=ReviewOptions(fail_on="never", require_approval="broadening", today=TODAY))
    (workload,) = report.workloads
    assert report.verdict == "broadens"
    assert report.reasons == (
        f"workload web: aws_ecs_task_definition.web task_role_arn broadens; {workload.key} approves it",
    )


def test_a_definition_that_is_only_registered_again_gives_no_row() -> None:
    assert workloads(BOTH, definition("web", before={"cpu": "256"}, **WEAK)) == []


def test_a_change_of_the_role_is_reported_at_the_role() -> None:
    own = {"name": "own", "role": "weak", "policy": json.dumps(SEND)}
    edited = updated("aws_iam_role_policy.weak", own, {**own, "policy": json.dumps(EVERYTHING)})
    changes = [role("weak"), edited, definition("web", before={"cpu": "256"}, **WEAK)]
    assert workloads(*changes) == []


def test_the_new_role_is_compared_as_planned() -> None:
    own = {"name": "own", "role": "strong", "policy": json.dumps(EVERYTHING)}
    edited = updated("aws_iam_role_policy.strong", own, {**own, "policy": json.dumps(SEND)})
    (workload,) = workloads(role("weak", SEND), role("strong"), edited, definition("web", before=WEAK, **STRONG))
    assert workload.verdict == "neutral"


@pytest.mark.parametrize("attribute", ["task_role_arn", "execution_role_arn"])
def test_a_newly_set_role_gains_all_its_permissions(attribute) -> None:
    (workload,) = workloads(BOTH, definition("web", before={attribute: None}, **{attribute: arn("weak")}))
    assert (workload.attribute, workload.before, workload.after, workload.verdict) == (
        attribute,
        "",
        "weak",
        "broadens",
    )


@pytest.mark.parametrize(
    ("compatibilities", "verdict"), [(["FARGATE"], "narrows"), (["EC2"], "unresolved"), ([], "unresolved")]
)
def test_without_a_task_role_containers_on_instances_have_the_instance_role(compatibilities, verdict) -> None:
    changed = definition("web", before=WEAK, requires_compatibilities=compatibilities)
    (workload,) = workloads(BOTH, changed)
    assert (workload.before, workload.after, workload.verdict) == ("weak", "", verdict)
    assert ("EC2" in workload.because) is (verdict == "unresolved")


def test_a_role_outside_of_the_plan_is_unresolved() -> None:
    (workload,) = workloads(BOTH, definition("web", before=WEAK, task_role_arn=arn("other")))
    assert (workload.after, workload.verdict) == (arn("other"), "unresolved")
    assert workload.because == f"role {arn('other')} is not in this plan"


def test_a_role_of_the_same_name_in_another_account_is_another_role() -> None:
    (workload,) = workloads(BOTH, definition("web", before=WEAK, task_role_arn=arn("strong", "999999999999")))
    assert workload.verdict == "unresolved"


def test_an_unknown_policy_makes_the_workload_unresolved() -> None:
    attached = {"role": "strong", "policy_arn": f"arn:aws:iam::{ACCOUNT}:policy/other"}
    (workload,) = workloads(
        BOTH,
        change("aws_iam_role_policy_attachment.x", ["no-op"], attached, attached),
        definition("web", before=WEAK, **STRONG),
    )
    assert workload.verdict == "unresolved"
    assert "policy/other of role strong" in workload.because
    # The known part is shown.
    assert [row.actions for row in workload.added] == [("*",)]


def test_a_policy_with_principal_tags_differs_between_roles() -> None:
    own = {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}
    tagged = policy(allow("sqs:*", Condition=own))
    (workload,) = workloads(role("weak", tagged), role("strong", tagged), definition("web", before=WEAK, **STRONG))
    assert workload.verdict == "unresolved"
    assert "aws:principaltag" in workload.because


def test_a_boundary_that_only_the_old_role_has_is_lost() -> None:
    limit = {"name": "limit", "arn": f"arn:aws:iam::{ACCOUNT}:policy/limit", "policy": json.dumps(READ)}
    (workload,) = workloads(
        change("aws_iam_policy.limit", ["no-op"], limit, limit),
        role("weak", EVERYTHING, permissions_boundary=limit["arn"]),
        role("strong", EVERYTHING),
        definition("web", before=WEAK, **STRONG),
    )
    assert workload.verdict == "broadens"
    assert {row.origin for row in workload.added} == {"boundary"}
    assert workload.added[0].sentence.startswith("+ Permissions boundary: ")
    assert workload.added[0].sentence.endswith(", workload web")


def test_a_reference_that_is_the_whole_expression_is_followed() -> None:
    changed = definition("web", before=WEAK)
    changed["change"]["after_unknown"]["task_role_arn"] = True
    written = {"aws_ecs_task_definition.web": {"task_role_arn": reference("aws_iam_role.new.arn")}}
    (workload,) = workloads(role("weak", SEND), role("new", EVERYTHING, is_new=True), changed, expressions=written)
    assert (workload.before, workload.after, workload.verdict) == ("weak", "new", "broadens")


@pytest.mark.parametrize(
    "expression",
    [
        native("aws_iam_role.new.arn"),
        {"constant_value": '${replace(aws_iam_role.new.arn, "new", "strong")}', "references": ["aws_iam_role.new.arn"]},
        {"constant_value": "${aws_iam_role.new.arn}x", "references": ["aws_iam_role.new.arn"]},
    ],
)
def test_any_other_expression_is_unresolved_and_names_its_references(expression) -> None:
    changed = definition("web", before=WEAK)
    changed["change"]["after_unknown"]["task_role_arn"] = True
    written = {"aws_ecs_task_definition.web": {"task_role_arn": expression}}
    (workload,) = workloads(BOTH, role("new", SEND, is_new=True), changed, expressions=written)
    assert (workload.after, workload.verdict) == ("aws_iam_role.new.arn", "unresolved")
    assert workload.because == "it is known only after the apply, and refers to aws_iam_role.new.arn"


def new_definition(**values: Any) -> dict[str, Any]:
    after = {"family": "web", "requires_compatibilities": ["FARGATE"], **values}
    unknown = {"arn": True, "revision": True}
    return change("aws_ecs_task_definition.web", ["create"], None, after, unknown=unknown)


def test_an_unknown_role_without_references_is_unresolved() -> None:
    made = new_definition()
    made["change"]["after_unknown"]["task_role_arn"] = True
    (workload,) = workloads(made)
    assert (workload.after, workload.verdict, workload.because) == (
        "",
        "unresolved",
        "it is known only after the apply",
    )


def test_a_new_workload_with_a_new_role_is_reported_at_the_role() -> None:
    made = new_definition()
    made["change"]["after_unknown"]["task_role_arn"] = True
    written = {"aws_ecs_task_definition.web": {"task_role_arn": reference("aws_iam_role.new.arn")}}
    assert workloads(role("new", EVERYTHING, is_new=True), made, expressions=written) == []


def test_a_new_workload_with_an_existing_role_gains_its_permissions() -> None:
    (workload,) = workloads(BOTH, new_definition(**STRONG))
    assert (workload.before, workload.after, workload.verdict) == ("", "strong", "broadens")


def test_a_new_workload_with_a_role_outside_of_the_plan_is_unresolved() -> None:
    (workload,) = workloads(BOTH, new_definition(task_role_arn=arn("other")))
    assert workload.verdict == "unresolved"


def test_a_deleted_workload_has_no_row() -> None:
    deleted = definition("web", **STRONG)
    deleted["change"].update(actions=["delete"], after=None)
    assert workloads(BOTH, deleted) == []


def test_a_sensitive_role_is_not_named() -> None:
    changed = definition("web", before=WEAK, **STRONG)
    changed["change"]["before_sensitive"] = {"task_role_arn": True}
    (workload,) = workloads(BOTH, changed)
    assert (workload.before, workload.after, workload.verdict) == (
        "(sensitive value)",
        "(sensitive value)",
        "unresolved",
    )
    assert "strong" not in json.dumps([workload.because, [row.sentence for row in workload.added]])


def service(before: Any, after: Any, **more: Any) -> dict[str, Any]:
    values = {"name": "shop"}
    return updated("aws_ecs_service.shop", {**values, **before}, {**values, **after}, **more)


def of(family: str, revision: int = 1) -> dict[str, Any]:
    return {"task_definition": f"arn:aws:ecs:eu-central-1:{ACCOUNT}:task-definition/{family}:{revision}"}


TWO = [definition("small", **WEAK), definition("big", 9, execution_role_arn=arn("weak"), **STRONG)]


@pytest.mark.parametrize("text", [of("big", 9), {"task_definition": "big:9"}])
def test_a_service_with_another_task_definition_runs_under_its_roles(text) -> None:
    rows = workloads(BOTH, TWO, service(of("small"), text))
    assert [(row.attribute, row.before, row.after, row.verdict) for row in rows] == [
        ("task_definition.execution_role_arn", "", "weak", "broadens"),
        ("task_definition.task_role_arn", "weak", "strong", "broadens"),
    ]


def test_a_service_is_not_reported_for_a_replaced_definition_again() -> None:
    written = {"aws_ecs_service.shop": {"task_definition": reference("aws_ecs_task_definition.web.arn")}}
    rows = workloads(
        BOTH,
        definition("web", before=WEAK, **STRONG),
        service(of("web"), {}, unknown={"task_definition": True}),
        expressions=written,
    )
    assert [row.address for row in rows] == ["aws_ecs_task_definition.web"]


def test_a_service_with_an_unproved_new_definition_is_unresolved() -> None:
    written = {"aws_ecs_service.shop": {"task_definition": native("aws_ecs_task_definition.web.arn")}}
    (workload,) = workloads(
        BOTH,
        definition("web", before={"cpu": "256"}, **WEAK),
        service(of("web"), {}, unknown={"task_definition": True}),
        expressions=written,
    )
    assert (workload.address, workload.verdict) == ("aws_ecs_service.shop", "unresolved")
    assert workload.after == "aws_ecs_task_definition.web.arn"


def test_a_new_service_with_a_new_definition_is_reported_at_the_definition() -> None:
    made = change("aws_ecs_service.shop", ["create"], None, {"name": "shop"}, unknown={"task_definition": True})
    written = {"aws_ecs_service.shop": {"task_definition": reference("aws_ecs_task_definition.web.arn")}}
    rows = workloads(BOTH, new_definition(**STRONG), made, expressions=written)
    assert [row.address for row in rows] == ["aws_ecs_task_definition.web"]


def test_a_service_that_leaves_a_definition_outside_of_the_plan_is_unresolved() -> None:
    (workload,) = workloads(BOTH, TWO, service(of("elsewhere"), of("big", 9)))
    assert (workload.attribute, workload.verdict) == ("task_definition", "unresolved")
    assert "task-definition/elsewhere:1 is not in this plan" in workload.because


def test_the_latest_revision_of_a_family_is_known_only_if_the_plan_registers_it() -> None:
    (workload,) = workloads(BOTH, TWO, service(of("small"), {"task_definition": "big"}))
    assert workload.verdict == "unresolved"
    assert workload.because == "which revision of big is the latest is not in this plan"


def test_a_definition_is_read_from_the_prior_state_too() -> None:
    small, big = TWO
    data = plan(BOTH, big, service(of("small"), of("big", 9)))
    resource = {key: small[key] for key in ("address", "mode", "type", "name")}
    data["prior_state"] = {"values": {"root_module": {"resources": [{**resource, "values": small["change"]["after"]}]}}}
    assert [workload.before for workload in reviewed(data).workloads] == ["", "weak"]


SHELL = (
    "ECS Exec is switched on: whoever may call ecs:ExecuteCommand gets a shell with the permissions of"
    " the task role strong"
)


@pytest.mark.parametrize("before", [{}, {"enable_execute_command": False}])
def test_enabling_ecs_exec_broadens(before) -> None:
    big = of("big", 9)
    (workload,) = workloads(BOTH, TWO, service({**big, **before}, {**big, "enable_execute_command": True}))
    assert (workload.attribute, workload.after, workload.verdict) == ("enable_execute_command", "strong", "broadens")
    assert workload.because == SHELL


def test_ecs_exec_with_a_definition_outside_of_the_plan_names_the_definition() -> None:
    (workload,) = workloads(
        service({"task_definition": "x:1"}, {"task_definition": "x:1", "enable_execute_command": True})
    )
    assert workload.verdict == "broadens"
    assert workload.because.endswith("gets a shell with the permissions of the task role of task definition x:1")


def test_a_new_service_with_ecs_exec_is_reported() -> None:
    made = change("aws_ecs_service.shop", ["create"], None, {**of("big", 9), "enable_execute_command": True})
    assert SHELL in [workload.because for workload in workloads(BOTH, TWO, made)]


@pytest.mark.parametrize("values", [(True, True), (True, False), (False, None)])
def test_unchanged_or_disabled_ecs_exec_gives_no_row(values) -> None:
    big = of("big", 9)
    before, after = ({**big, "enable_execute_command": value} for value in values)
    assert workloads(BOTH, TWO, service(before, {**after, "desired_count": 2})) == []


def test_ecs_exec_that_may_be_enabled_is_unresolved() -> None:
    big = of("big", 9)
    written = {"aws_ecs_service.shop": {"enable_execute_command": native("data.external.flags.result")}}
    (workload,) = workloads(BOTH, TWO, service(big, big, unknown={"enable_execute_command": True}), expressions=written)
    assert workload.verdict == "unresolved"


def test_a_scheduled_task_runs_under_the_roles_of_its_definition() -> None:
    def target(name: str, revision: int, **more: Any) -> dict[str, Any]:
        ecs = {"task_definition_arn": of(name, revision)["task_definition"]}
        return {"rule": "nightly", "role_arn": arn("weak"), "ecs_target": [ecs], **more}

    rows = workloads(BOTH, TWO, updated("aws_cloudwatch_event_target.nightly", target("small", 1), target("big", 9)))
    assert [(row.attribute, row.before, row.after) for row in rows] == [
        ("ecs_target.task_definition_arn.execution_role_arn", "", "weak"),
        ("ecs_target.task_definition_arn.task_role_arn", "weak", "strong"),
    ]
    override = json.dumps({"taskRoleArn": arn("strong"), "containerOverrides": []})
    (rows,) = workloads(
        BOTH, TWO, updated("aws_cloudwatch_event_target.x", target("small", 1), target("small", 1, input=override))
    )
    assert (rows.attribute, rows.after, rows.verdict) == ("input{}.taskRoleArn", "strong", "broadens")


def profile(name: str, role_name: str) -> dict[str, Any]:
    values = {"name": name, "arn": f"arn:aws:iam::{ACCOUNT}:instance-profile/{name}", "role": role_name}
    return change(f"aws_iam_instance_profile.{name}", ["no-op"], values, values)


def test_a_role_name_belongs_to_the_account_of_the_workload() -> None:
    roles = [*role("weak", SEND), *role("same", EVERYTHING), *role("same", account="999999999999")]
    roles[4]["address"], roles[4]["name"] = "aws_iam_role.other", "other"
    moved = updated("aws_iam_instance_profile.x", {"role": "weak"}, {"role": "same"})
    (workload,) = workloads(roles, moved)
    assert (workload.after, workload.verdict) == ("same", "broadens")
    # The profile of the other account finds neither its old role nor one of the same name.
    moved = updated("aws_iam_instance_profile.other", {"role": "weak"}, {"role": "same"})
    assert workloads(roles, moved) == []


def swapped(kind: str, values: Any) -> dict[str, Any]:
    return updated(f"{kind}.x", values("weak"), values("strong"))


OTHERS = [
    ("aws_lambda_function", "role", lambda name: {"role": arn(name)}),
    ("aws_iam_instance_profile", "role", lambda name: {"role": name}),
    ("aws_instance", "iam_instance_profile.role", lambda name: {"iam_instance_profile": name}),
    ("aws_launch_template", "iam_instance_profile.name.role", lambda name: {"iam_instance_profile": [{"name": name}]}),
    ("aws_eks_pod_identity_association", "role_arn", lambda name: {"role_arn": arn(name)}),
    ("aws_rolesanywhere_profile", "role_arns", lambda name: {"role_arns": [arn(name)]}),
    (
        "aws_cognito_identity_pool_roles_attachment",
        "roles.unauthenticated",
        lambda name: {"roles": {"authenticated": arn("weak"), "unauthenticated": arn(name)}},
    ),
    ("aws_sfn_state_machine", "role_arn", lambda name: {"role_arn": arn(name)}),
    (
        "aws_batch_job_definition",
        "container_properties{}.jobRoleArn",
        lambda name: {"container_properties": json.dumps({"JobRoleArn": arn(name), "image": "x"})},
    ),
    (
        "aws_scheduler_schedule",
        "target.role_arn",
        lambda name: {"target": [{"arn": "arn:aws:sqs:eu-central-1:1:x", "role_arn": arn(name)}]},
    ),
]


@pytest.mark.parametrize(("kind", "attribute", "values"), OTHERS)
def test_other_workloads_gain_the_permissions_of_their_new_role(kind, attribute, values) -> None:
    rows = workloads(BOTH, profile("weak", "weak"), profile("strong", "strong"), swapped(kind, values))
    assert [(row.attribute, row.before, row.after, row.verdict) for row in rows] == [
        (attribute, "weak", "strong", "broadens")
    ]


@pytest.mark.parametrize(("kind", "attribute", "values"), OTHERS)
def test_other_workloads_with_roles_outside_of_the_plan_are_not_reviewed(kind, attribute, values) -> None:
    assert workloads(role("weak", SEND), swapped(kind, values)) == []


def explained(changed: Any, provider: str = "registry.terraform.io/hashicorp/aws") -> set[str]:
    changed = {**changed, "provider_name": provider}
    read = read_plan(BytesIO(json.dumps(plan(BOTH, changed)).encode()), "plan")
    configuration = Configuration(read)
    return set(explained_addresses(review_workloads(read, configuration, planned_roles(read, configuration))))


@pytest.mark.parametrize(("target", "is_explained"), [("strong", True), ("other", False)])
def test_a_workload_is_reviewed_if_its_roles_are_compared(target, is_explained) -> None:
    changed = updated("aws_lambda_function.x", {"role": arn("weak")}, {"role": arn(target)})
    assert explained(changed) == ({"aws_lambda_function.x"} if is_explained else set())


def test_a_workload_of_ecs_with_a_reason_counts_as_reviewed() -> None:
    assert explained(definition("web", before=WEAK, task_role_arn=arn("other"))) == {"aws_ecs_task_definition.web"}


def test_a_type_of_another_provider_is_not_reviewed() -> None:
    changed = updated("aws_lambda_function.x", {"role": arn("weak")}, {"role": arn("strong")})
    assert explained(changed, "registry.terraform.io/acme/aws") == set()


def test_a_deleted_workload_is_left_to_the_accounting() -> None:
    assert explained(change("aws_lambda_function.x", ["delete"], {"role": arn("weak")}, None)) == set()


def test_a_role_of_another_resource_is_not_reviewed() -> None:
    before = {"role_arn": arn("weak"), "namespace": "shop"}
    assert (
        explained(updated("aws_eks_pod_identity_association.x", before, {**before, "namespace": "kube-system"}))
        == set()
    )


def test_a_list_of_roles_gains_each_added_role() -> None:
    changed = updated(
        "aws_rolesanywhere_profile.x", {"role_arns": [arn("weak")]}, {"role_arns": [arn("weak"), arn("strong")]}
    )
    (workload,) = workloads(BOTH, changed)
    assert (workload.before, workload.after, workload.verdict) == ("", "strong", "broadens")


def test_the_key_of_a_workload_depends_on_its_roles_and_their_permissions() -> None:
    def key(document: Any, target: str = "strong") -> str:
        roles = [*role("weak", SEND), *role("strong", document), *role("third", document)]
        (workload,) = workloads(roles, definition("web", before=WEAK, task_role_arn=arn(target)))
        return workload.key

    assert key(EVERYTHING) == key(EVERYTHING)
    assert len({key(EVERYTHING), key(READ), key(EVERYTHING, "third")}) == 3


def test_the_key_of_an_unresolved_workload_depends_on_its_known_part() -> None:
    def key(expression: str, document: Any = SEND) -> str:
        changed = definition("web", before=WEAK)
        changed["change"]["after_unknown"]["task_role_arn"] = True
        text = {"constant_value": expression, "references": ["aws_iam_role.new.arn"]}
        written = {"aws_ecs_task_definition.web": {"task_role_arn": text}}
        (workload,) = workloads(BOTH, role("new", document, is_new=True), changed, expressions=written)
        return workload.key

    first, second = "${replace(aws_iam_role.new.arn, 1, 2)}", "${replace(aws_iam_role.new.arn, 1, 3)}"
    assert key(first) == key(first)
    assert key(first) != key(second)


def test_an_approved_workload_does_not_block() -> None:
    data = plan(BOTH, definition("web", before=WEAK, **STRONG))
    options = ReviewOptions(fail_on="never", require_approval="broadening", today=TODAY)
    (workload,) = reviewed(data, options=options).workloads
    settings = ReviewSettings(approvals=(Approval(workload.key, "platform@example.com", "it is meant", "here"),))
    report = reviewed(data, settings, options)
    assert (report.blocked, [workload.approved for workload in report.workloads]) == (False, [True])
