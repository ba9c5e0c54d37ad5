"""The inspector's section for sound: gain, pan, and which of the file's streams and channels is heard.

Owns: its fields, the words for streams and channels. Refuses: what the properties mean (see `editor_core.edits.properties`).
"""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox

from app.desktop.bridge import Workbench
from app.desktop.panels.inspector.chosen import MIXED, common
from app.desktop.panels.inspector.clip_sections import ClipSection, choose, combo
from editor_core.schema import AudioStream, Clip, MediaReference

_NAMES = {
    "stereo": ("Left", "Right"),
    "2.1": ("Left", "Right", "Bass"),
    "3.0": ("Left", "Right", "Centre"),
    "quad": ("Front left", "Front right", "Back left", "Back right"),
    "5.0": ("Front left", "Front right", "Centre", "Back left", "Back right"),
    "5.0(side)": ("Front left", "Front right", "Centre", "Side left", "Side right"),
    "5.1": ("Front left", "Front right", "Centre", "Bass", "Back left", "Back right"),
    "5.1(side)": ("Front left", "Front right", "Centre", "Bass", "Side left", "Side right"),
    "7.1": ("Front left", "Front right", "Centre", "Bass", "Back left", "Back right", "Side left", "Side right"),
}
"""Channels of libav's layouts in their order; those of others are numbered."""


class Sound(ClipSection):
    """Gain, pan, stream and channel; for a picture those of its linked sound."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench, "Sound", lambda chosen: chosen.sounds)
        gain = self.gain = self.field("Gain", lambda c: c.gain_db, lambda c, v: v, "gain_db", minimum=-96, maximum=24, step=0.1, unit="dB")
        self.row("Gain", gain, changed=lambda c: c.gain_db != 0, reset=self.resetting("gain_db", 0.0))
        pan = self.field("Pan", lambda c: c.pan * 100, lambda c, v: round(v / 100, 6), "pan", minimum=-100, maximum=100, step=0.5,
                         decimals=0)
        pan.words = lambda value: "Centre" if round(value) == 0 else f"{'Left' if value < 0 else 'Right'} {abs(value):.0f}"
        self.row("Pan", pan, changed=lambda c: c.pan != 0, reset=self.resetting("pan", 0.0))
        self.stream = self._choice("Stream", "stream", 1)
        self.channel = self._choice("Channel", "channel", 0)
        self.updates.append(self._sources)

    def _choice(self, words: str, prop: str, default: int) -> QComboBox:
        box = combo(self.bench, words, [])
        box.activated.connect(lambda _n: self.put(prop, lambda _clip: box.currentData()))
        self.row(words, box, changed=lambda c: getattr(c, prop) != default, reset=self.resetting(prop, default))
        return box

    def _sources(self, clips: list[Clip]) -> None:
        """What there is to choose from: nothing is shown where the files give no choice, or not the same one."""
        streams = common(clips, self._streams)
        known: tuple[AudioStream, ...] = () if streams is MIXED else streams
        _offer(self.stream, [(n, f"Sound {n}, {stream_words(one)}") for n, one in enumerate(known, 1)] if len(known) > 1 else [],
               common(clips, lambda c: c.stream))
        number = common(clips, lambda c: c.stream)
        chosen = known[number - 1] if number is not MIXED and number <= len(known) else None
        _offer(self.channel, channel_choices(chosen) if chosen is not None else [], common(clips, lambda c: c.channel))

    def _streams(self, clip: Clip) -> tuple[AudioStream, ...]:
        media = self.bench.snapshot.find(MediaReference, clip.asset)
        return media.audio if media is not None else ()


def stream_words(stream: AudioStream) -> str:
    """`stereo`, `mono`, `5.1`, `4 channels`."""
    plain = stream.layout.replace("(side)", "")
    if plain and "channels" not in plain:
        return plain
    return {1: "mono", 2: "stereo"}.get(stream.channels, f"{stream.channels} channels")


def channel_choices(stream: AudioStream) -> list[tuple[int, str]]:
    """(number, words) of what can be heard of a stream; empty where there is but one channel."""
    if stream.channels < 2:
        return []
    names = _NAMES.get(stream.layout, _NAMES["stereo"])
    if len(names) != stream.channels:
        names = tuple(f"Channel {n + 1}" for n in range(stream.channels))
    whole = "Both" if stream.channels == 2 else "All, mixed to stereo"
    return [(0, whole), *((n, f"{name} only") for n, name in enumerate(names, 1))]


def _offer(box: QComboBox, options: list[tuple[int, str]], value: object) -> None:
    if [(box.itemData(n), box.itemText(n)) for n in range(box.count())] != options:
        box.clear()
        for number, words in options:
            box.addItem(words, number)
    choose(box, value)
    row = box.parentWidget()
    if row is not None:
        row.setVisible(bool(options))
