"""The outside reference: random projects are the same in npm's Yjs.

Owns: a small share of `tests.fuzz.yjs` in every run. Refuses: sockets.
"""

from __future__ import annotations

import pytest

from tests.fuzz.yjs import play
from tests.support.yjs import Yjs, why_no_yjs


def test_fifty_random_projects_of_several_people_are_the_same_in_yjs() -> None:
    if reason := why_no_yjs():
        pytest.skip(reason)
    with Yjs() as yjs:
        assert play(yjs, range(1, 51), edits=20) == []
