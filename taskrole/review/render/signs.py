"""Signs that stand before words, never instead of them."""

from __future__ import annotations

from collections.abc import Mapping

from taskrole.policy.comparison.compare import Verdict

VERDICT_SIGNS: Mapping[Verdict, str] = {
    "broadens": "🔴",
    "unresolved": "🟡",
    "narrows": "🟢",
    "neutral": "⚪",
    "no-change": "⚪",
}
# Of a plan that is not blocked nothing is red.
STATE_SIGNS: Mapping[Verdict, str] = {**VERDICT_SIGNS, "broadens": "🟠"}
BLOCKED_SIGN = "⛔"


def with_sign(sign: str, change: str) -> str:
    """Return a sign and what comes or goes, which stay on one line."""
    return f"{sign}\u00a0{change}"
