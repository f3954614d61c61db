"""The actions of providers that a plan invokes, now or in a later plan (Terraform 1.14).

Source: https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from taskrole.plan.fingerprint import fingerprint
from taskrole.plan.model import Change

_KEY = "action_invocations"
_DEFERRED = "deferred_action_invocations"


def invocations(members: Mapping[str, Any]) -> Iterator[Change]:
    """Yield the action invocations of a plan as changes whose only action is `invoke`.

    Malformed entries are yielded too, since they are known to exist.
    """
    for place, value in enumerate(_list(members.get(_KEY))):
        yield _invocation(value, f"{_KEY}[{place}]", "")
    for place, value in enumerate(_list(members.get(_DEFERRED))):
        entry = value if isinstance(value, Mapping) else {}
        reason = str(entry.get("reason") or "unknown")
        yield _invocation(entry.get("action_invocation"), f"{_DEFERRED}[{place}]", reason)


def _invocation(value: Any, place: str, deferred: str) -> Change:
    entry: Mapping[str, Any] = value if isinstance(value, Mapping) else {}
    key = fingerprint(
        {name: member for name, member in entry.items() if name not in ("config_values", "config_sensitive")},
        before=None,
        after=entry.get("config_values"),
        unknown=None,
        hidden_after=entry.get("config_sensitive"),
    )
    return Change(
        str(entry.get("address") or place),
        str(entry.get("type") or "unknown"),
        str(entry.get("name") or ""),
        frozenset({"invoke"}),
        provider=str(entry.get("provider_name") or ""),
        deferred=deferred,
        fingerprint=key,
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
