"""Tests the page of an audit in a real browser: its filters and search, by keyboard and by address."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from taskrole.live.audit_html import audit_html
from tests.live.test_audit_findings import SECRET, audited, role, task
from tests.review.render.chromium import NAMES, Page, browser, find_chromium

PROGRAM = find_chromium()
pytestmark = pytest.mark.skipif(
    PROGRAM is None,
    reason=f"NO BROWSER: none of {', '.join(NAMES)} is installed, so the audit's page was not tested in any",
)
VISIBLE = (
    "[...document.querySelectorAll('#task-table tbody tr')].filter((row) => row.checkVisibility())"
    ".map((row) => row.cells[1].textContent)"
)
HOSTILE = "<img src=x onerror=alert(1)>"
ALL = ["orders:1", "payments:1", "web:1"]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A page of three task definitions with two roles, one of which lacks the permission to start `payments`."""
    account = audited(
        {"orders": task("reader", "", SECRET), "payments": task("writer", "", SECRET), "web": task("reader")},
        role("reader", "secretsmanager:GetSecretValue"),
        role("writer", "logs:PutLogEvents"),
    )
    file = tmp_path_factory.mktemp("pages") / "audit.html"
    file.write_text(audit_html(account), encoding="utf-8")
    return file.as_uri()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(PROGRAM or "", tmp_path_factory.mktemp("profile")) as opened:
        yield opened


def test_the_page_logs_nothing_and_requests_no_other_address(page: Page, address: str) -> None:
    page.open(address)

    assert page.problems == []
    assert page.evaluate(VISIBLE) == ALL


@pytest.mark.parametrize(
    ("fragment", "visible"),
    [
        ("#starts=no", ["payments:1"]),
        ("#starts=yes", ["orders:1", "web:1"]),
        ("#role=writer", ["payments:1"]),
        ("#role=reader&starts=no", []),
        ("#role=reader&text=WEB", ["web:1"]),
        ("#text=c/orders", ["orders:1"]),
        ("#role=unknown-role", ALL),
        ("#roles", ALL),
    ],
)
def test_filters_can_be_shared_as_an_address(page: Page, address: str, fragment: str, visible: list[str]) -> None:
    page.open(address + fragment)

    assert page.evaluate(VISIBLE) == visible


def test_filters_and_search_are_used_by_keyboard_alone(page: Page, address: str) -> None:
    page.open(address)
    focused = "document.activeElement.dataset.filter ?? document.activeElement.type"

    page.press("Tab")
    assert page.evaluate(focused) == "starts"
    page.type("no")
    assert page.evaluate(VISIBLE) == ["payments:1"]
    assert page.evaluate("document.querySelector('[data-shown]').textContent") == "1 of 3 task definitions"
    assert page.evaluate("location.hash") == "#starts=no"

    for expected in ("role", "text", "button"):
        page.press("Tab")
        assert page.evaluate(focused) == expected
    page.press("Enter")
    assert page.evaluate(VISIBLE) == ALL
    assert page.evaluate("location.hash") == ""


def test_the_search_covers_all_columns(page: Page, address: str) -> None:
    page.open(address)

    page.evaluate("document.querySelector('[data-filter=text]').focus()")
    page.type("WRITER")

    assert page.evaluate(VISIBLE) == ["payments:1"]


def test_a_search_without_a_match_is_reported(page: Page, address: str) -> None:
    page.open(f"{address}#text=nothing-like-it")

    assert page.evaluate(VISIBLE) == []
    assert page.evaluate("document.getElementById('no-match').checkVisibility()") is True


def test_a_hostile_address_has_no_effect(page: Page, address: str) -> None:
    page.open(f"{address}#text={quote(HOSTILE)}&role=__proto__&x=1")

    assert page.problems == []
    assert page.evaluate("document.querySelectorAll('img').length") == 0


def test_controls_have_accessible_names(page: Page, address: str) -> None:
    page.open(address)

    names = [page.accessible(f"[data-filter={name}]") for name in ("starts", "role", "text")]
    assert names == ["Starts", "Execution role", "Text"]


def test_without_scripts_only_the_filters_are_missing(page: Page, address: str) -> None:
    page.open(address, script=False)

    assert page.evaluate(VISIBLE) == ALL
    assert page.evaluate("document.querySelector('.filters').checkVisibility()") is False


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_window(page: Page, address: str, width: int) -> None:
    page.open(address, width=width, height=844)

    assert page.evaluate("document.documentElement.scrollWidth") <= width
