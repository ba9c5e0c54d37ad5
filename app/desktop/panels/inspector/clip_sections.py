"""Sections of the inspector for clips: Transform, Crop, Fades, Solid.

Owns: their fields, what each writes, what is changed from the default.
Refuses: titles (see `title_section`) and sound (see `sound_section`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, get_args

from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from app.desktop.bridge import Workbench
from app.desktop.panels.inspector.chosen import MIXED, Chosen, common, number
from app.desktop.widgets.basics import LiveIconButton, plain_tip
from app.desktop.widgets.colour import ColourField
from app.desktop.widgets.drop_down import DropDown
from app.desktop.widgets.number_field import NumberField, TimeField
from app.desktop.widgets.section import PropertyRow, Section
from editor_core.schema import BlendMode, Clip, Crop, Point, Scale

Of = Callable[[Chosen], list[Clip]]


class ClipSection(Section):
    """A section whose rows are refreshed from the chosen clips. Subclasses fill `self.updates`."""

    def __init__(self, bench: Workbench, title: str, of: Of) -> None:
        super().__init__(bench.theme, title, open_=not bench.settings.get(f"inspector/closed/{title}", False))
        self.bench, self._of = bench, of
        self.chosen: Chosen | None = None
        self.updates: list[Callable[[list[Clip]], None]] = []
        self.folded.connect(lambda closed: bench.settings.set(f"inspector/closed/{title}", closed))

    def show_for(self, chosen: Chosen) -> None:
        """Takes the clips of this section; hides where there are none."""
        for _ in self.showing(chosen):
            pass

    def showing(self, chosen: Chosen) -> Iterator[None]:
        """As `show_for`, with a pause after each row: with thousands of clips a row takes a few milliseconds."""
        self.chosen = chosen
        clips = self._of(chosen)
        self.setVisible(bool(clips))
        for update in self.updates if clips else ():
            update(clips)
            yield

    @property
    def clips(self) -> list[Clip]:
        return self._of(self.chosen) if self.chosen is not None else []

    def put(self, name: str, value: Callable[[Clip], Any], gesture: str = "") -> None:
        """Writes a property of this section's clips; what is refused is shown again as it is."""
        if self.chosen is not None and not self.chosen.set(self.clips, name, value, gesture):
            self.again()

    def again(self) -> None:
        if self.chosen is not None:
            self.chosen.refresh()
            self.show_for(self.chosen)

    def field(self, name: str, read: Callable[[Clip], float], write: Callable[[Clip, float], Any], prop: str, *, minimum: float,
              maximum: float, step: float = 1.0, decimals: int = 1, unit: str = "", prefix: str = "",
              percent_of: float = 100.0) -> NumberField:
        """A number field bound to a property: `read` and `write` turn the stored value into what is shown and back."""
        made = NumberField(self.bench.theme, name, minimum=minimum, maximum=maximum, step=step, decimals=decimals, unit=unit,
                           prefix=prefix, percent_of=percent_of)
        made.setProperty("keys", "own")
        made.edited.connect(lambda value, gesture: self.put(prop, lambda clip: write(clip, value), gesture))
        made.stepped.connect(lambda delta, gesture: self.put(
            prop, lambda clip: write(clip, min(maximum, max(minimum, read(clip) + delta))), gesture))
        made.refused.connect(lambda words: (self.bench.say(words, "warn"), self.again()))
        self.updates.append(lambda clips: made.set(number(clips, read)))
        return made

    def row(self, words: str, *fields: QWidget, changed: Callable[[Clip], bool] | None = None,
            reset: Callable[[], object] | None = None) -> PropertyRow:
        made = PropertyRow(self.bench.theme, words, *fields, reset=reset)
        if changed is not None:
            self.updates.append(lambda clips: made.set_changed(any(changed(clip) for clip in clips)))
        self.rows.addWidget(made)
        return made

    def resetting(self, prop: str, value: Any) -> Callable[[], None]:
        return lambda: self.put(prop, lambda _clip: value)


class Transform(ClipSection):
    """Position, scale, rotation, anchor, opacity, blend mode."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench, "Transform", lambda chosen: chosen.pictures)
        middle = bench.snapshot.timeline
        far = 1e5

        def place(clip: Clip) -> Point:
            return self.chosen.place(clip) if self.chosen is not None else Point(0, 0)

        x = self.field("Position X", lambda c: place(c).x, lambda c, v: [v, place(c).y], "position", minimum=-far, maximum=far, prefix="X",
                       percent_of=middle.width)
        y = self.field("Position Y", lambda c: place(c).y, lambda c, v: [place(c).x, v], "position", minimum=-far, maximum=far, prefix="Y",
                       percent_of=middle.height)
        self.row("Position", x, y, changed=lambda c: c.position is not None, reset=self.resetting("position", None))
        self._scales()
        turn = self.field("Rotation", lambda c: c.rotation, lambda c, v: v, "rotation", minimum=-36000, maximum=36000, step=0.5, unit="°")
        self.row("Rotation", turn, changed=lambda c: c.rotation != 0, reset=self.resetting("rotation", 0.0))
        ax = self.field("Anchor X", lambda c: c.anchor.x * 100, lambda c, v: [v / 100, c.anchor.y], "anchor", minimum=-1000, maximum=1000,
                        step=0.5, unit="%", prefix="X")
        ay = self.field("Anchor Y", lambda c: c.anchor.y * 100, lambda c, v: [c.anchor.x, v / 100], "anchor", minimum=-1000, maximum=1000,
                        step=0.5, unit="%", prefix="Y")
        self.row("Anchor", ax, ay, changed=lambda c: c.anchor != Point(0.5, 0.5), reset=self.resetting("anchor", [0.5, 0.5]))
        clear = self.field("Opacity", lambda c: c.opacity * 100, lambda c, v: round(v / 100, 6), "opacity", minimum=0, maximum=100,
                           step=0.5, unit="%")
        self.row("Opacity", clear, changed=lambda c: c.opacity != 1, reset=self.resetting("opacity", 1.0))
        self._blend()

    def _scales(self) -> None:
        bench = self.bench
        self._linked = True
        limits = {"minimum": 0.1, "maximum": 100000.0, "step": 0.5, "unit": "%"}

        def write_x(clip: Clip, value: float) -> list[float]:
            share = value / 100
            return [share, max(0.001, min(1000.0, clip.scale.y * share / clip.scale.x))] if self._linked else [share, clip.scale.y]

        wide = self.field("Scale", lambda c: c.scale.x * 100, write_x, "scale", **limits)  # type: ignore[arg-type]
        tall = self.field("Scale, height", lambda c: c.scale.y * 100, lambda c, v: [c.scale.x, v / 100], "scale", prefix="H",
                          **limits)  # type: ignore[arg-type]
        tall.hide()
        button = LiveIconButton(bench.theme, "link", "Width and height together", checkable=True, size=14, side=20)
        button.setChecked(True)

        def together(on: bool) -> None:
            self._linked = on
            tall.setVisible(not on)
            wide.prefix = "" if on else "W"
            button.set_icon("link" if on else "unlink-2", "Width and height together" if on else "Width and height apart")
            wide.update()

        button.toggled.connect(together)
        self.updates.append(lambda clips: button.setChecked(False) if any(c.scale.x != c.scale.y for c in clips) else None)
        self.row("Scale", wide, tall, button, changed=lambda c: c.scale != Scale(), reset=self.resetting("scale", 1.0))

    def _blend(self) -> None:
        box = combo(self.bench, "Blend mode", [(mode, mode.replace("_", " ").capitalize()) for mode in get_args(BlendMode)])
        box.activated.connect(lambda _n: self.put("blend_mode", lambda _clip: box.currentData()))
        self.updates.append(lambda clips: choose(box, common(clips, lambda c: c.blend_mode)))
        self.row("Blend", box, changed=lambda c: c.blend_mode != "normal", reset=self.resetting("blend_mode", "normal"))


class CropSection(ClipSection):
    """How much is cut away at each side."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench, "Crop", lambda chosen: [c for c in chosen.pictures if c.kind == "video"])
        self.toggle.setToolTip(plain_tip("In Program: Ctrl and drag a handle; Ctrl and double-click one to have all of it again"))
        pairs = (("Left, right", ("left", "right"), ("L", "R")), ("Top, bottom", ("top", "bottom"), ("T", "B")))
        for words, sides, letters in pairs:
            fields = [self._side(side, letter) for side, letter in zip(sides, letters, strict=True)]
            self.row(words, *fields, changed=lambda c, s=sides: any(getattr(c.crop, side) for side in s),
                     reset=lambda s=sides: self.put("crop", lambda clip: _with(clip.crop, **dict.fromkeys(s, 0.0))))

    def _side(self, side: str, letter: str) -> NumberField:
        other = {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}[side]

        def write(clip: Clip, value: float) -> dict[str, float]:
            return _with(clip.crop, **{side: min(value / 100, 0.999 - getattr(clip.crop, other))})

        return self.field(f"Crop {side}", lambda c: getattr(c.crop, side) * 100, write, "crop", minimum=0, maximum=99.9, step=0.25,
                          unit="%", prefix=letter)


class Fades(ClipSection):
    """Fade in and out of picture and sound."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench, "Fades", lambda chosen: chosen.clips)
        for words, prop, other in (("Fade in", "fade_in", "fade_out"), ("Fade out", "fade_out", "fade_in")):
            field = TimeField(bench.theme, words, lambda: bench.rate)
            field.setProperty("keys", "own")
            field.edited.connect(lambda value, gesture, p=prop, o=other: self.put(
                p, lambda clip: max(0, min(int(value), clip.duration - getattr(clip, o))), gesture))
            field.refused.connect(lambda message: (bench.say(message, "warn"), self.again()))
            self.updates.append(lambda clips, f=field, p=prop: f.set(number(clips, lambda c: getattr(c, p))))
            self.row(words, field, changed=lambda c, p=prop: getattr(c, p) > 0, reset=self.resetting(prop, 0))


class Solid(ClipSection):
    """The colour of a solid."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench, "Solid", lambda chosen: chosen.solids)
        colour = ColourField(bench.theme, "Colour", alpha=True)
        colour.picked.connect(lambda value, gesture: self.put("color", lambda _clip: value, gesture))
        self.updates.append(lambda clips: colour.set(None if (v := common(clips, lambda c: c.color)) is MIXED else v))
        self.row("Colour", colour)


def combo(bench: Workbench, name: str, options: list[tuple[Any, str]]) -> QComboBox:
    """A drop-down of (value, words)."""
    made = DropDown()
    made.setFont(bench.theme.font("body"))
    made.setAccessibleName(name)
    made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    made.setMinimumWidth(bench.theme.px(80))
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    for value, words in options:
        made.addItem(words, value)
    made.setPlaceholderText("Mixed")
    return made


def choose(box: QComboBox, value: Any) -> None:
    """Shows a value; nothing (Mixed) where values differ."""
    box.setCurrentIndex(-1 if value is MIXED or value is None else box.findData(value))


def _with(crop: Crop, **sides: float) -> dict[str, float]:
    return {"left": crop.left, "top": crop.top, "right": crop.right, "bottom": crop.bottom} | sides
