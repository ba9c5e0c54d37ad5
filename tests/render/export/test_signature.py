"""Signatures of frames and what is told from them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from render.export.signature import (
    CELLS,
    Finding,
    Signatures,
    black_stretches,
    frozen_stretches,
    misplaced_frames,
    psnr,
    signature,
    worst_cell,
)
from render.picture import YUV422P10, PictureFormat, Planes, blank

REACH = 6


def moving(frames: int, seed: int = 1) -> Signatures:
    """Signatures of a picture that moves a little from frame to frame."""
    dice = np.random.default_rng(seed)
    return (100 + 5 * dice.standard_normal((frames, CELLS))).astype(np.float32)


def coded(film: Signatures) -> Signatures:
    """The same after an encoder."""
    return film + np.random.default_rng(9).normal(0, 0.2, film.shape).astype(np.float32)


def test_a_signature_is_the_mean_of_areas_in_eight_bit_levels() -> None:
    for fmt in (PictureFormat(), PictureFormat(YUV422P10)):
        picture = blank(fmt, 322, 182)
        scale = 1 << (fmt.planes.depth - 8)
        picture.y[:] = 60 * scale
        picture.y[:, 161:] = 100 * scale
        made = signature(picture)
        assert made.shape == (CELLS,)
        luma = made[:32 * 18].reshape(18, 32)
        assert np.allclose(luma[:, :15], 60, atol=0.1) and np.allclose(luma[:, 17:], 100, atol=0.1)
        assert np.allclose(made[32 * 18:], 128, atol=0.1)


@given(st.sampled_from([(1920, 1080), (320, 180), (64, 48), (16, 16), (1080, 1920), (999, 777)]))
def test_a_signature_of_any_size_keeps_an_even_picture(size: tuple[int, int]) -> None:
    width, height = size
    planes = blank(PictureFormat(), width, height)
    planes.y[:] = 77
    made = signature(planes)
    assert np.allclose(made[:32 * 18], 77, atol=0.01)


def test_the_same_film_has_no_findings() -> None:
    wanted = moving(60)
    film = coded(wanted)[REACH:-REACH]
    assert misplaced_frames(film, wanted, REACH, len(film), 1.8) == []
    assert black_stretches(film, wanted[REACH:-REACH]) == [] and frozen_stretches(film, wanted[REACH:-REACH]) == []
    assert worst_cell(film, wanted[REACH:-REACH]).measured < 1.5


@given(st.integers(8, 50))
def test_a_frame_left_out_shows_as_all_later_frames_misplaced(at: int) -> None:
    wanted = moving(72)
    film = coded(np.delete(wanted, REACH + at, axis=0))[REACH:REACH + 59]
    found = misplaced_frames(film, wanted, REACH, len(film), 1.8)
    assert found == [Finding(at, 59 - at, 1.0)]


@given(st.integers(0, 50))
def test_two_frames_in_the_wrong_order_are_found(at: int) -> None:
    wanted = moving(72)
    film = coded(wanted[REACH:-REACH])
    film[[at, at + 1]] = film[[at + 1, at]]
    found = misplaced_frames(film, wanted, REACH, len(film), 1.8)
    assert sum(run.count for run in found) == 2 and found[0].first == at


def test_black_and_frozen_stretches_are_found_with_their_length() -> None:
    wanted = moving(60)
    film = coded(wanted)
    film[20:25, :32 * 18] = 16
    film[40:47] = film[40]
    assert [(run.first, run.count) for run in black_stretches(film, wanted)] == [(20, 5)]
    assert [(run.first, run.count) for run in frozen_stretches(film, wanted)][-1] == (40, 7)


def test_fidelity_is_in_decibels_and_bounded() -> None:
    one = blank(PictureFormat(), 64, 48)
    other = Planes((one.y + np.uint8(5)), one.u, one.v, one.format)
    assert psnr(one, one) == 99.0
    assert abs(psnr(one, other) - 20 * np.log10(255 / 5)) < 0.01
