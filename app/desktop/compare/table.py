"""The list of what differs between two cuts, with ticks where changes can be taken.

Owns: the rows, their words. Refuses: what a tick brings about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPixmap

from app.desktop.widgets.basics import plain_tip
from app.services.blaming import shown_value
from editor_core.document import Snapshot
from editor_core.edits.wording import called, lane
from editor_core.schema import Clip, Track
from editor_core.sync.differences import Difference
from editor_core.timing import format_timecode

if TYPE_CHECKING:
    from app.desktop.bridge import Workbench
    from app.desktop.theme.theme import Theme

Index = QModelIndex | QPersistentModelIndex
COLUMNS = ("", "Time", "What", "Left", "Right")
_NAMES = {"start": "place", "source_range": "", "gain_db": "level"}
_SIGNS = {"title": "type", "caption": "captions", "sound": "audio-lines"}
"""Icons of clips that have no picture."""
_KINDS = {"added": "Added", "removed": "Removed", "changed": "Changed", "moved": "Moved"}


def values(view: Snapshot, one: Difference, after: bool) -> str:
    """What a record is in one of two cuts, in a few words: `opacity 92 %`."""
    if one.kind == "added":
        return "Added" if after else "—"
    if one.kind == "removed":
        return "Removed" if after else "There"
    said = [f"{_NAMES.get(name, name.replace('_', ' '))} {shown_value(view, name, pair[1 if after else 0])}".strip()
            for name, pair in one.fields.items() if name not in ("link", "group")]
    words = ", ".join(said[:3]) + (f" and {len(said) - 3} more" if len(said) > 3 else "")
    return words[:1].upper() + words[1:]


class Changes(QAbstractTableModel):
    """`ticked` are ids; `ticks_changed` when they are others. Without `pickable` there are no ticks."""

    ticks_changed = Signal()

    def __init__(self, bench: Workbench, sides: tuple[str, str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench, self._theme, self._sides = bench, bench.theme, sides
        bench.tiles.ready.connect(self._pictured)
        self.rows: list[Difference] = []
        self.ticked: set[str] = set()
        self.pickable: frozenset[str] = frozenset()
        self.both: dict[str, tuple[str, ...]] = {}
        self._views: tuple[Snapshot, Snapshot] | None = None

    def show(self, rows: list[Difference], left: Snapshot, right: Snapshot, pickable: list[str], both: dict[str, tuple[str, ...]]) -> None:
        self.beginResetModel()
        self.rows, self._views = rows, (left, right)
        self.pickable, self.both = frozenset(pickable), both
        self.ticked &= self.pickable
        self.endResetModel()
        self.ticks_changed.emit()

    def tick(self, ids: set[str]) -> None:
        """These are ticked, no others."""
        self.ticked = ids & self.pickable
        if self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, 0))
        self.ticks_changed.emit()

    def place_of(self, record: str) -> int:
        return next((n for n, one in enumerate(self.rows) if one.id == record), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._sides[section - 3] if section >= 3 else COLUMNS[section]
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        own = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return own | Qt.ItemFlag.ItemIsUserCheckable if index.column() == 0 and self.rows[index.row()].id in self.pickable else own

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        one = self.rows[index.row()]
        if role != Qt.ItemDataRole.CheckStateRole or one.id not in self.pickable:
            return False
        (self.ticked.add if Qt.CheckState(value) == Qt.CheckState.Checked else self.ticked.discard)(one.id)
        self.dataChanged.emit(index, index)
        self.ticks_changed.emit()
        return True

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        one, column = self.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.CheckStateRole and column == 0 and one.id in self.pickable:
            return Qt.CheckState.Checked if one.id in self.ticked else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.DisplayRole:
            return self._words(one, column)
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._theme.color("accent" if column == 1 else "text" if column == 2 else "text-2")
        if role == Qt.ItemDataRole.DecorationRole and column == 4:
            return _dot(self._theme, one.kind)
        if role == Qt.ItemDataRole.DecorationRole and column == 2:
            return self._still(one)
        if role == Qt.ItemDataRole.ToolTipRole:
            more = f"\nThe film changed its {', '.join(self.both[one.id]).replace('_', ' ')} too" if self.both.get(one.id) else ""
            return plain_tip(f"{_KINDS[one.kind]} {one.what}: {one.name}{more}")
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{_KINDS[one.kind]} {one.name}, {self._words(one, 1)}"
        return None

    def _still(self, one: Difference) -> QPixmap:
        """A small picture of a clip, or a place kept free for it."""
        theme = self._theme
        made = QPixmap(theme.px(38), theme.px(22))
        made.fill(theme.color("well"))
        clip = next((c for view in self._views or () if isinstance(c := view.record(one.id), Clip)), None)
        if clip is None:
            made.fill(QColor(0, 0, 0, 0))
        elif clip.kind == "solid":
            made.fill(QColor(clip.color))
        elif clip.asset and not clip.is_sound:
            tile = self._bench.tiles.thumbnail(clip.asset, clip.source_range.start + clip.duration // 3, made.height())
            if tile is not None:
                return QPixmap.fromImage(tile.scaled(made.size(), Qt.AspectRatioMode.KeepAspectRatioByExpanding,
                                                     Qt.TransformationMode.SmoothTransformation))
        if clip is not None and (icon := _SIGNS.get("sound" if clip.is_sound else clip.kind)):
            painter = QPainter(made)
            sign = theme.pixmap(icon, "text-3", 14)
            painter.drawPixmap(QPointF((made.width() - theme.px(14)) / 2, (made.height() - theme.px(14)) / 2), sign)
            painter.end()
        return made

    def _pictured(self, _asset: str) -> None:
        if self.rows:
            self.dataChanged.emit(self.index(0, 2), self.index(len(self.rows) - 1, 2), [Qt.ItemDataRole.DecorationRole])

    def _words(self, one: Difference, column: int) -> str:
        if self._views is None or column == 0:
            return ""
        left, right = self._views
        view = right if right.record(one.id) is not None else left
        if column == 1:
            return format_timecode(max(0, one.start), view.timeline.rate) if isinstance(view.record(one.id), Clip) or one.start else ""
        if column == 2:
            record = view.record(one.id)
            if isinstance(record, Track):
                return f"Track {lane(view, record)}"
            if isinstance(record, Clip):
                return f"{called(view, record)}  {one.track}"
            return f"{one.name if one.name != one.id else ''}  {one.what}".strip().capitalize()
        return values(left if column == 3 else right, one, column == 4)


def _dot(theme: Theme, kind: str) -> QPixmap:
    side = theme.px(8)
    made = QPixmap(side, side)
    made.fill(QColor(theme.color(f"diff-{kind}")))
    return made
