"""What goes wrong in an export, in words for the person who asked for it.

Owns: the exception tree of `render.export`. Refuses: tracebacks as messages; every text names the thing and the remedy.
"""

from __future__ import annotations


class ExportError(Exception):
    """The root of what `render.export` raises; the message is for people."""


class SettingError(ExportError):
    """A setting that the preset does not have, or a value outside its range; names setting, value and range."""


class PresetError(ExportError):
    """A preset that does not exist, or a file name that does not go with it."""


class NothingToExport(ExportError):
    """The range asked for holds no frame or no sound."""


class OfflineMedia(ExportError):
    """Media that the range needs cannot be read on this machine; `assets` are the ids concerned."""

    def __init__(self, message: str, assets: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.assets = assets


class TargetError(ExportError):
    """The file or folder to be written cannot be: missing, read-only, a folder, a source of the film, or in use."""


class OutOfSpace(ExportError):
    """The disk is full. Finished stretches are kept, so that the export goes on from there once there is room."""


class StretchFailed(ExportError):
    """A stretch of the film could not be made, also not at the last try; names its timecode. `reason` is what the last try said."""

    def __init__(self, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason


class Cancelled(ExportError):
    """The person stopped the export."""


class VerifyError(ExportError):
    """The exported file could not be examined at all: not there, or not the kind of file that was expected."""
