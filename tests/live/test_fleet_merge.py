"""Tests merging reports of jobs, one for each account: accepted and refused reports."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskrole.errors import InputError
from taskrole.live.fleet.fleet_json import fleet_json
from taskrole.live.fleet.merge import merge_reports
from tests.amount import amount
from tests.cli.page_commands import with_current_output
from tests.cli.report_schemas import problems
from tests.cli.running import ROOT, Result, taskrole
from tests.expected_files import assert_expected, assert_file
from tests.growth import LIMIT, SIZES, growth
from tests.live.fleet_reports import audited, write

SHOP, TEST, OLD = "111122223333", "444455556666", "777788889999"


def merge(folder: Path, *arguments: str) -> Result:
    return taskrole("audit", "--merge", *arguments, cwd=folder)


def three(folder: Path) -> list[str]:
    return [
        write(folder, "shop.json", audited(SHOP)),
        write(folder, "shop-central.json", audited(SHOP, "eu-central-1")),
        write(folder, "test.json", audited(TEST, lacks=True)),
    ]


def test_reports_of_single_accounts_are_merged(tmp_path: Path) -> None:
    done = merge(tmp_path, *three(tmp_path))

    assert (done.code, done.err) == (3, "")
    assert_expected("cli/audit.merged.txt", done.out)


def test_permissions_that_another_region_needs_are_not_excess(tmp_path: Path) -> None:
    secrets = [f"arn:aws:secretsmanager:{region}:{SHOP}:secret:web-AbCdEf" for region in ("eu-west-1", "eu-central-1")]
    for region in ("eu-west-1", "eu-central-1"):
        write(tmp_path, f"{region}.json", audited(SHOP, region, secrets=secrets))

    report = json.loads(merge(tmp_path, "eu-west-1.json", "eu-central-1.json", "--format", "json").out)

    assert [audit["summary"]["excess"] for audit in report["audits"]] == [1, 1]
    assert report["summary"]["excess"] == 0


def test_a_folder_is_read_as_its_json_files(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    files = three(tmp_path / "reports")
    (tmp_path / "reports/notes.txt").write_text("no report")

    of_folder = merge(tmp_path, "reports", "--format", "json")
    of_files = merge(tmp_path, *(f"reports/{file}" for file in files), "--format", "json")

    assert (of_folder.code, of_folder.out) == (3, of_files.out)


def test_a_folder_without_reports_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()

    assert merge(tmp_path, "reports").err == "reports: has no files with the ending .json\n"


def test_the_page_on_many_accounts_shows_the_output_of_a_merge(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    three(tmp_path / "reports")
    (tmp_path / "accounts.txt").write_text(f"{SHOP} shop\n{TEST} sandbox\n{OLD} old\n")
    page = (ROOT / "docs/fleet.md").read_text("utf-8")

    current = with_current_output(page, tmp_path)

    assert_file(ROOT / "docs/fleet.md", current)


def test_the_order_of_the_files_does_not_matter(tmp_path: Path) -> None:
    files = three(tmp_path)

    assert merge(tmp_path, *files, "--format", "json").out == merge(tmp_path, *files[::-1], "--format", "json").out


def test_a_merged_report_fits_its_schema(tmp_path: Path) -> None:
    write(tmp_path, "first.json", failing("eu-central-1"))

    report = json.loads(merge(tmp_path, *three(tmp_path)[::2], "first.json", "--format", "json").out)

    assert report["not_read"]
    assert problems("audit", report) == []
    assert problems("audit", {**report, "new": 1})


def test_a_merged_report_can_be_merged_again(tmp_path: Path) -> None:
    *first_reports, last = three(tmp_path)
    whole = merge(tmp_path, *first_reports, last, "--format", "json").out
    (tmp_path / "some.json").write_text(merge(tmp_path, *first_reports, "--format", "json").out)

    assert merge(tmp_path, "some.json", last, "--format", "json").out == whole


def test_an_account_of_the_list_without_a_report_is_unread(tmp_path: Path) -> None:
    (tmp_path / "accounts.txt").write_text(f"{SHOP} shop\n{TEST} test\n{OLD} old\n")
    write(tmp_path, "shop.json", audited(SHOP))
    write(tmp_path, "test.json", audited(TEST))

    done = merge(tmp_path, "shop.json", "test.json", "--accounts", "accounts.txt", "--strict", "--format", "json")

    report = json.loads(done.out)
    assert done.code == 4
    assert [audit["name"] for audit in report["audits"]] == ["shop", "test"]
    assert report["not_read"] == [
        {
            "account": OLD,
            "name": "old",
            "region": "",
            "reason": "missing",
            "message": "there is no report on this account",
        }
    ]


def failing(region: str) -> dict[str, Any]:
    """Return a merged report with an unread account or region."""
    failure = {"account": SHOP, "name": "shop", "region": region, "reason": "throttled", "message": "Rate exceeded"}
    return {
        "schema_version": 1, "report": "audit of accounts", "audits": [], "not_read": [failure], "left_out": [],
    }  # fmt: skip


@pytest.mark.parametrize(("region", "left"), [("", 0), ("eu-west-1", 0), ("eu-central-1", 1)])
def test_a_later_report_replaces_a_failure(tmp_path: Path, region: str, left: int) -> None:
    write(tmp_path, "first.json", failing(region))
    write(tmp_path, "later.json", audited(SHOP, "eu-west-1"))

    done = merge(tmp_path, "first.json", "later.json", "--format", "json")

    assert len(json.loads(done.out)["not_read"]) == left


def test_the_page_lists_unread_accounts(tmp_path: Path) -> None:
    write(tmp_path, "first.json", failing("eu-central-1"))
    write(tmp_path, "later.json", audited(SHOP))

    page = merge(tmp_path, "first.json", "later.json", "--format", "html").out

    assert "Rate exceeded" in page
    assert "Not all read" in page
    assert page.count("<script") == 1


def test_a_duplicate_account_and_region_is_refused(tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        write(tmp_path, name, audited(SHOP))

    done = merge(tmp_path, "a.json", "b.json")

    assert (done.code, done.out) == (1, "")
    assert done.err == f"b.json: has account {SHOP}, eu-west-1, which is also in a.json; remove one of the files\n"


def changed(*path: str | int, to: Any) -> Callable[[dict[str, Any]], None]:
    def change(data: Any) -> None:
        for key in path[:-1]:
            data = data[key]
        data[path[-1]] = to

    return change


BAD: dict[str, Callable[[dict[str, Any]], None]] = {
    "schema_version must be 2; got 1; run the audit and the merge with the same version of taskrole": changed(
        "schema_version", to=1
    ),
    "is not a valid report: context.account must be an account of 12 digits; got '1'": changed(
        "context", "account", to="1"
    ),
    "is not a valid report: task_definitions[0].starts must be yes, no or unknown; got 'maybe'": changed(
        "task_definitions", 0, "starts", to="maybe"
    ),
    "is not a valid report: check must be an object; it is an array": changed("check", to=[]),
    "must be a report of `taskrole audit`; got one on 'others'": changed("report", to="others"),
}


@pytest.mark.parametrize(("message", "change"), BAD.items())
def test_a_report_of_another_version_is_refused(
    tmp_path: Path, message: str, change: Callable[[dict[str, Any]], None]
) -> None:
    data = audited(SHOP)
    change(data)
    write(tmp_path, "a.json", data)

    done = merge(tmp_path, "a.json")

    assert (done.code, done.out, done.err) == (1, "", f"a.json: {message}\n")


TEXTS = {
    "": "a.json:1:1: is not JSON: expecting value",
    "[1]": "a.json: must be a report of `taskrole audit --format json`",
    "{": "a.json:1:2: is not JSON",
    '{"check": NaN}': "a.json: must not contain NaN, which is not JSON",
    "[" * 100_000: "a.json: is nested too deeply",
    "\udcff": "a.json: must be UTF-8; byte 0 is not",
}


@pytest.mark.parametrize(("text", "message"), TEXTS.items(), ids=range(len(TEXTS)))
def test_malformed_json_is_an_error_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "a.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    write(tmp_path, "b.json", [])

    done = merge(tmp_path, "a.json", "b.json", "none.json")

    assert done.errors[0].startswith(message)
    assert done.errors[1:] == [
        "b.json: must be a report of `taskrole audit --format json`",
        "none.json: cannot be read: No such file or directory",
    ]


def test_values_of_a_report_are_escaped_in_every_output(tmp_path: Path) -> None:
    hostile = "<script>alert(1)</script>\x1b[31m\u202e"
    data = audited(SHOP, lacks=True)
    data["task_definitions"][0]["name"] = data["check"]["tasks"][0]["file"] = hostile
    data["findings"] = [{"code": hostile, "severity": "error", "source": hostile, "message": hostile}]
    write(tmp_path, "a.json", data)

    page, text = (merge(tmp_path, "a.json", "--format", form).out for form in ("html", "table"))

    assert "<script>alert" not in page
    assert not any(character in page + text for character in "\x1b\u202e")


_VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.lists(st.none(), max_size=2), st.just({}))
_WHOLE = audited(SHOP, lacks=True)


@settings(max_examples=amount(150))
@given(data=st.data())
def test_a_changed_value_gives_no_internal_error(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    report = deepcopy(_WHOLE)
    node: Any = report
    while True:
        key = data.draw(st.sampled_from(sorted(node)) if isinstance(node, dict) else st.sampled_from(range(len(node))))
        if not isinstance(node[key], (dict, list)) or not node[key] or data.draw(st.integers(0, 4)) == 0:
            break
        node = node[key]
    node[key] = data.draw(_VALUES)
    path = tmp_path_factory.mktemp("changed") / "a.json"
    path.write_text(json.dumps(report))

    with suppress(InputError):
        fleet_json(merge_reports([path]))


@pytest.mark.extra
def test_work_grows_with_the_number_of_accounts(tmp_path: Path) -> None:
    report = audited(SHOP, families=5)
    for number in range(max(SIZES)):
        report["context"]["account"] = f"{number:012}"
        write(tmp_path, f"{number}.json", report)

    def merge(size: int) -> None:
        fleet_json(merge_reports(tmp_path / f"{number}.json" for number in range(size)))

    assert growth(merge) < LIMIT
