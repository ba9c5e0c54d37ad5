"""Finished frames of one film in the order of playing: which are kept, for which times, and which goes first.

Owns: the byte budget, what a time showed before an edit, the stretches that are ready. Refuses: making frames, and knowing what they are.

A frame is kept under its digest, so an edit that leaves it alone leaves it ready, and one that is undone makes it ready again. What goes
first when room is needed: frames that an edit made out of date, then those that playing comes to last (in a loop those just passed),
then those used longest ago. A loop that is longer than the budget so keeps a part of itself instead of nothing.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

V = TypeVar("V")
Shape = Hashable
"""What tells frames of one time apart: size and format. Frames of another shape than is looked at are not ready."""
Run = tuple[int, int]
"""A stretch `[start, end)` of timeline ticks."""


@dataclass
class _Kept(Generic[V]):
    value: V
    nbytes: int
    places: dict[tuple[Shape, int], None] = field(default_factory=dict)


class ShownFrames(Generic[V]):
    """Frames by digest within `budget` bytes, and for each time of each shape the digest it had when it was last looked at."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.changed = True
        """Set whenever what `runs` gives may have changed; for its reader to take back."""
        self._kept: OrderedDict[bytes, _Kept[V]] = OrderedDict()
        self._bytes = 0
        self._names: dict[Shape, dict[int, bytes]] = {}
        self._stale: set[tuple[Shape, int]] = set()
        self._unsure: list[tuple[Shape, int]] = []
        self._aim = (0, 0, (0, 0))

    @property
    def bytes_kept(self) -> int:
        return self._bytes

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, name: bytes) -> bool:
        return name in self._kept

    def get(self, name: bytes, shape: Shape, ticks: int) -> V | None:
        """The frame of that digest, or None; it is that of `ticks` now."""
        found = self._kept.get(name)
        if found is None:
            return None
        self._kept.move_to_end(name)
        self._place(name, found, shape, ticks)
        return found.value

    def put(self, name: bytes, value: V, nbytes: int, shape: Shape, ticks: int) -> None:
        """Keeps a frame as that of `ticks`; one larger than the whole budget is not kept."""
        if name in self._kept:
            self._drop(name)
        if nbytes > self.budget:
            return
        while self._bytes + nbytes > self.budget:
            self._drop(self._last_wanted())
        made = self._kept[name] = _Kept(value, nbytes)
        self._bytes += nbytes
        self._place(name, made, shape, ticks)

    def aim(self, ticks: int, step: int, loop: Run) -> None:
        """Where playing is and goes: `step` ticks a frame (0: it stands still), round in `loop` if that is not empty."""
        self._aim = (ticks, step, loop)

    def look_at(self, shapes: set[Shape]) -> None:
        """Only these shapes count from now on; what is kept of others waits for its end."""
        gone = [shape for shape in self._names if shape not in shapes]
        for shape in gone:
            for ticks in list(self._names[shape]):
                self._forget(shape, ticks)
            del self._names[shape]
        self.changed = self.changed or bool(gone)

    def clear(self) -> None:
        """Drops everything."""
        self._kept.clear()
        self._names.clear()
        self._stale.clear()
        self._unsure.clear()
        self._bytes = 0
        self.changed = True

    # --- after an edit

    def doubt(self) -> None:
        """The document changed: every time has to be looked at again, those near the playhead first."""
        here = self._aim[0]
        self._unsure = sorted(((shape, ticks) for shape, names in self._names.items() for ticks in names),
                              key=lambda one: -abs(one[1] - here))

    @property
    def doubtful(self) -> bool:
        """Whether `settle` has something to do."""
        return bool(self._unsure)

    def settle(self, name_of: Callable[[Shape, int], bytes], most: int = 64) -> None:
        """Looks at some doubtful times: `name_of(shape, ticks)` is the digest that each has now."""
        for _ in range(min(most, len(self._unsure))):
            shape, ticks = self._unsure.pop()
            was = self._names.get(shape, {}).get(ticks)
            if was is None:
                continue
            now = name_of(shape, ticks)
            kept = self._kept.get(now)
            if kept is not None:
                self._place(now, kept, shape, ticks)
            elif (shape, ticks) not in self._stale:
                self._stale.add((shape, ticks))
                self.changed = True

    def runs(self, frame: int) -> tuple[list[Run], list[Run]]:
        """The stretches that are ready, and those that an edit made out of date; `frame` is the length of a frame in ticks."""
        ready: set[int] = set()
        stale: set[int] = set()
        for shape, names in self._names.items():
            for ticks in names:
                (stale if (shape, ticks) in self._stale else ready).add(ticks)
        return _joined(sorted(ready), frame), _joined(sorted(stale - ready), frame)

    # --- inside

    def _place(self, name: bytes, kept: _Kept[V], shape: Shape, ticks: int) -> None:
        names = self._names.setdefault(shape, {})
        before = names.get(ticks)
        place = (shape, ticks)
        if before == name and place not in self._stale:
            return
        if before is not None and before != name and before in self._kept:
            self._kept[before].places.pop(place, None)
        names[ticks] = name
        kept.places[place] = None
        self._stale.discard(place)
        self.changed = True

    def _forget(self, shape: Shape, ticks: int) -> None:
        name = self._names[shape].pop(ticks, None)
        self._stale.discard((shape, ticks))
        if name is not None and name in self._kept:
            self._kept[name].places.pop((shape, ticks), None)

    def _drop(self, name: bytes) -> None:
        gone = self._kept.pop(name)
        self._bytes -= gone.nbytes
        for shape, ticks in gone.places:
            self._names[shape].pop(ticks, None)
            self._stale.discard((shape, ticks))
        self.changed = True

    def _last_wanted(self) -> bytes:
        """The frame that can go: see the top of the module. Ties go to what was used longest ago."""
        here, step, (start, end) = self._aim
        if not step:
            return next((name for name, kept in self._kept.items() if self._out_of_date(kept)), next(iter(self._kept)))
        best, most = b"", -1
        for name, kept in self._kept.items():
            away = self._away(kept, here, step, start, end)
            if away > most:
                best, most = name, away
        return best

    def _out_of_date(self, kept: _Kept[V]) -> bool:
        return all(place in self._stale for place in kept.places)

    def _away(self, kept: _Kept[V], here: int, step: int, start: int, end: int) -> int:
        """Ticks of playing until the frame is shown; what is never shown that way is far."""
        far = 1 << 62
        if self._out_of_date(kept):
            return far + 1
        least = far
        for _, ticks in kept.places:
            ahead = (ticks - here) if step > 0 else (here - ticks)
            if end > start:
                if start <= ticks < end:
                    least = min(least, ahead % (end - start))
            elif ahead >= 0:
                least = min(least, ahead)
        return least


def _joined(times: list[int], frame: int) -> list[Run]:
    runs: list[Run] = []
    for ticks in times:
        if runs and ticks <= runs[-1][1]:
            runs[-1] = (runs[-1][0], ticks + frame)
        else:
            runs.append((ticks, ticks + frame))
    return runs
