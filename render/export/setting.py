"""One setting of a preset: what it means, what it may be, and how a value given as text is read.

Owns: the declaration of a setting and the check of its value. Refuses: what a preset does with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from editor_core.timing import TimingError, parse_rate
from render.export.errors import SettingError

Value = int | float | str | bool
Values = Mapping[str, Value]
"""Checked values by the name of their setting; every setting of the preset is there."""

_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """A setting: `least` and `most` bound numbers, both included; `choices` are the words that may be given.

    A `rate` is `""` (the timeline's) or a frame rate as in `25` or `30000/1001`.
    """

    name: str
    title: str
    help: str
    kind: Literal["integer", "number", "choice", "switch", "rate"]
    default: Value
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()
    unit: str = ""

    def read(self, given: Any) -> Value:
        """A value of the right type from JSON or from the command line's text. Raises SettingError naming setting, value and range."""
        words = str(given).strip().lower() if not isinstance(given, str) else given.strip()
        if self.kind == "switch":
            return self._switch(words)
        if self.kind == "choice":
            if words not in self.choices:
                raise SettingError(f"{self.name}={given} is not one of {', '.join(self.choices)}")
            return words
        if self.kind == "rate":
            return self._rate(words)
        return self._number(words)

    @property
    def range_in_words(self) -> str:
        """The values it may take, for messages and help."""
        if self.kind == "choice":
            return ", ".join(self.choices)
        if self.kind == "switch":
            return "on or off"
        if self.kind == "rate":
            return "a frame rate such as 25 or 30000/1001, or empty for the timeline's own"
        unit = f" {self.unit}" if self.unit else ""
        return f"{_short(self.least)} to {_short(self.most)}{unit}"

    def _switch(self, words: str) -> bool:
        if words.lower() in _TRUE:
            return True
        if words.lower() in _FALSE:
            return False
        raise SettingError(f"{self.name}={words} is neither on nor off")

    def _rate(self, words: str) -> str:
        if not words:
            return ""
        try:
            return str(parse_rate(words))
        except TimingError as error:
            raise SettingError(f"{self.name}={words}: {error}") from None

    def _number(self, words: str) -> int | float:
        try:
            value: int | float = int(words) if self.kind == "integer" else float(words)
        except ValueError:
            whole = "a whole number" if self.kind == "integer" else "a number"
            raise SettingError(f"{self.name}={words} is not {whole} ({self.range_in_words})") from None
        low, high = self.least, self.most
        if value != value or (low is not None and value < low) or (high is not None and value > high):
            raise SettingError(f"{self.name}={words} is outside {self.range_in_words}")
        return value


def _short(value: float | None) -> str:
    return "…" if value is None else f"{value:g}"


def read_settings(settings: tuple[Setting, ...], given: Mapping[str, Any], preset: str) -> dict[str, Value]:
    """Every setting's value, defaults filled in. Raises SettingError, also for a name that no setting has."""
    known = {setting.name: setting for setting in settings}
    for name in given:
        if name not in known:
            raise SettingError(f"{preset} has no setting {name!r}; it has {', '.join(known) or 'none'}")
    return {name: setting.read(given[name]) if name in given else setting.default for name, setting in known.items()}
