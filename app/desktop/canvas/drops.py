"""Things dropped on the lanes: media, generators, files.

Owns: reading what is dragged, showing where it would go, one command (or one gesture of several) at the drop.
Refuses: importing files itself (the services do) and reading media.
"""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QCursor
from shiboken6 import isValid

from app.desktop.bridge import ASSETS_MIME, GENERATOR_MIME
from app.desktop.canvas.ghosts import overlay_of
from app.desktop.canvas.overlay import NOTHING, Overlay
from app.desktop.canvas.timeline_actions import add_dissolve, gesture
from editor_core.commands.registry import CommandError
from editor_core.schema import Clip, MediaReference
from editor_core.timing import TICKS_PER_SECOND, TimeRange
from editor_core.tools.ghosts import ghost_clips
from editor_core.tools.tool import Ghost

log = logging.getLogger(__name__)
_LARGEST = 4 * 2**20
_GENERATED = 5 * TICKS_PER_SECOND


class Dragged(msgspec.Struct, frozen=True):
    """What a drag carries: asset placements (command arguments without place), one generator, or files."""

    assets: tuple[dict[str, Any], ...] = ()
    generator: dict[str, Any] | None = None
    files: tuple[Path, ...] = ()


def read(data: QMimeData) -> Dragged | None:
    """What is dragged, or None when the timeline has no use for it."""
    for mime in (ASSETS_MIME, GENERATOR_MIME):
        if data.hasFormat(mime):
            raw = bytes(data.data(mime).data())
            if len(raw) > _LARGEST:
                return None
            try:
                found = json.loads(raw)
            except ValueError:
                return None
            return _assets(found) if mime == ASSETS_MIME else _generator(found)
    files = tuple(Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile())
    return Dragged(files=files) if files else None


def _assets(found: Any) -> Dragged | None:
    made: list[dict[str, Any]] = []
    for one in found if isinstance(found, list) else []:
        if isinstance(one, str):
            made.append({"asset": one})
        elif isinstance(one, dict) and isinstance(one.get("asset"), str):
            made.append({k: one[k] for k in ("asset", "source_start", "source_duration") if one.get(k) is not None})
    return Dragged(assets=tuple(made)) if made else None


def _generator(found: Any) -> Dragged | None:
    if isinstance(found, dict) and isinstance(found.get("command"), str) and isinstance(found.get("args"), dict):
        return Dragged(generator={"command": found["command"], "args": found["args"]})
    return None


class Drops:
    """Follows one drag over the lanes. Ctrl inserts, otherwise what lies there is overwritten."""

    def __init__(self, pointer: Any) -> None:
        self._pointer = pointer
        self._dragged: Dragged | None = None

    def enter(self, event: Any) -> None:
        self._dragged = read(event.mimeData())
        if self._dragged is not None:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def move(self, event: Any) -> None:
        if self._dragged is None:
            return
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        spot = event.position()
        overlay, words, bad = self._show(spot, bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
        lanes = self._pointer.lanes
        lanes.set_overlay(overlay)
        self._pointer.tell(words, QCursor.pos() - QPoint(0, 70), bad)  # above what is dragged, which hangs under the pointer

    def leave(self) -> None:
        self._dragged = None
        self._pointer.lanes.set_overlay(NOTHING)
        self._pointer.tell("", QCursor.pos())

    def drop(self, event: Any) -> None:
        dragged, self._dragged = self._dragged or read(event.mimeData()), None
        self._pointer.lanes.set_overlay(NOTHING)
        self._pointer.tell("", QCursor.pos())
        if dragged is None:
            return
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        if why := self._pointer.bench.barred():
            self._pointer.bench.say(why, "warn")
            return
        self._pointer.lanes.setFocus(Qt.FocusReason.MouseFocusReason)  # the next key is for what was just placed
        insert = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        at, track = self._place(event.position(), dragged)
        if dragged.files:
            self._import(dragged.files, at, track, insert)
        elif dragged.generator is not None:
            self._generate(dragged.generator, event.position(), at, track)
        else:
            self.place(dragged.assets, at, track, insert)

    # ---- where --------------------------------------------------------------------------------------------------

    def _place(self, spot: QPointF, dragged: Dragged) -> tuple[int, str]:
        """Start in ticks (snapped) and the track under the pointer; no track past the last one."""
        pointer = self._pointer
        at = pointer.state.frame_at_x(spot.x())
        if pointer.bench.tools.snapping:
            length = self._length(dragged)
            start, near = pointer.snap_time(at)
            end, near_end = pointer.snap_time(at + length)
            if near and (not near_end or abs(start - at) <= abs(end - at - length)):
                at = start
            elif near_end:
                at = max(0, end - length)
        row = pointer.state.row_at(spot.y())
        if row is not None:
            return pointer.state.snap_frame(at), row.track.id
        return pointer.state.snap_frame(at), self._beyond(spot, dragged)

    def _beyond(self, spot: QPointF, dragged: Dragged) -> str:
        """`+video` or `+audio` for a spot past the last track of that kind that what is dragged can lie on, else nothing."""
        state = self._pointer.state
        content = spot.y() + state.scroll_y
        kind = "video" if content < 0 else "audio" if content >= state.rows.height else ""
        if not kind or not dragged.assets:
            return ""
        asset = self._pointer.bench.snapshot.find(MediaReference, dragged.assets[0]["asset"])
        if asset is None:
            return ""
        picture = asset.video is not None or asset.still
        return f"+{kind}" if picture == (kind == "video") else ""

    def _length(self, dragged: Dragged) -> int:
        if dragged.assets:
            one = dragged.assets[0]
            asset = self._pointer.bench.snapshot.find(MediaReference, one["asset"])
            whole = asset.duration if asset is not None and asset.duration else _GENERATED
            return int(one.get("source_duration") or whole - int(one.get("source_start") or 0))
        return _GENERATED

    def _args(self, one: dict[str, Any], at: int, track: str) -> dict[str, Any]:
        """Arguments of a placement, with the track if the asset can lie there."""
        view = self._pointer.bench.snapshot
        asset = view.find(MediaReference, one["asset"])
        row = self._pointer.state.rows.of(track) if track else None
        args = {**one, "at": at}
        if row is not None and asset is not None:
            picture = asset.video is not None or asset.still
            if (row.track.kind == "video" and picture) or (row.track.kind == "audio" and asset.audio):
                args["track"] = track
        return args

    def _show(self, spot: QPointF, insert: bool) -> tuple[Overlay, str, bool]:
        """The picture of a drop here, words for it, and whether nothing would happen."""
        dragged, pointer = self._dragged, self._pointer
        assert dragged is not None
        if why := pointer.bench.barred():
            return NOTHING, why, True
        at, track = self._place(spot, dragged)
        if dragged.files:
            count = len(dragged.files)
            words = f"Import {dragged.files[0].name if count == 1 else f'{count} files'} and put them here"
            return Overlay(guide=at, drop_row=track), words, False
        if dragged.generator is not None:
            return self._show_generator(dragged.generator, spot, at, track)
        if track.startswith("+"):
            return self._show_beyond(dragged.assets[0], at, track)
        first = self._args(dragged.assets[0], at, track)
        command = "clip.insert" if insert else "clip.overwrite"
        return self._preview(command, first, "Insert" if insert else "Overwrite", len(dragged.assets), pointer)

    def _show_beyond(self, one: dict[str, Any], at: int, track: str) -> tuple[Overlay, str, bool]:
        """The clip on a track that would be made."""
        view = self._pointer.bench.snapshot
        asset = view.find(MediaReference, one["asset"])
        kind: Any = track[1:]
        dragged = Dragged(assets=(one,))
        ghost = Clip(id="dropped", track="", kind=kind, start=at, asset=one["asset"], name=asset.name if asset is not None else "",
                     source_range=TimeRange(int(one.get("source_start") or 0), self._length(dragged)))
        return Overlay(beyond=(ghost,), guide=self._guide(at)), f"New {'picture' if kind == 'video' else 'sound'} track", False

    def _show_generator(self, generator: dict[str, Any], spot: QPointF, at: int, track: str) -> tuple[Overlay, str, bool]:
        if generator["command"] == "transition.add":
            pair = self._cut_at(spot)
            if pair is None:
                return NOTHING, "Drop it on a cut between two clips", True
            return Overlay(guide=pair[1].start), "Add at this cut", False
        return self._preview(generator["command"], self._generator_args(generator, at, track), "Add", 1, self._pointer)

    def _preview(self, command: str, args: dict[str, Any], verb: str, count: int, pointer: Any) -> tuple[Overlay, str, bool]:
        try:
            draft = pointer.bench.door.preview(command, args)
        except CommandError as error:
            return NOTHING, str(error), True
        ghost = Ghost(clips=ghost_clips(draft, ()))
        overlay = replace(overlay_of(pointer.state, ghost), guide=self._guide(args["at"]))
        return overlay, f"{verb} {count} clips" if count > 1 else verb, False

    def _guide(self, at: int) -> int | None:
        found, near = self._pointer.snap_time(at)
        return found if near and found == at and self._pointer.bench.tools.snapping else None

    def _cut_at(self, spot: QPointF) -> tuple[Clip, Clip] | None:
        pointer = self._pointer
        row = pointer.state.row_at(spot.y())
        if row is None:
            return None
        pairs = [(a, b) for a, b in zip(row.clips, row.clips[1:], strict=False) if a.end == b.start]
        near = min(pairs, key=lambda pair: abs(pointer.state.scale.x(pair[1].start) - spot.x()), default=None)
        return near if near is not None and abs(pointer.state.scale.x(near[1].start) - spot.x()) <= 60 else None

    # ---- doing --------------------------------------------------------------------------------------------------

    def place(self, assets: tuple[dict[str, Any], ...], at: int, track: str, insert: bool) -> list[str]:
        """Puts assets down one after the other as one gesture, and selects them."""
        bench = self._pointer.bench
        name = gesture("drop")
        made: list[str] = []
        if track.startswith("+"):
            added = bench.run("track.add", {"kind": track[1:]}, gesture=name)
            track = added["track"] if added else ""
        for one in assets:
            result = bench.run("clip.insert" if insert else "clip.overwrite", self._args(one, at, track), gesture=name)
            clip = bench.snapshot.find(Clip, result["clip"]) if result else None
            if clip is None:
                break
            made += [i for i in (result["clip"], result["linked"]) if i]
            at = clip.end
        if made:
            bench.selection.set(made)
        return made

    def _generator_args(self, generator: dict[str, Any], at: int, track: str) -> dict[str, Any]:
        row = self._pointer.state.rows.of(track) if track else None
        args = {"at": at, "duration": _GENERATED, **generator["args"]}
        if row is not None and row.track.kind == "video" and not row.track.locked and \
                row.between(at, at + int(args["duration"]))[0] == row.between(at, at + int(args["duration"]))[1]:
            args["track"] = track
        return args

    def _generate(self, generator: dict[str, Any], spot: QPointF, at: int, track: str) -> None:
        bench = self._pointer.bench
        if generator["command"] == "transition.add":
            pair = self._cut_at(spot)
            if pair is None:
                bench.say("Drop a transition on a cut between two clips that touch", "info")
            else:
                add_dissolve(bench, *pair)
            return
        result = bench.run(generator["command"], self._generator_args(generator, at, track))
        if result is not None:
            bench.selection.set([result["clip"]])

    def _import(self, files: tuple[Path, ...], at: int, track: str, insert: bool) -> None:
        """Imports in the background; what could be read is put here when all of it has come."""
        imports = self._pointer.bench.imports
        if imports.add(files) is None:
            return

        def came(assets: list[str]) -> None:
            imports.finished.disconnect(came)
            if assets and isValid(self._pointer.lanes):
                self.place(tuple({"asset": asset} for asset in dict.fromkeys(assets)), at, track, insert)

        imports.finished.connect(came)
