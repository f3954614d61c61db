"""Tests the registry of features: complete, without contradictions, and the only file that a new feature changes."""

from __future__ import annotations

import json
import os
import pkgutil
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from taskrole.arns import Context
from taskrole.taskdef import Options, features
from taskrole.taskdef.document import TaskNode
from taskrole.taskdef.feature import volume_fields
from taskrole.taskdef.feature_results import Item, Setting, usable
from taskrole.taskdef.feature_rules import FEATURE_RULES
from taskrole.taskdef.features.registry import FEATURES, NAMES
from taskrole.taskdef.forms.registry import form_rules
from taskrole.taskdef.read import parse_documents
from taskrole.taskdef.rules import RULES
from taskrole.taskdef.shape import BROKEN, Hint, ListOf, MapOf, Record, Scalar, Shape
from taskrole.taskdef.shape_merge import merged
from tests.project_copies import copy_code
from tests.taskdef.case_table import CASES

ROOT = Path(__file__).parents[3]

TOY = '''\
"""A toy feature."""

from taskrole.taskdef.failure import Failure
from taskrole.taskdef.feature import VOLUMES, Feature, task_fields
from taskrole.taskdef.feature_results import finding, option_used
from taskrole.taskdef.option import Flag, added, option, options
from taskrole.taskdef.option_checks import words
from taskrole.taskdef.rule import TASK, FieldRule
from taskrole.taskdef.shape import Scalar

_DENIED = Failure("container's log", "the toy is broken", "https://example.com/toy", stops=False)
_RULES = (
    FieldRule(
        "TOY-1", "grant", "Play with a toy", "toy", "https://example.com", TASK, ("s3:ListBucket",), failure=_DENIED
    ),
    FieldRule("TOY-2", "note", "Toys hide things", "toy", "https://example.com", unseen=True),
)


@options
class ToyOptions:
    toy_colors: tuple[str, ...] = option(
        (),
        "Colors of toys. Default: []",
        check=words(("red", "blue")),
        flag=Flag("--toy-color", "Color of toys.", metavar="COLOR", is_repeatable=True, combine=added),
    )


def toy_items(task, setting):
    (toy,) = task.resolved("toy")
    if toy:
        yield setting.grant("TOY-1", task.field("toy"), "a toy is played with", [f"arn:aws:s3:::{toy}"])
        yield finding("TOY-2", "warning", task.field("toy"), "may hide something")
    for color in setting.options_of(ToyOptions).toy_colors if toy else ():
        yield option_used("toy_colors", color)


FEATURE = Feature(VOLUMES, _RULES, task_fields({"toy": Scalar.TEXT}), ToyOptions, toy_items)
'''


@pytest.fixture(scope="module")
def with_toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the package with another feature: a file, and a line in the registry."""
    root = tmp_path_factory.mktemp("toy")
    copy_code(root, ("taskrole", "tools"))
    room = root / "taskrole/taskdef/features"
    (room / "toy.py").write_text(TOY)
    registry = (room / "registry.py").read_text("utf-8")
    (room / "registry.py").write_text(registry.replace('    "document",\n', '    "document",\n    "toy",\n'))
    return root


def run(root: Path, *arguments: str) -> str:
    """Return the output of Python, run in a folder so that its copy of the package is used."""
    command = [sys.executable, *arguments]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=True).stdout


def derived(root: Path, options: str = "") -> str:
    task = {"containerDefinitions": [{"name": "web", "image": "nginx"}], "toy": "bricks"}
    (root / "task.json").write_text(json.dumps(task))
    (root / "options.yaml").write_text(options)
    place = ("--region", "eu-west-1", "--account", "111122223333")
    return run(root, "-m", "taskrole", "derive", "task.json", *place, "--options", "options.yaml", "--format", "json")


def test_a_new_feature_of_one_file_and_one_line_reads_its_field_and_grants(with_toy: Path) -> None:
    report = json.loads(derived(with_toy))

    grants = [grant for role in report["roles"].values() for grant in role["grants"]]
    assert [(grant["rule"], grant["actions"], grant["resources"]) for grant in grants] == [
        ("TOY-1", ["s3:ListBucket"], ["arn:aws:s3:::bricks"])
    ]


def test_a_wrong_type_in_the_field_of_a_new_feature_is_an_error(with_toy: Path) -> None:
    code = (
        "from taskrole.taskdef import parse_document;"
        "print(parse_document({'containerDefinitions': [], 'toy': 7}, 'f').findings[0].message)"
    )

    assert run(with_toy, "-c", code) == "must be text; got the number 7; write it in quotes\n"


def test_the_option_of_a_new_feature_is_read_checked_and_reported_if_unused(with_toy: Path) -> None:
    code = (
        "from taskrole.arns import Context\n"
        "from taskrole.taskdef import Options, derive\n"
        "from taskrole.taskdef.options import check_options\n"
        "here = Context('aws', 'eu-west-1', '111122223333')\n"
        "print(check_options(Options(toy_colors=('green',)), here)[0].message)\n"
        "print([one.source for one in derive([], here, Options(toy_colors=('red',))).findings if 'OPTION' in one.code])"
    )

    assert "OPTION-UNUSED" not in derived(with_toy, "toy_colors: [red]")
    assert run(with_toy, "-c", code).splitlines() == [
        "must be one of red, blue; got 'green'",
        "['options:/toy_colors/red']",
    ]


def test_the_flag_of_a_new_feature_is_an_option_of_derive_and_check(with_toy: Path) -> None:
    task = {"containerDefinitions": [{"name": "web", "image": "nginx"}]}
    (with_toy / "plain.json").write_text(json.dumps(task))
    place = ("--region", "eu-west-1", "--account", "111122223333", "--toy-color", "red")

    report = json.loads(run(with_toy, "-m", "taskrole", "derive", "plain.json", *place, "--format", "json"))

    unused = [finding["source"] for finding in report["findings"] if finding["code"] == "OPTION-UNUSED"]
    assert unused == ["options:/toy_colors/red"]
    assert "Color of toys." in run(with_toy, "-m", "taskrole", "check", "--help")


def test_the_option_of_a_new_feature_is_in_the_schema(with_toy: Path) -> None:
    schema = json.loads(run(with_toy, "-m", "taskrole", "schema"))

    assert schema["$defs"]["OptionsSettings"]["properties"]["toy_colors"] == {
        "description": "Colors of toys. Default: []",
        "items": {"type": "string"},
        "type": "array",
    }


def test_the_rules_of_a_new_feature_are_on_the_page_and_explained(with_toy: Path) -> None:
    code = "from tools.write_rules_page import page; print(page())"
    chapter = run(with_toy, "-c", code).split("## Volumes")[1].split("##")[0]

    assert "**TOY-1**<br>grants" in chapter
    assert "Play with a toy" in run(with_toy, "-m", "taskrole", "derive", "--explain", "TOY-1")


def test_the_failure_and_warning_of_a_new_feature_are_known(with_toy: Path) -> None:
    code = (
        "from taskrole.taskdef.failures import failure_of; from taskrole.taskdef.rules import UNSEEN;"
        "print(failure_of('TOY-1', 's3:ListBucket').words, 'TOY-2' in UNSEEN)"
    )

    assert run(with_toy, "-c", code) == "the toy is broken True\n"


def test_every_file_of_the_folder_is_in_the_registry() -> None:
    modules = {module.name for module in pkgutil.iter_modules(features.__path__)}

    assert modules - {"registry"} == set(NAMES)
    assert len(NAMES) == len(set(NAMES))


def test_every_rule_and_option_belongs_to_a_single_feature_or_form() -> None:
    rules = Counter(rule.id for feature in FEATURES for rule in feature.rules) + Counter(
        rule.id for rule in form_rules()
    )
    options = Counter(field.name for feature in FEATURES if feature.options for field in fields(feature.options))

    assert [name for name, number in (*rules.items(), *options.items()) if number > 1] == []
    assert set(rules) == set(RULES)


def test_every_failure_of_an_action_belongs_to_a_granted_action() -> None:
    strange = {
        (rule.id, action)
        for rule in RULES.values()
        for action in rule.action_failures
        if action not in rule.actions and not any(action in other.actions for other in RULES.values())
    }

    # Not in the table of the rule: a volume that is written to, and a volume with root access.
    assert strange == {
        ("EFS-1", "elasticfilesystem:ClientRootAccess"),
        ("EFS-1", "elasticfilesystem:ClientWrite"),
    }


def test_two_shapes_are_merged_with_the_fields_of_both() -> None:
    left = Record({"a": ListOf(Record({"b": Scalar.TEXT})), "m": MapOf(Scalar.TEXT, frozenset({"x"}))})
    right = Record({"a": ListOf(Record({"c": Hint()})), "m": MapOf(Scalar.TEXT, frozenset({"y"}))})

    assert merged([left, right]) == Record(
        {
            "a": ListOf(Record({"b": Scalar.TEXT, "c": Hint()})),
            "m": MapOf(Scalar.TEXT, frozenset({"x", "y"})),
        }
    )


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (Scalar.TEXT, Scalar.RESOLVED),
        (Scalar.TEXT, Record({})),
        (ListOf(Scalar.TEXT), ListOf(Scalar.TEXT, most=3)),
        (ListOf(Scalar.TEXT), ListOf(Hint())),
    ],
)
def test_two_shapes_that_contradict_are_an_error_that_names_the_field(left: Shape, right: Shape) -> None:
    with pytest.raises(ValueError, match=r"two features read volumes\[\]\.x"):
        merged([volume_fields({"x": left}), volume_fields({"x": right})])


def test_a_record_is_read_if_one_of_its_shapes_reads_it() -> None:
    def named(name: str) -> Record:
        return Record({"name": Scalar.TEXT}, is_read=lambda value: value.get("name") == name)

    both = merged([named("a"), named("b")])

    assert both.is_read
    assert [both.is_read({"name": name}) for name in ("a", "b", "c")] == [True, True, False]


def test_a_feature_reads_no_options_that_are_not_registered() -> None:
    setting = Setting(Context("aws", "eu-west-1", "111122223333"), Options(), {}, "", "")

    with pytest.raises(TypeError, match="int is not among the options"):
        setting.options_of(int)


NEEDING = {name: feature for name, feature in zip(NAMES, FEATURES, strict=True) if feature.needs}


def without(data: Mapping[str, Any], fields: frozenset[str]) -> dict[str, Any]:
    """Return a task definition without fields of its own and of its containers."""
    kept = {key: value for key, value in data.items() if key not in fields}
    if isinstance(kept.get("containerDefinitions"), list):
        kept["containerDefinitions"] = [
            {key: value for key, value in container.items() if key not in fields} if container is not BROKEN else BROKEN
            for container in kept["containerDefinitions"]
        ]
    return kept


def test_features_for_rare_fields_declare_them() -> None:
    assert {"mounts", "efs", "credential_specs"} <= {name.removeprefix(".") for name in NEEDING}


@pytest.mark.parametrize("name", NEEDING)
def test_a_feature_yields_nothing_without_the_fields_that_it_needs(name: str) -> None:
    feature = NEEDING[name]
    setting = Setting(Context("aws", "eu-west-1", "111122223333"), Options(), FEATURE_RULES, "arn:…", "arn:…")
    yielded: list[Item] = []

    for file in sorted(CASES.glob("*.json")):
        for document in parse_documents(json.loads(file.read_text("utf-8")), file.name):
            yielded += usable(feature.items(TaskNode(document.data), setting))
            kept = TaskNode(without(document.data, feature.needs))
            assert list(usable(feature.items(kept, setting))) == []

    assert yielded
