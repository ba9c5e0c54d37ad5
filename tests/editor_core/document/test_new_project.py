"""The records of a new project."""

import pytest

from editor_core.document.new_project import new_records
from editor_core.schema import SchemaError


@pytest.mark.parametrize(("shape", "says"), [
    ({"width": 0}, "width: 0 is not 16 to 16384"),
    ({"height": 99999}, "height: 99999 is not 16 to 16384"),
    ({"width": 1921}, "width: 1921 is odd"),
    ({"audio_rate": 5}, "audio_rate: 5 is not 8000 to 192000"),
])
def test_a_shape_out_of_range_is_refused_in_words(shape, says):
    with pytest.raises(SchemaError, match=says):
        new_records(**shape)
