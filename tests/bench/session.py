"""A working session in the real window on a film of 20,000 clips: the longest turn of the event loop at each step, and what it was about.

Owns: the film, starting the window on a display of its own, the rows. Refuses: looking into the window (see `_session_window`).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from app.services.open_project import OpenProject
from editor_core.document.new_project import new_records
from editor_core.schema import Clip, MediaReference, Record, Track, new_id
from editor_core.storage import ProjectFile
from editor_core.timing import TICKS_PER_SECOND as SECOND
from editor_core.timing import TimeRange
from tests.bench import footage
from tests.bench.figure import ROOT, Bench, Row
from tests.bench.r3_long import display
from tests.support.sharing import Person

FIGURE = "session"
TITLE = "a working session at 20,000 clips, in the window"
TRACKS, SHOTS, LENGTH = 8, 10_000, 3
"""Picture tracks, shots on all of them together, seconds from one shot to the next. Each shot has its linked sound."""
COMMANDS = ("ripple", "undo of the ripple", "delete all", "undo of delete all", "theme", "a workspace for the first time")
"""Steps that are one command over thousands of clips, or make the whole window anew: told, but nothing is promised of them."""


def measure(bench: Bench) -> list[Row]:
    folder = bench.folder / "session"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    bench.say("  a film of 20,000 clips and its copy, each edited 1,000 times")
    film, copy = make_film(bench, folder)
    with display() as (environment, where):
        done = subprocess.run([sys.executable, "-m", "tests.bench._session_window", folder, film, copy], text=True, capture_output=True,
                              timeout=600, cwd=ROOT, env={**os.environ, **environment})
    if done.returncode:
        raise RuntimeError(f"the window ended with {done.returncode}:\n{done.stderr[-2000:]}")
    found: dict[str, list[float | str]] = json.loads(done.stdout.splitlines()[-1])
    shutil.rmtree(folder, ignore_errors=True)
    return [Row(figure=FIGURE, what=f"longest work of the window's thread without a look at events: {step}", ours=float(own), unit="ms",
                must=None if step in COMMANDS else 16.0, note=f"{where}; by the clock {float(clock):.0f} ms; {cause}")
            for step, (own, clock, cause) in found.items()]


def make_film(bench: Bench, folder: Path) -> tuple[Path, Path]:
    """The film, and a copy of it that somebody else edited."""
    small = folder / "media.proedit"
    bench.command("new", small)
    bench.command("import", small, *footage.short(bench), "--json")
    one, other = Person(folder, "film"), Person(folder, "copy")
    media = Person(folder, "media")
    with media.open() as (_, project):
        _write(one, project, project.snapshot.of_kind(MediaReference))
    shutil.copy(one.film, other.film)
    for person in (one, other):
        _edit(person)
    return one.film, other.film


def _write(person: Person, known: OpenProject, media: list[MediaReference]) -> None:
    records: list[Record] = [*new_records(new_id, person.name), *media]
    timeline = records[1].id
    rows = [Track(id=new_id("k"), timeline=timeline, kind="video" if n < TRACKS else "audio", order=f"W{n % TRACKS:02d}")
            for n in range(2 * TRACKS)]
    for shot in range(SHOTS):
        lane, link = shot % TRACKS, new_id("l")
        source = TimeRange((shot * 7 + lane) % 9 * SECOND, LENGTH * SECOND - (SECOND // 5 if shot % 5 == 0 else 0))
        asset, start = media[shot % len(media)].id, shot // TRACKS * LENGTH * SECOND
        records += [Clip(id=new_id("c"), track=rows[lane + part * TRACKS].id, kind=kind, asset=asset, start=start, source_range=source,
                         link=link, name=f"shot {shot}") for part, kind in enumerate(("video", "audio"))]
    parts = person.parts()
    file = ProjectFile.create(person.film, [*records, *rows], session=parts.session, actor=person.profile.id)
    for one in media:
        for place in known.file.locations.get(one.id):
            file.locations.set(one.id, place)
    file.close()


def _edit(person: Person) -> None:
    with person.open() as (_, project):
        pictures = [clip.id for clip in project.snapshot.of_kind(Clip) if clip.kind == "video"]
        step = 7 if person.name == "film" else 11
        for number in range(1000):
            arguments = {"clip": pictures[number * step % len(pictures)], "property": "opacity", "value": (number + 1) / 1001}
            project.door.execute("clip.set", arguments)
