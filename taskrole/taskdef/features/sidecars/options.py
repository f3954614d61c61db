"""The options for sidecars."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, get_args

from taskrole.arns import Context
from taskrole.errors import Problem, quote
from taskrole.taskdef.features.logs import group_name
from taskrole.taskdef.option import Flag, added, option, options
from taskrole.taskdef.option_checks import each, placeholder_problems, problem, words
from taskrole.taskdef.references import BadReferenceError, Parameter, parse_reference

Sidecar = Literal["xray", "otel", "cloudwatch-agent", "appmesh", "fault-injection"]


def _parameter_problems(path: str, text: str, context: Context) -> Iterator[Problem]:
    yield from placeholder_problems(path, text) or _resolved_parameter_problems(path, text, context)


def _resolved_parameter_problems(path: str, text: str, context: Context) -> Iterator[Problem]:
    try:
        parameter = parse_reference(text)
    except BadReferenceError as error:
        yield problem(path, str(error))
        return
    location = parameter.location if isinstance(parameter, Parameter) else None
    foreign = location and (location.partition, location.account) != (context.partition, context.account)
    if not isinstance(parameter, Parameter) or foreign:
        yield problem(path, f"must be a parameter of the task's account; got {quote(text)}")


@options
class SidecarOptions:
    """Which sidecars do their work."""

    sidecars: tuple[Sidecar, ...] = option(
        (),
        "Sidecars, by their image, whose needs are granted. Default: []",
        check=words(get_args(Sidecar)),
        flag=Flag(
            "--sidecar",
            "Grant what this sidecar needs; repeatable.",
            choices=get_args(Sidecar),
            is_repeatable=True,
            combine=added,
        ),
    )
    sidecar_log_groups: tuple[str, ...] = option(
        (), "Log groups that these sidecars write to. Default: []", check=each(group_name)
    )
    sidecar_parameters: tuple[str, ...] = option(
        (), "Parameters that these sidecars read their configuration from. Default: []", check=each(_parameter_problems)
    )
