"""Starts CDKTF fast by loading only the used modules of the AWS provider's 2,213.

Importing the unchanged provider package takes 13 to 15 seconds and 630 MB. Two replacements avoid that, without
changing an installed file: in Python, a lazy package that imports its modules on first access; in Node, a hook that
does the same for the package's index, and for modules that CDKTF loads and rarely uses (lazy_modules.cjs). Also, Node
collects garbage less often. `TASKROLE_FAST_START=0` turns all of this off.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from taskrole.errors import ToolError
from taskrole.extras import missing_extra

PROVIDER = "cdktf_cdktf_provider_aws"
SWITCH = "TASKROLE_FAST_START"
HOOK = Path(__file__).with_name("lazy_modules.cjs")

# Suppresses jsii's eleven-line warning that Node 20 is at its end of life; the value lists major versions:
# https://github.com/aws/jsii/blob/main/packages/@jsii/check-node/README.md
_SILENCE = "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION"
_SILENCED = "20"

# In megabytes. With Node's default of 16, a tenth of the time of 10,000 roles is garbage collection of new objects:
# https://nodejs.org/api/cli.html#--max-semi-space-sizesize-in-mib
_NEW_OBJECTS = "--max-semi-space-size=64"

_NODE_FIX = "install Node 20 or newer, https://nodejs.org, or set JSII_NODE to its path"


class _LazyPackage(ModuleType):
    """The provider package with its real path, which imports a module on first access."""

    def __getattr__(self, name: str) -> ModuleType:
        if name.startswith("__"):
            raise AttributeError(name)
        module = f"{self.__name__}.{name}"
        try:
            return importlib.import_module(module)
        except ModuleNotFoundError as error:
            if error.name != module:
                raise
            raise AttributeError(f"{self.__name__} has no module {name}") from error


@contextmanager
def fast_start() -> Iterator[None]:
    """Make the imports of cdktf and the provider in this block cheap.

    A provider package with another layout is imported as usual: slower, with the same result. Raises ToolError if CDKTF
    is not installed, or if Node, in which it runs, does not start.
    """
    if shutil.which(os.environ.get("JSII_NODE", "node")) is None:
        raise ToolError(f"Node, in which CDKTF runs, is not found; {_NODE_FIX}")
    # Node starts with the first import of cdktf and reads these once; no other process needs to inherit them.
    changed = {_SILENCE: _appended(_SILENCE, ",", _SILENCED)}
    if os.environ.get(SWITCH) != "0":
        _use_lazy_provider()
        if HOOK.is_file():
            options = _appended("NODE_OPTIONS", " ", f'--require="{_quoted(HOOK)}"')
            # The last of several sizes, the user's, is the one that counts.
            changed["NODE_OPTIONS"] = f"{_NEW_OBJECTS} {options}"
    before = {name: os.environ.get(name) for name in changed}
    os.environ.update(changed)
    try:
        yield
    except ModuleNotFoundError as error:
        line = missing_extra(error)
        if line is None:
            raise
        raise ToolError(line) from error
    except json.JSONDecodeError as error:
        # At exit, jsii would print a traceback about the process that does not answer.
        sys.unraisablehook = lambda _: None
        raise ToolError(f"Node, in which CDKTF runs, does not answer; {_NODE_FIX}") from error
    finally:
        for name, value in before.items():
            _restore(name, value)


def _use_lazy_provider() -> None:
    if PROVIDER in sys.modules:
        return
    spec = importlib.util.find_spec(PROVIDER)
    if spec is None or not _has_expected_shape(spec):
        return
    package = _LazyPackage(PROVIDER, "The AWS provider's bindings, module by module.")
    package.__spec__ = spec
    package.__loader__ = spec.loader
    package.__package__ = PROVIDER
    package.__file__ = spec.origin
    package.__path__ = list(spec.submodule_search_locations or ())
    sys.modules[PROVIDER] = package


def _has_expected_shape(spec: ModuleSpec) -> bool:
    """Return whether the package is one folder of modules, with jsii's `_jsii` among them."""
    folders = [Path(folder) for folder in spec.submodule_search_locations or ()]
    return len(folders) == 1 and (folders[0] / "_jsii" / "__init__.py").is_file()


def _appended(name: str, separator: str, value: str) -> str:
    """Return the value of an environment variable with another appended: the CDKTF CLI sets some of these too."""
    current = os.environ.get(name)
    return f"{current}{separator}{value}" if current else value


def _quoted(path: Path) -> str:
    """Return a path for NODE_OPTIONS, where a backslash escapes inside double quotes."""
    return str(path).replace("\\", "\\\\").replace('"', '\\"')


def _restore(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value
