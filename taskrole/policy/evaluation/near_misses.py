"""Near misses: allowed resources that resemble the resource of a denied call.

in the policy                               in the call                     what is wrong
…:secret:db-Ab12Cd:password::               …:secret:db-Ab12Cd              a JSON key is not part of the resource
…:secret:db                                 …:secret:db-Ab12Cd              the suffix is part of the resource
…:log-group:/web                            …:log-group:/web:log-stream:…   a log stream is not its log group
…:parameter//web/key                        …:parameter/web/key             one slash before the name
…:alias/web                                 …:key/1234…                     an alias allows nothing
…:repository/web:1.2                        …:repository/web                a tag is not part of the resource
arn:aws:s3:::bucket                         arn:aws:s3:::bucket/key         an object is not its bucket
the same in another place                                                   region or account differ
ssm:GetParameter                            ssm:GetParameters               ECS calls the latter
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator

from taskrole.policy.conditions.three_valued import Unknown
from taskrole.policy.evaluation.call import Call
from taskrole.policy.evaluation.evaluate import Evaluator

_SUFFIX = re.compile(r"-(?:\?{6}|[A-Za-z0-9]{6})$")
_TAG = re.compile("[:@]")

# Actions that ECS calls, and the ones that are often allowed by mistake.
_TAKEN_FOR = {"ssm:GetParameters": "ssm:GetParameter"}


def allowed_resources(action: str, evaluator: Evaluator) -> Iterator[str]:
    """Yield the resources of Allow statements about an action, ignoring conditions and Deny; for messages only."""
    for statement in evaluator.allowing(action):
        if not isinstance(statement.resources, Unknown) and not statement.resources.negated:
            yield from statement.resources.patterns


class NearMisses:
    """The resources that policies allow, indexed by name."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._of_action: dict[str, dict[str, dict[str, int]]] = {}

    def of(self, call: Call) -> str:
        """Return a clause on the near miss of a call that no statement allows, or empty text."""
        names = self._names(call.action)
        alike = {
            resource: place for name in _names_of_call(call.pattern) for resource, place in names.get(name, {}).items()
        }
        for resource in sorted(alike, key=lambda resource: alike[resource]):
            for look in _LOOKS:
                advice = look(resource, call.pattern)
                if advice:
                    return f"it names {resource}, but {advice}"
        other = _TAKEN_FOR.get(call.action)
        if other and self._evaluator.allowing(other):
            return f"it allows {other}, which ECS does not call"
        return ""

    def _names(self, action: str) -> dict[str, dict[str, int]]:
        """Return the allowed resources by index name, each with its index."""
        known = self._of_action.get(action)
        if known is None:
            known = self._of_action[action] = defaultdict(dict)
            for place, resource in enumerate(allowed_resources(action, self._evaluator)):
                for name in _names(resource):
                    known[name].setdefault(resource, place)
        return known


def _names(resource: str) -> set[str]:
    """Return the index names of a resource; a near miss shares one of them."""
    *_, service, _, _, rest = ("", "", "", *resource.split(":", 5))[-6:]
    if service == "s3":
        return {rest}
    if service == "ecr":
        return {_TAG.split(rest, maxsplit=1)[0], rest}
    name = ":".join(rest.split(":")[:2]).replace("parameter//", "parameter/")
    return {rest, name, _SUFFIX.sub("", name), *(["alias"] if service == "kms" else ())}


def _names_of_call(resource: str) -> set[str]:
    """Return the names under which the near misses of a call are indexed: an object's are its own and its bucket's."""
    return (
        {*_names(resource), resource.split(":", 5)[-1].partition("/")[0]} if ":s3:::" in resource else _names(resource)
    )


def _json_key(resource: str, needed: str) -> str:
    bare = _SUFFIX.sub("", needed)
    name, colon, _ = resource.removeprefix(needed.rpartition(":")[0] + ":").partition(":")
    is_secret = ":secret:" in needed and resource.startswith(needed.rpartition(":")[0] + ":")
    if is_secret and colon and bare.endswith(f":{_SUFFIX.sub('', name)}"):
        return f"a JSON key, stage or version is not part of the resource; write {needed}"
    return ""


def _no_suffix(resource: str, needed: str) -> str:
    if ":secret:" in needed and resource == _SUFFIX.sub("", needed):
        return f"a secret's ARN ends in a hyphen and six characters; write {resource}-??????"
    return ""


def _log_group(resource: str, needed: str) -> str:
    if ":log-group:" in needed and needed.startswith(f"{resource}:log-stream:"):
        return f"that is the log group, and not its streams; write {needed}"
    return ""


def _double_slash(resource: str, needed: str) -> str:
    if ":parameter//" in resource and resource.replace(":parameter//", ":parameter/") == needed:
        return f"the ARN of a parameter has one slash before its name; write {needed}"
    return ""


def _alias(resource: str, needed: str) -> str:
    if needed.startswith("arn:") and ":kms:" in needed and ":alias/" in resource:
        return f"an alias allows nothing; write {needed}"
    return ""


def _tag(resource: str, needed: str) -> str:
    if ":repository/" in needed and resource.startswith((f"{needed}:", f"{needed}@")):
        return f"a tag or digest is not part of the resource; write {needed}"
    return ""


def _bucket(resource: str, needed: str) -> str:
    if ":s3:::" in needed and "/" in needed and resource == needed.partition("/")[0]:
        return f"that is the bucket, and not its objects; write {needed}"
    return ""


def _place(resource: str, needed: str) -> str:
    allowed, other = resource.split(":", 5), needed.split(":", 5)
    if len(allowed) == len(other) == 6 and allowed[5] == other[5] and allowed[2] == other[2] and allowed != other:
        return "it is in another partition, region or account"
    return ""


_LOOKS: tuple[Callable[[str, str], str], ...] = (
    _json_key,
    _no_suffix,
    _log_group,
    _double_slash,
    _alias,
    _tag,
    _bucket,
    _place,
)
