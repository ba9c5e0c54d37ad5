"""Media dropped on the program picture, by real drag events: each zone does what it says at the playhead."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from app.desktop.bridge import ASSETS_MIME
from app.desktop.canvas.viewer import ProgramViewer, build_program
from tests.app.desktop.canvas.hands import NONE, Hands, S

COPY, LEFT = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton


@pytest.fixture
def viewer(hands: Hands) -> Iterator[ProgramViewer]:
    made = build_program(hands.bench)
    made.resize(700, 480)
    made.show()
    QApplication.processEvents()
    yield made
    made.close()
    made.deleteLater()


def drag(viewer: ProgramViewer, zone: str, value: object, *, drop: bool = True) -> None:
    picture = viewer.picture
    data = QMimeData()
    data.setData(ASSETS_MIME, json.dumps(value).encode())
    spot = picture.drops.boxes()[zone].center()
    QApplication.sendEvent(picture, QDragEnterEvent(spot, COPY, data, LEFT, NONE))
    assert picture.drops.active
    QApplication.sendEvent(picture, QDragMoveEvent(spot, COPY, data, LEFT, NONE))
    assert picture.drops.zone == zone
    picture.grab()
    if drop:
        QApplication.sendEvent(picture, QDropEvent(QPointF(spot), COPY, data, LEFT, NONE, QEvent.Type.Drop))
    else:
        QApplication.sendEvent(picture, QDragLeaveEvent())
    assert not picture.drops.active


def test_insert_and_overwrite_go_to_the_playhead_one_after_the_other(hands: Hands, viewer: ProgramViewer) -> None:
    hands.bench.transport.seek(5 * S)
    part = {"asset": "m2", "source_start": 3 * S, "source_duration": 2 * S}
    drag(viewer, "insert", [part, part])
    assert [name for name, _ in hands.ran] == ["clip.insert"] * 2 and [args["at"] for _, args in hands.ran] == [5 * S, 7 * S]
    assert hands.clip("b").start == 9 * S
    hands.bench.run("edit.undo")
    assert hands.clip("b").start == 5 * S  # one gesture, one step
    drag(viewer, "overwrite", [part])
    assert hands.ran[-1][0] == "clip.overwrite" and hands.clip("b").start == 7 * S
    assert hands.bench.snapshot.clip_at("k2", 5 * S).id in hands.selected


def test_replace_takes_the_place_of_the_clip_at_the_playhead(hands: Hands, viewer: ProgramViewer) -> None:
    hands.bench.transport.seek(16 * S)
    drag(viewer, "replace", [{"asset": "m2", "source_start": 4 * S}])
    assert hands.ran == [("clip.replace", {"clip": "c", "asset": "m2", "source_start": 4 * S})]
    assert (hands.clip("c").asset, hands.clip("c").start) == ("m2", 15 * S)
    hands.bench.transport.seek(12 * S)
    drag(viewer, "replace", [{"asset": "m2"}])
    assert len(hands.ran) == 1 and "no clip at the playhead" in hands.said[-1]


def test_on_top_uses_the_upper_track_or_makes_one(hands: Hands, viewer: ProgramViewer) -> None:
    part = {"asset": "m1", "source_start": 0, "source_duration": 2 * S}
    hands.bench.transport.seek(16 * S)
    drag(viewer, "top", [part])
    assert [c.start for c in hands.bench.snapshot.clips_on("v2")] == [2 * S, 16 * S]
    hands.bench.transport.seek(3 * S)
    drag(viewer, "top", [part])
    assert len(hands.bench.snapshot.tracks("video")) == 3 and hands.clip("d").start == 2 * S
    hands.bench.run("edit.undo")
    assert len(hands.bench.snapshot.tracks("video")) == 2


def test_a_drag_that_leaves_changes_nothing(hands: Hands, viewer: ProgramViewer) -> None:
    drag(viewer, "insert", [{"asset": "m1"}], drop=False)
    assert hands.ran == [] and viewer.picture.drops.zone == ""


def test_files_from_outside_are_imported(hands: Hands, viewer: ProgramViewer, tmp_path: Path) -> None:
    data, spot = QMimeData(), viewer.picture.rect().center()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "lake.mp4"))])
    enter = QDragEnterEvent(spot, COPY, data, LEFT, NONE)
    QApplication.sendEvent(viewer.picture, enter)
    assert enter.isAccepted() and not viewer.picture.drops.active
    QApplication.sendEvent(viewer.picture, QDropEvent(QPointF(spot), COPY, data, LEFT, NONE, QEvent.Type.Drop))
    assert hands.bench.imports.asked == [tmp_path / "lake.mp4"] and hands.ran == []
