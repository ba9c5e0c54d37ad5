"""Media dropped on the program picture: four zones say what becomes of it.

Owns: the zones, what can be done now and why not, doing it at the playhead. Refuses: lanes (see `drops`). Files from outside are
imported, as anywhere else in the window.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QPainter

from app.desktop.canvas.drops import Dragged, read
from app.desktop.canvas.picture import Picture
from app.desktop.canvas.timeline_actions import gesture
from editor_core.schema import Clip, MediaReference
from editor_core.timing import TICKS_PER_SECOND

ZONES = (("insert", "Insert", "pe-insert"), ("overwrite", "Overwrite", "pe-overwrite"), ("replace", "Replace", "pe-replace"),
         ("top", "On top", "layers"))
"""From left to right, the first two above the others."""
_STILL = 5 * TICKS_PER_SECOND


class ProgramDrop:
    """Follows one drag over the program picture; `zone` is what lies under it."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self.bench = picture.bench
        self.zone = ""
        self._dragged: Dragged | None = None

    @property
    def active(self) -> bool:
        return self._dragged is not None and bool(self._dragged.assets)

    def boxes(self) -> dict[str, QRect]:
        """Where the zones lie, in the picture's pixels."""
        area = self.picture.target().toAlignedRect().intersected(self.picture.rect()).adjusted(8, 8, -8, -8)
        width, height = (area.width() - 8) // 2, (area.height() - 8) // 2
        return {zone[0]: QRect(area.left() + n % 2 * (width + 8), area.top() + n // 2 * (height + 8), width, height)
                for n, zone in enumerate(ZONES)}

    # ---- events -------------------------------------------------------------------------------------------------

    def enter(self, event: QDragEnterEvent) -> None:
        found = read(event.mimeData())
        if found is not None and (found.assets or found.files):
            self._dragged = found
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.picture.update()

    def move(self, event: QDragMoveEvent) -> None:
        if self._dragged is None:
            return
        event.setDropAction(Qt.DropAction.CopyAction)
        if self._dragged.files:
            event.accept()
            return
        zone = self._at(event.position())
        if zone != self.zone:
            self.zone = zone
            self.picture.update()
        event.setAccepted(bool(zone) and not self.reason(zone))

    def leave(self) -> None:
        self.zone, self._dragged = "", None
        self.picture.update()

    def drop(self, event: QDropEvent) -> None:
        dragged, zone = self._dragged or read(event.mimeData()), self._at(event.position())
        self.leave()
        if dragged is None or not (dragged.files or (dragged.assets and zone)):
            return
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        if dragged.files:
            self._files(list(dragged.files))
            return
        why = self.reason(zone)
        if why:
            self.bench.say(why, "info")
        else:
            self.put(zone, dragged.assets)

    def _files(self, paths: list[Path]) -> None:
        """What the window does with files that fall on it; in a panel that floats, they are imported."""
        widget: Any = self.picture
        while widget is not None and not hasattr(widget, "dropped"):
            widget = widget.parentWidget()
        if widget is not None:
            widget.dropped(paths)
        else:
            self.bench.imports.add(paths)

    def _at(self, spot: QPointF) -> str:
        return next((zone for zone, box in self.boxes().items() if box.contains(spot.toPoint())), "")

    # ---- doing --------------------------------------------------------------------------------------------------

    def reason(self, zone: str) -> str:
        """Why a zone can do nothing now; empty when it can."""
        if zone == "replace" and self._here() is None:
            return "There is no clip at the playhead to replace"
        return ""

    def put(self, zone: str, assets: tuple[dict[str, Any], ...]) -> None:
        """Does what a zone says with the assets, one after the other from the playhead on, as one gesture."""
        bench, name, at = self.bench, gesture("drop"), self.bench.transport.ticks
        if zone == "replace":
            here = self._here()
            if here is not None:
                bench.run("clip.replace", {"clip": here.id, "asset": assets[0]["asset"], "source_start": assets[0].get("source_start", 0)})
            return
        made: list[str] = []
        for one in assets:
            args: dict[str, Any] = {**one, "at": at}
            if zone == "top":
                track = self._top(one, at, name)
                args |= {"track": track} if track else {}
            result = bench.run("clip.insert" if zone == "insert" else "clip.overwrite", args, gesture=name)
            clip = bench.snapshot.find(Clip, result["clip"]) if result else None
            if clip is None:
                break
            made += [i for i in (result["clip"], result["linked"]) if i]
            at = clip.end
        if made:
            bench.selection.set(made)

    def _here(self) -> Clip | None:
        """The topmost picture clip of media at the playhead."""
        view, at = self.bench.snapshot, self.bench.transport.ticks
        found = (view.clip_at(track.id, at) for track in reversed(view.tracks("video")) if not track.hidden and not track.locked)
        return next((clip for clip in found if clip is not None and clip.asset), None)

    def _top(self, one: dict[str, Any], at: int, name: str) -> str:
        """The uppermost picture track if it is free there, else a new one above it; nothing for sound."""
        view = self.bench.snapshot
        asset = view.find(MediaReference, one["asset"])
        if asset is None or (asset.video is None and not asset.still):
            return ""
        length = int(one.get("source_duration") or (asset.duration or _STILL) - int(one.get("source_start") or 0))
        tracks = view.tracks("video")
        if tracks and not tracks[-1].locked and not view.clips_between(tracks[-1].id, at, at + length):
            return tracks[-1].id
        added = self.bench.run("track.add", {"kind": "video"}, gesture=name)
        return str(added["track"]) if added else ""

    # ---- painting -----------------------------------------------------------------------------------------------

    def paint(self, painter: QPainter) -> None:
        """The zones over the picture, the one under the pointer lit."""
        look = self.picture.look
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for zone, words, icon in ZONES:
            box, lit, dead = self.boxes()[zone], zone == self.zone, bool(self.reason(zone))
            painter.setOpacity(0.45 if dead else 1.0)
            painter.setPen(look.colour("accent" if lit and not dead else "line-control"))
            painter.setBrush(look.soft("accent-fill", 0.72) if lit and not dead else look.soft("badge", 0.72))
            painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
            label = look.label(words, max(10, box.width() - 16), look.strong_font)
            middle = box.center()
            side, ink = look.m.px(20), "text-on-accent" if lit and not dead else "badge-ink"
            painter.drawPixmap(middle.x() - side // 2, round(middle.y() - side - 2), look.icon(icon, ink, 20))
            look.draw(painter, middle.x() - label.width / 2, middle.y() + 4, label, ink)
        painter.setOpacity(1.0)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
