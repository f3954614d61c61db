"""Mutates task definitions: their data, then their text."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

from tests.proof.generated import Case
from tests.proof.json_paths import Path, copied, moved, paths_of, value_at, with_value

# In each placeholder, and never in an ARN.
MARK = "PLACEMARK"
PLACEHOLDERS = tuple(
    form.replace("NAME", MARK)
    for form in (
        "${NAME}", "$(NAME)", "$NAME", "$$$NAME$$$", "{{NAME}}", "{{ NAME }}", "{NAME}", "<NAME>", "<your NAME>",
        "[[NAME]]", "#{NAME}", "%NAME%", "@NAME@", "-__NAME__/", "${NAME", "{{NAME", "<NAME", "${AWS::NAME}",
        "{{.NAME}}", "#{Octopus.NAME[1]}", "${NAME:-default}", "$NAME.x",
    )
)  # fmt: skip
ODD_TEXTS = (
    "", " ", "\0", "\n", "\r\n\t", "\x1b[31m", "\x7f", "\x85", "\u00a0", "\u00ff", "\u0100", "\u200b", "\u202e",
    "\u2028", "\ufeff", "\uffff", "日本", "😀", "e\u0301", "ß", "İ", "٣", "𝟘", "\ud800", "\udfff", "\ud83d", "*",  # noqa: RUF001
    "**", "?", "??????", "-??????", "${*}", "${aws:username}", "../..", "//", ":::::", "%2e%2e", "~0~1", "'\"`", "&<>",
    "a" * 3_000, ":" * 500, "/" * 500, "arn:" * 300, "-aaaaaa" * 99, "{" * 200, "[" * 200, "$" * 500, "<" * 500,
)  # fmt: skip
ODD_VALUES = (
    None, True, False, 0, 1, -1, 1.5, 1e300, 10**40, "", "1", "true", "null", [], {}, [[]], [None], [{}], {"": None},
    {"a": {"a": {}}}, 111122223333, "111122223333", "arn:aws:s3:::bucket", "arn:aws:s3:::bucket/", "arn:aws:s3:::*/*",
    "arn:aws:secretsmanager:*:*:secret:*", "arn:aws:secretsmanager:us-east-1:111122223333:secret:*-??????",
    "arn:aws:ssm:us-east-1:111122223333:parameter/*", "arn:aws:iam::111122223333:role/x", "arn:aws:ssm:us-east-1:",
    "arn:aws:s3:us-east-1:111122223333:accesspoint/x/object/y", "arn:aws:ecs:us-east-1:111122223333:task/x", "arn:",
    "111122223333.dkr.ecr.us-east-1.amazonaws.com/*", "111122223333.dkr.ecr.*.amazonaws.com/app", "*", "-",
    "arn:aws:secretsmanager:us-east-1:XXXXXXXXXXXX:secret:x", "arn:aws:ssm:region-code:account-id:parameter/x",
)  # fmt: skip


def mutate(case: Case, rng: random.Random) -> bytes:
    """Return the text of the first task definition of a case, with one to four mutations."""
    data: Any = json.loads(json.dumps(case.documents[0]))
    for _ in range(rng.choice([1, 1, 1, 2, 3, 4])):
        data = rng.choice(_ON_DATA)(data, rng)
    text = json.dumps(data).encode()
    return rng.choice(_ON_TEXT)(text, rng) if rng.random() < 0.15 else text


def _pick(data: Any, rng: random.Random, kind: type) -> Path | None:
    paths = [path for path in paths_of(data) if isinstance(value_at(data, path), kind)]
    return rng.choice(paths) if paths else None


def _other_value(data: Any, rng: random.Random) -> Any:
    return with_value(data, rng.choice(paths_of(data)), copied(rng.choice(ODD_VALUES)))


def _other_type(data: Any, rng: random.Random) -> Any:
    path = rng.choice(paths_of(data))
    value = value_at(data, path)
    return with_value(
        data, path, rng.choice([[value], {"value": value}, str(value), [value, value], json.dumps(value)])
    )


def _text(change: Callable[[str, random.Random], str]) -> Callable[[Any, random.Random], Any]:
    def changed(data: Any, rng: random.Random) -> Any:
        paths = [path for path in paths_of(data) if isinstance(value_at(data, path), str)]
        # Prefer ARNs; other strings matter less.
        named = [path for path in paths if value_at(data, path).startswith("arn:")] if rng.random() < 0.6 else []
        path = rng.choice(named or paths or [()])
        return with_value(data, path, change(value_at(data, path), rng)) if paths else data

    return changed


def _put_into(text: str, rng: random.Random, what: str) -> str:
    place = rng.choice([0, len(text), rng.randint(0, len(text)), rng.randint(len(text) * 2 // 3, len(text))])
    end = rng.choice([place, place, len(text), min(len(text), place + 12)])
    return text[:place] + what + text[end:]


def _odd_text(text: str, rng: random.Random) -> str:
    return _put_into(text, rng, rng.choice(ODD_TEXTS))


def _placeholder(text: str, rng: random.Random) -> str:
    return _put_into(text, rng, rng.choice(PLACEHOLDERS))


def _piece(text: str, rng: random.Random) -> str:
    """Return an ARN or name with a part removed, doubled or changed."""
    mark = rng.choice([":", "/", "-", "."])
    pieces = text.split(mark)
    at = rng.randrange(len(pieces))
    pieces[at : at + 1] = rng.choice([[], [pieces[at]] * 2, [""], ["*"], [pieces[at].upper()], [rng.choice(pieces)]])
    return mark.join(pieces)


def _renamed_key(data: Any, rng: random.Random) -> Any:
    path = _pick(data, rng, dict)
    node = value_at(data, path) if path is not None else {}
    if not node:
        return data
    key = rng.choice(sorted(node))
    names = (key.upper(), key.title(), key[:-1], f"{key} ", f"{key}\0", rng.choice(ODD_TEXTS), rng.choice(PLACEHOLDERS))
    value = node[key] if rng.random() < 0.3 else node.pop(key)
    node[rng.choice(names)] = copied(value)
    return data


def _repeated(data: Any, rng: random.Random) -> Any:
    path = _pick(data, rng, list)
    if path is None:
        return data
    items = value_at(data, path)
    return with_value(data, path, items * rng.choice([0, 2, 2, 2, 40]))


def _deep(data: Any, rng: random.Random) -> Any:
    value: Any = "x"
    for _ in range(rng.choice([10, 62, 70, 300])):
        value = [value] if rng.random() < 0.5 else {"taskDefinition": value}
    return with_value(data, rng.choice(paths_of(data)), value)


def _wrapped(data: Any, rng: random.Random) -> Any:
    return rng.choice([{"taskDefinition": data}, [data, data], {"taskDefinition": [data]}, [[data]]])


_ON_DATA: tuple[Callable[[Any, random.Random], Any], ...] = (
    _other_value,
    _other_value,
    _other_type,
    _text(_odd_text),
    _text(_odd_text),
    _text(_odd_text),
    _text(_placeholder),
    _text(_placeholder),
    _text(_placeholder),
    _text(_piece),
    _text(_piece),
    _renamed_key,
    _renamed_key,
    _repeated,
    moved,
    _deep,
    _wrapped,
)


def _cut(text: bytes, rng: random.Random) -> bytes:
    return text[: rng.randrange(len(text) + 1)]


def _other_byte(text: bytes, rng: random.Random) -> bytes:
    place = rng.randrange(len(text))
    return text[:place] + bytes([rng.randrange(256)]) + text[place + 1 :]


def _twice(text: bytes, rng: random.Random) -> bytes:
    return text.replace(
        b"{", rng.choice([b'{"image":1,"image":2,', b'{"containerDefinitions":[],', b'{"name":null,']), 1
    )


def _not_json(text: bytes, rng: random.Random) -> bytes:
    numbers = (b"NaN", b"-Infinity", b"1e999", b"9" * 400, b"0x1", b"01", b"[" * 100_000, b"tru", b"\xff", b"'x'")
    return text.replace(b'"', rng.choice(numbers) + b',"', 1)


def _as_encoded(text: bytes, rng: random.Random) -> bytes:
    plain = text.decode()
    return rng.choice(
        [b"\xef\xbb\xbf" + text, plain.encode("utf-16"), plain.encode("utf-32"), text + b"\0", b"\0" + text]
    )


_ON_TEXT: tuple[Callable[[bytes, random.Random], bytes], ...] = (_cut, _other_byte, _twice, _not_json, _as_encoded)
