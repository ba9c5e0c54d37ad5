"""Where comments stand after re-cutting.

Owns: following clips and sources. Refuses: acts.
"""

from __future__ import annotations

from editor_core.comments.placing import Place, anchor_at, anchor_on, place
from editor_core.schema import Clip
from tests.support.cutting import Film


def _film() -> tuple[Film, str]:
    film = Film()
    clip = film.run("clip.append", asset=film.shot(frames=100, sound=False))["clip"]
    return film, clip


def test_a_comment_follows_its_clip_when_it_is_moved_and_trimmed() -> None:
    film, clip = _film()
    anchor = anchor_at(film.view, 40 * film.f)
    assert (anchor.clip, anchor.source) == (clip, 40 * film.f)
    film.run("clip.move", clips=[clip], by=25 * film.f)
    assert place(anchor, film.view) == Place(65 * film.f, 0, clip, "clip")
    film.run("clip.trim", clip=clip, edge="head", to=45 * film.f)
    assert place(anchor, film.view) == Place(65 * film.f, 0, clip, "clip")


def test_after_a_split_it_stands_on_the_part_that_shows_its_moment() -> None:
    film, clip = _film()
    anchor = anchor_at(film.view, 60 * film.f)
    film.run("clip.split", clips=[clip], at=50 * film.f)
    here = place(anchor, film.view)
    assert here.start == 60 * film.f and here.clip not in ("", clip) and here.following == "clip"


def test_a_moment_that_was_cut_away_stands_at_the_nearest_end() -> None:
    film, clip = _film()
    early, late = anchor_at(film.view, 5 * film.f), anchor_at(film.view, 95 * film.f)
    film.run("clip.trim", clip=clip, edge="head", to=10 * film.f)
    film.run("clip.trim", clip=clip, edge="tail", to=80 * film.f)
    assert place(early, film.view) == Place(10 * film.f, 0, clip, "trimmed")
    assert place(late, film.view) == Place(80 * film.f - 1, 0, clip, "trimmed")


def test_it_follows_its_source_when_its_clip_is_gone_and_else_says_so() -> None:
    film, clip = _film()
    anchor = anchor_at(film.view, 40 * film.f, 10 * film.f)
    asset = film.view.get(Clip, clip).asset
    film.run("clip.lift", clips=[clip])
    assert place(anchor, film.view) == Place(40 * film.f, 10 * film.f, "", "removed")
    again = film.run("clip.overwrite", asset=asset, at=200 * film.f)["clip"]
    assert place(anchor, film.view) == Place(240 * film.f, 10 * film.f, again, "clip")


def test_a_comment_on_a_clip_stays_on_it_however_it_is_trimmed() -> None:
    film, clip = _film()
    anchor = anchor_on(film.view.get(Clip, clip), pinned=True)
    film.run("clip.trim", clip=clip, edge="head", to=30 * film.f)
    assert place(anchor, film.view) == Place(30 * film.f, 0, clip, "clip")


def test_where_nothing_is_a_comment_stays_at_its_time() -> None:
    film, clip = _film()
    anchor = anchor_at(film.view, 500 * film.f, 5)
    film.run("clip.lift", clips=[clip])
    assert place(anchor, film.view) == Place(500 * film.f, 5)
