"""The SQL that aggregates events to the rows that `query_rows` reads: calls, callers, and the reach of the evidence.

The query reads the table once. It counts the same as `RowCounter`, and a test compares the results of both for the same
events. It returns only the columns of a row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from taskrole.errors import InputError, Place, Problem, quote
from taskrole.observe.dialects import ATHENA, LAKE, Dialect, sql_text
from taskrole.observe.event_actions import event_map
from taskrole.observe.event_rows import DENIED_CODES, ENCODED, SERVICE_HOST, SESSION_IN_MESSAGE, TASK_PATTERN
from taskrole.observe.filters import ALL, Filters
from taskrole.observe.recording import MOST_TASKS
from taskrole.observe.request_members import members_of, services_with_rules

DIALECTS = {"athena": ATHENA, "lake": LAKE}
DEFAULT_TABLES = {"athena": "cloudtrail_logs", "lake": "EVENT_DATA_STORE_ID"}
_TABLE = re.compile(r"[A-Za-z0-9_.-]{1,256}")

_KEY = ("family", "account", "region", "source", "name", "code", "message", "via", "resources", "request")

_CALLS = """\
  {select}
    COALESCE(eventid, '') AS event_id,
    COALESCE({time}, '') AS event_time,
    COALESCE(recipientaccountid, '') AS account,
    COALESCE(awsregion, '') AS region,
    COALESCE(eventsource, '') AS source,
    COALESCE(eventname, '') AS name,
    COALESCE(errorcode, '') AS code,
    CASE WHEN {is_denied} THEN {message} ELSE '' END AS message,
    CASE WHEN {is_service} THEN useridentity.invokedby ELSE '' END AS via,
    CASE
      WHEN useridentity.type <> 'AssumedRole' THEN ''
      WHEN useridentity.sessioncontext.sessionissuer.arn LIKE '%:role/%'
        THEN useridentity.sessioncontext.sessionissuer.arn
      WHEN useridentity.arn LIKE '%:assumed-role/%'
        THEN replace(split_part(useridentity.arn, ':assumed-role/', 1), ':sts:', ':iam:')
          || ':role/' || split_part(split_part(useridentity.arn, ':assumed-role/', 2), '/', 1)
      ELSE ''
    END AS role,
    COALESCE(
      NULLIF(regexp_extract(useridentity.arn, '/([^/]*)$', 1), ''),
      regexp_extract(useridentity.principalid, ':([^:]*)$', 1),
      ''
    ) AS session,
    COALESCE({resources}, '[]') AS resources,
    COALESCE({request}, '{{}}') AS request,
    CASE WHEN {is_data} THEN COALESCE(eventsource, '') ELSE '' END AS data_source,
    {started}
  FROM {table}
  WHERE eventsource IS NOT NULL AND eventname IS NOT NULL"""

_ROWS = """\
started AS (
  SELECT regexp_extract(task_arn, '[^/]+$') AS task, MIN(regexp_extract(definition_arn, {family}, 1)) AS family
  FROM ({started_rows} WHERE name IN ('RunTask', 'StartTask')) AS tasks
  WHERE {has_family}
  GROUP BY 1
),
named AS (
  SELECT calls.*,
    CASE WHEN {is_time} THEN event_time ELSE '' END AS known_time,
    CASE WHEN {is_task} THEN session ELSE '' END AS task,
    CASE WHEN {is_role} THEN COALESCE(role, '') ELSE '' END AS selected
  FROM calls
),
events AS (
  SELECT named.*, COALESCE(started.family, '') AS family
  FROM named LEFT JOIN started ON started.task = named.task
  WHERE {is_between}
),
counted AS (
  SELECT
    CASE WHEN GROUPING(name) = 0 THEN 'call' WHEN GROUPING(role) = 0 THEN 'caller' ELSE 'reach' END AS kind,
    COALESCE(selected, role) AS role, COALESCE(source, data_source) AS source,
    family, account, region, name, code, message, via, resources, request, task,
    COUNT(*) AS events, MIN(NULLIF(known_time, '')) AS first, MAX(known_time) AS last
  FROM events
  GROUP BY GROUPING SETS ((selected, {key}, task), (role, task), (account, region, data_source))
  HAVING NOT (GROUPING(name) = 0 AND selected = '') AND NOT (GROUPING(role) = 0 AND role = '')
)
SELECT
  kind,
  COALESCE(role, '') AS role,
  COALESCE(family, '') AS family,
  COALESCE(account, '') AS account,
  COALESCE(region, '') AS region,
  COALESCE(source, '') AS source,
  COALESCE(name, '') AS name,
  COALESCE(code, '') AS code,
  COALESCE(message, '') AS message,
  COALESCE(via, '') AS via,
  COALESCE(resources, '[]') AS resources,
  COALESCE(request, '{{}}') AS request,
  SUM(events) AS events,
  COALESCE(MIN(first), '') AS first,
  COALESCE(MAX(last), '') AS last,
  COALESCE({tasks}, '[]') AS tasks,
  COUNT(NULLIF(task, '')) AS task_count
FROM counted
GROUP BY kind, role, {key}"""


def query(name: str, table: str = "", filters: Filters = ALL) -> str:
    """Return the query for `athena` or `lake` that aggregates a table of events to rows.

    `table` is the Athena table, or the id of the event data store. Raises InputError for an invalid name.
    """
    table = table or DEFAULT_TABLES[name]
    if not _TABLE.fullmatch(table):
        raise InputError([Problem(Place("--table"), f"must be the name of a table; got {quote(table)}")])
    dialect = DIALECTS[name]
    notes = [
        "-- Aggregates CloudTrail events to calls of roles, for: taskrole observe RESULT.csv",
        "-- To scan less data, add conditions on the table's partitions, such as its days, to the first FROM.",
    ]
    source = ".".join(f'"{part}"' for part in table.split(".")) if name == "athena" else table
    return "\n".join([*notes, f"WITH calls AS (\n{calls_query(dialect, source)}\n),", rows_query(dialect, filters), ""])


def calls_query(dialect: Dialect, table: str) -> str:
    """Return the part of the query that reads the table, whose name is already SQL, event by event."""
    return _CALLS.format(
        select=dialect.select,
        time=dialect.time,
        is_denied=dialect.matches("errorcode", f"(?i){DENIED_CODES}"),
        message=dialect.replace(
            dialect.replace("COALESCE(errormessage, '')", SESSION_IN_MESSAGE, "$1"), f"(?is){ENCODED}", "$1"
        ),
        is_service=dialect.matches("useridentity.invokedby", f"^{SERVICE_HOST}$"),
        resources=dialect.resources,
        request=dialect.request(list(_cases())),
        is_data=dialect.is_data,
        started=dialect.started,
        table=table,
    )


def rows_query(dialect: Dialect, filters: Filters) -> str:
    """Return the part of the query that builds rows from `calls`."""
    return _ROWS.format(
        family=sql_text(":task-definition/([A-Za-z0-9_-]+):[0-9]+$"),
        started_rows=dialect.started_rows,
        has_family=dialect.matches("definition_arn", ":task-definition/([A-Za-z0-9_-]+):[0-9]+$"),
        is_time=dialect.matches("event_time", "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"),
        is_task=dialect.matches("session", f"^({TASK_PATTERN})$"),
        is_role=_is_role(filters.role),
        is_between=_is_between(filters),
        tasks=dialect.least("NULLIF(task, '')", MOST_TASKS),
        key=", ".join(_KEY),
    )


def _cases() -> Iterator[tuple[str, tuple[str, ...]]]:
    others: dict[str, list[str]] = {}
    for source, service in event_map()["event_sources"].items():
        others.setdefault(service, []).append(source)
    for service in services_with_rules():
        if members := members_of(service):
            yield from ((source, members) for source in (service, *others.get(service, ())))


def _is_role(role: str) -> str:
    if not role:
        return "TRUE"
    if ":" in role:
        return f"role = {sql_text(role)}"
    return f"regexp_extract(role, '[^/]+$') = {sql_text(role.rpartition('/')[2])}"


def _is_between(filters: Filters) -> str:
    bounds = [
        f"known_time {comparison} {sql_text(bound)}"
        for comparison, bound in ((">=", filters.since), ("<", filters.until))
        if bound
    ]
    return f"(known_time = '' OR ({' AND '.join(bounds)}))" if bounds else "TRUE"
