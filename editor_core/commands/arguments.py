"""Reading a command's arguments, and saying in words what is wrong with them.

Owns: conversion of plain values to declared arguments. Refuses: what arguments mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from editor_core.commands.registry import Args, CommandError, CommandSpec

_AT = re.compile(r" - at `(?:key|value) in (.*)`$| - at `(.*)`$")
_TYPES = {"int": "a whole number", "str": "text", "bool": "true or false", "array": "a list", "object": "an object", "float": "a number",
          "null": "nothing"}


def parse(spec: CommandSpec, given: Mapping[str, Any]) -> Args:
    """The arguments as declared. Raises CommandError naming the command and the argument.

    What could not be written to the journal afterwards (half of a surrogate pair, a number beyond 64 bits) is refused here.
    """
    try:
        msgspec.msgpack.encode(given)
    except (UnicodeEncodeError, OverflowError, TypeError, ValueError, RecursionError) as error:
        raise CommandError(f"{spec.id}: its arguments hold something that cannot be stored: {_unstorable(error)}") from None
    try:
        return msgspec.convert(given, spec.args)
    except msgspec.ValidationError as error:
        raise CommandError(f"{spec.id}: {_words(str(error), spec)}") from None


def _unstorable(error: Exception) -> str:
    if isinstance(error, OverflowError):
        return "a whole number beyond 64 bits"
    return "half of a character" if isinstance(error, UnicodeEncodeError) else str(error)


def _words(message: str, spec: CommandSpec) -> str:
    found = _AT.search(message)
    place = (found[1] or found[2]).removeprefix("$").removeprefix(".") if found else ""
    text = message[:found.start()] if found else message
    if match := re.match(r"Object missing required field `(.*)`", text):
        return f"missing argument `{match[1]}`" + (f" in `{place}`" if place else "")
    if match := re.match(r"Object contains unknown field `(.*)`", text):
        names = ", ".join(field.encode_name for field in msgspec.structs.fields(spec.args))
        return f"unknown entry `{match[1]}` in `{place}`" if place else f"unknown argument `{match[1]}`; it takes {names or 'none'}"
    if match := re.match(r"Invalid enum value (.*)", text):
        return f"`{place}` wants {' or '.join(_choices(spec, place)) or 'another value'}, not {match[1]}"
    text = re.sub(r"`([a-z]+(?: \| [a-z]+)*)`", lambda m: " or ".join(_TYPES.get(t, t) for t in m[1].split(" | ")), text)
    text = text.replace("Expected", "wants").replace(", got", ", not")
    return f"`{place}` {text}" if place and text.startswith("wants") else f"{text} in `{place}`" if place else text


def _choices(spec: CommandSpec, place: str) -> list[str]:
    """The values that an argument may have, where they are counted."""
    schema = msgspec.json.schema(spec.args)
    forms: list[dict[str, Any]] = [schema]
    for name in re.sub(r"\[[^]]*\]", "", place).split("."):
        forms = [form["properties"][name] for form in _alternatives(forms, schema) if name in form.get("properties", {})]
    return [str(value) for form in _alternatives(forms, schema) for value in form.get("enum", ())]


def _alternatives(forms: list[dict[str, Any]], schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What `forms` can be: each itself, what it refers to, and each of what it leaves open."""
    for form in forms:
        yield form
        yield from _alternatives(form.get("anyOf", []), schema)
        if "$ref" in form:
            yield from _alternatives([schema["$defs"][form["$ref"].rsplit("/", 1)[1]]], schema)
