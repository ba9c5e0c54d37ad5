"""Does everybody end up with the same cut? `python -m tests.fuzz.sync --operations 100000 --seed 1`

Owns: peers that edit, undo, restart and are cut off at random; deliveries late, twice, out of order; equal fingerprints and a timeline
that can be drawn at the end of each story. Refuses: networks and files. A seed replays a failure.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import traceback

from editor_core.document.integrity import breaches
from editor_core.sync.conflicts import conflicts
from editor_core.sync.fingerprint import fingerprint
from editor_core.sync.merging import astray
from editor_core.sync.speech import off_speech
from editor_core.timeline.attention import attention
from editor_core.timeline.effective import effective
from tests.support.peers import Peer, Sent, starts
from tests.support.random_edits import RandomEditor


class Run:
    """One story of some peers."""

    def __init__(self, seed: int, operations: int) -> None:
        self.random = random.Random(seed)
        self.seed = seed
        self.operations = operations
        self.sessions = 1000 * seed
        self.done = 0
        count = self.random.randint(2, 8)
        first = Peer("person-0", self._session())
        self.peers = [first, *(Peer(f"person-{n % 4}", self._session(), first.start) for n in range(1, count))]
        self.editors = [RandomEditor(peer.door, seed * 17 + n) for n, peer in enumerate(self.peers)]

    def _session(self) -> int:
        self.sessions += 1
        return self.sessions

    def play(self) -> None:
        """Plays it and checks the end. Raises AssertionError."""
        common = self.random.randrange(5, 40)
        self._edit(0, common)
        self._all_know()
        while self.done < self.operations:
            who = self.random.randrange(len(self.peers))
            doing = self.random.random()
            if doing < 0.75:
                self._edit(who, self.random.choice([1, 1, 2, 5, 12]))
            elif doing < 0.97:
                self._deliver(who)
            else:
                self._restart(who)
        self._all_know()
        self._check()

    def _edit(self, who: int, count: int) -> None:
        unsettled = False
        for _ in range(count):
            outcome = self.editors[who].step()
            unsettled |= outcome.change is not None and astray(outcome.change)
            if unsettled and self.random.random() < 0.7:  # else later: a window does it when it gets to it
                self._align(who)
                unsettled = False
        if unsettled:
            self._align(who)
        self.done += count

    def _align(self, who: int) -> None:
        doing = self.random.random()
        if doing < 0.3:
            self.peers[who].forget()
        elif doing < 0.4:
            self.peers[who].merger.story()
        self.peers[who].align()

    def _restart(self, who: int) -> None:
        self.peers[who].restart(self._session())
        self.editors[who].door = self.peers[who].door

    def _deliver(self, who: int) -> None:
        """Somebody hands on some of what he knows, in any order, some of it again."""
        other = self.random.choice([n for n in range(len(self.peers)) if n != who])
        held = list(self.peers[who].held.values())
        lacking = [one for one in held if one.change.stamp not in self.peers[other].held]
        part = lacking[:self.random.randint(0, len(lacking))] if self.random.random() < 0.5 else lacking
        again = self.random.sample(held, min(len(held), self.random.randrange(4)))
        self._send(other, [*part, *again])

    def _send(self, other: int, given: list[Sent]) -> None:
        if self.random.random() < 0.6:
            self.random.shuffle(given)
        while given:
            size = self.random.choice([1, 3, len(given)])
            self.peers[other].receive(given[:size])
            given = given[size:]

    def _all_know(self) -> None:
        everything: dict = {}
        for peer in self.peers:
            everything.update(peer.held)
        for n, peer in enumerate(self.peers):
            self._send(n, [one for stamp, one in everything.items() if stamp not in peer.held])

    def _check(self) -> None:
        assert not any(peer.waiting for peer in self.peers), "something waits for ever"
        prints = {fingerprint(peer.document.snapshot) for peer in self.peers}
        if len(prints) > 1 or any(starts(peer) != starts(self.peers[0]) for peer in self.peers):
            raise AssertionError(self._difference())
        lists = [[(one.id, one.kind, one.fields, one.sides) for one in conflicts(peer.merger.story(), peer.document.snapshot)]
                 for peer in self.peers]
        assert all(one == lists[0] for one in lists), "open conflicts are not the same for everybody"
        lists = [attention(peer.document.snapshot) + off_speech(peer.merger.story(), peer.document.snapshot) for peer in self.peers]
        assert all(one == lists[0] for one in lists), "the attention list is not the same for everybody"
        drawn, _ = effective(self.peers[0].document.snapshot)
        left = [b for b in breaches(drawn) if b.rule not in ("orphan",)]
        assert not left, f"the effective timeline breaks a rule: {left[0].message}"
        self.peers[-1].restart(self._session())

    def _difference(self) -> str:
        one = self.peers[0].document.snapshot.records
        for peer in self.peers[1:]:
            two = peer.document.snapshot.records
            for record in sorted(one.keys() | two.keys()):
                if one.get(record) != two.get(record):
                    return f"{peer.name} has another {record}:\n  {one.get(record)}\n  {two.get(record)}"
        return "fingerprints differ, records do not"


def main() -> int:
    """Exit status 1 if any story failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operations", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=150, help="operations of one story")
    parser.add_argument("--minutes", type=float, default=1e9)
    given = parser.parse_args()
    done, seed, failed, began = 0, given.seed, 0, time.monotonic()
    while done < given.operations and time.monotonic() - began < given.minutes * 60:
        run = Run(seed, given.each)
        try:
            run.play()
        except Exception:
            failed += 1
            print(f"seed {seed} (--seed {seed} --operations 1 --each {given.each}):", file=sys.stderr)
            traceback.print_exc()
        done += run.done
        seed += 1
    print(f"{done} operations in {seed - given.seed} stories, {failed} failed, {time.monotonic() - began:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
