"""Framing, bounds and shared memory. Owns: tests of render.wire. Refuses: processes, which test_worker has."""

from __future__ import annotations

import os
import random
import threading

import pytest

from render.messages import Done, FromTaskWorker, RunTask
from render.wire import HEADER, Channel, SharedBlock, WireClosed, WireError


def _pair(limit: int = 1 << 20, incoming: object = FromTaskWorker) -> tuple[Channel[object], int]:
    read_fd, write_fd = os.pipe()
    return Channel(read_fd, write_fd, incoming, limit=limit), write_fd


def test_messages_arrive_whole_and_in_order() -> None:
    channel, _ = _pair(8 << 20)
    sent = [Done(job=i, result={"bytes": bytes(i * 1000), "list": [1, 2.5, None, "ä"]}) for i in range(200)]
    thread = threading.Thread(target=lambda: [channel.send(message) for message in sent])
    thread.start()
    assert [channel.receive() for _ in sent] == sent
    thread.join()


def test_threads_that_send_at_once_do_not_mix_their_messages() -> None:
    channel, _ = _pair(8 << 20)

    def many(job: int) -> None:
        for _ in range(30):
            channel.send(Done(job=job, result={"x": bytes([job]) * 100_000}))

    threads = [threading.Thread(target=many, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(120):
        message = channel.receive()
        assert isinstance(message, Done) and message.result["x"] == bytes([message.job]) * 100_000
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("length", [0, (1 << 20) + 1, 0xFFFFFFFF])
def test_a_length_out_of_bounds_is_refused_before_anything_is_read(length: int) -> None:
    channel, write_fd = _pair()
    os.write(write_fd, HEADER.pack(length))
    with pytest.raises(WireError, match="limit"):
        channel.receive()


def test_a_message_cut_off_is_told_from_a_clean_end() -> None:
    channel, write_fd = _pair()
    os.write(write_fd, HEADER.pack(100) + b"only this")
    os.close(write_fd)
    with pytest.raises(WireError, match="cut off"):
        channel.receive()
    channel, write_fd = _pair()
    os.close(write_fd)
    with pytest.raises(WireClosed):
        channel.receive()


@pytest.mark.parametrize("body", [
    b"\xdd\xff\xff\xff\xff", b"\xdf\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff", b"\x91" * 100_000, b"\xc1", b"\x80",
    b"\x81\xa4type\xa4Done", b"\x82\xa4type\xa4Done\xa3job\xa1x", b"\x81\xa4type\xa7RunTask",
])
def test_a_body_that_is_no_message_is_refused(body: bytes) -> None:
    channel, write_fd = _pair()
    threading.Thread(target=os.write, args=(write_fd, HEADER.pack(len(body)) + body)).start()
    with pytest.raises(WireError):
        channel.receive()


def test_damaged_messages_never_raise_anything_but_wire_errors() -> None:
    rng = random.Random(4)
    channel, write_fd = _pair()
    channel.send(Done(job=7, result={"a": [1, 2, 3], "b": "text", "c": b"bytes", "d": {"e": 1.5}}))
    good = os.read(channel._read_fd, 1 << 16)
    outcomes = set()
    for _ in range(2000):
        bad = bytearray(good[4:])
        for _ in range(rng.randint(1, 4)):
            bad[rng.randrange(len(bad))] = rng.randrange(256)
        os.write(write_fd, HEADER.pack(len(bad)) + bad)
        try:
            channel.receive()
            outcomes.add("fits")
        except WireError:
            outcomes.add("refused")
    assert outcomes == {"fits", "refused"}


def test_a_message_over_the_senders_limit_is_not_sent_at_all() -> None:
    read_fd, write_fd = os.pipe()
    channel: Channel[object] = Channel(read_fd, write_fd, RunTask, limit=1000, send_limit=100)
    with pytest.raises(WireError, match="limit of 100"):
        channel.send(RunTask(job=1, name="x" * 90, args={"a": bytes(100)}))
    channel.send(RunTask(job=2, name="x", args={}))
    assert channel.receive() == RunTask(job=2, name="x", args={})


@pytest.mark.parametrize("args", [{"path": "caf\udce9.mp4"}, {"number": 1 << 64}, {"thing": object()}])
def test_what_has_no_bytes_is_refused_and_the_next_message_goes(args: dict[str, object]) -> None:
    channel, _ = _pair(incoming=RunTask)
    with pytest.raises(WireError, match="cannot be sent"):
        channel.send(RunTask(job=1, name="x", args=args))
    channel.send(RunTask(job=2, name="x", args={}))
    assert channel.receive() == RunTask(job=2, name="x", args={})


def test_a_closed_channel_does_not_touch_its_descriptors() -> None:
    channel, _ = _pair()
    channel.close()
    with pytest.raises(WireClosed):
        channel.send(Done(job=1, result={}))


def test_shared_memory_grows_while_old_views_stay_valid() -> None:
    block = SharedBlock.create(4096)
    other = SharedBlock.inherited(os.dup(block.fd))
    old = block.view(0, 16)
    old[:5] = b"hello"
    block.grow(1 << 20)
    other.remap()
    assert bytes(other.view(0, 5)) == b"hello" and other.size == 1 << 20
    other.view(4, 1)[0] = ord("!")
    assert bytes(old[:5]) == b"hell!"
    with pytest.raises(WireError):
        block.view((1 << 20) - 4, 8)
    block.close()
    other.close()


def test_a_child_cannot_shrink_shared_memory_under_its_maker() -> None:
    block = SharedBlock.create(1 << 16)
    with pytest.raises(PermissionError):
        os.ftruncate(block.fd, 0)
    block.close()


def test_a_descriptor_without_memory_is_refused() -> None:
    read_fd, write_fd = os.pipe()
    with pytest.raises(WireError):
        SharedBlock.inherited(read_fd)
    os.close(read_fd)
    os.close(write_fd)
