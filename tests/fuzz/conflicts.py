"""Conflicts against an oracle that keeps whole sets of what was known. `python -m tests.fuzz.conflicts --simulations 10000`

Owns: peers that write fields, exchange, decide and undo at random; the oracle: for every value the set of values it knowingly replaced,
computed by each author at the time of writing and not from what the program stores. Refuses: files and networks.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from typing import Any, NamedTuple

from editor_core.document import Put, Stamp
from editor_core.schema import Clip
from editor_core.sync.conflicts import conflicts
from tests.support.peers import Peer
from tests.support.random_edits import FRAME

FIELDS = ("opacity", "rotation", "label", "name")


class Wrote(NamedTuple):
    """One value in the oracle's book."""

    stamp: Stamp
    value: Any
    replaced: frozenset[Stamp]


class Book:
    """What one peer knows, by field: every value written, and which of them were done away with."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, str], dict[Stamp, Wrote]] = {}

    def standing(self, key: tuple[str, str]) -> list[Wrote]:
        written = self.values.get(key, {})
        gone = {stamp for one in written.values() for stamp in one.replaced}
        return [one for stamp, one in written.items() if stamp not in gone]

    def write(self, key: tuple[str, str], one: Wrote) -> None:
        self.values.setdefault(key, {})[one.stamp] = one

    def learn(self, other: Book, stamps: set[Stamp]) -> None:
        for key, written in other.values.items():
            for stamp, one in written.items():
                if stamp in stamps:
                    self.write(key, one)


class Simulation:
    """Some peers, some clips; after every exchange the program's conflicts must be the oracle's."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        first = Peer("p0", seed * 100 + 1)
        self.clips = [first.door.execute("title.add", {"text": str(n), "at": n * 100 * FRAME, "duration": 50 * FRAME}).result["clip"]
                      for n in range(3)]
        self.peers = [first]
        for n in range(1, self.random.randint(2, 5)):
            peer = Peer(f"p{n}", seed * 100 + 1 + n, first.start)
            peer.receive(first.held.values())
            self.peers.append(peer)
        self.books = [Book() for _ in self.peers]
        self.writes = self.found = self.wrong = self.missed = 0

    def play(self, steps: int = 30) -> None:
        for _ in range(steps):
            who = self.random.randrange(len(self.peers))
            doing = self.random.random()
            if doing < 0.6:
                self._write(who)
            elif doing < 0.7:
                self._decide(who)
            else:
                self._exchange(who)
        for who in range(len(self.peers)):
            self._compare(who)

    def _write(self, who: int) -> None:
        """An ordinary edit: it replaces the value that is shown, and all others of that value."""
        peer, book = self.peers[who], self.books[who]
        clip, field = self.random.choice(self.clips), self.random.choice(FIELDS)
        value: Any = self.random.choice(["x", "y", "z"]) if field in ("name", "label") else self.random.choice([0.25, 0.5, 0.75])
        before = getattr(peer.document.snapshot.get(Clip, clip), field)
        shown = peer.document.stamp_of(clip, field)[0]
        change = peer.door.execute("clip.set", {"clip": clip, "property": field, "value": value}).change
        if change is None:
            return
        key = (clip, field)
        same = {one.stamp for one in book.values.get(key, {}).values() if one.value == before}
        book.write(key, Wrote(change.stamp, value, frozenset({shown, *same})))
        self.writes += 1

    def _decide(self, who: int) -> None:
        peer, book = self.peers[who], self.books[who]
        found = conflicts(peer.merger.story(), peer.document.snapshot)
        if not found:
            return
        one = self.random.choice(found)
        value = self.random.choice([side.value for side in one.sides])
        change = peer.door.execute("conflict.decide", {"decisions": [
            {"record": one.record, "field": one.field, "value": value, "replaces": [str(stamp) for stamp in one.stamps]}]}).change
        assert change is not None and isinstance(change.operations[0], Put)
        key = (one.record, one.field)
        every = {w.stamp for w in book.standing(key)}
        before = change.operations[0].before
        same = {w.stamp for w in book.values[key].values() if w.value == before}
        book.write(key, Wrote(change.stamp, value, frozenset(every | same)))
        self.writes += 1

    def _exchange(self, who: int) -> None:
        other = self.random.choice([n for n in range(len(self.peers)) if n != who])
        given = list(self.peers[who].held.values())
        self.random.shuffle(given)
        merged = self.peers[other].receive(given)
        if merged is not None:
            self.books[other].learn(self.books[who], {line.stamp for line in merged.merged})
        self._compare(other)

    def _compare(self, who: int) -> None:
        peer, book = self.peers[who], self.books[who]
        said = {(one.record, one.field): {side.stamp for side in one.sides}
                for one in conflicts(peer.merger.story(), peer.document.snapshot)}
        every = {key: book.standing(key) for key in book.values}
        true = {key: {one.stamp for one in standing} for key, standing in every.items() if len({one.value for one in standing}) > 1}
        self.found += len(true)
        self.wrong += sum(key not in true or true[key] != stamps for key, stamps in said.items())
        self.missed += sum(key not in said for key in true)


def main() -> int:
    """Exit status 1 unless precision and recall are complete."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulations", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    began, writes, found, wrong, missed = time.monotonic(), 0, 0, 0, 0
    for seed in range(given.seed, given.seed + given.simulations):
        one = Simulation(seed)
        one.play()
        if one.wrong or one.missed:
            print(f"seed {seed}: {one.wrong} wrong, {one.missed} missed", file=sys.stderr)
        writes, found, wrong, missed = writes + one.writes, found + one.found, wrong + one.wrong, missed + one.missed
    print(f"{given.simulations} simulations, {writes} writes, {found} conflicts compared, {wrong} wrong, {missed} missed, "
          f"{time.monotonic() - began:.0f} s")
    return 1 if wrong or missed else 0


if __name__ == "__main__":
    sys.exit(main())
