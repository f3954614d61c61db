"""Tests properties of every policy: Allow only adds, Deny only removes, a boundary never widens, in any order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from taskrole.policy.evaluation.evaluate import Request, compile_policies, evaluate
from tests.policy_documents import inline_policies

ACTIONS = st.sampled_from(
    ["*", "s3:*", "s3:Get*", "s3:GetObject", "S3:getobject", "s3:PutObject", "ecr:*", "s?:*", "Get*", "s3:*Object"]
)
RESOURCES = st.sampled_from(
    ["*", "arn:aws:s3:::a/*", "arn:aws:s3:::a/x", "arn:aws:s3:::?/x", "arn:aws:s3:::${aws:username}/*", "arn:aws:s3::*"]
)
VALUES = st.sampled_from(["a", "b", "a*", "*", "1", "true", "${aws:username}", "10.0.0.0/8", "2026-01-01", ""])
OPERATORS = st.sampled_from(
    [
        *("StringEquals", "StringNotEquals", "StringLike", "StringNotLikeIfExists", "ForAllValues:StringLike"),
        *("ForAnyValue:StringNotEquals", "Null", "Bool", "NumericLessThan", "NotIpAddress", "ArnLike", "StringNear"),
    ]
)
KEYS = st.sampled_from(["aws:username", "aws:TagKeys", "s3:prefix", "AWS:tagkeys"])


def one_or_more(strategy):
    return strategy | st.lists(strategy, min_size=1, max_size=3)


BLOCKS = st.dictionaries(OPERATORS, st.dictionaries(KEYS, one_or_more(VALUES), max_size=2), max_size=2)


@st.composite
def statements(draw, effect=None):
    return {
        "Effect": effect or draw(st.sampled_from(["Allow", "Allow", "Deny"])),
        draw(st.sampled_from(["Action", "Action", "NotAction"])): draw(one_or_more(ACTIONS)),
        draw(st.sampled_from(["Resource", "Resource", "NotResource"])): draw(one_or_more(RESOURCES)),
        **draw(st.just({}) | st.fixed_dictionaries({"Condition": BLOCKS})),
    }


BROKEN = st.sampled_from([None, "Allow", {"Effect": "Allow"}, {"Effect": "deny", "Action": "*", "Resource": "*"}])
VERSIONS = st.sampled_from(["2012-10-17", "2012-10-17", "2008-10-17"])
ANY_STATEMENTS = st.lists(statements() | statements() | statements() | BROKEN, max_size=4)


def document(listed, version="2012-10-17"):
    return {"Version": version, "Statement": listed}


DOCUMENTS = st.builds(document, ANY_STATEMENTS, VERSIONS)
REQUESTS = st.builds(
    Request,
    st.sampled_from(["s3:GetObject", "s3:putobject", "ecr:BatchGetImage", "iam:PassRole"]),
    st.sampled_from(["*", "arn:aws:s3:::a/x", "arn:aws:s3:::b/x", "arn:aws:s3:::a", "arn:aws:ecr:r:1:repository/x"]),
    st.dictionaries(KEYS, st.sampled_from(["a", "b", "1", "true", "", ("a", "b"), (), "10.1.2.3"]), max_size=3),
    st.booleans(),
)


def outcome(request, *documents, boundary=None):
    return evaluate(inline_policies(documents), request, boundary).outcome


@given(DOCUMENTS, statements("Allow"), REQUESTS)
def test_another_allow_keeps_an_allow(before, added, request) -> None:
    was, is_ = outcome(request, before), outcome(request, before, document([added]))

    assert (was, is_) in {
        ("allow", "allow"),
        ("cannot tell", "cannot tell"),
        ("cannot tell", "allow"),
        ("deny", "deny"),
        ("deny", "cannot tell"),
        ("deny", "allow"),
    }


@given(DOCUMENTS, statements("Deny"), REQUESTS)
def test_another_deny_keeps_a_deny(before, added, request) -> None:
    was, is_ = outcome(request, before), outcome(request, before, document([added]))

    assert (was, is_) in {
        ("deny", "deny"),
        ("cannot tell", "cannot tell"),
        ("cannot tell", "deny"),
        ("allow", "allow"),
        ("allow", "cannot tell"),
        ("allow", "deny"),
    }


@given(DOCUMENTS, st.none() | DOCUMENTS, REQUESTS)
def test_a_boundary_never_widens(policy, boundary, request) -> None:
    rank = ["deny", "cannot tell", "allow"]

    assert rank.index(outcome(request, policy, boundary=boundary)) <= rank.index(outcome(request, policy))


@given(DOCUMENTS, DOCUMENTS, REQUESTS)
def test_policy_and_boundary_can_be_swapped(policy, boundary, request) -> None:
    # given: each must allow and neither may deny, except that an unknown result may be on either side
    result, swapped = outcome(request, policy, boundary=boundary), outcome(request, boundary, boundary=policy)

    assert result == swapped


@given(st.lists(DOCUMENTS, min_size=1, max_size=3), REQUESTS, st.randoms(use_true_random=False))
def test_order_does_not_matter(documents, request, random) -> None:
    def shuffled(value):
        if isinstance(value, list):
            return random.sample([shuffled(item) for item in value], len(value))
        if isinstance(value, dict):
            items = list(value.items())
            return {key: shuffled(item) for key, item in random.sample(items, len(items))}
        return value

    mixed = shuffled(documents)

    assert outcome(request, *documents) == outcome(request, *mixed)


@given(ANY_STATEMENTS, REQUESTS)
def test_a_policy_of_many_statements_equals_many_policies(listed, request) -> None:
    assert outcome(request, document(listed)) == outcome(request, *(document([statement]) for statement in listed))


@given(DOCUMENTS, REQUESTS)
def test_a_known_result_does_not_change_if_other_keys_become_known(policy, request) -> None:
    # given: a request whose other keys become known to be absent
    incomplete = Request(request.action, request.resource, request.context)
    complete = Request(request.action, request.resource, request.context, complete=True)
    before = outcome(incomplete, policy)

    assert before in ("cannot tell", outcome(complete, policy))


@given(DOCUMENTS, REQUESTS, st.dictionaries(KEYS.map(str.lower), st.sampled_from(["a", "b", "1", ("a", "b"), ()])))
def test_a_known_result_does_not_depend_on_other_keys(policy, request, more) -> None:
    # given: a request whose other keys get values
    lower = {key.lower(): value for key, value in request.context.items()}
    incomplete = Request(request.action, request.resource, lower)
    known = Request(request.action, request.resource, {**more, **lower})
    before, after = outcome(incomplete, policy), outcome(known, policy)

    assert before in ("cannot tell", after)


@given(st.lists(DOCUMENTS, max_size=3), st.none() | DOCUMENTS, st.lists(REQUESTS, max_size=5))
def test_the_cache_of_an_evaluator_does_not_change_results(documents, boundary, requests) -> None:
    evaluator = compile_policies(inline_policies(documents), boundary)

    for request in [*requests, *requests]:
        assert evaluator.evaluate(request) == evaluate(inline_policies(documents), request, boundary)
