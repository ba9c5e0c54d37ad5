"""Any position, scale, turn, anchor, crop and opacity against a slow reference that follows the record's own words."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from editor_core.schema import Crop, Point, Scale
from render.graph.request import Request
from render.picture import YUV420P, YUV422P10, YUV444P, PictureFormat
from tests.render.draw.pictures import drawn
from tests.render.films import Patterns, clip, even, film, footage, ramps, track

WIDTH, HEIGHT = 96, 64
BELOW = (50.0, 110.0, 140.0)


def expected(xs: Any, ys: Any, fields: dict[str, Any], scale: float, index: int) -> tuple[Any, Any, Any]:
    """Sample values at frame places, and where the picture is surely seen or surely not (two and a half pixels from its edges)."""
    x, y = xs / scale - fields["position"].x, ys / scale - fields["position"].y
    turn = math.radians(fields["rotation"])
    across, down = x * math.cos(turn) + y * math.sin(turn), -x * math.sin(turn) + y * math.cos(turn)
    width, height = WIDTH * fields["scale"].x, HEIGHT * fields["scale"].y
    u, v = across / width + fields["anchor"].x, down / height + fields["anchor"].y
    crop, edge_x, edge_y = fields["crop"], 2.5 / (width * scale), 2.5 / (height * scale)
    left, right = round(crop.left * WIDTH / 2) * 2 / WIDTH, round((1 - crop.right) * WIDTH / 2) * 2 / WIDTH
    top, bottom = round(crop.top * HEIGHT / 2) * 2 / HEIGHT, round((1 - crop.bottom) * HEIGHT / 2) * 2 / HEIGHT
    inside = (u > left + edge_x) & (u < right - edge_x) & (v > top + edge_y) & (v < bottom - edge_y)
    outside = (u < left - edge_x) | (u > right + edge_x) | (v < top - edge_y) | (v > bottom + edge_y)
    value = np.broadcast_to(ramps(u, v, 0)[index], inside.shape)
    return value * fields["opacity"] + BELOW[index] * (1 - fields["opacity"]), inside, outside


PLAIN = {"position": Point(0.0, 0.0), "anchor": Point(0.5, 0.5), "scale": Scale(1.0, 1.0), "rotation": 0.0, "crop": Crop(), "opacity": 1.0}
share = st.floats(0, 0.45)
placements = st.fixed_dictionaries({
    "position": st.builds(Point, st.floats(-40, 140), st.floats(-40, 110)),
    "anchor": st.builds(Point, st.floats(-0.5, 1.5), st.floats(-0.5, 1.5)),
    "scale": st.builds(Scale, st.floats(0.2, 3.0), st.floats(0.2, 3.0)),
    "rotation": st.one_of(st.just(0.0), st.floats(-400, 400), st.sampled_from([90.0, 180.0, 270.0])),
    "crop": st.one_of(st.just(Crop()), st.builds(Crop, share, share, share, share)),
    "opacity": st.one_of(st.just(1.0), st.floats(0.05, 1.0)),
})


@settings(max_examples=120, deadline=None)
@example({**PLAIN, "anchor": Point(0.0, 0.5), "scale": Scale(3.0, 0.5), "rotation": 90.0}, 0.5, YUV420P)  # the frame's edge cuts it
@example({**PLAIN, "position": Point(0.0, 1.0), "anchor": Point(1.0, -0.125), "scale": Scale(1.0, 2.0625), "rotation": 220.0,
          "opacity": 0.9673420039361711}, 0.5, YUV420P)
@given(placements, st.sampled_from([1.0, 0.5]), st.sampled_from([YUV420P, YUV444P, YUV422P10]))
def test_every_sample_is_where_the_record_says(fields: dict[str, Any], scale: float, layout: Any) -> None:
    view = film(track("v1"), track("v2"), footage("a", WIDTH, HEIGHT), footage("b", WIDTH, HEIGHT), clip("x", "v1", "a"),
                clip("y", "v2", "b", **fields), width=WIDTH, height=HEIGHT)
    request = Request(int(WIDTH * scale), int(HEIGHT * scale), PictureFormat(layout))
    picture = drawn(view, Patterns(a=even(*BELOW), b=ramps), request=request)
    step_x, step_y, unit = 1 << layout.chroma_w, 1 << layout.chroma_h, 1 << (layout.depth - 8)
    for index, plane in enumerate((picture.y, picture.u, picture.v)):
        across, down = (1, 1) if index == 0 else (step_x, step_y)
        xs = (np.arange(plane.shape[1]) * across + 0.5)[None, :]
        ys = (np.arange(plane.shape[0]) * down + down / 2)[:, None]
        value, inside, outside = expected(xs, ys, fields, scale, index)
        # A ramp that is squeezed to few pixels is steep: allow a twentieth of a pixel of it besides rounding.
        steep = 200 / (min(fields["scale"].x * WIDTH, fields["scale"].y * HEIGHT) * scale) * 0.05
        # Where 8 bits are mixed, four things are rounded by up to a half: both products, the sampling, the source; and the opacity.
        rounding = 2.2 if unit == 1 and fields["opacity"] < 1 else 1.6
        off = np.abs(plane / unit - value)
        assert off[inside].max(initial=0) <= rounding + steep, (index, float(off[inside].max()))
        assert np.abs(plane / unit - BELOW[index])[outside].max(initial=0) <= 0.01
