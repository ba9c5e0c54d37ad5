"""Plain rooms and sharing without a relay, driven only by the command line; the outside reference is a Yjs client in node."""

from __future__ import annotations

import json

import pytest

from app import bootstrap
from app.services.collab.words import PLAINLY
from editor_core.schema import Marker
from tests.support.command_line import CommandLine
from tests.support.relays import RunningRelay
from tests.support.sharing import Person
from tests.support.yjs import Yjs, why_no_yjs


@pytest.fixture
def people(tmp_path):
    return [CommandLine(tmp_path / name) for name in ("ann", "bo")]


def texts(film) -> dict[str, str]:
    """Markers of a film on disk: text to id."""
    person = Person(film.parent, film.stem)
    with bootstrap.reading(person.parts(), film) as project:
        return {marker.text: marker.id for marker in project.snapshot.of_kind(Marker)}


def mark(text: str) -> tuple[str, str]:
    return "marker.add", json.dumps({"at": "1s", "text": text})


def test_a_plain_room_is_shared_joined_synced_and_edited_live_and_a_yjs_client_takes_part(people, tmp_path):
    ann, bo = people
    a, b = tmp_path / "a.proedit", tmp_path / "b.proedit"
    ann("new", a, "--size", "320x180")
    with RunningRelay(tmp_path / "relay") as relay:
        said = ann("share", a, "--plain", "--relay", relay.address).out
        assert PLAINLY in said
        link, url = said.split()[0], said.split()[-1]
        bo("join", link, b)
        ann("run", a, *mark("while connected"), "--live")
        bo("run", b, *mark("offline"))
        assert bo("sync", b, "--until-idle", "--json").json["refused"] == [] and set(texts(b)) == {"offline", "while connected"}
        if not why_no_yjs():
            with Yjs() as yjs:
                place, _, document = url.rpartition("/")
                assert yjs("join", **{"as": "node"}, url=place, room=document)["synced"]
                yjs("write", **{"as": "node"}, map=texts(b)["offline"], key="text", value='["by node", 4, 4]')
                yjs("leave", **{"as": "node"})
        reports = [who("sync", film, "--json").json for who, film in ((ann, a), (bo, b))]
        assert texts(a) == texts(b) and ("by node" in texts(a)) == (not why_no_yjs())
        assert reports[0]["fingerprint"] == reports[1]["fingerprint"]


def test_what_a_plain_room_cannot_be_is_said_in_plain_lines(people, tmp_path):
    ann = people[0]
    a = tmp_path / "a.proedit"
    ann("new", a, "--size", "320x180")
    assert "local network" in ann("share", a, "--plain", "--relay", "ws://8.8.8.8:80", ok=False).err
    for wish in (("--role", "viewer"), ("--expires", "1h")):  # nobody shall think that a link lets others only look
        assert "neither roles nor an end" in ann("share", a, "--plain", "--relay", "ws://127.0.0.1:1", *wish, ok=False).err
    assert "not a link to a plain room" in ann("join", "proeditor-plain://127.0.0.1:1/zz", tmp_path / "b.proedit", ok=False).err
