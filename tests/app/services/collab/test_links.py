"""What links and spans of time say."""

import pytest

from app.services.collab.links import lasting
from app.services.errors import AppError


def test_a_span_of_no_length_is_not_taken_for_no_end():
    assert lasting("never") == 0 and lasting("12h") == 12 * 3600
    for nothing in ("0s", "0d", "0.0m", "0ms"):
        with pytest.raises(AppError, match="over at once"):
            lasting(nothing)
