"""Collections in the Media panel: made, named, filled by dragging, searched, removed; and media that was replaced."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from app.desktop.bridge import ASSETS_MIME
from app.desktop.panels.media.model import IN_COLLECTION
from editor_core.schema import Collection, MediaReference
from tests.app.desktop.desk import Desk, S
from tests.support.command_line import make_clip
from tests.support.footage import run_ffmpeg

pytestmark = pytest.mark.still


def names(desk: Desk) -> list[str]:
    return [row.name for row in desk.panel("media").model.rows]


def collections(desk: Desk) -> dict[str, str]:
    return {one.name: one.id for one in desk.bench.snapshot.of_kind(Collection)}


def drop(desk: Desk, target: Any, assets: list[str]) -> None:
    """Lets media fall on a bin."""
    data = QMimeData()
    data.setData(ASSETS_MIME, json.dumps(assets).encode())
    middle = target.rect().center()
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    target.dragEnterEvent(QDragEnterEvent(middle, copy, data, left, none))
    target.dropEvent(QDropEvent(QPointF(middle), copy, data, left, none))
    desk.settle()


@pytest.fixture
def lakes(film: Desk) -> Desk:
    """lake.mp4, pond.mp4 and sea.mp4 in the project."""
    film.asset("pond.mp4")
    film.asset("sea.mp4")
    film.wait(lambda: len(names(film)) == 3)
    return film


def asset(desk: Desk, name: str) -> str:
    return next(m.id for m in desk.bench.snapshot.of_kind(MediaReference) if m.name == name)


def test_a_collection_is_made_named_filled_by_dragging_and_undone(lakes: Desk) -> None:
    panel = lakes.panel("media")
    lakes.bench.actions.trigger("collection.add")
    editor = lakes.wait(lambda: panel.bins._editor)
    editor.selectAll()
    QTest.keyClicks(editor, "Day 1")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    lakes.settle()
    (made,) = collections(lakes).values()
    assert list(collections(lakes)) == ["Day 1"]
    assert panel.bins.current == "all" and len(names(lakes)) == 3, "there must be something to drag onto its name"
    drop(lakes, panel.bins.buttons[IN_COLLECTION + made], [asset(lakes, "lake.mp4"), asset(lakes, "sea.mp4")])
    panel._choose_bin(IN_COLLECTION + made)
    lakes.wait(lambda: names(lakes) == ["lake.mp4", "sea.mp4"])
    assert panel.model.count(IN_COLLECTION + made) == 2
    panel.search.setText("day")
    assert names(lakes) == ["lake.mp4", "sea.mp4"], "a search looks at the collection's name too"
    panel.search.clear()
    drop(lakes, panel.bins.buttons["all"], [asset(lakes, "sea.mp4")])
    lakes.wait(lambda: names(lakes) == ["lake.mp4"])
    lakes.bench.run("edit.undo")
    lakes.wait(lambda: names(lakes) == ["lake.mp4", "sea.mp4"])
    for _ in range(2):  # the putting; the making, with its name
        lakes.bench.run("edit.undo")
    lakes.settle()
    assert not collections(lakes) and panel.bins.current == "all" and len(names(lakes)) == 3


def test_what_falls_on_new_collection_makes_one_and_the_menu_offers_the_others(lakes: Desk) -> None:
    panel = lakes.panel("media")
    drop(lakes, panel.bins._new, [asset(lakes, "pond.mp4")])
    lakes.wait(lambda: names(lakes) == ["pond.mp4"])
    lakes.bench.run("collection.add", {"name": "Sounds"})
    lakes.settle()
    row = panel.model.rows[0]
    offered = {a.text(): a.isEnabled() for a in panel._collect_menu(QMenu(panel), row).actions() if a.text()}
    assert offered == {"Collection 1": False, "Sounds": True, "New collection …": True, "Take out of its collection": True}


def test_what_is_imported_while_a_collection_is_shown_lands_in_it(desk: Desk, tmp_path: Path) -> None:
    desk.new()
    made = desk.bench.run("collection.add", {"name": "Day 1"})["collection"]
    panel = desk.panel("media")
    panel._choose_bin(IN_COLLECTION + made)
    desk.bench.imports.add([make_clip(tmp_path / "a.mp4", 1)])
    desk.wait(lambda: names(desk) == ["a.mp4"])
    desk.bench.run("edit.undo")
    desk.wait(lambda: not names(desk))
    assert not desk.bench.snapshot.of_kind(MediaReference)


def test_a_file_of_the_same_size_with_another_content_is_noticed_and_said(desk: Desk, tmp_path: Path) -> None:
    desk.new()
    clip = make_clip(tmp_path / "a.mp4", 1)
    desk.bench.imports.add([clip])
    desk.wait(lambda: names(desk) == ["a.mp4"])
    media = desk.bench.media
    media.look()
    desk.wait(lambda: not media._busy and media._seen)
    assert not media.replaced
    whole = bytearray(clip.read_bytes())
    whole[-9] ^= 0xFF
    clip.write_bytes(whole)
    media.look()
    desk.wait(lambda: media.replaced)
    assert desk.panel("media").model.rows[0].replaced
    assert any(row.title == "a.mp4 was replaced" and row.fix is not None for row in desk.bench.problems.rows)
    whole[-9] ^= 0xFF
    clip.write_bytes(whole)
    media.look()
    desk.wait(lambda: not media.replaced)
    assert not any("replaced" in row.title for row in desk.bench.problems.rows)


def test_sound_that_is_damaged_far_into_a_file_is_a_problem_once_its_wave_is_drawn(desk: Desk, tmp_path: Path) -> None:
    """The import listens for a moment only; the waveform hears all of it."""
    desk.new()
    path = tmp_path / "talk.mka"
    run_ffmpeg("-f", "lavfi", "-i", "sine=frequency=440:duration=4", "-c:a", "aac", "-bsf:a", "noise=drop=0:amount='if(eq(n,120),8,0)'",
               path)
    fields = {"name": "talk.mka", "hash": "quick:talk", "duration": 4 * S,
              "audio": [{"index": 0, "codec": "aac", "sample_rate": 44100, "channels": 1, "duration": 4 * S}]}
    made = desk.bench.run("asset.add", fields)["asset"]
    desk.bench.services.locate(made, path)
    desk.bench.tiles.peaks(made, 0, 4 * S, 10)
    desk.wait(lambda: any("damaged" in row.where for row in desk.bench.problems.rows))
