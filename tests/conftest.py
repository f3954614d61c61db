"""Settings of all tests: no access to real accounts, and no skipped test that could run."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

from tests import expected_files, fewer_reports
from tests.amount import amount
from tests.external import runs_programs
from tests.needed import MUST_RUN, excuses, last_line, skips_that_fail

# No limit of time, which a loaded machine would exceed; the number is for tests without their own.
settings.register_profile(
    "taskrole", max_examples=amount(100), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("taskrole")


def pytest_configure(config) -> None:
    if fewer_reports.is_worker(config):
        config.pluginmanager.register(fewer_reports)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Exclude imported modules and collected tests, which are large and permanent, from garbage collection."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        # All objects are examined a tenth as often: what tests cache is large, too, and most garbage is young.
        gc.set_threshold(*gc.get_threshold()[:2], 100)
        gc.enable()


def pytest_collection_modifyitems(items) -> None:
    """Mark tests by what their files use, and run long ones first, so that no process waits for one at the end."""
    for item in items:
        if expected_files.is_used_by(item.module):
            item.add_marker(pytest.mark.expected)
        if runs_programs(item.module.__name__):
            item.add_marker(pytest.mark.external)
        elif "tmp_path_factory" not in item.fixturenames:
            item.add_marker(pytest.mark.pure)
    items.sort(key=lambda item: not (item.nodeid.startswith("tests/e2e/") or item.get_closest_marker("slow")))


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
    missing, inexcusable = excuses(terminalreporter.stats.get("skipped", []))
    if missing or inexcusable:
        terminalreporter.section("tests did not run", sep="!", red=True, bold=True)
    for what, number in missing.items():
        terminalreporter.write_line(f"{number} skipped: this machine lacks {what}")
    for test in inexcusable:
        terminalreporter.write_line(f"{test} skipped, though all that it needs is here: this is a failure")
    for what in skips_that_fail(missing):
        terminalreporter.write_line(f"{MUST_RUN} is set: tests skipped for lack of {what} are a failure")


def pytest_sessionfinish(session, exitstatus) -> None:
    """Fail if tests were skipped although the machine meets their requirements, or if all of them must run."""
    if fewer_reports.is_worker(session.config):
        # pytest looks for errors in all remaining garbage, for seconds, and xdist reports none of them.
        gc.freeze()
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not reporter or exitstatus != 0:
        return
    missing, inexcusable = excuses(reporter.stats.get("skipped", []))
    if inexcusable or skips_that_fail(missing):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_unconfigure(config) -> None:
    """Print the skipped tests below the last line of pytest, since the summary above it is easily overlooked."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    line = last_line(reporter.stats.get("skipped", [])) if reporter else ""
    if line:
        reporter.write_line(line, red=True)
