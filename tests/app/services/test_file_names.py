"""File names from names of films."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.services.file_names import MOST_BYTES, file_name


@pytest.mark.parametrize(("name", "made"), [
    ("Harbour film", "Harbour film"), ("Take 2/3: <final>?", "Take 2-3- -final--"), ("two\nlines\tand more", "two lines and more"),
    ("..", "Film"), (" .hidden. ", "hidden"), ("", "Film"), ("夜の港 😀", "夜の港 😀"), ("שלום", "שלום")])
def test_a_films_name_becomes_one_that_every_disk_takes(name: str, made: str) -> None:
    assert file_name(name) == made


def test_a_long_name_is_cut_between_characters_and_can_be_written(tmp_path: Path) -> None:
    made = file_name("港" * 300)
    assert len(made.encode()) <= MOST_BYTES and set(made) == {"港"}
    (tmp_path / f"{made}, 12.part.mp4").write_bytes(b"")
