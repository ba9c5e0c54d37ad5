"""The Media panel's widgets: search, bins, grid and list.

Owns: what a click, a drag, a key and a drop do here. Refuses: rows (model) and cards (painting).
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QItemSelectionModel, QObject, QPoint, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QDrag, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QMenu,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.desktop.bridge import Workbench
from app.desktop.panels.media.bins import BinColumn, entry
from app.desktop.panels.media.cards import CardPainter
from app.desktop.panels.media.listing import MediaTable
from app.desktop.panels.media.model import IN_COLLECTION, ROW, MediaModel, MediaRow
from app.desktop.widgets.basics import LiveIconButton, button, label, line
from app.desktop.widgets.empty import Empty
from app.desktop.widgets.segments import Segments
from editor_core.document import ChangeSet, Snapshot
from editor_core.schema import Collection

_NARROW = 300


class Cards(QListView):
    """The grid. What is dragged out of it is a small picture beside the pointer, so that the place it goes to can be seen."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self._bench = bench

    def startDrag(self, actions: Qt.DropAction) -> None:
        indexes = self.selectedIndexes()
        if not indexes:
            return
        drag = QDrag(self)
        drag.setMimeData(self.model().mimeData(indexes))
        theme, row = self._bench.theme, indexes[0].data(ROW)
        words = row.name if len(indexes) == 1 else f"{len(indexes)} media"
        shape = label(theme, words, font="label")
        shape.setStyleSheet(f"background: {theme.hex('accent-fill')}; color: {theme.hex('text-on-accent')}; border-radius: 3px; "
                            f"padding: {theme.px(3)}px {theme.px(7)}px")
        drag.setPixmap(shape.grab())
        drag.setHotSpot(QPoint(-theme.px(12), -theme.px(8)))
        drag.exec(Qt.DropAction.CopyAction)


class MediaPanel(QWidget):
    """What is in the project."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self._bench = bench
        theme = bench.theme
        self.model = MediaModel(bench, self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._search_row())
        self._stack = QStackedWidget()
        layout.addWidget(self._stack, 1)
        body = QWidget()
        split = QHBoxLayout(body)
        split.setContentsMargins(0, 0, 0, 0)
        split.setSpacing(0)
        self._bins = QScrollArea()
        self._bins.setWidgetResizable(True)
        self._bins.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._bins.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._bins.setFixedWidth(theme.px(124))
        self.bins = BinColumn(bench, self.model)
        self._bins.setWidget(self.bins)
        split.addWidget(self._bins)
        self._divider = line(vertical=True)
        split.addWidget(self._divider)
        self._views = QStackedWidget()
        self.grid, self.table = self._make_grid(), MediaTable(bench, self.model)
        self._common(self.table)
        self._views.addWidget(self.grid)
        self._views.addWidget(self.table)
        split.addWidget(self._views, 1)
        self._stack.addWidget(body)
        importer = button(theme, "Import …", lambda: bench.actions.trigger("media.import"), kind="primary", icon="import")
        words = "Files stay where they are. Nothing is copied."
        self._stack.addWidget(Empty(theme, "film", "Drop footage or a folder here", words, importer))
        self._nothing = Empty(theme, "search", "Nothing fits", "", button(theme, "Clear search", self._clear, kind="outline"))
        self._views.addWidget(self._nothing)
        self._hollow = Empty(theme, "folder", "Nothing is in this collection", "Drag media onto its name, or import while it is shown.")
        self._views.addWidget(self._hollow)
        self.setAccessibleName("Media")
        self._show_view(str(bench.settings.get("media/view", "grid")))
        self.model.modelReset.connect(self._refresh)
        self.model.dataChanged.connect(lambda *_: self._counts())
        bench.tiles.ready.connect(self.model.touched)
        bench.selection.changed.connect(self._follow)
        for action, run in (("media.find", self.find), ("edit.rename", self.rename), ("edit.find", self.find),
                            ("media.reveal_clip", self.reveal_clip), ("collection.add", self.new_collection)):
            if action in bench.actions:
                bench.actions.bind(action, run)
        self._import = LiveIconButton(theme, "import", bench.actions.tooltip("media.import"),
                                      lambda: bench.actions.trigger("media.import"), colour="text-3")
        self._fold = LiveIconButton(theme, "folder-plus", bench.actions.tooltip("collection.add"),
                                    lambda: bench.actions.trigger("collection.add"), colour="text-3")
        self.bins.chosen.connect(self._show_bin)
        bench.listen(self._changed, self)
        self.search.installEventFilter(self)
        self.grid.viewport().installEventFilter(self)
        self._refresh()

    def header_widgets(self) -> list[QWidget]:
        return [self._fold, self._import]

    def focus_target(self) -> QWidget:
        return self._view()

    def find(self) -> None:
        """Puts the cursor into the search field."""
        self._bench.shell.show_panel("media")
        self.search.setFocus()
        self.search.selectAll()

    def new_collection(self) -> None:
        """Makes a collection of what is selected here, and asks for its name in place."""
        self._bench.shell.show_panel("media")
        self.bins.make(self._bench.selection.assets if self._bench.selection.subject == "assets" else ())

    def rename(self) -> None:
        """Edits the name of what is selected here, or of the selected clip."""
        index = self._view().currentIndex()
        if self._bench.late.get("focus") == "media" and index.isValid():
            self._view().edit(index.siblingAtColumn(0))
        elif self._bench.selection.clips:
            self._bench.shell.palette(command="clip.set", given={"property": "name"})
        else:
            self._bench.say("Select media or a clip first", "info")

    def reveal_clip(self) -> None:
        """Selects the media of the selected clip here."""
        for clip in self._bench.selection.clips:
            record = self._bench.snapshot.record(clip)
            asset = getattr(record, "asset", "")
            if asset:
                self._clear()
                self._choose_bin("all")
                self._bench.shell.show_panel("media")
                self._bench.selection.set_assets([asset])
                return
        self._bench.say("Select a clip with media first", "info")

    def _search_row(self) -> QHBoxLayout:
        bench, theme = self._bench, self._bench.theme
        bar = QHBoxLayout()
        bar.setContentsMargins(theme.px(8), theme.px(8), theme.px(8), theme.px(7))
        bar.setSpacing(theme.px(6))
        self.search = QLineEdit()
        self.search.setFont(theme.font("body"))
        self.search.setClearButtonEnabled(True)
        self.search.addAction(theme.icon("search", "text-3", 14), QLineEdit.ActionPosition.LeadingPosition)
        self.search.setAccessibleName("Search media")
        self.search.textChanged.connect(self.model.search)
        self._switch = Segments(theme, "View", [("grid", "Cards", "layout-grid"), ("list", "List", "list")],
                                str(bench.settings.get("media/view", "grid")))
        self._switch.chosen.connect(self._show_view)
        bar.addWidget(self.search, 1)
        bar.addWidget(self._switch)
        return bar

    def _make_grid(self) -> QListView:
        grid = Cards(self._bench)
        grid.setModel(self.model)
        grid.setViewMode(QListView.ViewMode.IconMode)
        grid.setResizeMode(QListView.ResizeMode.Adjust)
        grid.setMovement(QListView.Movement.Static)
        grid.setUniformItemSizes(True)
        grid.setSpacing(0)
        grid.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.cards = CardPainter(self._bench, grid)
        grid.setItemDelegate(self.cards)
        grid.setMouseTracking(True)
        self._common(grid)
        return grid

    def _common(self, view: QAbstractItemView) -> None:
        view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setDragEnabled(True)
        view.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        view.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(lambda at, v=view: self._menu(v, at))
        view.doubleClicked.connect(lambda _index: self._bench.actions.trigger("source.open"))
        view.selectionModel().selectionChanged.connect(lambda *_: self._picked(view))
        view.setAccessibleName("Media")

    def _view(self) -> QAbstractItemView:
        return self.table if self._views.currentWidget() is self.table or self._switch.value == "list" else self.grid

    def _picked(self, view: QAbstractItemView) -> None:
        if view is not self._view() or self._following:
            return
        chosen = [self.model.rows[i.row()].asset for i in view.selectionModel().selectedRows()]
        self._bench.selection.set_assets([asset for asset in chosen if asset])

    _following = False

    def _follow(self) -> None:
        """Shows what others selected."""
        view = self._view()
        model = view.selectionModel()
        now = [self.model.rows[i.row()].asset for i in model.selectedRows() if i.row() < len(self.model.rows)]
        wanted = list(self._bench.selection.assets)
        if sorted(a for a in now if a) == sorted(wanted):
            return
        self._following = True
        model.clearSelection()
        for asset in wanted:
            index = self.model.index_of(asset)
            if index.isValid():
                model.select(index, QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows)
                view.scrollTo(index)
        self._following = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.grid.viewport():
            if event.type() == QEvent.Type.MouseMove and isinstance(event, QMouseEvent) and not event.buttons():
                self._hover(event.position().toPoint())
            elif event.type() == QEvent.Type.Leave:
                self._hover(None)
            elif event.type() == QEvent.Type.Resize:
                self._fit_cards()
        elif watched is self.search and event.type() == QEvent.Type.KeyPress and event.key() in (  # type: ignore[attr-defined]
                Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Escape):
            if event.key() == Qt.Key.Key_Escape:  # type: ignore[attr-defined]
                self._clear()
            self._view().setFocus()
            if self.model.rows and not self._view().currentIndex().isValid():
                self._view().setCurrentIndex(self.model.index(0, 0))
            return True
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= self._bench.theme.px(_NARROW)
        self._bins.setVisible(wide)
        self._divider.setVisible(wide)
        self.table.fit_columns(self.width() - (self._bins.width() if wide else 0))
        self._fit_cards()

    def _fit_cards(self) -> None:
        theme = self._bench.theme
        room = self.grid.width() - theme.px(14)
        columns = max(1, room // theme.px(118))
        width = max(theme.px(90), room // columns)
        if width != self.cards.width:
            self.cards.width = width
            self.grid.setGridSize(self.cards.sizeHint(None, None))  # type: ignore[arg-type]
            self.grid.scheduleDelayedItemsLayout()

    def _hover(self, at: QPoint | None) -> None:
        index = self.grid.indexAt(at) if at is not None else self.model.index(-1, 0)
        before = self.cards.hover
        self.cards.hover = None
        if at is not None and index.isValid():
            row = self.model.rows[index.row()]
            box = self.cards.picture_box(self.grid.visualRect(index))
            if box.contains(at) and row.asset and row.kind == "video":
                self.cards.hover = (row.asset, (at.x() - box.left()) / max(1, box.width()))
        for asset in {h[0] for h in (before, self.cards.hover) if h is not None}:
            touched = self.model.index_of(asset)
            if touched.isValid():
                self.grid.update(touched)

    def _show_view(self, name: str) -> None:
        self._bench.settings.set("media/view", name)
        self._views.setCurrentWidget(self.table if name == "list" else self.grid)
        self._refresh()
        self._follow()

    def _choose_bin(self, name: str) -> None:
        self.bins.choose(name)

    def _show_bin(self, name: str) -> None:
        self.model.show_bin(name)
        self._bench.imports.collection = name.removeprefix(IN_COLLECTION) if name.startswith(IN_COLLECTION) else ""
        self._refresh()

    def _changed(self, change: ChangeSet, before: Snapshot, after: Snapshot) -> None:
        if not after.shares(before, Collection):
            self.bins.show_collections()

    def _clear(self) -> None:
        self.search.clear()
        self._choose_bin("all")

    def _refresh(self) -> None:
        empty = self.model.count("all") == 0
        self._stack.setCurrentIndex(1 if empty else 0)
        count = self.model.count("all")
        self.search.setPlaceholderText(f"Search {count} item{'s' if count != 1 else ''}")
        if not self.model.rows and not empty:
            hollow = self.model.bin.startswith(IN_COLLECTION) and not self.model.words
            self._views.setCurrentWidget(self._hollow if hollow else self._nothing)
        else:
            self._views.setCurrentWidget(self.table if self._switch.value == "list" else self.grid)
        self._counts()
        self._fit_cards()

    def _counts(self) -> None:
        self.bins.show_counts()

    def _menu(self, view: QAbstractItemView, at: QPoint) -> None:
        index = view.indexAt(at)
        bench = self._bench
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        row: MediaRow | None = index.data(ROW) if index.isValid() else None
        if row is not None and row.reason:
            entry(menu, "Try again", lambda: bench.imports.add([Path(row.path)]))
            entry(menu, "Take off the list", lambda: bench.imports.dismiss(Path(row.path)))
        elif row is not None:
            for action in ("source.open", "clip.insert", "clip.overwrite", "clip.append"):
                menu.addAction(bench.actions.get(action))
            menu.addSeparator()
            entry(menu, "Rename", lambda: view.edit(index.siblingAtColumn(0)))
            places = bench.services.project.file.locations.get(row.asset)
            if places:
                entry(menu, "Show in its folder", lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(places[0].parent))))
            entry(menu, "Select where it is used", lambda: self._uses(row.asset))
            menu.addSeparator()
            menu.addMenu(self._collect_menu(menu, row))
            menu.addSeparator()
            menu.addAction(bench.actions.get("media.remove"))
        else:
            menu.addAction(bench.actions.get("media.import"))
            menu.addAction(bench.actions.get("media.import_folder"))
            menu.addSeparator()
        menu.addMenu(self.table.order_menu(menu))
        bench.actions.refresh()
        menu.popup(view.viewport().mapToGlobal(at))

    def _collect_menu(self, parent: QMenu, row: MediaRow) -> QMenu:
        """Where the selected media may be put."""
        bench = self._bench
        chosen = list(bench.selection.assets) if row.asset in bench.selection.assets else [row.asset]
        menu = QMenu("Put in collection", parent)
        for one in sorted(bench.snapshot.of_kind(Collection), key=lambda c: c.name.casefold()):
            entry(menu, one.name, lambda i=one.id: bench.run("collection.put", {"assets": chosen, "collection": i}),
                  enabled=one.id != row.collection or len(chosen) > 1)
        if menu.actions():
            menu.addSeparator()
        entry(menu, "New collection …", lambda: self.bins.make(tuple(chosen)))
        if row.collection:
            entry(menu, "Take out of its collection", lambda: bench.run("collection.put", {"assets": chosen, "collection": None}))
        return menu

    def _uses(self, asset: str) -> None:
        view = self._bench.snapshot
        used = [c for track in view.tracks() for c in view.clips_on(track.id) if c.asset == asset]
        if used:
            self._bench.selection.set([c.id for c in used])
            self._bench.transport.seek(min(c.start for c in used))
            self._bench.shell.show_panel("timeline")
        else:
            self._bench.say("It is not used on the timeline", "info")
