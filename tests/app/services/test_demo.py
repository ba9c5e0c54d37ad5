"""Where the sample film comes from when it is asked for again."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.services.demo import make_demo
from app.services.errors import AppError
from app.services.sample import FOOTAGE, NAME, lay_out_footage


def never(*_: object) -> object:
    raise AssertionError("the film is there and is not to be made again")


def test_a_sample_film_that_is_there_stays_as_it_was_left_and_gets_lost_footage_back(tmp_path: Path) -> None:
    lay_out_footage(tmp_path)
    film = tmp_path / NAME
    film.write_bytes(b"as somebody left it")
    whole = (tmp_path / "media" / FOOTAGE[0]).read_bytes()
    (tmp_path / "media" / FOOTAGE[0]).unlink()
    assert make_demo(tmp_path, never, never) == film  # type: ignore[arg-type]
    assert film.read_bytes() == b"as somebody left it"
    assert (tmp_path / "media" / FOOTAGE[0]).read_bytes() == whole


def test_a_folder_that_cannot_be_written_is_named_with_another_way(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, not a folder")
    with pytest.raises(AppError, match=r"cannot be made in .*taken.*--dir"):
        make_demo(tmp_path / "taken", never, never)  # type: ignore[arg-type]
