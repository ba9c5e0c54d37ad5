"""A file that travels in pieces arrives whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.pieces import PIECE, Arrival, FileChanged, PieceList, WrongList, WrongPiece, decode, encode, list_of, read_piece


def written(folder: Path, size: int, seed: int = 1) -> Path:
    path = folder / f"film-{size}-{seed}.mov"
    block = bytes((seed + at * 7) % 251 for at in range(4099))
    path.write_bytes((block * (size // len(block) + 1))[:size])
    return path


def test_a_file_arrives_in_any_order_and_over_several_runs(tmp_path: Path) -> None:
    source = written(tmp_path, 3 * PIECE + 1000)
    pieces = list_of(source)
    assert len(pieces.pieces) == 4 and pieces.size == source.stat().st_size
    first = Arrival(tmp_path / "in", pieces)
    for number in (3, 1):
        first.put(number, read_piece(source, pieces, number))
    first.close()
    second = Arrival(tmp_path / "in", pieces)
    assert second.missing == [0, 2] and second.done == PIECE + 1000
    for number in second.missing:
        second.put(number, read_piece(source, pieces, number))
    target = tmp_path / "arrived.mov"
    second.finish(target)
    assert target.read_bytes() == source.read_bytes()
    assert not list((tmp_path / "in").iterdir())


def test_a_wrong_piece_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    source = written(tmp_path, PIECE + 5)
    pieces = list_of(source)
    arrival = Arrival(tmp_path / "in", pieces)
    with pytest.raises(WrongPiece):
        arrival.put(0, bytes(PIECE))
    with pytest.raises(WrongPiece):
        arrival.put(1, read_piece(source, pieces, 1) + b"x")
    with pytest.raises(WrongPiece):
        arrival.put(2, b"")
    assert arrival.missing == [0, 1]
    with pytest.raises(WrongPiece):
        arrival.finish(tmp_path / "never.mov")
    assert not (tmp_path / "never.mov").exists()
    arrival.drop()


def test_a_list_that_lies_about_the_whole_never_becomes_a_file(tmp_path: Path) -> None:
    source = written(tmp_path, 5000)
    honest = list_of(source)
    lying = msgspec.structs.replace(honest, whole=bytes(32))
    arrival = Arrival(tmp_path / "in", lying)
    arrival.put(0, source.read_bytes())
    with pytest.raises(WrongPiece):
        arrival.finish(tmp_path / "never.mov")
    assert not (tmp_path / "never.mov").exists()
    arrival.drop()


def test_what_a_power_cut_left_undone_comes_again(tmp_path: Path) -> None:
    source = written(tmp_path, 2 * PIECE)
    pieces = list_of(source)
    arrival = Arrival(tmp_path / "in", pieces)
    for number in (0, 1):
        arrival.put(number, read_piece(source, pieces, number))
    arrival.close()
    part = next((tmp_path / "in").glob("*.part"))
    with part.open("r+b") as file:
        file.seek(PIECE + 77)
        file.write(b"lost sector")
    again = Arrival(tmp_path / "in", pieces)
    assert again.missing == []
    with pytest.raises(WrongPiece):
        again.finish(tmp_path / "out.mov")
    assert again.missing == [1]
    again.put(1, read_piece(source, pieces, 1))
    again.finish(tmp_path / "out.mov")
    assert (tmp_path / "out.mov").read_bytes() == source.read_bytes()


def test_a_file_that_is_there_is_not_replaced(tmp_path: Path) -> None:
    source = written(tmp_path, 100)
    pieces = list_of(source)
    arrival = Arrival(tmp_path / "in", pieces)
    arrival.put(0, source.read_bytes())
    target = tmp_path / "mine.mov"
    target.write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        arrival.finish(target)
    assert target.read_bytes() == b"mine"
    arrival.drop()


def test_a_list_is_kept_until_the_file_changes(tmp_path: Path) -> None:
    source = written(tmp_path, 9000)
    cache = tmp_path / "lists"
    first = list_of(source, cache)
    kept = next(cache.iterdir())
    kept.write_bytes(encode(msgspec.structs.replace(first, whole=b"k" * 32)))
    assert list_of(source, cache).whole == b"k" * 32, "the kept list is used"
    kept.write_bytes(b"damaged")
    assert list_of(source, cache) == first
    source.write_bytes(b"another")
    os.utime(source, ns=(1, 1))
    assert list_of(source, cache) != first
    with pytest.raises(FileChanged):
        read_piece(source, first, 0)


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_whatever_is_no_list_is_refused(raw: bytes) -> None:
    with pytest.raises(WrongList):
        decode(raw)


@pytest.mark.parametrize("wrong", [
    PieceList(0, bytes(32), ()), PieceList(-5, bytes(32), ()), PieceList(10, bytes(31), (bytes(32),)),
    PieceList(10, bytes(32), (bytes(32), bytes(32))), PieceList(PIECE * 10**9, bytes(32), (bytes(32),)),
])
def test_lists_that_no_file_can_have_are_refused(wrong: PieceList) -> None:
    with pytest.raises(WrongList):
        decode(encode(wrong))


def test_an_empty_file_has_no_list(tmp_path: Path) -> None:
    (tmp_path / "empty.mov").touch()
    with pytest.raises(WrongList):
        list_of(tmp_path / "empty.mov")
