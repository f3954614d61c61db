"""Measures the requests per second of the evaluator."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence

from bench.derive import ACCOUNT, REGION, ROOT, task_definition
from bench.report import Row, Section
from bench.sizes import sized
from taskrole.arns import Context
from taskrole.policy.catalogue.managed import managed_policy
from taskrole.policy.documents.build import build_policies
from taskrole.policy.documents.statements import statements_of
from taskrole.policy.evaluation.evaluate import NamedPolicy, Request, compile_policies
from taskrole.taskdef import derive
from taskrole.taskdef.read import parse_document

SECONDS = 2.0
SIMULATE = ROOT / "tests/differential/simulate.cjs"
SIMULATED = 20_000
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:service-0"
REQUESTS = (
    Request("secretsmanager:GetSecretValue", f"{SECRET}/3-2-a1B2c3", complete=True),
    Request("secretsmanager:GetSecretValue", f"{SECRET}/3-2-x-a1B2c3", complete=True),
    Request(
        "logs:PutLogEvents", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/ecs/service-0:log-stream:x", complete=True
    ),
    Request("ecr:GetAuthorizationToken", "*", complete=True),
    Request("s3:GetObject", "arn:aws:s3:::service-0/0.env", {"aws:ResourceAccount": ACCOUNT}, complete=True),
    Request("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/x", complete=True),
)
WORKSHOP = (
    "service-role/AmazonECSTaskExecutionRolePolicy",
    "AmazonEC2ContainerRegistryReadOnly",
    "CloudWatchLogsFullAccess",
    "SecretsManagerReadWrite",
)


def measure() -> Section:
    """Return the requests per second for a derived role and for the workshop's role."""
    context = Context("aws", REGION, ACCOUNT)
    grants = derive([parse_document(task_definition(0), "task.json")], context).grants
    derived = build_policies(grants, kind="inline", base_name="derived")
    workshop = [policy for policy in map(managed_policy, WORKSHOP) if policy is not None]
    assert len(workshop) == len(WORKSHOP)
    return Section(
        "Evaluating",
        f"Requests of {len(REQUESTS)} kinds in turn, allowed and denied, in one process on one core.",
        ("statements", "requests/s"),
        (
            _row("a derived role", derived),
            _row("the four managed policies of the workshop", workshop),
            *_iam_simulate(derived),
        ),
    )


def _iam_simulate(policies: Sequence[NamedPolicy]) -> Iterator[Row]:
    """Yield the requests per second of npm's iam-simulate, if it is installed."""
    if not (shutil.which("node") and (ROOT / "node_modules/@cloud-copilot/iam-simulate").is_dir()):
        return
    documents = [policy.document for policy in policies]

    def seconds(count: int) -> float:
        requests = (REQUESTS[number % len(REQUESTS)] for number in range(count))
        lines = "".join(
            f"{json.dumps({'policies': documents, 'action': call.action, 'resource': call.resource, 'context': {}})}\n"
            for call in requests
        )
        begin = time.perf_counter()
        subprocess.run(["node", str(SIMULATE)], input=lines, stdout=subprocess.DEVNULL, text=True, check=True)
        return time.perf_counter() - begin

    # Without the start of Node.
    few, many = seconds(len(REQUESTS)), seconds(sized(SIMULATED) + len(REQUESTS))
    statements = sum(len(statements_of(document)) for document in documents)
    figures = (f"{statements}", f"{sized(SIMULATED) / max(many - few, 1e-3):,.0f} (1 run)")
    yield Row("a derived role, by iam-simulate", figures, "node tests/differential/simulate.cjs")


def _row(name: str, policies: Sequence[NamedPolicy]) -> Row:
    evaluator = compile_policies(policies)
    statements = sum(len(statements_of(policy.document)) for policy in policies)
    answered, begin = 0, time.perf_counter()
    while (seconds := time.perf_counter() - begin) < SECONDS:
        for request in REQUESTS:
            evaluator.evaluate(request)
        answered += len(REQUESTS)
    return Row(name, (f"{statements}", f"{answered / seconds:,.0f}"), "python -m bench evaluate")
