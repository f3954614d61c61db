"""Print the versions in Pipfile.lock as a pip constraints file, for `action.yml` and the Dockerfile.

Uses only the standard library, because it runs before anything is installed.
"""

import json
from pathlib import Path

LOCK = Path(__file__).parent.parent / "Pipfile.lock"


def constraints(lock: str) -> list[str]:
    """Return `name==version` for each package of the lock, except development packages."""
    packages = json.loads(lock)["default"]
    return [f"{name}{package['version']}" for name, package in packages.items()]


if __name__ == "__main__":
    print("\n".join(constraints(LOCK.read_text("utf-8"))))  # noqa: T201 -- its output
