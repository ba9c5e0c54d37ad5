"""The base of every record, ids, and the codec between records and plain values.

Owns: what all records have in common, id making, conversion of single fields to and from plain values.
Refuses: knowledge of any one kind of record.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from editor_core.timing import MAX_TICKS

Ticks = Annotated[int, Meta(ge=0, le=MAX_TICKS)]
"""A time or length from 0 to about 147 days: what JSON and replicas carry exactly."""

_ALPHABET = string.digits + string.ascii_letters
_ID_LENGTH = 11

R = TypeVar("R", bound="Record")
_SIMPLE = (str, int, float, type(None))
"""Values that are themselves, however they are converted. Others are written out where they are made anew, though they be the default."""


class SchemaError(ValueError):
    """A record or a field that does not fit its declaration; the message names both."""


class Record(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """An immutable, typed value with an id. `deleted` is a flag, so that undo and merge can bring the whole thing back.

    Records hold nothing that could lead back to them, so the garbage collector need not visit them (`gc=False`): with thousands
    of clips its pauses would show in every edit.
    """

    id: str
    deleted: bool = False

    @property
    def kind_name(self) -> str:
        """The record's type tag as stored: `clip`, `track` …"""
        return str(self.__struct_config__.tag)


def new_id(prefix: str) -> str:
    """A random id: the prefix and 11 characters of base 62 (65 bits)."""
    number = secrets.randbelow(len(_ALPHABET) ** _ID_LENGTH)
    letters = []
    for _ in range(_ID_LENGTH):
        number, place = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[place])
    return prefix + "".join(letters)


IdSource = Callable[[str], str]
"""Makes an id from a prefix; tests pass one that counts."""


_FIELD_TYPES: dict[type[Record], dict[str, Any]] = {}


def field_types(kind: type[Record]) -> dict[str, Any]:
    """Declared type of each field of a record kind, by name, with its limits."""
    known = _FIELD_TYPES.get(kind)
    if known is None:
        known = {field.name: field.type for field in msgspec.structs.fields(kind)}
        _FIELD_TYPES[kind] = known
    return known


def plain(value: Any) -> Any:
    """A field's value as plain JSON values."""
    return msgspec.to_builtins(value)


def typed(kind: type[Record], name: str, value: Any) -> Any:
    """A plain value as the field's declared type. Raises SchemaError naming record kind and field."""
    types = field_types(kind)
    if name not in types:
        raise SchemaError(f"{kind.__name__.lower()} has no field {name!r}")
    try:
        return msgspec.convert(value, types[name])
    except msgspec.ValidationError as error:
        raise SchemaError(f"{name} of a {kind.__name__.lower()}: {error}") from None


def validated(record: R) -> R:
    """The record with every field checked against its declaration: `replace` of all its fields, at once. Raises SchemaError naming record
    kind and field."""
    kind = type(record)
    values = {name: getattr(record, name) for name in field_types(kind)}
    try:
        made = msgspec.convert(msgspec.to_builtins(record), kind)
    except msgspec.ValidationError:
        return replace(record, **values)  # its words name the field
    return replace(made, **{name: value for name, value in values.items() if not isinstance(value, _SIMPLE)})


def replace(record: R, **fields: Any) -> R:
    """A copy with fields replaced by plain or typed values, each checked against its declaration. Raises SchemaError."""
    kind = type(record)
    return msgspec.structs.replace(record, **{name: typed(kind, name, plain(value)) for name, value in fields.items()})
