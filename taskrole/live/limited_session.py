"""Reads no more than a limit of an answer, which may come from anybody: botocore itself reads all that is sent."""

from __future__ import annotations

from typing import Any

MOST_BYTES = 32 * 1024 * 1024  # of one answer; AWS's own have less than a tenth


class TooLargeError(Exception):
    """An answer has more bytes than are read of one."""


class LimitedSession:
    """The HTTP session of a client, which stops reading an answer at `most` bytes."""

    def __init__(self, session: Any, most: int = MOST_BYTES) -> None:
        self._session = session
        self._most = most

    def send(self, request: Any) -> Any:
        """Return the answer to a request, its content read. Raises TooLargeError, and botocore's HTTPClientError."""
        from botocore.exceptions import HTTPClientError, ReadTimeoutError
        from urllib3.exceptions import HTTPError
        from urllib3.exceptions import ReadTimeoutError as ReadTimeout

        # Otherwise botocore's session reads all that comes.
        request.stream_output = True
        response = self._session.send(request)
        try:
            response._content = self._content(response.raw)
        except ReadTimeout as error:
            raise ReadTimeoutError(endpoint_url=request.url, error=error) from error
        except HTTPError as error:
            raise HTTPClientError(error=error) from error
        return response

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    def _content(self, raw: Any) -> bytes:
        parts: list[bytes] = []
        left = self._most
        for part in raw.stream():
            left -= len(part)
            if left < 0:
                raw.close()
                raise TooLargeError
            parts.append(part)
        return b"".join(parts)
