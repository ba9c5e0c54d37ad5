"""Whatever goes wrong below becomes a sentence that names the file and what to do."""

from __future__ import annotations

import errno
from pathlib import Path

import av.error
import pytest

from render.media.errors import (
    DiskFull,
    EncodeError,
    MediaDenied,
    MediaError,
    MediaMissing,
    MediaRefused,
    MediaUnreadable,
    reading,
    writing,
)

PATH = Path("/home/someone/films/take 3.mov")


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (FileNotFoundError(errno.ENOENT, "x"), MediaMissing, "relink"),
        (PermissionError(errno.EACCES, "x"), MediaDenied, "permissions"),
        (IsADirectoryError(errno.EISDIR, "x"), MediaUnreadable, "folder"),
        (av.error.InvalidDataError(1, "Invalid data"), MediaUnreadable, "not a media file"),
        (av.error.DecoderNotFoundError(1, "x"), MediaUnreadable, "Convert it"),
        (av.error.EOFError(1, "End of file"), MediaUnreadable, "no frames"),
        (av.error.ExitError(1, "x"), MediaRefused, "too long"),
        (MemoryError(), MediaRefused, "memory"),
        (IndexError("list index out of range"), MediaUnreadable, "could not be read (list index out of range)"),
        (MediaMissing("take 3.mov is elsewhere."), MediaMissing, "elsewhere"),
    ],
)
def test_reading(error, kind, words):
    told = reading(error, PATH)
    assert type(told) is kind and words in str(told) and "take 3.mov" in str(told) and "/home" not in str(told)


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), DiskFull, "Free some space"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), DiskFull, "Free some space"),
        (OSError(errno.EROFS, "Read-only file system"), EncodeError, "Choose a folder"),
        (PermissionError(errno.EACCES, "Permission denied"), EncodeError, "Choose a folder"),
        (FileNotFoundError(errno.ENOENT, "x"), EncodeError, "does not exist"),
        (OSError(errno.EIO, "Input/output error"), EncodeError, "Input/output error"),
        (ValueError("width not divisible by 2"), EncodeError, "width not divisible by 2"),
    ],
)
def test_writing(error, kind, words):
    told = writing(error, PATH)
    assert type(told) is kind and words in str(told) and "take 3.mov" in str(told) and "/home" not in str(told)
    assert isinstance(told, MediaError)
