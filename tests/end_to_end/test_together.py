"""Films shared through a real relay, driven only by the command line, a process for each person."""

from __future__ import annotations

import pytest

from tests.support.command_line import CommandLine
from tests.support.relays import RunningRelay


@pytest.fixture
def relay(tmp_path):
    with RunningRelay(tmp_path / "relay") as running:
        yield running


@pytest.fixture
def people(tmp_path):
    return [CommandLine(tmp_path / name) for name in ("ann", "bo", "cy")]


def mark(person, film, second, text):
    return person("run", film, "marker.add", f'{{"at": "{second}s", "text": "{text}"}}').json["marker"]


def print_of(person, film):
    return person("fingerprint", film).out.strip()


def shared(person, film, relay, *options):
    person("new", film, "--size", "320x180")
    person("run", film, "solid.add", '{"color": "#204060", "at": "0s", "duration": "5s"}')
    return person("share", film, "--relay", relay.address, "--json", *options).json


def test_two_films_edited_offline_and_synced_hold_the_same_cut(relay, people, tmp_path):
    ann, bo = people[:2]
    a, b = tmp_path / "a.proedit", tmp_path / "b.proedit"
    made = shared(ann, a, relay)
    assert made["link"].startswith("proeditor://") and made["room"] in made["link"]
    bo("join", made["link"], b)
    assert print_of(ann, a) == print_of(bo, b)
    for second in range(3):
        mark(ann, a, second, "ann")
        mark(bo, b, second + 5, "bo")
    assert print_of(ann, a) != print_of(bo, b)
    assert ann("sync", a, "--json").json["applied"] == 0
    theirs = bo("sync", b, "--until-idle", "--json").json
    assert theirs["applied"] == 3 and theirs["waiting"] == 0 and theirs["refused"] == []
    again = ann("sync", a, "--json").json
    assert again["applied"] == 3 and again["fingerprint"] == theirs["fingerprint"] == print_of(ann, a) == print_of(bo, b)
    assert relay.page("/health") == "ok\n" and relay.metric("envelopes_total") > 10
