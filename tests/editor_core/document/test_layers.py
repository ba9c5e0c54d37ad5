"""A table in two layers is the same as one dictionary."""

from __future__ import annotations

import random

from editor_core.document.layers import MOST, Layers
from editor_core.document.view import Snapshot
from editor_core.schema import Clip, Record, replace
from editor_core.timing import TimeRange


def clip(number: int, **fields: object) -> Clip:
    made = Clip(id=f"c{number}", track="k1", kind="title", start=number * 10, source_range=TimeRange(0, 10), name=f"clip {number}")
    return replace(made, **fields) if fields else made


def test_layers_hold_what_a_dictionary_would_in_the_same_order() -> None:
    rng = random.Random(5)
    plain: dict[str, Record] = {f"c{n}": clip(n) for n in range(300)}
    layers = Layers(dict(plain))
    for step in range(400):
        written = {f"c{n}": clip(n, name=f"step {step}") for n in rng.sample(range(400 + step), rng.choice((1, 2, 5, 200)))}
        before, layers = layers, layers.written(written)
        untouched = rng.choice(list(plain))
        assert before.get(untouched) == plain[untouched] and before["c7"] == plain["c7"], "a table never changes"
        plain = {**plain, **written}
        assert len(layers) == len(plain) and ("c9999" in layers) is False and layers.get("c9999") is None
        assert all(layers[i] is record and layers.get(i) is record and i in layers for i, record in written.items())
        if step % 50 == 0:
            assert list(layers.items()) == list(plain.items()) and list(layers) == list(plain)
    assert list(layers.values()) == list(plain.values()) and layers.copy() == plain


def test_layers_stay_two_only_while_the_upper_one_is_small() -> None:
    layers = Layers({f"c{n}": clip(n) for n in range(1000)})
    for n in range(MOST):
        layers = layers.written({f"c{n}": clip(n, name="new")})
    assert len(layers.upper) == MOST
    assert len(layers.written({"c999": clip(999, name="new")}).upper) == 0


def test_a_snapshot_changed_step_by_step_is_as_one_made_anew() -> None:
    rng = random.Random(6)
    snapshot = Snapshot.of(clip(n) for n in range(200))
    for step in range(150):
        written: dict[str, Record] = {}
        for n in rng.sample(range(260), rng.choice((1, 3, 100))):
            now = snapshot.record(f"c{n}") or clip(n)
            written[now.id] = replace(now, track=rng.choice(("k1", "k2")), start=rng.randrange(5000), link=rng.choice(("", "l1", "l2")),
                                      deleted=rng.random() < 0.2, name=f"step {step}")
        snapshot = snapshot.changed(written)
        anew = Snapshot.of(snapshot.records.values())
        assert {c.id for c in snapshot.of_kind(Clip)} == {c.id for c in anew.of_kind(Clip)}
        for track in ("k1", "k2"):
            assert snapshot.clips_on(track) == anew.clips_on(track)
        for link in ("l1", "l2"):
            assert {c.id for c in snapshot.clips_linked(link)} == {c.id for c in anew.clips_linked(link)}
