"""Things dropped on the lanes: media from the Media panel, titles, transitions, files from outside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from app.desktop.bridge import ASSETS_MIME, GENERATOR_MIME
from tests.app.desktop.canvas.hands import CTRL, NONE, Hands, S


def mime(kind: str, value: Any) -> QMimeData:
    data = QMimeData()
    data.setData(kind, json.dumps(value).encode())
    return data


def hover(hands: Hands, data: QMimeData, spot: QPoint, keys: Any = NONE) -> None:
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    QApplication.sendEvent(hands.lanes, QDragEnterEvent(spot, copy, data, left, keys))
    QApplication.sendEvent(hands.lanes, QDragMoveEvent(spot, copy, data, left, keys))


def drop(hands: Hands, data: QMimeData, spot: QPoint, keys: Any = NONE) -> None:
    hover(hands, data, spot, keys)
    before = hands.bench.document.revision
    assert hands.bench.document.revision == before
    QApplication.sendEvent(hands.lanes, QDropEvent(QPointF(spot), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, keys,
                                                   QEvent.Type.Drop))


def test_an_asset_dropped_on_a_lane_overwrites_there(hands: Hands) -> None:
    hands.bench.tools.set_snapping(False)
    data = mime(ASSETS_MIME, [{"asset": "m1", "source_start": 5 * S, "source_duration": 2 * S}])
    spot = hands.time(6, "k2")
    hover(hands, data, spot)
    assert hands.lanes.overlay.ghosts
    assert any(track == "k2" for track, _, _ in hands.lanes.overlay.struck)
    drop(hands, data, spot)
    assert [name for name, _ in hands.ran] == ["clip.overwrite"]
    assert hands.ran[0][1] == {"asset": "m1", "source_start": 5 * S, "source_duration": 2 * S, "at": 6 * S, "track": "k2"}
    assert hands.clip("b").end == 6 * S
    assert hands.bench.selection.clips[0] == hands.bench.snapshot.clip_at("k2", 7 * S).id  # type: ignore[union-attr]


def test_with_ctrl_it_is_inserted(hands: Hands) -> None:
    hands.bench.tools.set_snapping(False)
    drop(hands, mime(ASSETS_MIME, [{"asset": "m2", "source_duration": 3 * S}]), hands.time(12, "k2"), CTRL)
    assert [name for name, _ in hands.ran] == ["clip.insert"]
    assert hands.clip("c").start == 18 * S


def test_several_assets_lie_one_after_the_other_and_are_one_undo(hands: Hands) -> None:
    hands.bench.tools.set_snapping(False)
    before = hands.bench.snapshot.clips_on("v2")
    drop(hands, mime(ASSETS_MIME, ["m1", "m2"]), hands.time(25, "v2"))
    made = [c for c in hands.bench.snapshot.clips_on("v2") if c.id != "d"]
    assert [(c.asset, c.start) for c in made] == [("m1", 25 * S), ("m2", 85 * S)]
    hands.bench.run("edit.undo")
    assert hands.bench.snapshot.clips_on("v2") == before


def test_a_drop_snaps_to_edges_and_shows_the_guide(hands: Hands) -> None:
    data = mime(ASSETS_MIME, [{"asset": "m1", "source_duration": 2 * S}])
    spot = hands.time(10.2, "k2")
    hover(hands, data, spot)
    assert hands.lanes.overlay.guide == 10 * S
    drop(hands, data, spot)
    assert hands.ran[0][1]["at"] == 10 * S


def test_a_drop_past_the_last_row_makes_a_track(hands: Hands) -> None:
    hands.bench.tools.set_snapping(False)
    data = mime(ASSETS_MIME, ["m3"])
    spot = QPoint(100, hands.state.rows.height + 10)
    hover(hands, data, spot)
    assert hands.lanes.overlay.beyond
    drop(hands, data, spot)
    assert len(hands.bench.snapshot.tracks("audio")) == 3
    hands.bench.run("edit.undo")
    assert len(hands.bench.snapshot.tracks("audio")) == 2


def test_a_picture_dropped_on_the_ruler_makes_a_track_on_top(hands: Hands) -> None:
    hands.bench.tools.set_snapping(False)
    tops = [track.id for track in hands.bench.snapshot.tracks("video")]
    ruler, data, spot = hands.panel.ruler, mime(ASSETS_MIME, ["m1"]), QPoint(100, 12)
    hands.state.scroll_to(y=20)
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    QApplication.sendEvent(ruler, QDragEnterEvent(spot, copy, data, left, NONE))
    move = QDragMoveEvent(spot, copy, data, left, NONE)
    QApplication.sendEvent(ruler, move)
    assert hands.lanes.overlay.beyond and move.isAccepted()
    QApplication.sendEvent(ruler, QDropEvent(QPointF(spot), copy, data, left, NONE, QEvent.Type.Drop))
    made = [track.id for track in hands.bench.snapshot.tracks("video") if track.id not in tops]
    assert [track.id for track in hands.bench.snapshot.tracks("video")] in ([*made, *tops], [*tops, *made])
    assert [clip.asset for clip in hands.bench.snapshot.clips_on(made[0])] == ["m1"]


def test_a_title_is_dropped_where_there_is_room(hands: Hands) -> None:
    hands.bench.tools.set_snapping(False)
    drop(hands, mime(GENERATOR_MIME, {"command": "title.add", "args": {"text": "Hello"}}), hands.time(10, "v2"))
    assert hands.ran[0][0] == "title.add"
    made = hands.clip(hands.bench.selection.clips[0])
    assert (made.text, made.track, made.start) == ("Hello", "v2", 10 * S)


def test_a_transition_is_dropped_on_a_cut_and_nowhere_else(hands: Hands) -> None:
    data = mime(GENERATOR_MIME, {"command": "transition.add", "args": {"kind": "dissolve"}})
    drop(hands, data, hands.time(5.5, "k2"))
    assert [name for name, _ in hands.ran] == ["transition.add"]
    assert (hands.ran[0][1]["from"], hands.ran[0][1]["to"]) == ("a", "b")
    hands.noting.ran.clear()
    drop(hands, data, hands.time(18, "k2"))
    assert hands.ran == []
    assert hands.said


def test_files_from_outside_are_imported_and_then_put_where_they_were_dropped(hands: Hands, tmp_path: Path) -> None:
    hands.bench.tools.set_snapping(False)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "film.mp4"))])
    drop(hands, data, hands.time(11, "k2"))
    assert hands.bench.imports.asked == [tmp_path / "film.mp4"]
    assert hands.ran == []
    hands.bench.imports.finished.emit(["m2"])
    assert hands.ran[0][0] == "clip.overwrite"
    assert (hands.ran[0][1]["asset"], hands.ran[0][1]["at"]) == ("m2", 11 * S)


def test_what_makes_no_sense_is_not_taken(hands: Hands) -> None:
    for raw in (b"not json", b"{}", b"[1, 2]", b'[{"asset": 7}]'):
        data = QMimeData()
        data.setData(ASSETS_MIME, raw)
        drop(hands, data, hands.time(11, "k2"))
    assert hands.ran == []
    text = QMimeData()
    text.setText("words")
    drop(hands, text, hands.time(11, "k2"))
    assert hands.ran == []
