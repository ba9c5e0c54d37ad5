"""Whatever scripts, agents and peers send: a refusal in words, or an edit that holds together. Never a crash."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from editor_core.commands.registry import CommandError
from tests.editor_core.commands.test_every_command import fields
from tests.support.cutting import REGISTRY, Film

ODD: list[Any] = [
    None, True, False, 0, -1, 1, 2**53, 2**63, -(2**63), 10**30, 0.5, -0.0, 1e308, "", "0", "-0f", "1e9s", "00:00:00:00", "00:00:01:00",
    "99:59:59:24", "-5f", "25f", "1s", "0.0000000001s", "V1", "A1", "V2", "new", "head", "tail", "dissolve", "video", "#12345678",
    "#GGGGGG", "\x00", "\ud800", "é" * 600, "opacity", "crop", "position", "scale", "fade_in", "name", [], [[]], ["c1"], {},
    {"left": 0.4}, {"x": 1, "y": 2}, {"size": 5}, [0.5, 0.5], [0.1, 0.2, 0.3, 0.4], [1e9, 1e9], [None, None],
]
single = st.integers() | st.floats() | st.text(max_size=8)
values = st.sampled_from(ODD) | single | st.lists(single, max_size=4)
things = st.sampled_from(["clip", "sound", "title", "asset", "music", "marker", "transition", "clips"])


def begun() -> tuple[Film, dict[str, Any]]:
    film = Film()
    lake, music = film.shot("lake.mp4", 200), film.shot("music.wav", 100, picture=False)
    first, sound = film.append(lake, 50, 50)
    second, _ = film.append(lake, 100, 50)
    title = film.run("title.add", text="Hi", at=0, duration="2s")["clip"]
    names = {"clip": first, "sound": sound, "title": title, "asset": lake, "music": music, "clips": [first, second, title],
             "marker": film.run("marker.add", at="1s")["marker"],
             "transition": film.run("transition.add", **{"from": first, "to": second}, duration="10f")["transition"]}
    return film, names


@settings(max_examples=300, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate),
          suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_only_refusals_come_back(data: st.DataObject) -> None:
    film, names = begun()
    for _ in range(12):
        spec = data.draw(st.sampled_from(list(REGISTRY)))
        args: dict[str, Any] = {}
        for name in fields(spec.describe()["args"]):
            kind = data.draw(st.integers(0, 3))
            if kind == 1:
                args[name] = data.draw(values)
            elif kind == 2:
                args[name] = names.get(name, names["clip"])
            elif kind == 3:
                args[name] = names[data.draw(things)]
        before = film.view
        try:
            film.run(spec.id, **args)
        except CommandError as error:
            assert str(error).strip()
            assert film.view is before
