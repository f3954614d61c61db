"""Tests that a new form is a module and a line, and a new syntax too."""

from __future__ import annotations

import ast
import json
import pkgutil
from importlib import import_module
from pathlib import Path

import pytest

from taskrole.plan import task_forms
from taskrole.taskdef import forms
from taskrole.taskdef.forms import cloudformation, syntaxes
from taskrole.taskdef.forms.registry import forms as all_forms
from taskrole.taskdef.forms.syntaxes.registry import syntaxes as all_syntaxes
from tests.project_copies import copy_code
from tests.taskdef.features.test_registry import ROOT, run

TOY_FORM = '''\
"""A toy form: images by the names of containers."""

from taskrole.finding import Finding
from taskrole.taskdef.forms.form import Form, SourceDefinition, Pointers
from taskrole.taskdef.rule import FieldRule

RULES = (FieldRule("TOYS", "note", "Toys hide things", "toys", "https://example.com", unseen=True),)


def _read(source, values):
    for name, image in source.data["toys"].items():
        pointers = Pointers({"/containerDefinitions/0/image": f"/toys/{name}"})
        note = Finding("TOYS", "warning", "/toys", "may hide things")
        yield SourceDefinition(name, {"containerDefinitions": [{"name": name, "image": image}]}, pointers, (note,))


FORMS = (Form("toys", lambda data: isinstance(data, dict) and "toys" in data, _read, "holds no toys"),)
'''
TOY_SYNTAX = '''\
"""A toy syntax: NAME is IMAGE, a line each."""

from taskrole.taskdef.forms.syntaxes.syntax import Syntax


def _parse(content, file):
    pairs = (line.split(" is ") for line in content.decode().splitlines()[1:])
    return {"toys": {name: image for name, image in pairs}}


SYNTAX = Syntax("toys", lambda content: content.startswith(b"toys\\n"), _parse)
'''
IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/toys/brick:1"
GRANTED = {("IMG-2", "arn:aws:ecr:eu-west-1:111122223333:repository/toys/brick", "/toys/brick")}


@pytest.fixture(scope="module")
def with_toys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the package with another form and another syntax: a file and a line in a registry each."""
    root = tmp_path_factory.mktemp("toys")
    copy_code(root, ("taskrole",))
    room = root / "taskrole/taskdef/forms"
    for folder, name, text, line in (
        (room, "toys", TOY_FORM, '    ".arrays",\n'),
        (room / "syntaxes", "toy_syntax", TOY_SYNTAX, '    ".yaml_syntax",\n'),
    ):
        (folder / f"{name}.py").write_text(text)
        registry = (folder / "registry.py").read_text("utf-8")
        assert line in registry
        (folder / "registry.py").write_text(registry.replace(line, f'    ".{name}",\n{line}'))
    return root


@pytest.mark.parametrize("content", [json.dumps({"toys": {"brick": IMAGE}}), f"toys\nbrick is {IMAGE}\n"])
def test_a_new_form_or_syntax_is_read_by_every_verb_that_reads_files(with_toys: Path, content: str) -> None:
    (with_toys / "toys.txt").write_text(content)
    place = ("--region", "eu-west-1", "--account", "111122223333", "--family", "brick")

    report = json.loads(run(with_toys, "-m", "taskrole", "derive", "toys.txt", *place, "--format", "json"))

    grants = [grant for role in report["roles"].values() for grant in role["grants"] if grant["rule"] == "IMG-2"]
    assert {(grant["rule"], *grant["resources"], grant["source"]) for grant in grants} == GRANTED
    assert "TOYS" in [finding["code"] for finding in report["findings"]]


def test_the_rules_of_a_new_form_are_explained_and_count_as_unknown(with_toys: Path) -> None:
    assert "Toys hide things" in run(with_toys, "-m", "taskrole", "derive", "--explain", "TOYS")
    assert run(with_toys, "-c", "from taskrole.taskdef.rules import UNSEEN; print('TOYS' in UNSEEN)") == "True\n"


def modules(*packages: object) -> list[object]:
    return [
        import_module(f"{package.__name__}.{module.name}")
        for package in packages
        for module in pkgutil.iter_modules(package.__path__)
    ]


def test_every_form_and_syntax_is_in_its_registry() -> None:
    present = modules(forms, cloudformation, task_forms)
    named = [form for module in present for form in getattr(module, "FORMS", ())]

    assert {id(form) for form in named} == {id(form) for form in all_forms()}
    present = modules(syntaxes, task_forms)
    assert {module.SYNTAX for module in present if hasattr(module, "SYNTAX")} == set(all_syntaxes())


def test_readers_of_task_definitions_do_not_import_plans() -> None:
    """The package of plans depends on the package of forms, and not the reverse."""
    imported = {
        (path.name, node.module)
        for path in (ROOT / "taskrole/taskdef").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module
    }

    assert {pair for pair in imported if pair[1].startswith("taskrole.plan")} == set()


@pytest.mark.parametrize("module", ["taskrole.plan.task_forms.form", "taskrole.plan.task_forms.large_json"])
def test_a_form_of_another_package_can_be_imported_first(module: str) -> None:
    assert run(ROOT, "-c", f"import {module}; print('done')") == "done\n"
