"""What the window gives to commands.

Owns: that every command which the window names with its arguments takes them. A key that was refused for a wrong argument was found by
hand only.
"""

from __future__ import annotations

import ast
from pathlib import Path

import msgspec

import app.desktop
from editor_core.commands.registry import discover
from editor_core.schema import Clip
from tests.app.desktop.desk import Desk, S

HERE = Path(app.desktop.__file__).parent


def _calls(tree: ast.AST) -> list[tuple[int, str, list[str]]]:
    """Line, command and the names of its arguments, for each call whose first two arguments are a text and a dictionary."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or len(node.args) < 2:
            continue
        if isinstance(node.args[0], ast.Constant) and isinstance(node.args[1], ast.Dict):
            names = [key.value for key in node.args[1].keys if isinstance(key, ast.Constant)]
            found.append((node.lineno, str(node.args[0].value), names))
    return found


def test_slipping_by_keys_shows_what_dragging_does(film: Desk) -> None:
    bench = film.bench
    clip = next(c for c in bench.snapshot.of_kind(Clip) if c.kind == "video" and c.asset)
    bench.run("clip.trim", {"clip": clip.id, "edge": "head", "to": clip.start + S})
    bench.selection.set([one.id for one in bench.snapshot.linked(bench.snapshot.get(Clip, clip.id))])
    before, frame = bench.snapshot.get(Clip, clip.id), bench.rate.ticks_per_frame
    bench.actions.trigger("clip.slip_right")
    after = bench.snapshot.get(Clip, clip.id)
    assert (after.start, after.duration) == (before.start, before.duration)
    assert after.source_range.start == before.source_range.start - frame, "to the right comes what is earlier"
    bench.actions.trigger("clip.slip_left")
    assert bench.snapshot.get(Clip, clip.id).source_range == before.source_range
    assert "two" in bench.actions.reason("clip.swap"), "picture and sound of one shot do not change places"


def test_commands_are_given_arguments_that_they_take() -> None:
    taken = {spec.id: {field.encode_name for field in msgspec.structs.fields(spec.args)} for spec in discover()}
    wrong, seen = [], 0
    for path in sorted(HERE.rglob("*.py")):
        for line, command, names in _calls(ast.parse(path.read_text())):
            seen += command in taken
            wrong += [f"{path.relative_to(HERE)}:{line}: {command} does not take {name!r}"
                      for name in names if command in taken and name not in taken[command]]
    assert wrong == []
    assert seen > 40
