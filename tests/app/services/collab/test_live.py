"""A shared film that a window holds: live, held, while somebody drags, after an absence; and who is seen by whom."""

from __future__ import annotations

import asyncio
import gc
import queue
import threading
import time
from concurrent.futures import Future

import pytest

from app.services.collab.connection import NoRelay
from app.services.collab.links import parse_link
from app.services.collab.live import MANY, Heard, LiveSession
from app.services.collab.sharing import change_member, sharing
from app.services.reviewing import Review
from editor_core.document import NOBODY, ChangeSet, Put, Stamp
from editor_core.schema import Marker
from editor_core.sync.cut import differing, name_of
from editor_core.sync.merging import Merger
from editor_core.sync.presence import DOINGS, PLAYING, Fast, Ghost
from tests.support.proxies import Cable
from tests.support.sharing import Person


class Desk(Heard):
    """A window without widgets: this thread owns the document and does what is brought to it, in turn."""

    def __init__(self, person: Person, **options) -> None:
        self.person = person
        self._open = person.open()
        self.parts, self.project = self._open.__enter__()
        self.work: queue.Queue = queue.Queue()
        self.busy, self.longest = False, 0.0
        self.now = self.seen = None
        self.reviews, self.lines, self.over = [], 0, ""
        self.live = LiveSession(self.project, person.key, self.parts.session, person.name, self.promise, self, lambda: self.busy, **options)
        self.told_state(self.live.state())
        self.leave = self.project.document.subscribe(lambda *_: self.live.changed())
        self.live.start()

    def promise(self, work) -> Future:
        answer: Future = Future()
        self.work.put((work, answer))
        return answer

    def turn(self) -> None:
        try:
            work, answer = self.work.get(timeout=0.002)
        except queue.Empty:
            return
        if not answer.set_running_or_notify_cancel():
            return
        began = time.perf_counter()
        try:
            answer.set_result(work())
        except Exception as error:
            answer.set_exception(error)
        self.longest = max(self.longest, time.perf_counter() - began)

    def told_state(self, state):
        self.now = state

    def told_people(self, seen):
        self.seen = seen

    def told_merged(self, merged, quietly):
        self.lines += 1

    def told_review(self, incoming):
        self.reviews.append(incoming)

    def told_ended(self, why):
        self.over = why

    def mark(self, *texts: str) -> None:
        for number, text in enumerate(texts):
            self.project.door.execute("marker.add", {"at": f"{number}s", "text": text})

    def texts(self) -> set[str]:
        return {marker.text for marker in self.project.snapshot.of_kind(Marker)}

    def close(self) -> None:
        ending = threading.Thread(target=self.live.close)
        ending.start()
        while ending.is_alive():
            self.turn()
        self._open.__exit__(None, None, None)


def until(check, *desks, seconds=40.0):
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        for desk in desks:
            desk.turn()
        if check():
            return time.monotonic() - ends + seconds
    raise AssertionError("it did not come about: " + "; ".join(str(desk.now) for desk in desks))


@pytest.fixture
def people(tmp_path, relay):
    cable = Cable(relay.port)
    ann, bo = Person(tmp_path, "ann"), Person(tmp_path, "bo")
    ann.make()
    bo.join(ann.share(cable.address))
    yield ann, bo, cable
    cable.close()


@pytest.fixture
def desks(people):
    ann, bo, cable = people
    one, two = Desk(ann), Desk(bo)
    until(lambda: one.now.line == two.now.line == "online", one, two)
    yield one, two, cable
    one.close()
    two.close()


@pytest.mark.real_time
def test_edits_appear_in_both_windows_and_the_cut_is_the_same(desks):
    one, two, _ = desks
    one.mark("a")
    two.mark("b")
    took = until(lambda: one.texts() == two.texts() == {"a", "b"}, one, two)
    assert took < 3
    until(lambda: one.live.cut == two.live.cut and one.live.knows == two.live.knows and one.now.to_send == 0, one, two)
    until(lambda: one.seen and next(iter(one.seen.values())).slow.cut == one.live.cut, one, two)


def test_held_changes_are_kept_and_counted_and_shown_when_they_are_taken(desks):
    one, two, _ = desks
    two.live.hold(True)
    one.mark("a", "b", "c")
    until(lambda: two.now.waiting == 3 and one.now.to_send == 0, one, two)
    assert two.texts() == set() and two.now.held
    until(lambda: [(seen.slow.held, seen.slow.waiting) for seen in one.seen.values()] == [(True, 3)], one, two)
    two.mark("mine")
    until(lambda: "mine" in one.texts(), one, two)
    two.live.take_waiting()
    until(lambda: two.texts() == {"a", "b", "c", "mine"} and not two.now.waiting, one, two)
    one.mark("d")
    until(lambda: two.now.waiting == 1, one, two)
    assert "d" not in two.texts()
    two.live.hold(False)
    until(lambda: one.texts() == two.texts(), one, two)


def test_nothing_changes_under_a_drag(desks):
    one, two, _ = desks
    two.busy = True
    one.mark("a")
    until(lambda: two.now.waiting == 1, one, two)
    ends = time.monotonic() + 0.4
    until(lambda: time.monotonic() > ends, one, two)
    assert two.texts() == set()
    two.busy = False
    until(lambda: two.texts() == {"a"}, one, two)


def test_what_was_done_offline_comes_together_quietly_when_it_is_little(desks):
    one, two, cable = desks
    cable.pull()
    until(lambda: one.now.line == two.now.line == "offline", one, two)
    refused = one.live.until_given(None)  # as `sync` through a window asks
    until(refused.done, one, two)
    assert isinstance(refused.exception(), NoRelay)
    one.mark("a")
    two.mark("b")
    until(lambda: one.now.to_send == two.now.to_send == 1, one, two)
    cable.plug()
    until(lambda: one.texts() == two.texts() == {"a", "b"} and one.now.to_send == 0, one, two)
    assert not one.reviews and not two.reviews


def test_much_after_an_absence_waits_for_a_review_and_is_one_line_of_history(desks):
    one, two, cable = desks
    cable.pull()
    until(lambda: one.now.line == two.now.line == "offline", one, two)
    one.mark(*(f"a{n}" for n in range(MANY + 1)))
    two.mark("b")
    cable.plug()
    until(lambda: two.reviews and two.now.held and two.now.returning and "b" in one.texts(), one, two)
    assert two.texts() == {"b"} and len(two.reviews[0].coming().changes) == MANY + 1 and "ann" in two.reviews[0].title
    assert two.reviews[0].names() == {one.person.profile.id: "ann"}, "each change is somebody's, not everybody's"
    before = len(two.project.door.history.entries)
    two.reviews[0].take()
    until(lambda: one.texts() == two.texts() and not two.now.held and not two.now.returning, one, two)
    assert len(two.project.door.history.entries) == before + 1


def test_what_a_review_worked_out_is_taken_as_it_is_and_what_came_since_goes_on_waiting(desks, monkeypatch):
    one, two, cable = desks
    cable.pull()
    until(lambda: one.now.line == two.now.line == "offline", one, two)
    one.mark(*(f"a{n}" for n in range(MANY + 1)))
    two.mark("b")
    cable.plug()
    until(lambda: two.reviews and two.now.held and "b" in one.texts(), one, two)
    review = Review(two.project, two.reviews[0])
    review.look()
    one.mark("since")
    until(lambda: two.now.waiting == MANY + 2, one, two)
    review.prepare()
    with monkeypatch.context() as patched:
        patched.setattr(Merger, "merge", None)  # the document's thread has nothing to work out
        assert review.apply(version=False, wait=False).merged == MANY + 1
    assert two.texts() == one.texts() - {"since"} and two.live.participant.waiting == 1
    until(lambda: two.texts() == one.texts() and not two.now.held and not two.now.waiting and one.live.cut == two.live.cut, one, two)
    two.mark("later")
    until(lambda: one.texts() == two.texts() and one.live.cut == two.live.cut, one, two)


def test_few_changes_that_meet_are_reviewed_as_well(people):
    ann, bo, cable = people
    ann.mark("x")
    ann.sync()
    bo.sync()
    one, two = Desk(ann), Desk(bo)
    until(lambda: one.now.line == two.now.line == "online", one, two)
    cable.pull()
    until(lambda: one.now.line == two.now.line == "offline", one, two)
    marker = one.project.snapshot.of_kind(Marker)[0].id
    for desk, text in ((one, "red"), (two, "blue")):
        desk.project.door.execute("marker.set", {"marker": marker, "text": text})
    cable.plug()
    until(lambda: one.reviews and two.reviews, one, two)
    assert one.texts() == {"red"} and two.texts() == {"blue"}
    for desk in (one, two):
        desk.reviews[0].take()
    until(lambda: one.texts() == two.texts() and len(one.texts()) == 1 and one.live.cut == two.live.cut, one, two)
    one.close()
    two.close()


def test_a_line_that_breaks_again_while_it_comes_back_brings_nothing_in_unseen(people):
    """First before what was missed was looked at, then after what was done here was given: both times it is reviewed what meets it."""
    ann, bo, cable = people
    ann.mark("x")
    ann.sync()
    bo.sync()
    one = Desk(ann)
    until(lambda: one.now.line == "online", one)
    cable.pull()
    until(lambda: one.now.line == "offline", one)
    marker = one.project.snapshot.of_kind(Marker)[0].id
    one.project.door.execute("marker.set", {"marker": marker, "text": "red"})
    cable.plug()
    until(lambda: one.now.line == "online" and one.now.to_send == 0, one)
    cable.pull()
    until(lambda: one.now.line == "offline", one)
    with bo.open() as (_, project):
        project.door.execute("marker.set", {"marker": marker, "text": "blue"})
    cable.plug()
    bo.sync()
    until(lambda: one.live.participant.waiting, one)
    cable.pull()
    until(lambda: one.now.line == "offline", one)
    ends = time.monotonic() + 0.3
    until(lambda: time.monotonic() > ends, one)
    assert one.texts() == {"red"} and one.live.participant.waiting
    cable.plug()
    until(lambda: one.reviews, one)
    assert one.texts() == {"red"}
    one.close()


def test_what_comes_between_the_look_and_the_bringing_in_is_looked_at_too(people, monkeypatch):
    ann, bo, cable = people
    ann.mark("x")
    ann.sync()
    bo.sync()
    one = Desk(ann)
    until(lambda: one.now.line == "online", one)
    cable.pull()
    until(lambda: one.now.line == "offline", one)
    marker = one.project.snapshot.of_kind(Marker)[0].id
    one.project.door.execute("marker.set", {"marker": marker, "text": "red"})
    with bo.open() as (_, project):
        project.door.execute("marker.set", {"marker": marker, "text": "blue"})
    bringing, looked = one.live._bringing, threading.Event()
    bring_in = bringing._bring_in

    async def later():
        looked.set()  # nothing was waiting
        while not one.live.participant.waiting:
            await asyncio.sleep(0.01)
        await bring_in()

    monkeypatch.setattr(bringing, "_bring_in", later)
    cable.plug()
    until(looked.is_set, one)
    bo.sync()
    until(lambda: one.reviews, one)
    assert one.texts() == {"red"}
    one.close()


@pytest.mark.real_time
def test_a_newcomer_sees_everybody_and_who_leaves_is_gone(desks, tmp_path):
    one, two, cable = desks
    fast = Fast(0, PLAYING, 500, 0, 1000, DOINGS.index("moving"), 40, "k1", 1, ("c1",), 1, (Ghost("c1", "k1", 3, 9),))
    one.live.introduce("timeline")
    one.live.show(fast)
    until(lambda: two.seen and all(seen.fast and seen.slow.panel == "timeline" for seen in two.seen.values()), one, two)
    (seen,) = two.seen.values()
    assert seen.slow.name == "ann" and seen.fast.verb == "moving" and seen.fast.ghosts == fast.ghosts
    cleo = Person(tmp_path, "cleo")

    async def invite(do):
        return await sharing(one.project, one.person.key, one.parts.session, one.parts.profile, relay=cable.address, role="viewer",
                             expires=0, do=do)

    made = one.live.aside(invite)
    until(made.done, one, two)
    take = two.live._exchange._take

    async def late(raws):  # where she is overtakes what says that she takes part
        await asyncio.sleep(1.5)
        return await take(raws)

    two.live._exchange._take = late
    cleo.join(parse_link(made.result()["link"]))
    until(lambda: one.now.line == "online", one, two)
    one.live.show(fast)
    three = Desk(cleo)
    until(lambda: three.now.line == "online", one, two, three)
    took = until(lambda: three.seen and len(three.seen) == 2 and any(s.fast and s.fast.ghosts for s in three.seen.values()),
                 one, two, three)
    assert took < 1
    assert three.now.role == "viewer"
    until(lambda: len(two.seen) == 2, one, two, three, seconds=15)
    began = time.monotonic()
    one.live.close()
    until(lambda: len(three.seen) == 1, two, three)
    assert time.monotonic() - began < 1.5
    three.close()


@pytest.mark.real_time
def test_a_pulled_cable_is_noticed_within_twelve_seconds(desks):
    one, two, cable = desks
    until(lambda: one.seen and two.seen, one, two)
    cable.stop_flowing()
    took = until(lambda: not one.seen and one.now.line != "online", one, two, seconds=13)
    assert took <= 12
    one.mark("while it was out")
    cable.plug()
    until(lambda: "while it was out" in two.texts(), one, two)


def test_who_is_removed_is_told_and_keeps_the_film(desks):
    one, two, _ = desks
    one.mark("a")
    until(lambda: two.texts() == {"a"}, one, two)

    async def remove(do):
        await change_member(one.live.participant, two.person.name, None, do)

    gone = one.live.aside(remove)
    until(lambda: gone.done() and two.over, one, two)
    gone.result()
    assert "removed you" in two.over and two.live.out
    two.mark("alone")
    assert two.texts() == {"a", "alone"}


def test_a_film_that_shows_something_else_is_worked_out_again_from_all_changes(desks):
    one, two, _ = desks
    one.mark("a")
    until(lambda: two.texts() == {"a"} and one.live.cut == two.live.cut, one, two)
    marker = two.project.snapshot.of_kind(Marker)[0]
    two.project.document.recorder = None  # the document is changed, and nobody hears of it
    two.project.document.apply(ChangeSet(stamp=Stamp(7, 1), actor="x", command="fault", label="", time=0,
                                         operations=(Put(marker.id, "text", "a", "wrong", NOBODY),)))
    two.project.document.recorder = two.project.door._record
    until(lambda: one.live.cut != two.live.cut, one, two)
    assert one.live.knows == two.live.knows and two.texts() == {"wrong"}
    until(lambda: all(seen.slow.parts for desk in (one, two) for seen in desk.seen.values()), one, two)
    assert differing(one.live.parts, one.seen[two.live.session].slow.parts) == {name_of("marker")}
    assert two.live.resync() and two.texts() == {"a"}
    until(lambda: one.live.cut == two.live.cut and two.now.line == "online", one, two)
    assert not two.live.resync()
    two.mark("b")
    until(lambda: one.texts() == {"a", "b"} and not one.live.parts and not one.seen[two.live.session].slow.parts, one, two)


def test_a_window_that_is_closed_while_it_greets_says_nothing(people, monkeypatch, recwarn):
    """The session ends between the connection and the first that is said on it."""
    from app.services.collab.connection import Connection

    greeting = threading.Event()

    async def never(self, message):
        greeting.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(Connection, "send", never)
    ann, _, _ = people
    desk = Desk(ann)
    until(greeting.is_set, desk)
    desk.close()
    gc.collect()
    assert not [one for one in recwarn if "never awaited" in str(one.message)]
