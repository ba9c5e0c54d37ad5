"""What must be asked before a command can run.

Owns: turning a command's argument schema, selection and playhead into questions; reading the answers.
Refuses: Qt and running commands.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from app.desktop.bridge import Workbench
from editor_core.schema import Clip, Marker, MediaReference
from editor_core.timing import format_timecode

_FIRST = ("clip", "clips", "asset", "track", "marker", "transition", "from", "to", "kind", "property", "value", "text", "name", "at")
_EITHER = ({"clip", "clips"}, {"property", "properties"}, {"value", "properties"}, {"by", "to"})
"""Arguments of which one rules the other out."""


@dataclass(frozen=True)
class Question:
    """One argument: `choices` are (value, words, further words); `given` is what is filled in already."""

    name: str
    words: str
    hint: str
    required: bool
    kind: str
    choices: tuple[tuple[Any, str, str], ...] = ()
    given: str = ""


def known_arguments(bench: Workbench, command: str) -> dict[str, Any]:
    """Arguments that selection, playhead and open media answer without asking."""
    fields = _fields(bench, command)
    chosen = bench.selection
    known: dict[str, Any] = {}
    if "clips" in fields and chosen.clips:
        known["clips"] = list(chosen.clips)
    elif "clip" in fields and len(chosen.clips) >= 1:
        known["clip"] = chosen.clips[0]
    if "marker" in fields and len(chosen.markers) == 1:
        known["marker"] = chosen.markers[0]
    if "transition" in fields and len(chosen.transitions) == 1:
        known["transition"] = chosen.transitions[0]
    if "asset" in fields and (chosen.assets or bench.source.asset):
        known["asset"] = chosen.assets[0] if chosen.assets else bench.source.asset
    if "at" in fields and command != "marker.set":
        known["at"] = bench.transport.ticks
    return known


def questions(bench: Workbench, command: str, known: dict[str, Any]) -> list[Question]:
    """What is left to ask: every required argument, then the optional ones (an empty answer leaves those out)."""
    spec = bench.door.registry.get(command).describe()["args"]
    required = set(_object(spec).get("required", ()))
    asked = [_question(bench, command, name, field, name in required, spec)
             for name, field in _fields(bench, command).items() if (name not in known and name not in ("linked", "clips"))
             or (name == "clips" and name in required and name not in known)]
    ruled_out = {name for pair in _EITHER for name in pair if any(other in known for other in pair - {name})}
    asked = [q for q in asked if q.kind != "complex" and (q.required or q.name not in ruled_out)]
    order = {name: n for n, name in enumerate(_FIRST)}
    return sorted(asked, key=lambda q: (not q.required, order.get(q.name, 99)))


def answer(question: Question, typed: str) -> Any:
    """The value of what was typed. Raises ValueError saying what would do."""
    text = typed.strip()
    if question.choices and question.kind != "text":
        for value, words, _ in question.choices:
            if text.casefold() in (words.casefold(), str(value).casefold()):
                return value
    if question.kind == "number":
        try:
            return int(text) if text.lstrip("+-").isdigit() else float(text.replace(",", "."))
        except ValueError:
            raise ValueError(f"“{text}” is not a number") from None
    if question.kind == "truth":
        return text.casefold() in ("yes", "true", "on", "1")
    if question.kind == "list":
        return [part.strip() for part in text.split(",") if part.strip()]
    if question.kind == "json":
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def current(bench: Workbench, command: str, known: dict[str, Any], name: str) -> str:
    """What the record holds now, for commands that set something."""
    clips = [str(i) for i in known.get("clips", ())] or [str(known.get("clip", ""))]
    if command == "clip.set" and name == "value":
        clip = bench.snapshot.record(clips[0])
        return str(getattr(clip, str(known.get("property", "")), "") or "")
    for key, kind in (("marker", Marker), ("clip", Clip), ("asset", MediaReference)):
        if key in known and command.endswith(".set"):
            record = bench.snapshot.record(str(known[key]))
            if isinstance(record, kind):
                value = getattr(record, {"at": "start"}.get(name, name), None)
                if isinstance(value, int) and name in ("at", "duration"):
                    return format_timecode(value, bench.rate)
                return "" if value is None else str(value)
    timeline = bench.snapshot.timeline
    if command.startswith("timeline.") and hasattr(timeline, name):
        return str(getattr(timeline, name))
    return bench.snapshot.project.name if command == "project.rename" else ""


def _object(schema: dict[str, Any]) -> dict[str, Any]:
    reference = str(schema.get("$ref", "")).rsplit("/", 1)[-1]
    return schema.get("$defs", {}).get(reference, schema)


def _fields(bench: Workbench, command: str) -> dict[str, Any]:
    return _object(bench.door.registry.get(command).describe()["args"]).get("properties", {})


def _question(bench: Workbench, command: str, name: str, field: dict[str, Any], required: bool, schema: dict[str, Any]) -> Question:
    options = [option for option in field.get("anyOf", [field]) if option.get("type") != "null"]
    hint = field.get("description") or next((o["description"] for o in options if o.get("description")), "")
    flat = options[0] if options else field
    types = {str(o.get("type", "")) for o in options} | {str(o.get("type", "")) for o in flat.get("anyOf", [])}
    kind = "text"
    choices: tuple[tuple[Any, str, str], ...] = ()
    if "enum" in flat:
        kind, choices = "choice", tuple((value, str(value).replace("_", " ").capitalize(), "") for value in flat["enum"])
    elif "boolean" in types:
        kind, choices = "truth", ((True, "Yes", ""), (False, "No", ""))
    elif "$ref" in flat or "object" in types:
        kind = "complex"
    elif "array" in types:
        kind = "list"
    elif types - {""} and types <= {"integer", "number", ""}:
        kind = "number"
    elif name == "value":
        kind = "json"
    if name in ("track", "clip", "marker", "asset", "from", "to", "transition", "property") and kind == "text":
        choices = _records(bench, command, name)
        kind = "choice" if choices else kind
    return Question(name, name.replace("_", " ").capitalize(), hint, required, kind, choices, "")


def _records(bench: Workbench, command: str, name: str) -> tuple[tuple[Any, str, str], ...]:
    view, rate = bench.snapshot, bench.rate
    if name == "track":
        return tuple((t.id, view.track_label(t), t.name) for t in view.tracks())
    if name == "asset":
        return tuple((m.id, m.name, "") for m in view.of_kind(MediaReference))
    if name == "marker":
        return tuple((m.id, m.text or "Marker", format_timecode(m.start, rate)) for m in view.of_kind(Marker))
    if name == "property":
        from editor_core.edits.properties import PROPERTIES

        return tuple((p.name, p.name.replace("_", " "), p.meaning) for p in PROPERTIES.values())
    if name in ("clip", "from") or (name == "to" and command.startswith("transition")):
        return tuple((c.id, c.name or c.text or c.id, f"{view.track_label(t)}, {format_timecode(c.start, rate)}")
                     for t in view.tracks() for c in view.clips_on(t.id))
    return ()
