"""Is a project the same in Yjs? `python -m tests.fuzz.yjs --documents 1000 --seed 1`

Owns: documents of several people who edited apart, their updates given to npm's Yjs in any order and twice, what Yjs makes of them compared
field for field, and what Yjs writes read back. Refuses: sockets (see `tests/app/services/collab/test_plain.py`). A seed replays a failure.
"""

from __future__ import annotations

import argparse
import base64
import random
import sys
import time
import traceback

from editor_core.sync.parcel import seal, unseal
from editor_core.sync.plain import PlainDocument
from editor_core.sync.replica import Replica
from tests.fuzz.sync import Run
from tests.support.yjs import Yjs, why_no_yjs

AT_ONCE = 10
EDITS = 40


class Made:
    """One random project as several people made it, and the updates that it consists of."""

    def __init__(self, seed: int, edits: int = EDITS) -> None:
        run = Run(seed, edits)
        run.play()
        self.seed = seed
        self.replica = run.peers[0].replica
        parcels = [unseal(sent.parcel) for sent in (run.peers[0].start, *run.peers[0].held.values())]
        rng = random.Random(seed)
        self.updates = [[part for parcel in parcels if (part := getattr(parcel, name))] for name in ("timeline", "journal")]
        self.in_order = list(self.updates[0])
        for updates in self.updates:
            updates.extend(rng.sample(updates, min(3, len(updates))))
            rng.shuffle(updates)

    def ask(self) -> list[list[str]]:
        """What Yjs is given: a document `timeline` and a document `journal`."""
        return [[base64.b64encode(update).decode() for update in updates] for updates in self.updates]

    def check(self, timeline: dict, journal: dict) -> None:
        """Raises AssertionError where Yjs has something else."""
        assert not timeline["pending"] and not journal["pending"], "Yjs waits for something that was never sent"
        mine = {record_id: self.replica.texts(record_id) for record_id in self.replica.ids()}
        assert timeline["maps"] == {record_id: texts for record_id, texts in mine.items() if texts}, "Yjs has another timeline"
        entries = {f"{stamp.session}:{stamp.counter}" for stamp in self.replica.changes()}
        assert set(journal["maps"]["entries"]) == entries, "Yjs has another journal"
        back = Replica()
        back.apply_update(seal(*(base64.b64decode(one["update"]) for one in (timeline, journal))))
        assert {r.id: r for r in back.records()} == {r.id: r for r in self.replica.records()}, "what Yjs writes is another project"
        assert back.changes() == self.replica.changes()
        relayed = PlainDocument(self.in_order)  # a relay gets them so: unlike Yjs, the library loses some that come before what they need
        assert relayed.take(base64.b64decode(timeline["update"])) == b"", "the relay's copy lacks something that Yjs has"
        assert PlainDocument([base64.b64decode(timeline["update"])]).take(relayed.beyond(b"")) == b"", "Yjs lacks something"


def play(yjs: Yjs, seeds: range, edits: int = EDITS) -> list[str]:
    """Checks documents; a line for each that failed."""
    failed = []
    for first in range(seeds.start, seeds.stop, AT_ONCE):
        some = [Made(seed, edits) for seed in range(first, min(first + AT_ONCE, seeds.stop))]
        answers = yjs("merge", documents=[document for made in some for document in made.ask()])
        for made, timeline, journal in zip(some, answers[::2], answers[1::2], strict=True):
            try:
                made.check(timeline, journal)
            except AssertionError:
                failed.append(f"seed {made.seed}: {traceback.format_exc()}")
    return failed


def main() -> int:
    """Exit status 1 if any document differed, 0 with a word where Yjs cannot be asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    if reason := why_no_yjs():
        print(f"Not run: {reason}")
        return 0
    began = time.monotonic()
    with Yjs() as yjs:
        failed = play(yjs, range(given.seed, given.seed + given.documents))
    print("\n".join(failed), file=sys.stderr)
    print(f"{given.documents} documents, {len(failed)} differ in Yjs, {time.monotonic() - began:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
