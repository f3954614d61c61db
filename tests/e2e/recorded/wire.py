"""Parses requests to AWS and their answers from bytes.

Operations are those of the models of botocore. moto parses requests by them, botocore parses answers.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import botocore.parsers
import botocore.session
from botocore.model import OperationModel, ServiceModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router

_CREDENTIAL = re.compile(r"Credential=([^/]+)/[0-9]+/[^/]+/([^/]+)/")
_CBOR_PATH = re.compile(r"/service/[^/]+/operation/([A-Za-z]+)")
# Signing names of services, if botocore has another name.
_MODELS = {"monitoring": "cloudwatch", "states": "stepfunctions"}


@dataclass(frozen=True)
class Call:
    """A request: the key that signed it, the service that it was signed for, the operation, and its parameters."""

    access_key: str
    service: str
    operation: OperationModel
    parameters: dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """The result of a call: its members, or the code and message of the error."""

    members: dict[str, Any]
    code: str = ""
    message: str = ""


def read_call(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Call | None:
    """Return a parsed request, or None if it is not signed."""
    signed = _CREDENTIAL.search(headers.get("Authorization", ""))
    if not signed:
        return None
    service = service_model(signed[2])
    if cbor := _CBOR_PATH.fullmatch(url):
        parsed = botocore.parsers.RpcV2CBORParser().parse_data_item(io.BufferedReader(io.BytesIO(body)))
        return Call(signed[1], signed[2], service.operation_model(cbor[1]), parsed)
    request = Request.from_primitives(method, f"http://localhost{url}", headers, body)
    operation, in_path = get_service_router(service.service_name).match(request)
    parser = PROTOCOL_PARSERS[determine_request_protocol(operation.service_model, request.content_type)]
    parts = {
        "method": method,
        "values": request.values,
        "headers": request.headers,
        "body": body,
        "url_path": request.path,
        "url_params": in_path,
    }
    return Call(signed[1], signed[2], service.operation_model(operation.name), parser(operation).parse(parts))


def read_answer(call: Call, status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    """Return the parsed answer to a call."""
    if status < 300 and call.operation.has_streaming_output:
        return Answer({})
    parser = botocore.parsers.create_parser(call.operation.service_model.resolved_protocol)
    answer = {"status_code": status, "headers": {name.lower(): text for name, text in headers.items()}, "body": body}
    parsed = parser.parse(answer, call.operation.output_shape)
    if status < 300:
        return Answer(parsed)
    # The answer to HEAD has no body, so no code.
    code = {"403": "AccessDenied"}.get(parsed["Error"]["Code"], parsed["Error"]["Code"])
    return Answer({}, code, parsed["Error"].get("Message", ""))


@cache
def service_model(signing_name: str) -> ServiceModel:
    """Return the model of the service that requests are signed for."""
    return botocore.session.get_session().get_service_model(_MODELS.get(signing_name, signing_name))
