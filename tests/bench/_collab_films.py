"""Films in collaboration's figures: large ones edited, merged after being apart, grown by many edits.

Owns: making films of thousands of clips, timing edits through the real door and file. Refuses: judging (see `collab`).
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from app.services.merging import bring_in, coming, merger_of
from app.services.open_project import OpenProject
from editor_core.document.new_project import new_records
from editor_core.schema import Clip, Record, Track, new_id
from editor_core.storage import ProjectFile
from editor_core.sync.conflicts import conflicts
from editor_core.sync.packing import pack
from editor_core.sync.replica import Replica
from editor_core.timing import TICKS_PER_SECOND as SECOND
from editor_core.timing import TimeRange
from tests.bench.figure import ROOT
from tests.support.sharing import Person

TRACKS = 10
_ROW = "LENGTH(previous) + LENGTH(change) + LENGTH(replica) + LENGTH(mark)"


def make_film(person: Person, clips: int, tracks: int = TRACKS) -> None:
    """A film of so many titles on `tracks` tracks, without gaps."""
    records: list[Record] = list(new_records(new_id, person.name))
    timeline = records[1].id
    rows = [Track(id=new_id("k"), timeline=timeline, kind="video", order=f"W{n:02d}") for n in range(tracks)]
    for number in range(clips):
        start = number // tracks * 2 * SECOND
        records.append(Clip(id=new_id("c"), track=rows[number % tracks].id, kind="title", start=start,
                            source_range=TimeRange(0, 2 * SECOND), text=f"title {number}", name=f"clip {number}"))
    parts = person.parts()
    ProjectFile.create(person.film, [*records, *rows], session=parts.session, actor=person.profile.id).close()


def clips_of(project: OpenProject) -> list[str]:
    return [clip.id for clip in project.snapshot.of_kind(Clip)]


class Edited(NamedTuple):
    """Seconds of this thread's processor time, and by the clock, for each edit."""

    own: list[float]
    clock: list[float]


def edit(project: OpenProject, count: int, seed: int = 1, pause: float = 0.0) -> Edited:
    """Field edits of clips at random. Every one goes through the records, the replica, the journal's queue and the change event."""
    rng = random.Random(seed)
    ids = clips_of(project)
    heard = 0

    def listen(change: object, before: object, after: object) -> None:
        nonlocal heard
        heard += 1

    project.document.subscribe(listen)
    own, clock = [], []
    for number in range(count):
        arguments = {"clip": rng.choice(ids), "property": "opacity", "value": rng.randrange(1, 10**6) / 10**6}
        began, spent = time.perf_counter(), time.thread_time()
        outcome = project.door.execute("clip.set", arguments)
        own.append(time.thread_time() - spent)
        clock.append(time.perf_counter() - began)
        if number % 200 == 199:
            outcome.wait(60)
        time.sleep(pause)
    assert heard >= count * 0.5, "edits make changes"
    return Edited(own, clock)


def apart(folder: Path, clips: int, edits: int, ripples: int = 0) -> tuple[Person, Person]:
    """Two people with a copy of a film each, each edited so often. One edit in `ripples` is a ripple."""
    one, two = Person(folder, "one"), Person(folder, "two")
    make_film(one, clips)
    shutil.copy(one.film, two.film)
    for number, person in enumerate((one, two)):
        with person.open() as (_, project):
            if ripples:
                edit_with_ripples(project, edits, number, ripples)
            else:
                edit(project, edits, seed=number)
    return one, two


def reviewed(folder: Path, clips: int, edits: int, environment: dict[str, str]) -> dict[str, Any]:
    """The same in the merge review of a window: when it can be played, and for how long the window was held up."""
    one, two = apart(folder, clips, edits)
    done = subprocess.run([sys.executable, "-m", "tests.bench._review_window", folder, one.film, two.film], text=True, capture_output=True,
                          timeout=300, cwd=ROOT, env={**os.environ, **environment})
    if done.returncode:
        raise RuntimeError(f"the window of the merge review ended with {done.returncode}:\n{done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def edit_with_ripples(project: OpenProject, count: int, seed: int, every: int) -> None:
    """As `edit`, but one edit in `every` takes a clip out or trims one, with what is later moving up, or takes such an edit back."""
    rng = random.Random(seed)
    for number in range(count):
        clip = rng.choice(project.snapshot.of_kind(Clip))
        if number % every:
            arguments = {"clip": clip.id, "property": "opacity", "value": rng.randrange(1, 10**6) / 10**6}
            project.door.execute("clip.set", arguments)
        elif number % (9 * every) == 0 and number:
            project.door.execute("edit.undo", {})
        elif rng.random() < 0.4:
            project.door.execute("clip.extract", {"clips": [clip.id]})
        else:
            project.door.execute("clip.trim", {"clip": clip.id, "edge": "tail", "to": clip.end - SECOND // 30, "ripple": True})
        if number % 200 == 199:
            project.file.flush()


class Merge(NamedTuple):
    """Seconds to merge, and to list what is in conflict then; how many of both there were."""

    merge: float
    listing: float
    changes: int
    conflicts: int


def merge_after(folder: Path, clips: int, edits: int, ripples: int = 0) -> Merge:
    """Two copies of a film, each edited so often, one merged into the other. One edit in `ripples` is a ripple."""
    one, two = apart(folder, clips, edits, ripples)
    with one.open() as (_, film), two.open() as (_, other):
        merger = merger_of(film)
        arriving = coming(film, other, merger)
        merger.order  # noqa: B018 - what is known here is known before anything comes
        began = time.thread_time()
        merged = bring_in(film, arriving, merger)
        between = time.thread_time()
        found = conflicts(merger.story(), film.snapshot)
        assert merged is not None
        return Merge(between - began, time.thread_time() - between, len(merged.change.merged), len(found))


class Growth(NamedTuple):
    """Bytes: the replica as it was and after the edits; of the journal for each edit: all of it, one as first written, one compressed."""

    fresh: int
    random: int
    drag: int
    gesture: float
    entry: float
    compressed: float


def growth(folder: Path, clips: int, edits: int) -> Growth:
    """A film of `clips` grows by `edits` at random, and another by as many in drags of 60 to one clip each."""
    sizes = {}
    sizes_of_entries = (0.0, 0.0, 0.0)
    for name in ("random", "drag"):
        person = Person(folder, name)
        make_film(person, clips)
        with person.open() as (_, project):
            fresh = len(Replica.from_state(project.file.replica.state()).timeline_state())
            rng, ids = random.Random(3), clips_of(project)
            for number in range(edits):
                if name == "random" or number % 60 == 0:
                    clip = rng.choice(ids)
                project.door.execute("clip.set", {"clip": clip, "property": "opacity", "value": rng.randrange(1, 10**6) / 10**6})
                if number % 500 == 499:
                    project.file.flush()
            project.file.flush()
            sizes[name] = len(project.file.replica.timeline_state())
            if name == "random":
                sizes_of_entries = _entries(project)
    return Growth(fresh, sizes["random"], sizes["drag"], *sizes_of_entries)


def _entries(project: OpenProject) -> tuple[float, float, float]:
    """Mean bytes of journal entries: of all, of the newest with all their columns, and of those in compressed blocks (0 for none)."""
    connection = project.file.reading()
    try:
        newest = connection.execute(f"SELECT AVG({_ROW}) FROM (SELECT * FROM journal ORDER BY sequence DESC LIMIT 100)").fetchone()[0]
        plain = connection.execute(f"SELECT SUM({_ROW}), COUNT(*) FROM journal").fetchone()
        packed = connection.execute("SELECT SUM(LENGTH(body)), SUM(last - first + 1) FROM archive").fetchone()
    finally:
        connection.close()
    size, count = (plain[0] or 0) + (packed[0] or 0), plain[1] + (packed[1] or 0)
    return size / count, float(newest or 0), packed[0] / packed[1] if packed[1] else 0.0


class Ripple(NamedTuple):
    """Seconds of one ripple over so many clips; bytes of its row in the journal, of its change, and of the updates that others are
    given."""

    seconds: float
    row: int
    change: int
    given: int
    clips: int


def ripple(folder: Path, clips: int) -> Ripple:
    """The first clip of a track is taken out and all behind it move up."""
    person = Person(folder, "ripple")
    make_film(person, clips, tracks=1)
    with person.open() as (_, project):
        track = next(clip.track for clip in project.snapshot.of_kind(Clip))
        lane = sorted((c for c in project.snapshot.of_kind(Clip) if c.track == track), key=lambda clip: clip.start)
        took = []
        for victim in lane[:5]:
            began = time.thread_time()
            outcome = project.door.execute("clip.extract", {"clips": [victim.id]})
            took.append(time.thread_time() - began)
            assert outcome.change is not None
            project.file.flush()
        sizes = len(pack(outcome.change)), len(project.file.parcel(outcome.change.stamp))
        with contextlib.closing(project.file.reading()) as connection:
            row = connection.execute(f"SELECT {_ROW} FROM journal ORDER BY sequence DESC LIMIT 1").fetchone()[0]
    return Ripple(statistics.median(took), row, *sizes, len(lane))
