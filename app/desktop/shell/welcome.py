"""The first page: the sample film, new, open, recent, make it yours.

Owns: its cards and what they start. Refuses: projects themselves.
"""

from __future__ import annotations

import datetime
import os
import shutil
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QImage, QKeySequence, QLinearGradient, QPainter, QPainterPath, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.desktop.bridge.keymap import bundled
from app.desktop.session import Tools
from app.desktop.shell.new_project import SHAPES, NewProject, shape_row
from app.desktop.theme.theme import Theme
from app.desktop.widgets.basics import IconLabel, Words, button, column, frame, label, plain_tip, row
from app.desktop.widgets.segments import Segments

if TYPE_CHECKING:
    from app.desktop.shell.main_window import MainWindow

WIDTH = 1460


class Hero(QFrame):
    """The sample film's picture with what it is and the button that opens it."""

    def __init__(self, theme: Theme, window: MainWindow) -> None:
        super().__init__()
        self._theme = theme
        poster = resources.files("resources").joinpath("sample/poster.jpg")
        self._image = QImage.fromData(poster.read_bytes()) if poster.is_file() else QImage()
        self.setMinimumHeight(theme.px(300))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        words = QVBoxLayout()
        words.setSpacing(theme.px(2))
        for text, font, colour in (("Sample film", "body", "#C9CDD4"), ("Meadow", "display", "#FFFFFF"),
                                   ("A short cut of real footage: two dissolves, a title, a picture in picture and music. "
                                    "Everything in it can be taken apart.", "section", "#E2E5EA")):
            made = QLabel(text)
            made.setFont(theme.font(font, 400 if font == "section" else None))
            made.setStyleSheet(f"color: {colour}")
            made.setWordWrap(font == "section")
            if font == "section":
                made.setMaximumWidth(theme.px(560))
            words.addWidget(made)
        opener = button(theme, "Open the sample", window.open_sample, kind="primary", icon="circle-play", large=True)
        bottom = QHBoxLayout()
        bottom.addLayout(words, 100)
        bottom.addStretch(1)  # without it the row is no wider than its words may be, and stands in the middle
        bottom.addWidget(opener, 0, Qt.AlignmentFlag.AlignBottom)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(28), theme.px(28), theme.px(28), theme.px(26))
        layout.addStretch(1)
        layout.addLayout(bottom)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        shape = QPainterPath()
        shape.addRoundedRect(self.rect().toRectF(), self._theme.px(10), self._theme.px(10))
        painter.setClipPath(shape)
        painter.fillRect(self.rect(), Qt.GlobalColor.black)
        if not self._image.isNull():
            scaled = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatioByExpanding)
            painter.drawImage(QRect((self.width() - scaled.width()) // 2, (self.height() - scaled.height()) // 2,
                                    scaled.width(), scaled.height()), self._image)
        shade = QLinearGradient(0, self.height() * 0.4, 0, self.height())
        for at, alpha in ((0.0, 0), (0.45, 120), (0.8, 205), (1.0, 240)):
            colour = self._theme.color("canvas").darker(100)
            colour.setRgb(8, 10, 14, alpha)
            shade.setColorAt(at, colour)
        painter.fillRect(self.rect(), shade)
        painter.end()


class RecentRow(QToolButton):
    """A project that was open before."""

    def __init__(self, theme: Theme, path: Path, window: MainWindow) -> None:
        super().__init__()
        self.setAccessibleName(f"Open {path.stem}")
        self.setToolTip(plain_tip(str(path)))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(theme.px(44))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(lambda: window.open_project(path))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.px(12), 0, theme.px(12), 0)
        layout.setSpacing(theme.px(12))
        layout.addWidget(IconLabel(theme, "film", "text-3", 20))
        text = QVBoxLayout()
        text.setSpacing(0)
        text.addStretch(1)
        name, where = Words(path.stem), Words(str(path.parent))
        name.setFont(theme.font("body", 500))
        where.setFont(theme.font("label"))
        where.setProperty("role", "tertiary")
        text.addWidget(name)
        text.addWidget(where)
        text.addStretch(1)
        layout.addLayout(text, 1)
        try:
            changed = datetime.datetime.fromtimestamp(path.stat().st_mtime).strftime("%d %b %Y, %H:%M")
        except OSError:
            changed = ""
        layout.addWidget(label(theme, changed, "tertiary", "label"))
        for child in self.findChildren(QLabel):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)


class Welcome(QFrame):
    """Shown while no project is open."""

    def __init__(self, tools: Tools, window: MainWindow) -> None:
        super().__init__()
        theme = tools.theme
        self._tools, self._window, self._theme = tools, window, theme
        self.setProperty("surface", "canvas")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Welcome")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._bar())
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = QWidget()
        inner.setObjectName("scrolled")
        middle = QHBoxLayout(inner)
        middle.setContentsMargins(theme.px(24), theme.px(16), theme.px(24), theme.px(16))
        self._body = QWidget()
        self._body.setMaximumWidth(theme.px(WIDTH))
        middle.addStretch(1)
        middle.addWidget(self._body, 100)
        middle.addStretch(1)
        self._fill(self._body)
        area.setWidget(inner)
        outer.addWidget(area, 1)
        outer.addWidget(self._foot())
        for keys, call in (("Ctrl+O", window.open_project), ("Ctrl+Alt+N", window.new_project), ("Ctrl+Q", window.quit),
                           ("Ctrl+,", lambda: window.dialog("preferences"))):
            QShortcut(QKeySequence(keys), self).activated.connect(lambda c=call: c())

    def sizeHint(self) -> QSize:
        return QSize(1280, 860)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._side.setVisible(self.width() > self._theme.px(1080))

    def _bar(self) -> QWidget:
        theme = self._theme
        holder = QWidget()
        mark = QLabel()
        mark.setPixmap(theme.pixmap("logo", "accent-fill", 22))
        name = label(theme, "ProEditor", font="section")
        holder.setLayout(row(mark, name, None, spacing=theme.px(8), margins=(theme.px(24), theme.px(14), theme.px(24), theme.px(4))))
        return holder

    def _foot(self) -> QWidget:
        theme = self._theme
        from importlib.metadata import PackageNotFoundError, version

        try:
            number = version("proeditor")
        except PackageNotFoundError:
            number = "from sources"
        holder = QWidget()
        about = button(theme, "Licences and credits", lambda: self._window.dialog("about"), kind="link")
        about.setFont(theme.font("label"))
        holder.setLayout(row(label(theme, f"Version {number}", "tertiary", "label"), about, None, spacing=theme.px(16),
                             margins=(theme.px(24), theme.px(4), theme.px(24), theme.px(14))))
        return holder

    def _fill(self, body: QWidget) -> None:
        theme = self._theme
        left = QWidget()
        cards = row(self._new_card(), self._open_card(), self._join_card(), spacing=theme.px(12))
        for number, share in enumerate((14, 10, 10)):
            cards.setStretch(number, share)
        holder = QWidget()
        holder.setLayout(cards)
        stack = column(Hero(theme, self._window), holder, self._recent(), spacing=theme.px(14))
        stack.setStretch(0, 1)
        left.setLayout(stack)
        self._side = self._yours()
        self._side.setFixedWidth(theme.px(440))
        title = label(theme, "Welcome to ProEditor", font="display")
        words = label(theme, "Start with the sample film, or bring your own footage. Nothing leaves this computer.", "secondary", "section")
        words.setFont(theme.font("section", 400))
        both = row(left, self._side, spacing=theme.px(20))
        both.setStretch(0, 1)
        lower = QWidget()
        lower.setLayout(both)
        layout = column(title, theme.px(6), words, theme.px(20), lower)
        layout.setStretch(4, 1)
        body.setLayout(layout)

    def _card(self, icon: str, title: str) -> tuple[QFrame, QVBoxLayout]:
        theme = self._theme
        card = frame("card")
        layout = QVBoxLayout(card)
        layout.setContentsMargins(theme.px(18), theme.px(16), theme.px(18), theme.px(16))
        layout.setSpacing(theme.px(8))
        layout.addLayout(row(IconLabel(theme, icon, "accent", 20), label(theme, title, font="section"), None, spacing=theme.px(8)))
        return card, layout

    def _new_card(self) -> QFrame:
        theme = self._theme
        card, layout = self._card("clapperboard", "New project")
        shapes, group = shape_row(theme)
        layout.addWidget(shapes)

        def make() -> None:
            dialog = NewProject(theme, str(self._tools.settings.get("folders/last", str(Path.home()))), self._window, group.checkedId())
            dialog.made.connect(lambda path, shape: self._window.create(Path(path), shape))
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.open()

        words = label(theme, f"{len(SHAPES)} shapes. Size and rate follow the first clip you add.", "tertiary", "label", cut=True)
        words.setText("Size and rate follow the first clip you add.")
        layout.addLayout(row(words, button(theme, "Create", make, kind="outline"), spacing=theme.px(8)))
        return card

    def _open_card(self) -> QFrame:
        theme = self._theme
        card, layout = self._card("folder-open", "Open")
        layout.addWidget(label(theme, "A project or a copy of one. It always opens, even with missing media.", "secondary", wrap=True))
        layout.addStretch(1)
        layout.addLayout(row(button(theme, "Choose a project", self._window.open_project, kind="outline"), None))
        return card

    def _join_card(self) -> QFrame:
        theme = self._theme
        card, layout = self._card("log-in", "Join")
        layout.addWidget(label(theme, "Somebody sent you a link: edit the same film together.", "secondary", wrap=True))
        layout.addStretch(1)
        layout.addLayout(row(button(theme, "Join with a link", lambda: self._window.dialog("join"), kind="outline"), None))
        return card

    def _recent(self) -> QFrame:
        theme = self._theme
        known = [p for p in map(Path, self._tools.settings.get("recent", [])) if p.is_file()][:4]
        card = frame("card")
        layout = QVBoxLayout(card)
        layout.setContentsMargins(theme.px(6), theme.px(6), theme.px(6), theme.px(6))
        layout.setSpacing(0)
        for path in known:
            layout.addWidget(RecentRow(theme, path, self._window))
        if not known:
            text = column(label(theme, "No recent projects yet", font="body"),
                          label(theme, "Projects you open appear here.", "tertiary"))
            line_ = row(IconLabel(theme, "film", "text-3", 20), spacing=theme.px(16), margins=(theme.px(18), theme.px(16), 0, theme.px(16)))
            line_.addLayout(text, 1)
            layout.addLayout(line_)
        return card

    def _yours(self) -> QWidget:
        theme, settings = self._theme, self._tools.settings
        side = QWidget()
        yours = frame("card")
        layout = QVBoxLayout(yours)
        layout.setContentsMargins(theme.px(18), theme.px(16), theme.px(18), theme.px(16))
        layout.setSpacing(theme.px(10))
        layout.addWidget(label(theme, "Make it yours", font="section"))
        maps = sorted(bundled().items(), key=lambda pair: (pair[0] != "proeditor", pair[1].name))
        wanted = str(settings.get("keys/map", "proeditor"))
        keys = Segments(theme, "Keys like", [(name, file.name) for name, file in maps], wanted, height=28)
        keys.chosen.connect(lambda name: settings.set("keys/map", name))
        looks = Segments(theme, "Theme", [("dark", "Dark"), ("light", "Light"), ("high_contrast", "High contrast"), ("system", "System")],
                         theme.wanted, height=28)
        looks.chosen.connect(lambda name: settings.set("look/theme", name))
        steps = [("0.9", "90 %"), ("1.0", "100 %"), ("1.25", "125 %"), ("1.5", "150 %")]
        sizes = Segments(theme, "Size", steps, f"{theme.scale}", height=28)
        sizes.chosen.connect(lambda scale: settings.set("look/scale", float(scale)))
        for words, field in (("Keys like", keys), ("Theme", looks), ("Size", sizes)):
            head = label(theme, words, "secondary")
            head.setFixedWidth(theme.px(86))
            layout.addLayout(row(head, field, None, spacing=theme.px(6)))
        side.setLayout(column(yours, self._computer(), self._private(), None, spacing=theme.px(12)))
        return side

    def _computer(self) -> QFrame:
        theme = self._theme
        card = frame("card")
        layout = QVBoxLayout(card)
        layout.setContentsMargins(theme.px(18), theme.px(16), theme.px(18), theme.px(16))
        layout.setSpacing(theme.px(9))
        layout.addWidget(label(theme, "This computer", font="section"))
        cores = os.cpu_count() or 1
        try:
            free = shutil.disk_usage(self._tools.cache).free / 2**30
        except OSError:
            free = 0.0
        facts = [("cpu", "Processor", f"{cores} cores"),
                 ("hard-drive", "Free space for cache and exports", f"{free:,.0f} GB" if free else "not known")]
        for icon, words, fact in facts:
            layout.addLayout(row(IconLabel(theme, icon, "text-3", 16), label(theme, words), None, label(theme, fact, "tertiary", "label"),
                                 spacing=theme.px(8)))
        advice = "Preview quality follows what this computer can do; exports are always exact."
        layout.addWidget(label(theme, advice, "tertiary", "label", wrap=True))
        return card

    def _private(self) -> QFrame:
        theme = self._theme
        card = frame("card")
        layout = QVBoxLayout(card)
        layout.setContentsMargins(theme.px(18), theme.px(16), theme.px(18), theme.px(16))
        layout.setSpacing(theme.px(9))
        layout.addWidget(label(theme, "Private by default", font="section"))
        for icon, words, fact in (("lock-keyhole", "Projects stay on this computer", "No account"),
                                  ("bug", "Problem reports", "Never sent")):
            layout.addLayout(row(IconLabel(theme, icon, "ok", 16), label(theme, words), None, label(theme, fact, "tertiary", "label"),
                                 spacing=theme.px(8)))
        return card
