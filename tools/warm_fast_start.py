"""Fill jsii's caches, once per provider version, so that the first run of main.py is as fast as later ones.

jsii unpacks every package into a cache, and writes an index of its types in the background. A fast app ends before the
index is written, and then every run reads all 131 MB instead. This script loads the packages and waits for the index.
If that fails, it prints one line to standard error and succeeds, because the app also works without the index, but
slower.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path

PROJECT = Path(__file__).parent.parent
LONGEST_WAIT = 60.0  # seconds

# The distributions that main.py loads, and their jsii names.
PACKAGES = {"constructs": "constructs", "cdktf": "cdktf", "cdktf-cdktf-provider-aws": "@cdktf/provider-aws"}


def main() -> int:
    """Fill the caches if necessary, and return 0."""
    if os.environ.get("JSII_RUNTIME_PACKAGE_CACHE", "enabled").lower() != "enabled":
        return 0
    root = cache_root()
    if not missing(root):
        return 0
    sys.path.insert(0, str(PROJECT))
    try:
        # Importing them starts Node, which writes the index.
        import taskrole_cdktf.engine  # noqa: F401
    except Exception as error:  # noqa: BLE001 -- whatever it is, main.py says it better
        sys.stderr.write(f"warning: fast start not prepared: {' '.join(str(error).split())[:200]}\n")
        return 0
    deadline = time.monotonic() + LONGEST_WAIT
    while missing(root):
        if time.monotonic() > deadline:
            names = ", ".join(missing(root))
            sys.stderr.write(f"warning: fast start not prepared: jsii wrote no index of {names} below {root}\n")
            return 0
        time.sleep(0.05)
    return 0


def missing(root: Path) -> list[str]:
    """Return the jsii names of the packages whose index is not in the cache."""
    return [
        name
        for distribution, name in PACKAGES.items()
        if not any(root.glob(f"{name}/{metadata.version(distribution)}/*/.jsii.runtime.v*.json"))
    ]


def cache_root() -> Path:
    """Return the folder of jsii's package cache.

    Source: https://github.com/aws/jsii/blob/main/packages/%40jsii/kernel/src/tar-cache/default-cache-root.ts
    """
    named = os.environ.get("JSII_RUNTIME_PACKAGE_CACHE_ROOT")
    if named:
        return Path(named)
    home = _home()
    if home is None:
        user = f"-{os.getuid()}" if hasattr(os, "getuid") else ""
        return Path(tempfile.gettempdir()) / f"aws-jsii-package-cache{user}"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "AWS/jsii/package-cache"
    if sys.platform == "darwin":
        return home / "Library/Caches/com.amazonaws.jsii/package-cache"
    return home / ".cache/aws/jsii/package-cache"


def _home() -> Path | None:
    """Return the home folder as Node determines it: HOME, even if empty, or that of the user account."""
    try:
        home = Path(os.environ["HOME"]) if "HOME" in os.environ else Path.home()
    except RuntimeError:
        return None
    return home if home.is_absolute() else None


if __name__ == "__main__":
    sys.exit(main())
