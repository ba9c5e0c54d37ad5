"""The window for the tests of this folder.

Owns: making the fixtures known. Refuses: anything else.
"""

from __future__ import annotations

from tests.app.desktop.desk import desk, film
from tests.support.relays import relay

__all__ = ["desk", "film", "relay"]
