"""What tests of working together have in common: a relay for each module, and three people who have made nothing yet.

Owns: making the fixtures known. Refuses: anything else.
"""

from __future__ import annotations

import pytest

from tests.support.relays import relay
from tests.support.sharing import Person

__all__ = ["people", "relay"]


@pytest.fixture
def people(tmp_path):
    return [Person(tmp_path, name) for name in ("ann", "bo", "cy")]
