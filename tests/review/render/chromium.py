"""Drives a headless Chromium over a pipe: pages as a user sees them, keys as a user presses them.

The protocol of Chrome is JSON messages that end with a zero byte: https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
)
_KEYS = {"Tab": (9, ""), "Enter": (13, "\r"), " ": (32, " "), "ArrowDown": (40, ""), "ArrowUp": (38, "")}
_SHIFT = 8


def find_chromium() -> str | None:
    """Return the path of a browser, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def browser(program: str, profile: Path) -> Iterator[Page]:
    """Yield a page of a browser that is closed at the end of the block."""
    to_browser, from_us = os.pipe()
    to_us, from_browser = os.pipe()

    def connect() -> None:
        # The browser reads descriptor 3 and writes 4; copies first, since a descriptor of this process may be 3 itself.
        read, write = os.dup(to_browser), os.dup(from_browser)
        os.dup2(read, 3)
        os.dup2(write, 4)

    with (profile / "stderr").open("wb") as errors:
        process = subprocess.Popen(
            [program, *_FLAGS, f"--user-data-dir={profile}", "about:blank"],
            preexec_fn=connect,  # noqa: PLW1509 - no threads here, and only this chooses descriptors
            close_fds=False,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
        )
    os.close(to_browser)
    os.close(from_browser)
    try:
        with os.fdopen(from_us, "wb", buffering=0) as writer, os.fdopen(to_us, "rb") as reader:
            yield Page(writer, reader)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class Page:
    """One tab. `problems` are what it logged: violations of its policy, errors of its script, requests."""

    def __init__(self, writer: Any, reader: Any) -> None:
        self._writer, self._reader = writer, reader
        self._last = 0
        self._events: list[dict[str, Any]] = []
        self._session = ""
        self._document = ""
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "DOM"):
            self._call(f"{domain}.enable")

    def open(self, url: str, *, width: int = 1280, height: int = 900, dark: bool = False, script: bool = True) -> None:
        """Load a page in a window of this size and of these preferences."""
        self._events.clear()
        self._call("Emulation.setScriptExecutionDisabled", value=not script)
        self.resize(width=width, height=height)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._call("Emulation.setEmulatedMedia", features=[scheme])
        # A new fragment of the same file would not load the page; loading another page takes a tenth of a second.
        document = url.partition("#")[0]
        for address in ("about:blank", url) if document == self._document else (url,):
            self._events.clear()
            self._call("Page.navigate", url=address)
            self._wait("Page.loadEventFired")
        self._document = document

    def resize(self, *, width: int, height: int) -> None:
        """Give the window another size."""
        self._call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 500,
        )

    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression, run beside the page and not bound by its policy."""
        answer = self._call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def accessible(self, selector: str) -> str:
        """Return the name and description of an element as a screen reader gets them."""
        root = self._call("DOM.getDocument")["root"]["nodeId"]
        node = self._call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        (described, *_) = self._call("Accessibility.getPartialAXTree", nodeId=node, fetchRelatives=False)["nodes"]
        return " ".join(
            described[key]["value"] for key in ("name", "description") if described.get(key, {}).get("value")
        )

    def press(self, key: str, *, shift: bool = False) -> None:
        """Press and release a key, as a keyboard does."""
        code, text = _KEYS.get(key, (ord(key.upper()[0]), key))
        common = {"key": key, "windowsVirtualKeyCode": code, "modifiers": _SHIFT if shift else 0}
        self._call("Input.dispatchKeyEvent", type="keyDown", **common, **({"text": text} if text else {}))
        self._call("Input.dispatchKeyEvent", type="keyUp", **common)

    def type(self, text: str) -> None:
        """Press the keys of a text."""
        for key in text:
            self.press(key)

    def pdf(self, path: Path) -> None:
        """Write the page as it prints."""
        path.write_bytes(base64.b64decode(self._call("Page.printToPDF", printBackground=True)["data"]))

    @property
    def problems(self) -> list[str]:
        """What the page logged, threw, or requested from elsewhere."""
        self.evaluate("0")
        entries = []
        for event in self._events:
            given = event["params"]
            if event["method"] == "Log.entryAdded":
                entries.append(given["entry"]["text"])
            elif event["method"] in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled"):
                entries.append(json.dumps(given))
            elif event["method"] == "Network.requestWillBeSent" and not given["request"]["url"].startswith("file:"):
                entries.append(f"request: {given['request']['url']}")
        return entries

    def _call(self, method: str, **params: Any) -> Any:
        self._last += 1
        message = {"id": self._last, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        self._writer.write(json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._last:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]

    def _wait(self, event: str) -> None:
        while not any(entry["method"] == event for entry in self._events):
            self._read()

    def _read(self) -> dict[str, Any]:
        """Return the next message, kept where it is an event."""
        data = bytearray()
        while (byte := self._reader.read(1)) != b"\0":
            assert byte, "the browser has ended"
            data += byte
        message: dict[str, Any] = json.loads(data)
        if "method" in message:
            self._events.append(message)
        return message
