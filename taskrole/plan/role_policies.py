"""The policies that a role can have in a plan, each with its document as far as it is known, before or after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from taskrole.plan.configuration import Configuration
from taskrole.plan.documents import SIDES, Known, Side, document_of, parse_document
from taskrole.plan.model import MASK, Change, Plan
from taskrole.policy.catalogue.managed import managed_policy
from taskrole.policy.documents.statements import Document

AttachedKind = Literal["inline", "managed", "aws", "boundary"]

POLICY = "aws_iam_policy"
INLINE = "aws_iam_role_policy"
ATTACHMENT = "aws_iam_role_policy_attachment"
MANY_ATTACHMENTS = "aws_iam_policy_attachment"

AFTER_APPLY = "it is known only after the apply"


@dataclass(frozen=True)
class Attached:
    """A policy that a role has. `key` is its name (inline) or ARN, or the address of the policy that gets one.

    `address` is the resource that says what is in it, empty where none of the plan does. `document` is None where its
    text is not known, and `problem` then says why; with both, a part of it is known. `is_hidden` says that its text is
    sensitive, `is_secret` that what it is called is.
    """

    key: str
    name: str
    kind: AttachedKind
    document: Document | None
    address: str = ""
    attribute: str = "policy"
    problem: str = ""
    is_hidden: bool = False
    is_secret: bool = False

    @property
    def shown_key(self) -> str:
        """The key, unless it is sensitive."""
        return MASK if self.is_secret else self.key


class Policies:
    """The policies of a plan: those that are resources in it, and those that it only names."""

    def __init__(self, plan: Plan, configuration: Configuration) -> None:
        self.configuration = configuration
        self.resources: dict[str, Change] = {}
        self.known: dict[tuple[str, str, str], Known] = {}
        for change in plan.changes:
            if change.type == POLICY:
                self.resources.setdefault(change.address, change)
                for side in SIDES:
                    arn = value_of(change, side, "arn")
                    if isinstance(arn, str):
                        self.resources[arn] = change

    def boundary(self, change: Change, side: Side) -> Attached | None:
        """Return a role's permissions boundary, or None where it has none."""
        arn = value_of(change, side, "permissions_boundary")
        if isinstance(arn, str) and arn:
            boundary = replace(self.managed(arn, side), kind="boundary")
            return _secret(boundary) if change.is_hidden("permissions_boundary") else boundary
        if side == "after" and change.is_unknown("permissions_boundary"):
            found = self.configuration.referred(change, "permissions_boundary", POLICY)
            if len(found) == 1:
                return replace(self.of_policy(found[0][0], side), kind="boundary")
            return Attached(
                f"{change.address}.permissions_boundary",
                "permissions boundary",
                "boundary",
                None,
                change.address,
                "permissions_boundary",
                AFTER_APPLY,
            )
        return None

    def of_role(self, change: Change, side: Side) -> dict[str, Attached]:
        """Return the policies that the role's own attributes name."""
        found: dict[str, Attached] = {}
        inline = value_of(change, side, "inline_policy")
        is_hidden = change.is_hidden("inline_policy")
        for one in inline if isinstance(inline, list) else ():
            if isinstance(one, Mapping) and one.get("name"):
                name = str(one["name"])
                known = parse_document(one.get("policy"))
                found[f"inline:{name}"] = Attached(
                    f"inline:{name}",
                    MASK if is_hidden else name,
                    "inline",
                    known.document,
                    change.address,
                    "inline_policy",
                    known.problem,
                    is_hidden,
                    is_secret=is_hidden,
                )
        arns = value_of(change, side, "managed_policy_arns")
        for arn in arns if isinstance(arns, list) else ():
            if isinstance(arn, str):
                found[arn] = self.named(change, "managed_policy_arns", arn, side)
        return found

    def inline(self, change: Change, side: Side) -> dict[str, Attached]:
        """Return the policy of a resource for an inline policy."""
        known = self.document(change, "policy", side)
        name = value_of(change, side, "name")
        name = name if isinstance(name, str) else change.address
        is_secret = change.is_hidden("name")
        one = Attached(f"inline:{name}", MASK if is_secret else name, "inline", known.document, change.address)
        one = replace(one, problem=known.problem, is_hidden=known.is_hidden, is_secret=is_secret)
        return {one.key: one}

    def attached(self, change: Change, side: Side) -> dict[str, Attached]:
        """Return the policy that a resource attaches."""
        arn = value_of(change, side, "policy_arn")
        if isinstance(arn, str) and arn:
            return {arn: self.named(change, "policy_arn", arn, side)}
        policies = [one for one, _ in self.configuration.referred(change, "policy_arn", POLICY)]
        if len(policies) == 1:
            found = self.of_policy(policies[0], side)
            return {found.key: found}
        problem = "which policy is attached is known only after the apply"
        return {
            change.address: Attached(
                change.address, change.name, "managed", None, change.address, "policy_arn", problem
            )
        }

    def named(self, change: Change, attribute: str, arn: str, side: Side) -> Attached:
        """Return the managed policy that an attribute of a resource names."""
        found = self.managed(arn, side)
        return _secret(found) if change.is_hidden(attribute) else found

    def managed(self, arn: str, side: Side) -> Attached:
        """Return a managed policy by its ARN: of the plan, of AWS, or one of which nothing is known."""
        own = self.resources.get(arn)
        if own is not None:
            return replace(self.of_policy(own, side), key=arn)
        name = arn.rpartition("/")[2]
        if ":iam::aws:policy/" not in arn:
            return Attached(arn, name, "managed", None, problem=f"the policy {arn} is not in this plan")
        known = managed_policy(arn)
        if known is None:
            return Attached(arn, name, "aws", None, problem=f"{arn} is not in the snapshot of AWS's managed policies")
        return Attached(arn, name, "aws", known.document)

    def of_policy(self, policy: Change, side: Side) -> Attached:
        """Return a customer managed policy that is a resource of the plan."""
        known = self.document(policy, "policy", side)
        arn = value_of(policy, side, "arn")
        name = value_of(policy, side, "name")
        return Attached(
            arn if isinstance(arn, str) else policy.address,
            name if isinstance(name, str) else policy.address,
            "managed",
            known.document,
            policy.address,
            "policy",
            known.problem,
            known.is_hidden,
        )

    def refreshed(self, policy: Attached) -> Attached:
        """Return a policy that stays attached, with what the plan makes of its text."""
        own = self.resources.get(policy.address)
        if own is None or policy.kind != "managed" or own.after is None:
            return policy
        found = replace(self.of_policy(own, "after"), key=policy.key)
        return _secret(found) if policy.is_secret else found

    def document(self, change: Change, attribute: str, side: Side) -> Known:
        """Return the document in an attribute, read once."""
        key = (change.address, attribute, side)
        if key not in self.known:
            self.known[key] = document_of(change, attribute, side, self.configuration)
        return self.known[key]

    def of_link(self, link: Change, side: Side) -> dict[str, Attached]:
        """Return the policies that a resource gives to the roles it names, by key."""
        if link.type == INLINE:
            return self.inline(link, side)
        return self.attached(link, side) if link.type in (ATTACHMENT, MANY_ATTACHMENTS) else {}


def _secret(policy: Attached) -> Attached:
    """Return a policy of which nothing is told: who knows what it allows may know which one it is."""
    problem = policy.problem and "which policy it is, is sensitive, and its text is not in this plan"
    return replace(policy, name=MASK, problem=problem, is_hidden=True, is_secret=True)


def value_of(change: Change, side: Side, attribute: str) -> Any:
    """Return an attribute of a resource at one time; None where either is not there or not known."""
    values = change.before if side == "before" else change.after
    return values.get(attribute) if values else None
