"""A port for a server whose port must be known before it starts, or that starts again where it was.

Owns: choosing among those that no system gives to who asks for any, so that nobody else has it a moment later. Refuses: holding it.
"""

from __future__ import annotations

import contextlib
import random
import socket
from pathlib import Path

_LEAST = 10_240
_ANY = 32_768
"""Linux gives ports from here on, where nobody has changed that."""


def quiet_port() -> int:
    """One on which nobody listens."""
    told = Path("/proc/sys/net/ipv4/ip_local_port_range")
    below = int(told.read_text().split()[0]) if told.exists() else _ANY
    while True:
        port = random.SystemRandom().randrange(_LEAST, max(below, _LEAST + 1000))
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
