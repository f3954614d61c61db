"""The pydantic model of the `options` of a role: settings that its task definitions do not contain.

The model is made from the options that features declare (`taskrole.taskdef.option`) when options are first read, so a
roles.yaml without task definitions does not load their readers.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterable, Mapping
from functools import cache
from types import GenericAlias, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, PlainValidator, create_model
from pydantic_core import CoreSchema, core_schema

from taskrole.config.settings import Settings

if TYPE_CHECKING:
    from taskrole.taskdef import Options


class OptionsSchema:
    """Metadata of an annotation with the JSON Schema of the options model."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Return a reference to the JSON Schema of the model."""
        # Wrapped in a chain of one schema, since pydantic creates definitions only for inner schemas.
        return handler(core_schema.chain_schema([options_model().__pydantic_core_schema__]))


class TextForAll:
    """Metadata of the annotation of a mapping that can be given as a string, the value of `key`."""

    def __init__(self, key: str) -> None:
        self.key = key

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the schema of the mapping, which also accepts a string."""
        return core_schema.no_info_before_validator_function(self._as_mapping, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Return the JSON Schema of a mapping or a string."""
        return {"anyOf": [handler(schema), {"type": "string"}]}

    def _as_mapping(self, value: Any) -> Any:
        return {self.key: value} if isinstance(value, str) else value


def _validated(value: Any) -> Settings:
    return options_model().model_validate(value)


# Validated by the model, which is created for the first value; error locations are relative to the whole file.
LateOptions = Annotated[Any, PlainValidator(_validated), OptionsSchema()]


@cache
def options_model() -> type[Settings]:
    """Return the model of all options that features declare."""
    from taskrole.taskdef.features.registry import FEATURES
    from taskrole.taskdef.options import option_classes

    return options_model_of(option_classes(FEATURES))


def options_model_of(classes: Iterable[type]) -> type[Settings]:
    """Return the model of the options in these dataclasses."""
    fields = {name: field for kind in classes for name, field in _model_fields(kind).items()}
    doc = "Settings that task definitions do not contain. Every default is closed: it allows nothing more."
    return create_model("OptionsSettings", __base__=Settings, __doc__=doc, **fields)


def to_options(settings: Settings) -> Options:
    """Return a validated model as options for the derivation."""
    from taskrole.taskdef import Options

    options: Options = _frozen(settings, Options)
    return options


def _model_fields(kind: type) -> dict[str, Any]:
    """Return the fields of an options dataclass as arguments of pydantic's create_model."""
    hints = get_type_hints(kind)
    return {field.name: _model_field(field, hints[field.name]) for field in dataclasses.fields(kind)}


def _model_field(field: dataclasses.Field[Any], hint: Any) -> tuple[Any, Any]:
    annotation, description = _model_type(hint), field.metadata["description"]
    if field.metadata["key_for_all"]:
        annotation = Annotated[annotation, TextForAll(field.metadata["key_for_all"])]
    if dataclasses.is_dataclass(hint):
        return annotation, Field(default_factory=lambda: annotation.model_validate({}), description=description)
    if field.default_factory is not dataclasses.MISSING:
        return annotation, Field(default_factory=field.default_factory, description=description)
    if field.default == ():
        return annotation, Field(default_factory=list, description=description)
    return annotation, Field(field.default, description=description)


def _model_type(hint: Any) -> Any:
    """Return the YAML type of an option: lists for tuples, models for dataclasses."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is tuple:
        return GenericAlias(list, (_model_type(arguments[0]),))
    if origin is Mapping:
        return GenericAlias(dict, (str, _model_type(arguments[1])))
    if origin in (Union, UnionType):
        return Union[tuple(_model_type(argument) for argument in arguments)]  # noqa: UP007 -- made at run time
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _nested_model(hint)
    return hint


@cache
def _nested_model(kind: type) -> type[Settings]:
    fields = _model_fields(kind)
    return create_model(f"{kind.__name__}Settings", __base__=Settings, __doc__=inspect.getdoc(kind), **fields)


def _frozen(settings: Settings, kind: Any) -> Any:
    """Return the values of a model as a dataclass with the same fields."""
    hints = get_type_hints(kind)
    names = [field.name for field in dataclasses.fields(kind)]
    return kind(**{name: _frozen_value(getattr(settings, name), hints[name]) for name in names})


def _frozen_value(value: Any, hint: Any) -> Any:
    if isinstance(value, Settings):
        return _frozen(value, next(kind for kind in (hint, *get_args(hint)) if dataclasses.is_dataclass(kind)))
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, dict):
        return {key: _frozen_value(inner, None) for key, inner in value.items()}
    return value
