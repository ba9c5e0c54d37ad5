"""Errors of replicas.

Owns: the exception tree of `editor_core.sync`. Refuses: messages without a remedy where there is one.
"""

from __future__ import annotations

import msgspec

UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for bytes that are not what was asked for, however they came about."""


class SyncError(Exception):
    """The root of what `editor_core.sync` raises; the message is for people."""


class UpdateRefused(SyncError):
    """Bytes that are not an intact update: too long, wrong checksum, wrong shape. Nothing was applied."""


class ReplicaBroken(SyncError):
    """The replica library failed while it worked; what is stored is unharmed, the project must be opened again."""
