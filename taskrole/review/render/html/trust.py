"""Changes of who can assume a role."""

from __future__ import annotations

from taskrole.output.escape.html import Markup, code, element, join, prose
from taskrole.output.escape.plain import visible
from taskrole.review.render.html.parts import chip, section
from taskrole.review.render.trust import TrustDifference, TrustLine, trust_differences
from taskrole.review.render.view import title_of
from taskrole.review.report import Report


def trust_section(report: Report) -> Markup | None:
    """Return the principals that trust policies gain and lose, or None if none changes."""
    differences = trust_differences(report)
    if not differences:
        return None
    return section("trust", "Trust changes", *map(_difference, differences))


def _difference(difference: TrustDifference) -> Markup:
    documents = element(
        "details",
        element("summary", "Trust policy before and after"),
        element("pre", _diff(difference.documents()), tabindex="0"),
    )
    trust = difference.role.trust
    approved = chip("approved", "good") if trust.approved else ""
    key = element("p", "key ", code(trust.key), " ", approved, class_="key") if difference.broadens else ""
    return element(
        "article",
        element("h3", code(title_of(difference.role))),
        element("p", code(difference.role.address), class_="faint"),
        element("ul", *map(_line, difference.lines), class_="changes"),
        key,
        documents,
        class_="trust",
    )


def _line(line: TrustLine) -> Markup:
    words = {"+": " now", "-": " no longer", "±": " changed"}[line.sign]
    kind = "broadens" if line.broadens else "narrows"
    mark = element("span", line.sign, element("span", words, class_="words"), class_=f"sign {kind}")
    return element("li", mark, " ", prose(line.text))


def _diff(text: str) -> Markup:
    kinds = {"+": "broadens", "-": "narrows"}
    lines = (
        element("span", visible(line), class_=kinds[line[0]]) if line[:1] in kinds else visible(line)
        for line in text.split("\n")
    )
    return join(part for line in lines for part in (line, Markup("\n")))
