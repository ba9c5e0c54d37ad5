"""Threads from acts: the same on every machine, nothing said at once is lost, bounds.

Owns: what a set of acts amounts to. Refuses: files and rooms.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from editor_core.comments import ActRefused, Anchor, Comments, CommentsDraft, Person, Shape, Thread
from editor_core.comments.acts import (
    MAX_ACT,
    Act,
    Say,
    SetAssignee,
    SetRemoved,
    SetState,
    SetText,
    check_drawing,
    decode,
    encode,
    id_of,
    name_of,
    pack,
    packs,
    unpack,
)
from editor_core.comments.talk import mentions_in, person_named
from tests.support.talking import Speaker

ANA, BEN = Person("ana", "Ana"), Person("ben", "Ben")


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 4), st.integers(5, 60))
def test_copies_that_hold_the_same_acts_show_the_same_threads_whatever_the_order_and_repetition(seed: int, count: int, steps: int) -> None:
    chance = random.Random(seed)
    people = [Speaker(name, 100 + i) for i, name in enumerate(["Ana", "Ben", "Cleo", "Dan"][:count])]
    for _ in range(steps):
        one = chance.choice(people)
        one.act(chance)
        if chance.random() < 0.3:
            other = chance.choice(people)
            some = [raw for raw in one.raws() if chance.random() < 0.7]
            chance.shuffle(some)
            other.talk.receive(some * 2)
    everything = [raw for one in people for raw in one.raws()]
    outcomes: list[tuple[Thread, ...]] = []
    for one in people:
        chance.shuffle(everything)
        half = len(everything) // 2
        one.talk.receive(everything[:half])
        one.talk.receive(everything[half:] + everything[:3])
        outcomes.append(one.talk.comments.threads())
    assert all(outcome == outcomes[0] for outcome in outcomes)
    again = Comments(sorted(set(everything)))
    assert again.threads() == outcomes[0]
    said = [a for i in again.ids if isinstance(a := again.act(i), Say)]
    assert {c.id for t in again.threads() for c in t.comments} <= {id_of(encode(a)) for a in said}


class _Both:
    """One thread that two people know."""

    def __init__(self) -> None:
        self.ana, self.ben = Speaker("Ana", 1), Speaker("Ben", 2)
        self.root = self.at(self.ana, lambda d: d.start("first", Anchor(start=5)))
        self.meet()

    def at(self, who: Speaker, do: Callable[[CommentsDraft], Any]) -> bytes:
        draft = who.talk.draft(who.person)
        do(draft)
        return who.talk.commit(draft)[0][0]

    def meet(self) -> Thread:
        for one, other in ((self.ana, self.ben), (self.ben, self.ana)):
            one.talk.receive(other.raws())
        mine, theirs = (one.talk.comments.threads() for one in (self.ana, self.ben))
        assert mine == theirs
        return mine[0]


def test_a_text_that_two_devices_edited_at_once_shows_both_until_the_next_edit() -> None:
    both = _Both()
    both.ben.person = both.ana.person
    both.at(both.ana, lambda d: d.write(SetText, both.root, text="hers"))
    both.at(both.ben, lambda d: d.write(SetText, both.root, text="his"))
    thread = both.meet()
    assert {v.text for v in thread.root.versions} == {"hers", "his"}
    assert thread.root.text == thread.root.versions[0].text
    both.at(both.ana, lambda d: d.write(SetText, both.root, text="both"))
    thread = both.meet()
    assert (thread.root.text, thread.root.versions) == ("both", ())


def test_what_is_resolved_and_opened_at_once_is_open() -> None:
    both = _Both()
    both.at(both.ana, lambda d: d.write(SetState, both.root, state="resolved"))
    assert both.meet().state == "resolved"
    both.at(both.ana, lambda d: d.write(SetState, both.root, state="open"))
    both.at(both.ben, lambda d: d.write(SetState, both.root, state="resolved"))
    assert both.meet().state == "open"


def test_nobody_edits_or_deletes_what_is_anothers_but_who_moderates() -> None:
    both = _Both()
    both.at(both.ben, lambda d: d.write(SetText, both.root, text="forged"))
    both.at(both.ben, lambda d: d.write(SetRemoved, both.root, removed=True))
    thread = both.meet()
    assert (thread.root.text, thread.root.removed) == ("first", False)
    both.at(both.ben, lambda d: d.write(SetRemoved, both.root, removed=True, moderating=True))
    both.ana.talk.receive(both.ben.raws())
    assert both.ana.talk.comments.threads() == ()


def test_a_removed_comment_keeps_its_place_while_replies_are_there() -> None:
    both = _Both()
    both.at(both.ben, lambda d: d.reply(d.thread(name_of(both.root)), "answer"))
    both.at(both.ana, lambda d: d.write(SetRemoved, both.root, removed=True))
    thread = both.meet()
    assert thread.root.removed and [r.text for r in thread.replies] == ["answer"]


def test_replies_stand_after_what_their_author_had_read_whatever_the_clocks_say() -> None:
    both = _Both()
    def reply(who: Speaker, text: str) -> None:
        both.at(who, lambda d: d.reply(d.thread(name_of(both.root)), text))
        both.meet()

    for who, text in ((both.ana, "one"), (both.ben, "two"), (both.ana, "three")):
        reply(who, text)
    assert [r.text for r in both.meet().replies] == ["one", "two", "three"]


def test_acts_that_come_before_what_they_are_about_wait_for_it() -> None:
    both = _Both()
    reply = both.at(both.ben, lambda d: d.reply(d.thread(name_of(both.root)), "hm"))
    both.at(both.ben, lambda d: d.write(SetText, reply, text="yes"))
    late = Comments()
    for raw in reversed(both.ben.raws()):
        assert late.threads() == ()
        late.add([raw])
    assert late.threads() == both.ben.talk.comments.threads()
    assert late.threads()[0].replies[0].text == "yes"


def test_undo_takes_back_what_i_said_and_not_what_others_built_on() -> None:
    both = _Both()
    resolved = both.at(both.ana, lambda d: d.write(SetState, both.root, state="resolved"))
    both.at(both.ana, lambda d: d.undo(resolved))
    assert both.meet().state == "open"
    task = both.at(both.ana, lambda d: d.write(SetAssignee, both.root, assignee=BEN))
    both.meet()
    both.at(both.ben, lambda d: d.write(SetAssignee, both.root, assignee=ANA))
    both.meet()
    with pytest.raises(ActRefused, match="changed"):
        both.at(both.ana, lambda d: d.undo(task))
    both.at(both.ben, lambda d: d.reply(d.thread(name_of(both.root)), "answer"))
    both.meet()
    with pytest.raises(ActRefused, match="replied"):
        both.at(both.ana, lambda d: d.undo(both.root))


GOOD = Say(session=1, number=1, author=ANA, time=1, text="x", anchor=Anchor(start=0))


@pytest.mark.parametrize("bad", [
    msgspec.structs.replace(GOOD, text="x" * 5001), msgspec.structs.replace(GOOD, anchor=None),
    msgspec.structs.replace(GOOD, thread=b"short"), msgspec.structs.replace(GOOD, time=2**60),
    msgspec.structs.replace(GOOD, author=Person("a" * 101, "")),
    msgspec.structs.replace(GOOD, drawing=(Shape("stroke", (1, 2, 3)),)), msgspec.structs.replace(GOOD, drawing=(Shape("arrow", (1, 2)),)),
    msgspec.structs.replace(GOOD, drawing=(Shape("stroke", (70000, 2)),)),
    msgspec.structs.replace(GOOD, drawing=(Shape("stroke", (1, 2)),) * 65)])
def test_an_act_out_of_bounds_is_refused_and_shown_by_nobody(bad: Act) -> None:
    with pytest.raises(ActRefused):
        encode(bad)
    raw = msgspec.msgpack.encode(bad)
    comments = Comments([raw, encode(GOOD)])
    assert len(comments) == 2 and [t.root.text for t in comments.threads()] == ["x"]


@given(st.binary(max_size=200))
def test_bytes_that_are_no_act_are_refused(raw: bytes) -> None:
    for read in (decode, unpack):
        try:
            read(raw)
        except ActRefused:
            continue
        assert raw


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32))
def test_acts_with_flipped_bits_are_refused_or_harmless(seed: int) -> None:
    chance = random.Random(seed)
    ana = Speaker("Ana", 1)
    for _ in range(4):
        ana.act(chance)
    raws = ana.raws()
    one = bytearray(chance.choice(raws))
    for _ in range(chance.randint(1, 3)):
        one[chance.randrange(len(one))] ^= 1 << chance.randrange(8)
    comments = Comments([*raws, bytes(one)])
    assert len(comments.threads()) >= len(ana.talk.comments.threads()) - 1
    with contextlib.suppress(ActRefused):
        assert encode(decode(bytes(one))) == bytes(one)


def test_too_long_acts_and_drawings_are_refused_and_payloads_keep_acts_byte_for_byte() -> None:
    with pytest.raises(ActRefused, match="too long"):
        decode(bytes(MAX_ACT + 1))
    with pytest.raises(ActRefused, match="draw less"):
        check_drawing([Shape("stroke", tuple([1, 2] * 1000))] * 5)
    raws = [bytes([i]) * 100 for i in range(20)]
    assert unpack(pack(raws)) == raws
    groups = packs(raws, 500)
    assert [raw for group in groups for raw in group] == raws
    assert all(len(pack(group)) <= 520 for group in groups)


def test_names_in_a_text_mean_people_and_mail_addresses_do_not() -> None:
    people = [Person("u1", "Ana Maria"), Person("u2", "Ben"), Person("u3", "Anna")]
    found = mentions_in("@Ana Maria and @ben. ask @Cleo, not x@example.com or @anna!", people)
    assert found == (people[0], people[1], Person("", "Cleo"), people[2])
    assert person_named("@ben", people) == people[1]
    assert person_named("Ana", people) == people[0]
    assert person_named("Zoe", people) == Person("", "Zoe")
