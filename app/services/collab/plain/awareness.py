"""Where everyone is in a plain room: ProEditor's presence in Yjs awareness (SPEC 7.4).

Owns: the one field of a client's state that ProEditor writes and reads. Refuses: everything else in it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Container

from editor_core.sync.messages import Present
from editor_core.sync.yprotocol import Aware

RENEW = 15.0
"""Seconds after which a client says again where it is; Yjs forgets who is silent for 30 s."""
_OURS = "proeditor"


def said_here(session: int, clock: int, shown: bytes, introduced: bytes) -> Aware:
    """What a session lets others see: where it is, and who."""
    said = {"at": base64.b64encode(shown).decode(), "is": base64.b64encode(introduced).decode()}
    return Aware(((session, clock, json.dumps({_OURS: said})),))


def heard(said: Aware, known: Container[int]) -> Present:
    """What others let see; of those who left only who was `known`."""
    states: dict[int, bytes] = {}
    slow: dict[int, bytes] = {}
    for client, _, text in said.clients:
        found = json.loads(text)
        if found is None:
            states[client] = b""
        elif isinstance(found, dict) and isinstance(found.get(_OURS), dict):
            states[client], introduced = (_bytes(found[_OURS].get(name)) for name in ("at", "is"))
            if introduced:
                slow[client] = introduced
    return Present({client: state for client, state in states.items() if state or client in known}, slow)


def _bytes(text: object) -> bytes:
    try:
        return base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except ValueError:
        return b""
