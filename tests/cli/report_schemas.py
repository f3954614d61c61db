"""Compares reports with their JSON Schemas."""

from __future__ import annotations

from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from taskrole.report_schemas import report_schema


def problems(report: str, data: Any) -> list[str]:
    """Return the differences of a report from its schema, a line each."""
    return [f"{error.json_path}: {error.message}"[:300] for error in _validator(report).iter_errors(data)]


@cache
def _validator(report: str) -> Draft202012Validator:
    return Draft202012Validator(report_schema(report))
