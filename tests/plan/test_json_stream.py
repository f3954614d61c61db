"""Tests the streaming reader of JSON."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskrole.errors import InputError
from taskrole.plan import json_stream
from taskrole.plan.json_stream import ITEM, JsonStream, Mode, Path, keep_all
from tests.amount import amount

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(TEXT, VALUES, max_size=5)


class Drops(io.BytesIO):
    """A stream that returns a few bytes at a time."""

    def read(self, _: int | None = -1) -> bytes:
        return super().read(3)


def mode(path: Path) -> Mode:
    if path[:1] == ("skipped",):
        return "skip"
    return "open" if not path or path == ("items",) else "value"


def read(content: bytes, stream: type[io.BytesIO] = io.BytesIO) -> dict[str, object]:
    result: dict[str, object] = {}
    for path, value in JsonStream(stream(content), "plan.json").walk(mode, lambda _: keep_all):
        if path == ("items", ITEM):
            result.setdefault("items", []).append(value)
        else:
            result[path[0]] = value
    return result


@given(OBJECTS, st.sampled_from([None, 1]), st.booleans())
@settings(max_examples=amount(60))
def test_an_object_is_read_like_the_json_module_in_any_chunks(value, indent, ascii_only) -> None:
    value = {key: item for key, item in value.items() if key not in ("items", "skipped")}
    content = json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode()
    assert read(content, Drops) == value


@given(st.lists(VALUES, min_size=1, max_size=6))
@settings(max_examples=amount(40))
def test_an_array_is_read_item_by_item(items) -> None:
    content = json.dumps({"a": 1, "items": items, "z": 2}).encode()
    assert read(content, Drops) == {"a": 1, "items": items, "z": 2}


@given(VALUES, OBJECTS, st.booleans())
@settings(max_examples=amount(100))
def test_unused_keys_are_skipped(skipped, rest, ascii_only) -> None:
    rest = {key: item for key, item in rest.items() if key not in ("items", "skipped")}
    content = json.dumps({"skipped": skipped, **rest}, ensure_ascii=ascii_only).encode()
    assert read(content, Drops) == rest


@pytest.mark.parametrize("text", ['}"', "\\", '\\"', "]{", '"}'])
def test_texts_that_look_like_the_end_are_skipped(text) -> None:
    content = json.dumps({"skipped": [{"a": text}, text, [text]], "b": text}).encode()
    assert read(content, Drops) == {"b": text}


@given(OBJECTS.filter(bool), st.data())
@settings(max_examples=amount(60))
def test_a_truncated_file_is_refused_in_one_line(value, data) -> None:
    content = json.dumps(value).encode()
    cut = content[: data.draw(st.integers(0, len(content) - 1))]
    with pytest.raises(InputError) as caught:
        read(cut, Drops)
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "plan.json:1:1: is empty; write it with: terraform show -json PLANFILE > plan.json"),
        (b"\n\n  ", "plan.json:3:3: is empty; write it with: terraform show -json PLANFILE > plan.json"),
        (b"[]", "plan.json:1:1: must be a JSON object"),
        (b'{"a": 1', "plan.json:1:8: ends too early: the file is cut short"),
        (b'{"a": "b', "plan.json:1:7: ends too early: the file is cut short"),
        (b'{"items": [1,', "plan.json:1:14: ends too early: the file is cut short"),
        (b'{"a": 1} x', "plan.json:1:10: must hold one JSON object; more follows it"),
        (b'{"a" 1}', "plan.json:1:6: must have a colon after a key"),
        (b'{"a": 1 "b": 2}', "plan.json:1:9: must have a comma or } after a value"),
        (b'{"items": [1 2]}', "plan.json:1:14: must have a comma or ] after a value"),
        (b"{1: 2}", "plan.json:1:2: must have text as keys"),
        (b'{\n"a": tru}', "plan.json:2:6: is not valid JSON: expecting value"),
        (b'{"skipped": [', "plan.json:1:14: ends too early: the file is cut short"),
        (b'{"a": NaN}', "plan.json:1:7: must not contain NaN, which is not JSON"),
        (b'{"a": "\xff"}', "plan.json:1:1: must be UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "plan.json:1:1: is UTF-16, as PowerShell writes it;"),
    ],
)
def test_malformed_json_is_reported_with_its_position(content, message) -> None:
    with pytest.raises(InputError) as caught:
        read(content)
    assert str(caught.value).startswith(message)


def test_a_duplicate_key_is_refused() -> None:
    with pytest.raises(InputError, match="must have each key once in an object"):
        read(b'{"a": {"b": 1, "b": 2}}')


def test_endless_nesting_is_refused() -> None:
    with pytest.raises(InputError, match="must be nested at most 200 levels deep"):
        read(b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")


def test_endless_nesting_is_refused_on_a_path_that_is_read() -> None:
    stream = JsonStream(io.BytesIO(b'{"a":' * 5_000), "plan.json")

    with pytest.raises(InputError, match="must be nested at most 200 levels deep; it is deeper"):
        list(stream.walk(lambda _: "open", lambda _: keep_all))


def test_a_number_with_more_digits_than_python_accepts_is_refused() -> None:
    with pytest.raises(InputError, match="must not contain numbers of more than 300 digits; got 10000"):
        read(b'{"a": ' + b"9" * 10_000 + b"}")


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("1e999", "must not contain numbers beyond 1.8e308"),
        ("-1e999", "must not contain numbers beyond 1.8e308"),
        ("NaN", "must not contain NaN"),
        (r'"\ud800"', "must be valid Unicode"),
        (r'[{"b": "x\uDFFFy"}]', "must be valid Unicode"),
        (r'{"\ud800": 1}', "must be valid Unicode"),
    ],
)
def test_json_that_other_parsers_read_differently_is_refused(value: str, rule: str) -> None:
    with pytest.raises(InputError, match=rule):
        read(f'{{"a": {value}}}'.encode())


def test_a_surrogate_pair_is_read_as_its_character() -> None:
    assert read(rb'{"a": "\ud83d\ude00"}') == read('{"a": "\N{GRINNING FACE}"}'.encode())


def test_a_value_that_is_too_large_is_refused(monkeypatch) -> None:
    monkeypatch.setattr(json_stream, "LARGEST_INPUT", 1 << 20)
    with pytest.raises(InputError, match="must be at most 1 MiB large"):
        read(b'{"a": "' + b"x" * (2 << 20) + b'"}')


def test_a_byte_order_mark_is_skipped() -> None:
    assert read(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}
