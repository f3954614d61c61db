"""The embedded AWS sends an answer in one piece, so that its head does not arrive before the rest.

The AWS SDK of Terraform's provider loses the rest of an answer at times: it closes the connection if it reads the head
before it has noticed that its own request is sent. It then sends the request again, and what the first one has created
exists already, or what it has deleted is not found. AWS is rarely near enough for that. On the loopback interface of a
busy machine it was two requests in a thousand; an answer in one piece has been read whole with its head.

Source: `WriteTo` in https://github.com/aws/smithy-go/blob/v1.22.3/transport/http/internal/io/safe.go fails once the
request is closed, and net/http closes a connection if sending a request fails.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from werkzeug.serving import WSGIRequestHandler

_BUFFER = 65536  # bytes; a larger answer is sent in several pieces


def request_handler() -> type[WSGIRequestHandler]:
    """Return moto's handler of requests, with a buffer for what it writes."""
    # Imported late: the core of taskrole is installed without moto.
    from moto.moto_server.werkzeug_app import MotoRequestHandler

    class RequestHandler(MotoRequestHandler):
        wbufsize = _BUFFER

    return RequestHandler
