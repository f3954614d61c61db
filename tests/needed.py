"""What some tests need that not every machine has, and whether this one has it: a skip is excused by nothing else."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from taskrole.local.terraform import find_mirror


def _has_browser() -> bool:
    from tests.review.render.chromium import find_chromium

    return find_chromium() is not None


def _has_terraform() -> bool:
    return shutil.which("terraform") is not None


def has_iam_simulate() -> bool:
    """Return whether node and the npm package of the second evaluator are here: `npm ci` installs it."""
    package = Path(__file__).parent.parent / "node_modules/@cloud-copilot/iam-simulate"
    return shutil.which("node") is not None and package.is_dir()


def _has_task_definitions() -> bool:
    """Tell whether there are any, or somebody says so: a folder that is named wrongly is no excuse."""
    from tests.proof.test_real_task_definitions import FILES

    return bool(FILES or os.environ.get("TASKROLE_TASKDEFS"))


MUST_RUN = "TASKROLE_TESTS_MUST_RUN"
_PUBLISHED = "published task definitions"

_OF_CI_FILES = ("bash", "git", "jq")

# The files that may skip, as their node ids begin: what they need, and whether it is here.
NEEDED: dict[str, tuple[str, Callable[[], bool]]] = {
    "tests/e2e/": (
        "the real terraform, and an AWS provider for it",
        lambda: _has_terraform() and bool(find_mirror(os.environ)),
    ),
    "tests/plan/test_resource_types.py": (
        "the real terraform, and an AWS provider for it",
        lambda: _has_terraform() and bool(find_mirror(os.environ)),
    ),
    "tests/taskrole_cdktf/test_literals.py": ("the real terraform", _has_terraform),
    "tests/differential/test_iam_simulate.py": ("node, or what package-lock.json names", has_iam_simulate),
    "tests/review/render/test_browser.py": ("a browser (on Debian: tools/install_browser.sh, as root)", _has_browser),
    "tests/review/render/test_ci_files.py": ("bash", lambda: shutil.which("bash") is not None),
    "tests/review/render/test_ci_settings.py": ("bash, git and jq", lambda: all(map(shutil.which, _OF_CI_FILES))),
    "tests/ci/test_action.py": ("bash, git and jq", lambda: all(map(shutil.which, _OF_CI_FILES))),
    "tests/ci/test_cdktf_files.py": (
        "bash, git and node",
        lambda: all(map(shutil.which, ("bash", "git", "node"))),
    ),
    "tests/ci/test_dockerfile.py": ("sh", lambda: shutil.which("sh") is not None),
    "tests/ci/test_hooks.py": ("git", lambda: shutil.which("git") is not None),
    "tests/ci/test_lint.py": ("node", lambda: shutil.which("node") is not None),
    "tests/ci/test_other_systems.py": (
        "bash, git and terraform",
        lambda: all(map(shutil.which, ("bash", "git", "terraform"))),
    ),
    "tests/proof/test_real_task_definitions.py": (_PUBLISHED, _has_task_definitions),
    "tests/local/test_hostile_records.py": ("the rights of root", lambda: os.geteuid() == 0),
    "tests/local/test_lifecycle.py": ("Linux's /proc", Path("/proc/net/tcp").exists),
    "tests/local/test_server.py": ("Linux's /proc", Path("/proc/net/tcp").exists),
}


def skips_that_fail(missing: Iterable[str]) -> list[str]:
    """Return what may not be missing: with TASKROLE_TESTS_MUST_RUN=1, as in CI, all but published task definitions."""
    return [what for what in missing if what != _PUBLISHED] if os.environ.get(MUST_RUN) == "1" else []


def excuses(skipped: Iterable[Any]) -> tuple[dict[str, int], list[str]]:
    """Return how many of these reports miss what, and the ids of those that miss nothing."""
    missing: dict[str, int] = {}
    inexcusable: list[str] = []
    is_here: dict[str, bool] = {}
    for report in skipped:
        begin = next((one for one in NEEDED if report.nodeid.startswith(one)), None)
        if begin is None:
            inexcusable.append(report.nodeid)
            continue
        what, look = NEEDED[begin]
        if is_here.setdefault(begin, look()):
            inexcusable.append(report.nodeid)
        else:
            missing[what] = missing.get(what, 0) + 1
    return missing, inexcusable
