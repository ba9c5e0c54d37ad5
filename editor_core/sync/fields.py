"""Records as the replicated document holds them: one text per field.

Owns: the field text `[value, session, counter]`, taking records apart into texts and building them again, validated.
Refuses: the replica library; raising for a record that cannot be built, which is told as `Unreadable` instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from editor_core.document import ChangeSet, Create, Put, Shift, Snapshot, Stamp
from editor_core.schema import KINDS, Clip, Record, SchemaError, field_types, plain, typed
from editor_core.sync.errors import UNDECODABLE

MAX_TEXT = 4 * 2**20
"""Longest text of one field in characters."""
_MANY = 64
"""Clips from which on a table of records is put together to look them up."""
TYPE = "type"
"""The field that holds a record's type tag; written once, when the record is made."""


class Unreadable(msgspec.Struct, frozen=True, kw_only=True):
    """What could not be used: a whole record (`field` empty) or one field of it, kept as it is. `reason` is for people."""

    id: str
    kind: str = ""
    field: str = ""
    reason: str = ""


class FieldText(msgspec.Struct, frozen=True, array_like=True):
    """A value with the stamp it was written with. Further items, from a newer version, are ignored."""

    value: Any
    session: int
    counter: int


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(FieldText)


def text_of(value: Any, stamp: Stamp) -> str:
    """The text of a field's plain value."""
    return _ENCODER.encode(FieldText(value, stamp.session, stamp.counter)).decode()


def parse_text(text: object) -> FieldText:
    """The value and stamp of a field's text. Raises ValueError with a reason for people."""
    if not isinstance(text, str):
        raise ValueError(f"holds {type(text).__name__} and not text")
    if len(text) > MAX_TEXT:
        raise ValueError(f"is {len(text)} characters long")
    try:
        return _DECODER.decode(text)
    except UNDECODABLE as error:
        raise ValueError(f"cannot be read: {error}") from None


def writes(change: ChangeSet, after: Snapshot) -> dict[str, dict[str, str]]:
    """Field texts by record id and field that a ChangeSet writes. A creation writes every field that is not its default."""
    made: dict[str, dict[str, str]] = {}
    for op in change.operations:
        if isinstance(op, Create):
            made.setdefault(op.record.id, {}).update(taken_apart(op.record, change.stamp))
        elif isinstance(op, Put):
            made.setdefault(op.id, {})[op.field] = text_of(op.after, change.stamp)
        elif isinstance(op, Shift):
            tail = f",{change.stamp.session},{change.stamp.counter}]"  # a ripple has thousands of texts, all whole numbers
            known = after.records.whole() if len(op.clips) > _MANY else after.records
            for clip_id in op.clips:
                clip = known.get(clip_id)
                text = f"[{clip.start if isinstance(clip, Clip) else 0}{tail}"
                if clip_id in made:
                    made[clip_id]["start"] = text
                else:
                    made[clip_id] = {"start": text}
    return made


def taken_apart(record: Record, stamp: Stamp) -> dict[str, str]:
    """Texts of a record's type and every field that is not its default."""
    return {name: text_of(value, stamp) for name, value in plain(record).items() if name != "id"}


def put_together(record_id: str, texts: Mapping[str, object]) -> tuple[Record | None, list[Unreadable]]:
    """The record that the texts make, and what of it could not be used.

    A field that this version does not know is left out, one whose value it does not know stands at its default; a record
    that cannot be built that way is None.
    """
    bad: list[Unreadable] = []
    values: dict[str, Any] = {}
    for name, text in texts.items():
        try:
            values[name] = parse_text(text).value
        except ValueError as error:
            bad.append(Unreadable(id=record_id, field=name, reason=f"its {name} {error}"))
    tag = values.pop(TYPE, None)
    kind = KINDS.get(tag) if isinstance(tag, str) else None
    if kind is None:
        reason = "it does not say what it is" if tag is None else f"records of kind {str(tag)[:40]!r} are not known to this version"
        return None, [*bad, Unreadable(id=record_id, kind=str(tag or "")[:40], reason=reason)]
    if not bad:
        try:
            return msgspec.convert({**values, "id": record_id}, kind), []
        except msgspec.ValidationError:
            pass
    fields, worse = _usable(record_id, kind, values)
    missing = [f.name for f in msgspec.structs.fields(kind) if f.required and f.name not in fields and f.name != "id"]
    bad.extend(worse)
    if missing:
        return None, [*bad, Unreadable(id=record_id, kind=str(tag), reason=f"it has no usable {', '.join(missing)}")]
    return kind(id=record_id, **fields), bad


def _usable(record_id: str, kind: type[Record], values: Mapping[str, Any]) -> tuple[dict[str, Any], list[Unreadable]]:
    fields: dict[str, Any] = {}
    bad: list[Unreadable] = []
    tag = str(kind.__struct_config__.tag)
    known = field_types(kind)
    for name, value in values.items():
        if name == "id":
            bad.append(Unreadable(id=record_id, kind=tag, field=name, reason="it carries a second id"))
        elif name not in known:
            bad.append(Unreadable(id=record_id, kind=tag, field=name, reason=f"its {name[:60]} is not known to this version"))
        else:
            try:
                fields[name] = typed(kind, name, value)
            except SchemaError as error:
                bad.append(Unreadable(id=record_id, kind=tag, field=name, reason=str(error)))
    return fields, bad


def stamps_in(texts: Mapping[str, object]) -> Iterator[tuple[str, Stamp]]:
    """Each readable field with the stamp it was written with."""
    for name, text in texts.items():
        try:
            parsed = parse_text(text)
        except ValueError:
            continue
        yield name, Stamp(parsed.session, parsed.counter)
