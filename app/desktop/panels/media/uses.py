"""How many shots of the film each asset is used for.

Owns: counting, a bounded number of clips in a turn of the event loop, and following changes without counting again. Refuses: rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice

from PySide6.QtCore import QObject, QTimer, Signal

from app.desktop.bridge import Workbench
from editor_core.document import ChangeSet, Snapshot
from editor_core.schema import Clip

SLICE = 2000
"""Clips that are counted in one turn of the event loop."""
FEW = 500
"""Records up to which a change is followed; after larger ones all is counted again."""


class Uses(QObject):
    """`of(asset)`. Picture and sound of a shot count once. `changed` when a number did, or when all are known."""

    changed = Signal()

    def __init__(self, bench: Workbench, parent: QObject) -> None:
        super().__init__(parent)
        self._counts: Counter[str] = Counter()
        self._made: Counter[str] = Counter()
        """What is being counted; takes the place of `_counts` when all is."""
        self._seen: set[tuple[str, str]] = set()
        self._rest: Iterator[Clip] = iter(())
        self._turns = QTimer(self, interval=0)
        self._turns.timeout.connect(self._count_on)
        self._count(bench.snapshot)

    def of(self, asset: str) -> int:
        return self._counts[asset]

    def follow(self, change: ChangeSet, before: Snapshot, after: Snapshot) -> None:
        """Takes a change of the film over."""
        if after.shares(before, Clip):
            return
        touched = change.touched
        if len(touched) > FEW:
            self._count(after)
            return
        shots = {(clip.asset, clip.link, clip.id if not clip.link else "") for view in (before, after) for one in touched
                 if (clip := view.find(Clip, one)) is not None and clip.asset}
        moved = False
        for asset, link, clip_id in shots:
            more = _there(after, asset, link, clip_id) - _there(before, asset, link, clip_id)
            self._counts[asset] += more
            self._made[asset] += more
            moved |= more != 0
        if moved:
            self.changed.emit()

    def _count(self, view: Snapshot) -> None:
        """Counts from the start: what a film has until some thousand clips at once."""
        self._made.clear()
        self._seen.clear()
        self._rest = iter(view.of_kind(Clip))
        self._turns.start()
        self._count_on()

    def _count_on(self) -> None:
        counts, seen, some = self._made, self._seen, list(islice(self._rest, SLICE))
        for clip in some:
            shot = (clip.asset, clip.link or clip.id)
            if clip.asset and shot not in seen:
                seen.add(shot)
                counts[clip.asset] += 1
        if len(some) == SLICE:
            return
        self._turns.stop()
        self._seen.clear()
        self._counts, self._made = counts, Counter()
        self.changed.emit()


def _there(view: Snapshot, asset: str, link: str, clip_id: str) -> bool:
    """Whether a shot uses an asset: one of the clips that bear a link, or a clip without."""
    if link:
        return any(clip.asset == asset for clip in view.clips_linked(link))
    clip = view.find(Clip, clip_id)
    return clip is not None and not clip.link and clip.asset == asset
