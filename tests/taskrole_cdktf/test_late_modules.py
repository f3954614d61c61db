"""Tests that rarely used modules of CDKTF are loaded on first use, with the same behaviour."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from taskrole_cdktf.fast_start import HOOK

ROOT = Path(__file__).parent.parent.parent
# Files of CDKTF and what they require.
LATE = {"archiver": "private/fs.js", "semver": "validations/validate-binary-version.js"}

ARCHIVE = """\
import sys
import zipfile
from pathlib import Path
from taskrole_cdktf.engine import App, TerraformStack
from cdktf import AssetType, TerraformAsset

app = App(outdir=sys.argv[2])
stack = TerraformStack(app, "s")
TerraformAsset(stack, "files", path=sys.argv[1], type=AssetType.ARCHIVE)
app.synth()
made = next(Path(sys.argv[2]).rglob("*.zip"))
print(zipfile.ZipFile(made).read("file.txt").decode())
"""


def node(script: str, folder: Path) -> Any:
    """Return the JSON output of a script, run with the hook."""
    command = ["node", f"--require={HOOK}", "-e", script]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize(("module", "user"), LATE.items())
def test_a_module_is_loaded_on_first_use(module: str, user: str, tmp_path: Path) -> None:
    file = tmp_path / "node_modules/cdktf/lib" / user
    file.parent.mkdir(parents=True)
    (tmp_path / "node_modules" / module).mkdir()
    (tmp_path / "node_modules" / module / "index.js").write_text(
        "global.loaded = true; module.exports = (a, b) => a + b; module.exports.kind = 'zip';"
    )
    file.write_text(
        f'const late = require("{module}"); exports.sum = () => late(1, 2); exports.kind = () => late.kind;'
    )

    result = node(
        f"""
        const user = require("cdktf/lib/{user}");
        console.log(JSON.stringify([global.loaded ?? false, user.sum(), user.kind(), global.loaded]));
        """,
        tmp_path,
    )

    assert result == [False, 3, "zip", True]


@pytest.mark.parametrize("module", LATE)
def test_other_modules_get_the_loaded_module(module: str, tmp_path: Path) -> None:
    (tmp_path / "node_modules" / module).mkdir(parents=True)
    (tmp_path / "node_modules" / module / "index.js").write_text("global.loaded = true;")

    assert node(f'require("{module}"); console.log(JSON.stringify(global.loaded));', tmp_path) is True


@pytest.mark.parametrize(("module", "user"), LATE.items())
def test_the_hook_recognises_the_files_of_cdktf(module: str, user: str, cdktf: Path) -> None:
    assert f'= require("{module}");' in (cdktf / "lib" / user).read_text("utf-8")


def test_an_archive_is_written_as_without_the_hook(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files/file.txt").write_text("as it was")

    result = subprocess.run(
        [sys.executable, "-c", ARCHIVE, str(tmp_path / "files"), str(tmp_path / "out")],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        text=True,
    )

    assert result.stdout == "as it was\n"


@pytest.mark.parametrize(("asked", "is_met"), [(">=16.0.0", True), (">=999.0.0", False)])
def test_a_version_is_checked_as_without_the_hook(asked: str, is_met: bool, cdktf: Path) -> None:
    problems = node(
        f"""
        const {{ ValidateBinaryVersion }} = require("./node_modules/cdktf/lib/validations/validate-binary-version.js");
        const check = new ValidateBinaryVersion("node", "{asked}", "node --version", "");
        console.log(JSON.stringify(check.validate()));
        """,
        cdktf.parent.parent,
    )

    assert (problems == []) is is_met
    assert is_met or "is lower than the required version" in problems[0]


@pytest.fixture(scope="module")
def cdktf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The JavaScript of CDKTF, unpacked as jsii does."""
    spec = importlib.util.find_spec("cdktf")
    assert spec is not None
    assert spec.origin is not None
    (packed,) = Path(spec.origin).parent.glob("_jsii/cdktf@*.jsii.tgz")
    modules = tmp_path_factory.mktemp("cdktf") / "node_modules"
    modules.mkdir()
    subprocess.run(["tar", "-xzf", str(packed), "-C", str(modules)], check=True)
    return (modules / "package").rename(modules / "cdktf")
