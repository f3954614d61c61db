"""Tests policies that a plan calls unknown: read if that is certain, otherwise unresolved."""

from __future__ import annotations

import json

import pytest

from tests.review.cases import allow, change, inline_change, plan_data, plan_of, policy, reviewed, role_change

SECRET = "aws_secretsmanager_secret.db"


def template_plan(template, *more, references=(), secret_arn=None, **expression):
    """Return a plan whose inline policy is unknown and was written as a template, as CDKTF writes it."""
    own = inline_change({}, {})
    own["change"] |= {"actions": ["create"], "before": None, "after_unknown": {"policy": True}}
    del own["change"]["after"]["policy"]
    secret = change(SECRET, ["create"], None, {"name": "prod/db", **({"arn": secret_arn} if secret_arn else {})})
    written = {"references": list(references), **expression}
    if template is not None:
        written["constant_value"] = template if isinstance(template, str) else json.dumps(template)
    plan = plan_of(role_change(), secret, own, *more)
    plan["configuration"]["root_module"]["resources"] = [
        {
            "address": "aws_iam_role_policy.own",
            "mode": "managed",
            "type": "aws_iam_role_policy",
            "name": "own",
            "expressions": {"policy": written},
        }
    ]
    return plan


def resources(report):
    return [resource for role in report.roles for row in role.added for resource in row.resources]


def test_the_text_of_a_json_configuration_is_in_the_plan() -> None:
    # Undocumented, so pinned: without it first applies of CDKTF stacks are unresolved.
    plan = plan_data("cdktf-first-apply")
    own = next(change for change in plan["resource_changes"] if change["type"] == "aws_iam_role_policy")
    assert own["change"]["after_unknown"]["policy"] is True
    assert "policy" not in own["change"]["after"]
    written = next(
        resource
        for resource in plan["configuration"]["root_module"]["resources"]
        if resource["type"] == "aws_iam_role_policy"
    )
    statement = json.loads(written["expressions"]["policy"]["constant_value"])["Statement"][0]
    assert statement["Resource"] == "${aws_secretsmanager_secret.db.arn}"


def test_the_text_of_a_native_configuration_is_not_in_the_plan() -> None:
    plan = plan_data("hcl-first-apply")
    written = next(
        resource
        for resource in plan["configuration"]["root_module"]["resources"]
        if resource["type"] == "aws_iam_role_policy"
    )
    assert list(written["expressions"]["policy"]) == ["references"]


def test_a_reference_to_an_unknown_value_is_kept() -> None:
    report = reviewed(template_plan(policy(allow("secretsmanager:GetSecretValue", f"${{{SECRET}.arn}}"))))
    assert resources(report) == [f"${{{SECRET}.arn}}"]
    assert report.unresolved == ()


def test_a_reference_to_a_known_value_is_replaced() -> None:
    arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/db-a1b2c3"
    plan = template_plan(policy(allow("secretsmanager:GetSecretValue", f"${{{SECRET}.arn}}")), secret_arn=arn)
    assert resources(reviewed(plan)) == [arn]


def test_an_escaped_policy_variable_is_a_policy_variable() -> None:
    plan = template_plan(
        policy(
            allow("s3:GetObject", "arn:aws:s3:::home/$${aws:username}/*"),
            allow("secretsmanager:GetSecretValue", f"${{{SECRET}.arn}}"),
        )
    )
    assert "arn:aws:s3:::home/${aws:username}/*" in resources(reviewed(plan))


@pytest.mark.parametrize(
    "template",
    [
        # Not the name of a resource: the value could be anything, also `*`.
        policy(allow("s3:GetObject", "${var.bucket}/*")),
        policy(allow("s3:GetObject", "${local.bucket}")),
        policy(allow("s3:GetObject", '${join("", aws_s3_bucket.a.arn)}')),
        policy(allow("s3:GetObject", "${aws_s3_bucket.a.tags}")),
        policy(allow("s3:GetObject", "%{ if true }*%{ endif }${aws_s3_bucket.a.arn}")),
        policy(allow("${aws_x.y.name}", "*")),
        # Not JSON before Terraform evaluates it.
        "${jsonencode(merge(var.x, {}))}",
        '{"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "${lookup(var.x, "k")}"}]}',
        None,
    ],
)
def test_an_unrestricted_expression_is_unresolved(template) -> None:
    report = reviewed(template_plan(template, references=["var.bucket"]))
    assert report.verdict == "unresolved"
    assert report.unresolved


@pytest.mark.parametrize(("case", "attribute"), [("hcl-first-apply", "policy"), ("document-first-apply", "policy_arn")])
def test_a_native_configuration_with_an_unknown_value_is_unresolved(case, attribute) -> None:
    report = reviewed(case)
    assert report.verdict == "unresolved"
    assert {unresolved.attribute for unresolved in report.unresolved} == {"inline_policy", attribute}


def test_the_grants_of_a_referenced_document_are_not_shown() -> None:
    # The expression may be replace(data….json, …): the result is not in the plan.
    report = reviewed("document-first-apply")
    assert [role.added for role in report.roles] == [()]
    assert any("it refers to aws_iam_policy.own.arn" in unresolved.because for unresolved in report.unresolved)


def test_the_call_of_jsonencode_in_a_json_configuration_is_read() -> None:
    statement = f'{{Effect = "Allow", Action = "secretsmanager:GetSecretValue", Resource = {SECRET}.arn}}'
    report = reviewed(template_plan(f'${{jsonencode({{Version = "2012-10-17", Statement = [{statement}]}})}}'))
    assert [row.resources for role in report.roles for row in role.added] == [(f"${{{SECRET}.arn}}",)]
    assert report.unresolved == ()


def test_a_reference_belongs_to_its_module() -> None:
    # The same reference in two modules names two secrets.
    plan = template_plan(policy(allow("secretsmanager:GetSecretValue", f"${{{SECRET}.arn}}")))
    for planned in plan["resource_changes"]:
        planned["module_address"] = "module.a"
        planned["address"] = f"module.a.{planned['address']}"
    inner = plan["configuration"]["root_module"]
    plan["configuration"]["root_module"] = {"module_calls": {"a": {"module": inner}}}
    assert resources(reviewed(plan)) == [f"${{module.a.{SECRET}.arn}}"]
