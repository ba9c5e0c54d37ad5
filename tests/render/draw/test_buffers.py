"""Memory used again, never while anybody holds it."""

from __future__ import annotations

import numpy as np

from render.draw.buffers import Buffers
from render.picture import YUV420P10, PictureFormat


def test_an_array_that_is_held_is_not_handed_out_again() -> None:
    pool = Buffers()
    one, two = pool.take((4, 5), np.uint8), pool.take((4, 5), np.uint8)
    assert not np.shares_memory(one, two)
    part = one[1:2]
    del one
    assert not np.shares_memory(part, pool.take((4, 5), np.uint8))


def test_an_array_that_nobody_holds_is_used_again() -> None:
    pool = Buffers()
    one = pool.take((40, 50), np.uint8)
    place = one.ctypes.data
    del one
    assert pool.take((50, 40), np.uint8).ctypes.data == place


def test_no_more_than_the_budget_is_kept() -> None:
    pool = Buffers(budget=1000)
    held = [pool.take((600,), np.uint8) for _ in range(3)]
    assert pool._bytes <= 1000 and len({a.ctypes.data for a in held}) == 3
    del held
    big = pool.take((900,), np.uint8)
    assert pool._bytes == 900 and big.nbytes == 900


def test_the_planes_of_a_picture_lie_in_one_piece() -> None:
    picture = Buffers().planes(PictureFormat(YUV420P10), 10, 6).check()
    assert picture.u.ctypes.data == picture.y.ctypes.data + picture.y.nbytes
    assert picture.v.ctypes.data == picture.u.ctypes.data + picture.u.nbytes
