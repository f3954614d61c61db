"""Derives wrong task definitions, and checks what must hold for all of them."""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Iterable, Iterator
from typing import Any

from taskrole.arns import Context
from taskrole.errors import TaskroleError, printable
from taskrole.finding import Finding
from taskrole.output.lines import finding_line
from taskrole.policy.documents.policy import Policy
from taskrole.policy.documents.statements import policy_text
from taskrole.render.derivation_json import derivation_json
from taskrole.taskdef import Derivation, TaskDocument, derive
from taskrole.taskdef.json_text import parse_json
from taskrole.taskdef.read import parse_documents
from tests.proof.agent import needs_of
from tests.proof.derived import ROLES, policies_of
from tests.proof.generated import Case, generate_case
from tests.proof.mutations import MARK, mutate
from tests.proof.outcomes import Outcomes
from tests.proof.properties import differences
from tests.proof.wildcards import unasked_wildcards

LONGEST = 5.0  # seconds of processor time for one document: more is a way to stop a service
COMPARED = 5  # every fifth is compared with the calls of its tasks, which takes longest

# Actions on ARNs of another service.
_SERVICES = {"sts": "iam", "kafka-cluster": "kafka"}
_ACTION = re.compile(r"[a-z0-9-]+:[A-Za-z]+")
_ARN = re.compile(r"arn:(?P<partition>[a-z-]+):(?P<service>[a-z0-9]+):([a-z0-9-]*|\*):([0-9]{12}|\*|):.+", re.DOTALL)


def fuzz(seeds: Iterable[int]) -> Outcomes:
    """Return the outcomes of a wrong document for each seed."""
    outcomes = Outcomes()
    for seed in seeds:
        rng = random.Random(f"mutation {seed}")
        case = generate_case(seed)
        text = mutate(case, rng)
        begin = time.process_time()
        try:
            end, wrong = outcome(text, case, is_compared=seed % COMPARED == 0)
        except Exception as error:  # noqa: BLE001 -- that is what is looked for
            end, wrong = "traceback", [f"{type(error).__name__}: {error}"]
        seconds = time.process_time() - begin
        if seconds > LONGEST:
            wrong.append(f"took {seconds:.1f} s")
        outcomes.slowest = max(outcomes.slowest, seconds)
        outcomes.ends[end] += 1
        outcomes.wrong += [f"seed {seed}: {problem}" for problem in wrong]
    return outcomes


def outcome(text: bytes, case: Case, *, is_compared: bool = True) -> tuple[str, list[str]]:
    """Return the outcome of a document with the context and options of a case, and what is wrong about it."""
    try:
        data = parse_json(text, "fuzz.json")
        documents = parse_documents(data, "fuzz.json")
        derivation = derive(documents, case.context, case.options)
        policies = policies_of(derivation.grants)
    except TaskroleError as error:
        return "refused", [f"not one line each: {error}"] if printable_lines(str(error)) else []
    wrong = [*wrong_grants(derivation, case.context), *wrong_findings(derivation, documents, data)]
    wrong += [problem for role in ROLES for problem in _wrong_policies(policies[role], text, case)]
    derivation_json(derivation, ())
    if any(finding.severity == "error" for finding in derivation.findings):
        return "findings", wrong
    if not is_compared:
        return "policies", wrong
    try:
        whole = [{"containerDefinitions": root} if isinstance(root, list) else root for root in _roots(data)]
        needs = needs_of(whole, case.context, case.options)
    except (AttributeError, KeyError, TypeError, ValueError, IndexError):
        return "policies, beyond the oracle", wrong
    return "policies, compared", [*wrong, *differences(needs, derivation.grants)]


def printable_lines(text: str) -> bool:
    """Return whether a message contains control characters."""
    return any(line != printable(line) or not line.strip() for line in text.split("\n"))


def wrong_grants(derivation: Derivation, context: Context) -> Iterator[str]:
    """Yield what is wrong about the grants."""
    partition = context.partition
    for grant in derivation.grants:
        for text in (
            *grant.resources,
            *grant.actions,
            *(value for _, key, values in grant.conditions for value in values),
        ):
            if MARK in text or re.search(r"X{4,}", text):
                yield f"placeholder in {text!r}"
            if re.search(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]", text):
                yield f"control character in {text!r}"
        for resource in grant.resources:
            arn = _ARN.fullmatch(resource)
            if resource != "*" and (arn is None or arn["partition"] != partition):
                yield f"no ARN of {partition}: {resource!r}"
            prefixes = {action.partition(":")[0] for action in grant.actions}
            services = {_SERVICES.get(prefix, prefix) for prefix in prefixes}
            if arn and services != {arn["service"]}:
                yield f"{grant.actions} on {resource!r}"
        if any(not _ACTION.fullmatch(action) for action in grant.actions) or not grant.actions or not grant.resources:
            yield f"no actions: {grant}"
        if grant.because != printable(grant.because):
            yield f"unprintable: {grant.because!r}"


def _wrong_policies(policies: Iterable[Policy], text: bytes, case: Case) -> Iterator[str]:
    policies = tuple(policies)
    yield from (f"too wide: {unasked_wildcard}" for unasked_wildcard in unasked_wildcards(policies))
    is_latin = not re.search(rb"\\u(?!00)", text) and text.isascii()
    for policy in policies:
        policy_text(policy.document).encode("latin-1")
        for resource in re.findall(r'"(arn:[^"]*)"', json.dumps(policy.document)):
            plain = re.sub(r"\$\{[*?$]\}|-\?{6}$", "", resource)
            if "?" in plain and is_latin:
                yield f"? in {resource}"
            name = plain.split(":", 5)[5]
            # A pattern for a variable in the name of a stream needs no consent.
            if "*" in name.partition(":log-stream:")[0].rstrip("*") and not case.options.firelens.templated_values:
                yield f"* in {resource}"


def wrong_findings(derivation: Derivation, documents: list[TaskDocument], data: Any) -> Iterator[str]:
    """Yield useless findings: without an existing field, or without a message in one line."""
    roots = {document.file: root for document, root in zip(documents, _roots(data), strict=True)}
    for finding in derivation.findings:
        line = finding_line(finding)
        if line != printable(line) or not finding.message.strip():
            yield f"unprintable: {line!r}"
        root = roots.get(finding.file, next(iter(roots.values())))
        if not names_field(finding, root):
            yield f"no field: {finding}"


def _roots(data: Any) -> list[Any]:
    """Return the task definitions in data, in an array or in arrays of arrays, without what wraps them.

    An array of container definitions is a task definition whose pointers begin with the index of a container.
    """
    if isinstance(data, list) and all(isinstance(entry, dict) and _is_container(entry) for entry in data):
        return [data]
    if isinstance(data, list):
        return [root for entry in data for root in _roots(entry)]
    return [data["taskDefinition"] if isinstance(data, dict) and isinstance(data.get("taskDefinition"), dict) else data]


def _is_container(data: dict[str, Any]) -> bool:
    return "name" in data and "image" in data and "containerDefinitions" not in data


def names_field(finding: Finding, root: Any) -> bool:
    """Return whether a finding names a field of the document, a missing member of one, or an option."""
    if finding.source.startswith("options:/") or finding.source == "":
        return finding.severity != "error" or finding.source != ""
    *steps, last = (step.replace("~1", "/").replace("~0", "~") for step in finding.source.split("/")[1:])
    for step in steps:
        if isinstance(root, list) and step.isdigit() and int(step) < len(root):
            root = root[int(step)]
        elif isinstance(root, dict) and step in root:
            root = root[step]
        elif root is None or isinstance(root, dict):
            # Two steps that are both missing: /authorizationConfig/credentialsParameter of an object without either.
            return step in _MAY_BE_MISSING
        else:
            return False
    return bool(last)


_MAY_BE_MISSING = ("authorizationConfig", "options", "logConfiguration", "runtimePlatform")
