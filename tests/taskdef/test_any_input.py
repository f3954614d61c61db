"""Tests task definitions with any content: no traceback, no placeholder in an ARN, `*` only if a rule has it."""

from __future__ import annotations

import copy
import json
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskrole.arns import Context
from taskrole.errors import InputError
from taskrole.taskdef import RULES, Derivation, Options, derive, parse_document
from taskrole.taskdef.json_text import parse_json
from taskrole.taskdef.placeholders import find_placeholder
from tests.amount import amount

from .case_table import CASES, TABLE, options_of

HERE = Context("aws", "eu-west-1", "111122223333")
DOCUMENTS = {file.stem: json.loads(file.read_text("utf-8")) for file in sorted(CASES.glob("*.json"))}
OPTIONS = [Options(), *(options_of(case, "aws") for case in TABLE.values() if case.options)]

# The places of a `*` in resources, by rule; anywhere else it would be too wide.
_WHOLE = r"\*"
STARS = {
    "IMG-1": _WHOLE,
    "LOG-1": r"arn:aws:logs:[a-z0-9-]+:111122223333:log-group:[^*]+:log-stream:[^*]+/\*",
    "LOG-2": r"arn:aws:logs:[a-z0-9-]+:111122223333:log-group:[^*:]+:log-stream:\*",
    "SM-DENY": r"arn:aws:secretsmanager:\*:\*:secret:ecs-sc!\*",
    "FL-6": r"arn:aws:s3:::[^*/]+/[^*]*\*",
    "FL-7": r"arn:aws:logs:[a-z0-9-]+:111122223333:log-group:[^*:][^:]+(:\*|:log-stream:[^:]*)?",
    "FL-7-GO": r"arn:aws:logs:[a-z0-9-]+:111122223333:log-group:[^*:][^:]+(:\*|:log-stream:[^:]*)?",
    "FL-4": r"arn:aws:firehose:[a-z0-9-]+:111122223333:deliverystream/[^:/]+",
    "FL-5": r"arn:aws:kinesis:[a-z0-9-]+:111122223333:stream/[^:/]+",
    "FL-8": r"arn:aws:es:[a-z0-9-]+:111122223333:domain/[^*]+/\*",
    "S3F-2": r"arn:aws:s3:::[^*/]+/\*",
    "FSX-3": _WHOLE,
    "EXE-1": _WHOLE,
    "EXE-2": r"\*|arn:aws:logs:eu-west-1:111122223333:log-group:[^*:]+:\*",
    "EXE-5": r"\*|arn:aws:logs:[a-z0-9-]+:111122223333:log-group:[^*:]+:\*",
    "EXE-3": r"\*|arn:aws:s3:::[^*]+\*",
    "GD-1": r"\*|arn:aws:ecr:[a-z0-9-]+:\*:repository/aws-guardduty-agent-fargate",
    "SIDE-XRAY": _WHOLE,
    "SIDE-OTEL": r"\*|arn:aws:logs:eu-west-1:111122223333:log-group:[^*:]+(:log-stream)?:\*",
    "SIDE-CWAGENT": r"\*|arn:aws:logs:eu-west-1:111122223333:log-group:[^*:]+(:log-stream)?:\*",
    "SIDE-FIS": _WHOLE,
}
# Both may have templates, only if an option allows it.
_TEMPLATED = ("FL-4", "FL-5", "FL-7", "FL-7-GO")


def assert_sound(derivation: Derivation, options: Options) -> None:
    for grant in derivation.grants:
        assert grant.rule in RULES
        assert grant.actions
        assert grant.because.isprintable(), grant
        assert len(grant.because) < 600, grant
        for resource in grant.resources:
            plain = re.sub(r"\$\{[*?$]\}", "", resource)
            assert find_placeholder(plain) is None, grant
            assert "$" not in plain, grant
            assert re.fullmatch(r"[\x20-\xff]+", resource), grant
            assert resource.startswith("arn:aws:") or resource == "*", grant
            if "*" in plain:
                assert re.fullmatch(STARS[grant.rule], plain), grant
                templated = grant.rule in _TEMPLATED and "*" in plain.split(":log-stream:")[0].removesuffix(":*")
                assert not templated or options.firelens.templated_values, grant
    for finding in derivation.findings:
        assert finding.code in RULES
        assert finding.message
        assert finding.message.isprintable(), finding
        assert len(finding.message) < 700, finding
        assert re.fullmatch(r"(options:)?(/.*)?", finding.source, re.DOTALL)
        assert finding.source.isprintable() or finding.code in ("TYPE", "KEY", "OPTION-UNUSED"), finding


def derive_anything(data, options: Options) -> None:
    try:
        document = parse_document(data, "x.json")
    except InputError:
        return
    assert_sound(derive([document], HERE, options), options)


ODD = [
    None,
    True,
    False,
    0,
    -1,
    1.5,
    10**40,
    "",
    " ",
    "*",
    "?",
    "$",
    "${*}",
    "${AWS::Region}",
    "$VAR",
    "{{x}}",
    "<account>",
    "XXXXXXXXXXXX",
    "arn:aws:iam::*:role/*",
    "arn:aws:s3:::*/*",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::bucket/k\u202ey\ud800",
    "arn:aws:secretsmanager:*:*:secret:*",
    "arn:aws:secretsmanager:eu-west-1:111122223333:secret:*",
    "arn:aws:ssm:eu-west-1:111122223333:parameter/*",
    "arn:aws-cn:ssm:cn-north-1:111122223333:parameter/x",
    "credentialspec:arn:aws:s3:::bucket/*",
    "credentialspecdomainless:",
    "credentialspecdomainless:file://\u202e\nspec.json",
    "team/\u202e\nname",
    "111122223333.dkr.ecr.eu-west-1.amazonaws.com/*",
    "111122223333.dkr.ecr.eu-west-1.amazonaws.com/",
    "\u0661" * 12,
    "\ud800",
    "\0",
    "🦀" * 40,
    "x" * 5000,
    "/" * 300,
    ":" * 300,
    "a\nb",
    [],
    {},
    [[]],
    [None],
    {"": ""},
    {"name": 5},
    {"a": {"b": {"c": []}}},
]


def paths(value, at=()):
    yield at
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from paths(child, (*at, key))


def replaced(data, path, new):
    if not path:
        return new
    data = copy.deepcopy(data)
    target = data
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = new
    return data


@pytest.mark.hypothesis
@pytest.mark.parametrize("name", DOCUMENTS)
def test_an_odd_value_in_any_field_is_a_finding_without_traceback(name: str) -> None:
    data, dice = DOCUMENTS[name], random.Random(name)
    places = [path for path in paths(data) for _ in range(3)]

    for path in dice.sample(places, amount(len(places))):
        derive_anything(replaced(data, path, dice.choice(ODD)), dice.choice(OPTIONS))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_text_with_an_exchanged_part_is_a_finding_without_traceback(name: str) -> None:
    data, dice = DOCUMENTS[name], random.Random(name)
    texts = [value for value in ODD if isinstance(value, str)]

    for path in paths(data):
        value = data
        for key in path:
            value = value[key]
        if isinstance(value, str) and value:
            start = dice.randrange(len(value))
            end = dice.randrange(start, len(value) + 1)
            derive_anything(
                replaced(data, path, value[:start] + dice.choice(texts) + value[end:]), dice.choice(OPTIONS)
            )


KEYS = sorted(
    {key for document in DOCUMENTS.values() for path in paths(document) for key in path if isinstance(key, str)}
)
TEXTS = sorted(
    {value for value in ODD if isinstance(value, str)}
    | {"s3", "awslogs", "awsfirelens", "ENABLED", "FARGATE", "es", "On"}
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.sampled_from(TEXTS),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner, max_size=6)
    ),
    max_leaves=30,
)


@settings(max_examples=amount(150))
@given(JSON, st.sampled_from(OPTIONS))
def test_any_json_is_read_or_refused(data, options: Options) -> None:
    derive_anything(data, options)
    derive_anything({"containerDefinitions": data}, options)
    derive_anything({"containerDefinitions": [data], "volumes": [data]}, options)


@settings(max_examples=amount(150))
@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_read_as_json_or_refused(content: bytes) -> None:
    problems = []
    try:
        parse_json(content, "x.json")
    except InputError as error:
        problems = str(error).splitlines()
    assert all(problem.startswith("x.json") for problem in problems)


@pytest.mark.parametrize("key", ["awslogs-stream-prefix", "awslogs-group", "awslogs-region"])
@pytest.mark.parametrize("value", [5, None, "${X}", "", ["a"]])
def test_an_unreadable_log_option_widens_no_grant(key: str, value) -> None:
    options = {"awslogs-group": "g", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "p", key: value}
    log = {"logDriver": "awslogs", "options": options}
    container = {"name": "web", "image": "nginx", "logConfiguration": log}
    document = parse_document({"requiresCompatibilities": ["FARGATE"], "containerDefinitions": [container]}, "x.json")

    derivation = derive([document], HERE)

    assert derivation.grants == ()
    assert [finding.severity for finding in derivation.findings if finding.source.endswith(key)] == ["error"]


@pytest.mark.parametrize("value", [5, "${X}", "fsap-*", ["a"], True])
def test_an_unreadable_access_point_gives_no_grant(value) -> None:
    efs = {
        "fileSystemId": "fs-0a1b2c3d",
        "transitEncryption": "ENABLED",
        "authorizationConfig": {"iam": "ENABLED", "accessPointId": value},
    }
    data = {
        "containerDefinitions": [{"name": "web", "image": "nginx"}],
        "volumes": [{"name": "v", "efsVolumeConfiguration": efs}],
    }

    derivation = derive([parse_document(data, "x.json")], HERE)

    assert derivation.grants == ()
    assert any(finding.severity == "error" for finding in derivation.findings)
