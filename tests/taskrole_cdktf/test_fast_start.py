"""Tests the fast start: the same bytes, sooner; and the normal start if anything is unexpected."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from bench.processes import run_in_turn
from taskrole_cdktf import fast_start as module
from taskrole_cdktf.fast_start import HOOK, PROVIDER, fast_start

ROOT = Path(__file__).parent.parent.parent
SILENCE = "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION"

# A role with every kind of resource of the stacks.
EVERYTHING = """\
version: 1
stacks:
  s:
    region: eu-west-1
    account: "111122223333"
    backend: {type: s3, bucket: state-of-roles}
    roles:
      inline:
        kind: task
        exclusive: true
        managed_policies: [CloudWatchLogsFullAccess]
        statements: [{Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::assets/*"}]
      managed:
        kind: task
        policy_delivery: managed
        statements: [{Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::assets/*"}]
"""

# Runs main.py and prints the number of imported modules of the provider.
MAIN = f"""\
import sys
import main
code = main.main()
print(sum(name.startswith("{PROVIDER}.") for name in sys.modules))
sys.exit(code)
"""


def run_main(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    folder.mkdir()
    (folder / "roles.yaml").write_text(EVERYTHING)
    return subprocess.run(
        [sys.executable, "-c", MAIN],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        check=True,
        capture_output=True,
        text=True,
    )


def written(folder: Path) -> dict[str, bytes]:
    out = folder / "cdktf.out"
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


@pytest.fixture(scope="session")
def warm() -> None:
    """Fill the caches of jsii, as `make setup` does."""
    subprocess.run([sys.executable, str(ROOT / "tools/warm_fast_start.py")], check=True)


@pytest.mark.extra
def test_fast_and_plain_start_write_the_same_bytes(tmp_path: Path) -> None:
    fast = run_main(tmp_path / "fast")
    plain = run_main(tmp_path / "plain", TASKROLE_FAST_START="0")

    assert sorted(written(tmp_path / "fast")) == ["manifest.json", "stacks/s/cdk.tf.json"]
    assert written(tmp_path / "fast") == written(tmp_path / "plain")
    assert int(fast.stdout) < 30
    assert int(plain.stdout) > 2_000


def test_a_run_prints_nothing_not_even_a_warning_about_node(tmp_path: Path) -> None:
    result = run_main(tmp_path / "quiet")

    assert result.stderr == ""


@pytest.mark.extra
def test_main_takes_little_longer_than_an_app_without_a_provider(tmp_path: Path, warm: None) -> None:
    commands = {
        "bare": [sys.executable, str(ROOT / "bench/bare_app.py"), str(tmp_path / "bare")],
        "main": [sys.executable, str(ROOT / "main.py")],
    }

    # Other tests run at the same time: a single quiet round of five is enough to meet the goal. Without
    # the lazy package in Python it is 20-fold, without a part of the hook in Node or the index of jsii 1.6 and more.
    rounds = (
        run_in_turn(commands, 3, cwd=ROOT, CDKTF_OUTDIR=str(tmp_path / "main"), **{SILENCE: "20"}) for _ in range(5)
    )
    assert any(
        costs["main"].seconds <= 1.5 * costs["bare"].seconds and costs["main"].megabytes <= 200 for costs in rounds
    )


def test_the_environment_is_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODE_OPTIONS", "--no-warnings")
    monkeypatch.delenv(SILENCE, raising=False)
    before = dict(os.environ)

    with fast_start():
        during = dict(os.environ)

    changed = {name: value for name, value in during.items() if before.get(name) != value}
    options = f'--max-semi-space-size=64 --no-warnings --require="{HOOK}"'
    assert changed == {"NODE_OPTIONS": options, SILENCE: "20"}
    assert dict(os.environ) == before


def test_a_silenced_warning_stays_silenced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SILENCE, "18")

    with fast_start():
        assert os.environ[SILENCE] == "18,20"


def test_the_switch_turns_the_fast_start_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKROLE_FAST_START", "0")
    monkeypatch.delenv("NODE_OPTIONS", raising=False)

    with fast_start():
        assert "NODE_OPTIONS" not in os.environ


def test_without_the_hook_node_starts_normally(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HOOK", tmp_path / "missing.cjs")
    monkeypatch.delenv("NODE_OPTIONS", raising=False)

    with fast_start():
        assert "NODE_OPTIONS" not in os.environ


def test_existing_options_of_node_are_kept(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    (tmp_path / "mark.cjs").write_text(f"require('fs').writeFileSync({json.dumps(str(mark))}, 'loaded')")

    run_main(tmp_path / "project", NODE_OPTIONS=f"--require={tmp_path / 'mark.cjs'}")

    assert mark.read_text() == "loaded"


@pytest.fixture
def provider() -> ModuleType:
    """The provider package as another app gets it after an import from taskrole_cdktf."""
    importlib.import_module("taskrole_cdktf.engine")
    return importlib.import_module(PROVIDER)


def test_a_module_of_the_provider_is_imported_on_first_use(provider: ModuleType) -> None:
    assert provider.sqs_queue.SqsQueue.__name__ == "SqsQueue"


def test_an_unknown_name_of_the_provider_is_an_attribute_error(provider: ModuleType) -> None:
    with pytest.raises(AttributeError, match=f"{PROVIDER} has no module no_such_thing"):
        _ = provider.no_such_thing
    assert not hasattr(provider, "__no_such_dunder__")


def test_the_lazy_package_has_the_path_of_the_package(provider: ModuleType) -> None:
    assert provider.__spec__ is not None
    assert provider.__file__ == provider.__spec__.origin


def test_a_provider_of_another_shape_is_imported_normally(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / PROVIDER).mkdir()
    (tmp_path / PROVIDER / "__init__.py").write_text("shape = 'new'\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, PROVIDER)

    with fast_start():
        imported = importlib.import_module(PROVIDER)

    assert imported.shape == "new"


PREAMBLE = '"use strict";\n/**\n * Copyright\n */\nObject.defineProperty(exports, "__esModule", { value: true });\n'
INDEX = f'{PREAMBLE}exports.b = exports.a = void 0;\nexports.a = require("./a");\nexports.b = require("./sub-b");\n'


def loaded_by_index(folder: Path, source: str, hook: Path = HOOK) -> list[list[str]]:
    """Return the modules of an index that were loaded by requiring it, and by using `a`; and its exports."""
    library = folder / "node_modules/@cdktf/provider-fake/lib"
    library.mkdir(parents=True)
    (library / "index.js").write_text(source)
    for name in ("a", "sub-b"):
        (library / f"{name}.js").write_text(f'(global.loaded ??= []).push("{name}"); exports.name = "{name}";\n')
    script = """
        global.loaded = [];
        const index = require("@cdktf/provider-fake/lib/index.js");
        const first = [...loaded];
        const used = [index.a.name, index.a === index.a, index.__esModule];
        console.log(JSON.stringify([first, loaded, Object.keys(index), used.map(String)]));
    """
    quoted = str(hook).replace("\\", "\\\\").replace('"', '\\"')
    result = subprocess.run(
        ["node", "-e", script],
        cwd=folder,
        env={**os.environ, "NODE_OPTIONS": f'--require="{quoted}"'},
        check=True,
        capture_output=True,
        text=True,
    )
    modules: list[list[str]] = json.loads(result.stdout)
    return modules


def test_the_hook_loads_a_module_on_first_use(tmp_path: Path) -> None:
    assert loaded_by_index(tmp_path, INDEX) == [[], ["a"], ["a", "b"], ["a", "true", "true"]]


@pytest.mark.parametrize(
    "unexpected",
    [
        "console.error('a side effect');",
        "*/ console.error('behind a comment');",
        'exports.c = require("./a").name;',
        'exports.c = require("fs");',
        "exports.c = 1;",
        '__exportStar(require("./a"), exports); function __exportStar() {}',
    ],
)
def test_the_hook_leaves_an_unusual_index_to_node(tmp_path: Path, unexpected: str) -> None:
    comment = "/*\n" if unexpected.startswith("*/") else ""

    first, *_, used = loaded_by_index(tmp_path, f"{INDEX}{comment}{unexpected}\n")

    assert first == ["a", "sub-b"]
    assert used == ["a", "true", "true"]


@pytest.mark.parametrize("name", ["with a space", 'with "quotes"', "with\\backslash", "dürfen"])
def test_the_project_may_be_in_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    hook = tmp_path / name / "hook.cjs"
    hook.parent.mkdir()
    hook.write_bytes(HOOK.read_bytes())
    monkeypatch.setattr(module, "HOOK", hook)
    monkeypatch.delenv("NODE_OPTIONS", raising=False)

    with fast_start():
        result = subprocess.run(
            ["node", "-p", "Object.keys(require.cache).join() + require('module')._extensions['.js']"],
            check=True,
            capture_output=True,
            text=True,
        )

    assert "exportsOf" in result.stdout
