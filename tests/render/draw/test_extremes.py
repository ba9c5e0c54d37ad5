"""The ends of every declared range: nothing raises, nothing asks for absurd sizes, the picture keeps its shape."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from editor_core.schema import Crop, Point, Scale
from render.graph.build import build
from render.graph.request import Request
from render.picture import PLANE_FORMATS, PictureFormat
from tests.render.draw.pictures import evaluator
from tests.render.films import Patterns, clip, even, film, footage, ramps, track

far = st.one_of(st.sampled_from([-1e6, -1e5, -0.5, 0.0, 0.5, 31.999, 64.0, 1e6]), st.floats(-1e6, 1e6))
factor = st.one_of(st.sampled_from([0.001, 0.01, 0.999, 1.0, 1.001, 30.0, 1000.0]), st.floats(0.001, 1000))
part = st.sampled_from([0.0, 0.01, 0.3, 0.499])
geometry = st.fixed_dictionaries({}, optional={
    "position": st.builds(Point, far, far),
    "anchor": st.builds(Point, far, far),
    "scale": st.builds(Scale, factor, factor),
    "rotation": st.one_of(st.sampled_from([0.0, 90.0, 360.0, 1e-9, -36000.0, 45.0]), st.floats(-36000, 36000)),
    "crop": st.builds(Crop, part, part, part, part),
    "opacity": st.sampled_from([0.0, 1e-9, 0.5, 1.0]),
    "blend_mode": st.sampled_from(["normal", "multiply", "soft_light"]),
})
look = st.fixed_dictionaries({}, optional={
    "text": st.text(max_size=30),
    "font": st.sampled_from(["Inter", "", "JetBrains Mono", "no such font", "Noto Color Emoji"]),
    "font_size": st.sampled_from([1.0, 7.3, 96.0, 4000.0]),
    "font_weight": st.sampled_from([100, 650, 900]),
    "align": st.sampled_from(["left", "center", "right"]),
    "color": st.sampled_from(["#FFFFFF", "#00000000", "#12345678"]),
    "stroke_width": st.sampled_from([0.0, 0.1, 200.0]),
    "shadow_color": st.sampled_from(["#00000000", "#FF0000", "#00FF0040"]),
    "shadow_blur": st.sampled_from([0.0, 200.0]),
    "shadow_offset": st.builds(Point, st.sampled_from([-1e6, 0.0, 5.0]), st.sampled_from([0.0, 1e6])),
})
sizes = st.sampled_from([(64, 48), (1, 1), (2, 2), (33, 25), (16, 200)])


@settings(max_examples=150, deadline=None)
@given(geometry, look, sizes, st.sampled_from(sorted(PLANE_FORMATS)), st.sampled_from([(64, 48), (1, 4000), (4000, 1), (1, 1)]))
def test_any_valid_clip_can_be_drawn(place: dict[str, Any], style: dict[str, Any], size: Any, layout: str, source: Any) -> None:
    patterns = Patterns(a=even(80), b=ramps)
    view = film(
        track("v1"), track("v2"), track("v3"), track("v4"), footage("a"), footage("b", *source), clip("x", "v1", "a", opacity=0.9),
        clip("y", "v2", "b", **place), clip("t", "v3", kind="title", **place, **style), clip("s", "v4", kind="solid",
        color="#80808080", **place),
    )
    request = Request(*size, PictureFormat(PLANE_FORMATS[layout]))
    machine = evaluator(patterns)
    picture = machine.evaluate(build(view, 0, request)).check()
    assert (picture.width, picture.height) == size and machine.problems == []
    for ask in patterns.asked:
        assert 1 <= ask[2] <= 32000 and 1 <= ask[3] <= 32000 and ask[2] * ask[3] <= 40 * max(size) ** 2 + 100, ask
