"""The rules that classify a change as explained, without effect on access, or not reviewed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Literal, TypeAlias

from taskrole.dataclass import dataclass
from taskrole.plan import access_categories, commands
from taskrole.plan.asked_tags import asked_tags, asks_for
from taskrole.plan.configuration import Configuration
from taskrole.plan.links import ONLY_ATTACHED, ONLY_INLINE
from taskrole.plan.model import POLICY_DOCUMENT, ROLE, TASK_DEFINITION, Change, Plan
from taskrole.plan.resource_types import AccessAttributes, is_of_aws, only_makes_values, terraform_types
from taskrole.plan.role_policies import ATTACHMENT, INLINE, MANY_ATTACHMENTS, POLICY

# The category of a change that is not reviewed, and the reason, each as a clause.
NotReviewedBecause: TypeAlias = tuple[str, str]
ChangeClass: TypeAlias = Literal["explained", "without effect"] | NotReviewedBecause

# Attributes that never affect access, for any type; and tags, which conditions of policies may name.
_NEUTRAL = frozenset({"comment", "description", "timeouts"})
_TAGS = frozenset({"tags", "tags_all"})
# Types with tags of their own that policies outside the plan may name.
_IDENTITIES = ("aws_iam_", "aws_identitystore_", "aws_organizations_", "aws_ssoadmin_")

_NO_ROLE = "its effect on a role is not known"
# Types whose effect a report computes, each with the attribute that names the role; unresolved if it is not computed.
_OF_ROLES = {
    ROLE: "assume_role_policy",
    POLICY: "policy",
    MANY_ATTACHMENTS: "roles",
    ONLY_INLINE: "role_name",
    INLINE: "role",
    ATTACHMENT: "role",
    ONLY_ATTACHED: "role_name",
}
_WORKLOADS = frozenset({TASK_DEFINITION, "aws_ecs_service"})


@dataclass(frozen=True)
class Classes:
    """The rules for the changes of one plan. `explained` are the addresses that the report covers."""

    plan: Plan
    configuration: Configuration
    explained: frozenset[str]

    def of(self, change: Change) -> ChangeClass:
        """Return the class of a change according to the first rule that applies."""
        rules = (self._by_action, self._by_what_it_runs, self._by_report, self._by_data, self._by_type)
        return next(change_class for rule in rules if (change_class := rule(change)))

    def unseen(self, change: Change) -> tuple[str, str] | None:
        """Return the attribute and the reason if a change that is not reviewed is unresolved; otherwise None.

        It is unresolved if it creates or changes IAM resources outside the plan, or if the report should cover it.
        """
        if change.is_data or change.actions & {"no-op", "invoke"}:
            return None
        made = access_categories.unseen_type(change.type)
        if made is not None:
            return None if change.is_forgotten else made
        attribute = _OF_ROLES.get(change.type)
        is_unused = change.type == POLICY and change.actions == {"create"}
        if attribute is None or is_unused or change.is_deposed or change.address in self.explained:
            return None
        return attribute, _NO_ROLE

    def _by_action(self, change: Change) -> ChangeClass | None:
        if change.actions == {"invoke"}:
            return access_categories.COMMANDS, "it invokes an action of the provider"
        if change.actions == {"no-op"}:
            # Moved or imported: the account does not change.
            return "explained" if self._is_accounted_for(change) else "without effect"
        return None

    def _by_what_it_runs(self, change: Change) -> ChangeClass | None:
        runs = commands.provisioners(self.configuration, change)
        return (access_categories.COMMANDS, f"its {runs[0]} provisioner runs a command") if runs else None

    def _by_report(self, change: Change) -> ChangeClass | None:
        made = access_categories.unseen_type(change.type)
        if made is not None and not change.is_data:
            return access_categories.MAKES_UNSEEN, made[1]
        if _attaches_to_others(change):
            return "users and groups", "it attaches a policy to users or groups, which are not compared"
        return "explained" if self._is_accounted_for(change) else None

    def _is_accounted_for(self, change: Change) -> bool:
        """Return whether the report covers a change; it does not cover deposed objects and deferred changes."""
        is_now = not change.is_deposed and not change.deferred
        return change.address in self.explained and is_now and (is_of_aws(change) or not change.provider)

    def _by_data(self, change: Change) -> ChangeClass | None:
        """Return the class of a read; without side effects, it has no effect: the resources that use it are changes."""
        if not change.is_data:
            return None
        act = commands.acts(change)
        if act:
            return access_categories.COMMANDS, act
        if change.type == POLICY_DOCUMENT:
            return "policy documents", "it is not known to be used by a reviewed role or policy"
        is_known = is_of_aws(change) and change.type in terraform_types().data_sources
        if is_known or only_makes_values(change):
            return "without effect"
        return access_categories.UNKNOWN_TYPES, "its type is unknown"

    def _by_type(self, change: Change) -> ChangeClass:
        if only_makes_values(change):
            return "without effect"
        category, matters = self._category(change), self._matters(change)
        if not matters:
            return category if matters is None else self._by_tags(change)
        why = f"it sets {', '.join(sorted(matters))}"
        if change.type in _WORKLOADS:
            return category[0], why
        listed = _listed(change)
        return category if listed is None else (access_categories.category_of_attributes(matters, listed), why)

    def _category(self, change: Change) -> NotReviewedBecause:
        if is_of_aws(change) and change.type in _OF_ROLES:
            is_unused = change.type == POLICY and change.actions == {"create"}
            return "roles and policies", "it is not attached to a role of this plan" if is_unused else _NO_ROLE
        if is_of_aws(change) and change.type in _WORKLOADS:
            return "workloads", "the roles that it runs under are not compared"
        return access_categories.category(change.type, is_of_aws=is_of_aws(change))

    def _matters(self, change: Change) -> frozenset[str] | None:
        """Return the changed attributes that affect access; None if unknown, so that the whole change can."""
        if not is_of_aws(change) or change.type in _OF_ROLES:
            return None
        listed = _listed(change)
        if listed is not None:
            is_left_over = change.is_deposed and (listed.texts or listed.others)
            return None if is_left_over else self._access(change, listed) | self._encryption(change, listed)
        is_neutral = change.actions == {"update"} and change.type in terraform_types().kinds
        return change.changed - _NEUTRAL - _TAGS if is_neutral and not change.type.startswith(_IDENTITIES) else None

    def _access(self, change: Change, listed: AccessAttributes) -> frozenset[str]:
        """Return the access attributes that a change sets, except those that only AWS fills in."""
        filled_in = {name for name in listed.texts if self._is_filled_in(change, name)}
        return listed.matter(change.changed) - filled_in

    def _is_filled_in(self, change: Change, attribute: str) -> bool:
        """Return whether an attribute of a new resource is unset in the configuration, so that AWS fills it in."""
        is_written = self.configuration.is_set(change, attribute)
        return change.actions == {"create"} and bool(self.configuration.resource(change)) and not is_written

    def _encryption(self, change: Change, listed: AccessAttributes) -> frozenset[str]:
        """Return the encryption attributes through which an existing resource may need other KMS permissions."""
        stays = bool(change.actions & {"update", "delete"}) and not change.is_destroyed
        return listed.encryption & change.changed if stays else frozenset()

    def _by_tags(self, change: Change) -> ChangeClass:
        if change.is_destroyed or change.changed.isdisjoint(_TAGS) or not asks_for(self._asked, change, self.plan):
            return "without effect"
        return "tags", "its tags change, and a policy of this plan has a condition on them"

    @cached_property
    def _asked(self) -> frozenset[str]:
        return asked_tags(self.plan)


def _listed(change: Change) -> AccessAttributes | None:
    """Return the access attributes listed for the type of a change; None if the type is unknown."""
    lists = terraform_types()
    return lists.without_effect.get(change.type) or lists.by_attribute.get(change.type)


def _attaches_to_others(change: Change) -> bool:
    """Return whether a policy attachment names users or groups, before or after the change."""
    if change.type != MANY_ATTACHMENTS:
        return False
    sides: tuple[Mapping[str, object], ...] = (change.before or {}, change.after or {})
    names = ("users", "groups")
    return any(side.get(name) for side in sides for name in names) or any(map(change.is_unknown, names))
