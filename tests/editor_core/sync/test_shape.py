"""Updates are looked at before native code sees them: what would end the process is refused, what Yjs makes is let through."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time

import pytest
from pycrdt import Array, Doc, Map, Text, XmlFragment

from editor_core.sync import UpdateRefused, shape
from editor_core.sync.arriving import check_timeline
from editor_core.sync.envelope import EnvelopeRefused
from editor_core.sync.plain import tried


def update_of(value: bytes) -> bytes:
    """An update that puts one value into a root map."""
    return b"\x01\x01\x05\x00\x28\x01\x01r\x01k\x01" + value + b"\x00"


def nested(levels: int, kind: str = "list") -> bytes:
    return update_of((b"\x75\x01" if kind == "list" else b"\x76\x01\x01a") * levels + b"\x7e")


@pytest.mark.parametrize("kind", ["list", "map"])
def test_values_nested_too_deep_are_refused_before_native_code_runs_out_of_stack(kind):
    for levels in (2_000, 100_000, 1_000_000):
        for look, error in ((check_timeline, EnvelopeRefused), (tried, UpdateRefused)):
            with pytest.raises(error, match="nested"):
                look(nested(levels, kind))


def number(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def slow(count: int) -> dict[str, bytes]:
    """Updates that take native code the square of their length."""
    first = b"\x28\x01\x01r\x01k\x01\x7e"
    return {"writes of one key": b"\x01" + number(count) + b"\x05\x00" + first * count + b"\x00",
            "writes of one key by many": number(count) + b"".join(b"\x01" + number(count - n) + b"\x00" + first
                                                                  for n in range(count)) + b"\x00",
            "writes that follow one": b"\x01" + number(count) + b"\x05\x00" + first + b"\x88\x05\x00\x01\x7e" * (count - 1) + b"\x00",
            "deletions in falling order": b"\x00\x01\x05" + number(count) + b"".join(number((count - n) * 2) + b"\x01"
                                                                                      for n in range(count))}


@pytest.mark.parametrize("name", list(slow(1)))
def test_what_takes_by_the_square_is_refused_and_in_short_does_not_take_long(name):
    long = slow(200_000)[name]
    began = time.process_time()
    with pytest.raises(EnvelopeRefused, match=r"know nothing|disorder"):
        check_timeline(long)
    assert time.process_time() - began < 3
    began = time.process_time()
    small = slow(1200)[name]
    assert len(small) < shape.SHORT
    check_timeline(small)
    assert time.process_time() - began < 0.5


def test_native_code_would_end_the_process():
    """The reason for this module; where it no longer does, this module can go."""
    words = f"from pycrdt import Doc; Doc().apply_update({nested(8, 'list')!r}.replace(b'\\x75\\x01' * 8, b'\\x75\\x01' * 200_000))"
    assert subprocess.run([sys.executable, "-c", words], capture_output=True, timeout=60).returncode < 0


def test_what_is_let_through_without_a_walk_does_no_harm_on_a_small_stack():
    found: list[BaseException] = []

    def look():
        try:
            check_timeline(nested(shape.SHALLOW - 1))
        except BaseException as error:
            found.append(error)

    before = threading.stack_size(512 * 1024)
    try:
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert not found


def test_whatever_the_library_writes_is_walked_to_its_end():
    chance = random.Random(2)
    for _ in range(40):
        doc, other = Doc(), Doc()
        root = doc.get("map", type=Map)
        items, words = doc.get("list", type=Array), doc.get("text", type=Text)
        tree = doc.get("xml", type=XmlFragment)
        for number in range(30):
            with doc.transaction():
                root[f"k{number % 7}"] = chance.choice(["text", 5, -3, 2.5, True, None, b"bytes", {"a": [1, {"b": None}]}, [], {},
                                                           "ü" * 90])
                items.append(chance.choice([1, "two", [3, [4]]]))
                words.insert(0, "word ", {"bold": True})
                if number % 5 == 0:
                    root[f"deep{number}"] = Map({"inner": Array([Text("x")])})
                    tree.children.append("text")
                if number % 4 == 3:
                    del items[0]
        shape.walk(doc.get_update(), forks=False)
        other.apply_update(doc.get_update())
        other.get("map", type=Map)["mine"] = 1
        shape.walk(other.get_update(doc.get_state()), forks=False)


def test_a_walk_of_damaged_bytes_ends():
    chance = random.Random(6)
    doc = Doc()
    root = doc.get("map", type=Map)
    for number in range(40):
        root[f"k{number}"] = ["uv" * 5, {"v": number}]
    good = doc.get_update()
    for _ in range(2000):
        broken = bytearray(good[:chance.randrange(1, len(good))])
        broken[chance.randrange(len(broken))] = chance.randrange(256)
        try:
            shape.walk(bytes(broken))
        except UpdateRefused:
            continue


def test_a_film_that_was_edited_at_length_by_several_is_let_through():
    docs = [Doc() for _ in range(4)]
    for turn in range(12):
        for doc in docs:
            with doc.transaction():
                for clip in range(60):
                    doc.get(f"clip-{clip}", type=Map)["start"] = f"[{turn}, {doc.client_id}, 1]"
        everything = [doc.get_update() for doc in docs]
        for doc in docs:
            for update in everything:
                doc.apply_update(update)
    whole = docs[0].get_update()
    assert len(whole) > shape.SHORT
    shape.walk(whole)


def test_writes_of_ripples_are_walked_by_what_they_say_of_their_length() -> None:
    def update(length: int) -> bytes:
        items = b"".join(b"\xa8\x07" + number(clock) + b"\x01w\x08[12,5,6]" for clock in range(300, 320))
        return b"\x01\x15\x07\x00" + items + b"\xa8\x07\x01\x01w%c[12,5,6]" % length + b"\x00"

    shape.walk(update(8))
    for wrong in (7, 9, 0, 127):
        with pytest.raises(UpdateRefused):
            shape.walk(update(wrong))
