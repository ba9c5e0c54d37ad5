"""The attention list: what a merge can leave, and that its fixes settle it."""

from __future__ import annotations

from editor_core.document import Snapshot
from editor_core.schema import Clip
from editor_core.timeline.attention import Item, attention
from tests.editor_core.sync.test_convergence import SECOND, both, exchange, titled
from tests.support.peers import Peer
from tests.support.random_edits import FRAME


def kinds(view: Snapshot) -> list[str]:
    return [item.kind for item in attention(view)]


def settle(peer: Peer, item: Item, number: int) -> None:
    fix = item.fixes[number]
    peer.door.execute(fix.command, fix.args)


def test_each_fix_of_an_overlap_settles_it() -> None:
    for number in range(3):
        ann, ben, _ = both(("a", 0, 2))
        titled(ann, "mine", 10 * SECOND)
        titled(ben, "theirs", 11 * SECOND)
        exchange(ann, ben)
        (item,) = attention(ben.document.snapshot)
        assert item.kind == "overlap" and item.at == 11 * SECOND and len(item.fixes) == 3
        settle(ben, item, number)
        exchange(ann, ben)
        assert kinds(ann.document.snapshot) == []


def test_a_clip_between_two_others_is_cut_off_at_the_second_though_the_first_lies_over_it() -> None:
    ann, ben, _ = both(("a", 0, 2))
    for peer, text, at in ((ann, "x", 10), (ann, "z", 14), (ben, "y", 12)):
        peer.door.execute("title.add", {"text": text, "at": at * SECOND, "duration": 4 * SECOND, "track": "V1"})
    exchange(ann, ben)
    assert kinds(ann.document.snapshot) == ["overlap", "overlap"]
    settle(ann, attention(ann.document.snapshot)[1], 1)
    (item,) = attention(ann.document.snapshot)
    assert item.at == 12 * SECOND and next(c for c in ann.document.snapshot.of_kind(Clip) if c.text == "y").end == 14 * SECOND


def test_a_track_removed_under_a_moved_clip_can_be_brought_back() -> None:
    ann, ben, (a,) = both(("a", 0, 2))
    track = ann.door.execute("track.add", {"kind": "video"}).result["track"]
    exchange(ann, ben)
    ann.door.execute("track.remove", {"track": track})
    ben.door.execute("clip.move", {"clips": [a], "track": track})
    exchange(ann, ben)
    (item,) = attention(ann.document.snapshot)
    assert item.kind == "orphan" and item.records == (a,)
    settle(ann, item, 0)
    assert kinds(ann.document.snapshot) == []


def test_sound_that_a_merge_moved_off_its_picture_is_told_with_the_distance() -> None:
    ann = Peer("ann", 101)
    asset = ann.door.execute("asset.add", {
        "name": "a", "hash": "quick:1", "duration": 60 * SECOND, "video": {"index": 0, "codec": "h264", "width": 320, "height": 180},
        "audio": [{"index": 1, "codec": "aac", "sample_rate": 48000, "channels": 2}]}).result["asset"]
    made = ann.door.execute("clip.append", {"asset": asset, "source_duration": 5 * SECOND}).result
    ann.door.execute("clip.move", {"clips": [made["linked"]], "by": 3 * FRAME, "linked": False})
    (item,) = attention(ann.document.snapshot)
    assert item.kind == "sync" and "3 f" in item.message and "late" in item.message
    settle(ann, item, 0)
    assert kinds(ann.document.snapshot) == []
    assert len(ann.document.snapshot.of_kind(Clip)) == 2


def test_the_list_is_the_same_in_whatever_order_the_records_came() -> None:
    ann = Peer("ann", 101)
    asset = ann.door.execute("asset.add", {
        "name": "a", "hash": "quick:1", "duration": 60 * SECOND, "video": {"index": 0, "codec": "h264", "width": 320, "height": 180},
        "audio": [{"index": 1, "codec": "aac", "sample_rate": 48000, "channels": 2}]}).result["asset"]
    made = ann.door.execute("clip.append", {"asset": asset, "source_duration": 5 * SECOND}).result
    ann.door.execute("clip.split", {"at": 2 * SECOND, "clips": [made["clip"]]})
    ann.door.execute("clip.link", {"clips": [clip.id for clip in ann.document.snapshot.of_kind(Clip)]})
    second = next(c for c in ann.document.snapshot.of_kind(Clip) if not c.is_sound and c.start)
    ann.door.execute("clip.slip", {"clips": [second.id], "by": 3 * FRAME, "linked": False})
    view = ann.document.snapshot
    other = Snapshot.of(reversed(list(view.records.values())), view.revision)
    assert attention(view) == attention(other)
