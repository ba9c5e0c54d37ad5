"""What comes from a plain room does not break a film.

Owns: a small share of `tests.fuzz.plain` in every run. Refuses: sockets.
"""

from __future__ import annotations

from tests.fuzz.plain import play


def test_updates_that_are_damaged_or_made_up_are_refused_or_left_unread_and_the_film_stays_one() -> None:
    assert play(range(1, 6), 150) == []
