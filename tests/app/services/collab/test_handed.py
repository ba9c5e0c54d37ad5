"""While one command is connected with a film, other commands of the same person work through it."""

from __future__ import annotations

import contextlib
import threading

import pytest

from app import bootstrap
from app.services.collab import syncing
from app.services.collab.links import parse_link
from app.services.following import Following
from app.services.open_project import LocalTarget
from app.services.owner import OwnerClient, OwnerError, OwnerLeft
from editor_core.storage import ProjectInUse
from editor_core.sync.envelope import public
from tests.support.sharing import Person, shared_by


@pytest.fixture
def pair(tmp_path, relay):
    ann, bo = Person(tmp_path, "ann"), Person(tmp_path, "bo")
    shared_by(ann, bo, relay, "first")
    return ann, bo


class Connected:
    """`proeditor run --live` that goes on until it is told to end, on a thread."""

    def __init__(self, person: Person) -> None:
        self._person, self._over, held = person, threading.Event(), threading.Event()
        self.address = ""

        def work(target) -> None:
            held.set()
            self._over.wait()

        def run() -> None:
            with person.open() as (parts, project):
                syncing.run_live(project, person.key, parts.session, work)

        self._thread = threading.Thread(target=run)
        self._thread.start()
        assert held.wait(30)
        with pytest.raises(ProjectInUse) as found, person.open():
            pass
        self.address = found.value.address

    def end(self) -> None:
        self._over.set()

    def wait(self) -> None:
        self._thread.join(60)

    def __enter__(self) -> Connected:
        return self

    def __exit__(self, *exc: object) -> None:
        self.end()
        self.wait()


def live(client: OwnerClient, what: str, **args):
    return client.ask({"do": "live", "what": what, "args": args})


def test_links_roles_removals_and_encryption_go_through_the_command_that_is_connected(pair, relay, tmp_path):
    ann, bo = pair
    with Connected(ann) as other, contextlib.closing(OwnerClient(other.address)) as client:
        client.ask({"do": "run", "command": "marker.add", "args": {"at": "1s", "text": "while it is connected"}})
        link = parse_link(live(client, "share", relay=relay.address, role="viewer", expires=0, encrypt=None)["link"])
        cy = Person(tmp_path, "cy")
        cy.join(link)
        assert cy.texts() == ["first", "while it is connected"]
        key = public(bo.key).hex()
        roles = {m["key"]: m["role"] for m in live(client, "members", who=key, role="commenter")["members"]}
        assert roles[key] == "commenter"
        assert live(client, "encrypt")["encrypted"]
        assert key not in {m["key"] for m in live(client, "members", who=key, role=None)["members"]}
        client.ask({"do": "run", "command": "marker.add", "args": {"at": "2s", "text": "in the new room"}})
        report = live(client, "sync", seconds=None)
        assert report["encrypted"] and report["held_back"] == 0
        with pytest.raises(OwnerError, match="no member"):
            live(client, "members", who="nobody", role=None)
    cy.sync()
    assert cy.texts() == ["first", "in the new room", "while it is connected"]


def test_a_script_goes_on_by_itself_when_the_command_that_was_connected_ends_in_the_midst(pair):
    ann, _ = pair
    with Connected(ann) as other, bootstrap.target(ann.parts(), ann.film) as target:
        assert isinstance(target, Following)
        for number in range(8):
            target.execute("marker.add", {"at": f"{number}s", "text": f"m{number}"})
            if number == 3:
                other.end()
                other.wait()
        assert isinstance(target.now, LocalTarget)
    assert ann.texts() == ["first", *(f"m{number}" for number in range(8))]


def test_who_waits_with_a_command_that_ends_is_told_to_connect_itself(pair):
    ann, _ = pair
    with Connected(ann) as other, contextlib.closing(OwnerClient(other.address)) as client:
        threading.Timer(0.2, other.end).start()
        with pytest.raises(OwnerLeft):
            live(client, "sync", seconds=600.0)
