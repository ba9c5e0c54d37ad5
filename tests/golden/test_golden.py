"""Pictures against their goldens, and every golden against a planted fault."""

from __future__ import annotations

import pytest

from tests.golden.compare import CASES, FOLDER, difference, draw, node_of, planted, read

every_case = pytest.mark.parametrize("name", CASES)


@every_case
def test_the_picture_is_as_it_was(name: str) -> None:
    case = CASES[name]
    assert difference(draw(node_of(case), case), read(name)) == ""


@every_case
@pytest.mark.parametrize("fault", ["moved", "fainter"])
def test_the_golden_notices_a_small_fault(name: str, fault: str) -> None:
    case = CASES[name]
    assert difference(draw(planted(node_of(case))[fault], case), read(name)) != ""


def test_words_of_each_script_are_noticed_when_a_letter_changes() -> None:
    import msgspec

    from render.graph.node import Generated, Layer

    for name, case in CASES.items():
        node = node_of(case)
        last = node.layers[-1]
        assert isinstance(last, Layer)
        if isinstance(last.content, Generated) and last.content.text:
            shorter = msgspec.structs.replace(last.content, text=last.content.text[:-1])
            wrong = msgspec.structs.replace(node, layers=(*node.layers[:-1], msgspec.structs.replace(last, content=shorter)))
            assert difference(draw(wrong, case), read(name)) != "", name


def test_no_golden_is_left_over() -> None:
    assert {path.stem for path in FOLDER.glob("*.png")} == set(CASES)
