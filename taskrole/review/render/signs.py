"""Signs that precede words and never replace them."""

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
# A plan that is not blocked has no red sign.
STATE_SIGNS: Mapping[Verdict, str] = {**VERDICT_SIGNS, "broadens": "🟠"}
BLOCKED_SIGN = "⛔"


def with_sign(sign: str, change: str) -> str:
    """Return a sign and a change, joined by a no-break space."""
    return f"{sign}\u00a0{change}"
