"""Can anybody in a plain room break a film? `python -m tests.fuzz.plain --updates 20000 --seed 1`

Owns: updates of real films with bits flipped, cut, joined and made up, taken by a relay's document and by a peer, which merges whatever
native code took; afterwards the film can be edited, read back and merged by others. Refuses: sockets.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import traceback

from msgspec import structs
from pycrdt import Array, Doc, Map, Text

from editor_core.document import ChangeSet, Put, Shift, Stamp, entry_of
from editor_core.sync.arriving import in_order
from editor_core.sync.errors import SyncError, UpdateRefused
from editor_core.sync.packing import pack
from editor_core.sync.parcel import unseal
from editor_core.sync.plain import Mirror, PlainDocument
from editor_core.sync.replica import Replica
from tests.fuzz.sync import Run
from tests.support.peers import Peer, Sent

SLOW = 2.0
"""Seconds of processor time that one update may cost."""


class Film:
    """A film of several people in a plain room; `updates` are what it is made of."""

    def __init__(self, seed: int) -> None:
        run = Run(seed, 25)
        run.play()
        self.rng = random.Random(seed)
        self.peer: Peer = run.peers[0]
        self.updates = [(name, update) for sent in (self.peer.start, *self.peer.held.values()) for name in ("timeline", "journal")
                        if (update := getattr(unseal(sent.parcel), name))]
        self.relay = {name: PlainDocument([update for kind, update in self.updates if kind == name]) for name in ("timeline", "journal")}
        self.taken = 0
        self._mirror()

    def _mirror(self) -> None:
        self.mirror = Mirror()
        self.mirror.apply_update(self.peer.replica.state())
        self.mirror.watch()

    def bad(self) -> tuple[str, bytes]:
        """Something that is no honest update."""
        name, update = self.rng.choice(self.updates)
        raw = bytearray(update)
        how = self.rng.randrange(5)
        if how == 0:
            for _ in range(self.rng.randint(1, 4)):
                raw[self.rng.randrange(len(raw))] ^= 1 << self.rng.randrange(8)
        elif how == 1:
            del raw[self.rng.randrange(len(raw)):]
        elif how == 2:
            at = self.rng.randrange(len(raw))
            raw[at:at] = self.rng.randbytes(self.rng.randint(1, 20))
        elif how == 3:
            raw = bytearray(self.rng.randbytes(self.rng.randint(1, 200)))
        else:
            raw = bytearray(self._made_up(name))
        return (name if self.rng.random() < 0.9 else "journal"), bytes(raw)

    def _made_up(self, name: str) -> bytes:
        """A good update by somebody who writes what they like."""
        doc = Doc(client_id=self.rng.randrange(1, 2**32))
        doc.apply_update(self.relay[name].beyond(b""))
        before, rng = doc.get_state(), self.rng
        names = [*doc.keys(), "new", ""]
        root = rng.choice(names)
        value = rng.choice([rng.choice(['["x",1,1]', "[1,2,3]", "[null,9,9]", '[{"a":[1]},5,5]', "[-5,1,1]", '["clip",1,1]', "[1e999,1,1]",
                                        "[5,-1,99999999999999999999]"]), rng.randrange(2**40), True, None, rng.random(), b"bytes",
                            "x" * rng.randrange(3000)])
        kind = rng.randrange(8)
        if name == "journal" and kind > 3:
            change = self._forged()
            doc.get("entries", type=Map)[f"{change.stamp.session}:{change.stamp.counter}"] = pack(change)
            return doc.get_update(before)
        if kind == 0 and root not in doc:
            doc.get(root, type=Text).insert(0, "text")
        elif kind == 1 and root not in doc:
            doc.get(root, type=Array).append(value)
        elif kind == 2:
            doc.get(root, type=Map)["field"] = Map({"deep": Map({"er": 1})})
        elif kind == 3 and len(target := doc.get(root, type=Map)):
            del target[rng.choice(list(target.keys()))]
        else:
            target = doc.get(root, type=Map)
            fields = [*target.keys(), "start", "track", "type", "deleted", "source_range", "1:1"]
            target[rng.choice(fields)] = value
        return doc.get_update(before)

    def _forged(self) -> ChangeSet:
        """A change that decodes, by somebody who never made it on any film: parts of others, with values that are not theirs."""
        rng, changes = self.rng, [sent.change for sent in self.peer.held.values()]
        parts = [op for change in rng.sample(changes, min(3, len(changes))) for op in change.operations]
        rng.shuffle(parts)
        for number, op in enumerate(parts):
            if isinstance(op, Put) and rng.random() < 0.5:
                value, where = rng.choice([None, -1, 2**60, "x", [1], {}, 0.5]), rng.choice([op.id, "nobody", ""])
                parts[number] = structs.replace(op, after=value, id=where)
            elif isinstance(op, Shift) and rng.random() < 0.5:
                parts[number] = structs.replace(op, delta=rng.choice([-2**60, 2**60, 0, 7]), clips=("nobody", *op.clips[1:]))
        base = rng.choice(changes)
        after = rng.choice([(), base.after, (base.stamp,), (Stamp(1, 1),)])
        stamp = Stamp(rng.randrange(1, 2**53), 1) if rng.random() < 0.8 else base.stamp
        return structs.replace(base, stamp=stamp, operations=tuple(parts[:20]), after=after, kind=rng.choice(["do", "undo", "redo"]),
                               target=rng.choice([None, base.stamp, Stamp(3, 3)]))

    def meet(self, name: str, update: bytes) -> None:
        """Relay and peer take an update, or refuse it."""
        began = time.thread_time()
        try:
            self.relay[name].take(update)
        except UpdateRefused:
            if self.relay[name].worn:
                self.relay[name] = PlainDocument([kept for kind, kept in self.updates if kind == name])
        try:
            self.taken += self.mirror.take(name, update)
        except UpdateRefused:
            if self.mirror.broken:
                self._mirror()
        if self.rng.random() < 0.3 and self.mirror.pending:
            self._merge()
        assert time.thread_time() - began < SLOW, "one update took too long"

    def _merge(self) -> None:
        mirror, peer = self.mirror, self.peer
        mirror.settled()
        changes, _ = in_order(mirror.arrived.values(), peer.merger.order)
        parcel, touched = mirror.parcel(), {record: fields - {"type"} for record, fields in mirror.touched.items()}
        mirror.clear()
        peer.held.update((change.stamp, Sent(change, parcel)) for change in changes)
        try:
            merged = peer.merger.merge(changes, [parcel], stamp=peer.door.next_stamp(), actor=peer.name, time=1, also=touched)
        except SyncError:
            return
        if merged is not None:
            peer.document.apply(merged.change, lambda change, before, after: peer.rows.append(change))
            peer.door.history.add(entry_of(merged.change))

    def check(self) -> None:
        """The film is still one."""
        peer = self.peer
        peer.door.execute("marker.add", {"at": "1s", "text": "still here"})
        again = Replica.from_state(peer.replica.state())
        texts = {getattr(record, "text", "") for record in again.records()}
        assert "still here" in texts
        again.changes()
        for document in self.relay.values():
            PlainDocument([document.beyond(b"")])


def play(seeds: range, updates: int) -> list[str]:
    """A line for each film that broke; `updates` in each."""
    failed = []
    for seed in seeds:
        try:
            film = Film(seed)
            for _ in range(updates):
                film.meet(*film.bad())
            film.check()
            assert film.taken, "nothing of it was taken: the fuzz tries nothing"
        except BaseException as error:
            if isinstance(error, (KeyboardInterrupt, SystemExit)):
                raise
            failed.append(f"seed {seed}: {traceback.format_exc()[-1500:]}")
    return failed


def main() -> int:
    """Exit status 1 if any film broke."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--updates", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=200, help="updates in one film")
    given = parser.parse_args()
    began, films = time.monotonic(), max(1, given.updates // given.each)
    failed = play(range(given.seed, given.seed + films), given.each)
    print("\n".join(failed), file=sys.stderr)
    print(f"{films * given.each} updates in {films} films, {len(failed)} broke, {time.monotonic() - began:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
