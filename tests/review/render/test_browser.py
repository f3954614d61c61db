"""Tests the page in a real browser: only its own script runs, and its filters work by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from markdown_it import MarkdownIt

from taskrole.review.render import RENDERERS
from tests.review.render.chromium import NAMES, Page, browser, find_chromium
from tests.review.render.reports import OPTIONS, QUIET, REPORTS

PROGRAM = find_chromium()
ALL = {**REPORTS, **QUIET}
SHOWN = """[...document.querySelectorAll("#grants tbody tr")].filter((row) => row.checkVisibility())
    .map((row) => [row.dataset.sign, row.dataset.role, row.dataset.level].join(" "))"""
EVERYTHING = [
    "+ payments-exec Permissions management",
    "+ payments-exec Permissions management",
    "+ payments-exec Permissions management",
    "+ payments-exec Write",
    "- payments-exec Write",
    "+ payments-exec Read",
    "- payments-exec Read",
    "- payments-task Write",
]

GITHUB_STYLE = """<style>
  body { margin: 0 16px; font: 14px/1.5 sans-serif; overflow-wrap: break-word; }
  table { display: block; width: max-content; max-width: 100%; overflow: auto; border-collapse: collapse; }
  th, td { padding: 6px 13px; border: 1px solid; }
  code { padding: .2em .4em; font-size: 85%; white-space: break-spaces; }
</style>"""

pytestmark = pytest.mark.skipif(
    PROGRAM is None,
    reason=f"NO BROWSER: none of {', '.join(NAMES)} is installed, so the HTML page was not tested in any",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("pages")
    for name, report in ALL.items():
        (made / f"{name}.html").write_text(RENDERERS["html"](report, OPTIONS), encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Iterator[Page]:
    with browser(PROGRAM or "", tmp_path_factory.mktemp("profile")) as page:
        yield page


def address(folder: Path, name: str, fragment: str = "") -> str:
    return f"{(folder / f'{name}.html').as_uri()}{fragment}"


@pytest.mark.parametrize("name", ALL)
def test_the_page_logs_nothing_and_requests_nothing(page: Page, folder: Path, name: str) -> None:
    page.open(address(folder, name))

    assert page.problems == []
    assert page.evaluate("document.querySelectorAll('script').length") == 1
    assert page.evaluate("document.querySelectorAll('img, iframe, object, link, form').length") == 0


def test_the_content_security_policy_blocks_other_scripts(page: Page, folder: Path, tmp_path: Path) -> None:
    text = (folder / "broadening.html").read_text("utf-8")
    wrong = "<script>document.title = 'pwned'</script><img src='http://127.0.0.1:9/x.png'><p style='color: red'>x</p>"
    (tmp_path / "wrong.html").write_text(text.replace("<main>", f"<main>{wrong}"), encoding="utf-8")

    page.open((tmp_path / "wrong.html").as_uri())

    problems = " ".join(page.problems)
    assert page.evaluate("document.title") == "Plan review: payments"
    assert "script-src" in problems
    assert "style-src" in problems
    assert "default-src" in problems


@pytest.mark.parametrize("name", ALL)
def test_nothing_is_wider_than_the_window(page: Page, folder: Path, name: str) -> None:
    page.open(address(folder, name))
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    widths = [390, 420, 760, 768, 1280]

    rendered = {}
    for width in widths:
        page.resize(width=width, height=844)
        rendered[width] = page.evaluate("document.documentElement.scrollWidth")

    assert [width for width in widths if rendered[width] > width] == []


@pytest.mark.parametrize("name", ["everything", "broadening", "trust-opened", "first-apply"])
def test_a_comment_needs_no_scrollbar_at_the_width_of_a_pull_request(page: Page, tmp_path: Path, name: str) -> None:
    """GitHub gives a table the width of its content, and a scrollbar if that is wider than the column."""
    markdown = MarkdownIt("commonmark", {"html": True}).enable("table").render(RENDERERS["comment"](ALL[name], OPTIONS))
    (tmp_path / "comment.html").write_text(f"<!doctype html><meta charset=utf-8>{GITHUB_STYLE}{markdown}", "utf-8")

    page.open((tmp_path / "comment.html").as_uri(), width=760)

    wide = "[...document.querySelectorAll('table')].filter((one) => one.scrollWidth > one.clientWidth).length"
    assert page.evaluate("document.querySelectorAll('table').length") > 0
    assert page.evaluate(wide) == 0


def test_errors_are_at_the_top_and_the_headline_links_to_them(page: Page, folder: Path) -> None:
    page.open(address(folder, "everything"))

    assert page.evaluate("document.querySelector('main section').id") == "errors"
    links = "[...document.querySelectorAll('header a')].map((one) => [one.textContent, one.hash])"
    assert ["1 error", "#errors"] in page.evaluate(links)
    targets = "[...document.querySelectorAll('header a')].every((one) => document.querySelector(one.hash) !== null)"
    assert page.evaluate(targets) is True


@pytest.mark.parametrize("width", [760, 1280])
def test_reasons_are_not_broken_inside_words(page: Page, folder: Path, width: int) -> None:
    page.open(address(folder, "broadening"), width=width)

    # A word that is broken has rectangles on two lines.
    broken = """(() => {
      const found = [];
      for (const one of document.querySelectorAll('.why')) {
        const walker = document.createTreeWalker(one, NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node; node = walker.nextNode())
          for (const word of node.data.matchAll(/[A-Za-z]+/g)) {
            const range = document.createRange();
            range.setStart(node, word.index);
            range.setEnd(node, word.index + word[0].length);
            if (range.getClientRects().length > 1) found.push(word[0]);
          }
      }
      return found;
    })()"""
    assert page.evaluate("document.querySelectorAll('.why').length") > 2
    assert page.evaluate(broken) == []


def test_a_plan_that_is_not_blocked_is_not_red(page: Page, folder: Path) -> None:
    color = "getComputedStyle(document.querySelector('.verdict .chip')).color"

    page.open(address(folder, "broadening"))
    blocked = page.evaluate(color)
    page.open(address(folder, "narrowing"))

    assert (blocked, page.evaluate(color)) == ("rgb(179, 38, 30)", "rgb(17, 99, 41)")


def test_filters_are_reached_and_used_by_keyboard_alone(page: Page, folder: Path) -> None:
    page.open(address(folder, "broadening"))
    assert page.evaluate(SHOWN) == EVERYTHING

    focused = "document.activeElement.dataset.filter ?? document.activeElement.type"
    # Links of the headline and of the rules that errors name come first.
    for _ in range(page.evaluate("document.querySelectorAll('header a, #errors a').length") + 1):
        page.press("Tab")
    assert page.evaluate(focused) == "role"
    page.type("payments-task")
    assert page.evaluate(SHOWN) == ["- payments-task Write"]
    assert page.evaluate("document.querySelector('[data-shown]').textContent") == "1 of 8 grants"
    assert page.evaluate("location.hash") == "#role=payments-task"

    for expected in ("sign", "level", "text", "button"):
        page.press("Tab")
        assert page.evaluate(focused) == expected
    page.press("Enter")
    assert page.evaluate(SHOWN) == EVERYTHING
    assert page.evaluate("location.hash") == ""
    assert page.evaluate(focused) == "role"


def test_the_search_covers_all_columns(page: Page, folder: Path) -> None:
    page.open(address(folder, "broadening"))

    page.evaluate("document.querySelector('[data-filter=text]').focus()")
    page.type("VIASERVICE")

    assert page.evaluate(SHOWN) == ["+ payments-exec Write"]


def test_a_search_without_a_match_is_reported(page: Page, folder: Path) -> None:
    page.open(address(folder, "broadening", "#text=nothing-like-it"))

    assert page.evaluate(SHOWN) == []
    assert page.evaluate("document.getElementById('no-match').checkVisibility()") is True


@pytest.mark.parametrize(
    ("fragment", "rows"),
    [
        ("#role=payments-task", EVERYTHING[-1:]),
        ("#sign=-", [EVERYTHING[4], *EVERYTHING[-2:]]),
        ("#sign=%2B&level=Permissions+management", EVERYTHING[:3]),
        ("#level=Read&text=a1b2c3", EVERYTHING[6:7]),
        ("#role=missing", EVERYTHING),
        ("#findings", EVERYTHING),
        ("", EVERYTHING),
    ],
)
def test_filters_can_be_shared_as_an_address(page: Page, folder: Path, fragment: str, rows: list[str]) -> None:
    page.open(address(folder, "broadening", fragment))

    assert page.evaluate(SHOWN) == rows


def test_a_hostile_address_has_no_effect(page: Page, folder: Path) -> None:
    page.open(address(folder, "broadening", f"#text={quote('<img src=x onerror=alert(1)>')}&role=__proto__&x=1"))

    assert page.problems == []
    assert page.evaluate("document.querySelectorAll('img').length") == 0


def test_a_hostile_role_can_be_filtered_by_its_name(page: Page, folder: Path) -> None:
    page.open(address(folder, "hostile"))
    page.evaluate(
        "{ const one = document.querySelector('[data-filter=role]'); one.selectedIndex = 1;"
        " one.dispatchEvent(new Event('input', { bubbles: true })); }"
    )

    assert len(page.evaluate(SHOWN)) == 3
    assert page.problems == []


def test_without_scripts_only_the_filters_are_missing(page: Page, folder: Path) -> None:
    page.open(address(folder, "broadening"), script=False)

    assert page.evaluate(SHOWN) == EVERYTHING
    assert page.evaluate("document.querySelector('.filters').checkVisibility()") is False
    assert page.evaluate("document.querySelectorAll('article.finding').length") == 3


CONTRAST = """(() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (color) => color.slice(0, 3).map((part) => part / 255)
    .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const behind = (one) => {
    for (; one; one = one.parentElement) {
      const color = rgb(getComputedStyle(one).backgroundColor);
      if (color.length === 3 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  document.querySelectorAll("details").forEach((one) => { one.open = true; });
  return [...document.querySelectorAll("body *")]
    .filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
    .filter((one) => one.checkVisibility() && !(one instanceof SVGElement))
    .map((one) => {
      const [front, back] = [light(rgb(getComputedStyle(one).color)), light(behind(one))];
      return [(Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05), one.outerHTML.slice(0, 80)];
    })
    .filter(([ratio]) => ratio < 4.5);
})()"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["broadening", "trust-opened", "unresolved"])
def test_every_text_has_enough_contrast(page: Page, folder: Path, name: str, dark: bool) -> None:
    """WCAG 2.2 AA, 4.5 to 1: https://www.w3.org/TR/WCAG22/#contrast-minimum."""
    page.open(address(folder, name), dark=dark)

    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == ("rgb(13, 17, 23)" if dark else "rgb(255, 255, 255)")
    assert page.evaluate(CONTRAST) == []


def test_the_chart_has_an_equivalent_text(page: Page, folder: Path) -> None:
    page.open(address(folder, "broadening"))

    assert page.accessible("svg") == (
        "Effective actions by access level, before and after Permissions management: 0 before, 4 after; "
        "Write: 5 before, 16 after; Tagging: 0 before, 2 after; Read: 5 before, 12 after; List: 0 before, 2 after"
    )
    widths = (
        "[...document.querySelectorAll('svg rect.after')].map((bar) => Math.round(bar.getBoundingClientRect().width))"
    )
    bars = page.evaluate(widths)
    assert [round(16 * width / bars[1]) for width in bars] == [4, 16, 2, 12, 2]


def test_controls_have_accessible_names(page: Page, folder: Path) -> None:
    page.open(address(folder, "broadening"))

    names = [page.accessible(f"[data-filter={name}]") for name in ("role", "sign", "level", "text")]
    assert names == ["Role", "Change", "Access level", "Text"]


def test_a_phone_shows_rows_as_cards_that_are_still_a_table(page: Page, folder: Path) -> None:
    page.open(address(folder, "broadening"), width=390, height=844)

    assert page.evaluate("getComputedStyle(document.querySelector('#grants tbody tr')).display") == "block"
    assert page.evaluate("document.querySelector('#grants').getAttribute('role')") == "table"
    assert page.evaluate("getComputedStyle(document.querySelector('#grants td'), '::before').content") == '"±"'


@pytest.mark.parametrize("rows", [1_000, pytest.param(3_000, marks=pytest.mark.extra)])
def test_thousands_of_grants_are_filtered_fast(page: Page, folder: Path, rows: int) -> None:
    from tests.review.render.test_markdown import large

    tested = large(roles=100, rows=rows)
    (folder / "large.html").write_text(RENDERERS["html"](tested, OPTIONS), encoding="utf-8")
    page.open(address(folder, "large"))

    milliseconds = page.evaluate(
        "(() => { const text = document.querySelector('[data-filter=text]'); const start = performance.now();"
        " text.value = 'role-99'; text.dispatchEvent(new Event('input', { bubbles: true }));"
        " document.body.offsetHeight; return performance.now() - start; })()"
    )

    assert page.evaluate("document.querySelector('[data-shown]').textContent") == f"{rows // 100} of {rows:,} grants"
    assert milliseconds < rows * 5 / 3, "it takes 300 ms for 3,000 where nothing else runs"
