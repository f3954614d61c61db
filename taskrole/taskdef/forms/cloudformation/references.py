"""What `Ref` and `GetAtt` refer to: pseudo parameters, parameters, and resources of the template with a name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from taskrole.partitions import partition_of, partitions
from taskrole.plain_data import as_mapping
from taskrole.taskdef.values.values import Values

# What Ref of a resource is, where the template names it.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
_NAMES = {
    "AWS::ECR::Repository": "RepositoryName",
    "AWS::IAM::Role": "RoleName",
    "AWS::Kinesis::Stream": "Name",
    "AWS::KinesisFirehose::DeliveryStream": "DeliveryStreamName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SSM::Parameter": "Name",
    "AWS::SecretsManager::Secret": "Name",
}
_HERE = "{AWS::Region}:{AWS::AccountId}"
# Ref of a secret is its ARN, with a suffix that only the deployment makes: without it, as tasks may name secrets.
_SECRET = f"arn:{{AWS::Partition}}:secretsmanager:{_HERE}:secret:{{Ref}}"
# Ref of one is that of the secret that it names.
_ATTACHMENT = "AWS::SecretsManager::SecretTargetAttachment"
_ECR_HOST = "{AWS::AccountId}.dkr.ecr.{AWS::Region}.{AWS::URLSuffix}"
# Attributes that consist of a resource's name and of where it is.
_ATTRIBUTES = {
    ("AWS::ECR::Repository", "Arn"): "arn:{AWS::Partition}:ecr:{AWS::Region}:{AWS::AccountId}:repository/{Ref}",
    ("AWS::ECR::Repository", "RepositoryUri"): f"{_ECR_HOST}/{{Ref}}",
    ("AWS::IAM::Role", "Arn"): "arn:{AWS::Partition}:iam::{AWS::AccountId}:role{Path}{Ref}",
    ("AWS::Kinesis::Stream", "Arn"): f"arn:{{AWS::Partition}}:kinesis:{_HERE}:stream/{{Ref}}",
    ("AWS::KinesisFirehose::DeliveryStream", "Arn"): f"arn:{{AWS::Partition}}:firehose:{_HERE}:deliverystream/{{Ref}}",
    ("AWS::Logs::LogGroup", "Arn"): f"arn:{{AWS::Partition}}:logs:{_HERE}:log-group:{{Ref}}:*",
    ("AWS::S3::Bucket", "Arn"): "arn:{AWS::Partition}:s3:::{Ref}",
    ("AWS::SecretsManager::Secret", "Id"): "{Ref}",
}
# Of these an ARN without a name is told apart by the placeholder in it, which a value for the name fills.
_NAMED_BY_A_VALUE = frozenset({"AWS::ECR::Repository", "AWS::S3::Bucket"})
# As a suffix would be: whether it is a part of the name, an ARN would not say.
_SEEMS_A_SUFFIX = re.compile(r"-[A-Za-z0-9]{6}$")
_LISTS = ("CommaDelimitedList", "List<")
# The default of such a parameter is the name of what holds the value.
_OF_PARAMETER_STORE = "AWS::SSM::Parameter::Value<"


@dataclass
class References:
    """Finds what names refer to. `used` collects the names whose values were used."""

    template: Mapping[str, Any]
    values: Values
    resolve: Callable[[Any], Any] = lambda value: value
    used: set[str] = field(default_factory=set)
    names: dict[str, Any] = field(default_factory=dict)

    def value(self, name: str) -> str | None:
        """Return the value that a person gave for a name, or None."""
        value = self.values.get(name)
        if value is not None:
            self.used.add(name)
        return value

    def ref(self, name: str) -> Any:
        """Return what Ref of a name is: a text, a list of texts for a parameter that is one, or a placeholder."""
        if name not in self.names:
            self.names[name] = f"${{{name}}}"  # for what refers to itself
            self.names[name] = self._ref(name)
        return self.names[name]

    def attribute(self, resource: str, attribute: str) -> str:
        """Return what GetAtt is, or a placeholder."""
        name = f"{resource}.{attribute}"
        value = self.value(name)
        if value is not None:
            return value
        type_ = self._type(resource)
        form = _ATTRIBUTES.get((type_, attribute))
        may_be_unnamed = attribute == "Arn" and type_ in _NAMED_BY_A_VALUE
        path = self._path(resource) if form and "{Path}" in form else ""
        if form is None or path is None or not (may_be_unnamed or self._is_named(resource)):
            return f"${{{name}}}"
        return self._filled(form, str(self.ref(resource))).replace("{Path}", path)

    def _ref(self, name: str) -> Any:
        value = self.value(name)
        parameter = as_mapping(as_mapping(self.template.get("Parameters")).get(name))
        if value is None:
            value = _of_place(name, self.values) if name.startswith("AWS::") else _default(parameter)
        if value is not None:
            is_list = str(parameter.get("Type", "")).startswith(_LISTS)
            return [item.strip() for item in value.split(",")] if is_list else value
        type_ = self._type(name)
        property_ = "SecretId" if type_ == _ATTACHMENT else _NAMES.get(type_)
        named = self.resolve(self._properties(name).get(property_)) if property_ else None
        if not isinstance(named, str) or not named or (type_ == _ATTACHMENT and not named.startswith("arn:")):
            return f"${{{name}}}"
        return self._secret(name, named) if type_ == "AWS::SecretsManager::Secret" else named

    def _secret(self, resource: str, name: str) -> str:
        """Return the ARN of a secret without its suffix; a placeholder where its name seems to end in one."""
        return f"${{{resource}}}" if _SEEMS_A_SUFFIX.search(name) else self._filled(_SECRET, name)

    def _filled(self, form: str, name: str) -> str:
        for pseudo in ("AWS::Partition", "AWS::Region", "AWS::AccountId", "AWS::URLSuffix"):
            form = form.replace(f"{{{pseudo}}}", str(self.ref(pseudo)))
        return form.replace("{Ref}", name)

    def _path(self, role: str) -> str | None:
        """Return the path of a role, or None where it is not known."""
        path = self._properties(role).get("Path")
        resolved = "/" if path is None else self.resolve(path)
        return resolved if isinstance(resolved, str) and resolved.startswith("/") else None

    def _is_named(self, resource: str) -> bool:
        return bool(self.ref(resource) != f"${{{resource}}}")

    def _resource(self, name: str) -> Mapping[str, Any]:
        return as_mapping(as_mapping(self.template.get("Resources")).get(name))

    def _type(self, name: str) -> str:
        return str(self._resource(name).get("Type", ""))

    def _properties(self, name: str) -> Mapping[str, Any]:
        return as_mapping(self._resource(name).get("Properties"))


def _default(parameter: Mapping[str, Any]) -> str | None:
    """Return the default of a parameter as text; None where it has none, or where nobody may see it."""
    default = parameter.get("Default")
    if default is None or str(parameter.get("Type", "")).startswith(_OF_PARAMETER_STORE):
        return None
    if str(parameter.get("NoEcho", "")).lower() == "true":
        return None
    return str(default).lower() if isinstance(default, bool) else str(default)


def _of_place(name: str, values: Values) -> str | None:
    """Return a pseudo parameter that follows from another."""
    region = values.get("AWS::Region")
    partition = partition_of(region) if region else None
    id_ = values.get("AWS::Partition") or (partition.id if partition else None)
    if name == "AWS::Partition":
        return id_
    return partitions()[id_].dns_suffix if name == "AWS::URLSuffix" and id_ in partitions() else None
