"""Rooms on the local network: real processes that find each other on this machine's loopback interface, host, leave and go on."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from app import bootstrap
from app.services.collab.lan import KIND, Lan, LanHost, announced, find
from app.services.collab.links import LAN, format_link, parse_link
from app.services.collab.transport import NoRelay
from editor_core.schema import Marker
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
        await asyncio.sleep(0.4)
        told = []
        for name in names:
            info = AsyncServiceInfo(KIND, name)
            if await info.async_request(zeroconf.zeroconf, 500):
                told.append(str(info))
        await browser.async_cancel()
        await zeroconf.async_close()
        return " ".join(told)

    asyncio.run(run())


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


def test_windows_on_the_local_network_agree_who_hosts_next(tmp_path):
    ana, bo, cy = (Person(tmp_path, name) for name in ("ana", "bo", "cy"))
    ana.make()
    link = ana.share(LAN)
    desks = {"ana": Desk(ana)}
    try:
        until(lambda: desks["ana"].now.line == "online", *desks.values())
        for one in (bo, cy):
            one.join(link)
            desks[one.name] = Desk(one)
        until(lambda: all(len(desk.seen or ()) >= 2 for desk in desks.values()), *desks.values())
        assert [desk.live._exchange._lan.hosting for desk in desks.values()] == [True, False, False]
        desks.pop("ana").close()
        first, second = desks.values()
        first.mark("after the host left")
        seconds = until(lambda: "after the host left" in second.texts(), first, second)
        by_session = sorted(desks.values(), key=lambda desk: desk.parts.session)
        until(lambda: [desk.live._exchange._lan.hosting for desk in by_session] == [True, False], first, second)  # the lower session
        print(f"after {seconds:.1f} s without a host edits travel again")
    finally:
        for desk in desks.values():
            desk.close()
