"""Resolves `Ref` and `GetAtt`: pseudo parameters, parameters, and named resources of the template."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from taskrole.partitions import partition_of, partitions
from taskrole.plain_data import as_mapping
from taskrole.taskdef.values.values import Values

# The property that Ref of a resource returns.
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
# Ref of a secret is its ARN with a suffix that is created on deployment; tasks can use the ARN without the suffix.
_SECRET = f"arn:{{AWS::Partition}}:secretsmanager:{_HERE}:secret:{{Ref}}"
# Ref of an attachment is the Ref of its secret.
_ATTACHMENT = "AWS::SecretsManager::SecretTargetAttachment"
_ECR_HOST = "{AWS::AccountId}.dkr.ecr.{AWS::Region}.{AWS::URLSuffix}"
# Attributes that are built from a resource's name, region and account.
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
# The ARN of an unnamed resource contains a placeholder for the name, which a value can fill.
_NAMED_BY_A_VALUE = frozenset({"AWS::ECR::Repository", "AWS::S3::Bucket"})
# Looks like a suffix, which makes an ARN ambiguous.
_SEEMS_A_SUFFIX = re.compile(r"-[A-Za-z0-9]{6}$")
_LISTS = ("CommaDelimitedList", "List<")
# The default of such a parameter is the name of an SSM parameter.
_OF_PARAMETER_STORE = "AWS::SSM::Parameter::Value<"


@dataclass
class References:
    """Resolves names. `used` collects the names whose values were used."""

    template: Mapping[str, Any]
    values: Values
    resolve: Callable[[Any], Any] = lambda value: value
    used: set[str] = field(default_factory=set)
    names: dict[str, Any] = field(default_factory=dict)

    def value(self, name: str) -> str | None:
        """Return the user's value for a name, or None."""
        value = self.values.get(name)
        if value is not None:
            self.used.add(name)
        return value

    def ref(self, name: str) -> Any:
        """Return the Ref of a name: a text, a list of texts for a list parameter, or a placeholder."""
        if name not in self.names:
            self.names[name] = f"${{{name}}}"  # for self-references
            self.names[name] = self._ref(name)
        return self.names[name]

    def attribute(self, resource: str, attribute: str) -> str:
        """Return the value of GetAtt, or a placeholder."""
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
        """Return the ARN of a secret without its suffix; a placeholder if its name seems to end in a suffix."""
        return f"${{{resource}}}" if _SEEMS_A_SUFFIX.search(name) else self._filled(_SECRET, name)

    def _filled(self, form: str, name: str) -> str:
        for pseudo in ("AWS::Partition", "AWS::Region", "AWS::AccountId", "AWS::URLSuffix"):
            form = form.replace(f"{{{pseudo}}}", str(self.ref(pseudo)))
        return form.replace("{Ref}", name)

    def _path(self, role: str) -> str | None:
        """Return the path of a role, or None if it is not known."""
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
    """Return the default of a parameter as text; None if it has none, or if it is NoEcho."""
    default = parameter.get("Default")
    if default is None or str(parameter.get("Type", "")).startswith(_OF_PARAMETER_STORE):
        return None
    if str(parameter.get("NoEcho", "")).lower() == "true":
        return None
    return str(default).lower() if isinstance(default, bool) else str(default)


def _of_place(name: str, values: Values) -> str | None:
    """Return a pseudo parameter that follows from another one."""
    region = values.get("AWS::Region")
    partition = partition_of(region) if region else None
    id_ = values.get("AWS::Partition") or (partition.id if partition else None)
    if name == "AWS::Partition":
        return id_
    return partitions()[id_].dns_suffix if name == "AWS::URLSuffix" and id_ in partitions() else None
