"""What a construct can learn of its app: its tokens resolved, and the place and references of the app's resources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from taskrole.arns import ACCOUNT, Context
from taskrole.errors import InputError, Place, Problem
from taskrole.taskdef import resolve_context
from taskrole_cdktf.engine import (
    AwsProvider,
    Construct,
    DefaultTokenResolver,
    StringConcat,
    TerraformDataSource,
    TerraformResource,
    TerraformStack,
    Token,
    Tokenization,
)
from taskrole_cdktf.known_options import KnownOptions, key_argument, key_option


def without_tokens(scope: Construct, value: Any) -> Any:
    """Return data with the expression for each CDKTF token in it, such as `${aws_ecr_repository.web.arn}`."""
    return Tokenization.resolve(value, scope=scope, preparing=False, resolver=DefaultTokenResolver(StringConcat()))


class AppResources:
    """The resources of the app that a construct is in, by their Terraform addresses.

    `place` is where the construct's stack is: what is given, and otherwise what the stack's AWS provider says. Raises
    InputError where neither has a region and account, or a value is wrong.
    """

    def __init__(
        self,
        scope: Construct,
        *,
        region: str | None = None,
        account: str | None = None,
        partition: str | None = None,
    ) -> None:
        self._stack = TerraformStack.of(scope)
        self._root = scope.node.root
        provider = _default_provider(self._stack)
        values = {"region": region or _region(provider), "account": account or _account(provider)}
        missing = [
            Problem(Place(scope.node.path, path=name), f"is not known; pass {name}=, or {way}")
            for name, way in (
                ("region", "set region of the stack's AwsProvider"),
                ("account", "name one account in allowed_account_ids of the stack's AwsProvider"),
            )
            if not values[name]
        ]
        if missing:
            raise InputError(missing)
        self.place = resolve_context([], partition=partition, **values)

    def place_of(self, address: str) -> Context:
        """Return where the resource at an address is: where its provider is, as far as that says so."""
        found = self._find(address)
        if found is None:
            return self.place
        provider = found.provider or _default_provider(TerraformStack.of(found))
        region, account = _region(provider) or self.place.region, _account(provider) or self.place.account
        return Context(self.place.partition, region, account)

    def expression_of(self, address: str, attribute: str) -> str:
        """Return what refers to an attribute: an expression, or a token where the resource is in another stack."""
        found = self._find(address)
        if found is None or address in self._own:
            return f"${{{address}.{attribute}}}"
        return str(found.get_string_attribute(attribute))

    def known_options(self, types: Mapping[str, str]) -> KnownOptions:
        """Return what the app knows about resources, given by address with their Terraform types."""
        known = KnownOptions()
        for address, type_ in types.items():
            found, argument = self._find(address), key_argument(type_)
            if found is None or isinstance(found, TerraformDataSource):
                continue
            if argument:
                key = without_tokens(found, getattr(found, argument))
                for entry in key_option(type_, address, key):
                    if isinstance(entry, str):
                        known.warnings.append(entry)
                    else:
                        known.kms_keys[entry[0]] = entry[1]
            elif type_ == "aws_s3_bucket":
                known.bucket_owners[f"${{{address}.bucket}}"] = self.place_of(address).account or ""
        return known

    def _find(self, address: str) -> Any:
        """Return the resource at an address in this stack, or else in the only other one that has it, or None.

        Raises InputError where several others have it.
        """
        if address in self._own:
            return self._own[address]
        found = [resource for other, resource in self._others if other == address]
        if len(found) > 1:
            message = f"{address} is in several other stacks; pass an ARN instead of a reference"
            raise InputError([Problem(Place(self._stack.node.path), message)])
        return found[0] if found else None

    @cached_property
    def _own(self) -> dict[str, Any]:
        return dict(_resources(self._stack))

    @cached_property
    def _others(self) -> list[tuple[str, Any]]:
        own = self._stack.node.path
        stacks = [one for one in self._root.node.find_all() if isinstance(one, TerraformStack)]
        return [named for stack in stacks if stack.node.path != own for named in _resources(stack)]


def _resources(stack: Any) -> Iterator[tuple[str, Any]]:
    """Yield the resources and data sources of a stack with their addresses."""
    for element in stack.node.find_all():
        if isinstance(element, (TerraformResource, TerraformDataSource)):
            kind = "data." if isinstance(element, TerraformDataSource) else ""
            yield f"{kind}{element.terraform_resource_type}.{element.friendly_unique_id}", element


def _default_provider(stack: Any) -> Any:
    providers = (one for one in stack.node.find_all() if isinstance(one, AwsProvider))
    return next((one for one in providers if one.alias is None), None)


def _region(provider: Any) -> str | None:
    region = getattr(provider, "region", None)
    return region if region and not Token.is_unresolved(region) else None


def _account(provider: Any) -> str | None:
    accounts = getattr(provider, "allowed_account_ids", None) or []
    return accounts[0] if len(accounts) == 1 and ACCOUNT.fullmatch(accounts[0]) else None
