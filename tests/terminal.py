"""Runs the command line on a terminal: two pseudo-terminals, one for each output."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import CompletedProcess

from tests.forked import run_with_outputs


def run_in_terminal(arguments: Sequence[str], folder: Path, variables: Mapping[str, str]) -> CompletedProcess[str]:
    """Run taskrole with terminals as standard output and error, and return their contents with Unix line ends."""
    screens = [Screen(), Screen()]
    code = run_with_outputs(arguments, folder, variables, *(screen.descriptor for screen in screens))
    out, err = (screen.text() for screen in screens)
    return CompletedProcess(list(arguments), code, out, err)


def without_status(text: str) -> str:
    """Return the final content of a terminal, without erased text such as progress."""
    return re.sub(r"[^\r\n]*\r\x1b\[2?K", "", text)


class Screen:
    """A pseudo-terminal that is read while something writes to it."""

    def __init__(self) -> None:
        self._reader, self.descriptor = os.openpty()
        self._content = bytearray()
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def text(self) -> str:
        os.close(self.descriptor)
        self._thread.join()
        os.close(self._reader)
        return self._content.decode().replace("\r\n", "\n")

    def _read(self) -> None:
        while True:
            try:
                part = os.read(self._reader, 65536)
            except OSError:
                # Linux raises this if the other side is closed.
                return
            if not part:
                return
            self._content += part
