"""Where others are: small, bounded, and nobody else's."""

from __future__ import annotations

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from editor_core.schema import new_id
from editor_core.sync.envelope import SIGNATURE, public
from editor_core.sync.presence import (
    DOINGS,
    MAX_FAST,
    PLAYING,
    Fast,
    Ghost,
    PresenceRefused,
    Slow,
    hear_fast,
    hear_slow,
    say_fast,
    say_slow,
)

ROOM, SESSION = bytes(range(32)), 2**52 + 1
DEVICE, VOICE = (Ed25519PrivateKey.generate() for _ in range(2))
HOUR = 3600 * 705_600_000


def dragging(ghosts: int, selected: int) -> Fast:
    chosen = tuple(new_id("c") for _ in range(selected))
    return Fast(2**40, PLAYING, 3 * HOUR, 2 * HOUR, 4 * HOUR, 2, 3 * HOUR, new_id("k"), selected, chosen, ghosts,
                tuple(Ghost(new_id("c"), new_id("k"), 3 * HOUR, HOUR) for _ in range(ghosts)))


def test_what_is_said_is_heard() -> None:
    said = Fast(7, PLAYING, 100, 0, 1000, DOINGS.index("moving"), 5, "k1", 1, ("c1",), 1, (Ghost("c1", "k2", 40, 10),))
    heard = hear_fast(say_fast(said, VOICE, ROOM, SESSION), public(VOICE), ROOM, SESSION)
    assert heard == said
    assert heard.playing
    assert heard.verb == "moving"
    on_picture = Fast(8, playhead=100, doing=DOINGS.index("scaling"), spot=(10_000, 0))
    assert hear_fast(say_fast(on_picture, VOICE, ROOM, SESSION), public(VOICE), ROOM, SESSION) == on_picture
    introduced = Slow(3, b"", public(VOICE), "Ana", "timeline", bytes(16), bytes(16), 4, True)
    slow = hear_slow(say_slow(introduced, DEVICE, ROOM, SESSION), ROOM, SESSION)
    assert (slow.key, slow.name, slow.waiting, slow.held) == (public(DEVICE), "Ana", 4, True)


@pytest.mark.parametrize("ghosts", [0, 1, 2, 50])
@pytest.mark.parametrize("selected", [0, 1, 500])
def test_it_is_never_longer_than_150_bytes_and_still_shows_what_is_dragged(ghosts: int, selected: int) -> None:
    raw = say_fast(dragging(ghosts, selected), VOICE, ROOM, SESSION)
    assert len(raw) <= MAX_FAST + SIGNATURE
    heard = hear_fast(raw, public(VOICE), ROOM, SESSION)
    assert bool(heard.ghosts) == bool(ghosts)
    assert (heard.dragged, heard.selected) == (ghosts, selected)


def test_a_pointer_on_the_picture_costs_few_bytes_and_none_where_there_is_none() -> None:
    still = Fast(2**20, PLAYING, 3 * HOUR, 2 * HOUR, 4 * HOUR)
    pointing = msgspec.structs.replace(still, spot=(9_999, 9_999))
    lengths = [len(say_fast(one, VOICE, ROOM, SESSION)) - SIGNATURE for one in (still, pointing)]
    assert lengths[0] <= 35 and lengths[1] <= 50
    with_spot = msgspec.structs.replace(dragging(50, 500), spot=(9_999, 9_999))
    raw = say_fast(with_spot, VOICE, ROOM, SESSION)
    assert len(raw) <= MAX_FAST + SIGNATURE and hear_fast(raw, public(VOICE), ROOM, SESSION).spot == (9_999, 9_999)


def test_nobody_speaks_for_another_session_room_or_device() -> None:
    raw = say_fast(dragging(1, 1), VOICE, ROOM, SESSION)
    for voice, room, session in ((public(DEVICE), ROOM, SESSION), (public(VOICE), bytes(32), SESSION), (public(VOICE), ROOM, SESSION + 1)):
        with pytest.raises(PresenceRefused, match="signature"):
            hear_fast(raw, voice, room, session)
    slow = say_slow(Slow(1, b"", public(VOICE), "Ana"), DEVICE, ROOM, SESSION)
    with pytest.raises(PresenceRefused, match="signature"):
        hear_slow(slow, ROOM, SESSION + 1)


def test_damaged_and_impossible_ones_are_refused_without_a_crash() -> None:
    raw = say_fast(dragging(1, 2), VOICE, ROOM, SESSION)
    for place in range(len(raw)):
        for bit in (1, 128):
            broken = raw[:place] + bytes([raw[place] ^ bit]) + raw[place + 1:]
            with pytest.raises(PresenceRefused):
                hear_fast(broken, public(VOICE), ROOM, SESSION)
    for bad in (Fast(1, playhead=-1), Fast(1, doing=len(DOINGS)), Fast(1, row="k" * 25), Fast(-1), Fast(1, selection=("x" * 25,)),
                Fast(1, spot=(1,)), Fast(1, spot=(1, 10_001)), Fast(1, spot=(-1, 1))):
        with pytest.raises(PresenceRefused):
            hear_fast(say_fast(bad, VOICE, ROOM, SESSION), public(VOICE), ROOM, SESSION)
    for content in (b"", b"\x00" * 70, msgspec.msgpack.encode([1] * 40) + bytes(64), bytes(5000)):
        with pytest.raises(PresenceRefused):
            hear_fast(content, public(VOICE), ROOM, SESSION)
        with pytest.raises(PresenceRefused):
            hear_slow(content, ROOM, SESSION)
