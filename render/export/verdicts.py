"""From measures to verdicts: what a verification says of each thing it compared.

Owns: expected values, limits, sentences, the timeline's time of the worst place. Refuses: measuring.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from editor_core.edits.wording import counted
from editor_core.schema import MediaReference
from editor_core.timing import TICKS_PER_SECOND, format_timecode, round_div, seconds, ticks_of_sample
from render.export.plan import Plan
from render.export.preset import Limits
from render.export.report import Check

_PICTURE_NAMES = {"h264": "h264", "h265": "hevc", "vp9": "vp9", "av1": "av1", "prores": "prores", "png": "png"}
_SOUND_NAMES = {"aac": "aac", "opus": "opus", "flac": "flac", "mp3": "mp3"}
_PCM_NAMES = {16: "pcm_s16le", 24: "pcm_s24le", 32: "pcm_f32le"}
_CODEC_FRAME = {"aac": 1024, "opus": 960, "mp3": 1152 * 2}
"""Samples by which a codec may lengthen the sound to fill its last frame."""
_STAMP_LIMIT = 0.001
"""Seconds by which a frame's time may miss its place: containers that count milliseconds round."""
_LEVEL_LIMIT = {True: 0.2, False: 2.0}
_LIKENESS_LIMIT = {True: 0.995, False: 0.8}
_COMPARED_LIKENESS = 0.5
"""Sound less alike than this is another sound; its shift says nothing."""


@dataclass(slots=True)
class Examined:
    """Everything that was measured of one file: results of `verify_file`, `verify_sound` and of all `verify_picture`."""

    file: str
    media: MediaReference
    frames: int
    stamps: list[int]
    sound: dict[str, Any] | None = None
    pictures: list[dict[str, Any]] = field(default_factory=list)


def checks(plan: Plan, found: Examined, limits: Limits) -> list[Check]:
    """Every check that applies to the preset's kind, in the order people read them."""
    judge = _Judge(plan, found, limits)
    made = [judge.format()]
    if plan.picture is not None:
        made.append(judge.frame_count())
        if plan.kind == "film":
            made += [judge.frame_times(), judge.duration()]
        made += judge.pictures()
    if plan.sound is not None:
        made += judge.sound()
    return made


class _Judge:
    def __init__(self, plan: Plan, found: Examined, limits: Limits) -> None:
        self.plan = plan
        self.found = found
        self.limits = limits
        codec = plan.sound.codec if plan.sound else ""
        self._lossless = codec in ("pcm", "flac")

    def _check(self, name: str, title: str, ok: bool, measured: float | int | str, limit: float | int | str, unit: str = "",
               message: str = "", frame: int | None = None) -> Check:
        ticks = None if frame is None else self.plan.ticks(frame)
        code = "" if ticks is None else format_timecode(ticks, self.plan.timeline_rate)
        return Check(name=name, title=title, ok=ok, measured=measured, limit=limit, unit=unit, message="" if ok else message,
                     ticks=ticks, timecode=code)

    def _frame_of_sample(self, sample: float, rate: int) -> int:
        ticks = ticks_of_sample(int(sample), rate)
        return min(self.plan.frames - 1, max(0, ticks // self.plan.step))

    def format(self) -> Check:
        wanted, seen = self._wanted_format(), self._seen_format()
        return self._check("format", "Codecs, size, rate, colour tags", wanted == seen, seen, wanted,
                           message=f"The file is {seen}; the preset {self.plan.preset} writes {wanted}")

    def _wanted_format(self) -> str:
        words = []
        plan = self.plan
        if plan.picture is not None:
            words.append(f"{_PICTURE_NAMES[plan.picture.codec]} {plan.shape.width}x{plan.shape.height}")
            if plan.kind == "film":
                words.append(f"{plan.shape.rate} fps {10 if '10' in plan.picture.planes else 8}-bit bt709 limited")
        if plan.sound is not None:
            name = _PCM_NAMES[plan.sound.bits] if plan.sound.codec == "pcm" else _SOUND_NAMES[plan.sound.codec]
            words.append(f"{name} {plan.sound.rate} Hz 2 channels")
        return ", ".join(words)

    def _seen_format(self) -> str:
        words = []
        media = self.found.media
        if media.video is not None:
            video = media.video
            words.append(f"{video.codec} {video.width}x{video.height}")
            if self.plan.kind == "film":
                span = "full" if video.full_range else "limited"
                words.append(f"{video.rate} fps {video.bit_depth}-bit {video.matrix} {span}")
        for sound in media.audio[:1]:
            words.append(f"{sound.codec} {sound.sample_rate} Hz {sound.channels} channels")
        return ", ".join(words) or "neither picture nor sound"

    def frame_count(self) -> Check:
        count, wanted = self.found.frames, self.plan.frames
        return self._check("frames", "Frames", count == wanted, count, wanted, "frames",
                           f"{counted(abs(count - wanted), 'frame')} " + ("too many" if count > wanted else "missing"),
                           None if count == wanted else min(count, wanted - 1) if count < wanted else wanted - 1)

    def frame_times(self) -> Check:
        step = self.plan.step
        numbers = [round_div(stamp, step) for stamp in self.found.stamps]
        wrong = [should for should, number in enumerate(numbers) if number != should]
        if wrong:
            return self._check("times", "Frame times", False, len(wrong), 0, "frames",
                               "Frames are missing, doubled or shifted by their time stamps", min(wrong[0], self.plan.frames - 1))
        off = [abs(stamp - number * step) for stamp, number in zip(self.found.stamps, numbers, strict=True)] or [0]
        worst = max(off) / TICKS_PER_SECOND
        return self._check("times", "Frame times", worst <= _STAMP_LIMIT, round(worst, 6), _STAMP_LIMIT, "s",
                           "A frame is not shown at its time", min(off.index(max(off)), self.plan.frames - 1))

    def duration(self) -> Check:
        sound = self.plan.sound
        slack = self.plan.step
        if sound is not None:
            slack = max(slack, ticks_of_sample(_CODEC_FRAME.get(sound.codec, 1), sound.rate))
        off = seconds(self.found.media.duration - self.plan.frames * self.plan.step)
        return self._check("duration", "Duration", abs(off) <= seconds(slack), round(off, 6), round(seconds(slack), 6), "s off",
                           f"The file is {abs(off):.3f} s too {'long' if off > 0 else 'short'}")

    def pictures(self) -> list[Check]:
        results = self.found.pictures
        if not results:
            return [self._check("picture", "Picture", False, "none", "", message="The file has no picture to compare")]
        broken = sum(result["broken"] for result in results)
        return [
            self._check("decodes", "Damaged packets", broken == 0, broken, 0, "", "Parts of the picture cannot be decoded"),
            self._stretches("black", "Black that the timeline does not have", _merged(results, "black"), "frames",
                            lambda n, at: f"The picture is black for {counted(n, 'frame')} and should not be"),
            self._stretches("frozen", "Stills that the timeline does not have", _merged(results, "frozen"), "frames",
                            lambda n, at: f"The picture stands still for {counted(n, 'frame')}"),
            self._misplaced(),
            self._cells(),
            self._fidelity(),
        ]

    def _stretches(self, name: str, title: str, runs: list[list[float]], unit: str, say: Callable[[int, int], str]) -> Check:
        longest = max(runs, key=lambda run: run[1], default=None)
        if longest is None:
            return self._check(name, title, True, 0, 0, unit)
        return self._check(name, title, False, int(longest[1]), 0, unit, say(int(longest[1]), int(longest[0])), int(longest[0]))

    def _misplaced(self) -> Check:
        runs = _merged(self.found.pictures, "misplaced")
        total = sum(int(run[1]) for run in runs)
        if not runs:
            return self._check("order", "Frames in their places", True, 0, 0, "misplaced")
        first, _, by = runs[0]
        when = f"{abs(int(by))} frame{'s' if abs(by) != 1 else ''} {'later' if by > 0 else 'earlier'}"
        return self._check("order", "Frames in their places", False, total, 0, "misplaced",
                           f"A frame shows what belongs {when} on the timeline", int(first))

    def _cells(self) -> Check:
        frame, worst = max((result["cell"] for result in self.found.pictures), key=lambda cell: cell[1])
        return self._check("areas", "Largest difference of any small area", worst <= self.limits.cell, round(worst, 2),
                           round(self.limits.cell, 2), "of 255", "A frame does not look like the timeline's", int(frame))

    def _fidelity(self) -> Check:
        frame, worst = min((result["psnr"] for result in self.found.pictures), key=lambda pair: pair[1])
        return self._check("fidelity", "Every frame against the renderer's", worst >= self.limits.psnr, round(worst, 2),
                           round(self.limits.psnr, 2), "dB PSNR", "A frame is not the picture that the renderer makes", int(frame))

    def sound(self) -> list[Check]:
        found = self.found.sound
        if found is None:
            return [self._check("sound", "Sound", False, "none", "", message="The file has no sound")]
        rate = self.found.media.audio[0].sample_rate
        return [self._sound_length(found, rate), self._offset(found, rate), self._level(found, rate), self._likeness(found, rate),
                self._hole(found, rate), self._loudness(found), self._peak(found)]

    def _sound_length(self, found: dict[str, Any], rate: int) -> Check:
        assert self.plan.sound is not None
        off = found["samples"] - self.plan.samples_at(rate)
        slack = _CODEC_FRAME.get(self.plan.sound.codec, 0)
        return self._check("samples", "Samples of sound", abs(off) <= slack, off, slack, "samples off",
                           f"The sound is {abs(off)} samples too {'long' if off > 0 else 'short'}",
                           self.plan.frames - 1 if abs(off) > slack else None)

    def _offset(self, found: dict[str, Any], rate: int) -> Check:
        shifts = [shift for shift in found["shifts"] if shift[2] >= _COMPARED_LIKENESS]
        if not shifts:
            return self._check("offset", "Sound against picture", True, "nothing to compare", round(self.limits.offset, 6), "s")
        at, samples, _ = max(shifts, key=lambda shift: abs(shift[1]))
        off = samples / rate
        return self._check("offset", f"Sound against picture at {len(shifts)} points", abs(off) <= self.limits.offset, round(off, 6),
                           round(self.limits.offset, 6), "s", f"The sound comes {abs(off) * 1000:.1f} ms {'late' if off > 0 else 'early'}",
                           self._frame_of_sample(at, rate))

    def _level(self, found: dict[str, Any], rate: int) -> Check:
        at, decibels = found["level"]
        limit = _LEVEL_LIMIT[self._lossless]
        return self._check("level", "Level of any second", abs(decibels) <= limit, round(decibels, 3), limit, "dB",
                           f"A second is {abs(decibels):.1f} dB too {'loud' if decibels > 0 else 'quiet'}", self._frame_of_sample(at, rate))

    def _likeness(self, found: dict[str, Any], rate: int) -> Check:
        at, likeness = found["likeness"]
        limit = _LIKENESS_LIMIT[self._lossless]
        return self._check("likeness", "Likeness of any second to the mix", likeness >= limit, round(likeness, 4), limit, "of 1",
                           "A second does not sound as the timeline does", self._frame_of_sample(at, rate))

    def _hole(self, found: dict[str, Any], rate: int) -> Check:
        at, samples = found["hole"]
        return self._check("holes", "Holes in the sound that the timeline does not have", not samples, round(samples / rate, 3), 0, "s",
                           f"The sound drops out for {samples / rate * 1000:.0f} ms", self._frame_of_sample(at, rate))

    def _loudness(self, found: dict[str, Any]) -> Check:
        film, mixed = found["loudness"]
        limit = self.limits.loudness
        if film is None or mixed is None:
            same = film is None and mixed is None
            return self._check("loudness", "Loudness", same, "silent" if film is None else round(film, 2),
                               "silent" if mixed is None else round(mixed, 2), "LUFS", "One is silent, the other is not")
        return self._check("loudness", f"Loudness {film:.1f} LUFS against the mix", abs(film - mixed) <= limit, round(film - mixed, 3),
                           limit, "LU", f"The file has {film:.1f} LUFS, the mix {mixed:.1f}")

    def _peak(self, found: dict[str, Any]) -> Check:
        film, mixed = found["peak"]
        if film is None or mixed is None:
            same = film is None and mixed is None
            return self._check("peak", "Peak", same, "silent" if film is None else round(film, 2), "", "dBFS", "One is silent")
        limit = round(mixed + self.limits.peak, 2)
        return self._check("peak", f"Peak, the mix has {mixed:.1f} dBFS", film <= limit, round(film, 2), limit, "dBFS",
                           "The sound is clipped or too loud")


def _merged(results: Iterable[dict[str, Any]], name: str) -> list[list[float]]:
    """Runs of all stretches, those that meet at a border as one."""
    runs: list[list[float]] = []
    for run in sorted(run for result in results for run in result[name]):
        if runs and runs[-1][0] + runs[-1][1] == run[0]:
            runs[-1][1] += run[1]
        else:
            runs.append(list(run))
    return runs


