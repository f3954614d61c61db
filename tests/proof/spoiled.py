"""Runs the verbs that read an account with spoiled answers of AWS, in this process.

Each case runs a verb with a healthy account in which one answer is spoiled: replaced by answers of proxies and broken
networks, or with a member missing, of another type, or with another value. botocore parses the bytes as
usual; only the network is replaced, by its event before-send.
"""

from __future__ import annotations

import contextlib
import functools
import io
import json
import os
import random
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import boto3
import botocore
import botocore.config
import click
from botocore.awsrequest import AWSResponse

from taskrole.cli import _taskrole
from taskrole.errors import printable
from tests.proof.healthy_account import ROLES_YAML, TASK_DEFINITION, body
from tests.proof.outcomes import Outcomes

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": "eu-central-1",
    "AWS_MAX_ATTEMPTS": "1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "TASKROLE_DEBUG": "1",
}
VERBS: dict[str, tuple[str, ...]] = {
    "verify": ("verify",),
    "show": ("show", "--live"),
    "adopt": ("adopt", "--all-ecs", "--config", "adopted.yaml"),
    "check": ("check", "task.json", "--role", "live:web", "--account", "123456789012"),
    "audit": ("audit", "--write-roles", "new.yaml"),
}
MEMORY = Path("/dev/shm")  # noqa: S108 -- where it takes no time to wait for the disk
HTML = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><p>Please log in</body></html>"
WHOLE_BODIES = (
    *(b"", b"{}", b"[]", b"null", b"0", b'"x"', b"\xff\xfe\x00", b"\xef\xbb\xbf{}", HTML, HTML.upper()),
    *(b"[" * 3_000, b'{"a":' * 3_000, b"<a>" * 3_000, b'{"Error": []}', b'{"__type": 5}', b"<Error/>", b"{} {}"),
    *(b"<?xml version='1.0'?><html/>", b"<ErrorResponse><Error>x</Error></ErrorResponse>", b"NaN", b"\x00" * 100),
)
VALUES: tuple[Any, ...] = (
    *(None, "", "x", 0, -1, 1.5, True, False, [], {}, [[]], [None], [{}], {"x": []}, {"Statement": "x"}, "\x1b[31m"),
    *("arn:", "arn:aws:iam::1:role", "arn:aws:iam::123456789012:role/../x", "a\nb", "\u2028", "[" * 2_000, "%7B%7D"),
    *("%7B%22Statement%22%3A5%7D", float("inf"), 10**400, "x" * 70_000, ["x"] * 500, "../../x", "::stop-commands::x"),
)


def violations(seeds: Iterable[int]) -> list[str]:
    """Return the problems of the verbs with spoiled answers, for each seed."""
    return spoil_many(seeds).wrong


def spoil_many(seeds: Iterable[int]) -> Outcomes:
    """Return the outcomes of the verbs with spoiled answers, for each seed."""
    outcomes = Outcomes()
    memory = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(dir=memory) as folder, account_in(Path(folder)) as account:
        for seed in seeds:
            end, wrong = _case(random.Random(f"spoiled {seed}"), account)
            outcomes.ends[end] += 1
            outcomes.wrong += [f"seed {seed}: {problem}" for problem in wrong]
    return outcomes


@dataclass
class Account:
    """Answers requests: `spoil` takes the number of the request, the operation and the healthy answer."""

    folder: Path
    requests: int = 0
    spoil: Callable[[int, str], tuple[int, bytes] | None] = lambda number, operation: None

    def answer(self, event_name: str, request: Any, **_: Any) -> AWSResponse:
        operation = ":".join(event_name.split(".")[1:])  # of before-send.iam.GetRole
        self.requests += 1
        status, content = self.spoil(self.requests, operation) or (200, body(operation))
        return AWSResponse(request.url, status, {"content-type": "text/xml"}, _Raw(content))


class _Raw(io.BytesIO):
    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


@contextlib.contextmanager
def account_in(folder: Path) -> Iterator[Account]:
    """Answer all requests of botocore in this process; clients, which are slow to create, are created once."""
    account = Account(folder)
    variables = {**ENVIRONMENT, "XDG_CACHE_HOME": str(folder / "cache"), "HOME": str(folder)}
    session = boto3.session.Session()
    session.events.register("before-send", account.answer)
    clients = functools.cache(lambda name, region: session.client(name, region_name=region, **_CONFIG))
    before = Path.cwd()
    (folder / "task.json").write_text(json.dumps(TASK_DEFINITION), "utf-8")
    (folder / "roles.yaml").write_text(ROLES_YAML, "utf-8")
    with (
        mock.patch.dict(os.environ, variables, clear=True),
        mock.patch.object(boto3, "client", lambda name, region_name=None, config=None: clients(name, region_name)),
    ):
        os.chdir(folder)
        try:
            yield account
        finally:
            os.chdir(before)


# Signatures and the user agent, which no answer depends on, take a fifth of the time.
_CONFIG: dict[str, Any] = {
    "aws_access_key_id": "test",
    "aws_secret_access_key": "test",
    "config": botocore.config.Config(signature_version=botocore.UNSIGNED, user_agent="proof"),
}


def _case(rng: random.Random, account: Account) -> tuple[str, list[str]]:
    # A case depends on its seed alone.
    shutil.rmtree(account.folder / "cache", ignore_errors=True)
    verb = rng.choice([*VERBS, "audit"])
    nth, spoiled = rng.randint(1, _REQUESTS[verb]), []

    def spoil(number: int, operation: str) -> tuple[int, bytes] | None:
        if number != nth:
            return None
        spoiled.append(operation)
        return spoiled_answer(operation, rng)

    code, out, err = run(account, VERBS[verb], spoil)
    wrong = [f"{verb}, {spoiled}: {problem}" for problem in _wrong(code, out, err)]
    if verb == "audit":
        # The cache of a spoiled reading must not affect the next reading.
        code, _, err = run(account, VERBS[verb])
        wrong += [f"then audit: {err}"] if code != HEALTHY_CODES[verb] else []
        if any((account.folder / "cache").rglob("*.json")):
            wrong.append("then audit: answers are left")
    return f"{verb}: {code}", wrong


_REQUESTS = {"verify": 4, "show": 4, "adopt": 5, "check": 8, "audit": 9}
HEALTHY_CODES = {"verify": 3, "show": 0, "adopt": 0, "check": 3, "audit": 3}


def run(
    account: Account, arguments: tuple[str, ...], spoil: Callable[[int, str], tuple[int, bytes] | None] | None = None
) -> tuple[int | str, str, str]:
    """Return the exit code, or the uncaught exception, and both outputs of a verb."""
    account.requests, account.spoil = 0, spoil or (lambda number, operation: None)
    for name in ("new.yaml", "adopted.yaml"):
        (account.folder / name).unlink(missing_ok=True)
    for path in (account.folder / "task-definitions").glob("*"):
        path.unlink()
    out, err = io.StringIO(), io.StringIO()
    global_arguments = ("--config", "adopted.yaml") if "adopted.yaml" in arguments else ()
    own = tuple(argument for argument in arguments if argument not in ("--config", "adopted.yaml"))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = _taskrole.main([*global_arguments, *own], standalone_mode=False)
        except click.ClickException as error:
            error.show(err)
            code = 1
        except SystemExit as error:
            code = error.code
        except Exception as error:  # noqa: BLE001 -- that is what is looked for
            code = f"{type(error).__name__}: {error}"
    return code if isinstance(code, str) else int(code or 0), out.getvalue(), err.getvalue()


def _wrong(code: int | str, out: str, err: str) -> Iterator[str]:
    if isinstance(code, str):
        yield code
    elif code not in (0, 1, 3):
        yield f"exit code {code}"
    if "Traceback" in err:
        yield err.splitlines()[-1]
    if code == 1 and not err.strip():
        yield "exit code 1 without a message"
    if any(line != printable(line) for line in (*out.splitlines(), *err.splitlines())):
        yield "a line that does something to a terminal"
    if any(len(line) > 2_000 for line in err.splitlines()):
        yield "a message of more than 2,000 characters"


def spoiled_answer(operation: str, rng: random.Random) -> tuple[int, bytes]:
    """Return the status and the bytes of a spoiled answer."""
    status = rng.choice((200, 200, 200, 200, 400, 403, 500, 302))
    kind = rng.random()
    if kind < 0.2:
        return status, rng.choice(WHOLE_BODIES)
    if kind < 0.3:
        content = body(operation)
        return 200, content[: rng.randrange(len(content))]
    if kind < 0.35:
        content = bytearray(body(operation))
        for _ in range(rng.randint(1, 5)):
            content[rng.randrange(len(content))] = rng.randrange(256)
        return 200, bytes(content)
    return 200, body(operation, lambda data: _mutated(data, rng))


def _mutated(data: Any, rng: random.Random) -> Any:
    """Return a copy of an answer with a spoiled member: removed, or with another value."""
    copy = json.loads(json.dumps(data))
    places = list(_places(copy))
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        holder, key = rng.choice(places)
        if rng.random() < 0.35 and isinstance(holder, dict):
            holder.pop(key, None)
        elif isinstance(holder, dict) or key < len(holder):
            holder[key] = rng.choice(VALUES)
    return copy


def _places(data: Any) -> Iterator[tuple[Any, Any]]:
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield data, key
        yield from _places(value)
