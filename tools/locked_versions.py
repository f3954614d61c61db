"""Print the version of each package in Pipfile.lock as constraints for pip, on systems that pipenv did not lock for."""

from __future__ import annotations

import json
import sys
from pathlib import Path

LOCK = Path(__file__).parent.parent / "Pipfile.lock"


def main() -> None:
    """Print a line for each package."""
    lock = json.loads(LOCK.read_text("utf-8"))
    packages = {**lock["develop"], **lock["default"]}
    sys.stdout.writelines(f"{name}{packages[name]['version']}\n" for name in sorted(packages))


if __name__ == "__main__":
    main()
