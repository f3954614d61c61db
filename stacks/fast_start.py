"""CDKTF without its start-up cost: of the AWS provider's 2,213 modules only those in use are loaded.

Importing the provider package as it comes costs 13 to 15 seconds and 630 MB. Two things make it cheap, and neither
changes an installed file: in Python, a stand-in for the package whose modules are imported when they are named; in
Node, a hook that does the same for the package's index (lazy_barrel.cjs). `TASKROLE_FAST_START=0` turns both off.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

PROVIDER = "cdktf_cdktf_provider_aws"
SWITCH = "TASKROLE_FAST_START"
HOOK = Path(__file__).with_name("lazy_barrel.cjs")

# jsii prints eleven lines on Node 20, whose end of life it announces; the value must be that major version:
# https://github.com/aws/jsii/blob/main/packages/@jsii/check-node/README.md
_SILENCE = "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION"


class _LazyPackage(ModuleType):
    """The provider package with its real path, importing a module of its when somebody names it."""

    def __getattr__(self, name: str) -> ModuleType:
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            return importlib.import_module(f"{self.__name__}.{name}")
        except ModuleNotFoundError as error:
            raise AttributeError(f"{self.__name__} has no module {name}") from error


@contextmanager
def fast_start() -> Iterator[None]:
    """Make the imports of cdktf and the provider in this block cheap.

    Whatever is not as expected is left alone: the imports then take the long way and give the same.
    """
    os.environ.setdefault(_SILENCE, "20")
    if os.environ.get(SWITCH) == "0":
        yield
        return
    _stand_in_for_provider()
    options = os.environ.get("NODE_OPTIONS")
    # Node starts with the first import of cdktf, and with it the options are read, once.
    os.environ["NODE_OPTIONS"] = f'{options or ""} --require="{_quoted(HOOK)}"'.lstrip()
    try:
        yield
    finally:
        _restore("NODE_OPTIONS", options)


def _stand_in_for_provider() -> None:
    if PROVIDER in sys.modules:
        return
    spec = importlib.util.find_spec(PROVIDER)
    if spec is None or spec.submodule_search_locations is None or not _has_expected_shape(spec):
        return
    package = _LazyPackage(PROVIDER, "The AWS provider's bindings, module by module.")
    package.__spec__ = spec
    package.__file__ = spec.origin
    package.__path__ = list(spec.submodule_search_locations)
    sys.modules[PROVIDER] = package


def _has_expected_shape(spec: ModuleSpec) -> bool:
    """Tell whether the package is one folder of modules with jsii's own beside them."""
    folders = [Path(folder) for folder in spec.submodule_search_locations or ()]
    return len(folders) == 1 and (folders[0] / "_jsii" / "__init__.py").is_file()


def _quoted(path: Path) -> str:
    """Return a path for NODE_OPTIONS, where a backslash escapes inside double quotes."""
    return str(path).replace("\\", "\\\\").replace('"', '\\"')


def _restore(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value
