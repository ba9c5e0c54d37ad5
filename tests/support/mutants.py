"""Damaged copies of files, deterministic by number.

Owns: the damage. Refuses: judging what a reader makes of it.
"""

from __future__ import annotations

import random


def mutant(whole: bytes, number: int) -> bytes:
    """Damage `number` of a file: cut short, bits flipped (anywhere or in the header), stretches zeroed, doubled or swapped."""
    chance = random.Random(number)
    size = len(whole)
    kind = number % 6
    if kind == 0:
        return whole[: max(1, size * (1 + number // 6 % 99) // 100)]
    made = bytearray(whole)
    if kind in (1, 2):
        reach = size if kind == 1 else min(size, 4096)
        for _ in range(chance.choice((1, 4, 30, 200))):
            made[chance.randrange(reach)] ^= 1 << chance.randrange(8)
    elif kind == 3:
        begin, length = chance.randrange(size), chance.randrange(1, 5000)
        made[begin : begin + length] = bytes(len(made[begin : begin + length]))
    elif kind == 4:
        begin, length, to = chance.randrange(size), chance.randrange(1, 3000), chance.randrange(size)
        made[to:to] = made[begin : begin + length]
    else:
        tail = size - min(size, 8192)
        for _ in range(chance.choice((1, 5, 40))):
            made[chance.randrange(tail, size)] = chance.randrange(256)
    return bytes(made)
