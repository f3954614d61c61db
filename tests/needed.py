"""The requirements of tests that not every machine meets, and whether this one does; only they justify a skip."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from taskrole.local.terraform import WHERE_TERRAFORM, find_mirror


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
    """Return whether there are any, or the variable names a folder: a wrong folder does not justify a skip."""
    from tests.proof.test_real_task_definitions import FILES

    return bool(FILES or os.environ.get("TASKROLE_TASKDEFS"))


MUST_RUN = "TASKROLE_TESTS_MUST_RUN"
_PUBLISHED = "published task definitions (name their folder: TASKROLE_TASKDEFS)"

_TERRAFORM = f"the real terraform ({WHERE_TERRAFORM})"
_PROVIDER = "the real terraform, and an AWS provider for it (a registry that answers, or TF_PLUGIN_CACHE_DIR)"
_BROWSER = "a browser (on Debian: tools/install_browser.sh, as root)"
_NODE = "node (https://nodejs.org/en/download)"
_ROOT = "the rights of root (run as root)"
_PROC = "Linux's /proc (run on Linux)"


def _programs(*names: str) -> tuple[str, Callable[[], bool]]:
    """Return a requirement for programs that every system has packages for."""
    listed = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
    return f"{listed} (packages of the system)", lambda: all(map(shutil.which, names))


def _has_provider() -> bool:
    return _has_terraform() and bool(find_mirror(os.environ))


def _is_root() -> bool:
    return os.geteuid() == 0


# Files that may skip, by the beginning of their node ids: the requirement, how to meet it, and whether it is met.
NEEDED: dict[str, tuple[str, Callable[[], bool]]] = {
    "tests/e2e/": (_PROVIDER, _has_provider),
    "tests/plan/test_resource_types.py": (_PROVIDER, _has_provider),
    "tests/taskrole_cdktf/test_literals.py": (_TERRAFORM, _has_terraform),
    "tests/differential/test_iam_simulate.py": ("node, or what package-lock.json names (make setup)", has_iam_simulate),
    "tests/review/render/test_browser.py": (_BROWSER, _has_browser),
    "tests/review/render/test_ci_files.py": _programs("bash"),
    "tests/review/render/test_ci_settings.py": _programs("bash", "git", "jq"),
    "tests/ci/test_action.py": _programs("bash", "git", "jq"),
    "tests/ci/test_cdktf_files.py": _programs("bash", "git", "node"),
    "tests/ci/test_dockerfile.py": _programs("sh"),
    "tests/ci/test_hooks.py": _programs("git"),
    "tests/ci/test_lint.py": (_NODE, lambda: shutil.which("node") is not None),
    "tests/ci/test_other_systems.py": _programs("bash", "git", "terraform"),
    "tests/files/test_write.py": (_ROOT, _is_root),
    "tests/proof/test_real_task_definitions.py": (_PUBLISHED, _has_task_definitions),
    "tests/live/test_audit_browser.py": (_BROWSER, _has_browser),
    "tests/local/test_hostile_records.py": (_ROOT, _is_root),
    "tests/local/test_lifecycle.py": (_PROC, Path("/proc/net/tcp").exists),
    "tests/local/test_server.py": (_PROC, Path("/proc/net/tcp").exists),
}


def skips_that_fail(missing: Iterable[str]) -> list[str]:
    """Return the mandatory requirements: with TASKROLE_TESTS_MUST_RUN=1, as in CI, all but published definitions."""
    return [what for what in missing if what != _PUBLISHED] if os.environ.get(MUST_RUN) == "1" else []


def excuses(skipped: Iterable[Any]) -> tuple[dict[str, int], list[str]]:
    """Return the number of reports by missing requirement, and the ids of those without one."""
    missing: dict[str, int] = {}
    inexcusable: list[str] = []
    is_here: dict[str, bool] = {}
    for report in skipped:
        begin = next((beginning for beginning in NEEDED if report.nodeid.startswith(beginning)), None)
        if begin is None:
            inexcusable.append(report.nodeid)
            continue
        what, look = NEEDED[begin]
        if is_here.setdefault(begin, look()):
            inexcusable.append(report.nodeid)
        else:
            missing[what] = missing.get(what, 0) + 1
    return missing, inexcusable


def last_line(skipped: Iterable[Any]) -> str:
    """Return a line on skipped tests and how to run them; empty if all ran."""
    missing, inexcusable = excuses(skipped)
    parts = [f"{number} for lack of {what}" for what, number in sorted(missing.items())]
    if inexcusable:
        parts.append(f"{len(inexcusable)} though all that they need is here")
    return f"tests that did not run: {'; '.join(parts)}" if parts else ""
