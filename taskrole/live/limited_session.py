"""An HTTP session with a limit on the size of an answer, which botocore does not have."""

from __future__ import annotations

from typing import Any

MOST_BYTES = 32 * 1024 * 1024  # of an answer; AWS's have less than a tenth


class TooLargeError(Exception):
    """An answer is larger than the limit."""


class LimitedSession:
    """The HTTP session of a client, which stops reading an answer at `most` bytes."""

    def __init__(self, session: Any, most: int = MOST_BYTES) -> None:
        self._session = session
        self._most = most

    def send(self, request: Any) -> Any:
        """Return the answer to a request, with its content. Raises TooLargeError, and botocore's HTTPClientError."""
        from botocore.exceptions import HTTPClientError, ReadTimeoutError
        from urllib3.exceptions import HTTPError
        from urllib3.exceptions import ReadTimeoutError as ReadTimeout

        # Without it, botocore's session reads the whole answer.
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
