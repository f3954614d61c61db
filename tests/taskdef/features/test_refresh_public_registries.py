"""Tests the tool that refreshes the table of public registries, with pages served on the loopback interface."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
NOW = "| Frankfurt | eu-central-1 | 111122223333 |\n| Milan | eu-south-1 | 444455556666 |\n"
BEFORE = {"eu-central-1": "111122223333", "eu-west-1": "111122223333"}
AFTER = {"eu-central-1": "111122223333", "eu-south-1": "444455556666"}
CHANGES = ["Toys: eu-south-1: none -> 444455556666", "Toys: eu-west-1: 111122223333 -> none"]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Serve the folder `pages` and return its address."""
    (tmp_path / "pages").mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(tmp_path / "pages")))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def write_table(folder: Path, page: str) -> Path:
    table = {"read": "2026-01-01", "note": "kept", "publishers": {"Toys": {"page": page, "accounts": BEFORE}}}
    (folder / "table.json").write_text(json.dumps(table))
    return folder / "table.json"


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "tools/refresh_public_registries.py"), *map(str, arguments)]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def test_the_tool_writes_the_registries_of_the_pages_and_prints_new_ones(address: str, tmp_path: Path) -> None:
    (tmp_path / "pages/toys.md").write_text(NOW)
    table = write_table(tmp_path, f"{address}/toys.md")

    result = run("--table", table)

    assert (result.returncode, result.stdout.splitlines(), result.stderr) == (0, CHANGES, "")
    written = json.loads(table.read_text())
    assert written["publishers"]["Toys"] == {"page": f"{address}/toys.md", "accounts": AFTER}
    assert written["read"] > "2026-01-01"
    assert written["note"] == "kept"


def test_the_tool_reads_saved_pages_instead(tmp_path: Path) -> None:
    (tmp_path / "Toys.txt").write_text(NOW)
    table = write_table(tmp_path, "https://example.invalid/toys")

    first, second = run(tmp_path, "--table", table), run(tmp_path, "--table", table)

    assert (first.returncode, first.stdout.splitlines()) == (0, CHANGES)
    assert second.stdout == "no registry has changed\n"


@pytest.mark.parametrize(
    ("page", "content", "message"),
    [
        ("/gone.md", None, "HTTP Error 404"),
        ("/toys.md", b"There are no registries here.", "names no registry"),
        ("/toys.md", b"\xff\xfe\x00", "cannot read"),
        ("/toys.md", b" " * ((5 << 20) + 1), "larger than"),
    ],
)
def test_an_unusable_page_is_an_error_in_one_line_and_nothing_is_written(
    address: str, tmp_path: Path, page: str, content: bytes | None, message: str
) -> None:
    if content is not None:
        (tmp_path / f"pages{page}").write_bytes(content)
    table = write_table(tmp_path, address + page)
    before = table.read_bytes()

    result = run("--table", table)

    error, fix = result.stderr.splitlines()
    assert (result.returncode, result.stdout) == (1, "")
    assert error.startswith("error: Toys: ")
    assert message in error
    assert fix == "nothing is written; save the pages as PUBLISHER.txt and pass their folder"
    assert table.read_bytes() == before


def test_an_unreachable_host_is_an_error_in_one_line(tmp_path: Path) -> None:
    result = run("--table", write_table(tmp_path, "http://127.0.0.1:9/toys.md"))

    assert result.returncode == 1
    assert result.stderr.splitlines()[0].startswith("error: Toys: cannot read http://127.0.0.1:9/toys.md: ")
