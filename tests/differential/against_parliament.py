"""Compares the review's rules about statements with parliament, another linter, and explains every difference.

The action database of parliament is some years older and lacks newer actions. Statements are generated.

    python -m tests.differential.against_parliament 5000 [first seed]
"""

from __future__ import annotations

import json
import re
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from taskrole.policy.catalogue.actions import is_known
from taskrole.policy.catalogue.condition_keys import has_condition_key
from taskrole.policy.catalogue.resource_types import resource_types, supports_resource
from tests.differential.linted import generate_statement
from tests.review.cases import NOTHING, inline_change, plan_of, policy, reviewed, role_change

with warnings.catch_warnings():
    # Its import leaves two files open, and uses pkg_resources, which newer setuptools deprecate.
    warnings.filterwarnings("ignore", "unclosed file .*parliament", ResourceWarning)
    warnings.filterwarnings("ignore", ".*pkg_resources", DeprecationWarning)
    warnings.filterwarnings("ignore", ".*pkg_resources", UserWarning)
    import parliament

Statement = dict[str, Any]
# The kind of a mistake, and its action.
Fact = tuple[str, str]

OUR_FACTS = {
    "TR-ACTION-UNKNOWN": "unknown action",
    "TR-SERVICE-UNKNOWN": "unknown service",
    "TR-CONDITION-UNKNOWN": "unknown key",
    "TR-RESOURCE-MISMATCH": "mismatch",
    "TR-LOG-ARN": "mismatch",
    "TR-RESOURCE-ANY": "star",
}


@dataclass(frozen=True)
class Difference:
    """A reason why only one linter reports a fact; `explains` takes the fact and whether this project reports it."""

    name: str
    explanation: str
    explains: Callable[[Statement, Fact, bool], bool]


@dataclass
class Tally:
    """Counts of a run by fact."""

    failed: int = 0
    agreed: Counter[str] = field(default_factory=Counter)
    explained: Counter[str] = field(default_factory=Counter)
    unexplained: list[tuple[int, str, Fact]] = field(default_factory=list)


def ours(statement: Statement) -> frozenset[Fact]:
    """Return the facts of the review on a statement that parliament can report too."""
    findings = reviewed(plan_of(role_change(), inline_change(NOTHING, policy(statement)))).findings
    # Parliament does not report a superfluous resource among several.
    about_actions = [finding for finding in findings if "does not apply to any of its actions" not in finding.message]
    return frozenset(
        (OUR_FACTS[about_action.code], action)
        for about_action in about_actions
        if about_action.code in OUR_FACTS
        for action in about_action.actions
    )


def theirs(statement: Statement) -> frozenset[Fact] | None:
    """Return the facts of parliament on a statement, also on other actions than an unknown one; None if it fails.

    It fails on condition keys of unknown type, or that its database has only in part.
    """
    try:
        return _theirs(statement)
    except Exception as error:
        if re.match("Unknown data format|Action condition not found", str(error)):
            return None
        raise


def _theirs(statement: Statement) -> frozenset[Fact]:
    document = {"Version": "2012-10-17", "Statement": [statement]}
    facts: set[Fact] = set()
    for finding in parliament.analyze_policy_string(json.dumps(document)).findings:
        facts |= set(_facts(finding.issue, finding.detail, finding.location))
    unknown = {action for kind, action in facts if kind in ("unknown action", "unknown service")}
    rest = [action for action in statement["Action"] if action not in unknown]
    if unknown and rest:
        facts |= _theirs({**statement, "Action": rest})
    return frozenset(facts)


def _facts(issue: str, detail: Any, location: Any) -> Iterator[Fact]:
    if issue in ("UNKNOWN_ACTION", "UNKNOWN_PREFIX"):
        yield "unknown action" if issue == "UNKNOWN_ACTION" else "unknown service", location["string"]
    elif issue == "UNKNOWN_CONDITION_FOR_ACTION":
        yield "unknown key", detail.rpartition(" ")[2]
    elif issue == "RESOURCE_MISMATCH":
        yield from (("mismatch", entry["action"]) for entry in detail)
    elif issue == "RESOURCE_STAR":
        yield from (("star", action) for action in detail)
    else:
        yield issue, ""


@cache
def _their_action(action: str) -> Any:
    service, _, name = action.partition(":")
    privileges = (
        privilege
        for service_entry in parliament.iam_definition
        if service_entry["prefix"] == service
        for privilege in service_entry["privileges"]
    )
    return next((privilege for privilege in privileges if privilege["privilege"] == name), None)


@cache
def _their_arns(action: str) -> frozenset[str]:
    """Return the ARNs of the types that parliament knows of an action, as in its database."""
    service = action.partition(":")[0]
    names = {
        resource_type["resource_type"].rstrip("*") for resource_type in _their_action(action)["resource_types"]
    } - {""}
    # Some prefixes belong to two services there.
    resources = (
        resource
        for service_entry in parliament.iam_definition
        if service_entry["prefix"] == service
        for resource in service_entry["resources"]
    )
    return frozenset(resource["arn"] for resource in resources if resource["resource"] in names)


def _required(action: str) -> list[str]:
    types = [resource_type["resource_type"] for resource_type in _their_action(action)["resource_types"]]
    return [name for name in types if name.endswith("*")]


def _keys(statement: Statement) -> list[str]:
    return [key for pairs in statement.get("Condition", {}).values() for key in pairs]


def _newer_action(_statement: Statement, fact: Fact, is_ours: bool) -> bool:
    kind, action = fact
    return bool(action) and is_known(action) and _their_action(action) is None and (is_ours or kind == "unknown action")


def _other_types(_statement: Statement, fact: Fact, _is_ours: bool) -> bool:
    kind, action = fact
    if kind not in ("star", "mismatch") or not is_known(action) or _their_action(action) is None:
        return False
    return {resource_type.arn for resource_type in resource_types(action)} != _their_arns(action)


def _optional_types(_statement: Statement, fact: Fact, is_ours: bool) -> bool:
    kind, action = fact
    if not is_ours or kind not in ("star", "mismatch") or not is_known(action) or _their_action(action) is None:
        return False
    return bool(_their_arns(action)) and not _required(action)


def _several_types(statement: Statement, fact: Fact, is_ours: bool) -> bool:
    kind, action = fact
    if is_ours or kind != "mismatch" or len(_their_arns(action)) < 2:
        return False
    return any(supports_resource(action, resource) for resource in statement["Resource"])


def _inside(statement: Statement, fact: Fact, is_ours: bool) -> bool:
    kind, action = fact
    if not is_ours or kind != "mismatch" or not is_known(action) or _their_action(action) is None:
        return False
    forms = [re.split(r"\$\{[^}]+\}", their_arn) for their_arn in _their_arns(action)]
    wide, narrow = (
        any(
            re.fullmatch(name.join(map(re.escape, form)), resource)
            for form in forms
            for resource in statement["Resource"]
        )
        for name in (".+", "[^/:]*")
    )
    return wide and not narrow


def _narrowed(statement: Statement, fact: Fact, is_ours: bool) -> bool:
    narrowing = re.compile(r"[a-z0-9-]+:resourcetag/.*|ecs:cluster", re.IGNORECASE)
    return not is_ours and fact[0] == "star" and any(map(narrowing.fullmatch, _keys(statement)))


def _newer_key(statement: Statement, fact: Fact, is_ours: bool) -> bool:
    kind, action = fact
    if is_ours or kind != "unknown key":
        return False
    return any(has_condition_key(action, key) for key in _keys(statement))


def _key_of_another(statement: Statement, fact: Fact, is_ours: bool) -> bool:
    kind, action = fact
    others = [other_action for other_action in statement["Action"] if other_action != action and is_known(other_action)]
    return (
        not is_ours
        and kind == "unknown key"
        and any(has_condition_key(other, key) for key in _keys(statement) for other in others)
    )


def _key_beside_unknown(statement: Statement, fact: Fact, is_ours: bool) -> bool:
    return not is_ours and fact[0] == "unknown key" and not all(map(is_known, statement["Action"]))


def _type_of_value(_statement: Statement, fact: Fact, is_ours: bool) -> bool:
    return not is_ours and fact[0] in ("MISMATCHED_TYPE", "MISMATCHED_TYPE_BUT_USABLE")


def _bucket_policy(statement: Statement, fact: Fact, is_ours: bool) -> bool:
    on_a_bucket = any(resource.startswith("arn:aws:s3:::") for resource in statement["Resource"])
    return not is_ours and fact[0] == "RESOURCE_POLICY_PRIVILEGE_ESCALATION" and on_a_bucket


def _account_of_aws(statement: Statement, fact: Fact, is_ours: bool) -> bool:
    by_name = any(resource.split(":", 5)[4:5] == ["aws"] for resource in statement["Resource"])
    return by_name and (fact[0] == "mismatch" if is_ours else fact[0] == "INVALID_ARN")


DIFFERENCES = (
    Difference("newer action", "AWS has added the action since parliament's database was made.", _newer_action),
    Difference("other types", "AWS has since changed which resources the action is checked against.", _other_types),
    Difference(
        "optional types",
        "The action can be allowed on single resources, but need not be; parliament looks at required types.",
        _optional_types,
    ),
    Difference(
        "several types",
        "The action has several types; parliament wants every required one in this statement, not any of them.",
        _several_types,
    ),
    Difference("inside", "parliament takes what is inside a thing, such as a table's index, for the thing.", _inside),
    Difference(
        "narrowed", "A condition on the resource's tags or cluster narrows `*`; parliament ignores it.", _narrowed
    ),
    Difference(
        "newer key",
        "AWS has since added the key, or lists it with the action's resource types, where parliament does not look.",
        _newer_key,
    ),
    Difference(
        "key of another action",
        "One action of the statement has the key; it is reported where none has, by parliament where any has not.",
        _key_of_another,
    ),
    Difference(
        "key beside unknown action",
        "The keys of an unknown action are unknown; parliament checks the other actions of the statement.",
        _key_beside_unknown,
    ),
    Difference(
        "type of value",
        "parliament compares the types of operators and values with those of the keys; there is no such rule here.",
        _type_of_value,
    ),
    Difference(
        "bucket policy",
        "parliament warns of who may open a bucket but not read it; escalation here is about what a role can become.",
        _bucket_policy,
    ),
    Difference(
        "account of AWS",
        "The account in the ARN of what AWS owns is `aws`; parliament refuses it and looks no further.",
        _account_of_aws,
    ),
)


def why(statement: Statement, fact: Fact, *, is_ours: bool) -> str | None:
    """Return the name of the first difference that explains why only one linter reports a fact, or None."""
    return next((difference.name for difference in DIFFERENCES if difference.explains(statement, fact, is_ours)), None)


def lint(count: int, first_seed: int = 0) -> Tally:
    """Return the tally of `count` statements."""
    tally = Tally()
    for seed in range(first_seed, first_seed + count):
        statement = generate_statement(seed)
        other = theirs(statement)
        if other is None:
            tally.failed += 1
            continue
        own = ours(statement)
        tally.agreed.update(kind for kind, _ in own & other)
        for fact in sorted(own ^ other):
            name = why(statement, fact, is_ours=fact in own)
            if name is None:
                tally.unexplained.append((seed, "only ours" if fact in own else "only theirs", fact))
            else:
                tally.explained[name] += 1
    return tally


def report(tally: Tally) -> Iterator[str]:
    """Yield the tally as lines of Markdown."""
    yield f"{sum(tally.agreed.values()):,} findings of both"
    yield from (f"- {name}: {count:,}" for name, count in tally.agreed.most_common())
    yield f"{sum(tally.explained.values()):,} of one, for known reasons:"
    yield from (f"- {name}: {count:,}" for name, count in tally.explained.most_common())
    yield f"{tally.failed:,} statements over which parliament fails"
    yield f"{len(tally.unexplained):,} unexplained"
    yield from (f"- seed {seed}, {side}: {' '.join(fact)}" for seed, side, fact in tally.unexplained[:20])


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in report(lint(*map(int, sys.argv[1:]))))
