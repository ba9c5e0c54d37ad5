"""Hostile frames of every kind get nowhere; and where a check is left out on purpose, that is noticed.

The long run is `dev.py fuzz hostile`.
"""

from __future__ import annotations

import logging

import pytest

from app.services.collab import participant as peers
from app.services.relay import rooms
from editor_core.sync import envelope, members
from editor_core.sync.members import Members
from tests.fuzz import hostile
from tests.fuzz.hostile import Got, against_peer, against_relay, against_rules
from tests.support.relays import RunningRelay


@pytest.fixture(autouse=True)
def quiet():
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("seed", [11, 12])
def test_no_hostile_frame_gets_past_the_rules_of_a_room_or_into_a_film(seed):
    rules, peer = against_rules(seed, 250), against_peer(seed, 250)
    assert len(rules) >= 20 and len(peer) >= 20, "of every kind"


def test_a_relay_cuts_off_every_offender_within_a_second_and_serves_the_others(tmp_path):
    with RunningRelay(tmp_path) as relay:
        told, beside, slowest = against_relay(relay.address, 21, 150, at_once=3)
        assert sum(told.values()) == 150 and slowest < hostile.WITHIN and len(beside.late) >= 4
        assert relay.page("/health") == "ok\n"


def no_check(*given, **named):
    """A check that was left out."""


FAULTS = {
    "signatures are not checked": (envelope, "verify", no_check),
    "roles are not checked": (Members, "reason_against", lambda *given: ""),
    "statements are not judged": (Members, "_entitled", no_check),
    "headers are not bounded": (envelope, "_check", no_check),
    "content is not bound to its header": (envelope, "hash_of", lambda payload: bytes(32)),
}


@pytest.mark.parametrize("name", list(FAULTS))
def test_a_check_that_is_left_out_is_noticed(name, monkeypatch):
    owner, attribute, instead = FAULTS[name]
    monkeypatch.setattr(owner, attribute, instead)
    if attribute == "verify":
        monkeypatch.setattr(members, "verify", instead)
    with pytest.raises(Got, match="seed"):
        for seed in (11, 12, 13):
            against_rules(seed, 250)
    with pytest.raises(Got, match="seed"):
        for seed in (11, 12, 13):
            against_peer(seed, 250)


def test_sequences_and_sessions_that_a_relay_does_not_check_are_noticed(monkeypatch):
    monkeypatch.setattr(rooms.Bases, "follows", lambda *given: True)
    with pytest.raises(Got):
        against_rules(11, 250)


def test_content_that_a_peer_does_not_check_is_noticed(monkeypatch):
    monkeypatch.setattr(peers, "look_into", lambda found, keys: peers.Looked(found, found.payload, []))
    with pytest.raises(Got):
        against_peer(11, 250)
