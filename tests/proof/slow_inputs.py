"""Inputs that were slow, or would be with a comparison of all pairs: files of a size, and the verb to run.

python -m tests.proof.slow_inputs [NAME]
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.proof.slow_input_files import (
    ACCOUNT,
    ARN,
    Files,
    allow,
    plan,
    plan_of,
    policy_change,
    policy_file,
    role_change,
    roles_file,
    task_definition,
    trust,
)
from tests.proof.slow_input_files import document as policy
from tests.proof.slow_input_policies import (
    blocks,
    condition_keys,
    condition_values,
    conditions,
    denied_others,
    log_groups_and_policy,
    not_actions,
    secrets_and_policy,
    statement_actions,
    waiting,
    wild_actions,
    wild_bombs,
    wild_resources,
)

MOST_SECONDS, MOST_MEGABYTES = 2.0, 300
_EXIT_CODES = (0, 1, 3, 4)
# Linux counts the largest memory of the parent process too, so a small process starts it.
_MEASURE = """
import os, sys
_, status, usage = os.wait4(os.posix_spawn("/bin/sh", sys.argv[1:], os.environ), 0)
print(usage.ru_utime + usage.ru_stime, usage.ru_maxrss, os.waitstatus_to_exitcode(status))
"""

VALIDATE = ("validate",)
LOCK = ("lock",)
SHOW = ("show",)
EXPORT = ("export", "main", "--to", "out")
_WHERE = ("--region", "eu-west-1", "--account", ACCOUNT)
DERIVE = ("derive", "task.json", *_WHERE)
CHECK = ("check", "task.json", *_WHERE, "--role", "policy.json")
REVIEW = ("review", "plan.json")
SOURCE = (*REVIEW, "--source", ".")

_LEVELS = ["read", "write", "list", "tagging", "permissions-management"]


@dataclass(frozen=True)
class SlowInput:
    """`size` is that of the proof; `few` one of which steps are counted, 0 where they are not.

    `each` is the most steps of each part of the input, about a quarter above the measured number; 0 for no limit.
    """

    arguments: tuple[str, ...]
    files: Callable[[int], Files]
    size: int
    few: int = 0
    each: int = 0


def _levels(size: int) -> Files:
    return roles_file({"grants": [{"access": _LEVELS, "resources": [f"arn:aws:s3:::b{i}/*" for i in range(size)]}]})


def _s3_roles(size: int) -> Files:
    grants = [{"access": ["read"], "resources": [f"arn:aws:s3:::b{number}/*"]} for number in range(20)]
    return roles_file(*({"grants": grants} for _ in range(size)))


def _misspelt(size: int) -> Files:
    return roles_file(*({"managed_policies": [f"AmazonS3ReadOnlyAcces{number}"]} for number in range(size)))


def _secrets(size: int) -> Files:
    secrets = [{"name": f"S{number}", "valueFrom": f"{ARN}-{number}-a1B2c3"} for number in range(size)]
    return task_definition({"secrets": secrets})


def _long_texts(text: str) -> Files:
    secrets = [{"name": "x", "valueFrom": text}, {"name": "y", "valueFrom": ARN + text}]
    container = {"image": text, "secrets": secrets, "environment": [{"name": text, "value": text}]}
    return task_definition(container, executionRoleArn=f"arn:aws:iam::{ACCOUNT}:role/{text}", taskRoleArn=text)


def _trust(*statements: dict) -> Files:
    return plan(None, policy(allow()), trust_after=trust(*statements))


def _assume(action: str = "sts:AssumeRole", principal: object = "*") -> dict:
    return {"Effect": "Allow", "Action": action, "Principal": {"AWS": principal}}


SLOW_INPUTS = {
    "misspelt policies": SlowInput(VALIDATE, _misspelt, 5_000, 40),
    "misspelt keys": SlowInput(VALIDATE, lambda n: roles_file({f"descripton{i}": "x" for i in range(n)}), 5_000, 40),
    "five access levels on many resources": SlowInput(VALIDATE, _levels, 5_000, 40, each=110),
    "five access levels, locked": SlowInput(LOCK, _levels, 5_000),
    "five access levels, exported": SlowInput(EXPORT, _levels, 5_000),
    "100 roles of 20 S3 grants": SlowInput(VALIDATE, _s3_roles, 100, 4),
    "100 roles of 20 S3 grants, locked": SlowInput(LOCK, _s3_roles, 100),
    "100 roles of 20 S3 grants, shown": SlowInput(SHOW, _s3_roles, 100),
    "small statements": SlowInput(
        VALIDATE,
        lambda n: roles_file({"statements": [allow(resource=f"arn:aws:s3:::b/{i}") for i in range(n)]}),
        20_000,
    ),
    "nested lists": SlowInput(VALIDATE, lambda n: {"roles.yaml": "[" * n}, 100_000),
    "aliases of aliases": SlowInput(
        VALIDATE,
        lambda n: {"roles.yaml": "a0: &a0 [x]\n" + "".join(f"a{i + 1}: &a{i + 1} [*a{i}, *a{i}]\n" for i in range(n))},
        5_000,
    ),
    "secrets": SlowInput(DERIVE, _secrets, 10_000, 100),
    "an image of {{": SlowInput(DERIVE, lambda n: _long_texts("{{" * n), 100_000),
    "values of ${": SlowInput(DERIVE, lambda n: _long_texts("${" * n), 50_000),
    "values of (": SlowInput(DERIVE, lambda n: _long_texts("(" * n), 50_000),
    "values of a.": SlowInput(DERIVE, lambda n: _long_texts("a." * n), 50_000),
    "a task definition of nested lists": SlowInput(DERIVE, lambda n: {"task.json": "[" * n + "]" * n}, 100_000),
    "statements of a checked policy": SlowInput(
        CHECK, lambda n: policy_file(*(allow(resource=f"arn:aws:s3:::b/{i}") for i in range(n))), 20_000, 100
    ),
    "wildcards in services": SlowInput(
        CHECK, lambda n: policy_file(allow([f"*s{i % 100}*:*a*b{i}" for i in range(n)])), 1_000
    ),
    "NotAction statements, checked": SlowInput(
        CHECK,
        lambda n: policy_file(*({"Effect": "Allow", "NotAction": f"s3:Get{i}", "Resource": "*"} for i in range(n))),
        100,
    ),
    "everything on many resources": SlowInput(
        CHECK, lambda n: policy_file(allow("*", [f"arn:aws:*:::{i}*" for i in range(n)])), 3_000
    ),
    "everything allowed and denied": SlowInput(
        CHECK,
        lambda n: policy_file(
            *(allow("*", f"arn:*{i}") for i in range(n)),
            *({"Effect": "Deny", "Action": "*", "Resource": f"arn:*{i}*x"} for i in range(n)),
        ),
        100,
    ),
    "variables that never end": SlowInput(
        CHECK, lambda n: policy_file(allow("secretsmanager:GetSecretValue", "${" * n)), 50_000
    ),
    "wildcard actions on both sides": SlowInput(REVIEW, wild_actions, 1_000, 60),
    "wildcard resources on both sides": SlowInput(REVIEW, wild_resources, 2_000, 60),
    "statements of an action each on both sides": SlowInput(REVIEW, statement_actions, 1_000, 150),
    "values of a condition on both sides": SlowInput(REVIEW, condition_values, 2_000, 60),
    "NotAction statements on both sides": SlowInput(REVIEW, not_actions, 100),
    "NotAction statements on both sides, many": SlowInput(REVIEW, not_actions, 300, 30),
    "conditions on both sides": SlowInput(REVIEW, conditions, 500, 30),
    "condition keys on both sides": SlowInput(REVIEW, condition_keys, 2_000, 60),
    "Deny NotResource statements": SlowInput(REVIEW, denied_others, 300, 30),
    "secrets checked against as many statements": SlowInput(
        CHECK, lambda n: secrets_and_policy(n, f"{ARN}-{{}}-??????", "-a1B2c3"), 1_000, 200
    ),
    "log groups checked against as many statements": SlowInput(CHECK, log_groups_and_policy, 1_000, 100),
    "containers that wait for one another": SlowInput(CHECK, waiting, 1_000, 60),
    "secrets of unknown suffix checked against wildcards": SlowInput(
        CHECK, lambda n: secrets_and_policy(n, "arn:aws:secretsmanager:*:*:secret:app-{}-*"), 1_000, 100
    ),
    "secrets that no statement allows": SlowInput(
        CHECK, lambda n: secrets_and_policy(n, f"{ARN}x-{{}}-??????"), 1_000, 100
    ),
    "secrets of a role in roles.yaml": SlowInput(
        VALIDATE,
        lambda n: {**_secrets(n), **roles_file({"kind": "execution", "task_definitions": ["task.json"]})},
        10_000,
    ),
    "six pairs of wildcard patterns": SlowInput(REVIEW, wild_bombs, 60),
    "a trust policy's action of dots": SlowInput(REVIEW, lambda n: _trust(_assume(f"sts:{'.' * n}")), 80_000),
    "principals": SlowInput(
        REVIEW, lambda n: _trust(_assume(principal=[f"arn:aws:iam::{i:012}:role/x" for i in range(n)])), 5_000
    ),
    "blocks of a Terraform file": SlowInput(SOURCE, blocks, 80_000, 200),
    "nulls as changes": SlowInput(
        REVIEW,
        lambda n: {"plan.json": '{"format_version": "1.2", "resource_changes": [' + "null," * n + "null]}"},
        10**6,
    ),
    "roles of a plan": SlowInput(
        REVIEW,
        lambda n: plan_of(
            [role_change(f"r{i}", trust(), trust()) for i in range(n)]
            + [policy_change(f"r{i}", policy(allow()), policy(allow("s3:*"))) for i in range(n)]
        ),
        500,
        10,
    ),
}


def too_slow(name: str) -> Iterator[str]:
    """Yield the problems of time, memory and exit code of an input, run in its own process."""
    seconds, megabytes, code = measure(SLOW_INPUTS[name])
    if seconds > MOST_SECONDS:
        yield f"{name}: {seconds:.1f} s of processor time"
    if megabytes > MOST_MEGABYTES:
        yield f"{name}: {megabytes:.0f} MB"
    if code not in _EXIT_CODES:
        yield f"{name}: exit code {code}"


def measure(slow: SlowInput) -> tuple[float, float, int]:
    """Return the seconds of processor time, the megabytes and the exit code of the command of an input."""
    with tempfile.TemporaryDirectory() as folder:
        for file, text in slow.files(slow.size).items():
            Path(folder, file).write_text(text, "utf-8")
        root = str(Path(__file__).parent.parent.parent)
        shell = f'cd "{folder}" && exec "{sys.executable}" -m taskrole "$@" >/dev/null 2>&1'
        # Python caches bytecode, as in an installed taskrole.
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        arguments = ["sh", "-c", f"ulimit -t 60; {shell}", "sh", *slow.arguments]
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _MEASURE, *arguments],
            env={**environment, "PYTHONPATH": root},
            stdout=subprocess.PIPE,
            check=True,
        )
    seconds, kilobytes, code = done.stdout.split()
    return float(seconds), int(kilobytes) / 1024, int(code)


if __name__ == "__main__":
    for chosen in sys.argv[1:] or SLOW_INPUTS:
        took, memory, exit_code = measure(SLOW_INPUTS[chosen])
        sys.stdout.write(f"{took:6.2f} s {memory:5.0f} MB  exit code {exit_code}  {chosen}\n")
        sys.stdout.flush()
