"""Films shared through a real relay, driven only by the command line, a process for each person."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.support.command_line import CommandLine
from tests.support.relays import RunningRelay


@pytest.fixture
def relay(tmp_path):
    with RunningRelay(tmp_path / "relay", "--json", port=0) as running:
        yield running


@pytest.fixture
def people(tmp_path):
    return [CommandLine(tmp_path / name) for name in ("ann", "bo", "cy")]


def markers(who, count):
    """A script of edits."""
    return "".join(f'{{"command": "marker.add", "args": {{"at": "{second}s", "text": "{who} {second}"}}}}\n' for second in range(count))


def test_two_films_edited_offline_and_synced_hold_the_same_cut(relay, people, tmp_path):
    ann, bo = people[:2]
    a, b = tmp_path / "a.proedit", tmp_path / "b.proedit"
    ann("new", a, "--size", "320x180")
    ann("run", a, "solid.add", '{"color": "#204060", "at": "0s", "duration": "5s"}')
    made = ann("share", a, "--relay", relay.address, "--json").json
    assert made["link"].startswith("proeditor://") and made["room"] in made["link"]
    joined = bo("join", made["link"], b, "--json").json
    assert joined["fingerprint"] == ann("fingerprint", a).out.strip()
    ann("run", a, "--script", "-", stdin=markers("ann", 3))
    bo("run", b, "--script", "-", stdin=markers("bo", 2))
    assert ann("sync", a, "--json").json["applied"] == 0
    theirs = bo("sync", b, "--until-idle", "--json").json
    assert theirs["applied"] == 3 and theirs["waiting"] == 0 and theirs["refused"] == []
    again = ann("sync", a, "--json").json
    assert again["applied"] == 2 and again["fingerprint"] == theirs["fingerprint"] == bo("fingerprint", b).out.strip()
    assert relay.page("/health") == "ok\n" and relay.metric("envelopes_total") > 10


def test_edits_made_while_connected_reach_others_at_once_and_other_processes_may_edit_meanwhile(relay, people, tmp_path):
    ann, bo = people[:2]
    a, b = tmp_path / "a.proedit", tmp_path / "b.proedit"
    ann("new", a, "--size", "320x180")
    bo("join", "-", b, stdin=ann("share", a, "--relay", relay.address, "--json").json["link"])  # unseen by others on the machine
    live = ann.start("run", a, "--live", "--script", "-", stdin=subprocess.PIPE)
    staying = bo.start("sync", b, "--for", "15s", "--json")
    live.stdin.write(markers("ann", 1))
    live.stdin.flush()
    assert json.loads(live.stdout.readline())["marker"]
    bo("run", b, "marker.add", '{"at": "9s", "text": "through the one that is connected"}', "--live")
    live.stdin.write(markers("again", 2))
    live.stdin.close()
    assert live.wait(60) == 0, live.stderr.read()
    out, err = staying.communicate(timeout=60)
    report = json.loads(out)
    assert report["applied"] >= 1 and report["sent"] >= 2, err
    rest = bo("sync", b, "--json").json
    assert report["applied"] + rest["applied"] == 3
    assert ann("sync", a, "--json").json["fingerprint"] == rest["fingerprint"]
    live.stdout.close()
    live.stderr.close()


def test_what_cannot_be_shared_joined_or_reached_is_said_in_plain_lines(relay, people, tmp_path):
    ann = people[0]
    film = tmp_path / "a.proedit"
    ann("new", film)
    assert "not shared" in ann("sync", film, ok=False).err
    assert "not a link" in ann("join", "https://example.org/film", tmp_path / "b.proedit", ok=False).err
    assert "does not answer" in ann("share", film, "--relay", "ws://127.0.0.1:9", ok=False).err
    assert not (tmp_path / "b.proedit").exists()
