"""ministack, but it sends an answer in one piece; `taskrole/local/handler.py` says why.

`python -m tests.e2e.enforcing_server` runs it.
"""

from __future__ import annotations

import h11


class WholeAnswers(h11.Connection):
    """A connection of ministack's HTTP server, which keeps the head of an answer until the next part."""

    _head = b""

    def send(self, event: h11.Event) -> bytes | None:
        sent = super().send(event)
        if sent is None:
            return None
        if isinstance(event, h11.Response):
            self._head = sent
            return b""
        head, self._head = self._head, b""
        return head + sent


if __name__ == "__main__":
    h11.Connection = WholeAnswers

    from ministack.app import main

    main()
