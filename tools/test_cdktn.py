"""Run the stack tests on CDK Terrain, and compare the output of both engines: `make test-cdktn`.

CDKTF is archived; CDK Terrain (`cdktn`) is its maintained fork, and docs/cdk-terrain.md describes the migration. This
script migrates a copy of the project in .tools/cdktn, by changing only the imports of taskrole_cdktf/engine.py. The
stack tests must pass there, and every stack must produce the same Terraform, except for the engine's version. The first
run needs a package index.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parent.parent
FOLDER = PROJECT / ".tools" / "cdktn"
COPY = FOLDER / "project"
PYTHON = FOLDER / "venv" / "bin" / "python"

ENGINE = ("cdktn~=0.24.0", "cdktn-provider-aws~=25.8")
# Packages that come with the engine in other versions.
_OF_CDKTF = ("cdktf", "cdktf-cdktf-provider-aws", "constructs", "jsii")
_IMPORTS = {"cdktf_cdktf_provider_aws": "cdktn_provider_aws", "cdktf": "cdktn"}
# The requirements of tests/conftest.py.
_FOR_TESTS = ("hypothesis", "pytest")
_COPIED = (
    *("bench", "stacks", "taskrole", "taskrole_cdktf", "tests", "examples"),
    *("main.py", "roles.yaml", "cdktf.json", "pyproject.toml"),
)
# The other tests of the fast start are specific to the official provider package, or need no engine.
_TESTS = (
    *("stacks/test_addresses.py", "stacks/test_main.py", "stacks/test_stack_documents.py"),
    *("taskrole_cdktf/test_aws_provider.py", "taskrole_cdktf/test_declare.py", "taskrole_cdktf/test_literals.py"),
    "taskrole_cdktf/test_role_batch.py",
)


def main() -> int:
    """Return 0 if the tests pass and the output is the same, otherwise 1."""
    _install()
    _copy()
    tests = [f"tests/{name}" for name in _TESTS]
    done = subprocess.run([str(PYTHON), "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests], cwd=COPY, check=False)
    if done.returncode:
        return 1
    files = [PROJECT / "roles.yaml", *sorted((PROJECT / "examples").glob("*/roles.yaml")), *_cases()]
    different = [difference for file in files for difference in _differences(file.relative_to(PROJECT))]
    sys.stdout.writelines(f"{line}\n" for line in different)
    if not different:
        sys.stdout.write(f"both engines write the same Terraform for {len(files)} files\n")
    return 1 if different else 0


def moved(engine: str) -> str:
    """Return the text of taskrole_cdktf/engine.py with the imports of CDK Terrain."""
    pattern = rf"^(\s*)from ({'|'.join(_IMPORTS)})(\.[\w.]+)? import"
    return re.sub(
        pattern, lambda match: f"{match[1]}from {_IMPORTS[match[2]]}{match[3] or ''} import", engine, flags=re.MULTILINE
    )


def _install() -> None:
    stamp = FOLDER / "installed"
    wanted = "\n".join((*ENGINE, *_requirements()))
    if stamp.is_file() and stamp.read_text("utf-8") == wanted:
        return
    venv.create(FOLDER / "venv", clear=True, with_pip=True)
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *wanted.splitlines()], check=True)
    stamp.write_text(wanted, encoding="utf-8")


def _requirements() -> Iterator[str]:
    """Yield the requirements of taskrole, its extras and its tests except the engine, in the installed versions."""
    names = {re.split(r"[^A-Za-z0-9._-]", requirement)[0] for requirement in metadata.requires("taskrole") or ()}
    for name in sorted(names - {"taskrole", *_OF_CDKTF}):
        yield f"{name}=={metadata.version(name)}"
    yield from (f"{name}=={metadata.version(name)}" for name in _FOR_TESTS)


def _copy() -> None:
    shutil.rmtree(COPY, ignore_errors=True)
    COPY.mkdir(parents=True)
    for name in _COPIED:
        source = PROJECT / name
        if source.is_dir():
            shutil.copytree(source, COPY / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, COPY / name)
    engine = COPY / "taskrole_cdktf" / "engine.py"
    engine.write_text(moved(engine.read_text("utf-8")), encoding="utf-8")


def _cases() -> list[Path]:
    return sorted((PROJECT / "tests" / "stacks" / "cases").glob("*.yaml"))


def _differences(file: Path) -> Iterator[str]:
    """Yield the stacks of a roles.yaml whose output differs between the engines, or that only one of them writes."""
    ours = _synthesised(Path(sys.executable), PROJECT, file, "cdktf")
    theirs = _synthesised(PYTHON, COPY, file, "cdktn")
    for stack in sorted({*ours, *theirs}):
        if ours.get(stack) != theirs.get(stack):
            yield f"{file}: stack {stack} differs"


def _synthesised(python: Path, project: Path, file: Path, engine: str) -> dict[str, Any]:
    """Return the Terraform of each stack, without the metadata on the engine."""
    out = FOLDER / "out" / engine
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    variables = {**os.environ, "CDKTF_OUTDIR": str(out), "TASKROLE_CONFIG": str(project / file)}
    subprocess.run([str(python), str(project / "main.py")], cwd=project, env=variables, check=True)
    documents = {path.parent.name: json.loads(path.read_text("utf-8")) for path in out.glob("stacks/*/cdk.tf.json")}
    for document in documents.values():
        document.pop("//", None)
    return documents


if __name__ == "__main__":
    sys.exit(main())
