"""Inputs with commands for CI systems and terminals, through every text output of verbs without an account."""

from __future__ import annotations

import json
import os
import random
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from taskrole.cli import _taskrole
from taskrole.cli.last_resort import run
from taskrole.output.formats.registry import FINDING_FORMATS
from taskrole.review.render import RENDERERS

MEMORY = Path("/dev/shm")  # noqa: S108 -- where it takes no time to wait for the disk
WIDTHS = (40, 80, 120)
COMMANDS = (
    "::error file=x::y", "::set-output name=a::b", "::stop-commands::x", "::add-mask::x", "::anything::x", "##[error]x",
    "##[group]", "##vso[task.setvariable variable=a]b", "##VSO[x]", "##teamcity[buildStop comment='x']",
    "section_start:1:x\r\x1b[0K", "section_end:1:x",
)  # fmt: skip
_BEFORE = (
    "",
    " ",
    "\n",
    "\r",
    "\r\n",
    "\x0b",
    "\x85",
    "\u2028",
    "\x1b[31m",
    "\u200b",
    "\u00a0",
    "\t",
    "x" * 27 + " ",
    "word " * 9,
)
_AFTER = ("", " ", "\n", "\u202e", "\x1b[0m", " and more words", "/x")

# Written independently of the code under test.
_COMMAND = re.compile(
    r"^(?:\s|\x1b\[[0-9;]*m)*(?:::|##\[|##vso\[|##teamcity\[|section_(?:start|end):)", re.IGNORECASE | re.MULTILINE
)
_ANYWHERE = re.compile(r"##(?:vso|teamcity)?\[", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1a\x1c-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

_ARN = "arn:aws:secretsmanager:us-east-1:111122223333:secret:app-a1B2c3"
_PLAN = Path(__file__).parent.parent / "plans/broadening/plan.json"


def obeyed(text: str) -> Iterator[str]:
    """Yield the commands for CI systems and terminals in a text."""
    yield from (f"a line begins {match.group()!r}" for match in _COMMAND.finditer(text))
    yield from (f"{match.group()!r} in a line" for match in _ANYWHERE.finditer(text))
    yield from (f"control character {match.group()!r}" for match in _CONTROL.finditer(text))


def violations(seeds: range) -> list[str]:
    """Return the commands in the output of the verbs for the hostile inputs of some seeds."""
    runner = CliRunner()
    wrong: list[str] = []
    memory = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(dir=memory) as folder, _inside(Path(folder)):
        for seed in seeds:
            rng = random.Random(f"output {seed}")
            arguments = rng.choice(_CASES)(rng)
            width = rng.choice(WIDTHS)
            with runner.isolation(env={"COLUMNS": str(width)}) as streams:
                code = run(partial(_command, arguments))
            printed = [stream.getvalue().decode() for stream in streams[:2]]
            # The message of an unexpected error is not printed.
            is_internal = code != 0 and "internal error" in printed[1]
            problems = [*obeyed(printed[0]), *obeyed(printed[1]), *(["an internal error"] * is_internal)]
            wrong += [f"seed {seed}: {arguments} at width {width}: {problem}" for problem in problems]
    return wrong


def _command(arguments: list[str]) -> int:
    code = _taskrole.main(arguments, prog_name="taskrole", standalone_mode=False)
    return code if isinstance(code, int) else 0


@contextmanager
def _inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def hostile(rng: random.Random) -> str:
    """Return a text with a command in it."""
    return f"{rng.choice(_BEFORE)}{rng.choice(COMMANDS)}{rng.choice(_AFTER)}"


def _put(data: Any, rng: random.Random) -> Any:
    """Return data with hostile text in one to four of its strings."""
    text = json.dumps(data)
    strings = list(re.finditer(r'"((?:[^"\\]|\\.)*)"', text))
    for match in sorted(rng.sample(strings, min(len(strings), rng.randint(1, 4))), key=lambda string: -string.start()):
        keep = rng.choice(["", match.group(1), f"{match.group(1)}/"])
        text = text[: match.start(1)] + keep + json.dumps(hostile(rng))[1:-1] + text[match.end(1) :]
    return json.loads(text)


def _file(rng: random.Random, data: Any, suffix: str = ".json") -> str:
    name = rng.choice(["file", hostile(rng).replace("/", "")[:60].replace("\0", "")]) + suffix
    Path(name).write_text(json.dumps(data), "utf-8")
    return name


def _task_definition(rng: random.Random) -> str:
    container = {
        "name": "app",
        "image": "111122223333.dkr.ecr.us-east-1.amazonaws.com/app:1",
        "secrets": [{"name": "KEY", "valueFrom": _ARN}],
        "environment": [{"name": "A", "value": "b"}],
        "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/x", "awslogs-region": "us-east-1"}},
    }
    data = {
        "family": "shop",
        "executionRoleArn": "arn:aws:iam::111122223333:role/x",
        "containerDefinitions": [container],
    }
    return _file(rng, _put(data, rng))


def _derive(rng: random.Random) -> list[str]:
    format_ = rng.choice(["text", "text", "json", "policy", *FINDING_FORMATS])
    partial = rng.choice([[], ["--partial"]])
    return ["derive", _task_definition(rng), "--region", "us-east-1", "--format", format_, *partial]


def _check(rng: random.Random) -> list[str]:
    statement = {"Sid": "A", "Effect": "Allow", "Action": ["s3:GetObject", "x:y"], "Resource": ["*", "arn:aws:s3:::x"]}
    policy = _file(rng, {"Version": "2012-10-17", "Statement": [_put(statement, rng)]}, ".policy.json")
    format_ = rng.choice(["text", "text", "json", *FINDING_FORMATS])
    return ["check", _task_definition(rng), "--region", "us-east-1", "--role", policy, "--format", format_]


def _roles_file(rng: random.Random) -> str:
    own = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {"StringEquals": {"a:b": "c"}}}
    role: dict[str, Any] = {
        "kind": "task",
        "description": "x",
        "tags": {"a": "b"},
        "inline_policies": {"p": {"Statement": own}},
    }
    trust = {"Effect": "Allow", "Principal": {"AWS": "x"}, "Action": "sts:AssumeRole"}
    role |= rng.choice([{}, {"trust_policy": {"Statement": trust}}])
    stack = {"region": "us-east-1", "account": "111122223333", "roles": {"web": role}}
    data = {"version": 1, "stacks": {"s": stack}}
    # Anywhere, or where validate accepts any text.
    if rng.random() < 0.5:
        data = _put(data, rng)
    else:
        role["tags"]["a"] = "".join(character for character in hostile(rng) if character.isprintable())[:200].strip()
        own["Condition"] = {"StringEquals": {"a:b": hostile(rng).encode("latin-1", "ignore").decode("latin-1")}}
    return _file(rng, data, ".yaml")


def _roles(rng: random.Random) -> list[str]:
    format_ = ["--format", rng.choice(["text", *FINDING_FORMATS])]
    lock = _file(rng, {"schema_version": 1, "stacks": {}})
    check = ["lock", "--file", lock, "--check", *format_]
    verb = rng.choice([["validate", *format_], ["show"], ["show", hostile(rng)], ["lock"], check, ["stacks"]])
    return ["--config", _roles_file(rng), *verb]


def _explain_denial(rng: random.Random) -> list[str]:
    user = "arn:aws:sts::111122223333:assumed-role/web/0f9c1a2b"
    words = (f"User: {user} is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::x/y because no"
             " identity-based policy allows the s3:GetObject action").split(" ")  # fmt: skip
    for place in rng.sample(range(len(words)), 2):
        words[place] += rng.choice(["", " ", "/"]) + hostile(rng)
    name = _file(rng, None, ".txt")
    Path(name).write_text(" ".join(words), "utf-8", errors="surrogatepass")
    return ["explain-denial", name, "--format", rng.choice(["text", "json", *FINDING_FORMATS])]


def _wrong_input(rng: random.Random) -> list[str]:
    text = hostile(rng)
    return rng.choice(
        [
            ["derive", text],
            ["derive", "--explain", text],
            ["check", text, "--role", text],
            ["--config", text, "validate"],
            ["review", text],
            [text],
            ["derive", f"--{text}"],
            ["schema", "--check", text],
            ["lock", "--file", text, "--check"],
        ]
    )


def _review(rng: random.Random) -> list[str]:
    plan = json.loads(_PLAN.read_text("utf-8"))
    plan["resource_changes"] = _put(plan["resource_changes"], rng)
    return ["review", _file(rng, plan), "--format", rng.choice(list(RENDERERS))]


_CASES = (_derive, _derive, _check, _roles, _roles, _wrong_input, _wrong_input, _review, _explain_denial)
