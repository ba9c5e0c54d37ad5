"""Media as a Qt model: one row an asset, with filter, search and use counts.

Owns: rows, bins, what a row says. Refuses: painting, and asking for pictures.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QMimeData, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, QUrl

from app.desktop.bridge import ASSETS_MIME, Workbench
from app.desktop.panels.media.uses import Uses
from app.desktop.widgets.basics import plain_tip
from editor_core.document import ChangeSet, Snapshot
from editor_core.schema import Collection, MediaReference
from editor_core.timing import TICKS_PER_SECOND

Index = QModelIndex | QPersistentModelIndex
ROW = Qt.ItemDataRole.UserRole
COLUMNS = ("Name", "Length", "Format", "Rate", "Used")

KINDS = (("all", "All media", "layout-grid"), ("video", "Video", "film"), ("sound", "Sound", "audio-lines"),
         ("still", "Stills", "image"))
SMART = (("unused", "Unused", "circle-dashed"), ("offline", "Offline", "unlink"),
         ("replaced", "Replaced", "file-warning"), ("unreadable", "Unreadable", "file-x"))
"""Bins that fill themselves, as (name, words, icon)."""
IN_COLLECTION = "in:"
"""A collection's bin is called by this and its id."""
_NAMES = {(3840, 2160): "4K", (4096, 2160): "4K", (1920, 1080): "1080", (1280, 720): "720", (7680, 4320): "8K"}


@dataclass(frozen=True)
class MediaRow:
    """What one row shows. `asset` is empty for a file that could not be read; `badges` are (words, kind)."""

    asset: str
    name: str
    kind: str
    length: str
    format: str
    rate: str
    uses: int = 0
    offline: bool = False
    badges: tuple[tuple[str, str], ...] = ()
    reason: str = ""
    path: str = ""
    duration: int = 0
    picture: bool = False
    collection: str = ""
    replaced: bool = False
    words: str = ""
    """What a search looks in, in small letters; the name when empty."""
    stand_in: bool = False
    coming: str = ""
    """How far it is on its way from somebody else, in words."""

    @property
    def shown(self) -> bool:
        """Whether there is something to show: the file, or a smaller one that stands in for it."""
        return not self.offline or self.stand_in

    @property
    def spoken(self) -> str:
        """For screen readers."""
        used = f", used {self.uses} times" if self.uses else ""
        elsewhere = f", {self.coming}" if self.coming else ", proxy" if self.stand_in else ", offline"
        state = elsewhere if self.offline else ", replaced by another file" if self.replaced else ""
        more = state + (f", {self.reason}" if self.reason else "")
        return f"{self.name}, {self.kind}, {self.length or 'no length'}{used}{more}"


def short_length(ticks: int) -> str:
    """Minutes and seconds (hours where there are any), rounded down: `2:05`."""
    seconds = ticks // TICKS_PER_SECOND
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def kind_of(media: MediaReference) -> str:
    return "still" if media.still else "video" if media.video is not None else "sound"


def format_of(media: MediaReference) -> str:
    """Size (or channels) and rate in a few letters: `4K · 25p`, `Stereo · 48 kHz`."""
    if media.video is not None:
        width, height = media.video.shown_size
        size = _NAMES.get((width, height)) or _NAMES.get((height, width), f"{width}×{height}")
        if (height, width) in _NAMES and (width, height) not in _NAMES:
            size += " tall"
        if media.still:
            return size
        fps = media.video.rate.fps
        rate = f"{fps:.0f}" if abs(fps - round(fps)) < 0.005 else f"{fps:.2f}"
        return f"{size} · {rate}{'i' if media.video.interlaced else 'p'}"
    if media.audio:
        sound = media.audio[0]
        names = {1: "Mono", 2: "Stereo", 6: "5.1", 8: "7.1"}
        return f"{names.get(sound.channels, f'{sound.channels} ch')} · {sound.sample_rate / 1000:g} kHz"
    return "No picture, no sound"


def badges_of(media: MediaReference) -> tuple[tuple[str, str], ...]:
    """What is unusual about a file: (words, kind), kind `warn` for what wants care."""
    found: list[tuple[str, str]] = []
    video = media.video
    if video is not None:
        if video.variable:
            found.append(("VFR", "warn"))
        if video.transfer in ("smpte2084", "arib-std-b67"):
            found.append(("HDR", ""))
        if video.bit_depth > 8:
            found.append((f"{video.bit_depth} bit", ""))
        if video.rotation:
            found.append(("Rotated", ""))
        if video.alpha:
            found.append(("Alpha", ""))
        if not media.audio and not media.still:
            found.append(("Silent", ""))
    if len(media.audio) > 1:
        found.append((f"{len(media.audio)} sounds", ""))
    return tuple(found)


class MediaModel(QAbstractTableModel):
    """Rows of one bin that fit the search; unreadable files stand in their own bin and at the end of all."""

    def __init__(self, bench: Workbench, parent: QObject) -> None:
        super().__init__(parent)
        self._bench = bench
        self._all: list[MediaRow] = []
        self.rows: list[MediaRow] = []
        self.bin, self.words = "all", ""
        self.order = (-1, Qt.SortOrder.AscendingOrder)
        self._place: dict[str, int] = {}
        self._soon = QTimer(self, singleShot=True, interval=120)
        self._soon.timeout.connect(self.reload)
        self._uses = Uses(bench, self)
        self._uses.changed.connect(self._soon.start)
        bench.listen(self._changed, self)
        bench.imports.changed.connect(self.reload)
        bench.media.changed.connect(self.reload)
        bench.fetch.changed.connect(self.reload)
        self.reload()

    def reload(self) -> None:
        """Reads the project anew, and tells the view only what differs where the same rows remain."""
        view, bench = self._bench.snapshot, self._bench
        uses = self._uses.of
        named = {one.id: one.name for one in view.of_kind(Collection)}
        made = [self._with_fetched(_row(media, uses(media.id), media.id in bench.media.offline, media.id in bench.media.replaced, named))
                for media in view.of_kind(MediaReference)]
        made += [MediaRow("", row.path.name, "unreadable", "", "Not readable", "", reason=_without(row.path.name, row.reason),
                          path=str(row.path))
                 for row in bench.imports.unreadable]
        self._all = made
        self._filter()

    def _with_fetched(self, row: MediaRow) -> MediaRow:
        """The row with what comes of it from others in the room."""
        if not row.offline:
            return row
        fetch = self._bench.fetch
        coming = fetch.coming.get(row.asset)
        return replace(row, stand_in=row.asset in fetch.stand_ins, coming=coming.words if coming is not None else "")

    def show_bin(self, name: str) -> None:
        self.bin = name
        self._filter()

    def search(self, words: str) -> None:
        self.words = words.casefold().strip()
        self._filter()

    def count(self, name: str) -> int:
        """How many rows a bin has, whatever is searched for."""
        return sum(1 for row in self._all if _fits(row, name))

    def index_of(self, asset: str) -> QModelIndex:
        place = self._place.get(asset)
        return self.index(place, 0) if place is not None else QModelIndex()

    def touched(self, asset: str) -> None:
        """A picture of an asset has come."""
        place = self._place.get(asset)
        if place is not None:
            self.dataChanged.emit(self.index(place, 0), self.index(place, len(COLUMNS) - 1), [Qt.ItemDataRole.DecorationRole])

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sorts by a column of `COLUMNS`; -1 has them as they were imported."""
        self.order = (column if column < len(COLUMNS) else -1, order)
        self._filter()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        return COLUMNS[section] if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.rows[index.row()]
        if role == ROW:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return (row.name, row.length, row.format, row.rate, f"{row.uses}×" if row.uses else "")[index.column()]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return row.spoken
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(_tip(row))
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() in (1, 4):
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.ForegroundRole and (index.column() or not row.shown or row.replaced or row.reason):
            return self._bench.theme.color("danger" if not row.shown or row.replaced or row.reason else "text-2")
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        row = self.rows[index.row()]
        if role != Qt.ItemDataRole.EditRole or not row.asset or not str(value).strip() or value == row.name:
            return False
        return self._bench.run("asset.set", {"asset": row.asset, "name": str(value).strip()}) is not None

    def flags(self, index: Index) -> Qt.ItemFlag:
        base = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if index.isValid() and self.rows[index.row()].asset:
            base |= Qt.ItemFlag.ItemIsDragEnabled
            if index.column() == 0:
                base |= Qt.ItemFlag.ItemIsEditable
        return base

    def mimeTypes(self) -> list[str]:
        return [ASSETS_MIME, "text/uri-list"]

    def mimeData(self, indexes: Any) -> QMimeData:
        assets = list(dict.fromkeys(self.rows[i.row()].asset for i in indexes if self.rows[i.row()].asset))
        data = QMimeData()
        data.setData(ASSETS_MIME, json.dumps(assets).encode())
        locations = self._bench.services.project.file.locations
        data.setUrls([QUrl.fromLocalFile(str(places[0])) for asset in assets if (places := locations.get(asset))])
        return data

    def _changed(self, change: ChangeSet, before: Snapshot, after: Snapshot) -> None:
        self._uses.follow(change, before, after)
        if not after.shares(before, MediaReference, Collection):
            self._soon.start()

    def _filter(self) -> None:
        words = self.words.split()
        fit = [row for row in self._all if _fits(row, self.bin) and all(w in (row.words or row.name.casefold()) for w in words)]
        column, order = self.order
        if column >= 0:
            fit.sort(key=_SORTED_BY[column], reverse=order == Qt.SortOrder.DescendingOrder)
        if [r.asset or r.path for r in fit] == [r.asset or r.path for r in self.rows]:
            changed = [n for n, (old, new) in enumerate(zip(self.rows, fit, strict=True)) if old != new]
            self.rows = fit
            for n in changed:
                self.dataChanged.emit(self.index(n, 0), self.index(n, len(COLUMNS) - 1))
            return
        self.beginResetModel()
        self.rows = fit
        self._place = {row.asset: n for n, row in enumerate(fit) if row.asset}
        self.endResetModel()


def _counted(words: str) -> list[tuple[int, int | str]]:
    """Words as people sort them: numbers in them by size, so that `take 2` stands before `take 10`."""
    return [(0, int(part)) if part.isascii() and part.isdigit() else (1, part) for part in re.split(r"([0-9]{1,18})", words.casefold())]


_SORTED_BY: tuple[Callable[[MediaRow], Any], ...] = (
    lambda row: _counted(row.name), lambda row: row.duration, lambda row: _counted(row.format), lambda row: float(row.rate or 0),
    lambda row: row.uses)
"""What each of `COLUMNS` is sorted by."""


def _without(name: str, reason: str) -> str:
    """A reason that begins with the file's name, without it: the name stands above it already."""
    rest = reason.removeprefix(name).lstrip(": ")
    return rest[:1].upper() + rest[1:] if rest != reason and rest else reason


def _fits(row: MediaRow, name: str) -> bool:
    if name == "all":
        return True
    if name == "unused":
        return bool(row.asset) and row.uses == 0
    if name == "offline":
        return row.offline
    if name == "replaced":
        return row.replaced
    if name.startswith(IN_COLLECTION):
        return row.collection == name.removeprefix(IN_COLLECTION)
    return row.kind == name


def _row(media: MediaReference, uses: int, offline: bool, replaced: bool, named: Mapping[str, str]) -> MediaRow:
    rate = ""
    if media.video is not None and not media.still:
        fps = media.video.rate.fps
        rate = f"{fps:.3f}".rstrip("0").rstrip(".")
    collection = media.collection if media.collection in named else ""
    form = format_of(media)
    searched = f"{media.name} {form} {named.get(collection, '')}".casefold()
    return MediaRow(media.id, media.name, kind_of(media), "" if media.still else short_length(media.duration), form, rate, uses, offline,
                    badges_of(media), "", "", media.duration, media.video is not None, collection, replaced, searched)


def _tip(row: MediaRow) -> str:
    if row.reason:
        return f"{row.name}\n{row.reason}\n{Path(row.path).parent}"
    parts = [row.name, f"{row.format}{', ' + row.length if row.length else ''}"]
    if row.badges:
        parts.append(", ".join(words for words, _ in row.badges))
    if row.replaced:
        parts.append("Another file lies where this one was; find the right one, or take it as new media")
    elsewhere = "The original is with others in the room; a smaller file stands in for it" if row.stand_in else \
        "Offline: the file is not where it was"
    parts.append(elsewhere if row.offline else f"Used {row.uses} times" if row.uses else "Not used yet")
    return "\n".join(parts)
