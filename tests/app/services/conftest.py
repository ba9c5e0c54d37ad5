"""Copies of a film for the tests of this folder.

Owns: making the fixture known. Refuses: anything else.
"""

from __future__ import annotations

from tests.support.copies import pairs

__all__ = ["pairs"]
