"""Tests how a change affects the permissions of a role: tables, properties, and a proof by every request."""

from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskrole.policy.catalogue.managed import managed_policy
from taskrole.policy.comparison.compare import UNKNOWN, Comparison, Row, compare
from taskrole.policy.evaluation.evaluate import Request, compile_policies
from tests.amount import amount
from tests.policy_documents import inline_policies
from tests.policy_documents import policy_document as document

DB = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/db-AbCdEf"
MAIL = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/mail-AbCdEf"


def statement(action="s3:GetObject", resource="*", condition=None, effect="Allow", **more):
    body = {"Effect": effect, "Action": action, "Resource": resource, "Condition": condition, **more}
    return {key: value for key, value in body.items() if value is not None}


def verdict(before, after) -> str:
    """Return the verdict on a changed statement; the mirrored change must have the mirrored verdict."""
    comparison = compare([document(*before)], [document(*after)])
    reverse = compare([document(*after)], [document(*before)])
    assert mirrored(comparison) == reverse
    return comparison.verdict


def mirrored(comparison: Comparison) -> Comparison:
    added, removed = comparison.removed, comparison.added
    swapped = {"narrows": "broadens"}.get(comparison.verdict, comparison.verdict)
    if comparison.verdict == "broadens":
        still = any(row.effect == "Allow" for row in added) or any(row.effect == "Deny" for row in removed)
        swapped = "broadens" if still else "narrows"
    unresolved = tuple(
        sorted(
            f"{'after' if when == 'before' else 'before'}: {what}"
            for when, what in (value.split(": ", 1) for value in comparison.unresolved)
        )
    )
    return Comparison(swapped, added, removed, unresolved)


VIA = {"StringEquals": {"kms:ViaService": "ssm.eu-central-1.amazonaws.com"}}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        # Actions.
        (["secretsmanager:*", DB], ["secretsmanager:GetSecretValue", DB], "narrows"),
        (["*", DB], ["secretsmanager:GetSecretValue", DB], "narrows"),
        (["s3:Get*", "*"], ["s3:GetObject*", "*"], "narrows"),
        (["s3:GetObject", "*"], ["s3:getobject", "*"], "neutral"),
        (["s3:GetObject", "*"], ["s3:PutObject", "*"], "broadens"),
        (["s3:Get*", "*"], ["s3:*Object", "*"], "broadens"),
        (["*:*", "***"], ["**", "*"], "neutral"),
        # Resources.
        (["s3:GetObject", "*"], ["s3:GetObject", "arn:aws:s3:::b/*"], "narrows"),
        (["s3:GetObject", "arn:aws:s3:::b/*"], ["s3:GetObject", ["arn:aws:s3:::b/k", "arn:aws:s3:::b/l?"]], "narrows"),
        (["s3:GetObject", "arn:aws:s3:::b/k"], ["s3:GetObject", "arn:aws:s3:::b/K"], "broadens"),
        (["s3:GetObject", "arn:aws:s3:::b/*?"], ["s3:GetObject", "arn:aws:s3:::b/?*"], "neutral"),
        (["s3:GetObject", "arn:aws:s3:::b/*"], ["s3:GetObject", "arn:aws:s3:::b/?*"], "narrows"),
        (
            ["s3:GetObject", "arn:aws:s3:::b/${aws:username}/*"],
            ["s3:GetObject", "arn:aws:s3:::b/${AWS:username}/k"],
            "narrows",
        ),
        (["s3:GetObject", "arn:aws:s3:::b/${aws:username}"], ["s3:GetObject", "arn:aws:s3:::b/bob"], "broadens"),
        (
            ["s3:GetObject", ["arn:aws:s3:::b/*"]],
            ["s3:GetObject", ["arn:aws:s3:::b/*", "arn:aws:s3:::c/*"]],
            "broadens",
        ),
        ([["s3:GetObject"], "*"], [["s3:GetObject", "s3:PutObject"], "*"], "broadens"),
        # Conditions.
        (["kms:Decrypt", "*"], ["kms:Decrypt", "*", VIA], "narrows"),
        (
            ["s3:GetObject", "*", {"StringEquals": {"aws:x": ["a", "b"]}}],
            ["s3:GetObject", "*", {"StringEquals": {"aws:X": "b"}}],
            "narrows",
        ),
        (
            ["s3:GetObject", "*", {"StringNotEquals": {"aws:x": "a"}}],
            ["s3:GetObject", "*", {"StringNotEquals": {"aws:x": ["a", "b"]}}],
            "narrows",
        ),
        (
            ["s3:GetObject", "*", {"StringLike": {"aws:x": "a*"}}],
            ["s3:GetObject", "*", {"StringEquals": {"aws:x": "ab"}}],
            "narrows",
        ),
        (
            ["s3:GetObject", "*", {"StringEqualsIfExists": {"aws:x": "a"}}],
            ["s3:GetObject", "*", {"StringEquals": {"aws:x": "a"}}],
            "narrows",
        ),
        (
            ["s3:GetObject", "*", {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}],
            ["s3:GetObject", "*", {"IpAddress": {"aws:SourceIp": "10.1.0.0/16"}}],
            "narrows",
        ),
        (
            ["s3:GetObject", "*", {"Bool": {"aws:SecureTransport": True}}],
            ["s3:GetObject", "*", {"Bool": {"aws:SecureTransport": "true"}}],
            "neutral",
        ),
        (
            ["s3:GetObject", "*", {"StringEquals": {"aws:x": "a"}}],
            ["s3:GetObject", "*", {"StringEquals": {"aws:y": "a"}}],
            "broadens",
        ),
        (
            ["s3:GetObject", "*", {"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}}],
            ["s3:GetObject", "*", {"ForAllValues:StringEquals": {"aws:TagKeys": "a"}}],
            "broadens",
        ),
    ],
)
def test_a_changed_statement_has_its_verdict(before, after, expected: str) -> None:
    assert verdict([statement(*before)], [statement(*after)]) == expected


DENY = statement("s3:DeleteObject", "*", effect="Deny")
ALL = statement("s3:*", "*")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([ALL], [ALL, DENY], "narrows"),
        ([ALL, DENY], [ALL], "broadens"),
        ([ALL, DENY], [ALL, statement("s3:Delete*", "*", effect="Deny")], "narrows"),
        ([ALL, DENY], [ALL, statement("s3:DeleteObject", "*", VIA, effect="Deny")], "broadens"),
        ([ALL, DENY], [ALL, statement("s3:DeleteObject", "arn:aws:s3:::b/*", effect="Deny")], "broadens"),
        # A denied action adds no permission.
        ([DENY, statement()], [DENY, statement(), statement("s3:DeleteObject", "*")], "neutral"),
        # NotAction, the other form of an exception.
        ([statement("s3:*")], [statement(None, NotAction=["iam:*"])], "broadens"),
        ([statement(None, NotAction=["iam:*"])], [statement("s3:*")], "narrows"),
        ([statement(None, NotAction=["iam:*"])], [statement(["s3:*", "iam:PassRole"])], "broadens"),
        ([statement(None, NotAction=["iam:*"])], [statement(None, NotAction=["iam:*", "sts:*"])], "narrows"),
        ([statement("*")], [statement(None, NotAction="iam:*")], "narrows"),
        (
            [statement("s3:*", None, NotResource="arn:aws:s3:::secret/*")],
            [statement("s3:*", "arn:aws:s3:::open/*")],
            "narrows",
        ),
        (
            [statement("s3:*", None, NotResource="arn:aws:s3:::secret/*")],
            [statement("s3:*", "arn:aws:s3:::s*/*")],
            "broadens",
        ),
        (
            [statement("s3:*", None, NotResource="arn:aws:s3:::secret/k")],
            [statement("s3:*", None, NotResource="arn:aws:s3:::secret/*")],
            "narrows",
        ),
        # Split, merged, reordered.
        (
            [statement(["s3:GetObject", "s3:PutObject"], ["arn:aws:s3:::b/*", "arn:aws:s3:::c/*"])],
            [
                statement("s3:PutObject", ["arn:aws:s3:::c/*", "arn:aws:s3:::b/*"]),
                statement("s3:GetObject", "arn:aws:s3:::b/*"),
                statement("s3:GetObject", "arn:aws:s3:::c/*"),
            ],
            "neutral",
        ),
        (
            [statement(condition={"StringEquals": {"aws:x": ["a", "b"]}})],
            [
                statement(condition={"StringEquals": {"aws:x": "a"}}),
                statement(condition={"StringEquals": {"aws:x": "b"}}),
            ],
            "neutral",
        ),
        # "All values in {a, b}" is wider than "all values a, or all values b".
        (
            [
                statement(condition={"ForAllValues:StringEquals": {"aws:x": "a"}}),
                statement(condition={"ForAllValues:StringEquals": {"aws:x": "b"}}),
            ],
            [statement(condition={"ForAllValues:StringEquals": {"aws:x": ["a", "b"]}})],
            "broadens",
        ),
        ([statement(), statement("s3:*")], [statement("s3:*")], "neutral"),
        ([statement(Sid="A")], [statement(Sid="B")], "neutral"),
        ([statement(["s3:GetObject", "s3:PutObject"])], [statement(["s3:PutObject", "s3:GetObject"])], "neutral"),
        ([statement()], [statement()], "no-change"),
        # Allow and Deny at once.
        ([statement("s3:GetObject")], [statement("s3:PutObject")], "broadens"),
    ],
)
def test_changed_statements_have_their_verdict(before, after, expected: str) -> None:
    assert verdict(before, after) == expected


def test_narrowing_shows_removed_grants_and_no_added_ones() -> None:
    before = [document(statement("secretsmanager:*", [DB, MAIL]))]
    after = [document(statement("SecretsManager:GetSecretValue", DB))]

    assert compare(before, after) == Comparison(
        "narrows", removed=(Row("policy", "Allow", ("secretsmanager:*",), (DB, MAIL)),)
    )


def test_a_newly_denied_call_is_shown_as_denied_and_no_longer_allowed() -> None:
    assert compare([document(ALL)], [document(DENY)]) == Comparison(
        "narrows",
        added=(Row("policy", "Deny", ("s3:DeleteObject",), ("*",)),),
        removed=(Row("policy", "Allow", ("s3:*",), ("*",)),),
    )
    assert compare([document(statement("s3:DeleteObject"))], [document(DENY)]).removed != ()


def test_rows_are_grants_of_a_service_spelled_as_aws_does() -> None:
    after = [
        document(
            statement(["s3:putobject", "s3:getobject", "kms:decrypt"], ["arn:aws:s3:::b/*"], VIA),
            statement("s3:GetObject", "arn:aws:s3:::c/*", VIA),
            statement(None, NotAction=["s3:*", "kms:*"], effect="Deny"),
        ),
        document(statement(["s3:PutObject"], ["arn:aws:s3:::c/*"], VIA)),
    ]
    conditions = (("StringEquals", "kms:ViaService", ("ssm.eu-central-1.amazonaws.com",)),)

    assert compare([], after) == Comparison(
        "broadens",
        added=(
            Row("policy", "Allow", ("kms:Decrypt",), ("arn:aws:s3:::b/*",), conditions),
            Row(
                "policy",
                "Allow",
                ("s3:GetObject", "s3:PutObject"),
                ("arn:aws:s3:::b/*", "arn:aws:s3:::c/*"),
                conditions,
            ),
            Row("policy", "Deny", ("kms:*", "s3:*"), ("*",), not_actions=True),
        ),
    )


BOUNDARY = document(statement("s3:*"))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, None, "no-change"),
        (None, BOUNDARY, "narrows"),
        (BOUNDARY, None, "broadens"),
        (BOUNDARY, document(statement("s3:Get*")), "narrows"),
        (BOUNDARY, document(statement("s3:*"), statement("s3:Get*")), "neutral"),
        (BOUNDARY, document(statement(["s3:*", "iam:*"])), "broadens"),
        (None, document(statement("*")), "neutral"),
        (BOUNDARY, UNKNOWN, "unresolved"),
    ],
)
def test_a_boundary_counts_and_without_one_everything_is_allowed(before, after, expected: str) -> None:
    comparison = compare([BOUNDARY], [BOUNDARY], before, after)

    assert comparison.verdict == expected
    assert all(row.origin == "boundary" for row in (*comparison.added, *comparison.removed))


@pytest.mark.parametrize(
    ("broken", "beginning"),
    [
        (UNKNOWN, "after: a policy is not known"),
        ({}, "after: a policy is not a JSON object with a Statement"),
        ({"Statement": "x"}, "after: a policy is not a JSON object with a Statement"),
        ([], "after: a policy is not a JSON object with a Statement"),
        (
            document(statement(), version="2020-01-01"),
            "after: a policy's Version is '2020-01-01', not 2008-10-17 or 2012-10-17",
        ),
        (document("x"), "after: statement 1 is not a JSON object"),
        (document(statement(Principal="*")), "after: statement 1 has an element that a role's policies do not have"),
        (document(statement(effect="allow")), "after: statement 1 has an Effect other than Allow and Deny: 'allow'"),
        (document(statement(NotAction="s3:*")), "after: statement 1 must have either Action or NotAction"),
        (document(statement(resource=None)), "after: statement 1 must have either Resource or NotResource"),
        (document(statement([])), "after: statement 1 has a Action that is not text"),
        (document(statement([1])), "after: statement 1 has a Action that is not text"),
        (document(statement("s3")), "after: statement 1 names an action that is not service:name or *: 's3'"),
        (document(statement("s*:Get*")), "after: statement 1 names an action that is not service:name or *"),
        (document(statement(condition={"StringEquals": "x"})), "after: statement 1 has a Condition that is not"),
        (document(statement(condition={"StringEquals": {"x": {"y": 1}}})), "after: statement 1 has a Condition that"),
        (document(statement(Sid="x" * 200_000)), "after: a policy has 200,"),
    ],
)
def test_an_unreadable_policy_is_unresolved_and_the_others_are_compared(broken, beginning: str) -> None:
    comparison = compare([], [document(ALL), broken])

    assert comparison.verdict == "unresolved"
    assert [value for value in comparison.unresolved if value.startswith(beginning)] == list(comparison.unresolved)
    assert Row("policy", "Allow", ("s3:*",), ("*",)) in comparison.added
    assert compare([broken], [broken]).verdict == "unresolved"


def test_a_policy_nested_too_deeply_is_unresolved() -> None:
    deep: object = "x"
    for _ in range(100_000):
        deep = [deep]

    assert compare([], [document(statement(condition=deep))]).verdict == "unresolved"


def test_in_a_document_of_the_old_version_variables_are_plain_text() -> None:
    old = document(statement(resource="arn:aws:s3:::b/${aws:username}"), version="2008-10-17")
    none = {"Statement": old["Statement"]}
    new = document(statement(resource="arn:aws:s3:::b/${aws:username}"))

    assert compare([old], [none]).verdict == "neutral"
    assert compare([old], [new]).verdict == "broadens"
    assert compare([new], [old]).verdict == "broadens"


def test_without_variables_the_version_of_a_document_does_not_matter() -> None:
    statements = [statement(resource="arn:aws:s3:::b/$x{y}*", condition={"StringLike": {"aws:x": "$a*"}})]
    old, new = document(*statements, version="2008-10-17"), document(*statements)

    assert compare([old], [new]).verdict == "neutral"
    assert compare([new], [old]).verdict == "neutral"


RED, UPPER_RED = "${aws:PrincipalTag/team, 'red'}", "${aws:PrincipalTag/TEAM, 'RED'}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # The case of a variable's default counts.
        ({"resource": f"arn:aws:s3:::b/{RED}/*"}, {"resource": f"arn:aws:s3:::b/{UPPER_RED}/*"}),
        ({"condition": {"StringEquals": {"aws:x": RED}}}, {"condition": {"StringEquals": {"aws:x": UPPER_RED}}}),
        # AWS completes an ARN that lacks fields: it contains only its own text, and no other pattern contains it.
        ({"resource": "arn:aws:*"}, {"resource": "arn:aws:sqs"}),
        ({"resource": "arn:aws:s??"}, {"resource": "arn:aws:sqs"}),
        ({"resource": None, "NotResource": "arn:aws:sqs:*:*:jobs"}, {"resource": "arn:aws:sqs"}),
        ({"resource": None, "NotResource": "arn:aws:sqs"}, {"resource": "arn:aws:sqs:*:*:jobs"}),
        ({"condition": {"ArnLike": {"aws:x": "arn:aws:*"}}}, {"condition": {"ArnLike": {"aws:x": "arn:aws:sqs"}}}),
        # With a variable without a value NotResource matches everything.
        (
            {"resource": None, "NotResource": "arn:aws:s3:::b/*"},
            {"resource": None, "NotResource": "arn:aws:s3:::b/${aws:x}"},
        ),
    ],
)
def test_an_unproved_change_broadens(before, after) -> None:
    assert verdict([statement(**before)], [statement(**after)]) == "broadens"


# Each `a` of the second pattern doubles the states of the first.
BOMB, OTHER_BOMB = "*a????????????" * 2 + "*", "a*b" * 20


def test_patterns_that_are_too_complex_to_compare_are_unresolved_and_named() -> None:
    bomb, other = f"arn:aws:s3:::{BOMB}", f"arn:aws:s3:::{OTHER_BOMB}"
    change = [document(statement(resource=bomb))], [document(statement(resource=other))]

    comparison = compare(*change)

    assert comparison.verdict == "unresolved"
    [reason] = comparison.unresolved
    assert reason.endswith("has too many wildcards to be compared with the other side")
    assert Row("policy", "Allow", ("s3:GetObject",), (other,)) in comparison.added
    assert compare(*change) == comparison
    # and if another statement proves it, it does not matter
    assert (
        compare([document(statement(resource=bomb), ALL)], [document(statement(resource=other))]).verdict == "narrows"
    )


def test_conditions_that_are_too_complex_to_compare_are_unresolved_each_time() -> None:
    before, after = (document(statement(condition={"StringLike": {"aws:x": text}})) for text in (BOMB, OTHER_BOMB))

    assert [compare([before], [after]).verdict for _ in range(2)] == ["unresolved", "unresolved"]


def test_the_longest_policy_of_aws_is_read() -> None:
    policy = managed_policy("AWSSupportServiceRolePolicy")

    assert policy
    assert compare([policy.document], []).verdict == "narrows"


def test_the_four_policies_of_the_workshop_narrow_to_the_policy_of_a_task() -> None:
    names = (
        "AmazonECSTaskExecutionRolePolicy",
        "AmazonEC2ContainerRegistryReadOnly",
        "CloudWatchLogsFullAccess",
        "SecretsManagerReadWrite",
    )
    four = [policy.document for policy in map(managed_policy, names) if policy]
    exact = document(
        statement("ecr:GetAuthorizationToken"),
        statement(["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], "arn:aws:ecr:eu-central-1:1:repository/web"),
        statement(["logs:CreateLogStream", "logs:PutLogEvents"], "arn:aws:logs:eu-central-1:1:log-group:/web:*"),
        statement("secretsmanager:GetSecretValue", DB),
    )

    assert compare(four, [exact]).verdict == "narrows"
    assert compare([exact], four).verdict == "broadens"


ACTIONS = ["s3:GetObject", "s3:PutObject", "ecr:BatchGetImage"]
ACTION_PATTERNS = [*ACTIONS, "*", "s3:*", "s3:Get*", "s3:?etObject", "s3:*Object", "ecr:*"]
RESOURCES = ["a", "ab", "b", "abc"]
RESOURCE_PATTERNS = ["*", "a", "ab", "a*", "?", "*b", "a?*", "${aws:x}", "a${aws:x}*", "*b*"]
VALUES = ["a", "b", "ab", "*"]
OPERATORS = ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike"]
OPERATORS += [f"{operator}IfExists" for operator in OPERATORS] + ["StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"]
OPERATORS += ["ForAllValues:StringEquals", "ForAnyValue:StringLike", "ForAnyValue:StringNotEquals"]
CONTEXTS = [{}, {"aws:x": "a"}, {"aws:x": "A"}, {"aws:x": "b"}, {"aws:x": "ab", "aws:y": "a"}, {"aws:y": "b"}]
CONTEXTS += [{"aws:x": "*"}, {"aws:x": ("a", "b")}]

lists = st.lists
CONDITIONS = st.dictionaries(
    st.sampled_from(OPERATORS),
    st.dictionaries(
        st.sampled_from(["aws:x", "aws:y"]),
        lists(st.sampled_from([*VALUES, "a*", "?"]), min_size=1, max_size=2),
        min_size=1,
        max_size=2,
    ),
    max_size=2,
)


def names(patterns, singular: str):
    chosen = lists(st.sampled_from(patterns), min_size=1, max_size=2)
    return st.one_of(
        *[st.fixed_dictionaries({singular: chosen})] * 3, st.fixed_dictionaries({f"Not{singular}": chosen})
    )


STATEMENTS = st.builds(
    lambda effect, actions, resources, condition: {
        "Effect": effect,
        **actions,
        **resources,
        **({"Condition": condition} if condition else {}),
    },
    st.sampled_from(["Allow", "Allow", "Allow", "Deny"]),
    names(ACTION_PATTERNS, "Action"),
    names(RESOURCE_PATTERNS, "Resource"),
    st.one_of(st.just({}), CONDITIONS),
)
DOCUMENTS = st.builds(
    lambda statements, version: document(*statements, version=version),
    lists(STATEMENTS, min_size=1, max_size=4),
    st.sampled_from(["2012-10-17", "2012-10-17", "2008-10-17"]),
)
SIDES = lists(DOCUMENTS, max_size=2)
BOUNDARIES = st.one_of(st.none(), st.none(), DOCUMENTS)
REQUESTS = [
    Request(action, resource, context, complete=True)
    for action, resource, context in itertools.product(ACTIONS, RESOURCES, CONTEXTS)
]


def allowed(documents, boundary):
    evaluator = compile_policies(inline_policies(documents), boundary)
    return [evaluator.evaluate(request).outcome == "allow" for request in REQUESTS]


@settings(max_examples=amount(400))
@given(SIDES, SIDES, BOUNDARIES, BOUNDARIES)
def test_a_narrowing_or_neutral_change_allows_no_new_request(before, after, old, new) -> None:
    comparison = compare(before, after, old, new)

    allowed_before, allowed_after = allowed(before, old), allowed(after, new)
    if comparison.verdict in ("narrows", "neutral", "no-change"):
        assert not any(now and not then for then, now in zip(allowed_before, allowed_after, strict=True))
    if comparison.verdict in ("neutral", "no-change"):
        assert allowed_before == allowed_after


@settings(max_examples=amount(300))
@given(SIDES, STATEMENTS, st.integers(0, 9), st.data())
def test_a_proof_holds_for_similar_pairs_too(before, other, choice, data) -> None:
    after = mutated(before, other, choice, data)
    comparison = compare(before, after)

    allowed_before, allowed_after = allowed(before, None), allowed(after, None)
    if comparison.verdict in ("narrows", "neutral", "no-change"):
        assert not any(now and not then for then, now in zip(allowed_before, allowed_after, strict=True))


def mutated(documents, other, choice: int, data):
    """Change one place of a statement, remove a statement, or add another."""
    if not documents:
        return [document(other)]
    first, *rest = documents
    statements = list(first["Statement"])
    index = data.draw(st.integers(0, len(statements) - 1))
    if choice == 0:
        statements.pop(index)
    elif choice == 1:
        statements.append(other)
    elif choice < 5:
        key = data.draw(
            st.sampled_from(sorted({"Action", "Resource"} & statements[index].keys() & other.keys()) or ["Sid"])
        )
        joined = [*statements[index].get(key, ()), *other.get(key, ())]
        statements[index] = {**statements[index], key: joined if key != "Sid" else "Other"}
    else:
        key = data.draw(st.sampled_from(["Action", "Resource", "Condition"]))
        kept = {name: value for name, value in statements[index].items() if name.removeprefix("Not") != key}
        other_elements = {name: value for name, value in other.items() if name.removeprefix("Not") == key}
        statements[index] = {**kept, **other_elements}
    return [{**first, "Statement": statements}, *rest]


@settings(max_examples=amount(100))
@given(SIDES, SIDES, BOUNDARIES, BOUNDARIES)
def test_a_reverted_change_has_the_mirrored_comparison(before, after, old, new) -> None:
    assert compare(after, before, new, old) == mirrored(compare(before, after, old, new))


@settings(max_examples=amount(100))
@given(SIDES, BOUNDARIES)
def test_an_equal_policy_is_no_change(documents, boundary) -> None:
    assert compare(documents, documents, boundary, boundary) == Comparison("no-change")


@settings(max_examples=amount(100))
@given(SIDES, STATEMENTS.filter(lambda statement: statement["Effect"] == "Allow"))
def test_another_allow_never_narrows(documents, more) -> None:
    assert compare(documents, [*documents, document(more)]).verdict in ("broadens", "neutral")


@settings(max_examples=amount(100))
@given(SIDES, STATEMENTS.filter(lambda statement: statement["Effect"] == "Deny"))
def test_another_deny_never_broadens(documents, more) -> None:
    assert compare(documents, [*documents, document(more)]).verdict in ("narrows", "neutral")


def split_up(documents):
    """Yield a document for each action and resource of every statement."""
    for whole in documents:
        for element in whole["Statement"]:
            sets = [name for name in ("Action", "Resource") if name in element]
            for values in itertools.product(*(element[name] for name in sets)):
                yield {**whole, "Statement": {**element, **dict(zip(sets, values, strict=True))}}


@settings(max_examples=amount(100))
@given(SIDES, st.randoms(use_true_random=False))
def test_reordering_splitting_and_merging_are_neutral(documents, random) -> None:
    parts = list(split_up(documents))
    random.shuffle(parts)

    assert compare(documents, parts).verdict in ("neutral", "no-change")
    assert compare(parts, documents).verdict in ("neutral", "no-change")


def test_two_roles_of_fifty_statements_are_compared_fast() -> None:
    def role(wildcard: str):
        return [
            document(
                *(
                    statement(
                        [f"s3:{verb}Object{number}{wildcard}" for verb in ("Get", "Put", "Delete", "Restore")],
                        [f"arn:aws:s3:::bucket{number}/{name}/*" for name in "abcdefgh"],
                    )
                    for number in range(50)
                )
            )
        ]

    before, after = role("*"), role("")
    compare(before[:1], role("x"))

    started = time.process_time()
    verdict = compare(before, after).verdict

    assert verdict == "narrows"
    assert time.process_time() - started < 0.25, "0.04 s on two cores of 2026"
