"""The note in a PNG."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from render.export import png_note
from render.media.encode import write_png
from tests.support.footage import run_ffmpeg


def test_a_note_is_read_back_and_the_picture_stays_the_same(tmp_path: Path) -> None:
    picture = np.random.default_rng(5).integers(0, 255, (40, 60, 3), dtype=np.uint8)
    path = tmp_path / "a.png"
    write_png(picture, path)
    assert png_note.read(path) == ""
    png_note.add(path, "ProEditor export {}")
    assert png_note.read(path) == "ProEditor export {}"
    raw = run_ffmpeg("-xerror", "-i", path, "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1")
    assert np.array_equal(np.frombuffer(raw, np.uint8).reshape(40, 60, 3), picture)


def test_what_is_no_png_has_no_note_and_gets_none(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"not a picture, but long enough")
    assert png_note.read(path) == ""
    with pytest.raises(ValueError, match="does not end as a PNG"):
        png_note.add(path, "note")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\xff" * 50)
    assert png_note.read(path) == ""
