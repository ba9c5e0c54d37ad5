"""What is selected, shared by viewer, timeline, media list and inspector.

Owns: selected clips, transitions, markers and assets by id. Refuses: records, and what a selection is for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, Signal

from editor_core.document import Snapshot

_MANY = 500
"""Selected clips from which on records are looked up in one table."""


class Selection(QObject):
    """Ids in the order they were selected. `changed` fires once for each difference.

    Things on the timeline (clips, transitions, markers) and assets are selected apart: picking a clip leaves the media list
    as it is, but `subject` says which of the two was touched last; the inspector shows that one.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.clips: tuple[str, ...] = ()
        self.transitions: tuple[str, ...] = ()
        self.markers: tuple[str, ...] = ()
        self.assets: tuple[str, ...] = ()
        self.subject: str = "timeline"
        self._pruned: tuple[Snapshot | None, tuple[tuple[str, ...], ...]] = (None, ())
        self._set: tuple[tuple[str, ...], frozenset[str]] = ((), frozenset())

    @property
    def among(self) -> frozenset[str]:
        """The selected clips, for asking whether one is among many."""
        if self._set[0] is not self.clips:
            self._set = self.clips, frozenset(self.clips)
        return self._set[1]

    def set(self, clips: Iterable[str] = (), *, transitions: Iterable[str] = (), markers: Iterable[str] = ()) -> None:
        """Selects exactly these things on the timeline."""
        self._put(tuple(dict.fromkeys(clips)), tuple(dict.fromkeys(transitions)), tuple(dict.fromkeys(markers)))

    def toggle(self, clips: Iterable[str]) -> None:
        """Adds clips that are not selected and drops those that are."""
        now = dict.fromkeys(self.clips)
        for clip in clips:
            if clip in now:
                del now[clip]
            else:
                now[clip] = None
        self._put(tuple(now), self.transitions, self.markers)

    def add(self, clips: Iterable[str]) -> None:
        self._put(tuple(dict.fromkeys((*self.clips, *clips))), self.transitions, self.markers)

    def clear(self) -> None:
        """Nothing on the timeline is selected."""
        self._put((), (), ())

    def set_assets(self, assets: Iterable[str]) -> None:
        wanted = tuple(dict.fromkeys(assets))
        if wanted != self.assets or self.subject != "assets":
            self.assets, self.subject = wanted, "assets"
            self.changed.emit()

    def prune(self, snapshot: Snapshot) -> None:
        """Drops what is no longer live."""
        held = self.clips, self.transitions, self.markers, self.assets
        if self._pruned[0] is snapshot and self._pruned[1] == held:
            return  # several ask after a change
        known = snapshot.records.whole() if len(self.clips) > _MANY else snapshot.records

        def live(ids: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(i for i in ids if (record := known.get(i)) is not None and not record.deleted)

        after = live(self.clips), live(self.transitions), live(self.markers), live(self.assets)
        if after != (self.clips, self.transitions, self.markers, self.assets):
            self.clips, self.transitions, self.markers, self.assets = after
            self.changed.emit()
        self._pruned = snapshot, after

    def _put(self, clips: tuple[str, ...], transitions: tuple[str, ...], markers: tuple[str, ...]) -> None:
        if (clips, transitions, markers) == (self.clips, self.transitions, self.markers) and self.subject == "timeline":
            return
        self.clips, self.transitions, self.markers, self.subject = clips, transitions, markers, "timeline"
        self.changed.emit()


class ToolBox(QObject):
    """The tool in hand and the switches that every drag asks about.

    `tool` is one of select, track_forward, ripple, roll, slip, slide, razor, hand, zoom; which of them exist is decided by
    the actions `tool.NAME` that are declared.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.tool = "select"
        self.snapping = True
        self.linked = True

    def take(self, tool: str) -> None:
        if tool != self.tool:
            self.tool = tool
            self.changed.emit()

    def set_snapping(self, on: bool) -> None:
        if on != self.snapping:
            self.snapping = on
            self.changed.emit()

    def set_linked(self, on: bool) -> None:
        """Linked selection: a click takes picture and sound of a shot together."""
        if on != self.linked:
            self.linked = on
            self.changed.emit()


class Targets(QObject):
    """Which tracks edits go to when a command is not told: window state, kept per project by the shell."""

    changed = Signal()

    def __init__(self, snapshot: Callable[[], Snapshot], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._snapshot = snapshot
        self._chosen: tuple[str, ...] | None = None

    @property
    def tracks(self) -> tuple[str, ...]:
        """Ids of target tracks: those chosen, or the first video and the first audio track."""
        view = self._snapshot()
        live = view.tracks()
        if self._chosen is not None:
            kept = tuple(t.id for t in live if t.id in self._chosen)
            if kept or not self._chosen:
                return kept
        firsts = [next((t.id for t in live if t.kind == kind), None) for kind in ("video", "audio")]
        return tuple(i for i in firsts if i is not None)

    def toggle(self, track: str) -> None:
        now = self.tracks
        self.set([t for t in now if t != track] if track in now else [*now, track])

    def set(self, tracks: Iterable[str]) -> None:
        wanted = tuple(dict.fromkeys(tracks))
        if wanted != self.tracks or self._chosen is None:
            self._chosen = wanted
            self.changed.emit()
