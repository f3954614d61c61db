"""The policies of a role in a plan, each with its document as far as it is known, before or after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal

from taskrole.dataclass import dataclass
from taskrole.plan.configuration import Configuration
from taskrole.plan.documents import SIDES, Side, document_of, document_of_template
from taskrole.plan.known_document import AFTER_APPLY, GIVE_SOURCE, DocumentText, KnownDocument, joined, known_document
from taskrole.plan.model import MASK, Change, Plan, has_true
from taskrole.plan.proofs import AttributePointer, proved, proved_template
from taskrole.plan.templates import reference_names, referred_names
from taskrole.policy.catalogue.managed import managed_policy
from taskrole.policy.documents.statements import Document

AttachedKind = Literal["inline", "managed", "aws", "boundary"]

POLICY = "aws_iam_policy"
INLINE = "aws_iam_role_policy"
ATTACHMENT = "aws_iam_role_policy_attachment"
MANY_ATTACHMENTS = "aws_iam_policy_attachment"

_OF_AWS = ":iam::aws:policy/"
_DEEPEST = 8


@dataclass(frozen=True)
class Attached:
    """A policy of a role. `key` is its name (inline) or ARN, or the address of a policy without an ARN yet.

    `address` is the resource that defines it, empty if none in the plan does. `doubt` is why the role may not have it
    like this, empty if it is certain. `is_hidden` marks a sensitive text, `is_secret` a sensitive name or ARN.
    """

    key: str
    name: str
    kind: AttachedKind
    content: KnownDocument | DocumentText
    address: str = ""
    attribute: str = "policy"
    doubt: str = ""
    is_hidden: bool = False
    is_secret: bool = False

    @property
    def document(self) -> Document | None:
        """The document; None if nothing of it is known."""
        return self.content.read().document

    @property
    def problem(self) -> str:
        """What is unknown: the document, or part of it if there is one, or whether the role has it like this."""
        problem = self.content.read().problem
        return joined(self.doubt, problem) if self.doubt else problem

    @property
    def shown_key(self) -> str:
        """The key, unless it is sensitive."""
        return MASK if self.is_secret else self.key


class Policies:
    """The policies of a plan: resources, and policies that it only names."""

    def __init__(self, plan: Plan, configuration: Configuration) -> None:
        self.configuration = configuration
        self.resources: dict[str, Change] = {}
        self.known: dict[tuple[str, str, str], KnownDocument] = {}
        self._of_links: dict[tuple[str, Side], Mapping[str, Attached]] = {}
        self._twice: set[str] = set()
        # A resource determines the future policy; a data source with the same ARN, only the current one.
        for change in sorted(
            (policy for policy in plan.changes if policy.type == POLICY), key=lambda policy: policy.is_data
        ):
            self.resources.setdefault(change.address, change)
            for arn in dict.fromkeys(filter(None, (text_value_of(change, side, "arn") for side in SIDES))):
                other = self.resources.setdefault(arn, change)
                if other is not change and not change.is_data and not other.is_data:
                    self._twice.add(arn)

    def boundary(self, change: Change, side: Side) -> Attached | None:
        """Return the permissions boundary of a role, or None."""
        arn = text_value_of(change, side, "permissions_boundary")
        if arn:
            boundary = replace(self.managed(arn, side), kind="boundary")
            return _secret(boundary) if change.is_hidden("permissions_boundary") else boundary
        if side == "after" and change.is_unknown("permissions_boundary"):
            boundary = self.unknown_policy(change, "permissions_boundary", "permissions boundary")
            return replace(boundary, kind="boundary")
        return None

    def of_role(self, change: Change, side: Side) -> dict[str, Attached]:
        """Return the policies in the role's own attributes."""
        policies = {policy.key: policy for policy in self._inline_blocks(change, side)}
        arns = value_of(change, side, "managed_policy_arns")
        for arn in arns if isinstance(arns, list) else ():
            if isinstance(arn, str):
                policies[arn] = self.named(change, "managed_policy_arns", arn, side)
        return policies

    def _inline_blocks(self, change: Change, side: Side) -> Iterator[Attached]:
        blocks = value_of(change, side, "inline_policy")
        blocks = [block for block in blocks if isinstance(block, Mapping)] if isinstance(blocks, list) else []
        is_hidden = change.is_hidden("inline_policy")
        masks = change.unknown.get("inline_policy") if isinstance(change.unknown, Mapping) else None
        templates = self.configuration.blocks(change, "inline_policy")
        for place, block in enumerate(blocks):
            mask = masks[place] if side == "after" and isinstance(masks, list) and place < len(masks) else {}
            unknown = {key for key, value in mask.items() if has_true(value)} if isinstance(mask, Mapping) else set()
            if not block.get("name") and not unknown:
                continue
            known = known_document(block.get("policy"))
            if "policy" in unknown:
                expression = templates[place].get("policy") if len(templates) == len(blocks) else None
                known = self._written(change, expression)
            name = str(block.get("name") or f"{change.address}.inline_policy[{place}]")
            yield Attached(
                f"inline:{name}",
                MASK if is_hidden else name,
                "inline",
                known,
                change.address,
                "inline_policy",
                "its name is known only after the apply" if "name" in unknown else "",
                is_hidden,
                is_secret=is_hidden,
            )

    def _written(self, change: Change, expression: Any) -> KnownDocument:
        if not isinstance(expression, Mapping):
            return KnownDocument(None, AFTER_APPLY)
        template = expression.get("constant_value")
        if isinstance(template, str):
            return document_of_template(template, change, self.configuration)
        return KnownDocument(None, f"{AFTER_APPLY}{referred_names(expression)}")

    def inline(self, change: Change, side: Side) -> dict[str, Attached]:
        """Return the policy of an `aws_iam_role_policy` resource."""
        text = value_of(change, side, "policy")
        is_text = isinstance(text, str) and bool(text)
        name = value_of(change, side, "name")
        name = name if isinstance(name, str) else change.address
        is_secret = change.is_hidden("name")
        policy = Attached(
            f"inline:{name}",
            MASK if is_secret else name,
            "inline",
            DocumentText(text) if is_text else self.document(change, "policy", side),
            change.address,
            is_hidden=change.is_hidden("policy"),
            is_secret=is_secret,
        )
        return {policy.key: policy}

    def attached(self, change: Change, side: Side) -> dict[str, Attached]:
        """Return the policy that an attachment resource attaches."""
        arn = value_of(change, side, "policy_arn")
        if isinstance(arn, str) and arn:
            return {arn: self.named(change, "policy_arn", arn, side)}
        policy = self.unknown_policy(change, "policy_arn", change.name)
        return {policy.key: policy}

    def unknown_policy(self, change: Change, attribute: str, name: str) -> Attached:
        """Return the policy of an attribute whose ARN is known only after the apply."""
        pointer = proved(change, attribute, self.configuration)
        policy = self._pointed(pointer)
        if policy is not None:
            return policy
        expression = self.configuration.expression(change, attribute)
        problem = f"which policy it is, is known only after the apply{referred_names(expression)}"
        if self.configuration.source is None and reference_names(expression):
            problem = joined(problem, GIVE_SOURCE)
        key = change.address if attribute == "policy_arn" else f"{change.address}.{attribute}"
        return Attached(key, name, "managed", KnownDocument(None, problem), change.address, attribute)

    def _pointed(self, pointer: AttributePointer | str | None, depth: int = 0) -> Attached | None:
        """Return the managed policy whose ARN a pointer refers to; None for other pointers."""
        if isinstance(pointer, str):
            return self.managed(pointer, "after") if pointer.startswith("arn:") else None
        if pointer is None or depth > _DEEPEST:
            return None
        change, attribute = pointer.change, pointer.attribute
        value = value_of(change, "after", attribute)
        if isinstance(value, str) and value:
            return self.managed(value, "after") if value.startswith("arn:") else None
        if change.type == POLICY and not change.is_data and attribute in ("arn", "id"):
            return self.of_policy(change, "after")
        if change.type in (ATTACHMENT, MANY_ATTACHMENTS) and attribute == "policy_arn":
            return self._pointed(proved(change, "policy_arn", self.configuration), depth + 1)
        return None

    def listed(self, change: Change, attribute: str) -> tuple[dict[str, Attached], str]:
        """Return the managed policies in an unknown list of ARNs, and why some are unknown; empty if all are known."""
        values = value_of(change, "after", attribute)
        values = values if isinstance(values, list) else []
        policies = {arn: self.named(change, attribute, arn, "after") for arn in values if isinstance(arn, str)}
        if not change.is_unknown(attribute):
            return policies, ""
        expression = self.configuration.expression(change, attribute)
        templates = self.configuration.templates(change, attribute)
        if templates is not None:
            pointed = [
                self._pointed(proved_template(template, change.module, change.index, self.configuration))
                for template in templates
            ]
            if all(policy is not None for policy in pointed):
                return policies | {policy.key: policy for policy in pointed if policy is not None}, ""
        return policies, f"not all that it lists is known before the apply{referred_names(expression)}"

    def named(self, change: Change, attribute: str, arn: str, side: Side) -> Attached:
        """Return the managed policy that an attribute names."""
        policy = self.managed(arn, side)
        return _secret(policy) if change.is_hidden(attribute) else policy

    def managed(self, arn: str, side: Side) -> Attached:
        """Return the managed policy of an ARN: of the plan, an AWS managed policy, or an unknown one."""
        own = self.resources.get(arn)
        name = arn.rpartition("/")[2]
        known = managed_policy(arn) if _OF_AWS in arn else None
        if own is not None and not (own.is_data and known is not None):
            return replace(self.of_policy(own, side), key=arn)
        if _OF_AWS not in arn:
            return Attached(arn, name, "managed", KnownDocument(None, f"the policy {arn} is not in this plan"))
        if known is None:
            problem = f"{arn} is not in the snapshot of AWS's managed policies"
            return Attached(arn, name, "aws", KnownDocument(None, problem))
        return Attached(arn, name, "aws", KnownDocument(known.document))

    def of_policy(self, policy: Change, side: Side) -> Attached:
        """Return the managed policy of a resource or data source of the plan, which may name an AWS managed policy."""
        known = self.document(policy, "policy", side)
        arn, name = text_value_of(policy, side, "arn"), text_value_of(policy, side, "name")
        return Attached(
            policy.address if arn is None else arn,
            policy.address if name is None else name,
            "aws" if arn is not None and _OF_AWS in arn else "managed",
            known,
            policy.address,
            "policy",
            f"several resources of the plan are the policy {arn}" if arn in self._twice else "",
            known.is_hidden,
        )

    def refreshed(self, policy: Attached) -> Attached:
        """Return a policy that stays attached, with its text after the plan."""
        own = self.resources.get(policy.key) or self.resources.get(policy.address)
        if own is None or policy.kind != "managed" or own.after is None or own.is_data:
            return policy
        fresh = replace(self.of_policy(own, "after"), key=policy.key)
        return _secret(fresh) if policy.is_secret else fresh

    def document(self, change: Change, attribute: str, side: Side) -> KnownDocument:
        """Return the document in an attribute, cached."""
        key = (change.address, attribute, side)
        if key not in self.known:
            self.known[key] = document_of(change, attribute, side, self.configuration)
        return self.known[key]

    def of_link(self, link: Change, side: Side) -> Mapping[str, Attached]:
        """Return the policies that a resource attaches to the roles it names, by key."""
        key = (link.address, side)
        if key not in self._of_links:
            self._of_links[key] = self._given(link, side)
        return self._of_links[key]

    def _given(self, link: Change, side: Side) -> Mapping[str, Attached]:
        if link.type == INLINE:
            return self.inline(link, side)
        return self.attached(link, side) if link.type in (ATTACHMENT, MANY_ATTACHMENTS) else {}


def _secret(policy: Attached) -> Attached:
    """Return a policy without identifying details: a known document can reveal which policy it is."""
    problem = policy.problem and "which policy it is, is sensitive, and its text is not in this plan"
    content = KnownDocument(policy.document, problem)
    return replace(policy, name=MASK, content=content, doubt="", is_hidden=True, is_secret=True)


def value_of(change: Change, side: Side, attribute: str) -> Any:
    """Return the value of an attribute, before or after; None if it is missing or unknown."""
    values = change.before if side == "before" else change.after
    return values.get(attribute) if values else None


def text_value_of(change: Change, side: Side, attribute: str) -> str | None:
    """Return the value of an attribute, before or after, if it is text; None for other values."""
    value = value_of(change, side, attribute)
    return value if isinstance(value, str) else None
