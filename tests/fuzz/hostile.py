"""Does anything hostile get in? `python -m tests.fuzz.hostile --frames 10000 --seed 1`

Owns: hostile frames against a room's rules, against a peer's film, and through real sockets against a relay at work beside honest
people; what must hold. Refuses: making frames (see `tests.support.hostile`). A seed replays a failure.

None is applied, nothing crashes, offenders are cut off within a second, others are undisturbed.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import logging
import random
import statistics
import sys
import tempfile
import time
from collections import Counter, deque
from pathlib import Path

import msgspec
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from app import bootstrap
from app.services.collab.connection import Connection, NoRelay, RelayRefuses, open_connection
from app.services.collab.participant import Participant, begin
from app.services.identity import Profile, new_session
from app.services.places import Places
from app.services.relay.rooms import LiveRoom, Repeated
from app.services.relay.store import Summary
from editor_core.storage.rooms import Room
from editor_core.sync.envelope import EnvelopeRefused, open_envelope
from editor_core.sync.messages import Envelopes, GiveBack, Present, Put, Want, encode, hello
from editor_core.sync.parcel import unseal
from tests.support.hostile import Cast
from tests.support.relays import RunningRelay
from tests.support.sharing import acknowledged, everything

WITHIN = 1.0
"""Seconds in which an offender must be gone, besides those that honest envelopes take then: a machine may be busy with other work."""
RECENT = 10.0
"""Seconds for which an honest envelope tells how busy it is."""
REST = 250
"""Frames to a room before the next one is made."""


class Got(AssertionError):
    """Something hostile got in, or somebody honest was disturbed."""


# a room's rules


def against_rules(seed: int, count: int) -> Counter[str]:
    """Frames against what a relay decides, without sockets. Raises Got."""
    told: Counter[str] = Counter()
    cast = Cast(seed, sealed=bool(seed % 2), now=1000.0)
    bodies: dict[tuple[str, int, int], bytes] = {}
    room = LiveRoom(cast.id, Summary({}, {}, 0, 0), [], body=bodies.get, clock=lambda: 1000.0)

    def honest(raws: list[bytes]) -> None:
        for raw in raws:
            row = room.take(raw)
            bodies[row.document, row.session, row.sequence] = raw

    honest(cast.said)
    honest(cast.write())
    for number, frame in zip(range(count), cast.hostile(), strict=False):
        before = (room.last, str(room.have), len(room.members))
        if frame.hidden and frame.kind == "spoiled content":
            continue
        try:
            room.take(frame.raw)
        except EnvelopeRefused:
            told[frame.kind] += 1
        except Repeated:
            raise Got(f"seed {seed}, frame {number}: {frame.kind} was taken for known") from None
        else:
            raise Got(f"seed {seed}, frame {number}: {frame.kind} was taken in")
        if before != (room.last, str(room.have), len(room.members)):
            raise Got(f"seed {seed}, frame {number}: {frame.kind} left something behind")
        if number % 50 == 49:
            honest(cast.write(cast.random.choice(["ann", "bo"])))
    return told


# a peer's film


class Film:
    """Ann's film, which takes what comes from a relay that lets everything through."""

    def __init__(self, folder: Path, cast: Cast) -> None:
        self.cast = cast
        places = Places(folder, folder, folder)
        parts = bootstrap.Parts(places, Profile(id="u-ann", name="Ann"), cast.sessions["ann"], bootstrap.commands())
        self.project = bootstrap.create_project(parts, folder / "film.proedit", width=320, height=180)
        begin(self.project, Room(id=cast.id, relay="ws://nowhere", key=cast.key("ann")), [])
        self.one = Participant(self.project, cast.keys["ann"], cast.sessions["ann"])
        taken = self.one.take(cast.said)
        if taken.refused:
            raise Got(f"an honest statement was refused: {taken.refused[0][1]}")

    def change(self) -> list[bytes]:
        """A real change that Bo's copy would have made, as Bo would give it."""
        self.project.door.execute("marker.add", {"at": "1s", "text": "honest"})
        parcel = unseal(self.project.file.parcel(self.project.door.history.entries[-1].stamp))
        return [self.cast.made("bo", "timeline", parcel.timeline, advance=True).raw, self.cast.made("bo", "journal", parcel.journal,
                                                                                                   advance=True).raw]


def against_peer(seed: int, count: int) -> Counter[str]:
    """Frames against a peer, as from a relay that cannot be trusted. Raises Got."""
    told: Counter[str] = Counter()
    cast = Cast(seed, sealed=bool(seed % 2))
    with tempfile.TemporaryDirectory(prefix="proeditor-hostile-") as folder:
        film = Film(Path(folder), cast)
        film.one.take(film.change())
        before = film.project.snapshot
        for number, frame in zip(range(count), cast.hostile(), strict=False):
            have = str(film.one.rooms.have)
            taken = film.one.take([frame.raw])
            if frame.kind == "written twice":
                if taken.kept or taken.spoiled:
                    raise Got(f"seed {seed}, frame {number}: a second envelope was taken in one place")
            elif not frame.hidden and (not taken.refused or taken.kept or have != str(film.one.rooms.have)):
                raise Got(f"seed {seed}, frame {number}: {frame.kind} was kept")
            elif frame.kind == "spoiled content" and not taken.spoiled:
                raise Got(f"seed {seed}, frame {number}: {frame.kind} was taken for good")
            if film.one.apply() or film.project.snapshot is not before:
                raise Got(f"seed {seed}, frame {number}: {frame.kind} was applied")
            told[frame.kind] += 1
        for raw in film.cast.write("bo", b"no update"):
            film.one.take([raw])
        if film.one.apply() or film.project.snapshot is not before:
            raise Got(f"seed {seed}: what an editor spoiled was applied")
        film.project.close()
    return told


# a relay at work


class Beside:
    """Honest people in the same room: one writes, one reads, and each envelope's way is timed."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.late: list[float] = []
        self._sent: dict[bytes, float] = {}
        self._recent: deque[tuple[float, float]] = deque()
        self.written = 0

    @property
    def lateness(self) -> float:
        """The most seconds that an honest envelope takes at present."""
        now = time.monotonic()
        while self._recent and now - self._recent[0][0] > RECENT:
            self._recent.popleft()
        return max([0.0, *(took for _, took in self._recent), *(now - at for at in self._sent.values())])

    async def write(self, ann: Connection) -> None:
        while True:
            for raw in self.cast.write("ann"):
                self._sent[raw] = time.monotonic()
                await ann.put([raw])
                self.written += 1
            await asyncio.sleep(0.05)

    async def read(self, dee: Connection) -> None:
        await dee.send(Want({}))
        async for message in dee.messages():
            if isinstance(message, Envelopes):
                for raw in message.raw:
                    if raw in self._sent:
                        now = time.monotonic()
                        self.late.append(now - self._sent.pop(raw))
                        self._recent.append((now, self.late[-1]))


class Wire:
    """Hostile connections to a relay."""

    def __init__(self, relay: str, seed: int) -> None:
        self.relay = relay
        self.random = random.Random(seed)
        self.cast = Cast(seed, sealed=bool(seed % 2), now=time.time())
        self.told: Counter[str] = Counter()
        self.slowest = 0.0
        self.hostile = self.cast.hostile()
        self.beside = Beside(self.cast)

    async def set_up(self) -> None:
        """Makes the room."""
        async with await self._as("ann") as ann:
            await ann.put(self.cast.said)
            await acknowledged(ann, "members", self.cast.sessions["ann"], len(self.cast.said))

    async def _as(self, name: str, session: int = 0, *, copy: bool = False) -> Connection:
        return await open_connection(self.relay, self.cast.id, self.cast.keys[name], session or self.cast.sessions[name], copy=copy)

    async def run(self, count: int, at_once: int = 8) -> Beside:
        """So many hostile frames, several connections at once, beside honest people. Raises Got."""
        beside = self.beside
        left = iter(range(count))
        async with await self._as("ann") as ann, await self._as("dee") as dee:
            honest = [asyncio.create_task(beside.write(ann)), asyncio.create_task(beside.read(dee)), asyncio.create_task(_drain(ann))]
            hostile = asyncio.gather(*(self._worker(left) for _ in range(at_once)))
            try:
                await asyncio.wait([hostile, *honest], return_when=asyncio.FIRST_COMPLETED)
                for task in honest:
                    if task.done():
                        raise Got(f"an honest connection ended: {task.exception()}")
                hostile.result()
                await asyncio.sleep(0.3)
            finally:
                for task in (hostile, *honest):
                    task.cancel()
                await asyncio.gather(hostile, *honest, return_exceptions=True)
        return beside

    async def _worker(self, left) -> None:
        for number in left:
            kind = self.random.random()
            if kind < 0.6:
                await self._envelope()
            elif kind < 0.7:
                await self._given_back()
            elif kind < 0.9:
                await self._message(number)
            else:
                await self._greeting()

    async def _envelope(self) -> None:
        frame = next(self.hostile)
        if (frame.hidden and frame.kind == "spoiled content") or frame.author in ("ann",):
            frame = self.cast._h_out_of_role()
        sender = frame.author if frame.author in ("bo", "cy", "dee") else "bo"
        async with await self._as(sender) as line:
            await line.send(Put([frame.raw]))
            await self._gone(line, frame.kind, frame.cut)

    async def _given_back(self) -> None:
        """Somebody who says that this relay lost what it never had: a member, one who was removed, or a stranger."""
        frame = next(self.hostile)
        if frame.author == "ann":
            frame = self.cast._h_out_of_role()
        async with await self._as(self.random.choice(["bo", "cy", "eve", "fay"]), new_session(), copy=True) as line:
            await line.send(GiveBack([frame.raw], False))
            await self._gone(line, f"given back: {frame.kind}", True)

    async def _message(self, number: int) -> None:
        chance = self.random
        small = encode(Put([self.cast._editor().raw]))
        flipped = bytearray(small)
        flipped[chance.randrange(8)] ^= 1 << chance.randrange(8)
        kind, raw = chance.choice([
            ("no message", chance.randbytes(chance.randrange(0, 400))), ("text", "hello"),
            ("half a message", small[:chance.randrange(len(small))]),
            ("a relay's message", encode(Present({1: b"x"}))), ("a wrong wish", encode(Want({"secrets": {}}))),
            ("too many", encode(Put([b""] * 5000))), ("nested", b"\x91" * 3000),
            ("long presence", b"\x92\xa8presence\xc5\x08\x00" + bytes(2048)),
            ("second greeting", encode(hello(self.cast.keys["bo"], b"n" * 32, self.cast.id, 5))), ("nothing put", encode(Put([b""]))),
            *([("oversized", bytes(9 * 2**20))] if number % 200 == 0 else [("oversized for a viewer", bytes(70_000))])])
        async with await self._as("dee" if kind == "oversized for a viewer" else "bo") as line:
            await _raw(line, raw)
            await self._gone(line, kind, True)

    async def _greeting(self) -> None:
        """Somebody who is not who they say, or says nothing that is a greeting."""
        async with connect(f"{self.relay}/v1", open_timeout=20, compression=None, max_size=None, proxy=None) as socket:
            nonce = await socket.recv()
            good = hello(self.cast.keys["eve"], nonce[-32:], self.cast.id, new_session())
            forged = msgspec.structs.replace(good, key=self.cast.key("ann"))
            old = hello(self.cast.keys["ann"], b"o" * 32, self.cast.id, new_session())
            began = time.monotonic()
            await socket.send(self.random.choice([encode(good), encode(forged), encode(old), self.random.randbytes(80), encode(Want({})),
                                                  encode(msgspec.structs.replace(old, session=0)), encode(good)[:60]]))
            try:
                async with asyncio.timeout(10):
                    while True:
                        await socket.recv()
            except ConnectionClosed:
                self._timed(began, "greeting")

    async def _gone(self, line: Connection, kind: str, cut: bool) -> None:
        """Waits until the offender is told, and cut off where it must be. Raises Got."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(10):
                while True:
                    await line.receive()
        except (RelayRefuses, NoRelay):
            pass
        except TimeoutError:
            raise Got(f"{kind}: its sender was not told") from None
        if cut:
            try:
                async with asyncio.timeout(10):
                    while True:
                        await line.receive()
            except (RelayRefuses, NoRelay):
                pass
            except TimeoutError:
                raise Got(f"{kind}: its sender was told and not cut off") from None
        self._timed(began, kind)

    def _timed(self, began: float, kind: str) -> None:
        took = time.monotonic() - began
        self.slowest = max(self.slowest, took)
        self.told[kind] += 1
        if took > WITHIN + self.beside.lateness:
            raise Got(f"{kind}: its sender was there for {took:.1f} s")

    async def check(self, beside: Beside) -> None:
        """Only what honest people wrote is there. Raises Got."""
        async with await self._as("dee", new_session()) as late:
            raws = await everything(late)
        honest = {*self.cast.said, *(one.raw for one in self.cast.good)}
        wrong = [raw for raw in raws if raw not in honest]
        if wrong:
            raise Got(f"the relay has what nobody honest wrote: {open_envelope(wrong[0]).header}")
        if len(raws) != len(self.cast.said) + beside.written:
            raise Got(f"of {beside.written} honest envelopes some are missing")


async def _raw(line: Connection, raw: bytes | str) -> None:
    """Puts bytes on a line as they are."""
    try:
        await line.line.socket.send(raw)
    except ConnectionClosed:
        return


async def _drain(line: Connection) -> None:
    async for _ in line.messages():
        pass


def against_relay(address: str, seed: int, count: int, at_once: int = 8) -> tuple[Counter[str], Beside, float]:
    """Frames through sockets; what was told, the honest people beside, the slowest cut. Raises Got."""
    wire = Wire(address, seed)

    async def work() -> Beside:
        await wire.set_up()
        beside = await wire.run(count, at_once)
        await wire.check(beside)
        return beside

    return wire.told, asyncio.run(work()), wire.slowest


def main() -> int:
    """Exit status 1 if anything got in."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=10_000, help="against each: the rules, a peer, a relay")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=["rules", "peer", "relay"])
    given, _ = parser.parse_known_args()
    logging.disable(logging.CRITICAL)
    told: Counter[str] = Counter()
    try:
        for name, run in (("rules", against_rules), ("peer", against_peer)):
            if given.only in (None, name):
                began, count = time.monotonic(), 0
                for seed in itertools.count(given.seed):
                    if count >= given.frames:
                        break
                    found = run(seed, REST)
                    count += sum(found.values())
                    told += found
                print(f"{name}: {count} hostile frames, none taken, {time.monotonic() - began:.0f} s", flush=True)
        if given.only in (None, "relay"):
            with tempfile.TemporaryDirectory(prefix="proeditor-hostile-") as folder, RunningRelay(Path(folder)) as relay:
                began, count, late, slowest = time.monotonic(), 0, [], 0.0
                for seed in range(given.seed, given.seed + -(-given.frames // 2500)):
                    found, beside, cut = against_relay(relay.address, seed, min(2500, given.frames - count))
                    count, slowest = count + sum(found.values()), max(slowest, cut)
                    late += beside.late
                    told += found
                    assert relay.process.poll() is None and relay.page("/health") == "ok\n"
                print(f"relay: {count} hostile frames, none taken, slowest cut {slowest:.2f} s, {len(late)} honest envelopes beside, "
                      f"p95 {statistics.quantiles(late, n=20)[-1] * 1000:.0f} ms, {time.monotonic() - began:.0f} s", flush=True)
    except Got as error:
        print(f"GOT IN: {error}", file=sys.stderr)
        return 1
    print(", ".join(f"{kind} {count}" for kind, count in sorted(told.items())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
