"""The forms: `terraform show -json` of a plan or of a state, and the file of a state."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

from taskrole.taskdef.forms.form import Form, Found, Source, is_object_with
from taskrole.taskdef.forms.terraform.resources import CONTAINERS, KINDS, Resource, found_in
from taskrole.taskdef.values.values import Values

_SENSITIVE = frozenset({CONTAINERS, "container_definition", "primary_container", "volume"})
_EMPTY = "that holds no aws_ecs_task_definition, aws_ecs_daemon_task_definition or aws_ecs_express_gateway_service"


# What stands near the beginning of a plan or a state, whatever wrote its JSON.
_KEYS = re.compile(
    rb'"(?:format_version|terraform_version|planned_values|resource_changes|provider_config|root_module|lineage)"'
)


def may_be_terraform(head: bytes) -> bool:
    """Return whether JSON that begins like this may be a plan or a state, which can be larger than other files."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and _KEYS.search(head) is not None


def outline(content: bytes, file: str) -> dict[str, None]:
    """Return the outermost keys of JSON that is too large to be parsed whole. Raises InputError."""
    from taskrole.plan.json_stream import JsonStream, Mode, Path, keep_all

    keys: dict[str, None] = {}

    def mode(path: Path) -> Mode:
        keys.update(dict.fromkeys(path[:1]))
        return "skip" if path else "open"

    for _ in JsonStream(io.BytesIO(content), file).walk(mode, lambda _: keep_all):
        pass
    return keys


def _is_plan(data: Any) -> bool:
    keys = ("resource_changes", "planned_values", "configuration")
    return is_object_with(data, "format_version") and any(key in data for key in keys)


def _is_shown_state(data: Any) -> bool:
    return is_object_with(data, "format_version") and not _is_plan(data)


def _is_state_file(data: Any) -> bool:
    return is_object_with(data, "version", "terraform_version", "resources")


# The readers of plans and states are large, and are loaded for them only.


def _read_plan(source: Source, values: Values) -> Iterator[Found]:
    from taskrole.plan.defined_tasks import defined_tasks
    from taskrole.plan.reader import read_plan

    plan = read_plan(source.stream(), source.file)
    for resource in defined_tasks(plan, values):
        yield found_in(resource)


def _read_shown_state(source: Source, _: Values) -> Iterator[Found]:
    from taskrole.plan.state import read_shown_state

    for one in read_shown_state(source.stream(), source.file, KINDS):
        yield found_in(Resource(one.address, one.type, one.values, bool(one.sensitive & _SENSITIVE)))


def _read_state_file(source: Source, _: Values) -> Iterator[Found]:
    from taskrole.plan.state import read_state_file

    for one in read_state_file(source.stream(), source.file, KINDS):
        yield found_in(Resource(one.address, one.type, one.values, bool(one.sensitive & _SENSITIVE)))


PLAN = Form("a Terraform plan", _is_plan, _read_plan, f"is a Terraform plan {_EMPTY}")
SHOWN_STATE = Form("a Terraform state", _is_shown_state, _read_shown_state, f"is a Terraform state {_EMPTY}")
STATE_FILE = Form("a Terraform state file", _is_state_file, _read_state_file, f"is a Terraform state file {_EMPTY}")
