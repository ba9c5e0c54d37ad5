"""The same-cut light: whether everybody here sees the same film, and where not.

Owns: judging it from what each session tells of its cut, waiting a moment for changes on their way, naming the tracks that differ and
who has them otherwise. Refuses: working anything out again (see `Together.resync`), painting.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app.desktop.bridge.people import Person
from editor_core.document import Snapshot
from editor_core.schema import Track
from editor_core.sync.cut import differing, name_of

if TYPE_CHECKING:
    from app.desktop.bridge.together import Together
    from app.desktop.bridge.workbench import Workbench

SETTLE = 1.5
"""Seconds for which changes on their way are no reason to say that somebody is behind."""
_KINDS = {"marker": "markers", "media": "the list of media", "timeline": "settings of the timeline", "project": "settings of the film",
          "collection": "collections"}


@dataclass(frozen=True)
class Difference:
    """Somebody has all the same changes and yet another film. `tracks` are labels (V1, A2), `others` what lies on no track, in words;
    both are empty while they have not told yet."""

    person: Person
    tracks: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """The tracks and the rest, in words; empty while it is not known."""
        return words_of((*self.tracks, *self.others))


class CutLight(QObject):
    """only-you, same, behind or differs. Belongs to `Together`."""

    changed = Signal()

    def __init__(self, bench: Workbench, together: Together) -> None:
        super().__init__(together)
        self._bench, self._together = bench, together
        self.state = "only-you"
        self.differences: tuple[Difference, ...] = ()
        self._since = 0.0
        self._again = QTimer(self, singleShot=True, interval=300)
        self._again.timeout.connect(self.judge)

    def judge(self) -> None:
        """Looks again, because somebody told something or something changed here."""
        found = self._now()
        if found in ("behind", "differs") and self.state in ("same", "only-you"):
            if not self._since:
                self._since = time.monotonic()
            if time.monotonic() - self._since < SETTLE and not self._together.held:
                self._again.start()
                return
        self._since = 0.0
        differences = self._differences() if found == "differs" else ()
        if (found, differences) != (self.state, self.differences):
            self.state, self.differences = found, differences
            self.changed.emit()

    def _now(self) -> str:
        live = self._together.live
        others = [one for one in self._together.people if one.cut]
        if live is None or not others or not live.cut:
            return "only-you"
        if all(one.cut == live.cut for one in others):
            return "same"
        return "differs" if any(map(self._differs, others)) else "behind"

    def _differs(self, one: Person) -> bool:
        live = self._together.live
        return live is not None and bool(one.cut) and one.cut != live.cut and one.knows == live.knows

    def _differences(self) -> tuple[Difference, ...]:
        live = self._together.live
        people = [one for one in self._together.people if self._differs(one)]
        if live is None or not live.parts:
            return tuple(Difference(_still(one)) for one in people)
        names = _names(self._bench.snapshot)
        found = []
        for one in people:
            parts = differing(live.parts, one.parts) if one.parts else set()
            unknown = ("something that is not here",) if parts - names.keys() else ()
            labels = [label for name, label in names.items() if name in parts]
            tracks = tuple(label for label in labels if label not in _KINDS.values())
            found.append(Difference(_still(one), tracks, (*(label for label in labels if label in _KINDS.values()), *unknown)))
        return tuple(found)

    @property
    def where(self) -> str:
        """What differs, from anybody; empty while it is not known."""
        return words_of(dict.fromkeys(part for one in self.differences for part in (*one.tracks, *one.others)))

    def with_whom(self, session: int) -> str:
        """In words for a row about somebody: what their film differs on; empty where it does not."""
        found = next((one for one in self.differences if one.person.session == session), None)
        return "" if found is None else f"differs on {found.where}" if found.where else "differs"

    @property
    def behind(self) -> tuple[int, str]:
        """How many changes somebody is behind, and who: an empty name for this window."""
        if self._together.waiting:
            return self._together.waiting, ""
        late = max(self._together.people, key=lambda one: one.waiting, default=None)
        return (late.waiting, late.name) if late is not None and late.waiting else (0, "")


def _still(one: Person) -> Person:
    """Who it is, without where they are: that is another all the time."""
    return Person(one.session, one.key, one.name, one.initials, one.colour, one.role)


def _names(view: Snapshot) -> dict[bytes, str]:
    """Words for the parts of a film by the short names under which others tell them, tracks first."""
    tracks = {name_of(track.id): view.track_label(track) for kind in ("video", "audio", "caption") for track in view.tracks(kind)}
    gone = {name_of(one.id): f"a removed {one.kind} track" for one in view.records.values() if isinstance(one, Track) and one.deleted}
    return {**tracks, **gone, **{name_of(part): words for part, words in _KINDS.items()}}


def words_of(parts: Iterable[str]) -> str:
    """A list in words: "V1, A1 and markers"."""
    found = list(parts)
    return " and ".join((", ".join(found[:-1]), found[-1])) if len(found) > 1 else "".join(found)
