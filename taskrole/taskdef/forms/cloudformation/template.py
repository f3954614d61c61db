"""The form: CloudFormation templates in JSON and YAML, including those of SAM and `cdk synth`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from taskrole.finding import Finding
from taskrole.taskdef.fields import TASK_DEFINITION_SHAPE
from taskrole.taskdef.forms.cloudformation.expressions import Expressions
from taskrole.taskdef.forms.cloudformation.references import References
from taskrole.taskdef.forms.conform import Conformer
from taskrole.taskdef.forms.daemon import daemon_data
from taskrole.taskdef.forms.express import EXPRESS_SERVICE, express_definition
from taskrole.taskdef.forms.form import Form, Source, SourceDefinition
from taskrole.taskdef.rule import DOCS, FieldRule
from taskrole.taskdef.shape import pointer_step
from taskrole.taskdef.values.values import Values

_TASK = "AWS::ECS::TaskDefinition"
_DAEMON = "AWS::ECS::DaemonTaskDefinition"
_EXPRESS = "AWS::ECS::ExpressGatewayService"
# AWS transforms that do not change these resources, except in loops.
_HARMLESS = ("AWS::Serverless-2016-10-31", "AWS::LanguageExtensions", "AWS::CodeDeployBlueGreen")
_PROCESSED = "give the output of `aws cloudformation get-template --template-stage Processed` to be sure"


def _recognizes(data: Any) -> bool:
    return isinstance(data, Mapping) and isinstance(data.get("Resources"), Mapping)


def _read(source: Source, values: Values) -> Iterator[SourceDefinition]:
    template = source.data
    Expressions(source.file, template, References(template, values)).conditions.check()
    for name, resource in template["Resources"].items():
        kind = resource.get("Type") if isinstance(resource, Mapping) else None
        if kind in (_TASK, _DAEMON, _EXPRESS):
            expressions = Expressions(source.file, template, References(template, values))
            if expressions.conditions.is_wanted(resource.get("Condition")):
                yield _found(str(name), resource, expressions)


def _found(name: str, resource: Mapping[str, Any], expressions: Expressions) -> SourceDefinition:
    own = f"/Resources/{pointer_step(name)}/Properties"
    conformer = Conformer(resolve=expressions.resolve, spell=_pascal_case)
    shape = EXPRESS_SERVICE if resource["Type"] == _EXPRESS else TASK_DEFINITION_SHAPE
    data = conformer.conform(resource.get("Properties"), shape, own)
    findings = (*expressions.findings, *_macros(expressions.template))
    used = frozenset(expressions.references.used)
    if resource["Type"] == _EXPRESS:
        return express_definition(name, data, conformer.own_pointer, findings, used)
    if resource["Type"] == _DAEMON:
        data = daemon_data(data)
    return SourceDefinition(name, data, conformer.own_pointer, findings, used)


def _pascal_case(field: str) -> str:
    return f"{field[:1].upper()}{field[1:]}"


def _macros(template: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield a warning for each macro: macros can change the template and are not run."""
    transforms = template.get("Transform", [])
    for transform in transforms if isinstance(transforms, list) else [transforms]:
        name = transform.get("Name") if isinstance(transform, Mapping) else transform
        if name not in _HARMLESS:
            message = f"names the macro {name}, which is not run here and can change everything; {_PROCESSED}"
            yield Finding("TRANSFORM", "warning", "/Transform", message)
    for key in template["Resources"]:
        if str(key).startswith("Fn::"):
            message = f"holds {key}, which is not run here and can add resources; {_PROCESSED}"
            yield Finding("TRANSFORM", "warning", "/Resources", message)


RULES = (
    FieldRule(
        "TRANSFORM",
        "refused",
        "Fn::Transform and macros of a CloudFormation template are not run; a macro of the whole template is a warning",
        "Fn::Transform, Transform",
        f"{DOCS}/AWSCloudFormation/latest/UserGuide/template-macros.html",
        unseen=True,
    ),
)

FORMS = (
    Form(
        "a CloudFormation template",
        _recognizes,
        _read,
        "is a CloudFormation template without an AWS::ECS::TaskDefinition",
    ),
)
