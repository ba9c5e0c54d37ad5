"""From an edit in one program to its picture in the window of another, in a room of fifty.

Owns: that room: a window whose timeline is watched, a program that edits, nine more who edit and forty who look, all of whom show where
they are. Refuses: judging (see `collab`).

The window shares the film and is one process, the one whose edits are timed another, the crowd a third. The crowd's edits are real ones:
each of the nine made them beforehand in a film of their own. An edit counts as drawn when the timeline has painted, with nothing of that
place left for later, a clip that has the new name.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.services.collab.bringing import RETURN
from app.services.collab.links import Link, parse_link
from app.services.collab.participant import Participant
from app.services.collab.ways import exchange_for
from editor_core.schema import Clip, Track
from editor_core.sync.envelope import public
from editor_core.sync.messages import Presence, Put
from editor_core.sync.presence import Fast, Slow, say_fast, say_slow
from tests.bench._collab_films import make_film
from tests.bench._light import LightPeer
from tests.bench.figure import ROOT
from tests.support.relays import RunningRelay
from tests.support.sharing import Person

CLIPS, TRACKS = 200, 5
EDITS = 5.0
"""Edits a second of each who edits, and presences of everybody."""
MARK = "drawn "
FIRST = 20
"""How many clips are renamed by the one whose edits are timed; the crowd has the others."""


class Drawn(NamedTuple):
    """Seconds from each edit to its picture, and to the window's document; how many edits the window drew nothing of; how many edits of
    the crowd the window took in, and how many people it saw; its share of a core, and that of its thread for widgets."""

    painted: list[float]
    arrived: list[float]
    unseen: int
    others: int
    people: int
    core: float
    thread: float


async def drawn_elsewhere(folder: Path, seconds: float, people: int, editors: int, environment: dict[str, str]) -> Drawn:
    """One edits five times a second for so long. `people` are all in the room, `editors` those who edit, the timed one among them."""
    with RunningRelay(folder / "relay") as relay:
        film = Person(folder, "window")
        make_film(film, CLIPS, TRACKS)
        window = _process(environment, "window", folder, film.film, relay.address, seconds)
        try:
            words = await asyncio.to_thread(_line, window)
            link = parse_link(words)
            crowd = _process({}, "crowd", folder, words, people - 2, editors - 1, seconds)
            try:
                ana = Person(folder, "ana")
                await asyncio.to_thread(ana.join, link)
                given = await _edit(ana, window, crowd, seconds)
                saw = json.loads(await asyncio.to_thread(_line, window))
            finally:
                crowd.kill()
                crowd.wait()
        finally:
            window.kill()
            window.wait()
    painted, arrived = ([saw[what][text] - at for text, at in given.items() if text in saw[what]] for what in ("painted", "arrived"))
    return Drawn(painted, arrived, len(given) - len(painted), saw["others"], saw["people"], saw["core"], saw["thread"])


async def _edit(ana: Person, window: subprocess.Popen[str], crowd: subprocess.Popen[str], seconds: float) -> dict[str, float]:
    given: dict[str, float] = {}
    with ana.open() as (parts, project):
        exchange = exchange_for(project, ana.key, parts.session)
        stay = asyncio.create_task(exchange.stay())
        assert await asyncio.to_thread(_line, crowd) == "ready"
        while not exchange.caught_up:
            await asyncio.sleep(0.02)
        clips = [clip.id for clip in _rows(project.snapshot)[:FIRST]]
        await asyncio.sleep(RETURN + 1)  # many edits sooner than that would count as missed, and be looked at first
        for process in (crowd, window):
            print("go", file=process.stdin, flush=True)
        await asyncio.sleep(2)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            number, began = len(given), time.monotonic()
            given[f"{MARK}{number}"] = began
            project.door.execute("clip.set", {"clip": clips[number % FIRST], "property": "name", "value": f"{MARK}{number}"})
            exchange.something_changed()
            await asyncio.sleep(max(0.0, 1 / EDITS - (time.monotonic() - began)))
        await asyncio.sleep(1)
        print("end", file=window.stdin, flush=True)
        stay.cancel()
        await asyncio.gather(stay, return_exceptions=True)
    return given


def _rows(view: Any) -> list[Clip]:
    """Clips in order of time, those of all tracks in turn."""
    order = {track.id: number for number, track in enumerate(view.of_kind(Track))}
    return sorted(view.of_kind(Clip), key=lambda clip: (clip.start, order[clip.track]))


def _process(environment: dict[str, str], *words: object) -> subprocess.Popen[str]:
    folder = Path(str(words[1]))
    return subprocess.Popen([sys.executable, "-m", "tests.bench._drawn", *map(str, words)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=(folder / f"{words[0]}.log").open("w"), text=True, cwd=ROOT,
                            env={**os.environ, **environment, "PROEDITOR_HOME": str(folder / "home")})


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline().strip()
    if not line:
        raise RuntimeError(f"a process of the figure ended: {process.args}")
    return line


# the crowd


class _Member:
    """One of the crowd: a key, a session, and the edits they will give, each as its envelopes."""

    def __init__(self, person: Person, session: int, edits: list[list[bytes]]) -> None:
        self.person, self.session, self.edits = person, session, edits
        self.voice = Ed25519PrivateKey.generate()
        self.peer: LightPeer

    async def show(self, room: bytes, number: int, until: float) -> None:
        """Who this is, once, then where, again and again."""
        slow = Slow(1, b"", public(self.voice), name=self.person.name)
        self.peer.send(Presence(say_slow(slow, self.person.key, room, self.session), True))
        count = 0
        await asyncio.sleep(number / 50 / EDITS)
        while time.monotonic() < until:
            count += 1
            fast = Fast(count, playhead=(number * 700 + count * 30) * 1_000_000, right=10**12)
            self.peer.send(Presence(say_fast(fast, self.voice, room, self.session)))
            await asyncio.sleep(1 / EDITS)

    async def give(self, number: int, until: float) -> None:
        await asyncio.sleep(number / 9 / EDITS)
        for pair in self.edits:
            if time.monotonic() > until:
                return
            self.peer.send(Put(pair))
            await asyncio.sleep(1 / EDITS)


def _member(folder: Path, link: Link, number: int, edits: int) -> _Member:
    person = Person(folder / "crowd", f"p{number}")
    person.join(link)
    with person.open() as (parts, project):
        one = Participant(project, person.key, parts.session)
        before = {document: dict(counts) for document, counts in one.rooms.have.items()}
        mine = [clip.id for clip in _rows(project.snapshot)[FIRST:]][number::9]
        for count in range(edits):
            project.door.execute("clip.set", {"clip": mine[count % len(mine)], "property": "opacity", "value": (count % 90 + 1) / 100})
        ticket = one.prepare()
        if ticket is not None:
            ticket.wait(60)
        by_edit: dict[int, list[bytes]] = {}
        places = one.missing(before)
        for place, raw in zip(places, one.rooms.bodies(places), strict=True):
            by_edit.setdefault(place[2], []).append(raw)
        return _Member(person, parts.session, [pair for _, pair in sorted(by_edit.items())])


async def crowd(folder: Path, link: Link, people: int, editors: int, seconds: float) -> None:
    (folder / "crowd").mkdir()
    with ThreadPoolExecutor(3) as pool:
        edits = [round((seconds + 6) * EDITS) if number < editors else 0 for number in range(people)]
        members = list(pool.map(lambda number: _member(folder, link, number, edits[number]), range(people)))
    for one in members:
        one.peer = await LightPeer.enter(link.relay, link.room, one.person.key, one.session, [])
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    until = time.monotonic() + seconds + 5
    await asyncio.gather(*(one.show(link.room, number, until) for number, one in enumerate(members)),
                         *(one.give(number, until) for number, one in enumerate(members) if one.edits))


# the window


def window(folder: Path, film: Path, relay: str, seconds: float) -> None:
    from tests.app.desktop.desk import Desk

    watch = Watch()
    desk = Desk(folder)
    desk.open(film)
    watch.begin(desk)
    together = desk.bench.together
    shared = together.share(relay, "editor", 0.0, None)
    print(desk.wait(lambda: shared.done() and shared.result()["link"]), flush=True)
    desk.wait(lambda: together.state == "online")
    heard: list[str] = []
    threading.Thread(target=lambda: heard.extend(iter(sys.stdin.readline, "")), daemon=True).start()
    desk.wait(lambda: heard, 300)
    began, spent, own = time.monotonic(), time.process_time(), time.thread_time()
    until, most = began + seconds + 30, 0
    while "end\n" not in heard and time.monotonic() < until:
        desk.app.processEvents()
        most = max(most, len(together.people))
        time.sleep(0.0005)
    took = time.monotonic() - began
    print(json.dumps({"painted": watch.painted, "arrived": watch.arrived, "others": watch.others, "people": most,
                      "core": (time.process_time() - spent) / took, "thread": (time.thread_time() - own) / took}), flush=True)
    desk.close()


class Watch:
    """What came into the document of a window, and what its timeline painted, by the names of clips. Made before the window is: its
    library looks for a widget's methods once."""

    def __init__(self) -> None:
        from app.desktop.canvas.lanes import Lanes

        self.painted: dict[str, float] = {}
        self.arrived: dict[str, float] = {}
        self.others = 0
        self._waiting: dict[str, str] = {}
        paint = Lanes.paintEvent

        def painted(lanes: Any, event: Any) -> None:
            paint(lanes, event)
            if self._waiting and lanes.isVisible():
                self._look(lanes)

        Lanes.paintEvent = painted

    def begin(self, desk: Any) -> None:
        desk.bench.services.project.document.subscribe(self._change)

    def _change(self, change: Any, before: Any, after: Any) -> None:
        now = time.monotonic()
        for op in change.operations:
            record = getattr(op, "record", None)
            if isinstance(record, Clip):
                if record.name.startswith(MARK):
                    self.arrived.setdefault(record.name, now)
                    self._waiting[record.id] = record.name
                else:
                    self.others += 1

    def _look(self, lanes: Any) -> None:
        from app.desktop.canvas.lane_layer import clip_box

        now, state, late = time.monotonic(), lanes.state, lanes._layer.late
        for row in state.rows:
            for clip in row.clips:
                if self._waiting.get(clip.id) == clip.name and not late.intersects(clip_box(state, row, clip)):
                    self.painted.setdefault(clip.name, now)
                    del self._waiting[clip.id]


if __name__ == "__main__":
    role, *words = sys.argv[1:]
    if role == "window":
        window(Path(words[0]), Path(words[1]), words[2], float(words[3]))
    else:
        asyncio.run(crowd(Path(words[0]), parse_link(words[1]), int(words[2]), int(words[3]), float(words[4])))
