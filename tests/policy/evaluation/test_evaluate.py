"""Tests decisions of the offline evaluator, element by element, each with its AWS page."""

from __future__ import annotations

import pytest

from taskrole.policy.documents.policy import Policy
from taskrole.policy.evaluation.evaluate import Decision, Request, compile_policies, evaluate

BUCKET = "arn:aws:s3:::app"
OBJECT = "arn:aws:s3:::app/config.json"
SECRET = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:app/db-a1B2c3"


def policy(*statements, version="2012-10-17", name="app"):
    document = {"Statement": list(statements)}
    return Policy(name, "inline", {"Version": version, **document} if version else document)


def allow(actions="s3:GetObject", resources="*", **others):
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **others}


def deny(actions="s3:GetObject", resources="*", **others):
    return {"Effect": "Deny", "Action": actions, "Resource": resources, **others}


def outcome(statements, action="s3:GetObject", resource=OBJECT, context=(), *, complete=True, version="2012-10-17"):
    policies = [policy(*statements, version=version)]
    return evaluate(policies, Request(action, resource, dict(context), complete)).outcome


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
ACTIONS = [
    ("s3:GetObject", "s3:GetObject", "allow"),
    ("S3:getobject", "s3:GetObject", "allow"),
    ("s3:GetObject", "S3:GETOBJECT", "allow"),
    ("s3:GetObject", "s3:GetObjectAcl", "deny"),
    ("s3:Get*", "s3:GetObjectAcl", "allow"),
    ("s3:*", "s3:GetObject", "allow"),
    ("s3:*", "s3express:GetObject", "deny"),
    ("s3:*Object", "s3:GetObject", "allow"),
    ("s3:?etObject", "s3:GetObject", "allow"),
    ("s3:?GetObject", "s3:GetObject", "deny"),
    ("*", "s3:GetObject", "allow"),
    ("*:*", "s3:GetObject", "allow"),
    (["ecr:*", "s3:GetObject"], "s3:GetObject", "allow"),
    ("s*:GetObject", "ecr:GetObject", "deny"),
    ("s*:GetObject", "s3:GetObject", "cannot tell"),  # the prefix takes no wildcards
    ("GetObject", "s3:GetObject", "cannot tell"),
    ("s3:Get:Object", "s3:GetObject", "cannot tell"),
    ("s3:GetObject", "*", "deny"),  # a request is literal
    ("s3:GetObject", "s3:Get*", "deny"),
    ("s3:*", "s3:Get*", "allow"),
    ("*", "nothing", "allow"),
]


@pytest.mark.parametrize(("actions", "action", "expected"), ACTIONS)
def test_actions_are_case_insensitive_with_wildcards_after_the_prefix(actions, action, expected) -> None:
    assert outcome([allow(actions)], action) == expected


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
RESOURCES = [
    ("*", OBJECT, "allow"),
    ("*", "*", "allow"),
    (OBJECT, "*", "deny"),
    (OBJECT, OBJECT, "allow"),
    (OBJECT, OBJECT.upper(), "deny"),
    (f"{BUCKET}/*", OBJECT, "allow"),
    (f"{BUCKET}/*", BUCKET, "deny"),
    (f"{BUCKET}/*", "arn:aws:s3:::app-2/config.json", "deny"),
    (f"{BUCKET}*", "arn:aws:s3:::app-2/config.json", "allow"),
    ("arn:aws:s3:::*/config.json", OBJECT, "allow"),
    ("arn:aws:*", OBJECT, "allow"),
    ("arn:aws-cn:s3:::app/config.json", OBJECT, "deny"),
    ("arn:aws:secretsmanager:eu-west-1:111122223333:secret:app/db-??????", SECRET, "allow"),
    ("arn:aws:secretsmanager:eu-west-1:111122223333:secret:app/db-?????", SECRET, "deny"),
    ("arn:aws:secretsmanager:*:111122223333:secret:app/*", SECRET, "allow"),
    ("arn:aws:secretsmanager:eu-west-1:444455556666:secret:app/*", SECRET, "deny"),
    ([BUCKET, OBJECT], OBJECT, "allow"),
    ("not an arn", OBJECT, "deny"),
]


@pytest.mark.parametrize(("resources", "resource", "expected"), RESOURCES)
def test_resources_are_case_sensitive_and_wildcards_match_colons(resources, resource, expected) -> None:
    assert outcome([allow(resources=resources)], resource=resource) == expected


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notresource.html
NOT = [
    ({"NotAction": "iam:*", "Resource": "*"}, "allow"),
    ({"NotAction": ["iam:*", "s3:Get*"], "Resource": "*"}, "deny"),
    ({"NotAction": "S3:GETOBJECT", "Resource": "*"}, "deny"),
    ({"NotAction": "*", "Resource": "*"}, "deny"),
    ({"Action": "**", "Resource": "*"}, "allow"),
    ({"NotAction": "**", "Resource": "*"}, "deny"),
    ({"Action": "s3:**", "Resource": "*"}, "allow"),
    ({"NotAction": "s*:GetObject", "Resource": "*"}, "cannot tell"),
    ({"Action": "s3:*", "NotResource": BUCKET}, "allow"),
    ({"Action": "s3:*", "NotResource": [BUCKET, f"{BUCKET}/*"]}, "deny"),
    ({"Action": "s3:*", "NotResource": "*"}, "deny"),
    ({"NotAction": "iam:*", "NotResource": BUCKET}, "allow"),
]


@pytest.mark.parametrize(("elements", "expected"), NOT)
def test_not_action_and_not_resource_match_all_others(elements, expected) -> None:
    assert outcome([{"Effect": "Allow", **elements}]) == expected


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
HOME = "arn:aws:s3:::app/${aws:username}/*"
VARIABLES = [
    (HOME, "arn:aws:s3:::app/bob/a", {"aws:username": "bob"}, "allow"),
    (HOME, "arn:aws:s3:::app/al/a", {"aws:username": "bob"}, "deny"),
    (HOME, "arn:aws:s3:::app/al/a", {"aws:username": "*"}, "deny"),
    (HOME, "arn:aws:s3:::app/bob/a", {}, "deny"),
    ("arn:aws:s3:::app/${aws:userid, 'anonymous'}/*", "arn:aws:s3:::app/anonymous/a", {}, "allow"),
    ("arn:aws:s3:::app/${*}", "arn:aws:s3:::app/*", {}, "allow"),
    ("arn:aws:s3:::app/${*}", "arn:aws:s3:::app/a", {}, "deny"),
    ("arn:aws:s3:::app/${?}", "arn:aws:s3:::app/a", {}, "deny"),
    ("arn:aws:s3:::app/${$}{x}", "arn:aws:s3:::app/${x}", {}, "allow"),
    ("arn:aws:s3::${aws:PrincipalAccount}:app", "arn:aws:s3::1:app", {"aws:principalaccount": "1"}, "cannot tell"),
    ("arn:aws:s3::${aws:PrincipalAccount}:app", "arn:aws:s3::1:other", {"aws:principalaccount": "1"}, "deny"),
]


@pytest.mark.parametrize(("resource", "requested", "context", "expected"), VARIABLES)
def test_variables_are_allowed_after_the_fifth_colon_of_a_resource(resource, requested, context, expected) -> None:
    assert outcome([allow(resources=resource)], resource=requested, context=context) == expected


def test_an_unknown_variable_makes_only_dependent_results_unknown() -> None:
    statements = [allow(resources=HOME)]

    assert outcome(statements, resource="arn:aws:s3:::app/bob/a", complete=False) == "cannot tell"
    assert outcome(statements, resource="arn:aws:s3:::other/bob/a", complete=False) == "deny"


def test_a_variable_without_a_value_matches_no_resource_and_every_not_resource() -> None:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-no-value
    everything_else = {"Effect": "Allow", "Action": "*", "NotResource": HOME}

    assert outcome([everything_else], resource="arn:aws:s3:::app/bob/a") == "allow"
    assert outcome([everything_else], resource="arn:aws:s3:::app/bob/a", context={"aws:username": "bob"}) == "deny"


@pytest.mark.parametrize(
    ("element", "resource", "expected"),
    [
        ({"Resource": "arn:aws:sqs"}, "arn:aws:sqs:eu-west-1:111122223333:jobs", "cannot tell"),
        ({"Resource": "arn:aws:sqs"}, "arn:aws:sns:eu-west-1:111122223333:jobs", "deny"),
        ({"Resource": "arn:aws:sqs:*"}, "arn:aws:sqs:eu-west-1:111122223333:jobs", "allow"),
        ({"Resource": "arn:aws:sqs:*:111122223333"}, "arn:aws:sqs:eu-west-1:111122223333:jobs", "cannot tell"),
        ({"NotResource": "arn:aws:sqs"}, "arn:aws:sqs:eu-west-1:111122223333:jobs", "cannot tell"),
        ({"NotResource": "arn:aws:sqs"}, "arn:aws:sns:eu-west-1:111122223333:jobs", "allow"),
    ],
)
def test_a_resource_arn_of_fewer_than_six_fields_may_be_completed(element, resource, expected) -> None:
    assert outcome([{"Effect": "Allow", "Action": "*", **element}], resource=resource) == expected


@pytest.mark.parametrize("version", ["2008-10-17", None])
def test_an_old_policy_has_no_variables(version) -> None:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
    context = {"aws:username": "bob"}

    assert (
        outcome([allow(resources=HOME)], resource="arn:aws:s3:::app/bob/a", context=context, version=version) == "deny"
    )
    assert (
        outcome(
            [allow(resources=HOME)], resource="arn:aws:s3:::app/${aws:username}/a", context=context, version=version
        )
        == "allow"
    )


def test_an_explicit_deny_overrides_any_allow() -> None:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_AccessPolicyLanguage_Interplay.html
    policies = [policy(allow("*")), policy(deny(resources=OBJECT, Sid="NoConfig"), name="guard")]

    assert evaluate(policies, Request("s3:GetObject", OBJECT)) == Decision(
        "deny",
        f"statement 'NoConfig' of 'guard' denies 's3:GetObject' on '{OBJECT}'.",
        "guard",
        deny(resources=OBJECT, Sid="NoConfig"),
        explicit=True,
    )
    assert evaluate(policies, Request("s3:GetObject", BUCKET)) == Decision(
        "allow", f"statement 1 of 'app' allows 's3:GetObject' on '{BUCKET}'.", "app", allow("*")
    )


def test_an_implicit_deny_names_no_statement() -> None:
    assert evaluate([], Request("s3:GetObject", OBJECT)) == Decision(
        "deny", f"no statement allows 's3:GetObject' on '{OBJECT}'."
    )


OPEN = {"Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}}
MAY = "StringEquals tests 'aws:sourcevpce', which is not known for the request"
NOT_ALLOWED = f"no statement allows 's3:GetObject' on '{OBJECT}'."
LOGIC = [
    ([allow(**OPEN)], "cannot tell", f"statement 1 of 'app' may allow 's3:GetObject' on '{OBJECT}': {MAY}."),
    ([allow(), allow(**OPEN)], "allow", f"statement 1 of 'app' allows 's3:GetObject' on '{OBJECT}'."),
    ([allow(**OPEN), allow()], "allow", f"statement 2 of 'app' allows 's3:GetObject' on '{OBJECT}'."),
    ([deny(**OPEN), allow()], "cannot tell", f"statement 1 of 'app' may deny 's3:GetObject' on '{OBJECT}': {MAY}."),
    (
        [deny(**OPEN), allow(**OPEN)],
        "cannot tell",
        f"statement 1 of 'app' may deny 's3:GetObject' on '{OBJECT}': {MAY}.",
    ),
    ([deny(**OPEN)], "deny", NOT_ALLOWED),
    ([deny(**OPEN), allow("ecr:*")], "deny", NOT_ALLOWED),
    ([deny(**OPEN), deny()], "deny", f"statement 2 of 'app' denies 's3:GetObject' on '{OBJECT}'."),
    ([allow(resources=BUCKET, **OPEN)], "deny", NOT_ALLOWED),
]


@pytest.mark.parametrize(("statements", "expected", "because"), LOGIC)
def test_an_unknown_statement_matters_only_if_it_could_change_the_result(statements, expected, because) -> None:
    decision = evaluate([policy(*statements)], Request("s3:GetObject", OBJECT))

    assert (decision.outcome, decision.because) == (expected, because)


# https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
BOUNDARIES = [
    ([allow()], [allow("*")], "allow"),
    ([allow()], [allow("ecr:*")], "deny"),
    ([allow()], [allow("*"), deny()], "deny"),
    ([], [allow("*")], "deny"),
    ([deny()], [allow("*")], "deny"),
    ([allow()], [], "deny"),
    ([allow()], [allow(**OPEN)], "cannot tell"),
    ([allow()], [allow("*"), deny(**OPEN)], "cannot tell"),
    ([allow(**OPEN)], [allow("*")], "cannot tell"),
    ([allow(**OPEN)], [allow("ecr:*")], "deny"),
    ([], [allow("*"), deny(**OPEN)], "deny"),
]


@pytest.mark.parametrize(("statements", "limits", "expected"), BOUNDARIES)
def test_a_boundary_grants_nothing_and_must_allow_every_call(statements, limits, expected) -> None:
    decision = evaluate([policy(*statements)], Request("s3:GetObject", OBJECT), policy(*limits).document)

    assert decision.outcome == expected


def test_a_denial_by_the_boundary_names_it() -> None:
    request = Request("s3:GetObject", OBJECT)

    assert evaluate([policy(allow())], request, policy(allow("ecr:*")).document) == Decision(
        "deny",
        f"the permissions boundary does not allow 's3:GetObject' on '{OBJECT}'.",
        "permissions boundary",
    )
    assert evaluate([policy(allow())], request, policy(deny()).document) == Decision(
        "deny",
        f"statement 1 of 'permissions boundary' denies 's3:GetObject' on '{OBJECT}'.",
        "permissions boundary",
        deny(),
        explicit=True,
    )


def test_a_statement_may_be_given_without_a_list() -> None:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_statement.html
    alone = Policy("app", "inline", {"Version": "2012-10-17", "Statement": allow()})

    assert evaluate([alone], Request("s3:GetObject", OBJECT)).outcome == "allow"


# An element that IAM would refuse, in a statement that would allow everything without it, and its message.
MALFORMED = [
    ({"Effect": "allow"}, "Effect must be Allow or Deny"),
    ({"Effect": ["Allow"]}, "Effect must be Allow or Deny"),
    ({"Effect": None}, "Effect must be Allow or Deny"),
    ({"Action": None}, "Action must be text or a list of text, and not empty"),
    ({"Action": []}, "Action must be text or a list of text, and not empty"),
    ({"Action": [["*"]]}, "Action must be text or a list of text, and not empty"),
    ({"Action": {"*": "*"}}, "Action must be text or a list of text, and not empty"),
    ({"NotAction": "iam:*"}, "a statement must have either Action or NotAction"),
    ({"Resource": 5}, "Resource must be text or a list of text, and not empty"),
    ({"Resource": ["*", None]}, "Resource must be text or a list of text, and not empty"),
    ({"NotResource": "*"}, "a statement must have either Resource or NotResource"),
    ({"Condition": "none"}, "Condition must be an object; got str"),
    ({"Condition": None}, "Condition must be an object; got NoneType"),
    ({"Conditions": {}}, "'Conditions' is not an element of a role's policy"),
    ({"Principal": "*"}, "'Principal' is not an element of a role's policy"),
]


@pytest.mark.parametrize(("part", "why"), MALFORMED)
def test_a_malformed_statement_neither_allows_nor_is_ignored(part, why) -> None:
    # given: a possible Allow, and a possible Deny beside an Allow
    request = Request("s3:GetObject", OBJECT)
    alone = evaluate([policy({**allow("*"), **part})], request)
    beside = evaluate([policy({**deny("*"), **part}, allow("*"))], request)

    assert (alone.outcome, beside.outcome) == ("cannot tell", "cannot tell")
    assert alone.because.endswith(f": {why}.")


@pytest.mark.parametrize("missing", ["Action", "Resource", "Effect"])
def test_a_statement_without_a_required_element_is_unknown(missing) -> None:
    statement = {key: value for key, value in allow("*").items() if key != missing}

    assert outcome([statement]) == "cannot tell"


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        "policy",
        {},
        {"Version": "2012-10-17"},
        {"Version": "2012-10-17", "Statement": None},
        {"Version": "2012-10-17", "Statement": "Allow"},
        {"Version": "2012-10-17", "Statement": [None]},
        {"Version": "2012-10-17", "Statement": ["Allow"]},
        {"Version": "2026-01-01", "Statement": [allow("*")]},
        {"Version": 5, "Statement": [allow("*")]},
        {"Version": ["2012-10-17"], "Statement": [allow("*")]},
    ],
)
def test_a_malformed_document_is_unknown(document) -> None:
    broken = Policy("broken", "inline", document)
    request = Request("s3:GetObject", OBJECT)

    assert evaluate([broken], request).outcome == "cannot tell"
    assert evaluate([broken, policy(allow("*"))], request).outcome == "cannot tell"


@pytest.mark.parametrize("document", [[], "policy", {}, {"Version": "2012-10-17", "Statement": [None]}])
def test_a_malformed_boundary_is_unknown(document) -> None:
    assert evaluate([policy(allow("*"))], Request("s3:GetObject", OBJECT), document).outcome == "cannot tell"


def test_depth_and_length_raise_no_error() -> None:
    deep: object = "x"
    for _ in range(100_000):
        deep = [deep]
    statements = [allow("*", Condition={"StringEquals": {"a:a": deep}}), allow("*", Sid=deep), allow(deep)]

    for statement in statements:
        decision = evaluate([policy(statement)], Request("s3:GetObject", "x" * 1_000_000, {"a:a": "x"}))

        assert decision.outcome in ("allow", "cannot tell")
        assert len(decision.because) < 400


def test_messages_escape_values_of_policies_and_requests() -> None:
    statement = allow("*", Sid="\x1b[31m\u202e")

    decision = evaluate([policy(statement, name="a\nb")], Request("s3:Get\x07", "\u202e"))

    assert decision.because == r"statement '\x1b[31m\u202e' of 'a\nb' allows 's3:Get\x07' on '\u202e'."


def test_a_compiled_evaluator_gives_the_results_of_single_evaluations() -> None:
    policies = [policy(allow("s3:Get*", f"{BUCKET}/*"), deny("s3:GetObjectAcl")), policy(allow("ecr:*"), name="pull")]
    evaluator = compile_policies(policies, policy(allow("s3:*")).document)
    requests = [
        Request(action, resource)
        for action in ("s3:GetObject", "s3:GetObjectAcl", "ecr:BatchGetImage", "iam:PassRole", "s3:GetObject")
        for resource in (OBJECT, BUCKET, "*")
    ]

    assert [evaluator.evaluate(request) for request in requests] == [
        evaluate(policies, request, policy(allow("s3:*")).document) for request in requests
    ]
    assert [evaluator.evaluate(request).outcome for request in requests[:4]] == ["allow", "deny", "deny", "deny"]
