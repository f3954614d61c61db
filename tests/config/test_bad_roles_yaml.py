"""Tests invalid roles.yaml files: a line for each problem with place, rule, value and fix, all at once."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from taskrole.config import load_config
from taskrole.config.load import parse_config
from taskrole.errors import InputError
from taskrole.reading import LARGEST_FILE

ROLE = "version: 1\nstacks:\n  s:\n    region: eu-west-1\n    account: '111122223333'\n    roles:\n      web:\n"
BODY = " " * 8
KIND = f"{BODY}kind: execution\n"


def problems(content: str | bytes) -> list[str]:
    data = content if isinstance(content, bytes) else textwrap.dedent(content).encode()
    with pytest.raises(InputError) as caught:
        parse_config(data, "roles.yaml")
    return str(caught.value).splitlines()


def role(**settings: str) -> str:
    return ROLE + KIND + "".join(f"{BODY}{key}: {value}\n" for key, value in settings.items())


NOT_READABLE = {
    "not YAML": (
        "version: [1",
        "roles.yaml:2:1: version: is not YAML: did not find expected ',' or ']'",
    ),
    "empty": ("", "roles.yaml: is empty; must have the keys version and stacks"),
    "only a comment": ("# nothing\n", "roles.yaml: is empty; must have the keys version and stacks"),
    "a list": ("- a\n", "roles.yaml:1:1: must be a mapping with the keys version and stacks"),
    "binary": (b"\xff\xfe\x00\x01", "roles.yaml:1:1: must be UTF-8 text; byte 0 is not"),
    "a control character": (b"a: \x00", "roles.yaml: is not YAML: unacceptable character #x0000"),
    "two documents": ("a: 1\n---\nb: 2\n", "roles.yaml:2:1: must be a single YAML document; a second begins here"),
    "a tag that runs code": (
        "version: !!python/object/apply:os.system ['true']\n",
        "roles.yaml:1:10: must not use YAML tags; got 'tag:yaml.org,2002:python/object/apply:os.system'",
    ),
    "a tag of a text": ("version: !env VERSION\n", "roles.yaml:1:10: must not use YAML tags; got '!env'"),
    "too deep": ("a: " + "[" * 40, "roles.yaml:1:35: a[0]"),
    "a mapping as key": ("? {a: 1}\n: 2\n", "must have strings as keys; got a mapping or list"),
    "an alias to itself": ("a: &x [*x]\n", "alias 'x' is undefined or recursive"),
    "a merge key": (
        "a: &x {b: 1}\nc: {<<: *x}\n",
        "roles.yaml:2:5: c: merge keys (<<) are not read; move shared settings to defaults",
    ),
    "a repeated key": (
        "version: 1\nversion: 2\n",
        "roles.yaml:2:1: duplicate key 'version', first in line 1",
    ),
}


@pytest.mark.parametrize(("content", "message"), NOT_READABLE.values(), ids=NOT_READABLE)
def test_unreadable_yaml_is_refused(content: str | bytes, message: str) -> None:
    (problem,) = problems(content)
    assert message in problem


def test_a_number_with_more_digits_than_python_accepts_is_read_as_text() -> None:
    (problem, *_) = problems(f"version: {'9' * 5_000}\nstacks: {{}}\n")

    assert problem.startswith("roles.yaml:1:1: version: must be 1; got ")


def test_exponential_aliases_are_stopped_early() -> None:
    levels = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]\n" for n in range(1, 10))

    (problem,) = problems(f"l0: &l0 [a, a, a, a, a, a, a, a, a, a]\n{levels}")

    assert "must have at most 200000 values, with aliases expanded" in problem


def test_a_file_of_50_megabytes_is_refused_early(tmp_path: Path) -> None:
    large = tmp_path / "roles.yaml"
    with large.open("wb") as stream:
        stream.truncate(10 * LARGEST_FILE)

    with pytest.raises(InputError, match="must be at most 5 MiB;"):
        load_config(large)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: None, "no such file; set another with --config"),
        (lambda path: path.mkdir(), "cannot be read: Is a directory"),
    ],
    ids=["missing", "a folder"],
)
def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path, make, message: str) -> None:
    path = tmp_path / "roles.yaml"
    make(path)

    with pytest.raises(InputError) as caught:
        load_config(path)

    assert str(caught.value) == f"{path}: {message}"


SINGLE = {
    "an unknown key": (
        role(managed_polices="[]"),
        "roles.yaml:9:9: stacks.s.roles.web.managed_polices: unknown key 'managed_polices'; "
        "did you mean managed_policies?",
    ),
    "a key of Terraform's": (
        role(assume_role_policy="x"),
        "roles.yaml:9:9: stacks.s.roles.web.assume_role_policy: unknown key 'assume_role_policy'; "
        "use trust or trust_policy",
    ),
    "an account as a number": (
        ROLE.replace("'111122223333'", "011122223333") + KIND,
        "roles.yaml:5:5: stacks.s.account: must be text; got '011122223333', which YAML reads as a number; "
        'write "011122223333"',
    ),
    "an account too short": (
        ROLE.replace("111122223333", "11112222333") + KIND,
        "roles.yaml:5:5: stacks.s.account: an account must be 12 digits in quotes; got '11112222333'",
    ),
    "a role name of 65 characters": (
        ROLE.replace("web", "r" * 65) + KIND,
        f"roles.yaml:7:7: stacks.s.roles.{'r' * 65}: a role's name must be 1 to 64 characters long; got 65, "
        f"'{'r' * 65}'; '{'r' * 64}' would fit",
    ),
    "a role name with a slash": (
        ROLE.replace("web", "a/b") + KIND,
        "roles.yaml:7:7: stacks.s.roles.a/b: a role's name must be letters, digits and _+=,.@-; got '/' in 'a/b'",
    ),
    "a prefix of 39 characters": (
        role(name_prefix="p" * 39),
        f"name_prefix must be 1 to 38 characters long; got 39, '{'p' * 39}'; '{'p' * 38}' would fit",
    ),
    "a policy with a typo": (
        role(managed_policies="[CloudWatchLogFullAccess]"),
        "roles.yaml:9:28: stacks.s.roles.web.managed_policies[0]: no AWS managed policy is named "
        "'CloudWatchLogFullAccess'; did you mean 'CloudWatchLogsFullAccess'?",
    ),
    "a policy without its path": (
        role(managed_policies="[AmazonECSTaskExecutionRolePolicy]"),
        "did you mean 'service-role/AmazonECSTaskExecutionRolePolicy'?",
    ),
    "a policy that AWS does not have": (
        role(managed_policies="[Xyzzy]"),
        "or a customer managed policy, use the ARN, such as arn:aws:iam::aws:policy/NAME",
    ),
    "a known policy by its ARN": (
        role(managed_policies="['arn:aws:iam::aws:policy/CloudWatchLogsFullAccess']"),
        "must be 'CloudWatchLogsFullAccess', which works in every partition",
    ),
    "a policy of service-linked roles": (
        role(managed_policies="[aws-service-role/AmazonECSServiceRolePolicy]"),
        "can be attached to a service-linked role only",
    ),
    "a policy twice": (
        role(managed_policies="[CloudWatchLogsFullAccess, CloudWatchLogsFullAccess]"),
        "stacks.s.roles.web.managed_policies[1]: 'CloudWatchLogsFullAccess' is a duplicate of item 1",
    ),
    "21 policies": (
        role(managed_policies=f"[{', '.join(f'arn:aws:iam::111122223333:policy/p{n}' for n in range(21))}]"),
        "a role can have 20 managed policies; got 21; merge some into statements",
    ),
    "a boundary of another partition": (
        role(permissions_boundary="arn:aws-cn:iam::111122223333:policy/boundary"),
        "roles.yaml:9:9: stacks.s.roles.web.permissions_boundary: stack s is in partition aws; got an ARN of partition "
        "aws-cn: 'arn:aws-cn:iam::111122223333:policy/boundary'",
    ),
    "a boundary of another account": (
        role(permissions_boundary="arn:aws:iam::444455556666:policy/boundary"),
        "must be a policy of account 111122223333, as the role is; got a policy of 444455556666",
    ),
    "a boundary that is a role": (
        role(permissions_boundary="arn:aws:iam::111122223333:role/boundary"),
        "must be the ARN of a managed policy, arn:PARTITION:iam::ACCOUNT:policy/NAME",
    ),
    "an ARN of five parts": (
        role(permissions_boundary="arn:aws:iam::111122223333"),
        "must be an ARN, arn:partition:service:region:account:resource; got 'arn:aws:iam::111122223333'",
    ),
    "an ARN of no partition": (
        role(permissions_boundary="arn:amazon:iam::111122223333:policy/b"),
        "must have a partition of aws, aws-cn,",
    ),
    "an unknown region": (
        ROLE.replace("eu-west-1", "eu-west-9") + KIND,
        "roles.yaml:4:5: stacks.s.region: unknown region 'eu-west-9'; nearest are eu-west-3, eu-west-2, eu-west-1; "
        "for a newer region, set partition too",
    ),
    "a region of another partition": (
        ROLE.replace("region: eu-west-1", "region: cn-north-1\n    partition: aws") + KIND,
        "region 'cn-north-1' is not in partition aws; it is in aws-cn",
    ),
    "no region": (
        ROLE.replace("    region: eu-west-1\n", "") + KIND,
        "roles.yaml:3:3: stacks.s: must have a region; set region in the stack or in defaults",
    ),
    "a path without slashes": (
        role(path="ecs"),
        "a path must begin and end with / and have no spaces; got 'ecs'; write '/ecs/'",
    ),
    "a description of 1,001 characters": (
        role(description="x" * 1001),
        "a description must be at most 1000 characters long; got 1001",
    ),
    "a description beyond Latin-1": (
        role(description="läuft → gut"),
        "characters in a description must be at most U+00FF; got '→'",
    ),
    "a session of a minute": (role(max_session_duration="60"), "max_session_duration must be 3600 to 43200 seconds"),
    "a tag key of AWS's": (role(tags="{aws:x: y}"), "must not begin with aws:, which is reserved for AWS"),
    "an expression in a tag": (
        role(tags="{x: '${aws_iam_role.x.arn}'}"),
        "a tag's value must be letters, digits, spaces and _.:/=+-@; got '$' in '${aws_iam_role.x.arn}'",
    ),
    "51 tags": (role(tags=f"{{{', '.join(f't{n}: v' for n in range(51))}}}"), "a role can have 50 tags; got 51"),
    "tags that differ in case": (role(tags="{Team: a, team: b}"), "tag keys must differ in more than case"),
    "trust without an account": (
        ROLE.replace("    account: '111122223333'\n", "") + f"{BODY}kind: task\n",
        "roles.yaml:6:7: stacks.s.roles.web: trust: full needs the account; set account, or trust: off",
    ),
    "an unknown keyword of trust": (role(trust="open"), "must be full, account or off; got 'open'"),
    "trust in everybody": (
        role(trust="{principals: {aws: ['*']}}"),
        "must be an ARN, arn:partition:service:region:account:resource; got '*'",
    ),
    "trust in all roles": (
        role(trust="{principals: {aws: ['arn:aws:iam::111122223333:role/*']}}"),
        "must be the ARN of a role, user or account, without wildcards",
    ),
    "a trust policy that is too large": (
        role(
            trust="{principals: {aws: [%s]}}"
            % ", ".join(f"'arn:aws:iam::111122223333:role/{n:040}'" for n in range(30))
        ),
        "a trust policy must be at most 2048 characters long; got ",
    ),
    "no kind": (ROLE + f"{BODY}path: /\n", "roles.yaml:7:7: stacks.s.roles.web: must have the key kind"),
    "an invalid kind": (role().replace("execution", "exec"), "must be execution or task; got 'exec'"),
    "a word for a truth value": (role(exclusive="yes"), "must be true or false; got 'yes'"),
    "a word for a list": (role(managed_policies="x"), "must be a list; got 'x'"),
    "an action without service": (
        role(statements="[{Effect: Allow, Action: GetObject, Resource: '*'}]"),
        "an action must be service:Action, such as s3:GetObject; got 'GetObject'",
    ),
    "a resource that is no ARN": (
        role(statements="[{Effect: Allow, Action: s3:GetObject, Resource: bucket/key}]"),
        "a resource must be * or an ARN of six parts; got 'bucket/key'",
    ),
    "a resource of another partition": (
        role(statements="[{Effect: Allow, Action: s3:GetObject, Resource: 'arn:aws-cn:s3:::b/k'}]"),
        "never matches: stack s is in partition aws; got 'arn:aws-cn:s3:::b/k'",
    ),
    "a resource beyond Latin-1": (
        role(statements="[{Effect: Allow, Action: s3:GetObject, Resource: 'arn:aws:s3:::b/鍵'}]"),
        "characters in a policy must be at most U+00FF; replace each other character by ?",
    ),
    "Action and NotAction": (
        role(statements="[{Effect: Allow, Action: s3:GetObject, NotAction: s3:GetObject, Resource: '*'}]"),
        "must have either Action or NotAction; got 2 of them",
    ),
    "no Resource": (
        role(statements="[{Effect: Allow, Action: s3:GetObject}]"),
        "must have either Resource or NotResource; got 0 of them",
    ),
    "an invalid operator": (
        role(statements="[{Effect: Allow, Action: s3:GetObject, Resource: '*', Condition: {StringIs: {a: b}}}]"),
        "unknown condition operator 'StringIs'",
    ),
    "a Sid twice": (
        role(statements="[%s]" % ", ".join(["{Sid: A, Effect: Allow, Action: s3:GetObject, Resource: '*'}"] * 2)),
        "Sids must be unique; got 'A' 2 times",
    ),
    "a principal in a statement": (
        role(statements="[{Effect: Allow, Principal: '*', Action: s3:GetObject, Resource: '*'}]"),
        "unknown key 'Principal'; known are Action, Condition, Effect, NotAction, NotResource, Resource, Sid",
    ),
    "inline policies that are too large": (
        role(
            statements="[{Effect: Allow, Action: s3:GetObject, Resource: [%s]}]"
            % ", ".join(f"'arn:aws:s3:::{'b' * 60}/{n:04}'" for n in range(150))
        ),
        "a role's inline policies together must be at most 10240 characters, not counting white space; got 12",
    ),
    "a managed policy that is too large": (
        role(
            policy_delivery="managed",
            statements="[{Effect: Allow, Action: s3:GetObject, Resource: [%s]}]"
            % ", ".join(f"'arn:aws:s3:::{'b' * 60}/{n:04}'" for n in range(80)),
        ),
        "a managed policy must be at most 6144 characters, not counting white space; got 6",
    ),
    "an S3 backend without a bucket": (
        role().replace("stacks:", "backend: {type: s3}\nstacks:"),
        "roles.yaml:2:1: backend: must have the key bucket",
    ),
    "a bucket for a local backend": (
        role().replace("stacks:", "backend: {type: local, bucket: b}\nstacks:"),
        "backend.bucket: unknown key 'bucket'; known are path, type",
    ),
    "a bucket in no region": (
        "backend: {type: s3, bucket: abc, region: euwest1}\n" + role(),
        "roles.yaml:1:34: backend.region: must be a region; got 'euwest1'; nearest are eu-west-1, us-west-1, me-west-1",
    ),
    "a lock table": (
        role().replace("stacks:", "backend: {type: s3, bucket: abc, dynamodb_table: t}\nstacks:"),
        "use_lockfile, the default, locks the state in S3",
    ),
    "a key without encryption": (
        role().replace("stacks:", "backend: {type: s3, bucket: abc, encrypt: false, kms_key_id: k}\nstacks:"),
        "backend.kms_key_id: needs encrypt: true",
    ),
    "a session's name with a letter beyond ASCII": (
        "backend: {type: s3, bucket: abc, assume_role: {role_arn: 'arn:aws:iam::111122223333:role/r', "
        "session_name: müller}}\n" + role(),
        "roles.yaml:1:94: backend.assume_role.session_name: must match ^[A-Za-z0-9_+=,.@-]+$; got 'müller'",
    ),
    "a session's name of 65 characters": (
        "backend: {type: s3, bucket: abc, assume_role: {role_arn: 'arn:aws:iam::111122223333:role/r', "
        f"session_name: {'x' * 65}}}}}\n" + role(),
        "roles.yaml:1:94: backend.assume_role.session_name: must have at most 64 characters; got 65: 'xxx",
    ),
    "a role named as the address of another": (
        role().replace("      web:\n", "      a.b: {kind: execution}\n      a_b_2e7336:\n"),
        "roles.yaml:8:7: stacks.s.roles.a_b_2e7336: would get the Terraform address of role 'a.b', a_b_2e7336; "
        "rename one role",
    ),
    "an invalid backend": (
        role().replace("stacks:", "backend: {type: gcs}\nstacks:"),
        "backend: must be local, s3, cloud; got 'gcs'",
    ),
    "a backend without a type": (
        role().replace("stacks:", "backend: {bucket: b}\nstacks:"),
        "backend: must have the key type: local, s3 or cloud",
    ),
    "a state outside the project": (
        role().replace("stacks:", "backend: {type: local, path: ../x.tfstate}\nstacks:"),
        "the path of a local state must be relative and inside of the project; got '../x.tfstate'",
    ),
    "a stack named like a path": (
        role().replace("  s:", "  a/b:"),
        "stacks.a/b: a stack name must be a letter and up to 63 letters, digits, - and _; got 'a/b'",
    ),
    "another version": (role().replace("version: 1", "version: 2"), "roles.yaml:1:1: version: must be 1; got 2"),
}


@pytest.mark.parametrize(("content", "message"), SINGLE.values(), ids=SINGLE)
def test_a_mistake_gives_a_single_problem_with_rule_and_value(content: str, message: str) -> None:
    messages = problems(content)

    assert len(messages) == 1, messages
    assert message in messages[0]


def test_two_roles_whose_names_differ_only_in_case_are_refused() -> None:
    messages = problems(role() + "      Web:\n" + KIND)

    assert messages == [
        "roles.yaml:9:7: stacks.s.roles.Web: role names must be unique in account 111122223333, ignoring case; "
        "'Web' is in use by role 'web' of stack s"
    ]


def test_two_stacks_with_the_same_state_are_refused() -> None:
    content = role().replace("stacks:", "backend: {type: s3, bucket: abc, key: state}\nstacks:")

    messages = problems(
        content + "  t:\n    region: eu-west-1\n    account: '444455556666'\n    roles: {x: {kind: task}}\n"
    )

    assert messages == [
        "roles.yaml:2:1: backend: stacks s and t would share one state, 'state'; remove key, "
        "or set a different one in each stack"
    ]


def test_attachments_with_the_same_terraform_address_are_refused() -> None:
    own = "'arn:aws:iam::111122223333:policy/CloudWatchLogsFullAccess'"
    other = f"      web_customer:\n{KIND}{BODY}managed_policies: [CloudWatchLogsFullAccess]\n"

    (problem,) = problems(role(managed_policies=f"[{own}]") + other)

    assert problem.endswith("of role web, web_customer_CloudWatchLogsFullAccess; rename one role")


def test_all_problems_of_a_file_are_reported_at_once_in_order() -> None:
    messages = problems(
        """\
        version: 1
        defaults: {acount: '1', path: ecs}
        backend: {type: s3}
        stacks:
          prod:
            region: eu-west-9
            account: 011122223333
            roles:
              web:
                kind: exec
                managed_policies: [CloudWatchLogFullAccess]
              api:
                kind: task
                statements: [{Effect: Allow, Action: GetObject, Resourc: '*'}]
        """
    )

    assert [problem.split(": ")[0] for problem in messages] == [
        "roles.yaml:2:12",
        "roles.yaml:2:25",
        "roles.yaml:3:1",
        "roles.yaml:6:5",
        "roles.yaml:7:5",
        "roles.yaml:10:9",
        "roles.yaml:11:28",
        "roles.yaml:14:22",
        "roles.yaml:14:38",
        "roles.yaml:14:57",
    ]


def test_control_sequences_in_a_value_are_escaped() -> None:
    (problem,) = problems(role(path='"\\e[31mred\\u202e"'))

    assert "\x1b" not in problem
    assert "\u202e" not in problem
    assert "\\x1b[31m" in problem


LONG = "x+" * 5_000


@pytest.mark.parametrize(
    "content",
    [
        ROLE.replace("eu-west-1", LONG) + KIND,
        ROLE.replace("region: eu-west-1", f"region: eu-west-1\n    partition: {LONG}") + KIND,
        ROLE.replace("'111122223333'", f"'{LONG}'") + KIND,
        ROLE.replace("  s:", f"  {LONG}:") + KIND,
        ROLE + KIND.replace("execution", LONG),
        role(path=LONG, permissions_boundary=LONG, max_session_duration=LONG, trust=LONG),
        role(managed_policies=f"[{LONG}]", kms_keys=f"{{a: {LONG}}}", **{LONG: "1"}),
        role(statements=f"[{{Effect: {LONG}, Action: {LONG}, Resource: {LONG}}}]"),
        role(trust=f"{{principals: {{aws: [{LONG}], service: [{LONG}]}}}}"),
    ],
    ids=range(9),
)
def test_a_long_value_is_cut_in_its_message(content: str) -> None:
    messages = problems(content)

    assert max(map(len, messages)) < 1_000
