"""What can be wrong with a media file, said for people.

Owns: the exception tree of reading and writing media, and turning libav's and the system's errors into it.
Refuses: tracebacks for users. Every message names the file and, where there is one, the remedy.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

import av.error


class MediaError(Exception):
    """Something about a media file or its encoding; `str()` is one or two plain sentences."""


class MediaMissing(MediaError):
    """The file is not where it was."""


class MediaDenied(MediaError):
    """The file exists but may not be read or written."""


class MediaUnreadable(MediaError):
    """The file is not media, is empty, or is damaged beyond use."""


class MediaRefused(MediaError):
    """Reading the file would pass a limit on size, streams or time."""


class NoPicture(MediaError):
    """The file has no picture, or none that can be decoded."""


class NoSound(MediaError):
    """The file has no such sound stream, or none that can be decoded."""


class EncodeError(MediaError):
    """An output could not be written or its settings do not fit together."""


class DiskFull(EncodeError):
    """No room left where the output is being written."""


LIBAV_ERRORS = (av.error.FFmpegError, OSError, ValueError, ArithmeticError, LookupError, RuntimeError, MemoryError)
"""What PyAV raises on damaged files and failing disks: libav's own errors, and those of Python that its wrapper lets through
(a stream that appears in the middle of a file is an IndexError)."""


def name_of(path: Path | str) -> str:
    """The file's name without folders, as people and records may hold it: bytes that are no text are replaced."""
    return os.fsencode(Path(path).name or str(path)).decode("utf-8", "replace")


def no_frames(path: Path) -> str:
    """What to say of a file whose header is fine and whose content is missing."""
    return f"{name_of(path)} has no frames: it was cut off while recording or copying. Copy it again or recover it in the camera."


def reading(error: BaseException, path: Path) -> MediaError:
    """The MediaError that tells people why `path` could not be read."""
    name = name_of(path)
    if isinstance(error, MediaError):
        return error
    if isinstance(error, FileNotFoundError):
        return MediaMissing(f"{name} is not there any more. Put it back or relink the clip to where it is now.")
    if isinstance(error, PermissionError):
        return MediaDenied(f"{name} may not be read by this user. Change its permissions or copy it elsewhere.")
    if isinstance(error, IsADirectoryError):
        return MediaUnreadable(f"{name} is a folder, not a media file.")
    if isinstance(error, av.error.DecoderNotFoundError):
        return MediaUnreadable(f"{name} uses a codec that this version cannot decode. Convert it to H.264, ProRes or WAV first.")
    if isinstance(error, (av.error.InvalidDataError, av.error.DemuxerNotFoundError)):
        return MediaUnreadable(f"{name} is not a media file that can be read, or its beginning is damaged.")
    if isinstance(error, EOFError):
        return MediaUnreadable(no_frames(path))
    if isinstance(error, (av.error.ExitError, TimeoutError)):
        return MediaRefused(f"{name} took too long to open. Copy it to a local disk and try again.")
    if isinstance(error, MemoryError):
        return MediaRefused(f"{name} asks for more memory than is allowed. It is damaged or far too large.")
    return MediaUnreadable(f"{name} could not be read ({_reason(error)}).")


def writing(error: BaseException, path: Path) -> MediaError:
    """The MediaError that tells people why `path` could not be written."""
    name = name_of(path)
    if isinstance(error, MediaError):
        return error
    number = getattr(error, "errno", None)
    if number in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(f"No room left on the disk while writing {name}. Free some space or choose another folder.")
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return EncodeError(f"{name} may not be written there. Choose a folder that this user may write to.")
    if isinstance(error, FileNotFoundError):
        return EncodeError(f"The folder for {name} does not exist. Make it or choose another.")
    return EncodeError(f"{name} could not be written ({_reason(error)}).")


def _reason(error: BaseException) -> str:
    """libav's own words, which are short, else the type of the error."""
    return str(getattr(error, "strerror", "") or "").strip() or str(error).strip() or type(error).__name__
