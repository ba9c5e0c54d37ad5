"""What the graph says of a frame: which layers, where, how opaque, at which source time."""

from __future__ import annotations

import msgspec
import pytest

from editor_core.document.view import Snapshot
from editor_core.schema import Crop, Point, Scale
from editor_core.timing import Rate, TimeRange
from render.graph.build import build, covers
from render.graph.node import Frame, Generated, Layer, Mix, Slate, Source
from render.graph.request import Request, at_scale
from render.picture import PictureFormat
from tests.render.films import FRAME, clip, dissolve, film, footage, track

FULL = Request(64, 48, PictureFormat())


def frame(view: Snapshot, number: int, request: Request = FULL) -> Frame:
    return build(view, number * FRAME, request)


def only(node: Frame) -> Layer:
    assert len(node.layers) == 1
    layer = node.layers[0]
    assert isinstance(layer, Layer)
    return layer


def source(layer: Layer | Mix | None) -> Source:
    assert isinstance(layer, Layer) and isinstance(layer.content, Source)
    return layer.content


def test_a_gap_is_an_empty_frame() -> None:
    assert frame(film(track("v1")), 3).layers == ()


def test_a_clip_shows_its_source_start_plus_the_time_since_it_began() -> None:
    view = film(track("v1"), footage("a"), clip("c", "v1", "a", start=10, length=20, source=100))
    assert source(only(frame(view, 10))).ticks == 100 * FRAME
    assert source(only(frame(view, 29))).ticks == 119 * FRAME
    assert frame(view, 9).layers == frame(view, 30).layers == ()


def test_a_time_inside_a_frame_is_that_frame() -> None:
    view = film(track("v1"), footage("a"), clip("c", "v1", "a"))
    assert build(view, 7 * FRAME + FRAME - 1, FULL) == frame(view, 7)


def test_a_source_start_between_frames_is_kept_exactly() -> None:
    moved = msgspec.structs.replace(clip("c", "v1", "a"), source_range=TimeRange(12345, 99))
    assert source(only(frame(film(track("v1"), footage("a"), moved), 0))).ticks == 12345


def test_a_still_is_always_its_first_picture() -> None:
    view = film(track("v1"), footage("a", still=True, duration=0), clip("c", "v1", "a"))
    assert source(only(frame(view, 50))).ticks == 0


def test_the_same_question_gets_an_equal_answer() -> None:
    view = film(track("v1"), footage("a"), clip("c", "v1", "a"), track("v2"), clip("t", "v2", kind="title", text="x"))
    assert frame(view, 5) == frame(view, 5)


def test_higher_tracks_lie_over_lower_ones() -> None:
    view = film(track("v2"), track("v1"), footage("a"), footage("b"), clip("ca", "v1", "a"), clip("cb", "v2", "b", opacity=0.5))
    assert [source(layer).asset for layer in frame(view, 0).layers] == ["a", "b"]


def test_a_full_opaque_layer_hides_everything_below() -> None:
    view = film(track("v1"), track("v2"), footage("a"), footage("b"), clip("ca", "v1", "a"), clip("cb", "v2", "b"))
    assert source(only(frame(view, 0))).asset == "b"


@pytest.mark.parametrize(
    "fields",
    [
        {"opacity": 0.99},
        {"scale": Scale(0.99, 0.99)},
        {"position": Point(31, 24)},
        {"rotation": 1.0},
        {"crop": Crop(0.1, 0, 0, 0)},
        {"blend_mode": "multiply"},
        {"fade_in": 10 * FRAME},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_a_layer_that_lets_something_through_hides_nothing(fields: dict[str, object]) -> None:
    view = film(track("v1"), track("v2"), footage("a"), footage("b"), clip("ca", "v1", "a"), clip("cb", "v2", "b", **fields))
    assert len(frame(view, 0).layers) == 2


def test_footage_with_alpha_hides_nothing() -> None:
    view = film(track("v1"), track("v2"), footage("a"), footage("b", alpha=True), clip("ca", "v1", "a"), clip("cb", "v2", "b"))
    assert len(frame(view, 0).layers) == 2


def test_a_solid_hides_what_is_below_unless_its_colour_is_translucent() -> None:
    below = (track("v1"), track("v2"), footage("a"), clip("ca", "v1", "a"))
    assert len(frame(film(*below, clip("s", "v2", kind="solid", color="#102030")), 0).layers) == 1
    assert len(frame(film(*below, clip("s", "v2", kind="solid", color="#10203080")), 0).layers) == 2


def test_a_dissolve_of_two_covering_clips_hides_what_is_below() -> None:
    view = film(
        track("v1"), track("v2"), footage("a"), footage("b"), clip("below", "v1", "a", length=200),
        clip("x", "v2", "a"), clip("y", "v2", "b", start=100, source=50), dissolve("d", "v2", "x", "y", 10),
    )
    node = frame(view, 100)
    assert len(node.layers) == 1 and covers(node.layers[0], FULL)


def test_hidden_tracks_disabled_and_transparent_clips_are_not_drawn() -> None:
    things = (footage("a"), track("v1"))
    assert frame(film(footage("a"), track("v1", hidden=True), clip("c", "v1", "a")), 0).layers == ()
    assert frame(film(*things, clip("c", "v1", "a", enabled=False)), 0).layers == ()
    assert frame(film(*things, clip("c", "v1", "a", opacity=0.0)), 0).layers == ()


def test_a_soloed_video_track_is_shown_alone() -> None:
    view = film(track("v1", solo=True), track("v2"), footage("a"), footage("b"), clip("ca", "v1", "a"), clip("cb", "v2", "b"))
    assert source(only(frame(view, 0))).asset == "a"


def test_a_clip_outside_the_frame_is_not_drawn() -> None:
    view = film(track("v1"), footage("a"), clip("c", "v1", "a", position=Point(-40, 24)))
    assert frame(view, 0).layers == ()


def test_scale_one_is_fitted_inside_with_its_shape_kept() -> None:
    view = film(track("v1"), footage("a", 32, 48), clip("c", "v1", "a"))
    place = only(frame(view, 0)).place
    assert (place.width, place.height) == (32, 48)
    assert place.box == (16, 0, 32, 48)
    wide = film(track("v1"), footage("a", 640, 120), clip("c", "v1", "a"))
    assert only(frame(wide, 0)).place.box == (0, 18, 64, 12)


def test_a_small_picture_is_fitted_too() -> None:
    view = film(track("v1"), footage("a", 16, 12), clip("c", "v1", "a"))
    assert only(frame(view, 0)).place.box == (0, 0, 64, 48)


def test_scale_position_and_anchor_say_where_a_clip_lies() -> None:
    view = film(
        track("v1"), footage("a"), clip("c", "v1", "a", scale=Scale(0.5, 0.25), position=Point(10, 20), anchor=Point(0.0, 1.0)),
    )
    assert only(frame(view, 0)).place.box == (10, 20 - 12, 32, 12)


def test_a_smaller_request_scales_places_and_sizes() -> None:
    view = film(track("v1"), footage("a"), clip("c", "v1", "a", scale=Scale(0.5, 0.5), position=Point(20, 12)))
    request = at_scale(view.timeline, 0.5)
    assert (request.width, request.height) == (32, 24)
    assert only(build(view, 0, request)).place.box == (2, 0, 16, 12)


def test_crop_leaves_the_rest_of_the_picture_where_it_was() -> None:
    view = film(track("v1"), footage("a"), clip("c", "v1", "a", crop=Crop(0.25, 0.0, 0.125, 0.5)))
    assert only(frame(view, 0)).place.box == (16, 0, 40, 24)


def test_crop_is_rounded_to_even_source_pixels() -> None:
    view = film(track("v1"), footage("a"), clip("c", "v1", "a", crop=Crop(3.1 / 64, 0.0, 0.0, 0.0)))
    assert only(frame(view, 0)).place.crop == Crop(4 / 64, 0.0, 0.0, 0.0)


def test_a_crop_that_leaves_almost_nothing_leaves_two_pixels() -> None:
    view = film(track("v1"), footage("a"), clip("c", "v1", "a", crop=Crop(0.999, 0.0, 0.0, 0.0)))
    left, _, width, _ = only(frame(view, 0)).place.box
    assert (left, width) == (62, 2)


def test_a_fade_of_n_frames_rises_over_n_frames_and_mirrors_its_fade_out() -> None:
    view = film(track("v1"), footage("a"), clip("c", "v1", "a", length=20, opacity=0.5, fade_in=4 * FRAME, fade_out=4 * FRAME))
    levels = [only(frame(view, number)).opacity for number in range(20)]
    assert levels[:5] == pytest.approx([0.5 * (k + 0.5) / 4 for k in range(4)] + [0.5])
    assert levels == levels[::-1]


def test_a_transition_is_centred_on_the_cut_and_progress_takes_the_middle_of_a_frame() -> None:
    view = film(
        track("v1"), footage("a"), footage("b"), clip("x", "v1", "a"), clip("y", "v1", "b", start=100, source=50),
        dissolve("d", "v1", "x", "y", 10),
    )
    kinds = [type(frame(view, number).layers[0]) for number in range(90, 110)]
    assert kinds == [Layer] * 5 + [Mix] * 10 + [Layer] * 5
    mixes = [frame(view, number).layers[0] for number in range(95, 105)]
    assert [mix.progress for mix in mixes if isinstance(mix, Mix)] == pytest.approx([(k + 0.5) / 10 for k in range(10)])


def test_a_transition_takes_both_clips_handles() -> None:
    view = film(
        track("v1"), footage("a"), footage("b"), clip("x", "v1", "a"), clip("y", "v1", "b", start=100, source=50),
        dissolve("d", "v1", "x", "y", 10),
    )
    last, first = frame(view, 104).layers[0], frame(view, 95).layers[0]
    assert isinstance(last, Mix) and isinstance(first, Mix)
    assert source(last.first).ticks == 104 * FRAME
    assert source(first.second).ticks == 45 * FRAME


def test_an_odd_transition_has_an_exact_middle() -> None:
    view = film(
        track("v1"), footage("a"), footage("b"), clip("x", "v1", "a"), clip("y", "v1", "b", start=100, source=50),
        dissolve("d", "v1", "x", "y", 9),
    )
    found = [node for number in range(90, 110) if isinstance(node := frame(view, number).layers[0], Mix)]
    assert len(found) == 9 and found[4].progress == 0.5


def test_a_fade_gives_way_to_a_transition_at_the_same_end() -> None:
    view = film(
        track("v1"), footage("a"), footage("b"), clip("x", "v1", "a", fade_out=20 * FRAME),
        clip("y", "v1", "b", start=100, source=50, fade_in=20 * FRAME), dissolve("d", "v1", "x", "y", 10),
    )
    mix = frame(view, 100).layers[0]
    assert isinstance(mix, Mix) and mix.first is not None and mix.second is not None
    assert (mix.first.opacity, mix.second.opacity) == (1.0, 1.0)


def test_a_transition_whose_clips_moved_apart_is_not_drawn() -> None:
    view = film(
        track("v1"), footage("a"), clip("x", "v1", "a"), clip("y", "v1", "a", start=101, source=50), dissolve("d", "v1", "x", "y", 10)
    )
    assert isinstance(frame(view, 99).layers[0], Layer) and frame(view, 100).layers == ()


def test_the_two_sides_of_a_dissolve_within_one_file_use_different_decoders_and_keep_them() -> None:
    view = film(
        track("v1"), footage("a"), clip("x", "v1", "a"), clip("y", "v1", "a", start=100, source=500), dissolve("d", "v1", "x", "y", 10)
    )
    mix = frame(view, 100).layers[0]
    assert isinstance(mix, Mix)
    uses = source(mix.first).use, source(mix.second).use
    assert uses[0] != uses[1]
    assert (source(only(frame(view, 50))).use, source(only(frame(view, 150))).use) == uses


def test_one_file_on_two_tracks_is_read_by_two_decoders() -> None:
    view = film(track("v1"), track("v2"), footage("a"), clip("x", "v1", "a"), clip("y", "v2", "a", source=300, opacity=0.5))
    lower, upper = frame(view, 0).layers
    assert source(lower).use != source(upper).use


def test_clips_that_follow_each_other_on_a_track_share_a_decoder() -> None:
    view = film(track("v1"), footage("a"), clip("x", "v1", "a"), clip("y", "v1", "a", start=100, source=100))
    assert source(only(frame(view, 99))).use == source(only(frame(view, 100))).use


def test_what_a_merge_left_beyond_the_rules_is_drawn_as_the_effective_timeline_says() -> None:
    """A clip that a merge left on a track of the wrong kind is not drawn, and fades longer than their clip are shortened."""
    view = film(track("v1"), footage("a"), clip("s", "v1", "a", kind="audio"))
    assert frame(view, 5).layers == ()
    view = film(track("v1"), footage("a"), clip("c", "v1", "a", length=4, fade_in=4 * FRAME, fade_out=4 * FRAME))
    assert [only(frame(view, number)).opacity for number in range(4)] == pytest.approx([0.125, 0.375, 0.625, 0.875])


def test_after_a_merge_the_clip_that_starts_last_is_on_top() -> None:
    view = film(track("v1"), footage("a"), footage("b"), clip("x", "v1", "a"), clip("y", "v1", "b", start=50))
    assert source(only(frame(view, 60))).asset == "b"


def test_media_that_the_project_does_not_know_is_a_slate() -> None:
    view = film(track("v1"), clip("c", "v1", "gone", name="Beach"))
    slate = only(frame(view, 0)).content
    assert slate == Slate("Media missing", "Beach")


def test_media_without_a_picture_is_a_slate() -> None:
    sound_only = footage("a", video=None)
    slate = only(frame(film(track("v1"), sound_only, clip("c", "v1", "a")), 0)).content
    assert isinstance(slate, Slate) and slate.detail == "a.mp4"


def test_a_title_carries_its_words_and_style_at_the_requests_scale() -> None:
    view = film(track("v1"), clip("t", "v1", kind="title", text="Hello", font_size=20, scale=Scale(2, 3), italic=True))
    title = only(build(view, 0, Request(32, 24))).content
    assert isinstance(title, Generated)
    assert (title.kind, title.text, title.style.font_size, title.style.italic) == ("title", "Hello", 20, True)
    assert (title.scale_x, title.scale_y) == (1.0, 1.5)


def test_captions_lie_over_all_pictures_near_the_lower_edge() -> None:
    view = film(
        track("c1", kind="caption"), track("v1"), track("v9"), footage("a"), clip("x", "v1", "a"),
        clip("t", "v9", kind="title", text="T"), clip("c", "c1", kind="caption", text="Words"),
    )
    layers = frame(view, 0).layers
    caption = layers[-1]
    assert isinstance(caption, Layer) and isinstance(caption.content, Generated) and caption.content.kind == "caption"
    assert caption.place.anchor_y == 1.0 and 0.9 * 48 < caption.place.y < 48


def test_the_lowest_picture_blends_with_nothing() -> None:
    view = film(track("v1"), track("v2"), footage("a"), footage("b"), clip("x", "v1", "a", blend_mode="multiply"),
                clip("y", "v2", "b", blend_mode="screen"))
    lower, upper = frame(view, 0).layers
    assert isinstance(lower, Layer) and isinstance(upper, Layer)
    assert (lower.blend_mode, upper.blend_mode) == ("normal", "screen")


def test_the_lowest_pictures_of_a_transition_blend_with_nothing() -> None:
    view = film(track("v1"), footage("a"), footage("b"), clip("x", "v1", "a", blend_mode="multiply"),
                clip("y", "v1", "b", start=100, source=50, blend_mode="screen"), dissolve("d", "v1", "x", "y", 10))
    mix = frame(view, 100).layers[0]
    assert isinstance(mix, Mix) and mix.first is not None and mix.second is not None
    assert mix.first.blend_mode == mix.second.blend_mode == "normal"


def test_drop_frame_rates_keep_whole_frames() -> None:
    rate = Rate(30000, 1001)
    tick = rate.ticks_per_frame
    record = clip("c", "v1", "a")
    view = film(track("v1"), footage("a"), record, rate=rate)
    assert source(only(build(view, 17 * tick, FULL))).ticks == 17 * tick
