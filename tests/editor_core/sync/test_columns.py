"""An update that was taken apart into columns comes back byte for byte, and columns that are none are refused in words.

Owns: updates as the replica library really writes them, and forged columns. Refuses: compression (see storage's folding).
"""

from __future__ import annotations

import random
import zlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycrdt import Doc, Map, merge_updates

from editor_core.sync.columns import MOST, Columns, apart, together
from editor_core.sync.errors import UpdateRefused

CLIENTS = (2**52 + 12345, 7, 2**31)


def films(rng: random.Random, clips: int) -> list[Doc]:
    """Copies of one film by several writers, each of whom made some of the clips and moved some of them."""
    docs: list[Doc] = [Doc(client_id=client) for client in CLIENTS]
    ids = [f"c{rng.getrandbits(60):015x}" for _ in range(clips)]
    for doc in docs:
        for some in rng.sample(ids, clips // len(docs) + 1):
            clip = doc.get(some, type=Map)
            clip["name"] = "n"
            clip["start"] = f"[{rng.randrange(10**12)},5,{rng.randrange(100)}]"
    _share(docs)
    for doc in docs:
        for clip in rng.sample(ids, rng.randrange(clips)):
            doc.get(clip, type=Map)["start"] = f"[{rng.randrange(10**12)},5,{rng.randrange(100)}]"
    _share(docs)
    return docs


def _share(docs: list[Doc]) -> None:
    updates = [doc.get_update() for doc in docs]
    for doc in docs:
        for update in updates:
            doc.apply_update(update)


def rippled(doc: Doc, rng: random.Random, part: float = 1.0) -> bytes:
    """The update of one ripple: most clips' starts anew, and a few other things."""
    heard: list[bytes] = []
    ids = [one for one in doc.keys() if rng.random() < part]  # noqa: SIM118 - a document is not iterable
    maps = {one: doc.get(one, type=Map) for one in ids}
    new = doc.get("r1", type=Map)
    listening = doc.observe(lambda event: heard.append(event.update))
    with doc.transaction():
        new["at"] = f"[{rng.randrange(10**9)},6,9]"
        for number, clip in enumerate(maps.values()):
            clip["start"] = f"[{rng.choice([1, -1]) * rng.randrange(10**15)},6,9]"
            if number % 97 == 96:
                clip["name"] = '["another",6,9]'
    doc.unobserve(listening)
    return heard[-1]


@pytest.mark.parametrize("seed", range(8))
def test_updates_of_ripples_come_back_byte_for_byte(seed: int) -> None:
    rng = random.Random(seed)
    docs = films(rng, rng.choice([3, 40, 300]))
    made = [rippled(doc, rng, rng.choice([0.3, 1.0])) for doc in docs]
    for update in (*made, merge_updates(*made), *(doc.get_update() for doc in docs)):
        assert together(apart(update)) == update
    if len(docs[0].keys()) > 50:
        assert sum(run.count for run in apart(made[0]).runs) > 50, "runs are found"


def test_a_ripple_over_clips_that_many_made_takes_five_bytes_a_clip() -> None:
    rng = random.Random(3)
    doc = films(rng, 1500)[0]
    frame, start = 23_520_000, 0
    starts = {}
    for clip in sorted(doc.keys()):
        starts[clip] = start
        start += rng.randrange(12, 300) * frame
    heard: list[bytes] = []
    maps = {clip: doc.get(clip, type=Map) for clip in starts}
    doc.observe(lambda event: heard.append(event.update))
    with doc.transaction():
        for clip, at in starts.items():
            maps[clip]["start"] = f"[{at},7094227535527880,77]"
    update = heard[-1]
    assert together(apart(update)) == update
    assert len(zlib.compress(msgspec.msgpack.encode(apart(update)))) < 5 * len(starts) < len(zlib.compress(update)) * 0.6


@given(st.binary(max_size=400))
def test_bytes_that_are_no_update_are_kept_whole_or_come_back(raw: bytes) -> None:
    kept = apart(raw)
    assert not kept.runs
    assert kept.rest == raw


def _forged(rng: random.Random, raw: bytes) -> bytes:
    data = bytearray(raw)
    for _ in range(rng.choice([1, 1, 3, 10])):
        way, place = rng.randrange(4), rng.randrange(len(data))
        if way == 0:
            data[place] = rng.randrange(256)
        elif way == 1:
            data[place:place] = rng.choice([b"\xcf" + b"\xff" * 8, b"\xd3\x80" + bytes(7), b"\x00", b"\xdd\xff\xff\xff\xff"])
        elif way == 2:
            del data[place:place + rng.randrange(1, 20)]
        else:
            data[place] ^= 1 << rng.randrange(8)
    return bytes(data)


def test_forged_columns_are_refused_in_words_or_make_some_update() -> None:
    rng = random.Random(5)
    raw = msgspec.msgpack.encode(apart(rippled(films(rng, 60)[0], rng)))
    decoder = msgspec.msgpack.Decoder(Columns)
    assert decoder.decode(raw).runs
    refused = made = 0
    for _ in range(4000):
        try:
            columns = decoder.decode(_forged(rng, raw))
        except (msgspec.MsgspecError, UnicodeDecodeError, OverflowError):
            continue
        try:
            together(columns)
            made += 1
        except UpdateRefused:
            refused += 1
    assert refused > 100
    assert made > 100


def test_columns_that_claim_much_are_refused_before_they_take_memory() -> None:
    run = apart(rippled(films(random.Random(5), 60)[0], random.Random(5))).runs[0]
    replace = msgspec.structs.replace
    for wrong in (replace(run, count=2**62), replace(run, count=MOST + 1), replace(run, count=0), replace(run, count=-5),
                  replace(run, tail=b"x" * 1000), replace(run, unit=2**62), replace(run, first=2**63), replace(run, at=2**40),
                  replace(run, clients=()), replace(run, which=b"\xff" * run.count), replace(run, clocks=run.clocks[:-1])):
        with pytest.raises(UpdateRefused):
            together(Columns(b"abc", (wrong,), b"\x00"))
    with pytest.raises(UpdateRefused):
        together(Columns(b"abc", (replace(run, at=0),), b"\x01\x07\xff\xff\xff\xff\x7f"))
    with pytest.raises(msgspec.ValidationError):
        msgspec.msgpack.decode(msgspec.msgpack.encode(Columns(b"", (run,) * 1001, b"\x00")), type=Columns)
