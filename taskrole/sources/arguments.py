"""The sources of a role on the command line: a whole role, or its policies one by one.

live:NAME               the role with this name in the account
plan:FILE[#ADDRESS]     a role after a plan, in the format of `terraform show -json`
stack:STACK[/ROLE]      a role of roles.yaml
FILE.json               a policy document, or several
AmazonS3ReadOnlyAccess  an AWS managed policy, by name, with or without its path, or by ARN
trust:FILE.json         the trust policy
boundary:…              the permissions boundary: a file or an AWS managed policy
ARN=FILE.json           the document of a customer managed policy of a whole role
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field, replace
from pathlib import Path

from taskrole.arns import parse_policy_arn
from taskrole.dataclass import dataclass
from taskrole.errors import BadValueError, InputError, Place, Problem, quote
from taskrole.policy.catalogue.managed import managed_policy, nearest_managed_policy
from taskrole.policy.documents.policy import Policy
from taskrole.policy.documents.statements import Document
from taskrole.policy.effective_role import EffectiveRole
from taskrole.reading import is_file
from taskrole.sources.policy_files import read_policies, read_policy

WHOLE = ("live", "plan", "stack")
_PARTS = ("trust", "boundary")


@dataclass(frozen=True)
class Parts:
    """The parsed sources of a role: at most one whole role, as (scheme, rest), and its separately given parts."""

    option: str
    whole: tuple[str, str] | None = None
    policies: tuple[Policy, ...] = ()
    trust: Document | None = None
    boundary: Document | None = None
    documents: dict[str, Document] = field(default_factory=dict)
    title: str = ""


def read_parts(texts: Sequence[str], option: str) -> Parts:
    """Return the parsed sources; all files except those of whole roles are read. `option` is for messages.

    Raises InputError with all problems.
    """
    parts = Parts(option)
    problems: list[Problem] = []
    for text in texts:
        try:
            parts = _with(parts, text)
        except InputError as error:  # noqa: PERF203 -- one source wrong, the others still read
            problems += error.problems
        except ValueError as error:
            problems.append(Problem(Place(option), f"got {quote(text)}, which {error}"))
    if problems:
        raise InputError(problems)
    return replace(parts, title=", ".join(policy.name for policy in parts.policies))


def role_of_parts(parts: Parts) -> EffectiveRole:
    """Return the role that consists of the given policies."""
    problem = "" if parts.trust else f"no trust policy is given; add {parts.option} trust:FILE"
    return EffectiveRole(parts.title, parts.policies, (), parts.boundary, "", parts.trust, problem)


def with_parts(role: EffectiveRole, parts: Parts) -> EffectiveRole:
    """Return a whole role with the given parts, which replace its own trust policy and boundary."""
    return replace(
        role,
        policies=(*role.policies, *parts.policies),
        boundary=parts.boundary or role.boundary,
        boundary_problem="" if parts.boundary else role.boundary_problem,
        trust=parts.trust or role.trust,
        trust_problem="" if parts.trust else role.trust_problem,
    )


def _with(parts: Parts, text: str) -> Parts:
    scheme, colon, rest = text.partition(":")
    if colon and scheme in WHOLE:
        if parts.whole:
            raise BadValueError(f"names a second role beside {parts.whole[0]}:{parts.whole[1]}")
        if not rest:
            raise BadValueError(f"must name a role after {scheme}:")
        return replace(parts, whole=(scheme, rest))
    if colon and scheme in _PARTS:
        if getattr(parts, scheme) is not None:
            raise BadValueError(f"is a second {scheme}")
        if scheme == "trust":
            return replace(parts, trust=read_policy(Path(rest)))
        return replace(parts, boundary=_one(rest))
    arn, equals, file = text.partition("=")
    if equals and arn.startswith("arn:"):
        return replace(parts, documents={**parts.documents, str(parse_policy_arn(arn)): read_policy(Path(file))})
    return replace(parts, policies=(*parts.policies, *_policies(text)))


def _one(text: str) -> Document:
    documents = [policy.document for policy in _policies(text)]
    if len(documents) != 1:
        raise BadValueError(f"must be one policy, not {len(documents)}")
    return documents[0]


def _policies(text: str) -> Iterator[Policy]:
    if _is_file(text):
        yield from (Policy(name, "inline", document) for name, document in read_policies(Path(text)).items())
        return
    managed = managed_policy(text)
    if managed is None:
        if text.startswith("arn:"):
            raise BadValueError(
                "is not in the snapshot of AWS managed policies; give a customer managed policy as a file"
            )
        near = nearest_managed_policy(text)
        hint = f"; did you mean {near}?" if near else ""
        raise BadValueError(f"is neither a file nor an AWS managed policy{hint}")
    yield Policy(managed.name, "managed", managed.document)


def _is_file(text: str) -> bool:
    if text.endswith(".json") or "\0" in text:
        return True
    return is_file(text)
