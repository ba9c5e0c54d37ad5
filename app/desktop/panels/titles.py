"""Titles and generators: ready-made titles, solids and transitions to drag or add.

Owns: the cards and what they carry. Refuses: drawing titles in the film (the renderer does); the cards are sketches.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QAbstractListModel, QMimeData, QModelIndex, QObject, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QMenu, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QVBoxLayout, QWidget

from app.desktop.bridge import GENERATOR_MIME, PanelSpec, Workbench
from app.desktop.widgets.basics import label
from app.desktop.widgets.segments import Segments
from editor_core.timing import TICKS_PER_SECOND, round_to_frame

PANEL = PanelSpec("titles", "Titles", "left", "type", order=20, context="titles")
Index = QModelIndex | QPersistentModelIndex
CARD = Qt.ItemDataRole.UserRole


def build(bench: Workbench) -> QWidget:
    return TitlesPanel(bench)


MIDDLE = (0.5, 0.5)


@dataclass(frozen=True)
class Card:
    """One thing that can be added. `at` is where its text stands in the frame (0 to 1), `size` a share of the frame's height."""

    name: str
    kind: str
    text: str = ""
    at: tuple[float, float] = (0.5, 0.5)
    anchor: tuple[float, float] = (0.5, 0.5)
    size: float = 0.1
    weight: int = 600
    align: str = "center"
    color: str = "#FFFFFF"
    more: dict[str, Any] = field(default_factory=dict)
    icon: str = "type"


SHADE = {"shadow_color": "#000000B4", "shadow_blur": 10, "shadow_offset": [0, 3]}
CARDS = (
    Card("Main title", "title", "Main title", size=0.115, weight=700),
    Card("Lower third", "title", "Name\nWhat they do", (0.06, 0.86), (0.0, 1.0), 0.052, 600, "left", more=SHADE),
    Card("Subtitle", "title", "What is said here", (0.5, 0.93), (0.5, 1.0), 0.05, 500, more={"stroke_width": 3, "stroke_color": "#000000"}),
    Card("Chapter", "title", "Chapter one", (0.08, 0.5), (0.0, 0.5), 0.075, 600, "left"),
    Card("Caption, top left", "title", "Harbour, 04:10", (0.05, 0.07), (0.0, 0.0), 0.042, 500, "left", more=SHADE),
    Card("Credits", "title", "Directed by\nA. Name\n\nPhotography\nB. Name", size=0.05, weight=400),
    Card("Big word", "title", "WORD", size=0.3, weight=900),
    Card("Outline", "title", "Outline", size=0.13, weight=700, color="#FFFFFF00", more={"stroke_width": 4, "stroke_color": "#FFFFFF"}),
    Card("Black", "solid", color="#000000", icon="shapes"), Card("White", "solid", color="#FFFFFF", icon="shapes"),
    Card("Night blue", "solid", color="#1B2A45", icon="shapes"), Card("Warm grey", "solid", color="#6E665C", icon="shapes"),
    Card("Green screen", "solid", color="#00B140", icon="shapes"), Card("Red", "solid", color="#B3312A", icon="shapes"),
    Card("Dissolve", "transition", icon="blend"),
)
KINDS = (("all", "All"), ("title", "Titles"), ("solid", "Solids"), ("transition", "Transitions"))


def command_of(card: Card, bench: Workbench) -> dict[str, Any]:
    """The command and arguments of a card, without place: what a drag carries."""
    if card.kind == "transition":
        return {"command": "transition.add", "args": {"kind": "dissolve"}}
    timeline = bench.snapshot.timeline
    length = round_to_frame(round(float(bench.settings.get("defaults/title", 4.0)) * TICKS_PER_SECOND), timeline.rate)
    if card.kind == "solid":
        return {"command": "solid.add", "args": {"color": card.color, "duration": length}}
    scale = timeline.height / 1080
    style: dict[str, Any] = {"size": max(1.0, round(card.size * timeline.height)), "weight": card.weight, "align": card.align,
                             "color": card.color}
    if tuple(card.anchor) != MIDDLE:  # what stands as it would anyhow is not set, so that nothing looks changed by hand
        style["anchor"] = list(card.anchor)
    if tuple(card.at) != MIDDLE:
        style["position"] = [round(card.at[0] * timeline.width, 1), round(card.at[1] * timeline.height, 1)]
    for name, value in card.more.items():
        style[name] = [v * scale for v in value] if isinstance(value, list) else value * scale if isinstance(value, int) else value
    return {"command": "title.add", "args": {"text": card.text, "duration": length, "style": style}}


class Cards(QAbstractListModel):
    """Cards of one kind."""

    def __init__(self, bench: Workbench, parent: QObject) -> None:
        super().__init__(parent)
        self._bench = bench
        self.rows = list(CARDS)

    def show_kind(self, kind: str) -> None:
        self.beginResetModel()
        self.rows = [card for card in CARDS if kind in ("all", card.kind)]
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        card = self.rows[index.row()]
        if role == CARD:
            return card
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{card.name}, {card.kind}"
        return "Drag it to the timeline, or double-click to add it at the playhead" if role == Qt.ItemDataRole.ToolTipRole else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled

    def mimeTypes(self) -> list[str]:
        return [GENERATOR_MIME]

    def mimeData(self, indexes: Any) -> QMimeData:
        data = QMimeData()
        data.setData(GENERATOR_MIME, json.dumps(command_of(self.rows[indexes[0].row()], self._bench)).encode())
        return data


class _Painter(QStyledItemDelegate):
    """A card: a sketch of the frame with the title in it, and its name."""

    def __init__(self, bench: Workbench, parent: QObject) -> None:
        super().__init__(parent)
        self._bench, self._theme = bench, bench.theme
        self.width = bench.theme.px(118)

    def sizeHint(self, option: QStyleOptionViewItem | None, index: Index | None) -> QSize:
        return QSize(self.width, round(self.width * 9 / 16) + self._theme.px(30))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, card = self._theme, index.data(CARD)
        inner = option.rect.adjusted(theme.px(3), theme.px(3), -theme.px(4), -theme.px(4))  # type: ignore[attr-defined]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(inner), theme.px(5), theme.px(5))
        painter.fillPath(shape, theme.color("raised"))
        painter.setClipPath(shape)
        frame = QRect(inner.left(), inner.top(), inner.width(), round(inner.width() * 9 / 16))
        self._sketch(painter, card, frame)
        painter.setFont(theme.font("label", 500))
        painter.setPen(theme.color("text"))
        words = QRect(inner.left() + theme.px(6), frame.bottom() + 1, inner.width() - theme.px(12), inner.bottom() - frame.bottom())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, card.name)
        painter.setClipping(False)
        if option.state & QStyle.StateFlag.State_Selected:  # type: ignore[attr-defined]
            pen = painter.pen()
            pen.setWidthF(2)
            pen.setColor(theme.color("focus"))
            painter.setPen(pen)
            painter.drawRoundedRect(QRectF(inner).adjusted(-1, -1, 1, 1), theme.px(6), theme.px(6))
        painter.restore()

    def _sketch(self, painter: QPainter, card: Card, frame: QRect) -> None:
        theme = self._theme
        if card.kind == "solid":
            painter.fillRect(frame, QColor(card.color))
            return
        if card.kind == "transition":
            painter.fillRect(frame, theme.color("clip-video"))
            half = QPainterPath()
            half.moveTo(frame.topLeft())
            half.lineTo(frame.bottomLeft())
            half.lineTo(frame.topRight())
            half.closeSubpath()
            painter.fillPath(half, theme.color("clip-video-edge"))
            return
        painter.fillRect(frame, QColor("#2A313C"))
        font = QFont(theme.tokens.family)
        font.setPixelSize(max(6, round(card.size * frame.height())))
        font.setWeight(QFont.Weight(card.weight))
        painter.setFont(font)
        flags = {"left": Qt.AlignmentFlag.AlignLeft, "center": Qt.AlignmentFlag.AlignHCenter}.get(card.align, Qt.AlignmentFlag.AlignRight)
        size = painter.fontMetrics().boundingRect(QRect(0, 0, 4000, 4000), int(flags | Qt.AlignmentFlag.AlignTop), card.text).size()
        left = frame.left() + round(card.at[0] * frame.width() - card.anchor[0] * size.width())
        top = frame.top() + round(card.at[1] * frame.height() - card.anchor[1] * size.height())
        box = QRect(left, top, size.width() + 2, size.height() + 2)
        if card.more.get("stroke_width"):
            path = QPainterPath()
            path.addText(box.left(), box.top() + painter.fontMetrics().ascent(), font, card.text)
            pen = painter.pen()
            pen.setColor(QColor(card.more["stroke_color"]))
            pen.setWidthF(1.2)
            painter.strokePath(path, pen)
        if not card.color.endswith("00") or len(card.color) == 7:
            painter.setPen(QColor(card.color[:7]))
            painter.drawText(box, int(flags | Qt.AlignmentFlag.AlignTop), card.text)


class TitlesPanel(QWidget):
    """Double-click or Enter adds at the playhead; a drag puts it where it is dropped."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self._bench = bench
        theme = bench.theme
        self.model = Cards(bench, self)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setViewMode(QListView.ViewMode.IconMode)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setMovement(QListView.Movement.Static)
        self.list.setDragEnabled(True)
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.list.setUniformItemSizes(True)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.painter = _Painter(bench, self)
        self.list.setItemDelegate(self.painter)
        self.list.activated.connect(lambda index: self.add(self.model.rows[index.row()]))
        self.list.setAccessibleName("Titles and generators")
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._menu)
        kinds = Segments(theme, "Kind", list(KINDS), "all")
        kinds.chosen.connect(self.model.show_kind)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(8), theme.px(8), 0, 0)
        layout.setSpacing(theme.px(6))
        layout.addWidget(kinds, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.list, 1)
        foot = label(theme, "Drag to the timeline, or double-click to add at the playhead.", "tertiary", "label", wrap=True)
        foot.setContentsMargins(theme.px(2), theme.px(4), theme.px(8), theme.px(6))
        layout.addWidget(foot)

    def focus_target(self) -> QWidget:
        return self.list

    def add(self, card: Card) -> None:
        """Adds a card at the playhead and selects it."""
        bench = self._bench
        if card.kind == "transition":
            bench.actions.trigger("transition.default")
            return
        made = command_of(card, bench)
        result = bench.run(made["command"], {**made["args"], "at": bench.transport.ticks})
        if isinstance(result, dict):
            bench.selection.set([result["clip"]])
            if card.kind == "title":
                bench.actions.trigger("title.edit")

    def menu_of(self, card: Card) -> QMenu:
        """What can be done with a card, in words."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Add at the cut nearest to the playhead" if card.kind == "transition" else "Add at playhead", lambda: self.add(card))
        return menu

    def _menu(self, at: QPoint) -> None:
        index = self.list.indexAt(at)
        if index.isValid():
            self.menu_of(self.model.rows[index.row()]).popup(self.list.viewport().mapToGlobal(at))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = self.list.width() - self._bench.theme.px(14)
        columns = max(1, room // self._bench.theme.px(112))
        self.painter.width = max(self._bench.theme.px(80), room // columns)
        self.list.setGridSize(self.painter.sizeHint(None, None))
