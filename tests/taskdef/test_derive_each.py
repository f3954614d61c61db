"""Tests that a derivation under several options at once equals single derivations and avoids repeated work."""

from __future__ import annotations

from taskrole.arns import Context
from taskrole.taskdef import Options, TaskDocument, derive
from taskrole.taskdef.derive import derive_each
from taskrole.taskdef.evaluation_options import evaluation_options
from taskrole.taskdef.read import parse_document
from tests.growth import calls

CONTEXT = Context("aws", "eu-west-1", "111122223333")
SECRET = f"arn:aws:secretsmanager:{CONTEXT.region}:{CONTEXT.account}:secret:login-a1B2c3"
KEY = f"arn:aws:kms:{CONTEXT.region}:{CONTEXT.account}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
VARIANTS = (
    Options(),
    evaluation_options(Options()),
    Options(kms_keys={SECRET: KEY}),
    evaluation_options(Options(kms_keys={SECRET: KEY})),
)


def documents(number: int) -> list[TaskDocument]:
    image = f"{CONTEXT.account}.dkr.ecr.{CONTEXT.region}.amazonaws.com/web:1"
    container = {"name": "web", "image": image, "secrets": [{"name": "LOGIN", "valueFrom": SECRET}]}
    return [
        parse_document({"family": f"web-{index}", "containerDefinitions": [container]}, f"{index}.json")
        for index in range(number)
    ]


def test_each_derivation_is_that_of_its_options() -> None:
    tasks = documents(3)

    derived = derive_each(tasks, CONTEXT, VARIANTS)

    assert list(derived) == [derive(tasks, CONTEXT, options) for options in VARIANTS]
    assert len({derivation.grants for derivation in derived}) == 3


def test_only_the_features_that_read_other_options_are_derived_again() -> None:
    tasks = documents(50)
    derive_each(tasks, CONTEXT, VARIANTS)

    together = calls(lambda: derive_each(tasks, CONTEXT, VARIANTS[:2]))
    apart = calls(lambda: [derive(tasks, CONTEXT, options) for options in VARIANTS[:2]])

    assert together < 0.75 * apart, together / apart
