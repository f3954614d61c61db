"""Tests proposals: exactly the allowed calls, with their evidence, within the quotas."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskrole.arns import literal
from taskrole.config.load import parse_config
from taskrole.grant import RoleKind
from taskrole.observe.calls import judged_call
from taskrole.observe.generalise import Prefix
from taskrole.observe.proposals import Proposal, Proposals, propose
from taskrole.observe.recording import RecordedCall
from taskrole.observe.roles_yaml import comments_of, settings_by_form
from taskrole.observe.usage import usage_by_role
from taskrole.output.json_text import json_text
from taskrole.policy.documents.build import PolicyTooLargeError
from taskrole.policy.effective_role import EffectiveRole
from taskrole.policy.evaluation.coverage import Judge
from taskrole.sources.declared import configured_role
from tests.amount import amount
from tests.observe.recordings import ACCOUNT, OBJECTS, QUEUE, TABLE, TASKS, call, guess, recording


def proposed(*calls: RecordedCall, kind: RoleKind = "task", **options: Any) -> Proposals:
    (usage,) = usage_by_role(recording(*calls))
    return propose(usage, kind, **options)


def pairs(entries: Iterable[Proposal]) -> set[tuple[str, str]]:
    return {(action, resource) for entry in entries for action in entry.actions for resource in entry.resources}


def deployed(entries: Iterable[Proposal], kind: RoleKind = "task") -> EffectiveRole:
    """Return the role of a roles.yaml with these entries."""
    role = {"kind": kind, **settings_by_form(list(entries))}
    stack = {"region": "eu-central-1", "account": ACCOUNT, "roles": {"orders": role}}
    config = parse_config(json_text({"version": 1, "stacks": {"s": stack}}).encode(), "roles.yaml")
    return configured_role(config.stacks[0].roles[0], config.stacks[0].context)


def test_the_same_actions_on_the_same_resources_are_a_single_entry() -> None:
    proposals = proposed(
        call("sqs:SendMessage", QUEUE, count=10, tasks=TASKS[:2], task_count=2),
        call("sqs:GetQueueUrl", QUEUE, count=2, tasks=TASKS[1:3], task_count=2, first="2026-08-01T00:00:00Z"),
    )

    (entry,) = proposals.entries
    assert (entry.form, entry.actions, entry.resources) == ("grants", ("sqs:GetQueueUrl", "sqs:SendMessage"), (QUEUE,))
    assert entry.evidence.sentence == "seen 12 times by 3 tasks, 2026-08-01 to 2026-11-24"


def test_unnamed_tasks_are_counted_as_a_minimum() -> None:
    proposals = proposed(
        call("sqs:SendMessage", QUEUE, count=1412, tasks=TASKS, task_count=38), call("sqs:GetQueueUrl", QUEUE)
    )

    assert proposals.entries[0].evidence.sentence == "seen 1,415 times by at least 38 tasks, 2026-09-01 to 2026-11-24"


def test_denied_or_guessed_calls_are_not_proposed() -> None:
    proposals = proposed(
        call("sqs:SendMessage", QUEUE),
        call("sqs:DeleteMessage", QUEUE, outcome="denied"),
        guess("sqs:PurgeQueue", QUEUE),
    )

    assert pairs(proposals.entries) == {("sqs:SendMessage", QUEUE)}


def test_an_execution_role_gets_statements_instead_of_grants() -> None:
    proposals = proposed(
        call("ecr:BatchGetImage", f"arn:aws:ecr:eu-central-1:{ACCOUNT}:repository/web"), kind="execution"
    )

    assert [entry.form for entry in proposals.entries] == ["statements"]


def test_an_unknown_action_becomes_a_statement() -> None:
    proposals = proposed(call("sqs:Teleport", QUEUE))

    assert [(entry.form, entry.actions) for entry in proposals.entries] == [("statements", ("sqs:Teleport",))]


NOT_PROPOSED = {
    "an unknown resource": (call("sqs:SendMessage", None, unknown_because="the event names none"), "names none"),
    "a resource of another type": (call("s3:ListAllMyBuckets", "arn:aws:s3:::b"), "* only"),
    "a missing required resource": (call("sqs:SendMessage", "*"), "queue"),
    "a text that is no ARN": (call("sqs:SendMessage", "jobs"), "six parts"),
}


@pytest.mark.parametrize(("recorded", "reason"), NOT_PROPOSED.values(), ids=NOT_PROPOSED)
def test_calls_that_cannot_be_granted_are_listed_with_the_reason(recorded: RecordedCall, reason: str) -> None:
    proposals = proposed(recorded)

    assert proposals.entries == ()
    assert [reason in call.because for call in proposals.not_proposed] == [True]
    assert proposals.not_proposed[0].evidence.count == 3


def test_a_call_without_a_resource_of_an_optional_type_is_granted_on_all() -> None:
    proposals = proposed(call("cloudwatch:PutMetricData", "*"))

    assert pairs(proposals.entries) == {("cloudwatch:PutMetricData", "*")}


def test_a_declared_permission_is_not_proposed_again() -> None:
    proposals = proposed(
        call("sqs:SendMessage", QUEUE),
        call("dynamodb:GetItem", TABLE),
        is_declared=lambda use: use.action == "sqs:SendMessage",
    )

    assert pairs(proposals.entries) == {("dynamodb:GetItem", TABLE)}
    assert proposals.already == 1


def test_a_prefix_replaces_many_resources_only_on_request() -> None:
    calls = [call("s3:GetObject", f"{OBJECTS}/{number}") for number in range(5)]

    exact, general = proposed(*calls), proposed(*calls, least=5)

    assert pairs(exact.entries) == {("s3:GetObject", f"{OBJECTS}/{number}") for number in range(5)}
    assert pairs(general.entries) == {("s3:GetObject", f"{OBJECTS}/*")}
    assert [len(prefix.resources) for prefix in general.entries[0].prefixes] == [5]


RUNNING = f"arn:aws:ecs:eu-central-1:{ACCOUNT}:task/web"
STREAMS = f"arn:aws:logs:eu-central-1:{ACCOUNT}:log-group:/web:log-stream:web"
SHORT_LIVED = {
    "an execution": (
        "states:StopExecution",
        f"arn:aws:states:eu-central-1:{ACCOUNT}:execution:pay:",
        "3f2a",
        "execution",
    ),
    "a task": ("ecs:StopTask", f"{RUNNING}/", "0" * 32, "task"),
    "a log stream": ("logs:GetLogEvents", f"{STREAMS}/web/", "0" * 32, "log stream of a task"),
}


@pytest.mark.parametrize(("action", "kept", "id_", "kind"), SHORT_LIVED.values(), ids=SHORT_LIVED)
@pytest.mark.parametrize("least", [None, 2])
def test_resources_that_are_new_for_each_call_become_a_prefix(
    action: str, kept: str, id_: str, kind: str, least: int | None
) -> None:
    proposals = proposed(call(action, f"{kept}{id_}"), least=least)

    assert pairs(proposals.entries) == {(action, f"{kept}*")}
    assert proposals.entries[0].prefixes == (Prefix(f"{kept}*", (f"{kept}{id_}",), kind),)
    assert list(comments_of(proposals.entries[0]))[1:] == [
        f"{kept}*: each {kind} has an ARN of its own; 1 ARN was seen; it also matches all others with this prefix."
    ]


def test_an_action_on_few_resources_stays_exact_beside_another_on_many() -> None:
    calls = [call("s3:GetObject", f"{OBJECTS}/{number}") for number in range(5)]

    proposals = proposed(*calls, call("s3:PutObject", f"{OBJECTS}/1"), least=5)

    assert pairs(proposals.entries) == {("s3:GetObject", f"{OBJECTS}/*"), ("s3:PutObject", f"{OBJECTS}/1")}


def test_a_proposal_above_the_quota_is_replaced_by_the_fix() -> None:
    calls = [call("s3:GetObject", f"{OBJECTS}/{number % 7}/{number:060}") for number in range(3_000)]

    proposals = proposed(*calls)

    assert proposals.entries == ()
    assert proposals.too_large is not None
    assert proposals.too_large.resources == 3_000
    assert proposals.too_large.least == 200
    assert proposed(*calls, least=200).too_large is None


def test_a_proposal_that_no_prefix_makes_fit_is_reported() -> None:
    calls = [call("sqs:SendMessage", f"{QUEUE}{number:070}") for number in range(2_000)]

    proposals = proposed(*calls)

    assert proposals.too_large is not None
    assert proposals.too_large.least is None


def test_existing_policies_of_the_role_count() -> None:
    def no_room(grants: Any) -> None:
        raise PolicyTooLargeError("orders", 7, 0)

    proposals = proposed(call("sqs:SendMessage", QUEUE), fits=no_room)

    assert proposals.entries == ()
    assert proposals.too_large is not None
    assert proposals.too_large.excess == 7


# Object keys with every character that is special in a policy or in YAML.
_KEYS = st.text(st.sampled_from("ab*?$ {}'\"#:-/é~[]&%,\\"), min_size=1, max_size=8)
_OBJECTS = _KEYS.map(lambda key: f"{OBJECTS}/{literal(key)}")
_QUEUES = st.integers(0, 4).map(lambda number: f"{QUEUE}-{number}")
_USES = st.one_of(
    st.tuples(st.sampled_from(["s3:GetObject", "s3:PutObject"]), _OBJECTS),
    st.tuples(st.sampled_from(["sqs:SendMessage", "sqs:ReceiveMessage"]), _QUEUES),
    st.tuples(st.sampled_from(["dynamodb:GetItem", "dynamodb:Query"]), st.just(TABLE)),
    st.tuples(st.just("sqs:ListQueues"), st.just("*")),
)


def answers(judge: Judge, calls: list[RecordedCall]) -> set[str]:
    return {judge.judge(judged_call(call.action, call.resource, call.context, call.role)).answer for call in calls}


@settings(max_examples=amount(60))
@given(st.sets(_USES, min_size=1, max_size=12), st.sampled_from(["task", "execution"]))
def test_the_proposed_role_allows_the_recorded_calls_and_nothing_on_other_resources(
    uses: set[tuple[str, str]], kind: RoleKind
) -> None:
    calls = [call(action, resource) for action, resource in sorted(uses)]

    judge = Judge(deployed(proposed(*calls, kind=kind).entries, kind))

    assert answers(judge, calls) == {"allowed"}
    named = {(action, resource) for action, resource in uses if resource != "*"}
    others = {(action, resource) for action, _ in named for _, resource in named}
    beyond = (others | {(action, f"{resource}x") for action, resource in named}) - uses
    assert {judge.judge(judged_call(*beyond_call)).answer for beyond_call in beyond} <= {"denied"}


@settings(max_examples=amount(60))
@given(st.sets(_USES, min_size=1, max_size=12), st.integers(2, 4))
def test_a_generalised_role_allows_all_recorded_calls(uses: set[tuple[str, str]], least: int) -> None:
    calls = [call(action, resource) for action, resource in sorted(uses)]

    judge = Judge(deployed(proposed(*calls, least=least).entries))

    assert answers(judge, calls) == {"allowed"}
