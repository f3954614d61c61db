"""Forms that are recognized but not supported, and what to pass instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from taskrole.dataclass import dataclass
from taskrole.errors import quote
from taskrole.taskdef.forms.form import is_object_with

_DESCRIBE = "give the output of `aws ecs describe-task-definition`"
_SHOW = "run `terraform show -json PLANFILE > plan.json` and give plan.json"
_COPILOT = frozenset(
    {
        "Backend Service",
        "Load Balanced Web Service",
        "Request-Driven Web Service",
        "Scheduled Job",
        "Static Site",
        "Worker Service",
    }
)


@dataclass(frozen=True)
class NotRead:
    """A form that is recognized but not supported: its message, and a test for parsed data in this form."""

    message: str
    recognizes: Callable[[Any], bool]


def _is_copilot(data: Any) -> bool:
    return is_object_with(data, "name", "type") and str(data["type"]) in _COPILOT


def _is_compose(data: Any) -> bool:
    services = data.get("services") if isinstance(data, Mapping) else None
    return isinstance(services, Mapping) and any(
        isinstance(service, Mapping) and ("image" in service or "build" in service) for service in services.values()
    )


def _is_ecspresso(data: Any) -> bool:
    return is_object_with(data, "task_definition") and isinstance(data["task_definition"], str)


def _is_terraform_json(data: Any) -> bool:
    kinds = data.get("resource") if isinstance(data, Mapping) else None
    return isinstance(kinds, Mapping) and any(str(kind).startswith(("aws_", "awscc_")) for kind in kinds)


def _is_app_spec(data: Any) -> bool:
    return is_object_with(data, "version") and isinstance(data.get("Resources", data.get("resources")), list)


def _is_image_list(data: Any) -> bool:
    return isinstance(data, list) and bool(data) and all(is_object_with(item, "name", "imageUri") for item in data)


NOT_READ: tuple[NotRead, ...] = (
    NotRead(
        "is a Copilot manifest, which is not read; run `copilot svc package --output-dir out` and give the template",
        _is_copilot,
    ),
    NotRead(
        "is an ecspresso configuration, which names the task definition; run `ecspresso render taskdef` and give its"
        " output",
        _is_ecspresso,
    ),
    NotRead(f"is a Compose file, which is not read; {_DESCRIBE} for what is deployed from it", _is_compose),
    NotRead(
        "is a Kubernetes manifest, which is not read; ECS does not run it",
        lambda data: is_object_with(data, "apiVersion", "kind"),
    ),
    NotRead(f"is a Terraform configuration, which is not read; {_SHOW}", _is_terraform_json),
    NotRead(
        "is an AppSpec file of CodeDeploy, which is not read; give the task definition that it deploys", _is_app_spec
    ),
    NotRead(
        "is a list of images, which is not read; give the task definition that they are for, and each image with"
        " --image CONTAINER=URI",
        _is_image_list,
    ),
    NotRead(
        f"is a list of ARNs, which is not read; {_DESCRIBE} for each",
        lambda data: is_object_with(data, "taskDefinitionArns"),
    ),
    NotRead(
        f"names its task definition by ARN, which is not read; {_DESCRIBE} for {{arn}}",
        lambda data: is_object_with(data, "infrastructureRoleArn", "taskDefinitionArn"),
    ),
    NotRead(
        f"uses Terraform's spelling, but is not a whole plan; {_SHOW}",
        lambda data: is_object_with(data, "container_definitions"),
    ),
    NotRead(
        f"uses CloudFormation's spelling; give the whole template, with its Resources, or {_DESCRIBE[5:]}",
        lambda data: is_object_with(data, "ContainerDefinitions"),
    ),
)

_TEXTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(
            r"^[ \t]*(?:resource|data|module|variable|output|provider)[ \t]+\"[^\"\n]*\"[^\n]*\{"
            r"|^[ \t]*(?:terraform|locals)[ \t]*\{",
            re.MULTILINE,
        ),
        f"is a Terraform configuration (HCL), which is not read; {_SHOW}",
    ),
    (
        re.compile(r"\bstd\.(?:extVar|native|format|parseJson)\b|^\s*(?:local\s+\w+\s*=|import\s+['\"])"),
        "is jsonnet, which is not read; run `ecspresso render taskdef` or `jsonnet FILE` and give its output",
    ),
)


def data_message(data: Any) -> str | None:
    """Return the message about parsed data in an unsupported form, or None."""
    message = next((form.message for form in NOT_READ if form.recognizes(data)), None)
    return message.replace("{arn}", quote(data["taskDefinitionArn"])) if message and "{arn}" in message else message


def text_message(text: str) -> str | None:
    """Return the message about a recognized text that is neither JSON nor YAML, or None."""
    return next((message for pattern, message in _TEXTS if pattern.search(text)), None)
