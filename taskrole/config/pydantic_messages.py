"""Messages for pydantic's validation errors: location, rule, value and fix."""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from taskrole.config.backends.registry import BACKENDS
from taskrole.config.model import File
from taskrole.config.options_model import OptionsSchema, options_model
from taskrole.errors import Problem, quote
from taskrole.nearest import nearest
from taskrole.yaml_reader import Keys, Tree

_KINDS = {
    "string_type": "text",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "dict_type": "a mapping",
    "list_type": "a list",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}

# Keys that users know from other tools.
_HINTS = {
    **{key: fix for backend in BACKENDS.values() for key, fix in backend.hints.items()},
    "assume_role_policy": "use trust or trust_policy",
    "managed_policy_arns": "use managed_policies, with names or ARNs",
    "inline_policy": "use statements or inline_policies",
    "name": "the key of the role is its name; use name_prefix for a name with a random suffix",
    "profile": "credentials are read from the environment; set AWS_PROFILE",
}


def problems_of(error: ValidationError, tree: Tree, model: type[BaseModel] = File) -> Iterable[Problem]:
    """Yield a problem for each pydantic error on a model of the whole file, with its location in the file."""
    for detail in error.errors(include_url=False, include_context=True):
        keys = _keys_in(tree.data, detail["loc"])
        yield Problem(tree.place(keys), _message(detail, keys, tree, model))


def _keys_in(data: Any, location: tuple[int | str, ...]) -> Keys:
    """Return pydantic's location without the tags of unions and `[key]`, which are not keys of the data."""
    keys: list[int | str] = []
    for part in location:
        inside = part in data if isinstance(data, Mapping) else isinstance(part, int) and isinstance(data, list)
        if inside:
            keys.append(part)
            data = data[part]
    return tuple(keys)


def _message(detail: Any, keys: Keys, tree: Tree, model: type[BaseModel]) -> str:  # noqa: PLR0911 -- a table of cases
    kind, location, value = detail["type"], detail["loc"], detail["input"]
    if kind == "rule":
        return str(detail["ctx"]["problem"])
    if kind == "missing":
        return f"must have the key {location[-1]}"
    if kind == "extra_forbidden":
        return unknown_key(str(location[-1]), _fields_at(location[:-1], model))
    if kind in ("literal_error", "union_tag_invalid", "union_tag_not_found"):
        return _not_one_of(detail, value)
    if kind in _KINDS:
        return _wrong_type(kind, value, tree.source_texts.get(keys))
    if kind == "too_short":
        return f"must not be empty; got {quote(value)}"
    if kind in ("string_too_short", "string_too_long"):
        context = detail["ctx"]
        bound = f"at least {context['min_length']}" if "min_length" in context else f"at most {context['max_length']}"
        return f"must have {bound} characters; got {len(value)}: {quote(value)}"
    if kind == "string_pattern_mismatch":
        return f"must match {detail['ctx']['pattern']}; got {quote(value)}"
    return f"{detail['msg'][:1].lower()}{detail['msg'][1:]}; got {quote(value)}"


def unknown_key(key: str, known: Iterable[str]) -> str:
    """Return the message on an unknown key, with the most similar known key, or all known keys."""
    known = sorted(known)
    if key in _HINTS:
        return f"unknown key {quote(key)}; {_HINTS[key]}"
    near = nearest(key.lower(), known)
    if near:
        return f"unknown key {quote(key)}; did you mean {near[0]}?"
    return f"unknown key {quote(key)}; known are {', '.join(known)}"


def _not_one_of(detail: Any, value: Any) -> str:
    context = detail["ctx"]
    allowed = context.get("expected") or context.get("expected_tags")
    if allowed is None:
        *names, last = BACKENDS
        return f"must have the key {context['discriminator'].strip(chr(39))}: {', '.join(names)} or {last}"
    if detail["type"] == "union_tag_invalid":
        value = context["tag"]
    return f"must be {str(allowed).replace(chr(39), '')}; got {quote(value)}"


def _wrong_type(kind: str, value: Any, source: str | None) -> str:
    got = quote(source or value) if not isinstance(value, (dict, list)) else _kind_name(value)
    message = f"must be {_KINDS[kind]}; got {got if value is not None else 'nothing'}"
    if kind == "string_type" and source and not isinstance(value, (dict, list)):
        return f'{message}, which YAML reads as {_kind_name(value)}; write "{source}"'
    return message


def _kind_name(value: Any) -> str:
    names = {bool: "true or false", int: "a number", float: "a number", dict: "a mapping", list: "a list", str: "text"}
    return names.get(type(value), "nothing")


def _fields_at(location: tuple[int | str, ...], model: type[BaseModel]) -> set[str]:
    """Return the keys of the model at a location."""
    arms = _arms(model)
    for part in location:
        stepped = [following for arm in arms for following in _step(arm, part)]
        arms = stepped or [arm for arm in arms if _has_tag(arm, part)] or arms
    models = [arm for arm in arms if isinstance(arm, type) and issubclass(arm, BaseModel)]
    return {field.alias or name for model in models for name, field in model.model_fields.items()}


def _arms(annotation: Any) -> list[Any]:
    """Return the alternatives of an annotation, without Annotated, Union and None."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *metadata = get_args(annotation)
        return _arms(options_model() if any(isinstance(item, OptionsSchema) for item in metadata) else inner)
    if origin in (Union, types.UnionType):
        return [arm for part in get_args(annotation) for arm in _arms(part)]
    return [] if annotation is type(None) else [annotation]


def _step(arm: Any, part: int | str) -> list[Any]:
    if get_origin(arm) is dict:
        return _arms(get_args(arm)[1])
    if get_origin(arm) is list:
        return _arms(get_args(arm)[0]) if isinstance(part, int) else []
    if isinstance(arm, type) and issubclass(arm, BaseModel):
        for name, field in arm.model_fields.items():
            if (field.alias or name) == part:
                return _arms(field.annotation)
    return []


def _has_tag(arm: Any, tag: int | str) -> bool:
    if not (isinstance(arm, type) and issubclass(arm, BaseModel)):
        return False
    kind = arm.model_fields.get("type")
    return kind is not None and get_origin(kind.annotation) is Literal and tag in get_args(kind.annotation)
