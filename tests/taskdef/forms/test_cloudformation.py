"""Tests CloudFormation templates: intrinsic functions, conditions and unsupported transforms."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.taskdef.forms.reading import derived, read, refusal, resources

WEB = "/Resources/Web/Properties"
IMAGE = f"{WEB}/ContainerDefinitions/0/Image"
SECRET = f"{WEB}/ContainerDefinitions/0/Secrets/0/ValueFrom"


def template(value: Any = "/db", *, image: Any = "nginx", definition: Any = None, **parts: Any) -> str:
    """Return a template with one task definition, whose secret has a value."""
    container = {"Name": "web", "Image": image, "Secrets": [{"Name": "DB", "ValueFrom": value}]}
    properties = {"Family": "web", "ContainerDefinitions": [container], **(definition or {})}
    resources = {"Web": {"Type": "AWS::ECS::TaskDefinition", "Properties": properties}, **parts.pop("Resources", {})}
    return json.dumps({"Resources": resources, **parts})


def secret_of(value: Any, parts: dict[str, Any] | None = None, **values: str) -> str:
    """Return the resolved text of a value of a template."""
    (document,) = read(template(value, **(parts or {})), **values)
    text = document.data["containerDefinitions"][0]["secrets"][0].get("valueFrom")
    return text if isinstance(text, str) else document.findings[0].message


MAPPINGS = {"Regions": {"eu-central-1": {"Db": "/eu/db"}}}
PARAMETERS = {
    "Env": {"Type": "String"},
    "Name": {"Type": "String", "Default": "shop"},
    "Paths": {"Type": "CommaDelimitedList", "Default": "/a, /b"},
    "Hidden": {"Type": "String", "Default": "hunter2hunter2", "NoEcho": True},
    "Stored": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/names/db"},
}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "Name"}, "shop"),
        ({"Fn::Sub": "/${Name}/db"}, "/shop/db"),
        ({"Fn::Sub": ["/${Part}/db", {"Part": {"Ref": "Name"}}]}, "/shop/db"),
        ({"Fn::Join": ["/", ["", {"Ref": "Name"}, "db"]]}, "/shop/db"),
        ({"Fn::Select": [1, {"Ref": "Paths"}]}, "/b"),
        ({"Fn::Select": ["1", {"Fn::Split": ["|", "/a|/b"]}]}, "/b"),
        ({"Fn::FindInMap": ["Regions", {"Ref": "AWS::Region"}, "Db"]}, "/eu/db"),
        ({"Fn::FindInMap": ["Regions", "xx", "Db", {"DefaultValue": "/none"}]}, "/none"),
        (
            {"Fn::Sub": "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/db"},
            "arn:aws:ssm:eu-central-1:111122223333:parameter/db",
        ),
        ({"Ref": "Parameter"}, "/shop/named"),
    ],
)
def test_known_values_of_a_template_are_resolved(value: Any, expected: str) -> None:
    parameter = {"Type": "AWS::SSM::Parameter", "Properties": {"Name": {"Fn::Sub": "/${Name}/named"}}}
    parts = {"Parameters": PARAMETERS, "Mappings": MAPPINGS, "Resources": {"Parameter": parameter}}

    assert secret_of(value, parts) == expected


@pytest.mark.parametrize(
    ("value", "placeholder"),
    [
        ({"Ref": "Env"}, "Env"),
        ({"Ref": "Hidden"}, "Hidden"),
        ({"Ref": "Stored"}, "Stored"),
        ({"Fn::GetAtt": ["Db", "Arn"]}, "Db.Arn"),
        ({"Fn::GetAtt": "Db.Arn"}, "Db.Arn"),
        ({"Fn::Sub": "${Db.Arn}"}, "Db.Arn"),
        ({"Fn::Join": ["", [{"Ref": "Db"}, ":password::"]]}, "Db"),
        ({"Fn::ImportValue": "shop-db"}, "shop-db"),
        ({"Fn::ImportValue": {"Fn::Sub": "${Env}-db"}}, "Env-db"),
        ({"Fn::Select": [3, {"Fn::Split": ["/", {"Ref": "Env"}]}]}, "Env"),
        ({"Fn::If": ["IsProd", "/prod/db", "/test/db"]}, "Env"),
        ({"Fn::FindInMap": ["Regions", {"Ref": "Env"}, "Db"]}, "Env"),
        ({"Fn::Base64": "x"}, "Fn::Base64"),
    ],
)
def test_an_unknown_value_is_a_placeholder_named_like_the_expression(value: Any, placeholder: str) -> None:
    parts = {
        "Parameters": PARAMETERS,
        "Mappings": MAPPINGS,
        "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Env"}, "prod"]}},
    }

    message = secret_of(value, parts)

    assert f"${{{placeholder}}}" in message
    assert "hunter2" not in message


def test_values_fill_parameters_attributes_and_imports() -> None:
    parts = {"Parameters": PARAMETERS}

    assert secret_of({"Ref": "Name"}, parts, Name="other") == "other"
    assert secret_of({"Fn::GetAtt": ["Db", "Arn"]}, parts, Db__Arn="/db") == "/db"
    assert secret_of({"Fn::ImportValue": {"Fn::Sub": "${Env}-db"}}, parts, Env="x", **{"x-db": "/y"}) == "/y"
    assert secret_of({"Fn::Select": [1, {"Fn::Split": ["|", {"Ref": "Env"}]}]}, parts, Env="/a|/b") == "/b"


@pytest.mark.parametrize(
    ("condition", "env", "expected"),
    [
        ({"Fn::Equals": [{"Ref": "Env"}, "prod"]}, "prod", "/yes"),
        ({"Fn::Equals": [{"Ref": "Env"}, "prod"]}, "test", "/no"),
        ({"Fn::Not": [{"Condition": "IsTest"}]}, "prod", "/yes"),
        ({"Fn::And": [{"Condition": "IsTest"}, {"Fn::Equals": ["a", "b"]}]}, "test", "/no"),
        ({"Fn::Or": [{"Condition": "IsTest"}, {"Fn::Equals": ["a", "b"]}]}, "test", "/yes"),
    ],
)
def test_conditions_are_evaluated_with_the_values_of_parameters(condition: Any, env: str, expected: str) -> None:
    conditions = {"Chosen": condition, "IsTest": {"Fn::Equals": [{"Ref": "Env"}, "test"]}}

    assert secret_of({"Fn::If": ["Chosen", "/yes", "/no"]}, {"Conditions": conditions}, Env=env) == expected


def test_an_unknown_condition_with_equal_branches_is_resolved() -> None:
    conditions = {"IsProd": {"Fn::Equals": [{"Ref": "Env"}, "prod"]}}

    assert secret_of({"Fn::If": ["IsProd", "/db", "/db"]}, {"Conditions": conditions}) == "/db"


def test_an_unknown_condition_over_whole_containers_names_its_parameters() -> None:
    containers = {"Fn::If": ["IsProd", [{"Name": "a", "Image": "nginx"}], []]}
    conditions = {"IsProd": {"Fn::Equals": [{"Ref": "Env"}, "prod"]}}

    (document,) = read(template(definition={"ContainerDefinitions": containers}, Conditions=conditions))

    (finding,) = document.findings
    assert (finding.code, finding.source) == ("PLACEHOLDER", f"{WEB}/ContainerDefinitions/Fn::If")
    assert "${Env}" in finding.message


def test_a_resource_with_a_false_condition_is_not_read() -> None:
    other = {"Type": "AWS::ECS::TaskDefinition", "Condition": "Never", "Properties": {"ContainerDefinitions": []}}

    documents = read(template(Resources={"Other": other}, Conditions={"Never": {"Fn::Equals": ["a", "b"]}}))

    assert [(document.name, document.file, document.family) for document in documents] == [("Web", "file#Web", "web")]


@pytest.mark.parametrize(
    ("conditions", "message"),
    [
        (
            {"A": {"Fn::Not": [{"Condition": "B"}]}, "B": {"Fn::Not": [{"Condition": "A"}]}},
            "file: Conditions.A: conditions must not be circular; got A → B → A",
        ),
        (
            {"A": {"Condition": "A"}},
            "file: Conditions.A: conditions must not be circular; got A → A",
        ),
        ({"A": {"Condition": "B"}}, "file: Conditions.B: is used, but not defined under Conditions"),
        ({"A": "x"}, "file: Conditions.A: must be one condition function, such as Fn::Equals"),
        ({"A": {"Fn::Not": []}}, "file: Conditions.A: 'Fn::Not' is not a condition function"),
    ],
)
def test_invalid_conditions_are_refused_in_one_line(conditions: Any, message: str) -> None:
    assert refusal(template(Conditions=conditions)).startswith(message)


def test_a_transform_in_a_definition_is_an_error_and_a_macro_of_the_template_a_warning() -> None:
    transform = {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {}}}

    (document,) = read(template(transform, Transform=["AWS::Serverless-2016-10-31", "Mine"]))

    assert [(finding.code, finding.severity, finding.source) for finding in document.findings] == [
        ("TRANSFORM", "error", SECRET),
        ("TRANSFORM", "warning", "/Transform"),
    ]
    assert "Fn::Transform 'AWS::Include', which is not run here" in document.findings[0].message
    assert "get-template --template-stage Processed" in document.findings[0].message


def test_pointers_are_those_of_the_template() -> None:
    containers = [
        {"Ref": "AWS::NoValue"},
        {"Name": "web", "Image": "nginx", "Secrets": {"Fn::If": ["Yes", [{"Name": "A", "ValueFrom": "/a"}], []]}},
    ]
    efs = {"FilesystemId": "fs-12345678", "TransitEncryption": "ENABLED", "AuthorizationConfig": {"IAM": "ENABLED"}}
    definition = {
        "ContainerDefinitions": containers,
        "Volumes": [{"Name": "data", "EFSVolumeConfiguration": efs}],
        "ExecutionRoleArn": 5,
    }
    containers[1]["MountPoints"] = [{"SourceVolume": "data", "ReadOnly": "true"}]

    documents = read(template(definition=definition, Conditions={"Yes": {"Fn::Equals": ["a", "a"]}}))

    granted = resources(documents)
    assert list(granted) == [
        f"{WEB}/ContainerDefinitions/1/Secrets/Fn::If/1/0/ValueFrom",
        f"{WEB}/Volumes/0/EFSVolumeConfiguration/AuthorizationConfig/IAM",
    ]
    findings = {finding.code: finding.source for finding in derived(documents).findings}
    assert findings["ROLE-MISSING"] == f"{WEB}/TaskRoleArn"


def test_an_image_of_cdk_needs_only_the_name_of_the_repository() -> None:
    arn = {"Fn::GetAtt": ["Repo", "Arn"]}
    part = [{"Fn::Select": [number, {"Fn::Split": [":", arn]}]} for number in (4, 3)]
    image = {"Fn::Join": ["", [part[0], ".dkr.ecr.", part[1], ".", {"Ref": "AWS::URLSuffix"}, "/", {"Ref": "Repo"}]]}
    text = template(image=image, Resources={"Repo": {"Type": "AWS::ECR::Repository"}})

    (document,) = read(text, Repo="shop/web")

    assert (
        document.data["containerDefinitions"][0]["image"] == "111122223333.dkr.ecr.eu-central-1.amazonaws.com/shop/web"
    )
    assert document.used_values >= {"Repo", "AWS::Region", "AWS::AccountId"}


def test_short_tags_in_yaml_are_read_as_long_forms() -> None:
    text = """
Parameters: {Name: {Type: String, Default: shop}}
Resources:
  Web:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: !Ref Name
      ContainerDefinitions:
        - Name: web
          Image: !Sub "${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/${Name}"
          Secrets:
            - {Name: A, ValueFrom: !Join [/, ["", !Ref Name, a]]}
            - {Name: B, ValueFrom: !GetAtt Db.Arn}
"""
    (document,) = read(text, "template", Db__Arn="/b")

    (container,) = document.data["containerDefinitions"]
    assert document.family == "shop"
    assert container["image"] == "111122223333.dkr.ecr.eu-central-1.amazonaws.com/shop"
    assert [secret["valueFrom"] for secret in container["secrets"]] == ["/shop/a", "/b"]


def test_numbers_of_a_template_in_yaml_are_read_verbatim() -> None:
    text = """
Parameters: {Account: {Type: String, Default: 012345678901}}
Resources:
  Web:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions:
        - Name: web
          Image: !Sub "${Account}.dkr.ecr.eu-central-1.amazonaws.com/web"
          ReadonlyRootFilesystem: true
          Environment: [{Name: aws_fluent_bit_init_s3_1, Value: 1.10}]
"""
    (document,) = read(text)

    (container,) = document.data["containerDefinitions"]
    assert container["image"] == "012345678901.dkr.ecr.eu-central-1.amazonaws.com/web"
    assert container["environment"][0]["value"] == "1.10"
    assert container["readonlyRootFilesystem"] is True


def test_functions_with_endless_results_are_refused() -> None:
    value: Any = "x" * 100
    for _ in range(12):
        value = {"Fn::Sub": ["${a}${a}", {"a": value}]}

    assert "must not build texts of more than 65536 characters" in refusal(template(value))


def test_a_template_without_task_definitions_is_reported() -> None:
    assert refusal('{"Resources": {"A": {"Type": "AWS::S3::Bucket"}}}') == (
        "file: is a CloudFormation template without an AWS::ECS::TaskDefinition"
    )


@pytest.mark.parametrize(
    "value", [{"Fn::Sub": []}, {"Fn::Join": 5}, {"Fn::Select": []}, {"Fn::If": ["x"]}, {"Ref": []}]
)
def test_malformed_functions_are_reported_without_traceback(value: Any) -> None:
    (document,) = read(template(value))

    assert [finding.severity for finding in document.findings] == ["error"]
