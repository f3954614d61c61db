"""Reads the JSON of `terraform show -json` value by value, keeping only what is relevant for access.

Reads format versions 1.x of Terraform and OpenTofu; unknown properties are ignored, as the format's compatibility
promise requires.
Source: https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, BinaryIO, NoReturn

from taskrole.errors import InputError, Place, Problem, quote
from taskrole.plan.addresses import module_of
from taskrole.plan.changed_tags import changed_tags
from taskrole.plan.fingerprint import fingerprint_of_change
from taskrole.plan.hash import PlanHash
from taskrole.plan.invocations import invocations
from taskrole.plan.json_stream import ITEM, JsonStream, Keep, Mode, Path, keep_all, too_deep
from taskrole.plan.model import TYPES, Change, Plan, has_true

# Attributes that expressions refer to, or that contain the region or account.
_REFERRED_TO = (
    *("arn", "bucket", "id", "key_id", "name", "name_prefix", "repository_url", "url", "unique_id"),
    *("region", "availability_zone"),
)
_ACTIONS = frozenset({"no-op", "create", "read", "update", "delete", "forget"})
_VERSION = re.compile(r"1\.[0-9]{1,5}")
# planned_values repeats resource_changes; other members are not relevant for access.
_WHOLE = frozenset(
    {
        "format_version",
        "terraform_version",
        "complete",
        "errored",
        "configuration",
        "variables",
        "action_invocations",
        "deferred_action_invocations",
        "deferred_changes",
        "relevant_attributes",
    }
)
_CHANGES = frozenset({"resource_changes", "resource_drift"})
# The path to resources in the state, through nested modules.
_STATE = frozenset({"prior_state", "values", "root_module", "child_modules", "resources", ITEM})


def read_plan(stream: BinaryIO, file: str) -> Plan:
    """Return the plan in a stream; `file` is its name in messages.

    Raises InputError if it is not a plan, has another major version, is truncated or too large, or is nested too
    deeply.
    """
    reader = _Reader(file)
    for path, value in JsonStream(stream, file).walk(_mode, _keeper):
        reader.take(path, value)
    return reader.plan()


def _mode(path: Path) -> Mode:
    if not path:
        return "open"
    first = path[0]
    if first in _CHANGES:
        return "open" if len(path) == 1 else "value"
    if first == "prior_state":
        is_resource = path[-2:] == ("resources", ITEM)
        return "value" if is_resource else "open" if _STATE.issuperset(path) else "skip"
    return "value" if first in _WHOLE else "skip"


def _keeper(path: Path) -> Keep:
    return _only_resources_of_interest if path[0] == "prior_state" else keep_all


def _only_resources_of_interest(resource: dict[str, Any]) -> Any:
    kind = resource.get("type")
    if "address" not in resource or "mode" not in resource or (isinstance(kind, str) and kind in TYPES):
        return resource
    # Values of a data source may determine what the apply does, so the hash includes them.
    if resource["mode"] == "data":
        return resource
    kept = {key: value for key, value in resource.items() if key in ("address", "mode", "type", "name", "index")}
    values = resource.get("values")
    return {**kept, "values": _referred_to(values)} if isinstance(values, dict) else kept


def _referred_to(values: Any) -> dict[str, Any]:
    if not isinstance(values, dict):
        return {}
    return {key: values[key] for key in _REFERRED_TO if isinstance(values.get(key), str)}


class _Reader:
    def __init__(self, file: str) -> None:
        self.file = file
        self.members: dict[str, Any] = {}
        self.changes: dict[str, Change] = {}
        self.drift: list[Change] = []
        self.touched: list[Change] = []
        self.prior: dict[str, Change] = {}
        self.hash = PlanHash()
        self.read = 0
        self.counts = {"create": 0, "update": 0, "delete": 0}

    def take(self, path: Path, value: Any) -> None:
        """Process a value of the plan; values of the state are resources."""
        key = path[0]
        if value is None:
            return
        if key == "resource_changes":
            self.take_change(self.mapping(value, f"resource_changes[{self.read}]"))
        elif key == "resource_drift":
            self.drift.append(self.change(self.mapping(value, f"resource_drift[{len(self.drift)}]")))
        elif key == "prior_state":
            resource = self.untouched(self.mapping(value, ".".join(path)))
            self.prior.setdefault(resource.address, resource)
        else:
            if too_deep(value):
                self.fail(key, "is nested too deeply")
            self.members[key] = value

    def take_change(self, value: Mapping[str, Any]) -> None:
        change = self.change(value)
        self.hash.take(value)
        self.read += 1
        if not change.is_data:
            for action in change.actions & self.counts.keys():
                self.counts[action] += 1
        if change.is_touched or change.is_moved or change.is_imported or change.is_deferred:
            self.touched.append(change)
        # A deposed object of an earlier replacement has the same address as the current object.
        if not change.is_deposed:
            self.changes[change.address] = change

    def change(self, value: Mapping[str, Any]) -> Change:
        address = self.text(value, "address", "")
        change = self.mapping(value.get("change"), f"{address}: change")
        actions = change.get("actions")
        if not isinstance(actions, list) or not actions or not all(isinstance(action, str) for action in actions):
            self.fail(address, "must have change.actions, a list of text")
        kind = self.text(value, "type", address)
        if kind in TYPES and too_deep(change):
            self.fail(address, "is nested too deeply")
        before, after = (self.values(change.get(side), kind, f"{address}: {side}") for side in ("before", "after"))
        keeps, touches = kind in TYPES, not {"no-op"}.issuperset(actions)
        index = value.get("index")
        return Change(
            address,
            kind,
            self.text(value, "name", address),
            frozenset(action if action in _ACTIONS else "update" for action in actions),
            str(value.get("module_address", "")),
            index if isinstance(index, (str, int)) else None,
            value.get("mode") == "data",
            before,
            after,
            change.get("after_unknown", False) if keeps else {},
            change.get("before_sensitive", False) if keeps else {},
            change.get("after_sensitive", False) if keeps else {},
            str(value.get("provider_name", "")),
            str(value.get("previous_address", "")),
            "deposed" in value,
            bool(change.get("importing")),
            _changed(change) if touches else frozenset(),
            changed_tags=changed_tags(change) if touches else frozenset(),
            fingerprint=fingerprint_of_change(value) if touches and not keeps else "",
        )

    def deferred(self) -> Iterator[Change]:
        """Yield the changes that are deferred to a later plan."""
        values = self.members.get("deferred_changes")
        for value in values if isinstance(values, list) else ():
            entry = self.mapping(value, "deferred_changes")
            change = self.change(self.mapping(entry.get("resource_change"), "deferred_changes: resource_change"))
            yield replace(change, deferred=str(entry.get("reason") or "unknown"))

    def values(self, value: Any, kind: str, path: str) -> Mapping[str, Any] | None:
        if value is None:
            return None
        return self.mapping(value, path) if kind in TYPES else _referred_to(value)

    def plan(self) -> Plan:
        version = self.members.get("format_version")
        if not isinstance(version, str):
            self.fail("", "is not a plan: it has no format_version; write it with: terraform show -json PLANFILE")
        if not _VERSION.fullmatch(version):
            self.fail("format_version", f"must be 1.x; got {quote(version)}")
        if not self.read and "configuration" not in self.members:
            self.fail("", "is not a plan; it may be a state; write it with: terraform show -json PLANFILE")
        # Resources in the state that the plan does not mention are unchanged.
        changes = {**self.prior, **self.changes}
        configuration = self.mapping(self.members.get("configuration") or {}, "configuration")
        variables = self.mapping(self.members.get("variables") or {}, "variables")
        return Plan(
            self.file,
            version,
            str(self.members.get("terraform_version", "")),
            self.hash.hexdigest(configuration, variables, changes.values(), self.members.get("action_invocations")),
            tuple(changes.values()),
            tuple(self.drift),
            configuration,
            variables,
            is_complete=self.members.get("complete", True) is not False,
            is_errored=self.members.get("errored", False) is True,
            creates=self.counts["create"],
            updates=self.counts["update"],
            deletes=self.counts["delete"],
            touched=(*self.touched, *invocations(self.members), *self.deferred()),
            relevant=tuple(_relevant(self.members.get("relevant_attributes"))),
        )

    def untouched(self, resource: Mapping[str, Any]) -> Change:
        address = self.text(resource, "address", "prior_state")
        values = self.mapping(resource.get("values") or {}, f"prior_state: {address}")
        hidden = resource.get("sensitive_values", False)
        index = resource.get("index")
        return Change(
            address,
            self.text(resource, "type", address),
            self.text(resource, "name", address),
            frozenset({"no-op"}),
            module_of(address),
            index if isinstance(index, (str, int)) else None,
            resource.get("mode") == "data",
            values,
            values,
            False,
            hidden,
            hidden,
        )

    def text(self, value: Mapping[str, Any], key: str, path: str) -> str:
        text = value.get(key)
        if not isinstance(text, str):
            self.fail(path, f"must have {key}, a text")
        return text

    def mapping(self, value: Any, path: str) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            self.fail(path, "must be an object")
        return value

    def fail(self, path: str, message: str) -> NoReturn:
        raise InputError([Problem(Place(self.file, path=path), message)])


def _relevant(entries: Any) -> Iterator[tuple[str, str]]:
    for entry in entries if isinstance(entries, list) else ():
        address = entry.get("resource") if isinstance(entry, Mapping) else None
        path = entry.get("attribute") if isinstance(entry, Mapping) else None
        if isinstance(address, str):
            yield address, str(path[0]) if isinstance(path, list) and path else ""


def _changed(change: Mapping[str, Any]) -> frozenset[str]:
    """Return the top-level attributes whose value differs or is unknown after a change."""
    before, after, unknown = (
        values if isinstance(values, dict) else {}
        for values in (change.get("before"), change.get("after"), change.get("after_unknown"))
    )
    differ = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    return frozenset(differ | {key for key, mask in unknown.items() if has_true(mask)})
