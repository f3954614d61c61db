"""Draw docs/derive.svg for README.md: fields of a task definition, and the statements derived from them.

Both sides are output of `taskrole derive` for the example. `make docs` draws it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
EXAMPLE = "examples/service/task-definitions/worker.json"
TARGET = ROOT / "docs/derive.svg"

_LINE, _CHARACTER, _TOP, _LEFT, _RIGHT = 17, 8, 62, 24, 390
# Fields whose names need this many parent fields to be understood.
_WITH = {"value": 2, "valueFrom": 2, "iam": 1}
_STYLE = (
    "text{font:13px ui-monospace,Menlo,Consolas,monospace;fill:#1f2328}.h{font-weight:600;font-size:15px}"
    ".v{fill:#57606a}.a{fill:#0a5f2c}path{fill:none;stroke:#8c959f}rect{fill:#fff;stroke:#d0d7de}"
)


def derived() -> dict[str, Any]:
    """Return the output of `taskrole derive --format json` for the example."""
    command = [sys.executable, "-m", "taskrole", "derive", EXAMPLE, "--region", "eu-central-1", "--format", "json"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def page() -> str:
    """Return the current picture as SVG."""
    return draw(derived()["roles"])


def draw(roles: Mapping[str, Any]) -> str:
    """Return the picture as SVG: each grant next to the field that causes it."""
    parts: list[str] = []
    longest = 0
    y = _TOP
    before = ""
    for kind, role in roles.items():
        y += _LINE
        parts.append(_text(_RIGHT, y, f"{kind} role", "h"))
        y += _LINE + 6
        for grant in role["grants"]:
            lines = [", ".join(grant["actions"]), *(f"  {resource}" for resource in grant["resources"])]
            longest = max(longest, *map(len, lines))
            if grant["source"] != before:
                parts.extend(_field(grant["source"], y))
            before = grant["source"]
            parts.append(f'<path d="M{_RIGHT - 44} {y - 5}H{_RIGHT - 10}m-6 -4l6 4l-6 4"/>')
            for number, line in enumerate(lines):
                parts.append(_text(_RIGHT, y + number * _LINE, line, "v" if number else "a"))
            y += max(len(lines), 2) * _LINE + 8
    height, width = y + 8, _RIGHT + longest * _CHARACTER + _LEFT
    label = "Fields of a task definition, and the statements of the roles they lead to"
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="{label}">',
        f"<style>{_STYLE}</style>",
        f'<rect x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="8"/>',
        _text(_LEFT, 34, Path(EXAMPLE).name, "h"),
        _text(_RIGHT, 34, "taskrole derive", "h"),
    ]
    return "\n".join([*head, *parts, "</svg>", ""])


def _field(pointer: str, y: int) -> list[str]:
    """Return a field's name, with its path below."""
    names = pointer.strip("/").split("/")
    split = len(names) - 1 - _WITH.get(names[-1], 0)
    place, name = names[:split], "/".join(names[split:])
    where = "/".join(place) if len(place) < 4 else "/".join([place[0], place[1], "…", place[-1]])
    return [_text(_LEFT, y, name, "a"), _text(_LEFT, y + _LINE, f"  {where}", "v")]


def _text(x: int, y: int, text: str, kind: str) -> str:
    return f'<text x="{x}" y="{y}" class="{kind}" xml:space="preserve">{escape(text)}</text>'
