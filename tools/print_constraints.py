"""Print the versions of Pipfile.lock as a constraints file of pip: `action.yml` and the Dockerfile install by it.

Standard library only: it runs before anything is installed.
"""

import json
from pathlib import Path

LOCK = Path(__file__).parent.parent / "Pipfile.lock"


def constraints(lock: str) -> list[str]:
    """Return one `name==version` for each package of the lock that is not for development alone."""
    packages = json.loads(lock)["default"]
    return [f"{name}{package['version']}" for name, package in packages.items()]


if __name__ == "__main__":
    print("\n".join(constraints(LOCK.read_text("utf-8"))))  # noqa: T201 -- its output
