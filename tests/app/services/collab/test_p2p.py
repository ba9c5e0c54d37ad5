"""From machine to machine over QUIC, without any server between: two processes of this machine, known to each other by a key."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time

import pytest

from app.services.collab.connection import NoRelay, RelayRefuses, open_connection
from app.services.collab.links import format_link, parse_link, parse_relay
from app.services.collab.p2p import ALPN, SCHEME, _endpoint, _library, door
from app.services.errors import AppError
from tests.support.iroh_relay import IrohRelay
from tests.support.relays import RunningRelay
from tests.support.sharing import BareRoom, Person, acknowledged, everything

pytest.importorskip("iroh", reason="the extra p2p is not installed")


@pytest.fixture(scope="module")
def relay(tmp_path_factory):
    with RunningRelay(tmp_path_factory.mktemp("relay"), "--p2p") as running:
        running.ticket = running.process.stdout.readline().strip()
        assert running.ticket.startswith(SCHEME)
        yield running


def test_films_are_shared_through_a_relay_that_is_known_by_its_key(relay, tmp_path):
    ana, bo = Person(tmp_path, "ana"), Person(tmp_path, "bo")
    ana.make()
    ana.mark("first")
    link = ana.share(parse_relay(relay.ticket))
    assert parse_link(format_link(link)) == link
    assert bo.join(link)["encrypted"], "what needs no relay of its own is for members alone"
    ana.mark("from ana")
    bo.mark("from bo")
    ana.sync(), bo.sync(), ana.sync()
    assert ana.texts() == bo.texts() == ["first", "from ana", "from bo"] and ana.print() == bo.print()


def test_a_stream_carries_what_a_connection_does_both_small_and_large_and_fast(relay):
    async def work() -> tuple[float, float, float]:
        room = BareRoom(relay.ticket)
        began = time.perf_counter()
        connection = await open_connection(relay.ticket, room.id, room.key, room.session)
        connecting = time.perf_counter() - began
        async with connection as line:
            await line.put([room.said(room.genesis)])
            await acknowledged(line, "members", room.session, 1)
            began = time.perf_counter()
            for number in range(1, 21):
                await line.put([room.written(number)])
                await acknowledged(line, "timeline", room.session, number)
            turn = (time.perf_counter() - began) / 20
            began, large = time.perf_counter(), [room.written(number, payload=os.urandom(4 * 2**20)) for number in range(21, 27)]
            await line.put(large)
            await acknowledged(line, "timeline", room.session, 26)
            speed = 24 / (time.perf_counter() - began)
        async with await open_connection(relay.ticket, room.id, room.key, room.session + 1) as late:
            assert set(large) <= set(await everything(late))
        return connecting, turn, speed

    connecting, turn, speed = asyncio.run(work())
    print(f"connected in {connecting * 1000:.0f} ms, put to acknowledged {turn * 1000:.1f} ms, {speed:.0f} MiB/s to the relay's disk")
    assert speed > 1


def test_what_is_sent_is_not_copied_byte_by_byte(relay):
    builder = _library().iroh_ffi._UniffiRustBufferBuilder()
    began = time.process_time()
    builder.write(bytes(16 * 2**20))
    assert time.process_time() - began < 0.3
    builder.discard()


def test_nothing_but_rooms_is_reached_from_far_away(relay):
    async def answered(request: bytes) -> bytes:
        iroh = _library()
        endpoint = await _endpoint(iroh)
        address = iroh.EndpointTicket.from_string(relay.ticket.removeprefix(SCHEME)).endpoint_addr()
        stream = await (await endpoint.connect(address, ALPN)).open_bi()
        await stream.send().write_all(request)
        try:
            async with asyncio.timeout(5):
                return await stream.recv().read(1000)
        except iroh.IrohError:
            return b""
        finally:
            await endpoint.close()

    for path in ("/metrics", "/plain/abcdefabcdefabcdef/timeline", "/health"):
        assert asyncio.run(answered(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())) == b""
    assert asyncio.run(answered(b"GET /v1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")).startswith(b"HTTP/1.1 4")


def test_a_wrong_ticket_and_a_machine_that_is_gone_are_said(relay, tmp_path, monkeypatch):
    async def asked(address: str) -> None:
        room = BareRoom(address)
        await (await room.connect()).close()

    with pytest.raises(RelayRefuses, match="no address of a machine"):
        asyncio.run(asked(SCHEME + "endpointnonsense"))
    with RunningRelay(tmp_path / "short", "--p2p") as other:
        ticket = other.process.stdout.readline().strip()
        asyncio.run(asked(ticket))
        again = other.port
    monkeypatch.setattr("app.services.collab.p2p.WITHIN", 1.0)
    with pytest.raises(NoRelay, match=r"cannot be reached.*behind routers.*PROEDITOR_IROH_RELAY"):
        asyncio.run(asked(ticket))
    with RunningRelay(tmp_path / "short", "--p2p", port=again) as back:
        key = _library().EndpointTicket.from_string(ticket.removeprefix(SCHEME)).endpoint_addr().id()
        now = _library().EndpointTicket.from_string(back.process.stdout.readline().strip().removeprefix(SCHEME)).endpoint_addr().id()
        assert str(key) == str(now), "a relay keeps the key that it is known by"


def test_machines_that_do_not_reach_each_other_meet_by_the_iroh_relay_that_both_name(tmp_path, monkeypatch):
    iroh = _library()
    with IrohRelay() as meeting:
        monkeypatch.setenv("PROEDITOR_IROH_RELAY", meeting.address)

        async def work() -> None:
            async with door("127.0.0.1", 9, tmp_path) as address:
                there = iroh.EndpointTicket.from_string(address.removeprefix(SCHEME)).endpoint_addr()
                assert there.relay_url().rstrip("/") == meeting.address and there.direct_addresses()
                endpoint = await iroh.Endpoint.bind(iroh.EndpointOptions(
                    preset=iroh.preset_minimal(), relay_mode=iroh.RelayMode.custom_from_urls([meeting.address])))
                only_by_relay = iroh.EndpointAddr(there.id(), there.relay_url(), [])
                await asyncio.wait_for(endpoint.connect(only_by_relay, ALPN), 20)
                await endpoint.close()

        asyncio.run(work())
        assert meeting.carried > 2
    monkeypatch.setattr("app.services.collab.p2p.WITHIN", 0.5)
    with pytest.raises(AppError, match="that PROEDITOR_IROH_RELAY names does not answer"):
        asyncio.run(work())


def test_without_the_extra_an_address_says_what_to_install(tmp_path):
    code = ("import sys; sys.modules['iroh'] = None\nimport asyncio\nfrom app.services.collab.transport import transport_for\n"
            "asyncio.run(transport_for('iroh:x').line('iroh:x', b''))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30)
    assert "proeditor[p2p]" in done.stderr
