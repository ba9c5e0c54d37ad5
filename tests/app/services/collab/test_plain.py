"""Plain rooms: ProEditor and unmodified Yjs clients on one film, with real files, sockets and a node process."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random

import pytest
from pycrdt import Doc, Map

from app import bootstrap
from app.services.collab.links import PlainLink, parse_plain
from app.services.collab.plain import PlainExchange, PlainParticipant, TooFar, join_plain, share_plain
from app.services.collab.plain import participant as plain_participant
from app.services.collab.returning import RoomIncoming
from app.services.collab.transport import WebSockets, is_near
from app.services.errors import AppError
from app.services.review.elsewhere import Elsewhere
from app.services.reviewing import Review
from editor_core.schema import Marker
from editor_core.storage.rooms import Rooms
from editor_core.sync.merging import Merger
from editor_core.sync.yprotocol import Aware, NotSpoken, Step1, Step2, Update, number, read, write
from tests.app.services.collab.test_live import Desk, until
from tests.support.relays import RunningRelay
from tests.support.sharing import Person
from tests.support.yjs import Yjs, why_no_yjs


class Plain(Person):
    """Somebody who shares without signatures."""

    def share_plain(self, relay: str):
        with self.open() as (parts, project):
            return share_plain(project, self.key, parts.session, relay)

    def join_plain(self, link: PlainLink):
        parts = self.parts()
        return join_plain(link, self.film, self.key, parts.session, making=lambda path: bootstrap.making(parts, path))

    def sync(self, seconds: float | None = None):
        with self.open() as (parts, project):
            return asyncio.run(self.exchanged(parts, project))

    async def exchanged(self, parts, project):
        exchange = PlainExchange(PlainParticipant(project, parts.session))
        await exchange.until_idle()
        return exchange.as_plain()


@pytest.fixture(scope="module")
def yjs():
    if reason := why_no_yjs():
        pytest.skip(reason)
    with Yjs() as client:
        yield client


@pytest.fixture
def people(tmp_path, relay):
    ana, bo = Plain(tmp_path, "ana"), Plain(tmp_path, "bo")
    ana.make()
    ana.mark("one", "two")
    link = parse_plain(ana.share_plain(relay.address)["link"])
    return ana, bo, link


def marker(person, text):
    with person.open() as (_, project):
        return next(m.id for m in project.snapshot.of_kind(Marker) if m.text == text)


def url(relay, link):
    return {"url": f"{relay.address}/plain/{link.room.hex()}", "room": "timeline"}


def test_films_in_a_plain_room_come_to_the_same_cut_and_undo_goes_over_it(people):
    ana, bo, link = people
    assert bo.join_plain(link)["fingerprint"] == ana.cut()
    ana.mark("from ana")
    bo.mark("from bo")
    with bo.open() as (_, project):
        project.door.execute("edit.undo")
    said = [ana.sync(), bo.sync(), ana.sync()]
    assert [report["sent"] > 0 for report in said] == [True, True, False], "what was done apart is counted as given"
    assert ana.texts() == bo.texts() == ["from ana", "one", "two"]
    assert ana.print() == bo.print()
    with ana.open() as (_, project):
        assert project.file.replay().snapshot.records == project.snapshot.records


def test_films_connected_at_once_see_each_other_s_edits_and_where_they_are(people):
    ana, bo, link = people
    bo.join_plain(link)

    async def run(first, second):
        exchanges = [PlainExchange(PlainParticipant(project, parts.session)) for parts, project in (first, second)]
        stays = [asyncio.ensure_future(one.stay()) for one in exchanges]
        async with asyncio.timeout(20):
            while not all(one.caught_up for one in exchanges):
                await asyncio.sleep(0.01)
            await exchanges[0].show(b"here I am")
            await exchanges[0].show(b"ana", slow=True)
            for number in range(20):
                (first, second)[number % 2][1].door.execute("marker.add", {"at": f"{number}s", "text": f"m{number}"})
                exchanges[number % 2].something_changed()
                await asyncio.sleep(0.005)
            session = exchanges[0].plain.session
            while first[1].snapshot.records != second[1].snapshot.records or exchanges[1].peers.get(session) != b"here I am":
                await asyncio.sleep(0.01)
            assert exchanges[1].slow[session] == b"ana"
            stays[0].cancel()
            await asyncio.gather(stays[0], return_exceptions=True)
            while session in exchanges[1].peers:
                await asyncio.sleep(0.01)
        stays[1].cancel()
        await asyncio.gather(stays[1], return_exceptions=True)
        assert len(list(second[1].snapshot.of_kind(Marker))) == 22

    with ana.open() as first, bo.open() as second:
        asyncio.run(run(first, second))


def test_a_yjs_client_reads_the_records_and_what_it_writes_appears_in_the_film(people, relay, yjs):
    ana, bo, link = people
    one = marker(ana, "one")
    assert yjs("join", **{"as": "reader"}, **url(relay, link))["synced"]
    maps = yjs("read", **{"as": "reader"})
    assert json.loads(maps[one]["text"])[0] == "one" and json.loads(maps[one]["type"])[0] == "marker"
    with ana.open() as (_, project):
        assert set(project.snapshot.records) <= set(maps)

    async def live(parts, project):
        exchange = PlainExchange(PlainParticipant(project, parts.session))
        stay = asyncio.ensure_future(exchange.stay())
        async with asyncio.timeout(20):
            while not exchange.caught_up:
                await asyncio.sleep(0.01)
            await asyncio.to_thread(yjs, "write", **{"as": "reader"}, map=one, key="text", value='["von Yjs \\u00fcber", 77, 1]')
            while project.snapshot.record(one).text != "von Yjs über":
                await asyncio.sleep(0.01)
            project.door.execute("marker.add", {"at": "9s", "text": "new here"})
            made = next(m.id for m in project.snapshot.of_kind(Marker) if m.text == "new here")
            exchange.something_changed()
            assert await asyncio.to_thread(yjs, "wait", **{"as": "reader"}, map=made, key="text")
        stay.cancel()
        await asyncio.gather(stay, return_exceptions=True)

    with ana.open() as (parts, project):
        asyncio.run(live(parts, project))
    assert bo.join_plain(link)["fingerprint"] == ana.cut() and "von Yjs über" in bo.texts()
    with ana.open() as (_, project):
        assert project.file.replay().snapshot.records == project.snapshot.records
    yjs("leave", **{"as": "reader"})


@pytest.mark.real_time
def test_windows_in_a_plain_room_are_live_see_each_other_and_hold_what_comes(people, monkeypatch):
    ana, bo, link = people
    bo.join_plain(link)
    desks = first, second = Desk(ana), Desk(bo)
    try:
        until(lambda: all(desk.now.line == "online" and desk.seen for desk in desks), *desks)
        assert first.now.role == "editor" and first.now.to_send == 0 and not first.over
        first.mark("live")
        until(lambda: "live" in second.texts() and first.now.to_send == 0, *desks)
        second.live.hold(True)
        first.mark("held")
        until(lambda: second.now.waiting, *desks)
        assert "held" not in second.texts()
        second.mark("meanwhile")
        until(lambda: "meanwhile" in first.texts(), *desks)
        second.live.take_waiting()
        until(lambda: "held" in second.texts() and not second.now.waiting, *desks)
        assert first.texts() == second.texts() and not (first.reviews or second.reviews)
        second.live.hold(True)
        first.mark("looked at")
        until(lambda: second.now.waiting and second.live.participant.ready, *desks)
        review = Review(second.project, second.live.incoming())
        review.look()
        first.mark("since")
        until(lambda: second.now.waiting == 2, *desks)
        with monkeypatch.context() as patched:
            patched.setattr(Merger, "merge", None)  # the document's thread has nothing to work out
            assert review.apply(version=False).merged == 1
        assert "looked at" in second.texts() and "since" not in second.texts() and second.live.participant.waiting == 1
        until(lambda: first.texts() == second.texts() and not second.now.waiting and not second.now.held, *desks)
        assert second.longest < 0.5
    finally:
        for desk in desks:
            desk.close()
    assert ana.print() == bo.print()


def test_what_is_written_without_a_change_is_looked_at_and_worked_out_in_the_other_process_too(people, monkeypatch):
    ana, _, _ = people
    there: Doc = Doc()
    two = marker(ana, "two")
    monkeypatch.setattr(plain_participant, "GRACE", 0.0)
    elsewhere = Elsewhere()
    with ana.open() as (parts, project), contextlib.closing(elsewhere):
        plain = PlainParticipant(project, parts.session)
        plain.begin()
        there.apply_update(plain.update_for("timeline", b"\x00"))
        there.get(two, type=Map)["text"] = '["as Yjs has it", 88, 1]'
        assert plain.take("timeline", there.get_update(plain.state_of("timeline")))
        review = Review(project, RoomIncoming(plain, "Theirs", lambda merged: None), elsewhere=elsewhere)
        review.look()
        assert plain.waiting
        monkeypatch.setattr(Merger, "merge", None)
        review.apply(version=False)
        assert not plain.waiting and plain.outgoing() == [], "what came is not given back"
        plain.close()
    assert ana.texts() == ["as Yjs has it", "one"]


NONSENSE = """
const m = doc.getMap(MARKER)
m.set('start', '["not a time", 1, 1]'); m.set('text', 5); m.set('color', new Y.Map()); m.set('nonsense', 'x'.repeat(1000))
m.set('deleted', '[true, 1e400, -1]'); m.set('type', '["clip", 1, 1]')
doc.getMap('x'.repeat(5000)).set('type', '["marker", 3, 3]')
doc.getMap('half').set('type', '["clip", 3, 3]'); doc.getMap('deep').set('text', '['.repeat(100000))
doc.getMap('nan').set('type', '["marker", 3, 3]'); doc.getMap('nan').set('start', '[NaN, 3, 3]')
doc.getArray('list').push([1, 2, 3]); doc.getText('words').insert(0, 'hello'); doc.getMap('').set('', '')
doc.getMap('big').set('n', 9007199254740993n); doc.getMap('bytes').set('b', new Uint8Array([1, 2, 3]))
m.delete('text')
doc.getMap('made by yjs').set('type', '["marker", 88, 1]'); doc.getMap('made by yjs').set('start', '[705600000, 88, 1]')
doc.getMap('made by yjs').set('timeline', m.get('timeline')); doc.getMap('made by yjs').set('text', '["good", 88, 1]')
"""


def test_what_is_no_record_stays_unread_and_neither_stops_nor_spoils_the_rest(people, relay, yjs):
    ana, bo, link = people
    one = marker(ana, "one")
    assert yjs("join", **{"as": "odd"}, **url(relay, link))["synced"]
    yjs("script", **{"as": "odd"}, code=NONSENSE.replace("MARKER", json.dumps(one)))
    assert yjs("join", **{"as": "odder"}, url=url(relay, link)["url"], room="journal")["synced"]
    yjs("script", **{"as": "odder"}, code="const e = doc.getMap('entries'); e.set('1:1', 'no change'); e.set('x', 5);"
        "e.set('2:2', new Uint8Array([1, 120, 156])); doc.getMap('other').set('a', 1)")
    yjs("leave", **{"as": "odd"}), yjs("leave", **{"as": "odder"})
    ana.mark("still alive")
    for person in (ana, ana):
        assert person.sync()["refused"] == []
    assert bo.join_plain(link)["plain"]
    bo.mark("also here")
    bo.sync()
    ana.sync()
    with ana.open() as (_, project):
        assert project.snapshot.record(one).start == 0 and project.snapshot.record(one).text == "one"
        assert project.snapshot.record("made by yjs").text == "good"
        assert project.file.replay().snapshot.records == project.snapshot.records
    assert {"still alive", "also here", "good"} <= set(ana.texts()) == set(bo.texts()) | {"one"}


def test_frames_that_are_no_y_protocol_end_the_connection_and_nothing_else(people, relay):
    ana, _, link = people
    place = url(relay, link)["url"] + "/timeline"
    rng = random.Random(5)
    good = write(Update(bytes.fromhex("0101" + "05" * 4)))
    frames = [b"", b"\x00", b"\x09", b"\x00\x07\x00", b"\x00\x02" + number(2**52), b"\x00\x02" + b"\xff" * 400_000,
              write(Update(b"\xff" * 50)), write(Step2(b"\x01" * 9)), write(Step1(b"\xff\xff\xff\xff\x0f")), b"\x01\x03\x01\x05\x01",
              write(Aware(((1, 1, "{"),))), write(Aware(((1, 1, "[" * 4000),)))[:-1], "text",
              *(rng.randbytes(rng.randint(1, 60)) for _ in range(20)),
              *(bytes(byte ^ (1 << rng.randrange(8)) if rng.random() < 0.1 else byte for byte in good) for _ in range(20))]

    async def run():
        for frame in frames:
            line = await WebSockets().at(place, relay.address)
            await line.socket.send(frame)
            with contextlib.suppress(Exception):
                async with asyncio.timeout(0.05):
                    while True:
                        await line.receive()
            await line.close()

    before = relay.metric("offences_total")
    asyncio.run(run())
    assert relay.metric("offences_total") - before >= 15
    assert relay.page("/health").strip() == "ok"
    ana.mark("after")
    assert ana.sync()["sent"] == 1, "what is given by state vectors counts"
    again = ana.sync()
    assert again["sent"] == again["received"] == 0, "and is there the next time"


def test_only_this_machine_and_the_local_network_may_meet_in_plain_rooms(people, relay):
    ana, _, link = people
    with pytest.raises(TooFar, match="local network"), ana.open() as (parts, project):
        share_plain(project, ana.key, parts.session, "ws://203.0.113.7:80")
    with pytest.raises(AppError, match="TLS"), ana.open() as (parts, project):
        share_plain(project, ana.key, parts.session, "wss://127.0.0.1:80")
    assert parse_plain(ana.share_plain(relay.address)["link"]) == link, "nothing of this changed the room"

    async def asked(**headers: str) -> int:
        from websockets.asyncio.client import connect
        from websockets.exceptions import InvalidStatus

        try:
            async with connect(f"{relay.address}/plain/{link.room.hex()}/timeline", additional_headers=headers):
                return 101
        except InvalidStatus as error:
            return error.response.status_code

    assert asyncio.run(asked()) == 101
    assert asyncio.run(asked(**{"X-Forwarded-For": "203.0.113.7"})) == 403, "handed on by a proxy from far away"
    assert asyncio.run(asked(Origin="https://example.org")) == 403, "a page of the web in a browser on this machine"
    near = ("127.0.0.1", "::1", "10.1.2.3", "192.168.0.9", "172.16.0.1", "169.254.1.1", "fe80::1%eth0", "::ffff:127.0.0.1", "localhost",
            "a.local")
    far = ("8.8.8.8", "0.0.0.0", "2001:4860:4860::8888", "::ffff:8.8.8.8", "example.org", "127.0.0.1.example.org", "")
    assert [is_near(one) for one in near] == [True] * len(near) and [is_near(one) for one in far] == [False] * len(far)


def test_what_the_relay_answered_for_is_there_after_it_was_killed(people, relay, tmp_path):
    _, bo, _ = people
    with RunningRelay(tmp_path / "second") as second:
        cy = Plain(tmp_path, "cy")
        cy.make()
        cy.mark("kept")
        link = parse_plain(cy.share_plain(second.address)["link"])
        port = second.port
        second.kill()
    with RunningRelay(tmp_path / "second", port=port):
        assert bo.join_plain(link)["fingerprint"] == cy.cut()
    with cy.open() as (_, project):
        assert Rooms(project.file).room.relay == f"plain+ws://127.0.0.1:{port}"


def test_messages_are_read_as_they_were_written():
    said = (Step1(b"\x00"), Step2(b"abc"), Update(b""), Aware(((2**53 - 1, 2**40, '{"a": "ü"}'), (1, 0, "null"))))
    assert tuple(read(write(one)) for one in said) == said
    for raw in (b"", b"\x00\x02\x05abc", b"\x01\x02\x01", number(2**53), b"\x00\x02" + b"\x80" * 12):
        with pytest.raises(NotSpoken):
            read(raw)
