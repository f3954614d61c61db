"""Parses AWS's messages about denied calls: principal, action, resource, and the denying policy.

Most messages have the same form; punctuation, quotes and optional parts differ by service and year: `User: U is not
authorized to perform: A on resource: R because no P policy allows the A action`, or `… with an explicit deny in a P
policy: ARN`. The other forms are in `denial_forms`.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from taskrole.arns import ACCOUNT
from taskrole.observe.denial_forms import other_denial
from taskrole.observe.recording import Denial, DenialReason
from taskrole.policy.catalogue.actions import known_action

# No message is longer; longer texts are parsed message by message.
_LONGEST = 8_192
# The maximum length of an ARN is 2,048 characters.
_LONGEST_NAME = 2_200

_CORE = re.compile(
    r"\bnot\s+authorized\s+to\s+perform:?\s*[`'\"]?"
    r"(?P<action>[A-Za-z][A-Za-z0-9-]*:[A-Za-z][A-Za-z0-9]*)[`'\"]?",
    re.IGNORECASE,
)
_BEFORE_PRINCIPAL = re.compile(r"\b(?:user|role|principal):?", re.IGNORECASE)
_RESOURCE = re.compile(r"\s+on\s+(?:resources?\b|(?=[`'\"]?arn:))\s*:?\s*", re.IGNORECASE)
_UNNAMED = re.compile(r"\s+on\s+(?:the|this)\s+resource\b", re.IGNORECASE)
_AFTER_WORD = re.compile(r"[\s\"'`<]")
_ESCAPE = re.compile(r"\\[nr\"\\]")
_KIND_OF_IAM = re.compile(r"(?P<kind>policy|user|role|group|instance profile)\s+(?=\S)", re.IGNORECASE)
_ENDS: Mapping[str, str] = {'"': '"', '\\"': '\\"', "'": "'", "`": "'", "&quot;": "&quot;"}
_CLAUSE = re.compile(
    r"\bbecause\s+no\s+(?P<missing>[A-Za-z\s-]{1,40}?)\s+(?:policy\s+|policies\s+)?allows?\s+"
    r"(?:the\s+(?:(?P<action>[A-Za-z0-9-]+:[A-Za-z0-9]+)|action)|access)"
    r"|\b(?:with|due\s+to)\s+an\s+explicit\s+deny\s+in\s+(?:an?|the)\s+"
    r"(?P<denying>[A-Za-z\s-]{1,40}?(?:policy|boundary))\b"
    r"(?::?\s+(?P<policy>arn:[^\s\"'`,;)]{1,2048}))?"
    r"|\b(?P<bare>with\s+an\s+explicit\s+deny)\b"
    r"|\bbecause\s+(?P<setting>the\s+resource\s+does\s+not\s+exist|public\s|this\s+bucket\s)",
    re.IGNORECASE,
)
_REASONS: Mapping[str, DenialReason] = {
    "identity-based": "identity",
    "permissions boundary": "boundary",
    "session": "session",
    "resource-based": "resource",
    "role trust": "resource",
    "trust": "resource",
    "key": "resource",
    "service control": "service-control",
    "resource control": "resource-control",
    "vpc endpoint": "endpoint",
}


def parse_denial(text: str) -> Denial | None:
    """Return the denial of the first message in a text, or None."""
    return next(find_denials(text), None)


def find_denials(text: str) -> Iterator[Denial]:
    """Yield the unique denials of the messages in a text, such as a log.

    The other forms are searched for only if the text has no message of the usual form.
    """
    seen: set[Denial] = set()
    cores = list(_CORE.finditer(text))
    for number, core in enumerate(cores):
        end = cores[number + 1].start() if number + 1 < len(cores) else len(text)
        denial = _denial(text[max(0, core.start() - _LONGEST_NAME) : core.start()], core, text[core.end() : end])
        if denial not in seen:
            seen.add(denial)
            yield denial
    if not cores and (other := other_denial(text[:_LONGEST])):
        yield other


def spelled_action(action: str) -> str:
    """Return an action in AWS's spelling; messages also contain `SNS:Publish` and `sqs:sendmessage`."""
    service, _, name = action.partition(":")
    return known_action(action) or f"{service.lower()}:{name}"


def _denial(before: str, core: re.Match[str], after: str) -> Denial:
    principal = _principal(before)
    resource, rest = _resource(after[:_LONGEST], principal)
    action = core["action"]
    clause = _CLAUSE.search(rest)
    if clause is None:
        return Denial("unknown", None, principal, spelled_action(action), resource)
    # An action can require another one on the same resource, which only this clause names.
    action = spelled_action(clause["action"] or action)
    reason, explicit = _reason(clause)
    return Denial(reason, explicit, principal, action, resource, (clause["policy"] or "").rstrip("."))


def _principal(before: str) -> str:
    """Return the name before `is not authorized`, or an empty string."""
    words = before.rsplit(None, 3)
    if len(words) < 3 or words[-1].lower() != "is" or not _BEFORE_PRINCIPAL.search(words[-3]):
        return ""
    return words[-2].strip("`'\"\\")


def _reason(clause: re.Match[str]) -> tuple[DenialReason, bool | None]:
    if clause["bare"]:
        return "unknown", True
    if clause["setting"]:
        is_open = clause["setting"].lower().startswith("the resource")
        return "resource", None if is_open else True
    kind = clause["missing"] or clause["denying"]
    name = " ".join(kind.lower().split()).removesuffix(" policy")
    return _REASONS.get(name, "unknown"), clause["denying"] is not None


def _resource(after: str, principal: str) -> tuple[str, str]:
    """Return the resource of a message, or an empty string, and the rest of the message."""
    begin = _RESOURCE.match(after)
    if begin is None:
        unnamed = _UNNAMED.match(after)
        return "", after[unnamed.end() :] if unnamed else after
    after = after[begin.end() :]
    kind = _KIND_OF_IAM.match(after)
    if kind:
        after = after[kind.end() :]
    quote = next((quote for quote in _ENDS if after.startswith(quote)), "")
    name, rest = _quoted(after[len(quote) :], _ENDS[quote]) if quote else _unquoted(after)
    if kind and not name.startswith("arn:"):
        name = _iam_arn(kind["kind"].lower().replace(" ", "-"), name, principal)
    return _unmasked(name, principal), rest


def _quoted(text: str, quote: str) -> tuple[str, str]:
    """Return a name up to its closing quote; an object key can contain quotes, so the last one counts."""
    clause = re.search(rf"{re.escape(quote)}\s+(?:because|with\s+an\s+explicit|due\s+to)\b", text)
    end = clause.start() if clause else text.find(quote)
    return (text[:end], text[end + len(quote) :]) if end >= 0 else _unquoted(text)


def _unquoted(text: str) -> tuple[str, str]:
    name = _AFTER_WORD.split(text, maxsplit=1)[0]
    return _ESCAPE.split(name, maxsplit=1)[0].rstrip(".,;)}]"), text[len(name) :]


def _iam_arn(kind: str, name: str, principal: str) -> str:
    parts = principal.split(":", 5)
    if len(parts) != 6 or not ACCOUNT.fullmatch(parts[4]):
        return ""
    return f"arn:{parts[1]}:iam::{parts[4]}:{kind}/{name}"


def _unmasked(arn: str, principal: str) -> str:
    """Return an ARN with the account that API Gateway masks (`********3333`), if it is the principal's."""
    parts, own = arn.split(":", 5), principal.split(":", 5)
    if len(parts) == len(own) == 6 and parts[4].startswith("*") and own[4][-4:] == parts[4][-4:] != "":
        parts[4] = own[4]
    return ":".join(parts)
