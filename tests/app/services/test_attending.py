"""What a merge leaves to look at: captions over changed speech, a track that is gone, worked out beside the editing.

Owns: that each kind is found and its fix settles it. Refuses: windows.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import bootstrap
from app.services.attending import Attending, Matter, Need
from app.services.deciding import attention_plain
from app.services.identity import Profile
from app.services.open_project import OpenProject
from app.services.places import Places
from app.services.together import serve
from editor_core.schema import Clip
from editor_core.timing import TICKS_PER_SECOND

S = TICKS_PER_SECOND


@pytest.fixture
def parts(tmp_path: Path) -> bootstrap.Parts:
    places = Places(tmp_path / "config", tmp_path / "cache", tmp_path / "logs")
    return bootstrap.Parts(places, Profile(id="uTester", name="Tester"), bootstrap.new_session(), bootstrap.commands())


@pytest.fixture
def film(parts: bootstrap.Parts, tmp_path: Path) -> Iterator[OpenProject]:
    made = bootstrap.create_project(parts, tmp_path / "film.proedit", width=320, height=180)
    yield made
    made.close()


def do(project: OpenProject, command: str, **args: Any) -> Any:
    return project.door.execute(command, args).result


@contextlib.contextmanager
def copy_of(parts: bootstrap.Parts, film: OpenProject) -> Iterator[OpenProject]:
    path = film.path.with_name("copy.proedit")
    film.file.save_copy(path)
    ana = bootstrap.Parts(parts.places, Profile(id="uAna", name="Ana"), parts.session, parts.registry)
    with contextlib.closing(bootstrap.open_project(ana, path)) as project:
        yield project


def merge(film: OpenProject) -> list[dict[str, Any]]:
    serve(film, "merge", {"other": str(film.path.with_name("copy.proedit"))})
    return attention_plain(film)


def beside(project: OpenProject) -> list[Matter]:
    """The same list as the window works it out: handed over in pieces."""
    attending = Attending()
    need = attending.tell(project.door.history.entries, {})
    while isinstance(need, Need):
        stamp = need.stamps[0]
        need = attending.tell((), {stamp: project.file.change(stamp)})
    return attending.look(project.snapshot, project.document.stamps)


def test_a_caption_over_speech_that_somebody_else_moved_is_found_and_follows_it(parts: Any, film: OpenProject) -> None:
    asset = do(film, "asset.add", name="talk.wav", hash="quick:talk", duration=60 * S,
               audio=[{"index": 0, "codec": "pcm", "sample_rate": 48000, "channels": 2}])["asset"]
    sound = do(film, "clip.append", asset=asset, source_duration="20s")["clip"]
    caption = do(film, "caption.add", text="It is safer.", at="4s", duration="2s")["clip"]
    with copy_of(parts, film) as copy:
        do(copy, "clip.move", clips=[sound], by="1s")
    do(film, "clip.set", clip=caption, property="opacity", value=0.5)
    assert merge(film) == [], "a caption that was there before is carried by whoever moves the sound, who saw it"
    with contextlib.suppress(FileNotFoundError):
        film.path.with_name("copy.proedit").unlink()
    with copy_of(parts, film) as copy:
        do(copy, "clip.move", clips=[sound], by="1s")
    do(film, "clip.move", clips=[caption], by="2f")
    (item,) = merge(film)
    assert item["kind"] == "caption" and "It is safer." in item["message"] and [f["title"] for f in item["fixes"]] == [
        "Move it with the speech", "Leave it where it is"]
    assert [one.kind for one in beside(film)] == ["caption"]
    before = film.snapshot.get(Clip, caption).start
    fix = item["fixes"][0]
    do(film, fix["command"], **fix["args"])
    assert film.snapshot.get(Clip, caption).start == before + S and attention_plain(film) == [] and beside(film) == []
    do(film, "edit.undo")
    fix = attention_plain(film)[0]["fixes"][1]
    do(film, fix["command"], **fix["args"])
    assert attention_plain(film) == [] and film.snapshot.get(Clip, caption).start == before


def test_a_clip_put_on_a_track_that_somebody_removed_is_found_with_who_did_it(parts: Any, film: OpenProject) -> None:
    one = do(film, "solid.add", color="#204060", at="0s", duration="2s")["clip"]
    track = do(film, "track.add", kind="video")["track"]
    with copy_of(parts, film) as copy:
        do(copy, "track.remove", track=track)
    do(film, "clip.move", clips=[one], track=track)
    (item,) = merge(film)
    assert item["kind"] == "orphan"
    (matter,) = beside(film)
    assert matter.clips == (one,) and matter.actors == ("uTester",) and matter.fixes[0].title == "Bring the track back"
    do(film, matter.fixes[0].command, **matter.fixes[0].args)
    assert attention_plain(film) == []
