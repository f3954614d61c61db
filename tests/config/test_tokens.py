"""Tests that text which CDKTF would replace is a problem of roles.yaml with its location."""

from __future__ import annotations

import pytest

from taskrole.config.load import parse_config
from taskrole.config.tokens import TOKEN, check_tokens
from taskrole.errors import InputError
from taskrole.yaml_reader import read_yaml

HEAD = """\
version: 1
stacks:
  s:
    region: eu-west-1
    account: "111122223333"
"""
ROLE = f"{HEAD}    roles:\n      web:\n        kind: task\n"
TEXT = "x${TfToken[TOKEN.0]}"
SAID = f"must not contain ${{TfToken[, which CDKTF replaces; got '{TEXT}'"
DOCUMENT = f"{{Statement: {{Effect: Allow, Action: '*', Resource: '{TEXT}'}}}}"
WEB = "stacks.s.roles.web"

# The text, and its location; columns count from the beginning of the line.
PLACES: dict[str, tuple[str, str]] = {
    "a description": (f"{ROLE}        description: '{TEXT}'\n", f"9:9: {WEB}.description"),
    "a text in YAML's escapes": (
        f'{ROLE}        description: "x\\x24{{TfToken[TOKEN.0]}}"\n',
        f"9:9: {WEB}.description",
    ),
    "a resource": (
        f"{ROLE}        statements:\n          - Effect: Allow\n            Action: s3:GetObject\n"
        f"            Resource: ['arn:aws:s3:::a', 'arn:aws:s3:::{TEXT}']\n",
        f"12:42: {WEB}.statements[0].Resource[1]",
    ),
    "a condition's value": (
        f"{ROLE}        statements:\n          - {{Effect: Allow, Action: '*', Resource: '*',\n"
        f"             Condition: {{StringEquals: {{'aws:PrincipalTag/team': '{TEXT}'}}}}}}\n",
        f"11:41: {WEB}.statements[0].Condition.StringEquals.aws:PrincipalTag/team",
    ),
    "a condition's key": (
        f"{ROLE}        statements:\n          - {{Effect: Allow, Action: '*', Resource: '*',\n"
        f"             Condition: {{StringEquals: {{'{TEXT}': team}}}}}}\n",
        f"11:41: {WEB}.statements[0].Condition.StringEquals.{TEXT}",
    ),
    "an inline policy": (
        f"{ROLE}        inline_policies:\n          own: {DOCUMENT}\n",
        f"10:57: {WEB}.inline_policies.own.Statement.Resource",
    ),
    "a grant": (
        f"{ROLE}        grants:\n          - access: read\n            resources: 'arn:aws:s3:::{TEXT}'\n",
        f"11:13: {WEB}.grants[0].resources",
    ),
    "a backend": (f"backend: {{type: local, path: '{TEXT}'}}\n{ROLE}", "1:24: backend.path"),
}


@pytest.mark.parametrize(("text", "place"), PLACES.values(), ids=PLACES)
def test_a_token_is_reported_with_its_line_and_column(text: str, place: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_config(text.encode(), "roles.yaml")

    (problem,) = caught.value.problems
    assert str(problem).startswith(f"roles.yaml:{place}: must not contain {TOKEN}, which CDKTF replaces; got '")


def test_all_tokens_are_reported_at_once() -> None:
    text = f"{ROLE}        description: '{TEXT}'\n        tags: {{a: b}}\n        path: '/{TEXT}/'\n"

    messages = [str(problem) for problem in check_tokens(read_yaml(text.encode(), "roles.yaml"))]

    assert sorted(messages) == [
        f"roles.yaml:11:9: {WEB}.path: {SAID.replace(TEXT, f'/{TEXT}/')}",
        f"roles.yaml:9:9: {WEB}.description: {SAID}",
    ]


@pytest.mark.parametrize("text", ["${aws:username}", "${TfToken", "$${Tf Token[", "TfToken[TOKEN.0]"])
def test_text_that_is_not_a_token_is_accepted(text: str) -> None:
    spec = parse_config(f"{ROLE}        description: '{text}'\n".encode(), "roles.yaml").stacks[0]

    assert spec.roles[0].description == text
