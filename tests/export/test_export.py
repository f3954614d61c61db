"""Tests whole exports against expected folders, and every exported module against the rules of tflint and more.

Source: https://github.com/terraform-linters/tflint-ruleset-terraform/blob/main/docs/rules/README.md
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from taskrole.config import StackSpec, load_config
from taskrole.export.exported_files import Format, Wishes, export_files
from taskrole.export.substitution import PARAMETERS
from taskrole.policy.documents.statements import as_list
from tests.expected_files import EXPECTED, assert_expected_folder
from tests.export.reading import blocks_of, read_module

# In all, too long for make test-fast.
pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent.parent
EXPORTED = EXPECTED / "export"
OWN_CASES = sorted(Path(__file__).with_name("cases").glob("*.yaml"))
CASES = [ROOT / "roles.yaml", *OWN_CASES, *sorted((ROOT / "tests/stacks/cases").glob("*.yaml"))]
EVERYTHING = tuple(PARAMETERS)
FORMATS: tuple[Format, ...] = ("hcl", "json")

WHOLE: dict[str, tuple[Path, Wishes]] = {
    "workshop-hcl": (ROOT / "roles.yaml", Wishes(root=True, from_state=True)),
    "workshop-json": (ROOT / "roles.yaml", Wishes("json", root=True, from_state=True)),
    "web-hcl": (OWN_CASES[1], Wishes(from_state=True, parameters=EVERYTHING)),
    "web-json": (OWN_CASES[1], Wishes("json", parameters=EVERYTHING)),
    "literal-hcl": (OWN_CASES[0], Wishes(root=True)),
    "literal-json": (OWN_CASES[0], Wishes("json")),
}


def only_stack(case: Path) -> StackSpec:
    (spec,) = load_config(case).stacks
    return spec


@pytest.mark.parametrize("name", WHOLE)
def test_an_export_has_the_expected_files(name: str) -> None:
    case, wishes = WHOLE[name]
    files = export_files(only_stack(case), wishes, Path(".."))

    assert_expected_folder(f"export/{name}", files)


def test_every_expected_folder_has_its_case() -> None:
    assert {path.name for path in EXPORTED.iterdir()} == set(WHOLE)


@pytest.fixture(params=[(case, format_) for case in CASES for format_ in FORMATS], ids=lambda p: f"{p[0].stem}-{p[1]}")
def exported(request) -> dict[str, str]:
    case, format_ = request.param
    return export_files(only_stack(case), Wishes(format_, parameters=EVERYTHING))


def test_every_module_passes_the_rules_of_tflint(exported: dict[str, str]) -> None:
    module = read_module(exported)
    variables = blocks_of(module["variables"], "variable")
    outputs = blocks_of(module["outputs"], "output")
    everything = "\n".join(text for name, text in exported.items() if not name.endswith(".md"))
    main = next(text for name, text in exported.items() if name.startswith("main."))

    # Standard module structure; a module of a caller gets provider and state from it.
    assert {name.partition(".")[0] for name in exported} == {"main", "variables", "outputs", "versions", "README"}
    assert not {"provider", "backend", "cloud", "data"} & {key for document in module.values() for key in document}
    assert "backend" not in everything
    # Typed and documented variables, documented outputs, names in snake case.
    for name, variable in variables.items():
        assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name), name
        assert variable["description"].endswith(".")
        assert variable["type"] in ("string", "${string}", "map(string)", "${map(string)}")
        assert variable["validation"]
        assert all(rule["error_message"].endswith(".") for rule in variable["validation"])
        assert variable.get("nullable", True) is (_is_null(variable["default"]))
    assert all(output["description"] for output in outputs.values())
    # No unused and no missing declarations.
    assert set(re.findall(r"\bvar\.(\w+)", main)) == set(variables)
    declared = {name for group in as_list(module["main"].get("locals", [])) for name in group}
    assert set(re.findall(r"\blocal\.([\w-]+)", main)) == declared
    # Required versions, that of the provider with a lower and an upper bound.
    (terraform,) = as_list(module["versions"]["terraform"])
    assert terraform["required_version"] == ">= 1.3"
    (providers,) = as_list(terraform["required_providers"])
    source, version = providers["aws"]["source"], providers["aws"]["version"]
    assert source.endswith("/aws")
    assert re.fullmatch(r">= [\d.]+, < [\d.]+|~> [\d.]+|= ?[\d.]+", version)
    # No deprecated syntax: no sole interpolation in HCL, comments with # only.
    if "main.tf" in exported:
        assert not re.search(r'= "\$\{[^}"]*\}"$', everything, re.MULTILINE)
        assert not re.search(r"^ *//|^ */\*", everything, re.MULTILINE)


def test_no_policy_is_a_single_line_of_text(exported: dict[str, str]) -> None:
    everything = "\n".join(text for name, text in exported.items() if not name.endswith(".md"))

    assert '\\"Version\\"' not in everything
    assert '\\"Statement\\"' not in everything
    assert "2012-10-17" in everything


def test_the_readme_names_every_input_and_output(exported: dict[str, str]) -> None:
    module = read_module(exported)
    readme = exported["README.md"]

    for name in (*blocks_of(module["variables"], "variable"), *blocks_of(module["outputs"], "output")):
        assert f"| `{name}` |" in readme


def test_both_formats_contain_the_same_resources_and_policies() -> None:
    for case in CASES:
        hcl, json_ = (read_module(export_files(only_stack(case), Wishes(format_))) for format_ in FORMATS)

        resources = {
            f"{kind}.{name}"
            for block in hcl["main"]["resource"]
            for kind, named_resources in block.items()
            for name in named_resources
        }

        assert resources == {
            f"{kind}.{name}" for kind, named_resources in json_["main"]["resource"].items() for name in named_resources
        }, case


def test_the_same_stack_gives_the_same_bytes() -> None:
    case, wishes = WHOLE["web-hcl"]

    first, second = (export_files(only_stack(case), wishes) for _ in range(2))

    assert first == second
    assert list(first) == list(second)


def test_the_page_shows_the_written_files() -> None:
    page = (ROOT / "docs/export.md").read_text("utf-8")
    (policy,) = re.findall(r"```hcl\n( +# container.*?)```", page, re.DOTALL)

    assert policy in (EXPORTED / "web-hcl/main.tf").read_text("utf-8")
    for name in re.findall(r"^terraform/workshop/(\S+)$", page, re.MULTILINE):
        assert (EXPORTED / "workshop-hcl" / name).is_file()


def test_no_file_of_an_export_names_this_machine() -> None:
    for case, wishes in WHOLE.values():
        assert str(ROOT) not in json.dumps(export_files(only_stack(case), wishes))


def _is_null(value: Any) -> bool:
    return value in (None, "null", "${null}")
