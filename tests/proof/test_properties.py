"""Tests the properties of all task definitions on generated ones. `make prove` tests many more."""

from __future__ import annotations

import ast
import hashlib
import itertools
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taskrole.grant import Grant
from taskrole.taskdef import RULES
from tests.amount import amount
from tests.proof.derived import derivation_of, grants_of, policies_of, roles_of
from tests.proof.generated import draw_case, generate_case
from tests.proof.neighbours import Asked
from tests.proof.properties import (
    MANY_DOCUMENTS,
    PROPERTIES,
    containers_only_add,
    delivery_does_not_matter,
    differences,
    documents_add_up,
    exactly_what_tasks_call,
    merging_keeps_permissions,
    needs_of_case,
    order_does_not_matter,
    texts_of,
    violations,
    wildcards_have_rules,
)

ROOT = Path(__file__).parents[2]
# The most seeds for each property: a few seconds. Those of make prove begin after these.
SHARES = {
    exactly_what_tasks_call: 250,
    wildcards_have_rules: 400,
    order_does_not_matter: 300,
    containers_only_add: 150,
    documents_add_up: 300,
    merging_keeps_permissions: 100,
    delivery_does_not_matter: 25,
}


@pytest.mark.parametrize("of_all", PROPERTIES, ids=lambda check: check.__name__)
def test_every_property_holds_for_generated_task_definitions(of_all) -> None:
    assert violations(of_all, range(amount(SHARES[of_all]))) == []


@settings(max_examples=amount(40), suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_tasks_are_granted_exactly_their_calls(rng) -> None:
    case = draw_case(rng)

    assert list(exactly_what_tasks_call(case)) == []


def test_generated_task_definitions_use_every_rule_that_grants() -> None:
    met = Counter(grant.rule for seed in range(400) for grant in derivation_of(generate_case(seed)).grants)

    assert [rule.id for rule in RULES.values() if rule.kind in ("grant", "option") and not met[rule.id]] == []


def test_generated_options_may_name_a_key_for_all_secrets() -> None:
    met = Counter(grant.source for seed in range(100) for grant in derivation_of(generate_case(seed)).grants)

    assert met["options:/kms_keys/*"] > 10


def test_generated_task_definitions_give_notes_and_warnings_and_no_errors() -> None:
    findings = {finding for seed in range(300) for finding in derivation_of(generate_case(seed)).findings}

    assert {finding.severity for finding in findings} == {"note", "warning"}
    assert len({finding.code for finding in findings}) > 25


def test_a_seed_gives_the_same_case() -> None:
    assert [generate_case(seed) for seed in range(50)] == [generate_case(seed) for seed in range(50)]


def test_many_task_definitions_need_several_policies() -> None:
    kinds = Counter()
    for seed in range(25):
        policies = policies_of(grants_of(generate_case(seed, MANY_DOCUMENTS)))["execution"]
        kinds["one inline" if policies[0].kind == "inline" else f"{len(policies) > 1} several managed"] += 1

    assert min(kinds["one inline"], kinds["True several managed"]) > 0


def test_the_oracle_does_not_import_the_derivation() -> None:
    imported = {
        name
        for file in (ROOT / "tests/proof/agent").glob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        for name in _imported(node)
        if name.startswith("taskrole")
    }

    assert imported == {"taskrole.arns", "taskrole.taskdef.options"}


def _imported(node: ast.AST) -> Iterable[str]:
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else []


def on_each_resource(change: Callable[[str], str]) -> Callable[[Grant], Grant]:
    return lambda grant: replace(grant, resources=tuple(map(change, grant.resources)))


def without_condition(key: str) -> Callable[[Grant], Grant]:
    return lambda grant: replace(
        grant, conditions=tuple(condition for condition in grant.conditions if condition[1] != key)
    )


# Well-meant simplifications; each grants too much.
TOO_WIDE = {
    "a secret's suffix of any length": on_each_resource(lambda arn: arn.replace("-??????", "-*")),
    "a secret with any suffix": on_each_resource(lambda arn: arn[:-7] + "-??????" if ":secret:" in arn else arn),
    "log groups by their beginning": on_each_resource(lambda arn: arn.split(":log-stream")[0] + "*"),
    "all streams of a group": on_each_resource(lambda arn: arn.split(":log-stream:")[0] + ":*"),
    "streams of all containers": on_each_resource(lambda arn: arn.rsplit("/", 2)[0] + "/*" if ":log-s" in arn else arn),
    "a folder of objects": on_each_resource(lambda arn: arn.rsplit("/", 1)[0] + "/*" if ":s3:::" in arn else arn),
    "a name with an asterisk": on_each_resource(lambda arn: arn.replace("${*}", "*")),
    "any account": on_each_resource(lambda arn: arn.replace(":111122223333:", ":*:")),
    "any region": on_each_resource(lambda arn: arn.replace(":us-east-1:", ":*:").replace(":eu-west-1:", ":*:")),
    "any partition": on_each_resource(lambda arn: arn.replace("arn:aws:", "arn:*:")),
    "repositories by their beginning": on_each_resource(lambda arn: arn + "*" if ":repository/" in arn else arn),
    "all keys": on_each_resource(lambda arn: arn.split("/")[0] + "/*" if ":kms:" in arn else arn),
    "a key without its service": without_condition("kms:ViaService"),
    "a key for all of a service": without_condition("kms:EncryptionContext:SecretARN"),
    "a bucket of anybody's": without_condition("aws:ResourceAccount"),
    "all access points": without_condition("elasticfilesystem:AccessPointArn"),
    "all access points of S3 Files": without_condition("s3files:AccessPointArn"),
    "mounts in the clear": without_condition("aws:SecureTransport"),
    "pulls from anywhere": without_condition("aws:sourceVpce"),
    "an action more": lambda grant: replace(grant, actions=(*grant.actions, "s3:PutObject")),
    "both roles in one": lambda grant: replace(grant, role="task"),
}


@pytest.mark.parametrize("widen", TOO_WIDE.values(), ids=TOO_WIDE)
def test_every_excess_permission_is_detected(widen) -> None:
    for seed in range(300):
        case = generate_case(seed)
        grants = grants_of(case)
        wider = [widen(grant) for grant in grants]
        if wider != list(grants) and any(
            "allowed: " in difference for difference in differences(needs_of_case(case), wider)
        ):
            return
    pytest.fail("not detected")


def test_every_missing_permission_is_detected() -> None:
    looked_at = 0
    for seed in range(15):
        case = generate_case(seed)
        needs, grants = needs_of_case(case), grants_of(case)
        for missing in {grant for grant in grants if grant.effect == "Allow"}:
            others = [grant for grant in grants if (grant.role, grant.resources) != (missing.role, missing.resources)]
            if not is_given_by(missing, others):
                looked_at += 1

                assert any("denied: " in difference for difference in differences(needs, others)), missing
    assert looked_at > 100


def is_given_by(missing: Grant, others: Iterable[Grant]) -> bool:
    """Return whether other grants allow part of it, or an option denies it."""
    return any(
        fnmatchcase(resource, pattern) and (other.effect == "Deny" or {*missing.actions} & {*other.actions})
        for other in others
        if other.role == missing.role
        for pattern in other.resources
        for resource in missing.resources
    )


def test_a_call_that_an_option_denies_stays_denied() -> None:
    wide = Grant("execution", "SM-1", ("secretsmanager:GetSecretValue",), ("*",), "", "an existing grant", "")
    cases = [case for case in map(generate_case, range(60)) if case.options.deny_service_connect_secrets]
    for case in cases:
        roles = roles_of(policies_of([*grants_of(case), wide]))
        for denied in (need for need in needs_of_case(case).all if need.effect == "Deny"):
            for region, account in itertools.product(("us-east-1", "cn-north-1"), ("111122223333", "444455556666")):
                arn = f"arn:{case.context.partition}:secretsmanager:{region}:{account}:secret"

                assert not roles.allow(Asked("execution", denied.action, f"{arn}:ecs-sc!tls-a1B2c3", {}))
                assert roles.allow(Asked("execution", denied.action, f"{arn}:ecs-sc-tls-a1B2c3", {}))
    assert len(cases) > 5


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_the_bytes_do_not_depend_on_the_order_of_sets(hash_seed: str) -> None:
    other = subprocess.run(
        [sys.executable, "-c", "from tests.proof.test_properties import digest; print(digest())"],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        text=True,
    )

    assert other.stdout.strip() == digest()


def digest() -> str:
    derivations = [derivation_of(generate_case(seed, 2)) for seed in range(30)]
    texts = [(texts_of(policies_of(derivation.grants)), derivation) for derivation in derivations]
    return hashlib.sha256(repr(texts).encode("utf-8", "surrogatepass")).hexdigest()
