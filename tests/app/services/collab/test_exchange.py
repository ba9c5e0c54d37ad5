"""An exchange beside a document that another thread owns, as a window has it; presence; interruptions."""

from __future__ import annotations

import asyncio
import queue
import threading

import pytest

import app.services.collab.exchange as exchange_module
from app.services.collab.connection import NoRelay
from app.services.collab.exchange import Exchange
from app.services.collab.inbox import MESSAGES, MOST, OTHERS, Inbox
from app.services.collab.participant import Participant
from editor_core.schema import Marker
from editor_core.sync.messages import Ack, Envelopes
from tests.support.relays import RunningRelay
from tests.support.sharing import Person


class OtherThread:
    """The thread that owns a document: it does what is handed to it, one thing after the other."""

    def __init__(self) -> None:
        self.work: queue.Queue = queue.Queue()
        self.names: set[str] = set()

    async def do(self, work):
        done: asyncio.Future = asyncio.get_running_loop().create_future()
        self.work.put((work, done, asyncio.get_running_loop()))
        return await done

    def serve(self, until: threading.Thread) -> None:
        while until.is_alive() or not self.work.empty():
            try:
                work, done, loop = self.work.get(timeout=0.05)
            except queue.Empty:
                continue
            self.names.add(threading.current_thread().name)
            loop.call_soon_threadsafe(done.set_result, work())


@pytest.fixture
def pair(tmp_path):
    with RunningRelay(tmp_path / "relay") as relay:
        ann, bo = Person(tmp_path, "ann"), Person(tmp_path, "bo")
        ann.make()
        bo.join(ann.share(relay.address))
        yield relay, ann, bo


def test_the_network_runs_on_its_own_thread_and_the_document_stays_on_its(pair):
    _, ann, bo = pair
    bo.mark("b1", "b2")
    bo.sync()
    owner = OtherThread()
    with ann.open() as (parts, project):
        project.door.execute("marker.add", {"at": "3s", "text": "mine"})
        exchange = Exchange(Participant(project, ann.key, parts.session), owner.do)
        network = threading.Thread(target=lambda: asyncio.run(exchange.until_idle()), name="network")
        network.start()
        owner.serve(network)
        report = exchange.as_plain()
    assert report["applied"] == 2 and report["sent"] == 2 and owner.names == {threading.current_thread().name}
    bo.sync()
    assert ann.print() == bo.print()


def test_people_see_each_other_and_find_each_other_again_after_the_relay_was_killed(pair, tmp_path):
    relay, ann, bo = pair

    async def seen(exchange, state):
        async with asyncio.timeout(30):
            while state not in exchange.peers.values():
                await asyncio.sleep(0.02)

    with ann.open() as (parts, project), bo.open() as (other_parts, other):
        async def work():
            one, two = (Exchange(Participant(p, who.key, q.session)) for p, who, q in ((project, ann, parts), (other, bo, other_parts)))
            tasks = [asyncio.create_task(exchange.for_seconds(60)) for exchange in (one, two)]
            await one.show(b"ann at 5")
            await two.show(b"bo at 7")
            await asyncio.gather(seen(one, b"bo at 7"), seen(two, b"ann at 5"))
            relay.kill()
            project.door.execute("marker.add", {"at": "1s", "text": "while it was gone"})
            async with asyncio.timeout(10):
                while one.online or two.online:
                    await asyncio.sleep(0.02)
            with RunningRelay(tmp_path / "relay", port=relay.port):
                await asyncio.gather(seen(one, b"bo at 7"), seen(two, b"ann at 5"))
                one.something_changed()
                async with asyncio.timeout(30):
                    while not other.snapshot.of_kind(Marker):
                        await asyncio.sleep(0.02)
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

        asyncio.run(work())
    assert ann.print() == bo.print()


def test_what_came_is_not_given_back_while_it_goes_to_disk(pair, monkeypatch):
    _, ann, bo = pair
    wait = exchange_module.durable

    async def slowly(ticket):
        await wait(ticket)
        await asyncio.sleep(0.2)

    monkeypatch.setattr(exchange_module, "durable", slowly)
    with bo.open() as (parts, project):
        async def work():
            exchange = Exchange(Participant(project, bo.key, parts.session))
            staying = asyncio.create_task(exchange.stay())
            while not exchange.caught_up:
                await asyncio.sleep(0.01)
            await asyncio.to_thread(ann.mark, "one")
            giving = asyncio.create_task(asyncio.to_thread(ann.sync))
            while not giving.done() or not exchange.report.applied:
                exchange.something_changed()
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.3)
            staying.cancel()
            await asyncio.gather(staying, return_exceptions=True)
            return exchange

        async def bounded():
            async with asyncio.timeout(30):
                return await work()

        exchange = asyncio.run(bounded())
    assert exchange.report.sent == 0 and exchange.report.connections == 1 and exchange.trouble is None


def test_while_one_edit_goes_to_a_slow_disk_others_gather_and_presence_does_not_wait(pair, monkeypatch):
    _, ann, bo = pair
    with ann.open() as (parts, project), bo.open() as (other_parts, other):
        async def work():
            one = Exchange(Participant(project, ann.key, parts.session))
            two = Exchange(Participant(other, bo.key, other_parts.session))
            tasks = [asyncio.create_task(exchange.stay()) for exchange in (one, two)]
            takes, slow, take = [], asyncio.Event(), one._take

            async def taking(raws):
                takes.append(len(raws))
                if len(takes) == 1:
                    await slow.wait()
                return await take(raws)

            async with asyncio.timeout(30):
                while not (one.caught_up and two.caught_up):
                    await asyncio.sleep(0.02)
                monkeypatch.setattr(one, "_take", taking)
                for number in range(12):
                    other.door.execute("marker.add", {"at": f"{number}s", "text": f"b{number}"})
                    two.something_changed()
                    while two.unacknowledged or two._changed.is_set() or two._giving:
                        await asyncio.sleep(0.01)
                await two.show(b"bo at 7")
                while b"bo at 7" not in one.peers.values():
                    await asyncio.sleep(0.01)
                assert len(takes) == 1 and not project.snapshot.of_kind(Marker)
                slow.set()
                while len(project.snapshot.of_kind(Marker)) < 12:
                    await asyncio.sleep(0.01)
            assert len(takes) == 2 and sum(takes) == 24
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        asyncio.run(work())


@pytest.mark.parametrize(("one", "most"), [(Ack({}), OTHERS + 1), (Envelopes([]), MESSAGES + 1), (Envelopes([bytes(MOST // 3)]), 4)])
def test_a_relay_that_says_more_than_is_dealt_with_is_not_read_on(one, most):
    class Talkative:
        said = 0

        async def messages(self):
            for _ in range(5000):
                self.said += 1
                yield one
            raise NoRelay("it has said all")

    async def work():
        line, heard = Talkative(), 0
        async with Inbox(line, lambda present: None) as inbox:
            for _ in range(6000):
                await asyncio.sleep(0)
            assert line.said == most
            with pytest.raises(NoRelay):
                async for _message in inbox.messages():
                    heard += 1
                    await asyncio.sleep(0)
        assert line.said == 5000 and heard

    asyncio.run(work())
