"""Loads this package's Node module (node/), which jsii calls like CDKTF."""

from __future__ import annotations

import json
import os
import tarfile
import tempfile
from functools import cache
from pathlib import Path

from taskrole_cdktf.engine import CdktfError, Construct, jsii
from taskrole_cdktf.fast_start import SWITCH

FOLDER = Path(__file__).with_name("node")


class Batch(metaclass=jsii.JSIIMeta, jsii_type="taskrole-cdktf.Batch"):  # type: ignore[call-arg]  # the metaclass takes it
    """The class of node/batch.js."""

    @classmethod
    def create(cls, scope: Construct, type_: str, id_: str, values: str) -> None:
        """Add a construct to a stack, by its class's name in jsii; `values` are its arguments as JSON."""
        jsii.sinvoke(cls, "create", [scope, type_, id_, values])

    @classmethod
    def add(cls, scope: Construct, batch: str) -> None:
        """Add the roles that a batch describes (role_batch.py) to a stack."""
        jsii.sinvoke(cls, "add", [scope, batch])


def is_used() -> bool:
    """Return whether this module creates constructs: if the fast start is on and jsii accepts the module."""
    return os.environ.get(SWITCH) != "0" and is_loaded()


@cache
def is_loaded() -> bool:
    """Load the module on the first call, and return whether jsii accepted it."""
    package = json.loads((FOLDER / "package.json").read_text("utf-8"))
    try:
        with tempfile.TemporaryDirectory() as folder:
            packed = Path(folder) / "module.tar"
            _pack(packed)
            jsii.load(package["name"], package["version"], str(packed))
    except CdktfError:
        return False
    return True


def _pack(path: Path) -> None:
    """Write the module as an npm package without dates and owners: jsii caches a package by its bytes."""
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as archive:
        for file in sorted(FOLDER.iterdir()):
            entry = tarfile.TarInfo(f"package/{file.name}")
            entry.size = file.stat().st_size
            with file.open("rb") as content:
                archive.addfile(entry, content)
