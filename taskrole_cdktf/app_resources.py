"""Resolves the tokens of an app, and looks up its resources: their region, account and references."""

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
    """The resources of a construct's app, by Terraform address.

    `place` is the region and account of the construct's stack: as given, otherwise those of the stack's AWS provider.
    Raises InputError if neither sets them, or a value is invalid.
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
            Problem(Place(scope.node.path, path=name), f"is not known; pass {name}=, or {setting}")
            for name, setting in (
                ("region", "set region of the stack's AwsProvider"),
                ("account", "name one account in allowed_account_ids of the stack's AwsProvider"),
            )
            if not values[name]
        ]
        if missing:
            raise InputError(missing)
        self.place = resolve_context([], partition=partition, **values)

    def place_of(self, address: str) -> Context:
        """Return the region and account of the resource at an address: its provider's, otherwise the stack's."""
        resource = self._find(address)
        if resource is None:
            return self.place
        provider = resource.provider or _default_provider(TerraformStack.of(resource))
        region, account = _region(provider) or self.place.region, _account(provider) or self.place.account
        return Context(self.place.partition, region, account)

    def expression_of(self, address: str, attribute: str) -> str:
        """Return a reference to an attribute: an expression, or a token if the resource is in another stack."""
        resource = self._find(address)
        if resource is None or address in self._own:
            return f"${{{address}.{attribute}}}"
        return str(resource.get_string_attribute(attribute))

    def known_options(self, types: Mapping[str, str]) -> KnownOptions:
        """Return the options that follow from resources of the app; `types` are their Terraform types, by address."""
        known = KnownOptions()
        for address, type_ in types.items():
            resource, argument = self._find(address), key_argument(type_)
            if resource is None or isinstance(resource, TerraformDataSource):
                continue
            if argument:
                key = without_tokens(resource, getattr(resource, argument))
                for entry in key_option(type_, address, key):
                    if isinstance(entry, str):
                        known.warnings.append(entry)
                    else:
                        known.kms_keys[entry[0]] = entry[1]
            elif type_ == "aws_s3_bucket":
                known.bucket_owners[f"${{{address}.bucket}}"] = self.place_of(address).account or ""
        return known

    def _find(self, address: str) -> Any:
        """Return the resource at an address in this stack, or in the only other stack that has it, or None.

        Raises InputError if several other stacks have it.
        """
        if address in self._own:
            return self._own[address]
        matches = [resource for other, resource in self._others if other == address]
        if len(matches) > 1:
            message = f"{address} is in several other stacks; pass an ARN instead of a reference"
            raise InputError([Problem(Place(self._stack.node.path), message)])
        return matches[0] if matches else None

    @cached_property
    def _own(self) -> dict[str, Any]:
        return dict(_resources(self._stack))

    @cached_property
    def _others(self) -> list[tuple[str, Any]]:
        own = self._stack.node.path
        stacks = [construct for construct in self._root.node.find_all() if isinstance(construct, TerraformStack)]
        return [resource for stack in stacks if stack.node.path != own for resource in _resources(stack)]


def _resources(stack: Any) -> Iterator[tuple[str, Any]]:
    """Yield the resources and data sources of a stack with their addresses."""
    for element in stack.node.find_all():
        if isinstance(element, (TerraformResource, TerraformDataSource)):
            kind = "data." if isinstance(element, TerraformDataSource) else ""
            yield f"{kind}{element.terraform_resource_type}.{element.friendly_unique_id}", element


def _default_provider(stack: Any) -> Any:
    providers = (construct for construct in stack.node.find_all() if isinstance(construct, AwsProvider))
    return next((provider for provider in providers if provider.alias is None), None)


def _region(provider: Any) -> str | None:
    region = getattr(provider, "region", None)
    return region if region and not Token.is_unresolved(region) else None


def _account(provider: Any) -> str | None:
    accounts = getattr(provider, "allowed_account_ids", None) or []
    return accounts[0] if len(accounts) == 1 and ACCOUNT.fullmatch(accounts[0]) else None
