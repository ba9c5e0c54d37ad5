"""The exception tree of `app`.

Owns: the root and what more than one service raises. Refuses: errors of one service, which stand beside it.
"""

from __future__ import annotations


class AppError(Exception):
    """The root of what `app` raises; the message is for people: it names the thing and the remedy."""
