"""Peers that edit apart end up with the same cut, whatever order their changes travel in.

Owns: a small share of `tests.fuzz.sync` in every run, and the meaning of single cases. Refuses: networks.
"""

from __future__ import annotations

import pytest

from editor_core.schema import Clip
from editor_core.sync.fingerprint import fingerprint
from editor_core.sync.merging import astray
from editor_core.timing import MAX_TICKS
from tests.fuzz.sync import Run
from tests.support.peers import Peer
from tests.support.random_edits import FRAME

SECOND = 25 * FRAME
LATEST = MAX_TICKS // SECOND
"""The last whole second at which a clip can start."""


@pytest.mark.parametrize("seed", range(1, 13))
def test_random_stories_end_with_one_fingerprint_and_a_timeline_that_can_be_drawn(seed: int) -> None:
    Run(seed, 110).play()


def test_a_story_that_is_told_again_ends_the_same() -> None:
    ends = set()
    for _ in range(3):
        run = Run(3, 110)
        run.play()
        ends.add(fingerprint(run.peers[0].document.snapshot))
    assert len(ends) == 1, "a seed must replay a failure"


def titled(peer: Peer, text: str, at: int, seconds: int = 2) -> str:
    return str(peer.door.execute("title.add", {"text": text, "at": at, "duration": seconds * SECOND}).result["clip"])


def start(peer: Peer, clip: str) -> int:
    return peer.document.snapshot.get(Clip, clip).start


def both(*clips: tuple[str, int, int]) -> tuple[Peer, Peer, list[str]]:
    """Two peers who know the same titles: (text, second, seconds)."""
    one = Peer("ann", 101)
    ids = [titled(one, text, at * SECOND, seconds) for text, at, seconds in clips]
    two = Peer("ben", 202, one.start)
    two.receive(one.held.values())
    return one, two, ids


def exchange(*peers: Peer) -> None:
    everything = [list(peer.held.values()) for peer in peers]
    for peer in peers:
        for held in everything:
            peer.receive(held)
    assert len({fingerprint(peer.document.snapshot) for peer in peers}) == 1


def push(peer: Peer, at: int, seconds: int) -> None:
    """Makes room: a ripple insert of so many seconds."""
    asset = peer.door.execute("asset.add", {"name": "a", "hash": f"quick:{at:032x}", "duration": 60 * SECOND,
                                            "video": {"index": 0, "codec": "h264", "width": 320, "height": 180}}).result["asset"]
    peer.door.execute("clip.insert", {"asset": asset, "at": at, "source_duration": seconds * SECOND})


def test_a_clip_placed_without_knowledge_of_an_insert_is_moved_by_it() -> None:
    ann, ben, _ = both(("a", 0, 2), ("b", 4, 2))
    push(ann, 2 * SECOND, 3)
    late, early = titled(ben, "late", 10 * SECOND), titled(ben, "early", 2 * SECOND, 1)
    exchange(ann, ben)
    assert start(ann, late) == 13 * SECOND, "it stood after the insert"
    assert start(ann, early) == 5 * SECOND, "what began where the insert was put moves along, as it would have locally"


def test_two_inserts_carry_a_clip_by_both_lengths() -> None:
    ann, ben, (a, b) = both(("a", 0, 2), ("b", 4, 2))
    push(ann, 2 * SECOND, 3)
    push(ben, 3 * SECOND, 5)
    exchange(ann, ben)
    assert start(ann, a) == 0
    assert start(ann, b) == 12 * SECOND


def test_a_move_on_one_side_and_an_insert_on_the_other_add_up() -> None:
    ann, ben, (_, b) = both(("a", 0, 2), ("b", 4, 2))
    push(ann, 2 * SECOND, 3)
    ben.door.execute("clip.move", {"clips": [b], "to": 20 * SECOND})
    exchange(ann, ben)
    assert start(ann, b) == 23 * SECOND


def test_two_people_who_extract_the_same_clip_close_one_gap() -> None:
    ann, ben, (_, b, c) = both(("a", 0, 2), ("b", 2, 2), ("c", 4, 2))
    ann.door.execute("clip.extract", {"clips": [b]})
    ben.door.execute("clip.extract", {"clips": [b]})
    exchange(ann, ben)
    assert start(ann, c) == 2 * SECOND
    assert ann.document.snapshot.find(Clip, b) is None


def test_two_people_who_extract_neighbours_close_both_gaps() -> None:
    ann, ben, (_, b, c, d) = both(("a", 0, 2), ("b", 2, 2), ("c", 4, 3), ("d", 7, 2))
    ann.door.execute("clip.extract", {"clips": [b]})
    ben.door.execute("clip.extract", {"clips": [c]})
    exchange(ann, ben)
    assert start(ann, d) == 2 * SECOND


def test_undo_takes_back_only_what_its_author_did_also_where_a_merge_moved_the_clip_since() -> None:
    ann, ben, (a, b) = both(("a", 0, 2), ("b", 4, 2))
    ann.door.execute("clip.move", {"clips": [b], "to": 30 * SECOND})
    push(ben, 2 * SECOND, 3)
    exchange(ann, ben)
    assert start(ann, b) == 33 * SECOND
    ann.door.execute("edit.undo")
    assert start(ann, b) == 7 * SECOND, "where it was, and along with the insert"
    exchange(ann, ben)
    ben.door.execute("edit.undo")
    exchange(ann, ben)
    assert (start(ann, a), start(ann, b)) == (0, 7 * SECOND), "ann put it there knowing the insert, so it stays"


def test_one_person_who_undoes_the_same_gesture_in_two_copies_undoes_it_once() -> None:
    ann, _, (_, b) = both(("a", 0, 2), ("b", 4, 2))
    push(ann, 2 * SECOND, 3)
    laptop = ann.copied(303)
    ann.door.execute("edit.undo")
    laptop.door.execute("edit.undo")
    exchange(ann, laptop)
    assert start(laptop, b) == 4 * SECOND


def test_a_clip_moved_by_two_people_is_one_clip() -> None:
    ann, ben, (_, b) = both(("a", 0, 2), ("b", 4, 2))
    track = ann.door.execute("track.add", {"kind": "video"}).result["track"]
    exchange(ann, ben)
    ann.door.execute("clip.move", {"clips": [b], "track": track})
    ben.door.execute("clip.move", {"clips": [b], "to": 20 * SECOND})
    exchange(ann, ben)
    (clip,) = [c for c in ann.document.snapshot.of_kind(Clip) if c.text == "b"]
    assert (clip.track, clip.start) == (track, 20 * SECOND)


def test_merging_again_changes_nothing_and_undo_stays_ones_own() -> None:
    ann, ben, _ = both(("a", 0, 2))
    titled(ben, "ben's", 10 * SECOND)
    mine = titled(ann, "ann's", 20 * SECOND)
    exchange(ann, ben)
    rows = len(ann.rows)
    assert ann.receive(ben.held.values()) is None and len(ann.rows) == rows
    ann.door.execute("edit.undo")
    assert ann.document.snapshot.find(Clip, mine) is None
    assert {c.text for c in ann.document.snapshot.of_kind(Clip)} == {"a", "ben's"}


def left_at_the_end() -> tuple[Peer, Peer, Peer, str, str]:
    """Ann and Ben both made room, so that a clip would start after where a timeline can end; Cid knows of neither."""
    ann, ben, (early, last) = both(("early", 0, 5), ("last", LATEST - 8, 2))
    cid = Peer("cid", 303, ann.start)
    exchange(ann, ben, cid)
    push(ann, 5 * SECOND, 5)
    push(ben, 20 * SECOND, 5)
    exchange(ann, ben)
    assert start(ann, last) == MAX_TICKS
    assert ann.rows[-1].edge == (last,)
    return ann, ben, cid, early, last


def test_a_clip_that_a_merge_left_at_the_end_is_where_somebody_moves_it_from_then_on() -> None:
    ann, ben, _, early, last = left_at_the_end()
    ann.door.execute("clip.extract", {"clips": [early]})
    titled(ben, "late", 60 * SECOND)
    exchange(ann, ben)
    assert start(ben, last) == start(ann, last) == MAX_TICKS - 5 * SECOND, "where ann saw it go"


@pytest.mark.parametrize("anew", [True, False])
def test_who_begins_anew_still_knows_from_where_a_clip_came_that_was_left_at_the_end(anew: bool) -> None:
    ann, ben, cid, early, last = left_at_the_end()
    if anew:
        ben.restart(404)
    cid.door.execute("clip.extract", {"clips": [early]})
    exchange(ann, ben, cid)
    assert start(ben, last) == (LATEST - 3) * SECOND, "it was at the latest - 8 s, two inserted 5 s each and one took 5 s out"


def test_only_the_undo_of_what_moves_or_removes_may_leave_clips_elsewhere() -> None:
    ann, _, (a, _) = both(("a", 0, 2), ("b", 6, 2))
    ann.door.execute("clip.set", {"clip": a, "property": "opacity", "value": 0.5})
    undone = ann.door.execute("edit.undo").change
    assert undone is not None and not astray(undone)
    push(ann, 0, 2)
    done, undone = (ann.door.execute(command).change for command in ("edit.undo", "edit.redo"))
    assert done is not None and undone is not None and astray(done) and astray(undone)


def test_who_only_asked_for_the_story_since_he_began_anew_still_knows_where_clips_started() -> None:
    ann, ben, (_, b, c) = both(("a", 0, 2), ("b", 4, 2), ("c", 8, 2))
    ann.door.execute("clip.extract", {"clips": [b]})
    push(ben, 2 * SECOND, 3)
    ben.door.execute("edit.undo")
    ben.door.execute("edit.redo")
    exchange(ann, ben)
    assert start(ben, c) == 9 * SECOND
    ben.restart(404)
    ben.merger.story()
    push(ann, 60 * SECOND, 3)
    exchange(ann, ben)
    assert start(ben, c) == 9 * SECOND, "there is a new ripple, so all are looked at"


def test_what_was_inserted_at_the_very_beginning_and_shortened_moves_others_by_what_is_left() -> None:
    ann, ben, (_, b, c) = both(("a", 0, 2), ("b", 4, 2), ("c", 8, 2))
    ben.door.execute("clip.extract", {"clips": [b]})
    push(ann, 0, 5)
    inserted = next(clip.id for clip in ann.document.snapshot.of_kind(Clip) if clip.asset)
    ann.door.execute("clip.trim", {"clip": inserted, "edge": "tail", "to": 3 * SECOND, "ripple": True})
    exchange(ann, ben)
    assert start(ann, c) == start(ben, c) == 9 * SECOND
