"""A faster `dataclass` for frozen classes, which takes a quarter of the standard library's time.

Before Python 3.13, the standard library compiles up to ten functions per class, which took 40 % of the time of a small
`review`. This module compiles only `__init__`; the other functions are closures over the field names. The standard
library creates classes that are not frozen or have slots; frozen ones with slots get a faster `__init__`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter, ge, gt, le, lt
from reprlib import recursive_repr
from types import MappingProxyType, MemberDescriptorType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # noqa: PLC0414 -- exported
else:

    def dataclass(cls: type | None = None, /, **options: bool) -> Any:
        """Return a class as `dataclasses.dataclass` returns it, with the same options and errors."""
        if cls is None:
            return lambda cls: dataclass(cls, **options)
        if not options.get("frozen") or not _FAST_OPTIONS.issuperset(options):
            made = dataclasses.dataclass(cls, **options)
            return _slotted(made) if options.get("frozen") and options.get("slots") else made
        return _frozen(cls, **options)


_FAST_OPTIONS = frozenset({"frozen", "eq", "order"})
_NO_SLOTS: Mapping[str, Any] = MappingProxyType({})
_FACTORY = object()  # The default of an argument whose field has a factory.


def _frozen(cls: type, *, frozen: bool, eq: bool = True, order: bool = False) -> type:  # noqa: ARG001 -- always true
    if cls.__doc__ is None:
        cls.__doc__ = cls.__name__  # Otherwise, the standard library inspects the signature.
    # Collects and checks the fields; without `frozen`, unless a base requires it, no function is compiled.
    is_derived = any(hasattr(base, "__dataclass_fields__") for base in cls.__mro__[1:])
    dataclasses.dataclass(init=False, repr=False, eq=False, frozen=is_derived)(cls)
    cls.__dataclass_params__.frozen = True  # type: ignore[attr-defined]
    fields = dataclasses.fields(cls)
    names = frozenset(field.name for field in fields)
    methods: dict[str, Any] = {
        "__init__": _init(cls, fields),
        "__repr__": _repr([field.name for field in fields if field.repr]),
        "__setattr__": _refusal("assign to", cls, names),
        "__delattr__": _refusal("delete", cls, names),
    }
    if eq:
        methods["__eq__"] = _eq(_values_of(field.name for field in fields if field.compare))
        hashed = (field.name for field in fields if (field.compare if field.hash is None else field.hash))
        methods["__hash__"] = _hash(_values_of(hashed))
    if order:
        values_of = _values_of(field.name for field in fields if field.compare)
        methods |= {f"__{compare.__name__}__": _comparison(compare, values_of) for compare in (lt, le, gt, ge)}
    for name, method in methods.items():
        # Python itself sets the hash to None beside an __eq__.
        if cls.__dict__.get(name) is None:
            method.__qualname__ = f"{cls.__qualname__}.{name}"
            setattr(cls, name, method)
    return cls


def _slotted(cls: type) -> type:
    """Return a frozen class of the standard library whose `__init__` sets its slots directly, in half of the time."""
    fields = dataclasses.fields(cls)
    slots = {field.name: getattr(cls, field.name, None) for field in fields}
    if all(isinstance(slot, MemberDescriptorType) for slot in slots.values()):
        init = _init(cls, fields, slots)
        init.__qualname__ = f"{cls.__qualname__}.__init__"
        cls.__init__ = init  # type: ignore[misc]
    return cls


def _init(cls: type, fields: Iterable[dataclasses.Field[Any]], slots: Mapping[str, Any] = _NO_SLOTS) -> Any:
    """Return a compiled `__init__`, because it runs for many thousands of instances."""
    scope: dict[str, Any] = {"_set": object.__setattr__, "_FACTORY": _FACTORY, "__name__": cls.__module__}
    scope |= {f"_set_{name}": slot.__set__ for name, slot in slots.items()}
    arguments, body = ["self"], []
    for field in sorted(fields, key=attrgetter("kw_only")):
        name, value = field.name, field.name
        if field.kw_only and "*" not in arguments:
            arguments.append("*")
        if field.default_factory is not dataclasses.MISSING:
            scope[f"_make_{name}"] = field.default_factory
            value = f"_make_{name}() if {name} is _FACTORY else {name}"
            arguments.append(f"{name}=_FACTORY")
        elif field.default is not dataclasses.MISSING:
            scope[f"_default_{name}"] = field.default
            arguments.append(f"{name}=_default_{name}")
        elif "=" in arguments[-1] and not field.kw_only:
            raise TypeError(f"non-default argument {name!r} follows default argument")
        else:
            arguments.append(name)
        body.append(f" _set_{name}(self, {value})" if name in slots else f" _set(self, {name!r}, {value})")
    if hasattr(cls, "__post_init__"):
        body.append(" self.__post_init__()")
    source = "\n".join([f"def __init__({', '.join(arguments)}):", *(body or [" pass"])])
    exec(source, scope)  # noqa: S102 -- made of identifiers alone, as the standard library does
    scope["__init__"].__annotations__ = {**{field.name: field.type for field in fields}, "return": None}
    return scope["__init__"]


def _values_of(names: Iterable[str]) -> Callable[[Any], tuple[Any, ...]]:
    """Return a function that returns the values of an instance's fields as a tuple."""
    names = tuple(names)
    if len(names) > 1:
        return attrgetter(*names)
    return lambda instance: tuple(getattr(instance, name) for name in names)


def _eq(values_of: Callable[[Any], tuple[Any, ...]]) -> Any:
    def equal(self: Any, other: Any) -> Any:
        if other.__class__ is self.__class__:
            return values_of(self) == values_of(other)
        return NotImplemented

    return equal


def _hash(values_of: Callable[[Any], tuple[Any, ...]]) -> Any:
    def hash_(self: Any) -> int:
        return hash(values_of(self))

    return hash_


def _comparison(compare: Callable[[Any, Any], Any], values_of: Callable[[Any], tuple[Any, ...]]) -> Any:
    def comparison(self: Any, other: Any) -> Any:
        if other.__class__ is self.__class__:
            return compare(values_of(self), values_of(other))
        return NotImplemented

    return comparison


def _repr(names: Iterable[str]) -> Any:
    @recursive_repr()
    def representation(self: Any) -> str:
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{self.__class__.__qualname__}({fields})"

    return representation


def _refusal(what: str, cls: type, names: frozenset[str]) -> Any:
    def refuse(self: Any, name: str, *value: Any) -> None:
        if type(self) is cls or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot {what} field {name!r}")
        getattr(super(cls, self), "__setattr__" if value else "__delattr__")(name, *value)

    return refuse
