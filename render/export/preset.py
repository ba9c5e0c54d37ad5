"""What a preset is: a named way to make a file, with its settings, its containers and its codecs.

Owns: the declaration, the choice of container by file name, the shape of the finished film. Refuses: encoding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from editor_core.schema import Timeline
from editor_core.timing import Rate, parse_rate
from render.export.errors import PresetError, SettingError
from render.export.setting import Setting, Value, Values, read_settings

_SHAPE_TOLERANCE = 0.01


class Shape(msgspec.Struct, frozen=True):
    """The finished film: `width` × `height` pixels (even), frames a second, samples a second."""

    width: int
    height: int
    rate: Rate
    audio_rate: int


class PictureCodec(msgspec.Struct, frozen=True, kw_only=True):
    """How pictures are encoded: the fields of `render.media.codecs.VideoSettings`, and the plane format it is fed with.

    This is a plain copy, because the process that plans an export loads nothing of `render.media`.
    """

    codec: Literal["h264", "h265", "vp9", "av1", "prores", "png"]
    planes: str = "yuv420p"
    crf: float = 20.0
    speed: str = "fast"
    keyint: int = 1
    profile: str = ""


class SoundCodec(msgspec.Struct, frozen=True, kw_only=True):
    """How sound is encoded: the fields of `render.media.codecs.AudioSettings`, and the sample rate. `bits` 32 is float PCM."""

    codec: Literal["aac", "opus", "pcm", "flac", "mp3"]
    rate: int
    bit_rate: int = 192_000
    bits: int = 16


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a verification accepts of this preset's loss.

    `psnr` is decibels of luma, the least of any sampled frame; `cell` is levels of 255 by which the mean of any small part of a
    frame may differ; `offset` is seconds between sound and picture; `loudness` LU and `peak` dB against the timeline's mix.
    """

    psnr: float = 26.0
    cell: float = 8.0
    offset: float = 0.001
    loudness: float = 0.5
    peak: float = 3.0

    @property
    def order(self) -> float:
        """Levels (root mean square over the areas) from which a frame that looks more like another one is in the wrong place: 1.8 at
        the usual qualities, much more at low ones, where encoders leave pictures standing for a while."""
        return 1.8 * (self.cell / 7.3) ** 2


MakePicture = Callable[[Values, Shape], PictureCodec]
MakeSound = Callable[[Values, Shape], SoundCodec]


class Preset(msgspec.Struct, frozen=True, kw_only=True):
    """A way to make a file. `film` has pictures and sound, `sound` only sound, `pictures` is stills.

    `suffixes` are the file names that it writes, the usual one first; each belongs to the container of the same position.
    """

    id: str
    title: str
    help: str
    kind: Literal["film", "sound", "pictures"]
    suffixes: tuple[str, ...]
    containers: tuple[str, ...]
    settings: tuple[Setting, ...] = ()
    picture: MakePicture | None = None
    sound: MakeSound | None = None
    limits: Callable[[Values], Limits] = lambda values: Limits()

    def read(self, given: Mapping[str, Any]) -> dict[str, Value]:
        """Checked settings, defaults filled in. Raises SettingError."""
        return read_settings(self.settings, given, self.id)

    def container_of(self, out: Path) -> str:
        """The container for a file name. Raises PresetError naming the suffixes that would do."""
        suffix = out.suffix.lower()
        if suffix in self.suffixes:
            return self.containers[self.suffixes.index(suffix)]
        what = f"{out.name} ends in {suffix}" if suffix else f"{out.name} has no ending"
        raise PresetError(f"{what}, but the preset {self.id} writes {' or '.join(self.suffixes)}")

    def shape(self, timeline: Timeline, values: Values) -> Shape:
        """The finished film's size and rates: the timeline's, unless settings `width`, `height`, `rate`, `audio_rate` override them.

        One of width and height alone keeps the shape of the picture. Raises SettingError where both would distort it.
        """
        width, height = _size(timeline, int(values.get("width", 0)), int(values.get("height", 0)))
        rate = parse_rate(str(values["rate"])) if values.get("rate") else timeline.rate
        return Shape(width, height, rate, int(values.get("audio_rate", 0)) or timeline.audio_rate)

    def describe(self) -> dict[str, Any]:
        """As plain JSON values, for `proeditor presets --json` and for windows that make a form of it."""
        return {"id": self.id, "title": self.title, "help": self.help, "kind": self.kind, "suffixes": list(self.suffixes),
                "settings": [_describe(setting) for setting in self.settings]}


def _describe(setting: Setting) -> dict[str, Any]:
    plain = {name: value for name, value in msgspec.to_builtins(setting).items() if value not in (None, "", ()) and value != []}
    return {**plain, "default": setting.default, "range": setting.range_in_words}


def _size(timeline: Timeline, width: int, height: int) -> tuple[int, int]:
    if not width and not height:
        return timeline.width, timeline.height
    if width % 2 or height % 2:
        name, value = ("width", width) if width % 2 else ("height", height)
        raise SettingError(f"{name}={value} is odd; pictures need an even number of pixels")
    if not height:
        height = max(2, round(timeline.height * width / timeline.width / 2) * 2)
    elif not width:
        width = max(2, round(timeline.width * height / timeline.height / 2) * 2)
    stretch = (width / height) / (timeline.width / timeline.height)
    if abs(stretch - 1) > _SHAPE_TOLERANCE:
        raise SettingError(
            f"width={width} and height={height} would distort the {timeline.width}×{timeline.height} picture; set one of them only")
    return width, height


SPEEDS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow")
"""Words for the encoder's effort, the same for every codec."""


def speed_setting(default: str) -> Setting:
    """The setting of the encoder's effort."""
    return Setting(name="speed", title="Encoder speed", kind="choice", default=default, choices=SPEEDS,
                   help="Slower makes smaller files of the same quality.")


FRAME = (
    Setting(name="width", title="Width", kind="integer", default=0, least=0, most=16384, unit="pixels",
            help="Width of the picture; 0 is the timeline's. With height 0 the shape is kept."),
    Setting(name="height", title="Height", kind="integer", default=0, least=0, most=16384, unit="pixels",
            help="Height of the picture; 0 is the timeline's. With width 0 the shape is kept."),
)
"""Settings of size, shared by all presets with pictures."""

RATE = Setting(name="rate", title="Frame rate", kind="rate", default="",
               help="Frames a second; empty is the timeline's. Frames are repeated or left out, never blended.")


def keyint_setting() -> Setting:
    """The setting of the longest distance between keyframes."""
    return Setting(name="keyint", title="Keyframe distance", kind="integer", default=0, least=0, most=1200, unit="frames",
                   help="Longest distance between keyframes; 0 chooses about five seconds. Short seeks faster, long is smaller.")


def keyint_of(values: Values, shape: Shape) -> int:
    """The keyframe distance in frames that the settings ask for."""
    return int(values.get("keyint", 0)) or max(1, round(5 * shape.rate.fps))


def audio_rate_setting(default: int = 0) -> Setting:
    """The setting of the sound's sample rate; 0 is the timeline's."""
    return Setting(name="audio_rate", title="Sample rate", kind="integer", default=default, least=0, most=192000, unit="Hz",
                   help="Samples of sound a second; 0 is the timeline's.")


def audio_bitrate_setting(default: int, least: int = 32, most: int = 512) -> Setting:
    """The setting of the sound's bit rate in thousands of bits a second."""
    return Setting(name="audio_bitrate", title="Sound bit rate", kind="integer", default=default, least=least, most=most,
                   unit="kbit/s", help="Thousands of bits a second for stereo sound.")
