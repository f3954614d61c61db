"""Tests changes of trust policies: which principal covers which, and invalid elements."""

from __future__ import annotations

from typing import Any

import pytest

from taskrole.policy.comparison.compare import UNKNOWN
from taskrole.policy.comparison.trust import compare_trust, principals_of
from taskrole.policy.comparison.trust_changes import Way, principal_changes
from tests.policy_documents import policy_document as trust

OWN, OTHER = "111122223333", "444455556666"
ECS = {"Service": "ecs-tasks.amazonaws.com"}
SOURCE = {"StringEquals": {"aws:SourceAccount": OWN}}


def by(principal: Any, effect: str = "Allow", action: Any = "sts:AssumeRole", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Principal": principal, "Action": action, **more}


def root(account: str) -> str:
    return f"arn:aws:iam::{account}:root"


def role(account: str, name: str = "intern") -> str:
    return f"arn:aws:iam::{account}:role/{name}"


def aws(*names: str) -> dict[str, list[str]]:
    return {"AWS": list(names)}


DIRECT = (
    "arn:aws:iam::{}:role/a/intern",
    "arn:aws:iam::{}:user/intern",
    "arn:aws:sts::{}:assumed-role/intern/session",
    "arn:aws:sts::{}:federated-user/intern",
)


@pytest.mark.parametrize("principal", DIRECT)
@pytest.mark.parametrize("account", [OWN, root(OWN)], ids=["digits", "root"])
def test_a_principal_of_the_own_account_is_not_covered_by_its_root(principal: str, account: str) -> None:
    named = principal.format(OWN)

    comparison = compare_trust(trust(by(aws(account))), trust(by(aws(account, named))), OWN)

    assert comparison.verdict == "broadens"
    assert [row.resources for row in comparison.added] == [(f"AWS:{named}",)]


@pytest.mark.parametrize("principal", DIRECT)
@pytest.mark.parametrize("account", [OTHER, root(OTHER)], ids=["digits", "root"])
def test_a_principal_of_another_account_is_covered_by_its_root(principal: str, account: str) -> None:
    before, after = trust(by(aws(account))), trust(by(aws(account, principal.format(OTHER))))

    assert compare_trust(before, after, OWN).verdict == "neutral"
    assert compare_trust(before, trust(by(aws(principal.format(OTHER)))), OWN).verdict == "narrows"


def test_every_account_may_be_the_own_account_if_that_is_unknown() -> None:
    before, after = trust(by(aws(root(OTHER)))), trust(by(aws(root(OTHER), role(OTHER))))

    assert compare_trust(before, after, None).verdict == "broadens"


def test_another_accounts_root_covers_no_principal_of_a_third() -> None:
    third = role("777788889999")

    assert compare_trust(trust(by(aws(root(OTHER)))), trust(by(aws(third))), OWN).verdict == "broadens"


def test_another_accounts_root_covers_a_principal_under_the_same_conditions_only() -> None:
    external = {"StringEquals": {"sts:ExternalId": "x"}}
    before = trust(by(aws(root(OTHER)), Condition=external))

    assert compare_trust(before, trust(by(aws(role(OTHER)), Condition=external)), OWN).verdict == "narrows"
    assert compare_trust(before, trust(by(aws(role(OTHER)))), OWN).verdict == "broadens"


def test_a_root_as_digits_and_as_an_arn_is_the_same() -> None:
    assert compare_trust(trust(by(aws(OWN))), trust(by(aws(root(OWN)))), OWN).verdict in ("neutral", "no-change")


@pytest.mark.parametrize("anybody", ["*", {"AWS": "*"}, {"AWS": ["*"]}], ids=repr)
@pytest.mark.parametrize(
    "principal",
    [ECS, {"Federated": f"arn:aws:iam::{OWN}:oidc-provider/gitlab.com"}, {"CanonicalUser": "a"}],
    ids=lambda given: next(iter(given)),
)
def test_anyone_does_not_cover_principals_of_other_types(anybody: Any, principal: Any) -> None:
    assert compare_trust(trust(by(anybody)), trust(by(principal)), OWN).verdict == "broadens"


@pytest.mark.parametrize("name", [root(OWN), root(OTHER), role(OWN), role(OTHER), "AROAEXAMPLE"])
def test_anyone_covers_every_aws_principal(name: str) -> None:
    assert compare_trust(trust(by("*")), trust(by(aws(name))), OWN).verdict == "narrows"
    assert compare_trust(trust(by(aws(name))), trust(by("*")), OWN).verdict == "broadens"


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        (aws(f"arn:aws:iam::{OWN}:role/*"), aws(role(OWN))),
        ({"Service": "*.amazonaws.com"}, ECS),
        ({"Service": "*"}, ECS),
        ({"Federated": "*"}, {"Federated": "cognito-identity.amazonaws.com"}),
    ],
    ids=repr,
)
@pytest.mark.parametrize("version", ["2008-10-17", "2012-10-17"])
def test_a_wildcard_within_a_name_covers_nothing(wide: Any, narrow: Any, version: str) -> None:
    assert (
        compare_trust(trust(by(wide), version=version), trust(by(narrow), version=version), OWN).verdict == "broadens"
    )


def test_a_condition_on_the_principal_arn_is_not_a_principal() -> None:
    conditioned = by(aws(root(OWN)), Condition={"ArnEquals": {"aws:PrincipalArn": role(OWN)}})

    assert compare_trust(trust(conditioned), trust(by(aws(role(OWN)))), OWN).verdict == "broadens"
    assert compare_trust(trust(by(aws(role(OWN)))), trust(conditioned), OWN).verdict == "broadens"


def test_a_denied_account_covers_its_principals() -> None:
    allowed = by(aws(OWN))
    both = trust(allowed, by(aws(root(OWN), role(OWN)), "Deny"))

    assert compare_trust(both, trust(allowed, by(aws(root(OWN)), "Deny")), OWN).verdict == "neutral"
    assert compare_trust(both, trust(allowed, by(aws(role(OWN)), "Deny")), OWN).verdict == "broadens"


@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_not_principal_is_unresolved_and_shown(effect: str) -> None:
    statement_beside = {"Effect": effect, "NotPrincipal": aws(OWN), "Action": "sts:AssumeRole"}

    comparison = compare_trust(trust(by(ECS)), trust(by(ECS), statement_beside), OWN)

    assert comparison.verdict == "unresolved"
    assert comparison.unresolved == (
        "after: statement 2 has NotPrincipal, which the trust policy of a role cannot have",
    )
    assert [row.not_resources for row in comparison.added] == [True]


@pytest.mark.parametrize(
    "statement_beside",
    [
        by(ECS, Resource="*"),
        by({"AWS": 7}),
        by("ecs-tasks.amazonaws.com"),
        {"Effect": "Allow", "Action": "sts:AssumeRole"},
        {**by(ECS), "NotPrincipal": ECS},
        "text",
    ],
    ids=repr,
)
def test_an_invalid_element_of_a_trust_policy_is_unresolved(statement_beside: Any) -> None:
    comparison = compare_trust(trust(by(ECS)), trust(by(ECS), statement_beside), OWN)

    assert comparison.verdict == "unresolved"
    assert all("Resource" not in problem or "has Resource" in problem for problem in comparison.unresolved)


def test_an_equal_text_is_no_change_whatever_its_content() -> None:
    deny_trust = trust({"Effect": "Deny", "NotPrincipal": aws(OWN), "Action": "sts:AssumeRole"})

    assert compare_trust(deny_trust, trust(*deny_trust["Statement"]), OWN).verdict == "no-change"


def test_a_condition_that_changes_from_a_number_to_a_boolean_is_changed() -> None:
    number, true = (trust(by(ECS, Condition={"Bool": {"aws:SecureTransport": value}})) for value in (1, True))

    assert compare_trust(number, true, OWN).verdict == "broadens"


def test_a_policy_known_only_after_apply_removes_no_principal() -> None:
    comparison = compare_trust(trust(by(ECS)), UNKNOWN, OWN)

    assert (comparison.verdict, comparison.added, comparison.removed) == ("unresolved", (), ())


@pytest.mark.parametrize("name", ["*", "x"])
def test_a_principal_of_an_empty_type_is_a_principal_of_its_own(name: str) -> None:
    changed = trust(by({**ECS, "": name}))

    comparison = compare_trust(trust(by(ECS)), changed, OWN)

    assert comparison.verdict == "broadens"
    assert [row.resources for row in comparison.added] == [(f":{name}",)]


def test_principals_have_canonical_names() -> None:
    named = by({"AWS": ["*", OWN, root(OTHER), role(OWN)], **ECS})

    assert [name for name, _ in principals_of(trust(named))] == [
        "*",
        f"AWS:{OWN}",
        f"AWS:{OTHER}",
        f"AWS:{role(OWN)}",
        "Service:ecs-tasks.amazonaws.com",
    ]


def test_names_of_any_text_are_read_back() -> None:
    name = "arn:aws:iam::111122223333:role/${x} %41*?\ud800"

    (row,) = compare_trust(None, trust(by(aws(name)))).added

    assert row.resources == (f"AWS:{name}",)


def changes(before: Any, after: Any) -> list[tuple[str, str, bool]]:
    lines = principal_changes(before, after, compare_trust(before, after, OWN))
    return [(change.sign, change.sentence, change.broadens) for change in lines]


ECS_NAME = "ecs-tasks.amazonaws.com"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            trust(by(ECS, Condition=SOURCE)),
            trust(by(ECS)),
            [
                (
                    "±",
                    f"{ECS_NAME} can assume it if aws:SourceAccount StringEquals {OWN}: now without any condition",
                    True,
                )
            ],
        ),
        (
            trust(by(ECS)),
            trust(by(ECS, Condition=SOURCE)),
            [
                (
                    "±",
                    f"{ECS_NAME} can assume it without any condition: now if aws:SourceAccount StringEquals {OWN}",
                    False,
                )
            ],
        ),
        (trust(), trust(by(ECS)), [("+", f"{ECS_NAME} can assume it", True)]),
        (trust(by(ECS)), trust(), [("-", f"{ECS_NAME} can assume it", False)]),
        (
            trust(by(ECS)),
            trust(by(ECS, action=["sts:AssumeRole", "sts:TagSession"])),
            [
                (
                    "±",
                    f"{ECS_NAME} can assume it without any condition:"
                    " now by sts:AssumeRole, sts:TagSession without any condition",
                    True,
                )
            ],
        ),
        (
            trust(by(ECS), by("*", "Deny", Condition={"Bool": {"aws:SecureTransport": "false"}})),
            trust(by(ECS)),
            [("-", "anybody cannot assume it if aws:SecureTransport Bool false", True)],
        ),
        (
            trust(by(aws(OTHER), Condition=SOURCE)),
            trust(by(aws(OTHER), Condition=SOURCE), by(ECS), by(aws(OTHER), Condition={"Bool": {"a": "true"}})),
            [
                ("+", f"{ECS_NAME} can assume it", True),
                (
                    "±",
                    f"account {OTHER} can assume it if aws:SourceAccount StringEquals {OWN}:"
                    f" now if a Bool true or if aws:SourceAccount StringEquals {OWN}",
                    True,
                ),
            ],
        ),
    ],
)
def test_a_change_describes_access_before_and_after(before: Any, after: Any, expected: Any) -> None:
    assert changes(before, after) == expected


@pytest.mark.parametrize(
    ("old", "new", "end", "broadens"),
    [
        ("abcd", "abcde", "one of 4 values: now also e", True),
        ("abcde", "abcd", "one of 5 values: now no longer e", False),
        ("abcd", "abce", "one of 4 values: now also e and no longer d", True),
        ("abc", "abd", "a or b or c: now if k Bool true and j StringEquals a or b or d", True),
    ],
)
def test_only_changed_values_of_a_long_list_are_named(old: str, new: str, end: str, broadens: bool) -> None:
    before, after = (
        trust(by(ECS, Condition={"StringEquals": {"j": list(values)}, "Bool": {"k": "true"}})) for values in (old, new)
    )

    assert changes(before, after) == [
        ("±", f"{ECS_NAME} can assume it if k Bool true and j StringEquals {end}", broadens)
    ]


def test_a_change_has_the_actions_of_both_sides() -> None:
    before, after = trust(by(ECS, Condition=SOURCE)), trust(by(ECS))

    (change,) = principal_changes(before, after, compare_trust(before, after, OWN))

    assert change.before == (Way(("sts:AssumeRole",), (("StringEquals", "aws:SourceAccount", (OWN,)),)),)
    assert change.after == (Way(("sts:AssumeRole",)),)


@pytest.mark.parametrize(
    "malformed",
    [
        "text",
        by(ECS, Condition="x"),
        by(ECS, Condition={"a": "x"}),
        by(ECS, action=5),
        by({}),
        by({"AWS": {}}),
        {"Effect": "Allow", "NotPrincipal": "*"},
    ],
    ids=repr,
)
def test_malformed_statements_are_left_out_of_the_sentences(malformed: Any) -> None:
    before, after = trust(by(ECS)), trust(malformed)

    assert principal_changes(before, after, compare_trust(before, after, OWN)) is not None
