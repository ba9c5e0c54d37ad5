"""What the strips say of clips, without painting them."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.desktop.merge.marks import Marking
from editor_core.schema import Clip
from tests.support.copies import Pair, clips, run, titles


@pytest.mark.parametrize("back", [False, True])
def test_a_clip_that_one_removed_and_the_other_changed_is_shown_as_missing_to_both_until_it_is_decided(tmp_path: Path, back: bool) -> None:
    pair = Pair(tmp_path, titles(0, 4))
    try:
        title = clips(pair.film)["t0"].id
        run(pair.film, "clip.lift", clips=[title])
        run(pair.other, "clip.set", clip=title, property="opacity", value=0.5)
        review = pair.review(back)
        assert review.outlook is not None
        marking = Marking(review.outlook)
        assert review.outlook.sides.merged.find(Clip, title) is None, "the winner, for both"
        mark = marking.marks["merged"][title]
        assert mark.kind == "decide" and mark.clip is not None and mark.clip.opacity == 0.5
        review.answer(review.outlook.questions[0].id, "keep")
        marking.look_again(review.preview()[0], review.open())
        mark = marking.marks["merged"][title]
        assert mark.kind != "decide" and mark.clip is None, "it is there"
        review.answer(review.outlook.questions[0].id, "remove")
        marking.look_again(review.preview()[0], review.open())
        assert getattr(marking.marks["merged"].get(title), "kind", "removed") == "removed"
    finally:
        pair.close()
