"""The accounts to read: a list of ids, or a file with ids.

A file has one id per line, optionally followed by a name; or it is JSON or YAML: the output of `aws organizations
list-accounts`, c7n-org's accounts, or a plain list of ids.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from taskrole.arns import ACCOUNT, ACCOUNT_FORM
from taskrole.dataclass import dataclass
from taskrole.errors import InputError, Place, Problem, quote
from taskrole.reading import read_named
from taskrole.yaml_reader import YamlDialect, read_yaml

_LIST = re.compile(r"\s*[0-9]+\s*(,\s*[0-9]+\s*)*")
_LINE = re.compile(r"(?P<id>[^\s,]+)[\s,]*(?P<name>.*)")
# Ids are strings, since the number 012345678901 would lose its leading zero.
_TEXT = YamlDialect(has_numbers=False)
_LISTS = ("Accounts", "accounts")
_IDS = ("Id", "id", "account_id", "account")
_NAMES = ("Name", "name")


@dataclass(frozen=True, order=True, slots=True)
class Target:
    """An account to read: its id, and its name or an empty string."""

    account: str
    name: str = ""


@dataclass(frozen=True, order=True, slots=True)
class Skipped:
    """An account that is not read, and the reason, a clause."""

    account: str
    name: str
    because: str


def parse_accounts(given: str) -> tuple[Target, ...]:
    """Return the unique accounts of a list such as `111122223333,444455556666`, or of a file with that name.

    Raises InputError with every invalid id, and for a file without accounts.
    """
    if _LIST.fullmatch(given):
        return _targets(((Place("--accounts"), part.strip(), "") for part in given.split(",")), Place("--accounts"))
    content = read_named(given)
    return _targets(_entries(content, given), Place(given))


def _entries(content: bytes, file: str) -> Iterator[tuple[Place, Any, Any]]:
    """Yield the place, id and name of each account of a file."""
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise InputError([Problem(Place(file), f"must be UTF-8; byte {error.start} is not")]) from error
    plain = [(number, line.partition("#")[0].strip()) for number, line in enumerate(lines, 1)]
    if next((line for _, line in plain if line), "0")[0].isdigit():
        for number, line in plain:
            if match := _LINE.fullmatch(line):
                yield Place(file, number, 1), match["id"], match["name"].strip(" ,\"'")
        return
    tree = read_yaml(content, file, _TEXT)
    key = next((key for key in _LISTS if isinstance(tree.data, dict) and key in tree.data), None)
    items = tree.data[key] if key else tree.data
    if not isinstance(items, list):
        raise InputError([Problem(Place(file), "must be a list of accounts, or have one in the key accounts")])
    for number, item in enumerate(items):
        place = tree.place((key, number) if key else (number,))
        if isinstance(item, dict):
            yield place, _first(item, _IDS), _first(item, _NAMES)
        else:
            yield place, item, ""


def _first(item: dict[str, Any], keys: Iterable[str]) -> Any:
    return next((item[key] for key in keys if key in item), "")


def _targets(entries: Iterable[tuple[Place, Any, Any]], whole: Place) -> tuple[Target, ...]:
    names: dict[str, str] = {}
    problems = []
    for place, account, name in entries:
        if not isinstance(account, str) or not ACCOUNT.fullmatch(account):
            problems.append(Problem(place, f"must be an account id of {ACCOUNT_FORM}; got {quote(account)}"))
        else:
            names[account] = names.get(account) or (name if isinstance(name, str) else "")
    if not names and not problems:
        problems.append(Problem(whole, "has no accounts"))
    if problems:
        raise InputError(problems)
    return tuple(Target(account, name) for account, name in sorted(names.items()))
