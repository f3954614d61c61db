"""Tests that a skipped test fails the run if it could have run, also with several processes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.needed import MUST_RUN, NEEDED

ROOT = Path(__file__).parent.parent

# Each file is replaced by two tests that skip themselves, as with a missing driver: the imports of the originals
# take longest.
SKIPPING = """\
import sys
import types
import pytest

class SkippingFile(pytest.Module):
    def _getobj(self):
        module = types.ModuleType(self.nodeid)
        module.test_one = module.test_other = lambda: pytest.skip("no driver")
        sys.modules[module.__name__] = module
        return module

def pytest_pycollect_makemodule(module_path, parent):
    return SkippingFile.from_parent(parent, path=module_path)
"""
PLAIN = "tests/test_arns.py"
NEEDING = ("tests/review/render/test_browser.py", "tests/taskrole_cdktf/test_literals.py")
EXAMPLES = {begin: "tests/e2e/test_deploy.py" if begin == "tests/e2e/" else begin for begin in NEEDED}


LAST_LINE = (
    "tests that did not run: 2 for lack of a browser (on Debian: tools/install_browser.sh, as root); "
    "2 for lack of the real terraform (https://developer.hashicorp.com/terraform/install)"
)


def run(folder: Path, *arguments: str, must_run: str = "") -> subprocess.CompletedProcess[str]:
    (folder / "without_driver.py").write_text(SKIPPING)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "without_driver", *arguments]
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")} | {MUST_RUN: must_run}
    return subprocess.run(
        command, cwd=ROOT, env={**plain, "PYTHONPATH": str(folder)}, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """A run with a skip of every kind, and a test without requirements."""
    return run(tmp_path_factory.mktemp("whole"), *EXAMPLES.values(), PLAIN)


@pytest.fixture(scope="module")
def lacking(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """A run on a machine without a browser and Terraform."""
    return without_programs(tmp_path_factory.mktemp("lacking"))


def without_programs(folder: Path, *arguments: str, must_run: str = "") -> subprocess.CompletedProcess[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(folder))
        return run(folder, *arguments, *NEEDING, must_run=must_run)


@pytest.mark.parametrize("begin", NEEDED)
def test_a_skip_is_a_failure_if_its_requirement_is_present(begin: str, whole: subprocess.CompletedProcess[str]) -> None:
    what, is_here = NEEDED[begin]

    failures = [line for line in whole.stdout.splitlines() if line.startswith(f"{EXAMPLES[begin]}::")]

    if is_here():
        assert whole.returncode == 1
        assert len(failures) == 2, whole.stdout + whole.stderr
        assert all(line.endswith("skipped, though all that it needs is here: this is a failure") for line in failures)
    else:
        assert failures == []
        assert f"skipped: this machine lacks {what}" in whole.stdout


def test_a_skip_of_any_other_test_is_a_failure(whole: subprocess.CompletedProcess[str]) -> None:
    assert whole.returncode == 1
    assert f"{PLAIN}::" in whole.stdout.partition("tests did not run")[2]


def test_a_skip_is_a_failure_in_a_run_of_several_processes_too(tmp_path: Path) -> None:
    assert run(tmp_path, "-n", "1", PLAIN).returncode == 1


def test_a_missing_requirement_excuses_a_skip(lacking: subprocess.CompletedProcess[str]) -> None:
    assert lacking.returncode == 0, lacking.stdout + lacking.stderr
    assert "2 skipped: this machine lacks a browser" in lacking.stdout


def test_the_last_line_names_skipped_tests_and_how_to_run_them(lacking: subprocess.CompletedProcess[str]) -> None:
    assert lacking.stdout.splitlines()[-1] == LAST_LINE


@pytest.mark.extra
def test_the_last_line_is_the_same_with_several_processes(tmp_path: Path) -> None:
    done = without_programs(tmp_path, "-n", "1")

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == LAST_LINE


def test_without_skips_the_last_line_is_that_of_pytest(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", PLAIN]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert re.search(r"\d+ passed", done.stdout.splitlines()[-1])


def test_no_skip_is_excused_if_all_tests_must_run(tmp_path: Path) -> None:
    done = without_programs(tmp_path, must_run="1")

    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{MUST_RUN} is set: tests skipped for lack of a browser" in done.stdout
