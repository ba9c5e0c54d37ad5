"""Every command: declared, described, refused in words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from editor_core.commands import registry
from editor_core.commands.registry import CommandError, CommandSpec
from tests.support.cutting import REGISTRY, Film

CONTRACT = {
    "timeline.set": {"width", "height", "rate", "audio_rate"}, "track.add": {"kind", "name", "index"},
    "track.set": {"track", "name", "muted", "solo", "locked", "hidden", "gain_db"}, "track.remove": {"track"},
    "track.move": {"track", "index"}, "clip.append": {"asset", "track", "source_start", "source_duration"},
    "clip.insert": {"asset", "at", "track", "source_start", "source_duration"},
    "clip.overwrite": {"asset", "at", "track", "source_start", "source_duration"}, "clip.split": {"at", "clips"},
    "clip.trim": {"clip", "edge", "to", "ripple"}, "clip.move": {"clips", "by", "to", "track"}, "clip.lift": {"clips"},
    "clip.extract": {"clips"}, "clip.set": {"clip", "property", "value"}, "clip.link": {"clips"}, "clip.unlink": {"clips"},
    "title.add": {"text", "at", "duration", "track", "style"}, "solid.add": {"color", "at", "duration", "track"},
    "transition.add": {"from", "to", "kind", "duration"}, "marker.add": {"at", "duration", "text", "color"},
    "edit.undo": set(), "edit.redo": set(),
}
"""The commands and argument names that scripts may rely on."""
RESULTS = {"clip.append": {"clip", "linked"}, "clip.insert": {"clip", "linked"}, "clip.overwrite": {"clip", "linked"},
           "title.add": {"clip"}, "solid.add": {"clip"}, "transition.add": {"transition"}, "track.add": {"track"}, "asset.add": {"asset"}}
EVERY = pytest.mark.parametrize("spec", list(REGISTRY), ids=lambda spec: spec.id)


def fields(schema: dict[str, Any]) -> dict[str, Any]:
    """Properties of the object that a schema is of."""
    assert schema["type"] == "object"
    properties: dict[str, Any] = schema["properties"]
    return properties


@pytest.mark.parametrize("command", sorted(CONTRACT))
def test_the_contracts_commands_have_the_contracts_arguments(command: str) -> None:
    assert set(fields(REGISTRY.get(command).describe()["args"])) >= CONTRACT[command]


@pytest.mark.parametrize("command", sorted(RESULTS))
def test_the_contracts_commands_have_the_contracts_results(command: str) -> None:
    assert set(fields(REGISTRY.get(command).describe()["result"])) == RESULTS[command]


@EVERY
def test_a_command_is_described_in_words_and_json(spec: CommandSpec) -> None:
    described = json.loads(json.dumps(spec.describe()))
    assert spec.id.count(".") == 1
    assert spec.title[0].isupper()
    assert len(spec.help) > 20
    assert spec.help.endswith(".")
    for schema in (described["args"], described["result"]):
        valid(schema, schema)


def valid(schema: dict[str, Any], whole: dict[str, Any]) -> None:
    """What JSON Schema 2020-12 asks of the parts that are used here; references lead somewhere."""
    types = {"string", "integer", "number", "boolean", "array", "object", "null"}
    if "type" in schema:
        assert set([schema["type"]] if isinstance(schema["type"], str) else schema["type"]) <= types
    if "$ref" in schema:
        assert schema["$ref"].rsplit("/", 1)[1] in whole["$defs"]
    if "pattern" in schema:
        import re

        re.compile(schema["pattern"])
    for part in [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values(), *schema.get("anyOf", []),
                 *schema.get("prefixItems", [])]:
        valid(part, whole)
    assert set(schema.get("required", [])) <= set(schema.get("properties", {}))


@EVERY
def test_every_argument_that_needs_a_unit_says_it(spec: CommandSpec) -> None:
    for name, schema in fields(spec.describe()["args"]).items():
        if name in ("at", "to", "by", "duration", "start", "end", "source_start", "source_duration", "gain_db", "width", "index"):
            assert "description" in json.dumps(schema), f"{spec.id} {name}"


@EVERY
def test_wrong_arguments_are_refused_naming_the_command_and_the_argument(spec: CommandSpec) -> None:
    film = Film()
    before = film.view
    with pytest.raises(CommandError, match=rf"^{spec.id}: .*nonsense"):
        film.run(spec.id, nonsense=1)
    for name, schema in fields(spec.describe()["args"]).items():
        if "anyOf" not in schema and "type" in schema and schema["type"] != "object":
            with pytest.raises(CommandError, match=rf"^{spec.id}: "):
                film.run(spec.id, **{name: {"wrong": True}})
    assert film.view is before


MISSING = {"clip": "c404", "clips": ["c404"], "asset": "m404", "track": "k404", "marker": "n404", "transition": "x404", "from": "c404",
           "tracks": ["k404"]}
OTHERS = {"to": "c405", "with": "c405", "at": 0, "edge": "head", "index": 0, "property": "opacity", "value": 1, "by": "1f",
          "source_start": 0, "duration": "1s", "text": "Hi", "color": "#000000", "start": 0, "end": 5, "locked": True, "kind": "dissolve"}
SPECIAL: dict[str, dict[str, Any]] = {"clip.trim": {"to": 0}, "clip.roll": {"to": 0}, "clip.move": {"to": None}, "asset.set": {"name": "x"},
                                      "asset.remove": {"clips": True}, "clip.set": {"clips": None}}
NAMING = [spec for spec in REGISTRY if set(MISSING) & set(fields(spec.describe()["args"])) and spec.id not in ("clip.paste", "asset.add")]


@pytest.mark.parametrize("spec", NAMING, ids=lambda spec: spec.id)
def test_commands_on_things_that_are_not_there_name_them(spec: CommandSpec) -> None:
    film = Film()
    names = fields(spec.describe()["args"])
    args = {name: value for name, value in ({**OTHERS, **MISSING, **SPECIAL.get(spec.id, {})}).items() if name in names}
    if {"asset", "track"} <= set(names):
        args["asset"] = film.shot()
    with pytest.raises(CommandError, match="404"):
        film.run(spec.id, **args)


def test_unknown_commands_are_refused_with_near_ones() -> None:
    with pytest.raises(CommandError, match=r"no command 'clip\.apend'; did you mean clip\.append"):
        Film().run("clip.apend")
    with pytest.raises(CommandError, match=r"`proeditor commands` lists them all"):
        Film().run("frobnicate")


def test_two_commands_cannot_claim_one_id() -> None:
    spec = REGISTRY.get("clip.append")
    with pytest.raises(ValueError, match=r"two commands are called 'clip.append'"):
        registry.Registry([spec, spec])


def test_commands_are_found_by_walking_the_package() -> None:
    assert {spec.id for spec in registry.discover()} == {spec.id for spec in REGISTRY}
    assert len({spec.id for spec in REGISTRY}) >= 40
