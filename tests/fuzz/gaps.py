"""Do gaps close alike for everybody? `python -m tests.fuzz.gaps --stories 2000 --seed 1`

Owns: stories of few clips, at the same places of which several insert, extract, trim, undo and redo; at the end everybody has the cut of
somebody who hears it all at once. Refuses: everything else that people do (see `tests.fuzz.sync`). A seed replays a failure.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import traceback
from itertools import count
from typing import Any

from editor_core.commands.registry import CommandError
from editor_core.schema import Clip
from editor_core.sync.fingerprint import fingerprint
from editor_core.sync.merging import astray
from tests.support.peers import Peer, starts
from tests.support.random_edits import FRAME

SECOND = 25 * FRAME


class Story:
    """Some peers and what they do."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.sessions = count(seed * 100 + 1)
        self.assets = count(1)
        people = self.random.randint(2, 4)
        first = Peer("p0", next(self.sessions))
        for number in range(self.random.randint(2, 5)):
            first.door.execute("title.add", {"text": str(number), "at": number * 2 * SECOND, "duration": 2 * SECOND})
        self.peers = [first, *(Peer(f"p{number % 3}", next(self.sessions), first.start) for number in range(1, people))]
        for peer in self.peers[1:]:
            peer.receive(list(first.held.values()))

    def play(self) -> None:
        """Raises AssertionError."""
        for _ in range(self.random.randint(6, 45)):
            doing, peer = self.random.random(), self.random.choice(self.peers)
            if doing < 0.7:
                self._act(peer)
            elif doing < 0.97:
                self._hand_on(peer, self.random.choice([one for one in self.peers if one is not peer]))
            else:
                peer.restart(next(self.sessions))
        everything = {stamp: one for peer in self.peers for stamp, one in peer.held.items()}
        listener = Peer("listener", next(self.sessions), self.peers[0].start)
        for peer in (*self.peers, listener):
            peer.receive([one for stamp, one in everything.items() if stamp not in peer.held])
        cuts = [(fingerprint(peer.document.snapshot), starts(peer)) for peer in (*self.peers, listener)]
        assert all(cut == cuts[0] for cut in cuts), "not everybody has the same cut, what was removed included"

    def _act(self, peer: Peer) -> None:
        try:
            command, args = self._choose(peer, self.random.random())
            change = peer.door.execute(command, args).change
        except CommandError:
            return
        if change is not None and astray(change):
            if self.random.random() < 0.3:
                peer.forget()
            peer.align()

    def _choose(self, peer: Peer, doing: float) -> tuple[str, dict[str, Any]]:
        rng, clips = self.random, sorted(peer.document.snapshot.of_kind(Clip), key=lambda clip: clip.id)
        if doing < 0.22 or not clips:
            at = rng.choice([0, *(clip.start for clip in clips), *(clip.end for clip in clips)])
            return "clip.insert", {"asset": self._asset(peer), "at": at, "source_duration": rng.choice([1, 2, 3]) * SECOND}
        if doing < 0.5:
            return "clip.extract", {"clips": [clip.id for clip in rng.sample(clips, min(len(clips), rng.choice([1, 1, 1, 2])))]}
        clip = rng.choice(clips)
        if doing < 0.62:
            edge, by = rng.choice(["head", "tail"]), rng.randint(1, 30) * FRAME
            return "clip.trim", {"clip": clip.id, "edge": edge, "to": clip.start + by if edge == "head" else clip.end - by, "ripple": True}
        if doing < 0.65:
            return "title.add", {"text": "t", "at": rng.randint(0, 30) * SECOND, "duration": SECOND}
        if doing < 0.68:
            return "clip.move", {"clips": [clip.id], "by": rng.randint(1, 9) * SECOND}
        return "edit.undo" if doing < 0.9 else "edit.redo", {}

    def _asset(self, peer: Peer) -> str:
        return str(peer.door.execute("asset.add", {
            "name": "a", "hash": f"quick:{next(self.assets):032x}", "duration": 60 * SECOND,
            "video": {"index": 0, "codec": "h264", "width": 320, "height": 180}}).result["asset"])

    def _hand_on(self, one: Peer, other: Peer) -> None:
        given = [sent for stamp, sent in one.held.items() if stamp not in other.held]
        if self.random.random() < 0.3:
            given = given[:self.random.randint(0, len(given))]
        if self.random.random() < 0.5:
            self.random.shuffle(given)
        other.receive(given)


def play(seed: int) -> None:
    """Plays one story and checks the end. Raises AssertionError."""
    Story(seed).play()


def main() -> int:
    """Exit status 1 if any story failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stories", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    failed, began = 0, time.monotonic()
    for seed in range(given.seed, given.seed + given.stories):
        try:
            play(seed)
        except Exception:
            failed += 1
            print(f"seed {seed} (--seed {seed} --stories 1):", file=sys.stderr)
            traceback.print_exc()
    print(f"{given.stories} stories, {failed} failed, {time.monotonic() - began:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
