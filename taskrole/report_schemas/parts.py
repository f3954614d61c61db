"""What the schemas of reports are made of: short forms of JSON Schema, and parts that several reports have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias, get_args

from taskrole.finding import Severity
from taskrole.grant import RoleKind
from taskrole.report_versions import REPORT_VERSIONS

Schema: TypeAlias = dict[str, Any]

TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean"}
ANYTHING: Schema = {}


def record(members: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    """Return the schema of an object with these members, all of them but the optional ones always there."""
    properties = {**members, **(optional or {})}
    return {"type": "object", "properties": properties, "required": [*members], "additionalProperties": False}


def list_of(item: Schema) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": item}


def map_of(value: Schema) -> Schema:
    """Return the schema of an object whose keys are names."""
    return {"type": "object", "additionalProperties": value}


def or_null(schema: Schema) -> Schema:
    """Return the schema of a value that may be null."""
    return {"anyOf": [schema, {"type": "null"}]}


def one_of(*values: str) -> Schema:
    """Return the schema of a text that is one of several."""
    return {"enum": [*values]}


def literal_values(type_: Any) -> Schema:
    """Return the schema of the values of a `Literal`."""
    return one_of(*get_args(type_))


def report(name: str, members: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    """Return the schema of a report, by its name in `REPORT_VERSIONS`."""
    return record({"schema_version": version(name), **members}, optional)


def version(name: str) -> Schema:
    """Return the schema of the `schema_version` of a report."""
    return {"const": REPORT_VERSIONS[name]}


def counts_of(*names: str) -> Schema:
    """Return the schema of an object of counts."""
    return record(dict.fromkeys(names, COUNT))


TEXTS = list_of(TEXT)
KIND = literal_values(RoleKind)
SEVERITY = literal_values(Severity)
# Documents and blocks of IAM, as its reference has them.
DOCUMENT: Schema = {"type": "object", "description": "A policy document of IAM, or a statement of one."}
CONDITIONS: Schema = {"type": "object", "description": "The Condition of a statement of IAM."}
CONTEXT = record({"partition": TEXT, "region": TEXT, "account": or_null(TEXT)})
REQUIRED_ELSEWHERE = record(
    {"account": or_null(TEXT), "service": TEXT, "resource": TEXT, "statement": DOCUMENT, "because": TEXT}
)
# What recorded calls cannot show.
BLIND_SPOTS = record(
    {
        "days": or_null(COUNT),
        "month_ends": TEXTS,
        "quarter_ends": TEXTS,
        "year_ends": TEXTS,
        "data_events": TEXTS,
        "no_data_events": TEXTS,
        "never_recorded": list_of(record({"actions": TEXTS, "because": TEXT})),
        "other": TEXTS,
    }
)
# `source` points into the task definition, `file` says into which, where there are several.
FINDING_MEMBERS: Mapping[str, Schema] = {"code": TEXT, "severity": SEVERITY, "source": TEXT, "message": TEXT}
