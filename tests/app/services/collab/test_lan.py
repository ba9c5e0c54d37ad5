"""Rooms on the local network: real processes that find each other on this machine's loopback interface, host, leave and go on."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from app import bootstrap
from app.services.collab import lan, moving, neighbours
from app.services.collab.lan import KIND, Lan, LanHost, announced, find
from app.services.collab.links import LAN, format_link, parse_link
from app.services.collab.participant import Participant
from app.services.collab.transport import NoRelay, WebSockets
from app.services.relay.store import RelayStore
from editor_core.schema import Marker
from editor_core.storage.rooms import Rooms
from editor_core.sync.messages import Challenge, decode
from tests.app.services.collab.test_live import Desk, until
from tests.support.sharing import Person


@pytest.fixture(autouse=True)
def loopback(monkeypatch):
    monkeypatch.setenv("PROEDITOR_LAN", "127.0.0.1")


class Process:
    """`proeditor` in a process of its own, for one person with a home of their own."""

    def __init__(self, home, *words: str) -> None:
        self.process = subprocess.Popen([sys.executable, "-m", "app.cli", *map(str, words)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True,
                                        env={**os.environ, "PROEDITOR_HOME": str(home), "PYTHONFAULTHANDLER": "1"},
                                        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))  # jobs in the background ignore it

    def said(self, timeout: float = 40) -> str:
        out, error = self.process.communicate(timeout=timeout)
        assert self.process.returncode == 0, error
        return out


    def end(self, how: signal.Signals) -> None:
        """By a signal; returns when it is gone."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            self.process.communicate(timeout=15)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGABRT)
            raise AssertionError(f"it does not end:\n{self.process.communicate()[1]}") from None


def pro(home, *words: str) -> str:
    return Process(home, *words).said()


@pytest.fixture
def homes(tmp_path):
    made = {}
    for name in ("ana", "bo", "cy"):
        made[name] = tmp_path / name
        made[name].mkdir()
    yield made


def test_a_link_to_the_local_network_has_no_address_and_comes_back_as_it_was():
    link = parse_link("proeditor-lan:///" + "ab" * 32 + "?role=viewer#" + "AAAAAAAAAAAAAAAAAAAAAA")
    assert link.relay == LAN and parse_link(format_link(link)) == link
    assert link.room.hex() not in announced(link.room) and announced(link.room) not in link.room.hex()


def test_a_host_is_found_by_those_who_know_the_room_and_says_nothing_else_about_it(tmp_path):
    room, other = os.urandom(32), os.urandom(32)

    async def run():
        assert await find(room, 0.3) == []
        host = await asyncio.to_thread(LanHost, room, 7, [])
        try:
            found = await find(room, 2)
            assert [one.rank for one in found] == [7] and found[0].address.rpartition(":")[2] == host.address.rpartition(":")[2]
            assert await find(other, 0.3) == []
            heard = await _on_the_wire()
            assert heard and room.hex() not in heard and "ana" not in heard
        finally:
            await asyncio.to_thread(host.close)
        assert await find(room, 0.3) == []

    async def _on_the_wire() -> str:
        from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

        names: list[str] = []
        zeroconf = AsyncZeroconf(interfaces=["127.0.0.1"])
        browser = AsyncServiceBrowser(zeroconf.zeroconf, KIND, handlers=[lambda zeroconf, service_type, name, state_change: names.append(
            name)])
        async with asyncio.timeout(10):
            while not names:
                await asyncio.sleep(0.02)
        told = []
        for name in names:
            info = AsyncServiceInfo(KIND, name)
            if await info.async_request(zeroconf.zeroconf, 500):
                told.append(str(info))
        await browser.async_cancel()
        await zeroconf.async_close()
        return " ".join(told)

    asyncio.run(run())


def test_what_a_killed_host_left_is_removed_and_nothing_that_is_in_use(tmp_path, monkeypatch):
    monkeypatch.setattr(lan.tempfile, "gettempdir", lambda: str(tmp_path))
    dead, fresh, alive, other = (tmp_path / name for name in ("proeditor-lan-1", "proeditor-lan-2", "proeditor-lan-3", "something"))
    stores = {folder: RelayStore(folder) for folder in (dead, fresh, alive, other)}
    for folder in (dead, fresh, other):
        stores[folder].close()
    for folder in (dead, alive, other):
        os.utime(folder, (time.time() - 1000, time.time() - 1000))
    lan._clear_up()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["proeditor-lan-2", "proeditor-lan-3", "something"]
    stores[alive].close()


def test_of_two_who_begin_to_host_at_once_one_stays(tmp_path):
    room = os.urandom(32)
    hosts = [LanHost(room, rank, []) for rank in (9, 3)]
    try:
        until = time.monotonic() + 8
        while hosts[0].hosting and time.monotonic() < until:
            time.sleep(0.05)
        assert [one.hosting for one in hosts] == [False, True]
        assert [one.rank for one in asyncio.run(find(room, 2))] == [3]
    finally:
        for one in hosts:
            one.close()


def test_nobody_is_found_where_nobody_hosts_and_that_is_said(monkeypatch):
    monkeypatch.setattr("app.services.collab.lan.JOIN", 0.5)
    with pytest.raises(NoRelay, match="local network"):
        asyncio.run(Lan().line(LAN, os.urandom(32)))


def wait_for(home, film, *texts: str, seconds: float = 30) -> float:
    """Seconds until a film, which another process holds, has these markers and no others."""
    began = time.monotonic()
    found: list[str] = []
    while time.monotonic() - began < seconds:
        with Reader(home, film) as markers:
            found = markers
        if sorted(found) == sorted(texts):
            return time.monotonic() - began
        time.sleep(0.1)
    raise AssertionError(f"{film.name} has {found}, not {texts}")


class Reader:
    """The markers of a film on disk, without a process of its own."""

    def __init__(self, home, film) -> None:
        self._person = Person(film.parent, film.stem)

    def __enter__(self) -> list[str]:
        with bootstrap.reading(self._person.parts(), self._person.film) as project:
            return sorted(marker.text for marker in project.snapshot.of_kind(Marker))

    def __exit__(self, *exc: object) -> None:
        return


@pytest.mark.real_time
def test_the_host_moves_when_it_is_killed_or_leaves_and_nothing_given_is_lost(homes):
    ana, bo, cy = films = [homes[name] / f"{name}.proedit" for name in ("ana", "bo", "cy")]
    pro(homes["ana"], "new", ana, "--size", "320x180")
    shared = json.loads(pro(homes["ana"], "share", ana, "--lan", "--json"))
    link = shared["link"]
    assert link.startswith("proeditor-lan:///") and shared["encrypted"] is True
    running = {"ana": Process(homes["ana"], "sync", ana, "--for", "90s")}
    try:
        for name, film in (("bo", bo), ("cy", cy)):
            pro(homes[name], "join", link, film)
            running[name] = Process(homes[name], "sync", film, "--for", "90s")
        add(homes["bo"], bo, "while ana hosts")
        wait_for(homes["cy"], cy, "while ana hosts")
        running["ana"].end(signal.SIGKILL)
        add(homes["bo"], bo, "ana is gone")
        assert wait_for(homes["cy"], cy, "while ana hosts", "ana is gone") < 25
        running["ana"] = Process(homes["ana"], "sync", ana, "--for", "90s")
        wait_for(homes["ana"], ana, "while ana hosts", "ana is gone")
        running["bo"].end(signal.SIGINT)
        add(homes["cy"], cy, "bo left")
        assert wait_for(homes["ana"], ana, "while ana hosts", "ana is gone", "bo left") < 25
        running["bo"] = Process(homes["bo"], "sync", bo, "--for", "90s")
        for film in films:
            wait_for(film.parent, film, "while ana hosts", "ana is gone", "bo left")
    finally:
        for one in running.values():
            one.end(signal.SIGINT)
    assert len({Person(film.parent, film.stem).print() for film in films}) == 1


def add(home, film, text: str) -> None:
    pro(home, "run", film, "marker.add", json.dumps({"at": "1s", "text": text}))


def test_films_share_and_change_members_on_the_local_network_without_anyone_else(tmp_path, monkeypatch):
    ana = Person(tmp_path, "ana")
    ana.make()
    link = ana.share(LAN)
    assert link.relay == LAN and parse_link(format_link(link)) == link
    assert ana.share(LAN, role="viewer").room == link.room
    with pytest.raises(NoRelay, match="local network"):
        ana.sync()


class Three:
    """Three windows in one room on the local network. `leave` closes the one that hosts; the other two remain, lower session first."""

    def __init__(self, folder) -> None:
        ana, bo, cy = (Person(folder, name) for name in ("ana", "bo", "cy"))
        ana.make()
        link = ana.share(LAN)
        self.desks = [Desk(ana)]
        until(lambda: self.desks[0].now.line == "online", *self.desks, seconds=30)
        for one in (bo, cy):
            one.join(link)
            self.desks.append(Desk(one))
        until(lambda: all(len(desk.seen or ()) >= 2 for desk in self.desks), *self.desks, seconds=30)
        assert self.hosting == [True, False, False]

    @property
    def lans(self) -> list[Lan]:
        return [desk.live._exchange._lan for desk in self.desks]

    @property
    def hosting(self) -> list[bool]:
        return [lan.hosting for lan in self.lans]

    def leave(self) -> None:
        self.desks.pop(0).close()
        self.desks.sort(key=lambda desk: desk.parts.session)

    def together(self, *texts: str) -> None:
        """Waits until both are online and show what either did."""
        until(lambda: all(set(texts) <= desk.texts() and desk.now.line == "online" for desk in self.desks), *self.desks, seconds=30)

    def __enter__(self) -> Three:
        return self

    def __exit__(self, *exc: object) -> None:
        for desk in self.desks:
            desk.close()


def test_when_the_host_leaves_one_of_the_others_hosts_and_edits_travel_again(tmp_path):
    with Three(tmp_path) as room:
        room.leave()
        began = time.monotonic()
        room.desks[0].mark("after the host left")
        room.together("after the host left")
        print(f"after {time.monotonic() - began:.1f} s without a host edits travel again")
        until(lambda: sum(room.hosting) == 1, *room.desks)


def test_who_is_late_joins_whoever_hosts_also_with_the_lower_session(tmp_path, monkeypatch):
    with Three(tmp_path) as room:
        late = min(room.desks[1:], key=lambda desk: desk.parts.session)
        for desk, one in zip(room.desks, room.lans, strict=True):
            monkeypatch.setattr(one, "_turn", lambda wait=20.0 if desk is late else 0.0: wait)
        room.leave()
        room.desks[0].mark("by the lower")
        room.desks[1].mark("by the higher")
        room.together("by the lower", "by the higher")
        assert room.hosting == [False, True]


def test_of_two_windows_that_begin_to_host_at_once_the_lower_session_goes_on_and_has_what_both_did(tmp_path, monkeypatch):
    both = threading.Barrier(2)
    begin = lan._Beginning.host

    def at_once(self, *args):
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(10)  # the second to come waits no longer than the first
        return begin(self, *args)

    with Three(tmp_path) as room:
        monkeypatch.setattr(lan._Beginning, "host", at_once)
        room.leave()
        room.desks[0].mark("by the lower")
        room.desks[1].mark("by the higher")
        until(lambda: all(one._beginnings for one in room.lans), *room.desks, seconds=30)
        room.together("by the lower", "by the higher")
        until(lambda: room.hosting == [True, False], *room.desks)
        assert not both.broken


def test_a_host_that_did_not_answer_at_first_is_tried_again(monkeypatch):
    asked, ask = [], lan.answers

    async def slow(host):
        asked.append(host)
        return len(asked) > 2 and await ask(host)

    monkeypatch.setattr(lan, "answers", slow)
    monkeypatch.setattr(lan, "DOUBT", 0.1)
    assert only_the_lower_stays() and len(asked) >= 3


def test_hosts_that_did_not_hear_each_other_look_for_each_other(monkeypatch):
    class Deaf(neighbours.Neighbours):
        def hosts(self):
            return []

    monkeypatch.setattr(lan, "Neighbours", Deaf)
    monkeypatch.setattr(lan, "AGAIN", 0.5)
    assert only_the_lower_stays()


def test_a_host_is_found_although_its_first_answers_are_lost(monkeypatch):
    asked, ask = [], neighbours.AsyncServiceInfo.async_request

    async def lost(self, *args):
        asked.append(self)
        return len(asked) > 2 and await ask(self, *args)

    monkeypatch.setattr(neighbours.AsyncServiceInfo, "async_request", lost)
    assert only_the_lower_stays() and len(asked) >= 3


def only_the_lower_stays() -> bool:
    room = os.urandom(32)
    hosts = [LanHost(room, rank, []) for rank in (9, 3)]
    try:
        ends = time.monotonic() + 20
        while hosts[0].hosting and time.monotonic() < ends:
            time.sleep(0.05)
        return [one.hosting for one in hosts] == [False, True]
    finally:
        for one in hosts:
            one.close()


def test_a_host_with_several_addresses_is_reached_at_the_one_that_leads_there(tmp_path, monkeypatch):
    monkeypatch.setattr(neighbours, "own_addresses", lambda: ["127.0.0.1"])
    monkeypatch.setattr(lan, "own_addresses", lambda: ["127.0.0.1"])
    room = os.urandom(32)

    async def run():
        monkeypatch.setattr(neighbours, "own_addresses", lambda: ["10.255.255.1", "127.0.0.1"])
        host = await asyncio.to_thread(LanHost, room, 7, [])
        try:
            assert {one.address.split(":")[1] for one in await find(room, 3)} == {"//10.255.255.1", "//127.0.0.1"}
            line = await Lan().line(LAN, room)
            assert line.socket.remote_address[0] == "127.0.0.1"
            await line.close()
        finally:
            await asyncio.to_thread(host.close)

    asyncio.run(run())


def test_a_host_whose_addresses_change_is_announced_anew_and_its_lines_stay(monkeypatch):
    room, addresses = os.urandom(32), ["127.0.0.1"]
    monkeypatch.setattr(lan, "own_addresses", lambda: list(addresses))
    monkeypatch.setattr(neighbours, "own_addresses", lambda: list(addresses))
    monkeypatch.setattr(lan, "AGAIN", 0.3)

    async def run():
        host = await asyncio.to_thread(LanHost, room, 7, [])
        try:
            line = await Lan().line(LAN, room)
            await line.receive()
            addresses[:] = ["127.0.0.2"]
            ends = time.monotonic() + 10
            while [one.address.split(":")[1] for one in await find(room, 1)] != ["//127.0.0.2"]:
                assert time.monotonic() < ends
            assert host.hosting and line.socket.state.name == "OPEN"
            await line.close()
        finally:
            await asyncio.to_thread(host.close)

    asyncio.run(run())


def test_who_leaves_while_beginning_to_host_hosts_nothing_afterwards(monkeypatch):
    made = []

    class Slow(LanHost):
        def __init__(self, *args) -> None:
            time.sleep(0.3)
            super().__init__(*args)
            made.append(self)

    async def nothing():
        return []

    async def run():
        one = Lan(5, nothing)
        one.may_host = True
        line = asyncio.create_task(one.line(LAN, os.urandom(32)))
        while not one._beginnings:
            await asyncio.sleep(0.01)
        line.cancel()
        await asyncio.gather(line, return_exceptions=True)
        await one.close()

    monkeypatch.setattr(lan, "LanHost", Slow)
    monkeypatch.setattr(lan, "LOOK", 0.1)
    asyncio.run(run())  # waits for its threads
    assert [one.hosting for one in made] == [False]


def _has_loopback6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@pytest.mark.skipif(not _has_loopback6(), reason="this machine has no ::1")
def test_two_people_meet_over_ipv6_alone(monkeypatch, homes, tmp_path):
    monkeypatch.setenv("PROEDITOR_LAN", "::1")
    ana, bo = Person(tmp_path, "ana"), Person(tmp_path, "bo")
    ana.make()
    ana.mark("first")
    link = ana.share(LAN)

    async def found():
        return await find(link.room, 3)

    with ana.open() as (parts, project):
        host = LanHost(link.room, 7, list(Participant(project, ana.key, parts.session).rooms.bodies(Rooms(project.file).beyond({}))))
        try:
            assert [one.address.rpartition(":")[0] for one in asyncio.run(found())] == ["ws://[::1]"]
            bo.join(link)
        finally:
            host.close()
    assert bo.texts() == ["first"], "the old link leads there"


def test_addresses_are_tried_with_the_interface_by_which_they_can_be_reached(monkeypatch):
    monkeypatch.setattr(neighbours, "own_addresses", lambda: ["10.0.0.2", "fd00::2", "fe80::2%3", "fe80::22%5"])
    told = ["fe80::9", "fe80::8%5", "fd00::9", "10.0.0.9", "8.8.8.8", "2001:db8::1", "10.0.0.2"]
    assert neighbours._reachable(told) == ["10.0.0.2", "10.0.0.9", "fd00::9", "fe80::9%3", "fe80::9%5", "fe80::8%5"]
    assert neighbours._packed("fe80::2%3") == socket.inet_pton(socket.AF_INET6, "fe80::2")


def test_a_host_is_reached_by_a_link_local_address_where_there_is_one(monkeypatch):
    monkeypatch.delenv("PROEDITOR_LAN")
    links = [one for one in neighbours.own_addresses() if "%" in one]
    if not links:
        pytest.skip("no interface of this machine has a link-local address")
    monkeypatch.setenv("PROEDITOR_LAN", "127.0.0.1")
    room = os.urandom(32)

    async def work():
        host = await asyncio.to_thread(LanHost, room, 7, [])
        try:
            line = await WebSockets().line(f"ws://[{links[0]}]:{host.address.rpartition(':')[2]}", room)
            assert isinstance(decode(await line.receive()), Challenge)
            await line.close()
        finally:
            await asyncio.to_thread(host.close)

    asyncio.run(work())


def test_a_film_is_encrypted_later_without_a_relay_and_who_was_away_goes_along(tmp_path):
    ana, bo, cy = (Person(tmp_path, name) for name in ("ana", "bo", "cy"))
    ana.make()
    link = ana.share(LAN, encrypt=False)
    desks = [Desk(ana)]
    try:
        until(lambda: desks[0].now.line == "online", *desks, seconds=30)
        for one in (bo, cy):
            one.join(link)
        cy.mark("cy was away")
        desks.append(Desk(bo))
        until(lambda: all(desk.now.line == "online" and desk.seen for desk in desks), *desks, seconds=30)
        moved = desks[0].live.aside(lambda do: moving.encrypt(desks[0].live.participant, do))
        until(moved.done, *desks, seconds=60)
        assert moved.result()["encrypted"] and moved.result()["room"] != link.room.hex()
        desks[1].mark("for members alone")
        until(lambda: all(desk.now.encrypted and "for members alone" in desk.texts() for desk in desks), *desks, seconds=60)
        desks.append(Desk(cy))
        until(lambda: all({"for members alone", "cy was away"} <= desk.texts() for desk in desks), *desks, seconds=60)
        assert all(desk.now.encrypted and len(desk.now.members) == 3 for desk in desks)
    finally:
        for desk in desks:
            desk.close()


def test_who_was_killed_while_they_encrypted_has_the_room_that_they_made_and_goes_on_in_it(tmp_path, monkeypatch):
    class Killed(Exception):
        pass

    async def killed(*_):
        raise Killed

    ana, bo = Person(tmp_path, "ana"), Person(tmp_path, "bo")
    ana.make()
    ana.mark("first")
    link = ana.share(LAN, encrypt=False)
    with monkeypatch.context() as patched, ana.open() as (parts, project):
        patched.setattr(moving, "_dropped", killed)  # it was said where the room goes on, and nobody followed yet
        with pytest.raises(Killed):
            asyncio.run(moving.encrypt(one := Participant(project, ana.key, parts.session)))
        patched.setattr(one.rooms, "add", lambda kept: None)
        one.follow()  # and killed once more, before what was said in the new room was on disk
    desk = Desk(ana)
    try:
        until(lambda: desk.now.encrypted and desk.now.line == "online" and not desk.now.to_send, desk, seconds=60)
        joining = threading.Thread(target=bo.join, args=[link])
        joining.start()
        until(lambda: not joining.is_alive(), desk, seconds=60)
    finally:
        desk.close()
    assert bo.texts() == ["first"], "the old link leads there"
