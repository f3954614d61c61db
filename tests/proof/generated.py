"""Random valid task definitions with options and a context: every feature, in every form that ECS accepts.

The generator takes a random.Random: a seeded one for large counts, that of hypothesis (st.randoms) for small
counterexamples. Names come from small pools in which most are prefixes of another, so that a slightly too wide
permission matches another name.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from taskrole.arns import Context
from taskrole.taskdef.options import Options
from tests.proof.generated_containers import add_containers, container
from tests.proof.generated_options import finish_options
from tests.proof.generated_volumes import add_volumes
from tests.proof.setting import PLACES, Draft

_LAUNCH_TYPES: tuple[list[str], ...] = (
    [],
    ["FARGATE"],
    ["EC2"],
    ["EC2", "FARGATE"],
    ["EXTERNAL"],
    ["MANAGED_INSTANCES"],
)


@dataclass(frozen=True)
class Case:
    """Valid task definitions with their common context and options.

    `spare` is another container that fits into the first of them. `seed` reproduces the case.
    """

    documents: tuple[dict[str, Any], ...]
    spare: dict[str, Any]
    context: Context
    options: Options
    seed: int | None = None


def generate_case(seed: int, documents: int = 1) -> Case:
    """Return the case of a seed, with `documents` task definitions."""
    return draw_case(random.Random(seed), documents, seed)


def draw_case(rng: random.Random, documents: int = 1, seed: int | None = None) -> Case:
    """Return a random case."""
    draft = Draft(rng, rng.choice(PLACES))
    drawn = [_document(draft)]
    spare = container(draft, drawn[0], "spare", has_router=False)
    drawn += [_document(draft) for _ in range(documents - 1)]
    return Case(tuple(drawn), spare, draft.place.context, finish_options(draft), seed)


def _document(draft: Draft) -> dict[str, Any]:
    draft.launch = draft.pick(_LAUNCH_TYPES)
    draft.is_windows = "EXTERNAL" not in draft.launch and draft.maybe(0.2)
    document: dict[str, Any] = {"family": draft.pick(["web", "worker"])}
    if draft.launch:
        document["requiresCompatibilities"] = list(draft.launch)
    if draft.is_windows:
        document["runtimePlatform"] = {"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}
    for key in ("executionRoleArn", "taskRoleArn"):
        arn = draft.place.arn("iam", f"role/team/{key}", "")
        document |= draft.pick([{}, {key: ""}, {key: f"{key[:4]}-role"}, {key: arn}])
    add_volumes(draft, document)
    add_containers(draft, document)
    return document | {key: value for key, value in _SILENT_FIELDS.items() if draft.maybe(0.1)}


# Fields of a task definition that need no permission, or give only a note.
_SILENT_FIELDS: dict[str, Any] = {
    "networkMode": "awsvpc",
    "cpu": "256",
    "ephemeralStorage": {"sizeInGiB": 30},
    "trustedExecutionConfiguration": {"isolationMode": "SHARED"},
    "proxyConfiguration": {"type": "APPMESH", "containerName": "envoy"},
    "tags": [{"key": "role", "value": "arn:aws:iam::111122223333:role/x"}],
    "placementConstraints": [{"type": "memberOf", "expression": "attribute:ecs.os-type == linux"}],
    "revision": 7,
    "status": "ACTIVE",
}
