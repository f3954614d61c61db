"""Tests that a new output plugin of FireLens is a file and a line: its table, its rules and its options."""

from __future__ import annotations

import json
import pkgutil
from pathlib import Path

import pytest

from taskrole.taskdef.features.firelens import plugins
from taskrole.taskdef.features.firelens.plugins.registry import NAMES
from tests.project_copies import copy_code
from tests.taskdef.features.test_registry import run

TOY = '''\
"""A toy plugin."""

from collections.abc import Mapping

from taskrole.taskdef.failure import IN_ROUTER
from taskrole.taskdef.features.firelens.plugin import Plugin
from taskrole.taskdef.features.firelens.plugins.common import OPTIONS_FIELD
from taskrole.taskdef.feature_results import option_used
from taskrole.taskdef.option import option, options
from taskrole.taskdef.rule import TASK, FieldRule

_RULE = FieldRule(
    "FL-TOY", "grant", "Output to toys", OPTIONS_FIELD, "https://example.com/toy", TASK, ("s3:ListBucket",),
    failure=IN_ROUTER,
)
RULES = (_RULE,)


@options
class ToyOptions:
    toy_boxes: Mapping[str, str] = option({}, "The box of each toy. Default: {}")


OPTIONS = (ToyOptions,)


def _items(plugin, output):
    (toy,) = output.options.resolved("toy_name")
    if toy in output.given.toy_boxes:
        yield option_used("firelens", "toy_boxes", toy)
    box = output.given.toy_boxes.get(toy, toy)
    yield output.setting.grant(plugin.rule.id, output.options.field("toy_name"), "toys", [f"arn:aws:s3:::{box}"])


PLUGINS = (Plugin(("toybox",), "https://example.com/toy", _RULE, reads=("toy_name",), items=_items),)
'''


@pytest.fixture(scope="module")
def with_toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the package with another plugin: a file, and a line in the registry."""
    root = tmp_path_factory.mktemp("toy")
    copy_code(root, ("taskrole", "tools"))
    room = root / "taskrole/taskdef/features/firelens/plugins"
    (room / "toy.py").write_text(TOY)
    registry = (room / "registry.py").read_text("utf-8")
    (room / "registry.py").write_text(registry.replace('    "kafka",\n', '    "kafka",\n    "toy",\n'))
    return root


def derived(root: Path, options: str) -> dict[str, list[str]]:
    """Return the resources by rule, and the codes of warnings, of a task whose logs go to a toy."""
    router = {"name": "router", "image": "fluent-bit", "firelensConfiguration": {"type": "fluentbit"}}
    log = {"logDriver": "awsfirelens", "options": {"Name": "toybox", "Toy_Name": "bricks", "Other": "x"}}
    web = {"name": "web", "image": "nginx", "logConfiguration": log}
    (root / "task.json").write_text(json.dumps({"containerDefinitions": [web, router]}))
    (root / "options.yaml").write_text(options)
    place = ("--region", "eu-west-1", "--account", "111122223333", "--options", "options.yaml", "--format", "json")
    report = json.loads(run(root, "-m", "taskrole", "derive", "task.json", *place))
    grants = [grant for role in report["roles"].values() for grant in role["grants"]]
    return {
        "resources": [resource for grant in grants if grant["rule"] == "FL-TOY" for resource in grant["resources"]],
        "unused": [finding["source"] for finding in report["findings"] if finding["code"] == "OPTION-UNUSED"],
    }


def test_the_log_driver_options_of_a_new_plugin_are_read(with_toy: Path) -> None:
    assert derived(with_toy, "")["resources"] == ["arn:aws:s3:::bricks"]


def test_the_option_of_a_new_plugin_is_under_firelens_and_reported_if_unused(with_toy: Path) -> None:
    assert derived(with_toy, "firelens: {toy_boxes: {bricks: chest}}") == {
        "resources": ["arn:aws:s3:::chest"],
        "unused": [],
    }
    assert derived(with_toy, "firelens: {toy_boxes: {dolls: chest}}")["unused"] == ["options:/firelens/toy_boxes/dolls"]


def test_the_option_and_rule_of_a_new_plugin_are_in_schema_and_page(with_toy: Path) -> None:
    schema = json.loads(run(with_toy, "-m", "taskrole", "schema"))
    code = "from tools.write_rules_page import page; print(page())"

    assert "toy_boxes" in schema["$defs"]["FireLensSettings"]["properties"]
    chapter = run(with_toy, "-c", code).split("## FireLens")[1].split("\n## ")[0]
    assert "**FL-TOY**<br>grants" in chapter
    assert "toybox" in chapter


def test_every_plugin_of_the_folder_is_in_the_registry() -> None:
    modules = {module.name for module in pkgutil.iter_modules(plugins.__path__)}

    assert modules - {"registry", "common"} == set(NAMES)
