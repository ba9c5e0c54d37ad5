"""The bar at the top: mark, menus, project name, workspaces, others, Export.

Owns: its widgets and their places. Refuses: what menus hold (see `menus`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenuBar, QSizePolicy, QWidget

from app.desktop.bridge import Workbench
from app.desktop.shell.branch_chip import BranchChip
from app.desktop.shell.menus import fill_menus
from app.desktop.shell.together_bar import TogetherBar
from app.desktop.theme.connect import connect_for
from app.desktop.widgets.basics import Words, button, line
from app.desktop.widgets.segments import Segments

if TYPE_CHECKING:
    from PySide6.QtCore import SignalInstance


NAME = 260
"""Widest project name."""
LEAST_NAME = 56
"""What is left of it in the narrowest window."""


class TopBar(QWidget):
    """40 px. The workspaces stand in the middle of the window where there is room, and nothing ever lies under them.

    In a narrow window the rest gives way, in this order: words about others, the branch's name, "Export", most avatars, the
    project's name, and at last menus, which the menu bar offers behind an arrow.
    """

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        theme = bench.theme
        self._bench = bench
        self.setObjectName("topBar")
        self.setFixedHeight(theme.size("top_bar"))
        bar = QHBoxLayout(self)
        bar.setContentsMargins(theme.px(10), 0, theme.px(8), 0)
        bar.setSpacing(theme.px(4))
        mark = QLabel()
        mark.setPixmap(theme.pixmap("logo", "accent-fill", 20))
        mark.setAccessibleName("ProEditor")
        bar.addWidget(mark)
        self.menus = QMenuBar()
        self.menus.setNativeMenuBar(False)
        self.menus.setFont(theme.font("body"))
        self.menus.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        fill_menus(self.menus, bench)
        bar.addSpacing(theme.px(4))
        bar.addWidget(self.menus, 0, Qt.AlignmentFlag.AlignVCenter)
        bar.addSpacing(theme.px(8))
        divider = line(vertical=True)
        divider.setFixedHeight(theme.px(16))
        bar.addWidget(divider)
        bar.addSpacing(theme.px(8))
        self.name = Words(self._project_name())
        self.name.setFont(theme.font("strong"))
        self.name.setMaximumWidth(theme.px(NAME))
        self.name.installEventFilter(self)
        self.name.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        bar.addWidget(self.name)
        bar.addSpacing(theme.px(2))
        self.branch = BranchChip(bench)
        bar.addWidget(self.branch)
        bar.addStretch(1)
        self._room = QWidget()  # keeps the place of the workspaces free
        bar.addWidget(self._room)
        bar.addStretch(1)
        self.together = TogetherBar(bench)
        bar.addWidget(self.together)
        bar.addSpacing(theme.px(4))
        self.export = button(theme, "Export", lambda: bench.actions.trigger("export.open"), kind="primary", icon="upload")
        self.export.setToolTip(bench.actions.tooltip("export.open"))
        bar.addWidget(self.export)
        spaces = [("edit", "Edit"), ("review", "Review"), ("deliver", "Deliver")]
        self.workspaces = Segments(theme, "Workspace", spaces, "edit", height=28, parent=self)
        self.workspaces.chosen.connect(lambda name: bench.shell.visit_workspace(name))
        self._fitting = False
        bench.listen(lambda change, before, after: self._renamed(before, after), self)
        self.together.resized.connect(self._place)
        for told in (bench.together.changed, bench.together.peers_changed, bench.versions.changed):
            connect_for(told, self._fit, self)

    @property
    def chosen(self) -> SignalInstance:
        return self.workspaces.chosen

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Everything says as much as there is room for."""
        if self._fitting:
            return
        self._fitting = True
        px, layout = self._bench.theme.px, self.layout()
        self._room.setFixedSize(self.workspaces.sizeHint().width() + px(8), 1)
        self.name.setMaximumWidth(px(NAME))
        self.menus.setMaximumWidth(self.menus.sizeHint().width())

        def words(short: int, branch: bool, export: bool) -> None:
            self.together.be_short(short)
            self.branch.be_short(not branch)
            self.export.setText(" Export" if export else "")

        for step in ((0, True, True), (1, True, True), (1, False, True), (1, False, False), (2, False, False)):
            words(*step)
            layout.invalidate()
            if layout.sizeHint().width() <= self.width():
                break
        for part, least in ((self.name, px(LEAST_NAME)), (self.menus, self.menus.minimumSizeHint().width())):
            layout.invalidate()
            missing = layout.sizeHint().width() - self.width()
            if missing > 0:
                part.setMaximumWidth(max(least, min(part.maximumWidth(), part.sizeHint().width()) - missing))
        self._fitting = False
        self._place()

    def _place(self) -> None:
        """The workspaces stand in the middle if there is room, else as near to it as what is beside them lets them."""
        self.layout().activate()
        size, gap = self.workspaces.sizeHint(), self._bench.theme.px(8)
        right = self.together.geometry().left() - gap - size.width()
        left = max(self.branch.geometry().right() + gap, min((self.width() - size.width()) // 2, right))
        self.workspaces.setGeometry(left, (self.height() - size.height()) // 2, size.width(), size.height())
        self.workspaces.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.name and isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseButtonDblClick:
            self._bench.shell.palette(command="project.rename")
            return True
        return False

    def _project_name(self) -> str:
        bench = self._bench
        return bench.snapshot.project.name or (bench.project_path.stem if bench.project_path is not None else "Untitled")

    def _renamed(self, before: object, after: object) -> None:
        if self.name.whole != self._project_name():
            self.name.setText(self._project_name())
            self._fit()
