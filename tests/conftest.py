"""What holds for all tests: no real account can be reached, and nothing is skipped where it could have run."""

from __future__ import annotations

import os

import pytest

from taskrole.local.terraform import find_mirror


@pytest.fixture(autouse=True, scope="session")
def _without_an_account() -> None:
    for name in [name for name in os.environ if name.startswith("AWS_") and not name.endswith("_CA_BUNDLE")]:
        del os.environ[name]
    os.environ |= {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def pytest_terminal_summary(terminalreporter, exitstatus, config) -> None:
    skipped = _skipped_e2e(terminalreporter)
    if skipped:
        terminalreporter.section("end-to-end tests did not run", sep="!", red=True, bold=True)
        terminalreporter.write_line(
            f"{len(skipped)} tests with the real terraform were skipped: it, or a provider, is missing"
        )


def pytest_sessionfinish(session, exitstatus) -> None:
    """Fail when end-to-end tests were skipped on a machine that has what they need."""
    import shutil

    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    could_run = shutil.which("terraform") and find_mirror(os.environ)
    if reporter and could_run and _skipped_e2e(reporter) and exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _skipped_e2e(reporter) -> list[object]:
    return [report for report in reporter.stats.get("skipped", []) if "tests/e2e" in report.nodeid]
