"""Whatever people do, in whatever order: the document holds together, and undo leads back to where they began."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from editor_core.commands.registry import CommandError
from editor_core.document import History, Snapshot, View
from editor_core.schema import Clip, Marker, MediaReference, Record, Track, Transition
from editor_core.timeline.effective import effective
from tests.support.cutting import ANA, BEN, Film

Numbers = tuple[int, int, int, int]
Maker = Callable[[Film, Numbers], dict[str, Any]]
EDGES = ("head", "tail")
MODES = ("refuse", "overwrite", "insert")


def nth(things: list[Any], number: int) -> Any:
    if not things:
        raise CommandError("there is nothing to choose from yet")
    return things[number % len(things)]


def clip(film: Film, number: int) -> Clip:
    return nth(sorted(film.view.of_kind(Clip), key=lambda one: (one.start, one.id)), number)


def some(film: Film, numbers: Numbers) -> list[str]:
    return list({clip(film, number).id: None for number in numbers[:1 + numbers[3] % 3]})


def track(film: Film, number: int) -> str:
    return nth(film.view.tracks(), number).id


def asset(film: Film, number: int) -> str:
    return nth(film.view.of_kind(MediaReference), number).id


def frames(number: int, reach: int = 400) -> str:
    return f"{number % reach}f"


def near(film: Film, one: Clip, number: int) -> int:
    return one.start + (number % 120 - 30) * film.f


MAKERS: dict[str, Maker] = {
    "clip.append": lambda f, n: ({"asset": asset(f, n[0]), "source_start": frames(n[1], 50), "source_duration": frames(1 + n[2], 60)}),
    "clip.insert": lambda f, n: ({"asset": asset(f, n[0]), "at": frames(n[1]), "source_duration": frames(1 + n[2], 60)}),
    "clip.overwrite": lambda f, n: ({"asset": asset(f, n[0]), "at": frames(n[1]), "source_duration": frames(1 + n[2], 60)}
                                    | ({"track": track(f, n[3])} if n[3] % 2 else {})),
    "clip.split": lambda f, n: ({"at": frames(n[0])} | ({"clips": [clip(f, n[1]).id]} if n[2] % 2 else {})),
    "clip.trim": lambda f, n: ({"clip": clip(f, n[0]).id, "edge": EDGES[n[1] % 2], "to": near(f, clip(f, n[0]), n[2]),
                                "ripple": n[3] % 2 == 1, "linked": n[3] % 5 != 0}),
    "clip.move": lambda f, n: ({"clips": some(f, n), "by": f"{n[1] % 100 - 50}f", "mode": MODES[n[2] % 3]}
                               | ({"track": track(f, n[0])} if n[3] % 3 == 0 else {"track": "new"} if n[3] % 7 == 0 else {})),
    "clip.nudge": lambda f, n: ({"clips": some(f, n), "frames": n[1] % 21 - 10}),
    "clip.roll": lambda f, n: ({"clip": clip(f, n[0]).id, "edge": EDGES[n[1] % 2], "to": near(f, clip(f, n[0]), n[2])}),
    "clip.slip": lambda f, n: ({"clips": some(f, n), "by": f"{n[1] % 40 - 20}f"}),
    "clip.swap": lambda f, n: ({"clip": clip(f, n[0]).id, "with": clip(f, n[1]).id}),
    "clip.slide": lambda f, n: ({"clip": clip(f, n[0]).id, "by": f"{n[1] % 40 - 20}f"}),
    "clip.lift": lambda f, n: ({"clips": some(f, n), "linked": n[1] % 4 != 0}),
    "clip.extract": lambda f, n: ({"clips": some(f, n), "linked": n[1] % 4 != 0}),
    "clip.close_gap": lambda f, n: ({"track": track(f, n[0]), "at": frames(n[1])}),
    "range.lift": lambda f, n: ({"start": frames(n[0]), "end": f"{n[0] % 400 + 1 + n[1] % 50}f"}),
    "range.extract": lambda f, n: ({"start": frames(n[0]), "end": f"{n[0] % 400 + 1 + n[1] % 50}f"}),
    "clip.duplicate": lambda f, n: ({"clips": some(f, n), "mode": MODES[n[2] % 3]} | ({"at": frames(n[1])} if n[3] % 2 else {})),
    "clip.link": lambda f, n: ({"clips": some(f, n)}),
    "clip.unlink": lambda f, n: ({"clips": some(f, n)}),
    "clip.group": lambda f, n: ({"clips": some(f, n)}),
    "clip.replace": lambda f, n: ({"clip": clip(f, n[0]).id, "asset": asset(f, n[1])}),
    "clip.set": lambda f, n: ({"clip": clip(f, n[0]).id, "property": ("opacity", "fade_in", "fade_out", "enabled", "gain_db")[n[1] % 5],
                               "value": (0.5, "3f", "4f", False, -6)[n[1] % 5]}),
    "title.add": lambda f, n: ({"text": f"T{n[0] % 9}", "at": frames(n[1]), "duration": frames(1 + n[2], 50)}),
    "solid.add": lambda f, n: ({"color": "#203040", "at": frames(n[1]), "duration": frames(1 + n[2], 50)}),
    "transition.add": lambda f, n: ({**dict(zip(("from", "to"), cut(f, n[0]), strict=True)), "duration": f"{1 + n[1] % 30}f"}),
    "transition.set": lambda f, n: ({"transition": nth(f.view.of_kind(Transition), n[0]).id, "duration": f"{1 + n[1] % 30}f"}),
    "marker.add": lambda f, n: ({"at": frames(n[0])}),
    "marker.remove": lambda f, n: ({"marker": nth(f.view.of_kind(Marker), n[0]).id}),
    "track.add": lambda f, n: ({"kind": ("video", "audio")[n[0] % 2], "index": n[1] % 4}),
    "track.set": lambda f, n: ({"track": track(f, n[0]), "locked": n[1] % 3 == 0}),
    "track.move": lambda f, n: ({"track": track(f, n[0]), "index": n[1] % 4}),
    "track.remove": lambda f, n: ({"track": track(f, n[0] if len(f.view.tracks()) > 3 else 10**9)}),
    "timeline.set": lambda f, n: ({"rate": ("25", "50", "25", "30000/1001")[n[0] % 4]} if n[1] % 4 == 0
                                  else {"width": 640 + 2 * (n[0] % 99)}),
}


def cut(film: Film, number: int) -> tuple[str, str]:
    lanes = [film.view.clips_on(one.id) for one in film.view.tracks()]
    cuts = [(a.id, b.id) for lane in lanes for a, b in pairwise(lane) if a.end == b.start]
    return nth(cuts, number)


def begun() -> Film:
    film = Film()
    lake = film.shot("lake.mp4", 200)
    film.shot("music.wav", 150, picture=False)
    film.still()
    film.shot("mute.mp4", 120, sound=False)
    for start in (20, 60, 100, 20):
        film.append(lake, start, 40)
    film.run("title.add", text="Hi", at="30f", duration="50f")
    film.door.history = History(lambda stamp: film.changes[stamp])
    return film


def live(view: Snapshot) -> Mapping[str, Record]:
    return {i: r for i, r in view.records.items() if not r.deleted}


steps = st.lists(st.tuples(st.sampled_from(sorted(MAKERS)), st.tuples(*[st.integers(0, 10**4)] * 4)), min_size=1, max_size=25)
quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def play(film: Film, edits: list[tuple[str, Numbers]]) -> int:
    """Runs what can be run; how many gestures that were. `Film.run` checks integrity after each."""
    done = 0
    for command, numbers in edits:
        before = film.view
        try:
            outcome = film.outcome(command, **MAKERS[command](film, numbers))
        except CommandError as error:
            assert str(error).strip()
            assert film.view is before
            continue
        done += outcome.change is not None
    return done


@quick
@given(steps)
def test_undoing_everything_leads_back_and_redoing_it_forward_again(edits: list[tuple[str, Numbers]]) -> None:
    film = begun()
    first = live(film.view)
    done = play(film, edits)
    last = live(film.view)
    for _ in range(done):
        film.run("edit.undo")
    assert live(film.view) == first
    for _ in range(done):
        film.run("edit.redo")
    assert live(film.view) == last
    for _ in range(done):
        film.run("edit.undo")
    assert live(film.view) == first


@quick
@given(steps)
def test_locked_tracks_never_change(edits: list[tuple[str, Numbers]]) -> None:
    film = begun()
    film.run("track.set", track="A1", locked=True)
    locked = film.track("A1").id
    before = [(c.id, c.range, c.source_range, c.link) for c in film.view.clips_on(locked)]
    play(film, [edit for edit in edits if edit[0] not in ("track.set", "timeline.set")])
    assert [(c.id, c.range, c.source_range, c.link) for c in film.view.clips_on(locked)] == before


@quick
@given(steps)
def test_pictures_stay_on_frames_and_within_their_media(edits: list[tuple[str, Numbers]]) -> None:
    film = begun()
    play(film, [edit for edit in edits if edit[0] != "timeline.set"])
    for one in film.view.of_kind(Clip):
        if not one.is_sound:
            assert one.start % film.f == one.duration % film.f == 0
        if one.asset and not film.asset(one.asset).still:
            assert one.source_range.end <= film.asset(one.asset).duration
        assert one.fade_in + one.fade_out <= one.duration


@quick
@given(steps)
def test_the_effective_timeline_of_an_edited_document_is_the_document(edits: list[tuple[str, Numbers]]) -> None:
    film = begun()
    play(film, edits)
    drawn, attention = effective(film.view)
    assert drawn is film.view
    assert attention == ()


@quick
@given(steps, st.lists(st.booleans(), min_size=25, max_size=25))
def test_nobodys_undo_removes_anothers_later_value(edits: list[tuple[str, Numbers]], whose: list[bool]) -> None:
    film = begun()
    for (command, numbers), hers in zip(edits, whose, strict=False):
        try:
            film.outcome(command, actor=ANA if hers else BEN, **MAKERS[command](film, numbers))
        except CommandError:
            continue
    bens = {entry.stamp for entry in film.door.history.entries if entry.actor == "ben"}
    kept = {(i, field): getattr(film.view.records[i], field) for i, fields in film.document.stamps.items()
            for field, (_, counts) in fields.items() if counts in bens and field != "*"}
    while film.door.history.can_undo("ana"):
        try:
            film.run("edit.undo", actor=ANA)
        except CommandError as error:
            assert "others" in str(error) or "nothing that is still there" in str(error)
            break
    for (i, field), value in kept.items():
        assert getattr(film.view.records[i], field) == value


def places(view: View, before: Snapshot) -> list[tuple[str, int, int, int]]:
    """Where the clips that were there before now lie: track label, start, source."""
    return sorted((view.track_label(view.get(Track, c.track)), c.start, *msgspec.structs.astuple(c.source_range))
                  for c in view.of_kind(Clip) if c.id in before.records)


@quick
@given(steps)
def test_a_preview_shows_what_the_command_then_does(edits: list[tuple[str, Numbers]]) -> None:
    film = begun()
    for command, numbers in edits:
        before = film.view
        try:
            args = MAKERS[command](film, numbers)
            draft = film.door.preview(command, args)
        except CommandError:
            continue
        assert film.view is before
        film.run(command, **args)
        assert places(draft, before) == places(film.view, before)
