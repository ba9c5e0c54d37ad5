"""The list of members, times that are over, links that are taken back: on the command line and through a real relay."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys

import pytest

from app.services.collab import membership, sharing
from app.services.collab.connection import RelayRefuses
from app.services.collab.participant import Participant
from app.services.errors import AppError
from tests.support.sharing import Person


def cli(home, *words):
    return subprocess.run([sys.executable, "-m", "app.cli", *map(str, words)], capture_output=True, text=True, timeout=60,
                          env={**os.environ, "PROEDITOR_HOME": str(home)})


def test_a_role_with_a_time_ends_and_its_holder_is_removed_by_the_next_owner(tmp_path, relay):
    ann, bo = Person(tmp_path, "ann"), Person(tmp_path, "bo")
    ann.make()
    link = ann.share(relay.address, encrypt=True)
    bo.join(link)
    with ann.open() as (parts, project):
        one = Participant(project, ann.key, parts.session)
        sharing.grant(one, "bo", "viewer", until=2_000_000_000)
        whole = one.members.present()[1].key.hex()
        assert sharing.find_member(one.members, whole[:4]).person == "bo"
        for letters in (whole[:1], whole[:3]):
            with pytest.raises(AppError, match="no member"):  # nobody is removed by a letter
                sharing.find_member(one.members, letters)
        before = one.hand().epoch
        listed = membership.members_plain(one, lambda: 1_999_999_999.0)
        assert [(m["person"], m["role"], m["expires"], m["over"]) for m in listed["members"]] == [
            ("ann", "owner", 0, False), ("bo", "viewer", 2_000_000_000, False)]
        assert membership.members_plain(one, lambda: 2_000_000_001.0)["members"][1]["over"] is True
        over = membership.members_plain(one, lambda: 2_000_000_001.0)
        told = [membership.members_lines(found)[-1].startswith("Whose time is over") for found in (listed, over)]
        assert told == [False, True], "that the key is still theirs is said"
        assert listed["encrypted"] and listed["key"] == {"epoch": before, "here": True} and listed["invites"] == []
        assert asyncio.run(sharing.remove_expired(one, clock=lambda: 1_999_999_999.0)) == 0
        assert asyncio.run(sharing.remove_expired(one, clock=lambda: 2_000_000_001.0)) == 1
        after = membership.members_plain(one)
        assert [m["person"] for m in after["members"]] == ["ann"] and [m["person"] for m in after["removed"]] == ["bo"]
        assert one.hand().epoch > before
    with pytest.raises(RelayRefuses):
        bo.sync()


def test_a_link_can_be_taken_back_by_its_key(tmp_path, relay):
    ann, bo, cy = (Person(tmp_path, name) for name in ("ann", "bo", "cy"))
    ann.make()
    link = ann.share(relay.address)
    bo.join(link)
    with ann.open() as (parts, project):
        one = Participant(project, ann.key, parts.session)
        invite = membership.members_plain(one)["invites"][0]
        sharing.revoke(one, invite["key"][:8])
        assert membership.members_plain(one)["invites"] == [] and one.members.present()
        with pytest.raises(AppError, match="no member"):
            sharing.revoke(one, invite["key"][:8])
    with pytest.raises(RelayRefuses, match="new link"):
        cy.join(link)
    assert bo.sync()["role"] == "editor"


def test_the_command_line_lists_and_changes_members_of_an_encrypted_room(tmp_path, relay):
    homes = [tmp_path / name for name in ("a", "b")]
    films = [tmp_path / f"{name}.proedit" for name in ("a", "b")]
    assert cli(homes[0], "new", films[0], "--size", "320x180").returncode == 0
    shared = cli(homes[0], "share", films[0], "--relay", relay.address, "--encrypt", "--expires", "1h", "--json")
    assert shared.returncode == 0, shared.stderr
    made = json.loads(shared.stdout)
    assert made["encrypted"] is True
    joined = json.loads(cli(homes[1], "join", made["link"], films[1], "--json").stdout)
    assert joined["encrypted"] is True and joined["role"] == "editor"
    assert json.loads(cli(homes[0], "sync", films[0], "--json").stdout)["encrypted"] is True
    listed = json.loads(cli(homes[0], "members", films[0], "--json").stdout)
    assert listed["room"] == made["room"] and {m["role"] for m in listed["members"]} == {"owner", "editor"}
    assert len(listed["invites"]) == 1 and listed["invites"][0]["expires"] > 0 and not listed["invites"][0]["over"]
    other = next(m for m in listed["members"] if not m["me"])
    changed = cli(homes[0], "members", films[0], "grant", other["key"][:10], "commenter", "--expires", "7d", "--json")
    assert changed.returncode == 0, changed.stderr
    member = next(m for m in json.loads(changed.stdout)["members"] if not m["me"])
    assert member["role"] == "commenter" and member["expires"] > 0
    assert json.loads(changed.stdout)["invites"] == [], "the link went with it"
    refused = cli(homes[1], "members", films[1], "revoke", other["key"][:10])
    assert refused.returncode == 1 and "Only owners" in refused.stderr and "Traceback" not in refused.stderr
    removed = cli(homes[0], "members", films[0], "revoke", other["key"][:10])
    assert removed.returncode == 0 and "removed" in removed.stdout and "encrypted" in removed.stdout
    gone = cli(homes[1], "sync", films[1])
    assert gone.returncode == 1 and "not a member" in gone.stderr
    for words in (["grant", "x"], ["revoke"], ["grant", "x", "king"], ["revoke", "x", "--expires", "1d"], ["revoke", "nobody"]):
        wrong = cli(homes[0], "members", films[0], *words)
        assert wrong.returncode == 1 and "Traceback" not in wrong.stderr, words
