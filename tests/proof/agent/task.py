"""All calls of one task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from taskrole.arns import Context
from taskrole.taskdef.options import Options
from tests.proof.agent.images import image_needs
from tests.proof.agent.logs import log_needs
from tests.proof.agent.needs import Needs, Place
from tests.proof.agent.storage import file_needs, volume_needs
from tests.proof.agent.surroundings import exec_needs, sidecar_needs
from tests.proof.agent.values import value_needs

_PARTS = (image_needs, value_needs, log_needs, file_needs, volume_needs, exec_needs, sidecar_needs)


def needs_of(documents: Sequence[Mapping[str, Any]], context: Context, options: Options, run: int = 0) -> Needs:
    """Return the calls of one run of each task definition (plain, as register-task-definition takes it)."""
    places = [Place(context, options, document, run) for document in documents]
    return Needs(need for place in places for part in _PARTS for need in part(place))
