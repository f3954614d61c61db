"""Attributes and resources that manage all policies of a role exclusively."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from taskrole.dataclass import dataclass
from taskrole.plan.known_document import KnownDocument, joined
from taskrole.plan.links import ONLY_ATTACHED, ONLY_INLINE, Link
from taskrole.plan.model import Change
from taskrole.plan.role_policies import Attached, AttachedKind, Policies, value_of
from taskrole.plan.templates import referred_names

_LISTS: tuple[tuple[str, AttachedKind], ...] = (("inline_policy", "inline"), ("managed_policy_arns", "managed"))
_DYNAMIC = (
    "whether dynamic blocks give the new role inline policies is known only after the apply; give the configuration"
    " with --source to prove that none does"
)


def configured(change: Change, policies: Mapping[str, Attached], all_policies: Policies) -> dict[str, Attached]:
    """Return a role's policies if its own lists change: the new lists replace all policies.

    Only the planned value matters: an unchanged list has no effect.
    """
    own = all_policies.of_role(change, "after")
    result = dict(policies)
    for attribute, kind in _LISTS:
        before, after = (value_of(change, side, attribute) or [] for side in ("before", "after"))
        is_inline = kind == "inline"
        if not _changes(change, attribute, before, after, all_policies):
            continue
        result = {key: policy for key, policy in result.items() if (policy.kind == "inline") != is_inline}
        result |= {key: policy for key, policy in own.items() if (policy.kind == "inline") == is_inline}
        if _is_open(change, attribute):
            known, problem = (own, "") if is_inline else all_policies.listed(change, attribute)
            result |= {key: policy for key, policy in known.items() if (policy.kind == "inline") == is_inline}
            if is_inline or problem:
                on = referred_names(all_policies.configuration.expression(change, attribute))
                is_set = all_policies.configuration.is_set(change, attribute) or not change.is_made
                why = problem or (f"it is known only after the apply{on}" if is_set else _DYNAMIC)
                key = f"{change.address}.{attribute}"
                result[key] = Attached(key, attribute, kind, KnownDocument(None, why), change.address, attribute)
    return result


def _changes(change: Change, attribute: str, before: object, after: object, policies: Policies) -> bool:
    if _is_open(change, attribute):
        return not change.is_made or _may_be_set(change, attribute, policies)
    return before != after or (change.is_made and bool(after)) or change.is_unknown(attribute)


def _is_open(change: Change, attribute: str) -> bool:
    """Return whether a list is entirely unknown, which plans show for an unset list and for one of unknown length."""
    return isinstance(change.unknown, Mapping) and change.unknown.get(attribute) is True


def _may_be_set(change: Change, attribute: str, policies: Policies) -> bool:
    configuration = policies.configuration
    if configuration.is_set(change, attribute):
        return configuration.expression(change, attribute).get("constant_value", True) not in (None, [])
    if attribute != "inline_policy":
        return False
    is_dynamic = configuration.source.is_dynamic(change, attribute) if configuration.source else None
    return configuration.may_hide_unknown(change) if is_dynamic is None else is_dynamic


def restricted(
    policies: Mapping[str, Attached], touched: Iterable[Link], all_policies: Policies
) -> dict[str, Attached]:
    """Return a role's policies after exclusive resources apply; an exclusive list of attachments also attaches.

    Only exclusive resources that the plan creates or changes have an effect. Policies created in the same apply may be
    attached after them.
    """
    result = dict(policies)
    made = {key for link in touched for key in all_policies.of_link(link.change, "after")}
    for link in touched:
        if link.change.type == ONLY_INLINE:
            names = value_of(link.change, "after", "policy_names")
            listed = {f"inline:{name}" for name in names if name} if isinstance(names, list) else set()
            problem = ""
            if link.change.is_unknown("policy_names"):
                on = referred_names(all_policies.configuration.expression(link.change, "policy_names"))
                problem = f"not all that it lists is known before the apply{on}"
            others = {key for key, policy in result.items() if policy.kind == "inline" and key not in listed}
            result = _without(result, others, _Exclusive(link, "policy_names", problem, made))
        elif link.change.type == ONLY_ATTACHED:
            attached, problem = all_policies.listed(link.change, "policy_arns")
            others = {key for key, policy in result.items() if policy.kind != "inline" and key not in attached}
            result = _without(result, others, _Exclusive(link, "policy_arns", problem, made))
            for key, policy in attached.items():
                result.setdefault(key, _doubted(policy, link) if link.doubt else policy)
            if problem:
                key = f"{link.change.address}.policy_arns"
                unknown = KnownDocument(None, problem)
                result[key] = Attached(key, "policy_arns", "managed", unknown, link.change.address, "policy_arns")
    return result


@dataclass(frozen=True)
class _Exclusive:
    """An exclusive resource; `problem` is why its list is unknown, `made` is what the same apply creates."""

    link: Link
    attribute: str
    problem: str
    made: set[str]


def _without(policies: Mapping[str, Attached], others: set[str], exclusive: _Exclusive) -> dict[str, Attached]:
    """Return policies without those that an exclusive resource removes; an uncertain removal is a problem."""
    link = exclusive.link
    result = dict(policies)
    for key in others:
        doubt = link.doubt or exclusive.problem
        if not doubt and key in exclusive.made:
            doubt = f"{link.change.address} does not list it, and which of the two is applied last is not known"
        if not doubt:
            del result[key]
        else:
            why = joined(f"it may be removed: {doubt}", result[key].doubt)
            result[key] = replace(result[key], address=link.change.address, attribute=exclusive.attribute, doubt=why)
    return result


def _doubted(policy: Attached, link: Link) -> Attached:
    why = joined(link.doubt, policy.doubt)
    return replace(policy, address=link.change.address, attribute="role_name", doubt=why)
