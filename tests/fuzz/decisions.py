"""Is what somebody decides decided for everybody? `python -m tests.fuzz.decisions --stories 500 --seed 1`

Owns: three people who edit apart, come together, and decide what competes by each way that has a meaning; after each decision, its undo
and redo everybody has the same cut and the same open conflicts. Refuses: networks, files and windows. A seed replays a failure.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import traceback
from types import SimpleNamespace

from app.services.deciding import AlongWith, choices, decision
from editor_core.commands.registry import CommandError
from editor_core.sync.conflicts import Conflict, conflicts
from editor_core.sync.fingerprint import fingerprint
from editor_core.timeline.attention import attention
from tests.support.peers import Peer
from tests.support.random_edits import RandomEditor


class Story:
    """One story of three people."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        first = Peer("person-0", seed * 10)
        self.peers = [first, *(Peer(f"person-{n}", seed * 10 + n, first.start) for n in (1, 2))]
        self.editors = [RandomEditor(peer.door, seed * 31 + n) for n, peer in enumerate(self.peers)]
        self.decided = self.refused = 0

    def play(self) -> None:
        """Raises AssertionError."""
        self._edit(0, 18)
        self._come_together()
        for who in range(3):
            self._edit(who, self.random.randrange(2, 9))
        self._come_together()
        for _ in range(5):
            found = self._open(self.peers[0])
            if not found:
                return
            self._decide(self.random.choice(sorted(found)))

    def _edit(self, who: int, count: int) -> None:
        for _ in range(count):
            outcome = self.editors[who].step()
            if outcome.change is not None and outcome.change.kind != "do":
                self.peers[who].align()

    def _come_together(self) -> None:
        everything: dict = {}
        for peer in self.peers:
            everything.update(peer.held)
        for peer in self.peers:
            peer.receive([one for stamp, one in everything.items() if stamp not in peer.held])
        assert len({fingerprint(peer.document.snapshot) for peer in self.peers}) == 1, "cuts differ"
        lists = [self._open(peer) for peer in self.peers]
        assert lists[0] == lists[1] == lists[2], "open conflicts differ"
        lists = [attention(peer.document.snapshot) for peer in self.peers]
        assert lists[0] == lists[1] == lists[2], "attention lists differ"

    def _open(self, peer: Peer) -> dict[str, Conflict]:
        found = conflicts(peer.merger.story(), peer.document.snapshot)
        assert len({one.id for one in found}) == len(found), "two conflicts of one name"
        return {one.id: one for one in found}

    def _decide(self, name: str) -> None:
        who = self.random.randrange(3)
        peer = self.peers[who]
        found = self._open(peer)
        one, record = found[name], peer.document.snapshot.record(found[name].record)
        way = self.random.choice([*choices(one, record), *(str(side.stamp) for side in one.sides)])
        project = SimpleNamespace(snapshot=peer.document.snapshot, document=peer.document, door=peer.door)
        try:
            peer.door.execute("conflict.decide", decision(project, one, way, AlongWith(project, found.values(), peer.merger.story())))
        except CommandError:
            self.refused += 1
            return
        self.decided += 1
        self._come_together()
        assert name not in self._open(peer), f"{name} by {way} is still open"
        peer.door.execute("edit.undo", {})
        peer.align()
        self._come_together()
        assert self._open(peer).keys() == found.keys(), f"{name} by {way} undone: {self._open(peer).keys() ^ found.keys()} open or not"
        peer.door.execute("edit.redo", {})
        peer.align()
        self._come_together()
        assert name not in self._open(peer), f"{name} by {way} done again is open"


def main() -> int:
    """Exit status 1 if any story failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stories", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=1e9)
    given = parser.parse_args()
    began, failed, decided, refused, told = time.monotonic(), 0, 0, 0, 0
    for seed in range(given.seed, given.seed + given.stories):
        if time.monotonic() - began > given.minutes * 60:
            break
        story = Story(seed)
        try:
            story.play()
        except Exception:
            failed += 1
            print(f"seed {seed}:", file=sys.stderr)
            traceback.print_exc()
        decided, refused, told = decided + story.decided, refused + story.refused, told + 1
    print(f"{told} stories, {decided} decisions, {refused} that could not be, {failed} failed, {time.monotonic() - began:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
