"""Working together: the relay under a crowd, edits that reach others, joins, merges after absence, presence, growth.

Owns: what is measured and what it must be. Refuses: how it is done (see `_crowd`, `_collab_films`, and `tests.fuzz.relay` for kills).

Quick by default; `--full` measures what is promised in full: 1,000 joins, 200 kills, 100,000 edits. Delays by the clock are judged only
where the machine has nothing else to do; work is judged by the processor time of the thread that does it.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench._collab_films import edit, growth, make_film, merge_after, reviewed, ripple
from tests.bench._crowd import Crowd, ghost_is_gone, joined_at_once, newcomer_sees_all
from tests.bench._drawn import drawn_elsewhere
from tests.bench._media import fetched
from tests.bench.figure import Bench, Row
from tests.bench.r3_long import display
from tests.fuzz import relay as kills
from tests.support.relays import RunningRelay
from tests.support.sharing import Person

FIGURE = "collab"
TITLE = "collab: relay, edits that reach others, merges, presence, growth"
_SECOND = 1000.0


def measure(bench: Bench) -> list[Row]:
    """All rows, or those of the parts that are asked for. Takes about a minute and a half, with `--full` about forty."""
    folder = bench.folder / "collab"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    rows: list[Row] = []
    try:
        for name, part in PARTS.items():
            if not bench.only or name in bench.only:
                (folder / name).mkdir()
                rows += part(bench, folder / name)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return rows


def _row(what: str, ours: float, must: float | None, unit: str = "ms", note: str = "") -> Row:
    return Row(figure=FIGURE, what=what, ours=ours, unit=unit, must=must, note=note)


def _clock(what: str, seconds: Sequence[float], must: float, note: str = "", load: float | None = None) -> Row:
    """A 95th percentile by the clock, in ms; judged only on a machine that has time. `load` is the machine's before the figure began."""
    load, cores = os.getloadavg()[0] if load is None else load, os.cpu_count() or 1
    busy = load > cores * 0.75
    if busy:
        note = "; ".join(filter(None, (note, f"not judged: the machine is busy with other work (load {load:.1f} on {cores} cores)")))
    return _row(what, _part(seconds, 0.95) * _SECOND, None if busy else must, note=note)


def _part(values: Sequence[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def _seconds(bench: Bench) -> float:
    return 30.0 if bench.full else 4.0


def _crowd(bench: Bench, folder: Path) -> list[Row]:
    seconds = _seconds(bench)
    with RunningRelay(folder) as relay:
        bench.say("  50 peers, 10 edit at 5/s, all send presence at 5/s")
        fifty = asyncio.run(Crowd(relay, 50, 10).run(seconds))
        bench.say("  100 peers, 10 of whom edit")
        hundred = asyncio.run(Crowd(relay, 100, 10, presences=2).run(seconds))
    return [
        _clock("50 peers: put on A → at B, through the relay and its disk, p95", fifty.delays, 10),
        _row("50 peers: relay's processor time for an edit and its 98 deliveries", fifty.core * seconds / fifty.put * 2 * _SECOND, 10,
             note=f"{fifty.core * 100:.0f} % of a core; the peers take {fifty.own * 100:.0f} %"),
        _row("100 peers: the relay's share of a core", hundred.core * 100, 30, "%", note=f"the peers take {hundred.own * 100:.0f} %"),
        _row("100 peers: the relay's memory", hundred.memory, 150, "MB"),
    ]


def _joins(bench: Bench, folder: Path) -> list[Row]:
    trials = 1000 if bench.full else 60
    bench.say(f"  {trials} times 8 join a new room at once")
    with RunningRelay(folder) as relay:
        joined = sum(asyncio.run(_trials(relay, trials)))
    return [_row(f"{trials} simultaneous joins that did not converge", trials - joined, 0, "")]


async def _trials(relay: RunningRelay, count: int) -> list[bool]:
    return [await joined_at_once(relay, 8) for _ in range(count)]


def _presence(bench: Bench, folder: Path) -> list[Row]:
    bench.say("  presence: who comes and who goes")
    with RunningRelay(folder) as relay:
        newcomer = asyncio.run(newcomer_sees_all(relay, 50))
        closed, pulled = (asyncio.run(ghost_is_gone(relay, pulled=how)) for how in (False, True))
    return [_row("a newcomer sees where 50 are", newcomer * _SECOND, 200), _row("who closed is gone", closed, 1, "s"),
            _row("whose cable was pulled is gone", pulled, 12, "s")]


def _drawn(bench: Bench, folder: Path) -> list[Row]:
    bench.say("  an edit in one program drawn in the window of another, 50 people in the room, 10 of whom edit at 5/s")
    load = os.getloadavg()[0]
    with display() as (environment, where):
        found = asyncio.run(drawn_elsewhere(folder, _seconds(bench) * 2, 50, 10, environment))
    note = (f"{where}; in its document after {_part(found.arrived, 0.95) * _SECOND:.0f} ms; {len(found.painted)} edits, {found.others} of "
            f"others; its thread for widgets {found.thread * 100:.0f} % of a core")
    return [_clock("50 people in a room: edit on A → repainted in the window of B, p95", found.painted, 100, note, load),
            _row("edits of A that the window of B never drew", found.unseen, 0, "", note=f"B saw {found.people} people")]


def _edits(bench: Bench, folder: Path) -> list[Row]:
    bench.say("  a film of 20,000 clips: edits")
    person = Person(folder, "large")
    make_film(person, 20_000)
    with person.open() as (_, project):
        edited = edit(project, 10_000 if bench.full else 3_000)
    return [
        _row("20,000 clips: an edit to records, replica, queue and event, p99 of processor time", _part(edited.own, 0.99) * _SECOND, 1,
             note=f"p50 {_part(edited.own, 0.5) * _SECOND:.2f} ms; by the clock p99 {_part(edited.clock, 0.99) * _SECOND:.1f} ms"),
    ]


def _merge(bench: Bench, folder: Path) -> list[Row]:
    rows: list[Row] = []
    for edits, ripples, must in ((1_000, 0, 200), (1_000, 10, 200), (2_500, 3, 1500)):
        with_ripples = f", one in {ripples} a ripple" if ripples else ""
        bench.say(f"  {edits} + {edits} edits apart{with_ripples}, merged")
        home = folder / f"{edits}-{ripples}"
        home.mkdir()
        merged = merge_after(home, 2_000, edits, ripples)
        rows.append(_row(f"{merged.changes} + {merged.changes} edits apart{with_ripples}: merged, {merged.conflicts} conflicts listed",
                         (merged.merge + merged.listing) * _SECOND, must))
    return rows


def _ripple(bench: Bench, folder: Path) -> list[Row]:
    bench.say("  a ripple over 2,000 clips")
    moved = ripple(folder, 2_000)
    return [
        _row(f"a ripple over {moved.clips} clips", moved.seconds * _SECOND, 20),
        _row(f"a ripple over {moved.clips} clips: its row in the journal", moved.row / 1024, 32, "KB",
             note=f"its change {moved.change / 1024:.0f} KB, as others are given it with a text for each clip's start "
                  f"{moved.given / 1024:.0f} KB"),
    ]


def _review(bench: Bench, folder: Path) -> list[Row]:
    bench.say("  a film of 20,000 clips and its copy, 1,000 + 1,000 edits apart: the merge review in a window")
    with display() as (environment, where):
        found = reviewed(folder, 20_000, 1_000, environment)
    seen = found["seen"]
    note = (f"{where}; page {seen['page']:.0f}, cut known {seen['merged known']:.0f}, list {seen['rows']:.0f}, "
            f"theirs playable {seen['theirs playable']:.0f} ms after the click")
    asked = found["asked"]
    ahead = f"the process that looks began while the file was asked for; theirs playable {asked['theirs playable']:.0f} ms after the click"
    names = {"open": "while it opens", "tick": "while single changes are ticked", "all": "while all are chosen and taken back",
             "look": "while changes are looked at and played", "apply": "while it is applied and the workspace comes back"}
    return [_clock("20,000 clips, 1,000 + 1,000 edits: from the click to the merged picture, playable", [seen["merged playable"] / _SECOND],
                   1_000, note),
            _clock("the same from the click on a file in the dialog that asks for it", [asked["merged playable"] / _SECOND], 1_000, ahead),
            *(_row(f"the merge review: longest work of the window's thread without a look at events, {words}", found[name][1], 16,
                   note=f"by the clock {found[name][0]:.0f} ms") for name, words in names.items())]


def _growth(bench: Bench, folder: Path) -> list[Row]:
    edits = 100_000 if bench.full else 3_000
    bench.say(f"  a film of 2,000 clips, {edits} edits at random and in drags")
    grown = growth(folder, 2_000, edits)
    return [
        _row(f"the replica after {edits} edits at random", grown.random / grown.fresh, 3, "×"),
        _row(f"the replica after {edits} edits in drags", grown.drag / grown.fresh, 1.2, "×"),
        _row(f"the journal for each of {edits} simple gestures", grown.gesture, 350, "bytes",
             note=f"one as it is first written takes {grown.entry:.0f}, one in compressed blocks {grown.compressed:.0f}"),
    ]


def _kills(bench: Bench, folder: Path) -> list[Row]:
    count = 200 if bench.full else 10
    bench.say(f"  the relay is killed {count} times while four write")
    acknowledged, lost = kills.play(folder, count, seed=1)
    return [_row(f"{count} kills: acknowledged envelopes lost, of {acknowledged}", len(lost), 0, "", note="; ".join(lost))]


def _media(bench: Bench, folder: Path) -> list[Row]:
    size = 800 if bench.full else 400
    bench.say(f"  a file of {size} MiB from one machine to another through a relay")
    speeds = sorted(fetched(folder / str(number), size) for number in range(3))
    note = f"{speeds[1]:.0f} MiB/s, median of {speeds[0]:.0f} to {speeds[2]:.0f}; at least 100 MiB/s are owed"
    return [_row("media through a relay, checked and in its place: time for 100 MiB", 100 / speeds[1] * _SECOND, 1_000, note=note)]


PARTS: dict[str, Callable[[Bench, Path], list[Row]]] = {
    "crowd": _crowd, "joins": _joins, "presence": _presence, "drawn": _drawn, "edits": _edits, "merge": _merge, "review": _review,
    "ripple": _ripple, "media": _media, "growth": _growth, "kills": _kills}
"""What can be measured by itself: `bench collab --only joins`."""
