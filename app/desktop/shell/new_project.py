"""Making a new project.

Owns: asking for shape, rate, name and folder. Refuses: making the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QComboBox, QDialog, QFileDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.desktop.theme.theme import Theme
from app.desktop.widgets.basics import LiveIconButton, button, label, line, row


@dataclass(frozen=True)
class Shape:
    """A frame in pixels and its rate."""

    name: str
    width: int
    height: int
    rate: str = "25"


SHAPES = (Shape("16:9", 1920, 1080), Shape("9:16", 1080, 1920), Shape("1:1", 1080, 1080), Shape("2.39", 2048, 858))
RATES = (("24", "24"), ("25", "25"), ("30000/1001", "29.97"), ("30", "30"), ("50", "50"), ("60000/1001", "59.94"), ("60", "60"))


class ShapeButton(QAbstractButton):
    """A frame drawn in its shape, with its name."""

    def __init__(self, theme: Theme, shape: Shape) -> None:
        super().__init__()
        self._theme, self.shape = theme, shape
        self.setCheckable(True)
        self.setAccessibleName(f"{shape.name}, {shape.width} by {shape.height}")
        self.setToolTip(f"{shape.width} × {shape.height}")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(64), self._theme.px(66))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, on = self._theme, self.isChecked()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scale = min(theme.px(54) / self.shape.width, theme.px(42) / self.shape.height)
        width, height = round(self.shape.width * scale), round(self.shape.height * scale)
        box = QRect((self.width() - width) // 2, theme.px(44) - height, width, height)
        edge = "focus" if self.hasFocus() else "accent" if on else "text-3" if self.underMouse() else "line-control"
        pen = painter.pen()
        pen.setWidthF(1.5)
        pen.setColor(theme.color(edge))
        painter.setPen(pen)
        painter.setBrush(theme.color("accent-soft" if on else "hover"))
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(theme.color("accent" if on else "text-2"))
        painter.setFont(theme.font("label", 500 if on else 400))
        painter.drawText(QRect(0, theme.px(48), self.width(), theme.px(16)), Qt.AlignmentFlag.AlignCenter, self.shape.name)
        painter.end()


def shape_row(theme: Theme, checked: int = 0) -> tuple[QWidget, QButtonGroup]:
    """The shapes side by side; the group knows which is on."""
    holder = QWidget()
    bar = QHBoxLayout(holder)
    bar.setContentsMargins(0, 0, 0, 0)
    bar.setSpacing(theme.px(6))
    group = QButtonGroup(holder)
    for number, shape in enumerate(SHAPES):
        made = ShapeButton(theme, shape)
        made.setChecked(number == checked)
        group.addButton(made, number)
        bar.addWidget(made)
    bar.addStretch(1)
    return holder, group


class NewProject(QDialog):
    """`made(path, Shape)` when the person is done."""

    made = Signal(str, object)

    def __init__(self, theme: Theme, folder: str, parent: QWidget, shape: int = 0) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setWindowTitle("New project")
        self.setMinimumWidth(theme.px(460))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(20), theme.px(18), theme.px(20), theme.px(16))
        layout.setSpacing(theme.px(10))
        layout.addWidget(label(theme, "New project", font="title"))
        layout.addWidget(label(theme, "Shape", "secondary"))
        shapes, self._shapes = shape_row(theme, shape)
        layout.addWidget(shapes)
        self._rate = QComboBox()
        for value, words in RATES:
            self._rate.addItem(f"{words} frames a second", value)
        self._rate.setCurrentIndex(1)
        self._rate.setAccessibleName("Frame rate")
        layout.addLayout(row(_word(theme, "Rate"), self._rate, None, spacing=theme.px(8)))
        layout.addWidget(label(theme, "The first clip sets size and rate, as long as its shape is the same.", "tertiary", "label"))
        self._name = QLineEdit("Untitled")
        self._name.setAccessibleName("Name")
        self._name.selectAll()
        self._name.textChanged.connect(self._check)
        layout.addLayout(row(_word(theme, "Name"), self._name, spacing=theme.px(8)))
        self._folder = QLineEdit(folder)
        self._folder.setAccessibleName("Folder")
        self._folder.textChanged.connect(self._check)
        choose = LiveIconButton(theme, "folder-open", "Choose a folder", self._choose)
        layout.addLayout(row(_word(theme, "Folder"), self._folder, choose, spacing=theme.px(8)))
        self._problem = label(theme, "", "warn", "label", wrap=True)
        layout.addWidget(self._problem)
        layout.addWidget(line())
        self._make = button(theme, "Create", self._done, kind="primary")
        self._make.setDefault(True)
        layout.addLayout(row(None, button(theme, "Cancel", self.reject), self._make, spacing=theme.px(8)))
        self._check()
        self._name.setFocus()

    @property
    def path(self) -> Path:
        return Path(self._folder.text()).expanduser() / f"{self._name.text().strip()}.proedit"

    def _check(self) -> None:
        name, path = self._name.text().strip(), self.path
        words = ""
        if not name or any(c in name for c in '/\\:*?"<>|'):
            words = "Give it a name without / \\ : * ? \" < > |"
        elif not path.parent.is_dir():
            words = f"There is no folder {path.parent}"
        elif path.exists():
            words = f"There is a project {path.name} in that folder already; choose another name"
        self._problem.setText(words)
        self._make.setEnabled(not words)

    def _choose(self) -> None:
        found = QFileDialog.getExistingDirectory(self, "Folder of the project", self._folder.text())
        if found:
            self._folder.setText(found)

    def _done(self) -> None:
        shape = SHAPES[self._shapes.checkedId()]
        self.made.emit(str(self.path), Shape(shape.name, shape.width, shape.height, str(self._rate.currentData())))
        self.accept()


def _word(theme: Theme, text: str) -> QWidget:
    made = label(theme, text, "secondary")
    made.setFixedWidth(theme.px(60))
    return made
