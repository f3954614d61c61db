"""The SQL dialects of the engines that aggregate events: Athena, CloudTrail Lake and DuckDB.

Athena and CloudTrail Lake use Trino's SQL. The columns are those of AWS's table for Athena; in CloudTrail Lake,
requests are maps. DuckDB reads the files with the same columns.

Sources: https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table-understanding.html,
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/query-supported-event-schemas.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TypeAlias

from taskrole.dataclass import dataclass
from taskrole.errors import BadValueError
from taskrole.partitions import host_suffix_pattern

_BACKSLASH = "\\"
_TASKS = "CAST(json_extract({response}, '$.tasks') AS ARRAY(JSON))"
# Event source names, each with the members of its requests.
Cases: TypeAlias = "list[tuple[str, tuple[str, ...]]]"
_SERVICE = f"regexp_replace(eventsource, '[.]{host_suffix_pattern()}$', '')"


@dataclass(frozen=True)
class Dialect:
    """Builds the SQL expressions of an engine from SQL."""

    name: str
    # Selects each event once, although CloudTrail may deliver it twice.
    select: str
    # The time of the event as text.
    time: str
    # Whether the event is a data event.
    is_data: str
    # The ARNs of the event's resources, as JSON.
    resources: str
    # The ARNs of the tasks that the event started, and of their task definitions.
    started: str
    # The started tasks and their definitions, as a table expression with both columns.
    started_rows: str
    # The members of requests to certain services, as JSON.
    request: Callable[[Cases], str]
    matches: Callable[[str, str], str]
    replace: Callable[[str, str, str], str]
    # The given number of smallest values, as JSON.
    least: Callable[[str, int], str]


def sql_text(text: str) -> str:
    """Return a text as an SQL literal. Raises ValueError if it is not printable ASCII or contains quotes."""
    if not re.fullmatch(r"[ -&(-~]*", text):
        raise BadValueError("must be printable ASCII without a quote")
    return f"'{text}'"


def _trino_started(response: str) -> str:
    tasks = _TASKS.format(response=response)
    return ",\n    ".join(
        f"transform({tasks}, item -> json_extract_scalar(item, '$.{member}')) AS {column}"
        for member, column in (("taskArn", "task_arns"), ("taskDefinitionArn", "definition_arns"))
    )


def _trino_request(parameters: str, cases: Cases) -> str:
    known = "\n".join(f"        WHEN {sql_text(source)} THEN ARRAY[{_list(members)}]" for source, members in cases)
    return f"""json_format(CAST(map_filter({parameters}, (member, value) -> contains(
      CASE {_SERVICE}
{known}
        ELSE ARRAY[]
      END, member)) AS JSON))"""


def _list(texts: Iterable[str]) -> str:
    return ", ".join(map(sql_text, texts))


def _trino_least(value: str, most: int) -> str:
    return f"json_format(CAST(MIN({value}, {most}) AS JSON))"


def _trino(name: str, time: str, response: str, parameters: str) -> Dialect:
    return Dialect(
        name,
        "SELECT DISTINCT",
        time,
        "eventcategory = 'Data'",
        "json_format(CAST(array_sort(array_distinct("
        "transform(filter(resources, item -> item.arn IS NOT NULL), item -> item.arn))) AS JSON))",
        _trino_started(response),
        "SELECT task_arn, definition_arn FROM calls CROSS JOIN UNNEST(task_arns, definition_arns)"
        " AS started (task_arn, definition_arn)",
        lambda cases: _trino_request(parameters, cases),
        lambda value, pattern: f"regexp_like({value}, {sql_text(pattern)})",
        lambda value, pattern, to: f"regexp_replace({value}, {sql_text(pattern)}, {sql_text(to)})",
        _trino_least,
    )


ATHENA = _trino(
    "athena",
    "eventtime",
    "responseelements",
    "CAST(TRY(json_parse(requestparameters)) AS MAP(VARCHAR, JSON))",
)
LAKE = _trino(
    "lake",
    "date_format(eventtime, '%Y-%m-%dT%H:%i:%sZ')",
    "element_at(responseelements, 'tasks')",
    "requestparameters",
)


def _duckdb_request(cases: Cases) -> str:
    known = "\n".join(f"      WHEN {sql_text(source)} THEN {_duckdb_object(members)}" for source, members in cases)
    return f"CASE {_SERVICE}\n{known}\n      ELSE '{{}}'\n    END"


def _duckdb_object(members: Iterable[str]) -> str:
    paths = ((name, f'$."{name}"') for name in members)
    pairs = (f"{sql_text(name)}, json_extract(requestparameters, {sql_text(path)})" for name, path in paths)
    return f"CAST(json_object({', '.join(pairs)}) AS VARCHAR)"


def _duckdb_least(value: str, most: int) -> str:
    return f"CAST(to_json(MIN({value}, {most})) AS VARCHAR)"


def _duckdb_replace(value: str, pattern: str, to: str) -> str:
    return f"regexp_replace({value}, {sql_text(pattern)}, {sql_text(to.replace('$', _BACKSLASH))}, 'g')"


def _duckdb_started(*columns: tuple[str, str]) -> str:
    # The response, which can be large, is parsed only for these events.
    starts = "eventname IN ('RunTask', 'StartTask')"
    return ",\n    ".join(
        f"CASE WHEN {starts} THEN json_extract_string(responseelements, '$.tasks[*].{member}') END AS {column}"
        for member, column in columns
    )


DUCKDB = Dialect(
    "duckdb",
    # Duplicate events are removed from the table later: see `duck`.
    "SELECT",
    "eventtime",
    "(eventcategory = 'Data' OR (eventcategory IS NULL AND managementevent = 'false'))",
    "CAST(to_json(list_sort(list_distinct(list_transform(resources, lambda item: item.arn)))) AS VARCHAR)",
    _duckdb_started(("taskArn", "task_arns"), ("taskDefinitionArn", "definition_arns")),
    "SELECT unnest(task_arns) AS task_arn, unnest(definition_arns) AS definition_arn FROM calls",
    _duckdb_request,
    lambda value, pattern: f"regexp_matches({value}, {sql_text(pattern)})",
    _duckdb_replace,
    _duckdb_least,
)
