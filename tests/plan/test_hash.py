"""Tests the hash of a plan: it changes with every change of the effect of an apply, and only then."""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from taskrole.plan.reader import read_plan
from tests.review.cases import CASES, plan_data

DOCUMENT = "module.app.data.aws_iam_policy_document.own"
POLICY = "module.app.aws_iam_role_policy.own"
AWS = "registry.terraform.io/hashicorp/aws"

Mutation = Callable[[dict[str, Any]], None]


def hash_of(plan: dict[str, Any]) -> str:
    return read_plan(io.BytesIO(json.dumps(plan).encode()), "plan.json").hash


def _resource(address: str, actions: list[str], after: Any, **more: Any) -> dict[str, Any]:
    module, _, rest = address.rpartition("module.app.")
    is_data = rest.startswith("data.")
    kind, name = rest.removeprefix("data.").split(".")
    change = {"actions": actions, "before": None, "after": after, "after_unknown": more.pop("unknown", {})}
    return {
        "address": address,
        **({"module_address": "module.app"} if address.startswith("module.app") or module else {}),
        "mode": "data" if is_data else "managed",
        "type": kind,
        "name": name,
        "provider_name": AWS,
        **more,
        "change": change,
    }


def _configured(address: str, expressions: dict[str, Any], **more: Any) -> dict[str, Any]:
    kind, name = address.removeprefix("data.").split(".")
    mode = "data" if address.startswith("data.") else "managed"
    key = more.pop("provider", "aws.prod")
    return {
        "address": address, "mode": mode, "type": kind, "name": name,
        "provider_config_key": key, "expressions": expressions, "schema_version": 0, **more,
    }  # fmt: skip


def a_plan() -> dict[str, Any]:
    """Return a plan with a deferred document, an unknown policy, a provisioner, two providers, variables, a state."""
    statement = {"actions": ["sqs:SendMessage"], "effect": "Allow", "resources": [None]}
    app = {
        "resources": [
            _configured("aws_sqs_queue.jobs", {"name": {"constant_value": "jobs"}}),
            _configured(
                "data.aws_iam_policy_document.own",
                {"statement": [{"resources": {"references": ["aws_sqs_queue.jobs.arn", "aws_sqs_queue.jobs"]}}]},
            ),
            _configured(
                "aws_iam_role_policy.own",
                {
                    "name": {"references": ["var.unused_here"]},
                    "policy": {
                        "references": [
                            "var.document", "data.aws_iam_policy_document.own.json",
                            "data.aws_iam_policy_document.own", "each.value",
                        ],
                    },
                },
                for_each_expression={"references": ["var.names"]},
            ),
            _configured("terraform_data.run", {}, provider="module.app:terraform", provisioners=[
                {"type": "local-exec", "expressions": {"command": {"references": ["var.command"]}}}
            ]),
        ],
        "variables": {"document": {}, "names": {"default": ["a"]}, "command": {}, "nothing": {"default": 1}},
    }  # fmt: skip
    root = {
        "module_calls": {
            "app": {
                "source": "./app",
                "expressions": {
                    "document": {"references": ["module.texts.document", "module.texts"]},
                    "command": {"references": ["var.command"]},
                    "nothing": {"references": ["var.unused"]},
                },
                "module": app,
            },
            "texts": {
                "source": "./texts",
                "expressions": {"text": {"references": ["var.text"]}},
                "module": {
                    "outputs": {
                        "document": {"expression": {"references": ["var.text", "data.aws_ssm_parameter.p.value"]}},
                        "other": {"expression": {"constant_value": "x"}},
                    },
                    "variables": {"text": {}},
                },
            },
        },
        "resources": [
            _configured("aws_s3_bucket.kept", {"bucket": {"constant_value": "kept"}}, provider="aws"),
        ],
        "variables": {"text": {}, "command": {}, "unused": {}, "account": {}, "defaulted": {"default": 1}},
    }
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "timestamp": "2026-11-26T11:48:10Z",
        "variables": {
            "text": {"value": "{}"}, "command": {"value": "true"},
            "unused": {"value": 1}, "account": {"value": "111111111111"},
        },
        "resource_changes": [
            _resource(
                DOCUMENT, ["read"], {"statement": [statement], "version": None},
                unknown={"json": True, "statement": [{"actions": [False], "resources": [True]}]},
            ),
            _resource("module.app.aws_sqs_queue.jobs", ["create"], {"name": "jobs"}, unknown={"arn": True}),
            _resource(POLICY, ["create"], {"name": "own", "role": "web"}, unknown={"policy": True, "id": True}),
            _resource(
                "module.app.terraform_data.run", ["create"], {}, unknown={"id": True},
                provider_name="terraform.io/builtin/terraform",
            ),
            _resource("aws_s3_bucket.kept", ["no-op"], {"bucket": "kept", "tags": {}}),
        ],
        "resource_drift": [_resource("aws_s3_bucket.kept", ["update"], {"bucket": "kept", "tags": {"a": "b"}})],
        "prior_state": {
            "values": {
                "root_module": {
                    "child_modules": [{"address": "module.texts", "resources": [
                        {
                            "address": "module.texts.data.aws_ssm_parameter.p", "mode": "data",
                            "type": "aws_ssm_parameter", "name": "p", "values": {"value": "v", "version": 3},
                        },
                    ]}],
                },
            },
        },
        "configuration": {
            "provider_config": {
                "aws": {"name": "aws", "full_name": AWS, "expressions": {"region": {"constant_value": "eu-west-1"}}},
                "aws.prod": {
                    "name": "aws",
                    "full_name": AWS,
                    "alias": "prod",
                    "version_constraint": "~> 5.100",
                    "expressions": {
                        "region": {"constant_value": "us-east-1"},
                        "assume_role": [{"role_arn": {"references": ["var.account"]}}],
                    },
                },
                "module.app:terraform": {"name": "terraform", "full_name": "terraform.io/builtin/terraform"},
            },
            "root_module": root,
        },
    }  # fmt: skip


def put(path: str, value: Any) -> Mutation:
    """Return a mutation that sets the value at a path, such as `variables.text.value`."""

    def mutate(plan: dict[str, Any]) -> None:
        target: Any = plan
        *steps, last = [int(step) if step.isdigit() else step for step in path.split("/")]
        for step in steps:
            target = target[step]
        target[last] = value

    return mutate


def drop(path: str) -> Mutation:
    def mutate(plan: dict[str, Any]) -> None:
        target: Any = plan
        *steps, last = [int(step) if step.isdigit() else step for step in path.split("/")]
        for step in steps:
            target = target[step]
        del target[last]

    return mutate


CALLS = "configuration/root_module/module_calls"
APP = f"{CALLS}/app/module/resources"
PROVIDERS = "configuration/provider_config"
DEPOSED = {**_resource("aws_s3_bucket.kept", ["delete"], None), "deposed": "abc"}

MUST_CHANGE: dict[str, Mutation] = {
    "a known value": put("resource_changes/1/change/after/name", "other"),
    "what is unknown": put("resource_changes/1/change/after_unknown", {"arn": True, "name": True}),
    "an action": put("resource_changes/1/change/actions", ["delete", "create"]),
    "a statement of a deferred document": put("resource_changes/0/change/after/statement/0/actions", ["*"]),
    "what is unknown of a deferred document": put(
        "resource_changes/0/change/after_unknown/statement", [{"resources": [False], "actions": [True]}]
    ),
    "one deferred document less": drop("resource_changes/0"),
    "an object that is updated": put("resource_changes/1/change/before", {"id": "another"}),
    "a resource that moves": put("resource_changes/4/previous_address", "aws_s3_bucket.old"),
    "a resource that is imported": put("resource_changes/4/change/importing", {"id": "kept"}),
    "what is imported": put("resource_changes/1/change/importing", {"id": "kept"}),
    "a resource that is forgotten": put("resource_changes/4/change/actions", ["forget"]),
    "a deposed object": lambda plan: plan["resource_changes"].append(copy.deepcopy(DEPOSED)),
    "why it is replaced": put("resource_changes/1/change/replace_paths", [["name"]]),
    "the provider": put("resource_changes/1/provider_name", "example.com/evil/aws"),
    "the configuration of a resource's provider": put(f"{APP}/0/provider_config_key", "aws"),
    "a provider's region": put(f"{PROVIDERS}/aws.prod/expressions/region/constant_value", "eu-west-1"),
    "a provider's role": put(
        f"{PROVIDERS}/aws.prod/expressions/assume_role", [{"role_arn": {"constant_value": "arn:aws:iam::2:role/x"}}]
    ),
    "a variable of a provider": put("variables/account/value", "222222222222"),
    "a provider's alias": put(f"{PROVIDERS}/aws.prod/alias", "production"),
    "a provider's new account": put(f"{PROVIDERS}/aws.prod/expressions/allowed_account_ids", {"constant_value": ["1"]}),
    "a provisioner's command": put(f"{APP}/3/provisioners/0/expressions/command", {"constant_value": "rm -rf /"}),
    "a variable of a provisioner": put("variables/command/value", "rm -rf /"),
    "a provisioner more": put(f"{APP}/0/provisioners", [{"type": "remote-exec", "expressions": {}}]),
    "one provisioner less": drop(f"{APP}/3/provisioners"),
    "the expression of an unknown value": put(
        f"{APP}/2/expressions/policy", {"constant_value": "${replace(data.aws_iam_policy_document.own.json, 1, 2)}"}
    ),
    "a reference more": put(f"{APP}/2/expressions/policy/references", ["var.document", "aws_iam_policy.other.policy"]),
    "an expression in a deferred document": put(
        f"{APP}/1/expressions/statement/0/resources", {"constant_value": ["${aws_sqs_queue.jobs.arn}*"]}
    ),
    "a variable behind an output of a module": put("variables/text/value", '{"Statement": []}'),
    "the output that leads there": put(
        f"{CALLS}/texts/module/outputs/document/expression", {"constant_value": "another"}
    ),
    "the call of a module": put(f"{CALLS}/app/expressions/document", {"constant_value": "another"}),
    "the argument of a module behind another": put(f"{CALLS}/texts/expressions/text", {"constant_value": "another"}),
    "the default of a variable of a module": put(f"{CALLS}/app/module/variables/names/default", ["b"]),
    "what a for_each is of": put(f"{APP}/2/for_each_expression", {"constant_value": ["b"]}),
    "what a data source has said": put(
        "prior_state/values/root_module/child_modules/0/resources/0/values/value", "another"
    ),
    "an action that the apply runs": put("action_invocations", [{"address": "action.aws_lambda_invoke.x"}]),
}

MUST_NOT_CHANGE: dict[str, Mutation] = {
    "the time": put("timestamp", "2027-01-01T00:00:00Z"),
    "another patch of terraform": put("terraform_version", "1.11.9"),
    "another format": put("format_version", "1.3"),
    "no drift": drop("resource_drift"),
    "more drift": put("resource_drift/0/change/after/tags", {"c": "d"}),
    "why it is read": put("resource_changes/0/action_reason", "read_because_config_unknown"),
    "a mask written at length": put(
        "resource_changes/1/change/after_unknown", {"arn": True, "name": False, "tags": {}}
    ),
    "sensitivity": put("resource_changes/1/change/after_sensitive", {"name": True}),
    "a null that another provider writes": put("resource_changes/1/change/after/fifo", None),
    "its own address before": put("resource_changes/1/previous_address", "module.app.aws_sqs_queue.jobs"),
    "what is left alone": put("resource_changes/4/change/after/tags", {"c": "d"}),
    "one resource less that is left alone": drop("resource_changes/4"),
    "a variable that nothing needs": put("variables/unused/value", 2),
    "a variable more": put("variables/more", {"value": 2}),
    "an argument that nothing unknown needs": put(f"{CALLS}/app/expressions/nothing", {"constant_value": 5}),
    "an output that nothing needs": put(f"{CALLS}/texts/module/outputs/other/expression/constant_value", "y"),
    "a provider that nothing touched uses": put(f"{PROVIDERS}/aws/expressions/region/constant_value", "eu-west-3"),
    "a provider's version": put(f"{PROVIDERS}/aws.prod/version_constraint", "~> 5.101"),
    "the expression of a value that is known": put(f"{APP}/2/expressions/name", {"constant_value": "own"}),
    "a comment": put(f"{CALLS}/app/module/variables/names/description", "which names"),
    "another value of that data source": put(
        "prior_state/values/root_module/child_modules/0/resources/0/values/version", 4
    ),
    "another order of resources": lambda plan: plan["resource_changes"].reverse(),
    "another schema": put(f"{APP}/2/schema_version", 1),
    "planned values": put("planned_values", {"root_module": {}}),
    "checks": put("checks", [{"status": "pass"}]),
}


@pytest.mark.parametrize("mutation", MUST_CHANGE.values(), ids=MUST_CHANGE)
def test_a_plan_with_another_effect_has_another_hash(mutation: Mutation) -> None:
    plan = a_plan()
    mutation(plan)
    assert hash_of(plan) != hash_of(a_plan())


@pytest.mark.parametrize("mutation", MUST_NOT_CHANGE.values(), ids=MUST_NOT_CHANGE)
def test_a_plan_with_the_same_effect_has_the_same_hash(mutation: Mutation) -> None:
    plan = a_plan()
    mutation(plan)
    assert hash_of(plan) == hash_of(a_plan())


def test_the_order_of_keys_does_not_change_the_hash() -> None:
    def reordered(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: reordered(value[key]) for key in sorted(value, reverse=True)}
        return [reordered(item) for item in value] if isinstance(value, list) else value

    assert hash_of(reordered(a_plan())) == hash_of(a_plan())


def test_a_token_that_differs_in_every_plan_is_left_out() -> None:
    plan, other = a_plan(), a_plan()
    for changed, token in ((plan, "a"), (other, "b")):
        (data,) = changed["prior_state"]["values"]["root_module"]["child_modules"][0]["resources"]
        data |= {"values": {"value": token}, "sensitive_values": {"value": True}}
    assert hash_of(plan) == hash_of(other)


def test_each_mutation_has_its_own_hash() -> None:
    hashes = set()
    for mutation in MUST_CHANGE.values():
        plan = a_plan()
        mutation(plan)
        hashes.add(hash_of(plan))
    assert len(hashes) == len(MUST_CHANGE)


@pytest.mark.parametrize("name", ["text", "unused"])
def test_a_local_value_may_use_any_variable_of_its_module(name: str) -> None:
    """The plan does not show local values: a variable counts that a local value may use."""
    plan, other = a_plan(), a_plan()
    for changed in (plan, other):
        changed["configuration"]["provider_config"]["aws.prod"]["expressions"]["assume_role"] = [
            {"role_arn": {"references": ["local.role"]}}
        ]
    other["variables"][name]["value"] = "another"
    assert hash_of(plan) != hash_of(other)


def test_a_hidden_block_may_use_any_variable_of_its_module() -> None:
    # given: a dynamic "statement", which Terraform leaves out of the expressions
    plan, other = a_plan(), a_plan()
    for changed in (plan, other):
        app = changed["configuration"]["root_module"]["module_calls"]["app"]["module"]
        app["resources"][1]["expressions"] = {}
    other["configuration"]["root_module"]["module_calls"]["app"]["expressions"]["nothing"] = {"constant_value": 2}
    assert hash_of(plan) != hash_of(other)


def test_a_module_uses_the_provider_of_its_parent() -> None:
    plan, other = a_plan(), a_plan()
    for changed in (plan, other):
        resources = changed["configuration"]["root_module"]["module_calls"]["app"]["module"]["resources"]
        for resource in resources[:3]:
            resource["provider_config_key"] = "module.app:aws"
    other["configuration"]["provider_config"]["aws"]["expressions"]["region"]["constant_value"] = "eu-west-3"
    assert hash_of(plan) != hash_of(other)


def test_a_resource_without_configuration_uses_any_configuration_of_its_provider() -> None:
    plan, other = a_plan(), a_plan()
    for changed in (plan, other):
        changed["resource_changes"].append(_resource("aws_s3_bucket.gone", ["delete"], None))
    other["configuration"]["provider_config"]["aws"]["expressions"]["region"]["constant_value"] = "eu-west-3"
    assert hash_of(plan) != hash_of(other)


@pytest.mark.parametrize("case", CASES)
def test_the_deferred_documents_of_a_plan_count(case: str) -> None:
    plan, other = plan_data(case), plan_data(case)
    deferred = [change for change in other["resource_changes"] if change["change"]["actions"] == ["read"]]
    for change in deferred:
        change["change"]["after"]["statement"][0]["actions"] = ["iam:*"]
    assert (hash_of(plan) != hash_of(other)) is bool(deferred)


@pytest.mark.parametrize(
    "damage",
    [
        put("configuration/provider_config", []),
        put("configuration/root_module", "x"),
        put("configuration/root_module/module_calls", [1]),
        put(f"{CALLS}/app/module", None),
        put(f"{CALLS}/app/expressions", "x"),
        put(f"{APP}/2/expressions", []),
        put(f"{APP}/2/expressions/policy", "x"),
        put(f"{APP}/2/expressions/policy/references", [1, "", "...", "var", "module.", "data.x", 'a["'] ),
        put(f"{APP}/2/provider_config_key", 5),
        put(f"{APP}/3/provisioners", "x"),
        put(f"{PROVIDERS}/aws.prod", 5),
        put("variables/text", 5),
        put("resource_changes/0/change/after_unknown", True),
        put("resource_changes/1/module_address", 7),
    ],
)  # fmt: skip
def test_a_malformed_configuration_gives_no_traceback(damage: Mutation) -> None:
    plan = a_plan()
    damage(plan)
    assert len(hash_of(plan)) == 64


def test_a_variable_that_refers_to_itself_gives_no_endless_loop() -> None:
    plan = a_plan()
    plan["configuration"]["root_module"]["module_calls"]["texts"]["module"]["outputs"]["document"] = {
        "expression": {"references": ["module.texts.document"]}
    }
    plan["configuration"]["root_module"]["module_calls"]["texts"]["module"]["module_calls"] = {
        "texts": {"module": {"outputs": {"document": {"expression": {"references": ["module.texts.document"]}}}}}
    }
    assert len(hash_of(plan)) == 64
