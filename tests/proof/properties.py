"""Properties of all task definitions: each is a function from a seed to its violations."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from taskrole.grant import Condition, Grant, condition_block, conditions_of
from taskrole.policy.documents.policy import Policy
from taskrole.policy.documents.statements import as_list, policy_document, policy_text, statements_of
from taskrole.policy.evaluation.evaluate import compile_policies
from tests.proof.agent import Needs, needs_of
from tests.proof.derived import ROLES, Roles, grants_of, policies_of, roles_of
from tests.proof.generated import Case, generate_case
from tests.proof.neighbours import Asked, requests_of
from tests.proof.wildcards import unasked_wildcards

MOST_REQUESTS = 3_000
# Several need more than one policy: more than 10,240 characters.
MANY_DOCUMENTS = 10


def needs_of_case(case: Case) -> Needs:
    """Return the calls of the tasks of a case."""
    return needs_of(case.documents, case.context, case.options, case.seed or 0)


def exactly_what_tasks_call(case: Case) -> Iterator[str]:
    """Every call is allowed; every neighbour of it is denied, unless another call extends to it."""
    return differences(needs_of_case(case), grants_of(case))


def differences(needs: Needs, grants: Iterable[Grant]) -> Iterator[str]:
    """Yield the calls that the policies of grants deny or allow wrongly.

    The requests are the calls, their neighbours, and all grants.
    """
    grants = tuple(grants)
    roles = roles_of(policies_of(grants))
    for asked in (*_all_requests(needs), *_granted(grants)):
        wanted = needs.cover(asked.role, asked.action, asked.resource, asked.context)
        if roles.allow(asked) != wanted:
            yield f"{'denied' if wanted else 'allowed'}: {asked}"


def wildcards_have_rules(case: Case) -> Iterator[str]:
    """No grant is wider than its rule."""
    policies = policies_of(grants_of(case))
    return unasked_wildcards(policy for role in ROLES for policy in policies[role])


def order_does_not_matter(case: Case) -> Iterator[str]:
    """Containers, volumes, secrets and keys in another order give the same bytes."""
    before = texts_of(policies_of(grants_of(case)))
    rng = random.Random(case.seed)
    shuffled = tuple(_shuffled(rng, document) for document in case.documents)
    documents = tuple(rng.sample(shuffled, len(shuffled)))
    after = texts_of(policies_of(grants_of(replace(case, documents=documents))))
    if before != after:
        yield f"{before} became {after}"


def containers_only_add(case: Case) -> Iterator[str]:
    """Another container removes no permission."""
    first, *others = case.documents
    larger = {**first, "containerDefinitions": [*first["containerDefinitions"], case.spare]}
    grown = replace(case, documents=(larger, *others))
    before, after = grants_of(case), grants_of(grown)
    for lost in sorted(permissions_of(before) - permissions_of(after)):
        yield f"lost: {lost}"
    small, large = roles_of(policies_of(before)), roles_of(policies_of(after))
    for asked in _all_requests(needs_of_case(case)):
        if small.allow(asked) and not large.allow(asked):
            yield f"lost: {asked}"


def documents_add_up(case: Case) -> Iterator[str]:
    """A role for several task definitions allows exactly what the roles for each of them allow."""
    together = permissions_of(grants_of(case))
    apart = [permissions_of(grants_of(replace(case, documents=(document,)))) for document in case.documents]
    for different in sorted(together ^ set().union(*apart)):
        yield f"{'gained' if different in together else 'lost'}: {different}"


def merging_keeps_permissions(case: Case) -> Iterator[str]:
    """Merged statements equal the grants, triple by triple and request by request."""
    grants = grants_of(case)
    policies = policies_of(grants)
    for different in sorted(permissions_of(grants) ^ _permissions_in(policies)):
        yield f"merged otherwise: {different}"
    merged, unmerged = roles_of(policies), _unmerged(grants)
    for asked in _cross_product(grants, random.Random(case.seed)):
        if merged.allow(asked) != unmerged.allow(asked):
            yield f"merged otherwise: {asked}"


def delivery_does_not_matter(case: Case) -> Iterator[str]:
    """Inline, managed and split policies allow the same."""
    grants = grants_of(case)
    managed = policies_of(grants, "managed")
    inline = policies_of(grants)
    for different in sorted(_permissions_in(managed) ^ _permissions_in(inline)):
        yield f"delivered otherwise: {different}"
    as_managed, as_inline = roles_of(managed), roles_of(inline)
    for asked in _cross_product(grants, random.Random(case.seed)):
        if as_managed.allow(asked) != as_inline.allow(asked):
            yield f"delivered otherwise: {asked}"


# Each with the number of task definitions of its cases.
PROPERTIES: Mapping[Callable[[Case], Iterator[str]], int] = {
    exactly_what_tasks_call: 1,
    wildcards_have_rules: 1,
    order_does_not_matter: 1,
    containers_only_add: 1,
    documents_add_up: 2,
    merging_keeps_permissions: 1,
    delivery_does_not_matter: MANY_DOCUMENTS,
}


def violations(name: Callable[[Case], Iterator[str]], seeds: Iterable[int]) -> list[str]:
    """Return the violations of a property with their seeds."""
    return [f"seed {seed}: {problem}" for seed in seeds for problem in name(generate_case(seed, PROPERTIES[name]))]


def texts_of(policies: Mapping[str, Sequence[Policy]]) -> dict[str, list[tuple[str, str, str]]]:
    """Return the written policies: names, kinds and texts."""
    return {
        role: [(policy.name, policy.kind, policy_text(policy.document)) for policy in policies[role]] for role in ROLES
    }


Permission = tuple[str, str, str, str, tuple[Condition, ...]]


def permissions_of(grants: Iterable[Grant]) -> set[Permission]:
    """Return each action on each resource under its conditions, without causes."""
    return {
        (grant.role, grant.effect, action, resource, tuple(sorted(grant.conditions)))
        for grant in grants
        for action in grant.actions
        for resource in grant.resources
    }


def _permissions_in(policies: Mapping[str, Sequence[Policy]]) -> set[Permission]:
    return {
        (role, statement["Effect"], action, resource, conditions_of(statement.get("Condition", {})))
        for role in ROLES
        for policy in policies[role]
        for statement in statements_of(policy.document)
        for action in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    }


def _all_requests(needs: Needs) -> Iterator[Asked]:
    seen = set()
    for need in needs.all:
        for asked in requests_of(need):
            key = (asked.role, asked.action, asked.resource, tuple(sorted(asked.context.items())))
            if key not in seen:
                seen.add(key)
                yield asked


def _granted(grants: Iterable[Grant]) -> Iterator[Asked]:
    for grant in grants:
        context = {key: values[0].replace("?", "a") for _, key, values in grant.conditions}
        for action, resource in itertools.product(grant.actions, grant.resources):
            yield Asked(grant.role, _concrete_action(action), _concrete(resource), context)


def _shuffled(rng: random.Random, value: Any) -> Any:
    """Return data with keys of objects and items of arrays in another order, at every depth."""
    if isinstance(value, dict):
        return {key: _shuffled(rng, value[key]) for key in rng.sample(list(value), len(value))}
    if isinstance(value, list):
        return [_shuffled(rng, item) for item in rng.sample(value, len(value))]
    return value


def _unmerged(grants: Iterable[Grant]) -> Roles:
    policies: dict[str, list[Policy]] = {role: [] for role in ROLES}
    for number, grant in enumerate(grants):
        condition = {"Condition": condition_block(grant.conditions)} if grant.conditions else {}
        statement = {"Effect": grant.effect, "Action": list(grant.actions), "Resource": list(grant.resources)}
        policies[grant.role].append(Policy(f"{number}", "inline", policy_document([{**statement, **condition}])))
    return Roles({role: compile_policies(role_policies) for role, role_policies in policies.items()})


def _cross_product(grants: Sequence[Grant], rng: random.Random) -> Iterator[Asked]:
    """Yield every action on every resource in every context of the grants; a random 3,000 if there are more."""
    actions = sorted({_concrete_action(action) for grant in grants for action in grant.actions})
    resources = sorted({_concrete(resource) for grant in grants for resource in grant.resources})
    blocks = {grant.conditions for grant in grants} | {()}
    contexts = [{key: values[0].replace("?", "a") for _, key, values in block} for block in sorted(blocks)]
    contexts.append({key: value for context in contexts for key, value in context.items()})
    product = (ROLES, actions, resources, contexts)
    total = len(ROLES) * len(actions) * len(resources) * len(contexts)
    if total <= MOST_REQUESTS:
        yield from (Asked(*parts) for parts in itertools.product(*product))
        return
    for _ in range(MOST_REQUESTS):
        yield Asked(*(rng.choice(values) for values in product))  # type: ignore[arg-type]


def _concrete_action(pattern: str) -> str:
    return pattern.replace("*", "Post")


def _concrete(pattern: str) -> str:
    escaped = {"${*}": "\1", "${?}": "\2", "${$}": "\3"}
    for text, mark in escaped.items():
        pattern = pattern.replace(text, mark)
    pattern = pattern.replace("*", "any/thing").replace("?", "a")
    return pattern.replace("\1", "*").replace("\2", "?").replace("\3", "$")
