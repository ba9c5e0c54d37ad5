"""The relay: keeps and hands on what members may write, and cuts off whoever does not play by the rules."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from app.services.collab.connection import NoRelay, RelayRefuses
from app.services.identity import new_session
from app.services.relay import commits as commits_module
from app.services.relay.commits import Commits
from app.services.relay.media import MediaLines
from app.services.relay.open_rooms import OpenRooms
from app.services.relay.server import REFUSALS, SMALL, WISHES
from app.services.relay.store import RelayStore, Row
from editor_core.sync import members as m
from editor_core.sync.envelope import public
from editor_core.sync.messages import CaughtUp, Envelopes, Presence, Present, Put, Want, encode
from tests.support.relays import RunningRelay, cut_off, run
from tests.support.sharing import BareRoom, acknowledged, everything

BO, CY, EVE = (Ed25519PrivateKey.generate() for _ in range(3))


@pytest.fixture(scope="module")
def relay(tmp_path_factory):
    with RunningRelay(tmp_path_factory.mktemp("relay")) as running:
        yield running
        assert running.stop() == 0


def test_what_is_acknowledged_is_handed_on_byte_for_byte_in_order_and_live(relay):
    async def work():
        room = BareRoom(relay.address)
        await room.made((BO, "editor"))
        raws = [room.written(number, payload=bytes([number]) * number * 50) for number in range(1, 40)]
        async with await room.connect(session=room.session) as ann, await room.connect(BO) as bo:
            await bo.send(Want({}))
            await ann.put(raws[:20])
            await acknowledged(ann, "timeline", room.session, 20)
            await ann.put(raws[20:])
            came = []
            async with asyncio.timeout(10):
                while len(came) < 39:
                    message = await bo.receive()
                    if isinstance(message, Envelopes):
                        came += [raw for raw in message.raw if raw in raws]
            assert came == raws
        async with await room.connect(BO) as late:
            assert late.welcome.role == "editor" and late.welcome.have["timeline"] == {room.session: 39}
            assert [raw for raw in await everything(late) if raw in raws] == raws
            await late.send(Want({"members": {room.session: 99}, "timeline": {room.session: 30}}))
            message = await late.receive()
            assert message.raw == raws[30:], "only what is missing is sent"

    run(work())


@pytest.mark.real_time
@pytest.mark.parametrize("role", ["viewer", "commenter"])
def test_who_may_not_write_is_cut_off_when_writing(relay, role):
    async def work():
        room = BareRoom(relay.address)
        await room.made((BO, role))
        session = new_session()
        async with await room.connect(BO, session) as bo, await room.connect(session=room.session) as ann:
            await ann.send(Want({}))
            await bo.put([room.written(1, key=BO, session=session)])
            assert await cut_off(bo) < 1
            assert [message for message in await everything(ann) if message == room.written(1, key=BO, session=session)] == []

    run(work())


def offences(room, session):
    """Frames that no honest program sends, by name; each from an editor."""
    good = room.written(1, key=BO, session=session)
    wire = msgspec.msgpack.decode(good)
    flipped = bytearray(good)
    flipped[len(flipped) // 2] ^= 4
    return {
        "forged author": Put([msgspec.msgpack.encode([wire[0].replace(public(BO), public(EVE)), wire[1], wire[2]])]),
        "flipped bit": Put([bytes(flipped)]),
        "another's key": Put([room.written(1, key=EVE, session=session)]),
        "another room": Put([room.written(1, key=BO, session=session, room=bytes(32))]),
        "another's session": Put([room.written(1, key=BO, session=room.session, document="journal"),
                                  room.written(1, key=BO, session=room.session, document="comments")]),
        "members by an editor": Put([room.written(1, key=BO, session=session, document="members",
                                                  payload=m.encode(m.Grant(public(BO), room.members.heads, public(BO), "owner")))]),
        "replayed": Put([good, good]),
        "written twice": Put([good, room.written(1, key=BO, session=session, payload=b"other")]),
        "nothing": Put([b""]),
        "too many": Put([b""] * 5000),
        "a relay's message": Present({1: b"x"}),
        "long presence": Presence(bytes(5000)),
        "a wrong wish": Want({"secrets": {}}),
        "wishes without end": Want({}),
    }


def test_every_kind_of_offender_is_cut_off_within_a_second_and_others_are_undisturbed(relay):
    async def work():
        room = BareRoom(relay.address)
        await room.made((BO, "editor"), (CY, "editor"))
        names = offences(room, 5)
        cy_session = new_session()
        async with await room.connect(CY, cy_session) as cy:
            for number, name in enumerate(names, 1):
                session = new_session()
                async with await room.connect(BO, session) as bo:
                    for _ in range(WISHES + 1 if name == "wishes without end" else 1):
                        await bo.send(offences(room, session)[name])
                    assert await cut_off(bo) < 1, name
                await cy.put([room.written(number, key=CY, session=cy_session)])
                await acknowledged(cy, "timeline", cy_session, number)
        async with await room.connect() as ann:
            authors = {msgspec.msgpack.decode(msgspec.msgpack.decode(raw)[0])[5] for raw in await everything(ann)}
        assert public(EVE) not in authors

    run(work())


@pytest.mark.real_time
def test_random_and_oversized_frames_end_the_connection_and_nothing_else(relay):
    async def work():
        chance = random.Random(8)
        room = BareRoom(relay.address)
        await room.made((BO, "viewer"))
        for number in range(30):
            bo = await room.connect(BO)
            frame = chance.randbytes(chance.randrange(1, 300)) if number % 3 else encode(Put([chance.randbytes(40)]))[:-number]
            await bo.line.socket.send(frame)
            assert await cut_off(bo) < 1
        bo = await room.connect(BO)
        await bo.line.socket.send(bytes(SMALL + 1))
        with pytest.raises((NoRelay, RelayRefuses)):
            await bo.receive()
        async with connect(f"{relay.address}/v1") as socket:
            await socket.send(bytes(SMALL + 1))
            with pytest.raises(ConnectionClosed):
                while True:
                    await socket.recv()

    run(work())
    assert relay.page("/health") == "ok\n"


@pytest.mark.real_time
def test_who_goes_on_with_what_could_happen_to_anyone_is_cut_off_too(relay):
    async def work():
        room = BareRoom(relay.address)
        await room.made((BO, "editor"))
        async with await room.connect(BO, 77) as bo:
            for _ in range(REFUSALS + 1):
                await bo.send(Put([room.written(5, key=BO, session=77)]))
            for _ in range(REFUSALS):
                with pytest.raises(RelayRefuses, match="before it is missing"):
                    await bo.receive()
            assert await cut_off(bo) < 1
            with pytest.raises((RelayRefuses, NoRelay)):
                await bo.receive()

    run(work())


def test_what_was_acknowledged_survives_sigkill_under_load(tmp_path):
    async def load(running, room, from_number):
        """Writes as fast as it goes until the relay is killed; the last number that was acknowledged."""
        done = from_number
        async with await room.connect(session=room.session) as ann:
            async def write():
                for number in range(from_number + 1, from_number + 4000):
                    await ann.put([room.written(number)])
                    if number % 20 == 0:
                        await asyncio.sleep(0)

            writing = asyncio.create_task(write())
            try:
                while True:
                    message = await ann.receive()
                    done = max(done, getattr(message, "have", {}).get("timeline", {}).get(room.session, 0))
                    if done > from_number + 60 and running.process.poll() is None:
                        running.process.kill()
            except (NoRelay, RelayRefuses):
                writing.cancel()
                await asyncio.gather(writing, return_exceptions=True)
        return done

    async def kept(room):
        async with await room.connect() as late:
            assert len(await everything(late)) == late.welcome.have["timeline"][room.session] + 1
            return late.welcome.have["timeline"][room.session]

    acknowledged_up_to = 0
    room = None
    for _ in range(3):
        with RunningRelay(tmp_path) as running:
            if room is None:
                room = BareRoom(running.address)
                run(room.made())
            room.relay = running.address
            on_disk = run(kept(room)) if acknowledged_up_to else 0
            assert on_disk >= acknowledged_up_to
            acknowledged_up_to = run(load(running, room, on_disk))
            assert acknowledged_up_to > on_disk
    with RunningRelay(tmp_path) as running:
        room.relay = running.address
        assert run(kept(room)) >= acknowledged_up_to


def test_who_does_not_read_is_closed_and_not_buffered(relay):
    async def work():
        room = BareRoom(relay.address)
        await room.made((BO, "viewer"), (CY, "viewer"))
        closed = relay.metric("slow_closed_total")
        async with await room.connect(session=room.session) as ann, await room.connect(CY) as cy:
            await cy.send(Want({}))
            bo = await room.connect(BO)
            await bo.send(Want({}))
            while not isinstance(await bo.receive(), CaughtUp):
                pass
            bo.line.socket.transport.pause_reading()
            bo.line.socket.pause_reading = bo.line.socket.resume_reading = lambda: None

            async def read():
                count = 0
                while count < 120:
                    message = await cy.receive()
                    count += sum(len(raw) > 200_000 for raw in getattr(message, "raw", ()))

            reading = asyncio.create_task(read())
            for number in range(1, 121):
                await ann.put([room.written(number, payload=bytes([number]) * 250_000)])
            await acknowledged(ann, "timeline", room.session, 120)
            await reading
            async with asyncio.timeout(15):
                while relay.metric("slow_closed_total") == closed:
                    await asyncio.sleep(0.2)
            bo.line.socket.transport.abort()
        assert relay.metric("slow_closed_total") == closed + 1

    run(work())


def test_two_relays_do_not_share_a_folder(tmp_path):
    with RunningRelay(tmp_path):
        assert os.name != "posix" or (tmp_path / "data").stat().st_mode & 0o077 == 0, "others on the machine do not read rooms"
        words = [sys.executable, "-m", "app.cli", "relay", "--data", str(tmp_path / "data")]
        second = subprocess.run(words, capture_output=True, text=True, timeout=60,
                                env={**os.environ, "PROEDITOR_HOME": str(tmp_path / "home")})
    assert second.returncode == 1 and "Another relay" in second.stderr


def test_a_relay_with_a_certificate_speaks_tls_and_is_known_by_it(tmp_path, monkeypatch):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "relay")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
                   .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
                   .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
                   .sign(key, hashes.SHA256()))
    cert_file, key_file = tmp_path / "cert.pem", tmp_path / "key.pem"
    cert_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    with RunningRelay(tmp_path / "relay", "--tls-cert", str(cert_file), "--tls-key", str(key_file)) as running:
        assert running.address.startswith("wss://")
        room = BareRoom(running.address)
        with pytest.raises(RelayRefuses, match="certificate"):
            run(room.made())
        monkeypatch.setenv("SSL_CERT_FILE", str(cert_file))
        run(BareRoom(running.address).made())


@pytest.mark.real_time
def test_connections_that_never_greet_are_counted_closed_and_do_not_keep_others_out(relay):
    async def work():
        silent = [await connect(f"{relay.address}/v1") for _ in range(50)]
        assert relay.metric("open_connections") >= 50
        room = BareRoom(relay.address)
        began = time.monotonic()
        await room.made()
        assert time.monotonic() - began < 4.5, "before those who are silent are sent away"
        for socket in silent:
            with pytest.raises(ConnectionClosed):
                while True:
                    await socket.recv()
        assert 3 < time.monotonic() - began < 20, "who does not greet within five seconds is sent away"

    run(work())


def test_metrics_tell_delays_memory_and_processor_time(relay):
    async def work():
        room = BareRoom(relay.address)
        await room.made()
        async with await room.connect(session=room.session) as line:
            await line.put([room.written(number) for number in range(1, 21)])
            await acknowledged(line, "timeline", room.session, 20)

    before = relay.metric("handing_on_seconds_count")
    run(work())
    assert relay.metric("handing_on_seconds_count") == before + 21
    assert relay.metric("handing_on_seconds_sum") > 0 and 10e6 < relay.metric("resident_bytes") < 150e6
    assert relay.metric("processor_seconds_total") > 0 and 'bucket{le="+Inf"}' in relay.page("/metrics")


def test_health_says_that_the_disk_refuses_until_it_takes_something_again(tmp_path):
    async def work():
        store = RelayStore(tmp_path)
        rooms = OpenRooms(store, MediaLines(Counter()), Counter())
        commits = Commits(store, rooms, Counter())
        refuses = True

        def add(rows, positions=()):
            if refuses:
                raise sqlite3.OperationalError("database or disk is full")

        store.add = add
        store.ask = lambda: add(())
        running = asyncio.create_task(commits.run())
        room = rooms.read(bytes(32))
        commits.take(Row(room.id, 1, "members", 1, 1, bytes(32), b"x"), room, None)
        for _ in range(40):
            await asyncio.sleep(0.01)
        assert "full" in commits.trouble, "that a room was given up for it is no sign of a disk that takes things"
        refuses = False
        while commits.trouble:
            await asyncio.sleep(0.01)
        running.cancel()
        commits.close()
        store.close()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(commits_module, "ASK_AGAIN", 0.6)
        run(work())
