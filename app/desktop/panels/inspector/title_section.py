"""The Text section of the inspector.

Owns: words, font, colour, stroke and shadow of titles. Refuses: shaping and fonts themselves (the renderer has them).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QFocusEvent, QFontDatabase, QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy, QWidget

from app.desktop.bridge import Workbench
from app.desktop.panels.inspector.chosen import MIXED, Chosen, common, number
from app.desktop.panels.inspector.clip_sections import ClipSection, choose, combo
from app.desktop.widgets.basics import LiveIconButton, row
from app.desktop.widgets.colour import ColourField
from app.desktop.widgets.number_field import NumberField
from app.desktop.widgets.segments import Segments
from editor_core.schema import Clip

BUNDLED = ("Inter", "JetBrains Mono", "Noto Sans", "Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans Devanagari")
WEIGHTS = ((300, "Light"), (400, "Regular"), (500, "Medium"), (600, "Semi bold"), (700, "Bold"), (900, "Black"))


class Words(QPlainTextEdit):
    """Text that is written after a short pause in typing, on leaving, and with Ctrl+Enter; Esc gives it up. One step for each visit."""

    def __init__(self, done: Callable[[str, str], Any]) -> None:
        super().__init__()
        self._done = done
        self._visit = 0
        self._stored = self._first = ""
        self.setTabChangesFocus(True)
        self._pause = QTimer(self, singleShot=True, interval=350)
        self._pause.timeout.connect(self.commit)
        self.textChanged.connect(self._typed)
        self._quiet = False

    def show_text(self, text: str, mixed: bool) -> None:
        if self.hasFocus() and self._pause.isActive():
            return
        self._stored = text
        if self.toPlainText() != text:
            self._quiet = True
            self.setPlainText(text)
            self._quiet = False
        self.setPlaceholderText("Several texts" if mixed else "Text")

    def commit(self) -> None:
        self._pause.stop()
        text = self.toPlainText()
        if text != self._stored:
            self._stored = text
            self._done(text, f"type title {self._visit}")

    def focusInEvent(self, event: QFocusEvent) -> None:
        if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            self._visit += 1
            self._first = self._stored
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.commit()
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._quiet = True
            self.setPlainText(self._first)
            self._quiet = False
            self.commit()
            self.clearFocus()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.commit()
            self.clearFocus()
        else:
            super().keyPressEvent(event)

    def _typed(self) -> None:
        if not self._quiet:
            self._pause.start()


class Text(ClipSection):
    """Everything about the letters of a title."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench, "Text", lambda chosen: chosen.titles)
        theme = bench.theme
        self.words = Words(lambda text, gesture: self.style({}, text, gesture))
        self.words.setFont(theme.font("body"))
        self.words.setFixedHeight(theme.px(64))
        self.words.setAccessibleName("Text of the title")
        holder = QWidget()
        holder.setLayout(row(self.words, margins=(theme.px(26), 0, theme.px(26), theme.px(6))))
        self.rows.addWidget(holder)
        self.updates.append(lambda clips: self.words.show_text(
            "" if (text := common(clips, lambda c: c.text)) is MIXED else text, common(clips, lambda c: c.text) is MIXED))
        self._fonts()
        self._fill()
        self._edges()

    def style(self, style: dict[str, Any], text: str | None = None, gesture: str = "") -> None:
        if self.chosen is not None and not self.chosen.style(style, text, gesture):
            self.again()

    def showing(self, chosen: Chosen) -> Iterator[None]:
        if self.chosen is not None and {c.id for c in chosen.titles} != {c.id for c in self.chosen.titles}:
            self.words.commit()
        yield from super().showing(chosen)

    def number(self, name: str, key: str, read: Callable[[Clip], float], *, write: Callable[[float], Any] = lambda v: v,
               **limits: Any) -> NumberField:
        """A number field bound to one entry of the style."""
        made = NumberField(self.bench.theme, name, **limits)
        made.setProperty("keys", "own")
        made.edited.connect(lambda value, gesture: self.style({key: write(value)}, None, gesture))
        made.refused.connect(lambda words: (self.bench.say(words, "warn"), self.again()))
        self.updates.append(lambda clips: made.set(number(clips, read)))
        return made

    def _fonts(self) -> None:
        bench, theme = self.bench, self.bench.theme
        families = combo(bench, "Font", [(name, name) for name in families_of_titles()])
        families.setMaxVisibleItems(24)
        families.activated.connect(lambda _n: self.style({"font": families.currentData()}))

        def show_family(clips: list[Clip]) -> None:
            name = common(clips, lambda c: c.font)
            if isinstance(name, str) and families.findData(name) < 0:
                families.addItem(f"{name} (not on this computer)", name)
            choose(families, name)

        self.updates.append(show_family)
        size = self.number("Font size", "size", lambda c: c.font_size, minimum=1, maximum=4000, step=0.5, decimals=0, unit="px")
        size.setFixedWidth(theme.px(62))
        self.row("Font", families, size)
        weights = combo(bench, "Weight", list(WEIGHTS))
        weights.activated.connect(lambda _n: self.style({"weight": weights.currentData()}))
        self.updates.append(lambda clips: choose(weights, common(clips, lambda c: c.font_weight)))
        slanted = LiveIconButton(theme, "italic", "Italic", checkable=True, side=22, size=14)
        slanted.clicked.connect(lambda on: self.style({"italic": bool(on)}))
        self.updates.append(lambda clips: slanted.setChecked(common(clips, lambda c: c.italic) is True))
        self.row("Weight", weights, slanted)

    def _fill(self) -> None:
        theme = self.bench.theme
        colour = ColourField(theme, "Colour of the letters", alpha=True)
        colour.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        colour.picked.connect(lambda value, gesture: self.style({"color": value}, None, gesture))
        self.updates.append(lambda clips: colour.set(_plain(common(clips, lambda c: c.color))))
        self.row("Fill", colour)
        align = Segments(theme, "Alignment", [("left", "Left", "text-align-start"), ("center", "Centre", "text-align-center"),
                                              ("right", "Right", "text-align-end")], height=24)
        align.chosen.connect(lambda key: self.style({"align": key}))
        self.updates.append(lambda clips: align.set(str(_plain(common(clips, lambda c: c.align)) or "")))
        space = QWidget()
        space.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.row("Align", align, space)

    def _edges(self) -> None:
        theme = self.bench.theme
        width = self.number("Stroke width", "stroke_width", lambda c: c.stroke_width, minimum=0, maximum=200, step=0.25, unit="px")
        edge = ColourField(theme, "Colour of the stroke")
        edge.picked.connect(lambda value, gesture: self.style({"stroke_color": value}, None, gesture))
        self.updates.append(lambda clips: edge.set(_plain(common(clips, lambda c: c.stroke_color))))
        width.setFixedWidth(theme.px(76))
        self.row("Stroke", width, edge, changed=lambda c: c.stroke_width > 0, reset=lambda: self.style({"stroke_width": 0}))
        shade = ColourField(theme, "Colour of the shadow", alpha=True)
        shade.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        shade.picked.connect(lambda value, gesture: self.style({"shadow_color": value}, None, gesture))
        self.updates.append(lambda clips: shade.set(_plain(common(clips, lambda c: c.shadow_color))))
        self.row("Shadow", shade, changed=lambda c: not c.shadow_color.endswith("00") or len(c.shadow_color) == 7,
                 reset=lambda: self.style({"shadow_color": "#00000000", "shadow_blur": 0, "shadow_offset": [0, 0]}))
        blur = self.number("Shadow blur", "shadow_blur", lambda c: c.shadow_blur, minimum=0, maximum=200, step=0.25, unit="px",
                           prefix="Soft")
        self.row("", blur)
        limits = {"minimum": -2000.0, "maximum": 2000.0, "step": 0.5, "decimals": 1}
        right = self.number("Shadow to the right", "shadow_offset", lambda c: c.shadow_offset.x, prefix="X",
                            write=lambda v: [v, self.clips[0].shadow_offset.y if self.clips else 0.0], **limits)
        down = self.number("Shadow down", "shadow_offset", lambda c: c.shadow_offset.y, prefix="Y",
                           write=lambda v: [self.clips[0].shadow_offset.x if self.clips else 0.0, v], **limits)
        self.row("", right, down)


def _plain(value: Any) -> Any:
    return None if value is MIXED else value


@cache
def families_of_titles() -> tuple[str, ...]:
    """Font families that titles can have: the bundled ones, then the system's."""
    system = [name for name in QFontDatabase.families() if not QFontDatabase.isPrivateFamily(name)
              and not name.startswith(("Inter", "JetBrains"))]
    return tuple(dict.fromkeys([*BUNDLED, *sorted(system, key=str.casefold)]))
