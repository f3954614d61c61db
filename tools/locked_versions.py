"""Print the versions in Pipfile.lock as pip constraints, for systems that pipenv did not lock for."""

from __future__ import annotations

import json
import sys
from pathlib import Path

LOCK = Path(__file__).parent.parent / "Pipfile.lock"


def main() -> None:
    """Print one line per package."""
    lock = json.loads(LOCK.read_text("utf-8"))
    packages = {**lock["develop"], **lock["default"]}
    sys.stdout.writelines(f"{name}{packages[name]['version']}\n" for name in sorted(packages))


if __name__ == "__main__":
    main()
