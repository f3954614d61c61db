"""Tests adopted roles: adopt, trust_policy and inline_policies, copied verbatim or refused."""

from __future__ import annotations

import textwrap

import pytest

from taskrole.config.load import parse_config
from taskrole.errors import InputError
from taskrole.policy.documents.policy import Policy
from taskrole.role import Role

HEAD = "version: 1\nstacks:\n  s:\n    region: eu-west-1\n    account: '111122223333'\n    roles:\n      web:\n"
ROLE = "stacks.s.roles.web"


def role(settings: str) -> Role:
    text = HEAD + textwrap.indent(f"kind: task\n{textwrap.dedent(settings)}", " " * 8)
    return parse_config(text.encode(), "roles.yaml").stacks[0].roles[0]


def problems(settings: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        role(settings)
    return [line.partition(": ")[2] for line in str(caught.value).splitlines()]


def test_policies_are_copied_verbatim_with_order_and_repetitions() -> None:
    raw_role = role("""\
        adopt: true
        trust_policy:
          Version: "2008-10-17"
          Statement: {Sid: "", Effect: Allow, NotPrincipal: {AWS: "arn:aws:iam::1:root"}, Action: "sts:*"}
        inline_policies:
          b: {Statement: [{Effect: Deny, NotAction: [s3:Z, s3:A, s3:A], NotResource: "*", Condition: {New: {k: 1}}}]}
          a: {Version: "2012-10-17", Id: x, Statement: {Effect: Allow, Action: "*", Resource: "*"}}
        """)

    assert raw_role.trust == {
        "Version": "2008-10-17",
        "Statement": [
            {"Sid": "", "Effect": "Allow", "NotPrincipal": {"AWS": "arn:aws:iam::1:root"}, "Action": "sts:*"}
        ],
    }
    denied = {
        "Effect": "Deny",
        "NotAction": ["s3:Z", "s3:A", "s3:A"],
        "NotResource": "*",
        "Condition": {"New": {"k": 1}},
    }
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    assert raw_role.policies == (
        Policy("a", "inline", {"Version": "2012-10-17", "Id": "x", "Statement": [everything]}),
        Policy("b", "inline", {"Statement": [denied]}),
    )
    assert (raw_role.adopt, raw_role.adopted_policies) == (True, ("a", "b"))


def test_a_verbatim_trust_policy_needs_no_account() -> None:
    text = HEAD.replace("    account: '111122223333'\n", "")
    statement = "{Effect: Allow, Principal: '*', Action: 'sts:AssumeRole'}"
    text += f"        kind: task\n        trust_policy: {{Statement: {statement}}}\n"

    (raw_role,) = parse_config(text.encode(), "roles.yaml").stacks[0].roles

    assert raw_role.trust["Statement"][0]["Principal"] == "*"


ALLOW = "{Effect: Allow, Action: 's3:GetObject', Resource: '*'}"
REFUSED = {
    "trust beside trust_policy": (
        "trust: off\ntrust_policy: {Statement: {Effect: Allow, Principal: '*', Action: 'sts:AssumeRole'}}",
        f"{ROLE}.trust_policy: conflicts with trust; remove one of them",
    ),
    "a prefix of a role that has its full name": (
        "adopt: true\nname_prefix: web-",
        f"{ROLE}.adopt: needs the full name of the role, as its key; remove name_prefix",
    ),
    "a name that is not a policy": (
        f"inline_policies: {{'a b': {{Statement: {ALLOW}}}}}",
        f"{ROLE}.inline_policies.a b: a policy name must be 1 to 128 letters, digits and _+=,.@-; got 'a b'",
    ),
    "the name of taskrole's own policy": (
        f"statements: [{ALLOW}]\ninline_policies: {{permissions: {{Statement: {ALLOW}}}}}",
        f"{ROLE}.inline_policies.permissions: is the name of the policy that taskrole makes from statements; "
        "merge the two",
    ),
    "no statement": (
        "inline_policies: {p: {Statement: []}}",
        f"{ROLE}.inline_policies.p: a policy's Statement must be a statement or a list of statements; got []",
    ),
    "a key that no policy has": (
        f"inline_policies: {{p: {{Statements: {ALLOW}}}}}",
        f"{ROLE}.inline_policies.p: a policy must have Version, Id and Statement only; got 'Statements'",
    ),
    "a version that IAM does not know": (
        f"inline_policies: {{p: {{Version: 2020-01-01, Statement: {ALLOW}}}}}",
        f"{ROLE}.inline_policies.p: a policy's Version must be 2012-10-17 or 2008-10-17; got '2020-01-01'",
    ),
    "a principal in an identity policy": (
        "inline_policies: {p: {Statement: {Effect: Allow, Principal: '*', Action: '*', Resource: '*'}}}",
        f"{ROLE}.inline_policies.p: statement 1 has an unknown element 'Principal'; must be one of Action, "
        "Condition, Effect, NotAction, NotResource, Resource, Sid",
    ),
    "an invalid effect": (
        "inline_policies: {p: {Statement: [{Effect: Maybe, Action: '*', Resource: '*'}]}}",
        f"{ROLE}.inline_policies.p: statement 1 must have an Effect, Allow or Deny; got 'Maybe'",
    ),
    "a statement without resources": (
        f"inline_policies: {{p: {{Statement: [{ALLOW}, {{Effect: Allow, Action: '*'}}]}}}}",
        f"{ROLE}.inline_policies.p: statement 2 must have either Resource or NotResource; got 0 of them",
    ),
    "a trust policy without principal": (
        "trust_policy: {Statement: [{Effect: Allow, Action: 'sts:AssumeRole'}]}",
        f"{ROLE}.trust_policy: statement 1 must have either Principal or NotPrincipal; got 0 of them",
    ),
    "a character that no policy holds": (
        "inline_policies: {p: {Statement: [{Effect: Allow, Action: '*', Resource: 'arn:aws:s3:::\u4e00'}]}}",
        f"{ROLE}.inline_policies.p: characters in a policy must be at most U+00FF; got '\u4e00'",
    ),
    "more than a role can hold": (
        f"inline_policies: {{p: {{Statement: {{Effect: Allow, Action: '*', Resource: 'arn:{'x' * 10_300}'}}}}}}",
        f"{ROLE}.inline_policies: a role's inline policies together must be at most 10240 characters; got 10363",
    ),
    "a trust policy larger than AWS allows on request": (
        f"trust_policy: {{Statement: {{Effect: Allow, Principal: {{AWS: '{'x' * 4_096}'}}, Action: '*'}}}}",
        f"{ROLE}.trust_policy: a trust policy must be at most 4096 characters long; got 4164",
    ),
}


@pytest.mark.parametrize(("settings", "problem"), REFUSED.values(), ids=REFUSED)
def test_a_policy_that_iam_would_refuse_is_a_problem_of_the_file(settings: str, problem: str) -> None:
    assert problems(settings) == [problem]


def test_two_inline_policies_do_not_share_a_terraform_address() -> None:
    text = HEAD + "        {kind: task, statements: [" + ALLOW + "]}\n"
    text = text.replace("      web:\n", "      web_x:\n")
    text += f"      web: {{kind: task, inline_policies: {{x_permissions: {{Statement: {ALLOW}}}}}}}\n"

    with pytest.raises(InputError) as caught:
        parse_config(text.encode(), "roles.yaml")

    assert str(caught.value).partition("x_permissions: ")[2] == (
        "would get the Terraform address of policy permissions of role web_x, web_x_permissions; rename one of them"
    )
