"""Reads reports on one or several accounts, and merges them.

The files are untrusted input: each is checked completely before any of it is used, and the problems of all files are
reported at once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from taskrole.errors import InputError, Place, Problem, quote, refusal
from taskrole.live.answers import ACCOUNT_CHECK, array, members, text
from taskrole.live.fleet.accounts import Skipped, Target
from taskrole.live.fleet.failures import REASONS, ReadingFailure
from taskrole.live.fleet.fleet_json import FLEET_REPORT
from taskrole.live.fleet.part import AccountPart
from taskrole.live.fleet.part_check import AUDIT_CHECK, PART_CHECK
from taskrole.live.fleet.part_json import part_of_audit, part_of_json
from taskrole.live.fleet.report import FleetReport, fleet_report
from taskrole.reading import is_folder, read_found, read_named
from taskrole.report_versions import REPORT_VERSIONS
from taskrole.strict_json import RefusedError, parse_constant, parse_float, parse_int, refuse_lone_surrogates

LARGEST_REPORT = 256 << 20  # bytes

_FLEET_CHECK = members(
    {
        "audits": array(PART_CHECK),
        "not_read": array(
            members(
                {
                    "account": ACCOUNT_CHECK,
                    "name": text(),
                    "region": text(),
                    "reason": text("|".join(REASONS), "a reason"),
                    "message": text(),
                }
            )
        ),
        "left_out": array(members({"account": ACCOUNT_CHECK, "name": text(), "because": text()})),
    }
)


def merge_reports(paths: Iterable[Path], targets: Sequence[Target] = ()) -> FleetReport:
    """Return the report on the accounts in files; each of `targets` that is not in any file counts as not read.

    A folder stands for all of its `.json` files. Raises InputError for files that are not a report of this version, and
    if two files have the same account and region.
    """
    problems: list[Problem] = []
    parts: dict[tuple[str, str], tuple[AccountPart, Path]] = {}
    failures: list[ReadingFailure] = []
    skipped: list[Skipped] = []
    for path, is_named in _files(paths):
        try:
            new, failed, left_out = _read(path, is_named=is_named)
        except InputError as error:
            problems += error.problems
            continue
        for part in new:
            other = parts.setdefault(part.key, (part, path))[1]
            if parts[part.key][0] is not part:
                message = (
                    f"has account {part.account}, {part.region}, which is also in {other}; remove one of the files"
                )
                problems.append(Problem(Place(str(path)), message))
        failures += failed
        skipped += left_out
    if problems:
        raise InputError(problems)
    return fleet_report((part for part, _ in parts.values()), failures, skipped, targets)


def _files(paths: Iterable[Path]) -> Iterator[tuple[Path, bool]]:
    """Yield the files, and whether each was given by itself, not as part of a folder. Raises InputError."""
    for path in paths:
        if not is_folder(path):
            yield path, True
            continue
        json_files = sorted(path.glob("*.json"))
        if not json_files:
            raise refusal(path, "has no files with the ending .json")
        yield from ((file, False) for file in json_files)


def _read(path: Path, *, is_named: bool) -> tuple[Sequence[AccountPart], Sequence[ReadingFailure], Sequence[Skipped]]:
    read = read_named if is_named else partial(read_found, root=path.parent)
    data = _parsed(read(path, largest=LARGEST_REPORT), path)
    if not isinstance(data, dict) or not ("check" in data or "report" in data):
        raise refusal(path, "must be a report of `taskrole audit --format json`")
    if "report" not in data:
        _check(data, path, REPORT_VERSIONS["audit"], AUDIT_CHECK(data, ""))
        return [part_of_audit(data)], [], []
    if data["report"] != FLEET_REPORT:
        raise refusal(path, f"must be a report of `taskrole audit`; got one on {quote(data['report'])}")
    _check(data, path, REPORT_VERSIONS["audit of accounts"], _FLEET_CHECK(data, ""))
    failures = [
        ReadingFailure(failure["account"], failure["region"], failure["name"], failure["reason"], failure["message"])
        for failure in data["not_read"]
    ]
    skipped = [Skipped(account["account"], account["name"], account["because"]) for account in data["left_out"]]
    return [part_of_json(audit) for audit in data["audits"]], failures, skipped


def _check(data: Mapping[str, Any], path: Path, version: int, problem: str | None) -> None:
    if data.get("schema_version") != version:
        message = (
            f"schema_version must be {version}; got {quote(data.get('schema_version'))}; "
            "run the audit and the merge with the same version of taskrole"
        )
        raise refusal(path, message)
    if problem:
        raise refusal(path, f"is not a valid report: {problem}")


def _parsed(content: bytes, path: Path) -> Any:
    try:
        text = content.decode("utf-8-sig")
        data = _DECODER.decode(text)
        refuse_lone_surrogates(text, data)
    except RefusedError as error:
        raise refusal(path, str(error)) from None
    except UnicodeDecodeError as error:
        raise refusal(path, f"must be UTF-8; byte {error.start} is not") from None
    except json.JSONDecodeError as error:
        message = f"is not JSON: {error.msg[:1].lower()}{error.msg[1:]}"
        raise InputError([Problem(Place(str(path), error.lineno, error.colno), message)]) from None
    except RecursionError:
        raise refusal(path, "is nested too deeply") from None
    return data


_DECODER = json.JSONDecoder(parse_constant=parse_constant, parse_float=parse_float, parse_int=parse_int)
