"""Time that somebody put in goes once, whoever takes it out: by undo, by an extract, by a trim, and however many do.

Owns: what several take out of the same time, case by case, and a small share of `tests.fuzz.gaps` in every run. Refuses: networks.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from editor_core.schema import Clip
from tests.editor_core.sync.test_convergence import SECOND, both, exchange, push, start, titled
from tests.fuzz.gaps import play
from tests.support.peers import Peer


def undo(peer: Peer, command: str = "edit.undo") -> None:
    peer.door.execute(command)
    peer.align()


def inserted(peer: Peer) -> list[str]:
    return [clip.id for clip in peer.document.snapshot.of_kind(Clip) if clip.asset]


def extract(peer: Peer, *clips: str) -> None:
    peer.door.execute("clip.extract", {"clips": list(clips)})


def shorten(peer: Peer, clip: str, seconds: int) -> None:
    """Its end comes earlier, and what follows with it."""
    end = peer.document.snapshot.get(Clip, clip).end
    peer.door.execute("clip.trim", {"clip": clip, "edge": "tail", "to": end - seconds * SECOND, "ripple": True})


def shorten_and_extract(peer: Peer, clip: str) -> None:
    shorten(peer, clip, 1)
    extract(peer, clip)


def shorten_by_one(peer: Peer, clip: str) -> None:
    shorten(peer, clip, 1)


def close_up(peer: Peer, clip: str) -> None:
    """Deletes a clip, and closes the gap by a second command."""
    found = peer.document.snapshot.get(Clip, clip)
    peer.door.execute("clip.lift", {"clips": [clip]})
    peer.door.execute("clip.close_gap", {"track": found.track, "at": found.start})


def seconds(peer: Peer, *clips: str) -> list[float]:
    return [start(peer, clip) / SECOND for clip in clips]


def film_with_insert(at: int) -> tuple[Peer, Peer, Peer, list[str], str]:
    """Three clips of 2 s; Ann inserts 2 s at a second, and Ben knows it. Cid has the film."""
    ann, ben, clips = both(("a", 0, 2), ("b", 2, 2), ("c", 4, 2))
    cid = Peer("cid", 303, ann.start)
    exchange(ann, ben, cid)
    push(ann, at * SECOND, 2)
    exchange(ann, ben)
    return ann, ben, cid, clips, inserted(ben)[0]


# Whether Cid knows of the insert, so that it is part of what all began from, or has worked apart since before it.
CID = pytest.mark.parametrize("cid_apart", [False, True])
WAYS: dict[str, Callable[[Peer, str], None]] = {
    "extract": extract, "trim": shorten_by_one, "delete and close": close_up, "trim and extract": shorten_and_extract}


@CID
@pytest.mark.parametrize("at", [0, 2])
@pytest.mark.parametrize("way", WAYS)
def test_undo_of_an_insert_beside_a_cut_in_what_was_inserted_closes_the_gap_once(way: str, at: int, cid_apart: bool) -> None:
    ann, ben, cid, clips, new = film_with_insert(at)
    if cid_apart:
        titled(cid, "x", 40)
    else:
        exchange(ann, ben, cid)
    undo(ann)
    WAYS[way](ben, new)
    exchange(ann, ben)
    assert seconds(ann, *clips) == [0, 2, 4], "as before the insert"
    exchange(cid, ann, ben)
    assert seconds(cid, *clips) == [0, 2, 4]
    undo(ann, "edit.redo")
    exchange(ann, ben, cid)
    assert seconds(ann, *clips) == ([0, 2, 4] if way != "trim" else [1, 3, 5] if at == 0 else [0, 3, 5]), "what was cut stays out"


@CID
def test_undo_of_an_insert_beside_an_extract_of_it_and_its_neighbour_leaves_only_the_neighbour_out(cid_apart: bool) -> None:
    ann, ben, cid, (a, b, c), new = film_with_insert(2)
    if cid_apart:
        titled(cid, "x", 40)
    undo(ann)
    extract(ben, new, b)
    exchange(ann, ben)
    exchange(ann, ben, cid)
    assert seconds(ann, a, c) == [0, 2]


@CID
def test_two_who_extract_what_a_third_inserted_close_one_gap(cid_apart: bool) -> None:
    ann, ben, cid, clips, new = film_with_insert(2)
    if cid_apart:
        titled(cid, "x", 40)
    extract(ann, new)
    extract(ben, new)
    exchange(ann, ben)
    exchange(ann, ben, cid)
    assert seconds(cid, *clips) == [0, 2, 4]


def test_three_of_whom_one_undoes_an_insert_and_two_extract_it_close_one_gap() -> None:
    ann, ben, cid, clips, new = film_with_insert(0)
    exchange(ann, ben, cid)
    undo(ann)
    extract(ben, new)
    extract(cid, new)
    exchange(ben, cid)
    exchange(ann, ben, cid)
    assert seconds(ann, *clips) == [0, 2, 4]


def test_undo_of_an_insert_in_two_copies_beside_an_extract_closes_the_gap_once() -> None:
    ann, ben, _, clips, new = film_with_insert(2)
    laptop = ann.copied(404)
    undo(ann)
    undo(laptop)
    extract(ben, new)
    exchange(ann, ben, laptop)
    assert seconds(laptop, *clips) == [0, 2, 4]


@pytest.mark.parametrize("inserts", [True, False])
def test_two_gestures_undone_in_two_copies_are_undone_once(inserts: bool) -> None:
    ann, ben, clips = both(("a", 0, 2), ("b", 2, 2))
    for _ in range(2):
        push(ann, 0, 3)
    for clip in () if inserts else inserted(ann):
        extract(ann, clip)
    exchange(ann, ben)
    laptop = ann.copied(404)
    for peer in (ann, ann, laptop, laptop):
        undo(peer)
    exchange(ann, ben, laptop)
    assert seconds(ben, *clips) == ([0, 2] if inserts else [6, 8])


def test_who_inserts_into_what_another_undoes_keeps_his_own() -> None:
    ann, ben, _, clips, _ = film_with_insert(2)
    undo(ann)
    push(ben, 3 * SECOND, 5)
    exchange(ann, ben)
    assert seconds(ann, *clips) == [0, 7, 9], "two seconds less, five more"


def test_linked_sound_stays_with_its_picture_where_an_insert_is_undone_and_extracted() -> None:
    ann, ben, _ = both(("a", 0, 2))
    asset = ann.door.execute("asset.add", {"name": "a", "hash": f"quick:{1:032x}", "duration": 60 * SECOND,
                                           "video": {"index": 0, "codec": "h264", "width": 320, "height": 180},
                                           "audio": [{"index": 1, "codec": "aac", "sample_rate": 48000, "channels": 2}]}).result["asset"]
    for at in (2, 0):
        ann.door.execute("clip.insert", {"asset": asset, "at": at * SECOND, "source_duration": 2 * SECOND})
    exchange(ann, ben)
    first, second = (sorted(clip.id for clip in ben.document.snapshot.of_kind(Clip) if clip.asset and clip.start == at * SECOND)
                     for at in (0, 4))
    assert len(first) == len(second) == 2
    undo(ann)
    extract(ben, first[0])
    exchange(ann, ben)
    assert seconds(ann, *second) == [2, 2]
    assert sorted(inserted(ann)) == second


@pytest.mark.parametrize("again", [True, False])
def test_redo_of_an_extract_beside_an_extract_of_the_same_clip_closes_one_gap(again: bool) -> None:
    ann, ben, (a, b, c) = both(("a", 0, 2), ("b", 2, 2), ("c", 4, 2))
    extract(ann, b)
    undo(ann)
    if again:
        exchange(ann, ben)
    undo(ann, "edit.redo")
    extract(ben, b)
    exchange(ann, ben)
    assert seconds(ben, a, c) == [0, 2]


@pytest.mark.parametrize("both_gaps", [True, False])
def test_an_extract_that_closes_two_gaps_beside_one_of_the_same_clips_closes_each_once(both_gaps: bool) -> None:
    ann, ben, (a, b, c, d, e) = both(("a", 0, 2), ("b", 2, 2), ("c", 4, 2), ("d", 6, 2), ("e", 8, 2))
    extract(ann, b, d)
    extract(ben, *((b, d) if both_gaps else (b,)))
    exchange(ann, ben)
    assert seconds(ann, a, c, e) == [0, 2, 4]


def test_a_clip_placed_before_its_author_extracted_what_another_had_extracted_moves_up_once() -> None:
    ann, ben, (_, b, c) = both(("a", 0, 2), ("b", 2, 2), ("c", 4, 2))
    extract(ann, b)
    late = titled(ben, "late", 10 * SECOND)
    extract(ben, b)
    exchange(ann, ben)
    assert seconds(ann, c, late) == [2, 8], "as far from each other as ben had them"


@pytest.mark.parametrize("first", [True, False])
def test_a_clip_placed_beside_an_undo_moves_with_what_is_around_it(first: bool) -> None:
    ann, ben, _, (_, _, c), new = film_with_insert(0)
    undo(ann)
    late = titled(ben, "late", 12 * SECOND) if first else ""
    extract(ben, new)
    late = late or titled(ben, "late", 10 * SECOND)
    exchange(ann, ben)
    assert seconds(ann, c, late) == [4, 10]


def test_what_was_done_again_by_who_knew_that_it_was_undone_counts() -> None:
    ann, ben, cid, clips, _ = film_with_insert(0)
    undo(ann)
    exchange(ann, ben)
    push(ben, 6 * SECOND, 1)
    shorten(ben, clips[0], 1)
    undo(ann, "edit.redo")
    titled(cid, "x", 40)
    exchange(ann, ben)
    assert seconds(ann, *clips) == [2, 3, 5], "two seconds put in again, one taken out"
    exchange(ann, ben, cid)
    assert seconds(ann, *clips) == [2, 3, 5]


@pytest.mark.parametrize("seed", [30, 209, 857, 1307, 15581, *range(4)])
def test_few_clips_that_many_insert_and_take_out_at_the_same_places_are_where_one_who_hears_it_all_has_them(seed: int) -> None:
    play(seed)
