"""The sound server as a real process, on a null device and on a PulseAudio null sink.

Owns: tests of render.playback.sound and sound_server. Refuses: the arithmetic of mixing.
"""

from __future__ import annotations

import os
import queue
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from editor_core.document import Document
from editor_core.schema import Timeline
from editor_core.timing import TICKS_PER_SECOND as S
from render.playback.errors import PlaybackError
from render.playback.sound import GONE, SoundClient
from tests.render.playback.film import busy, click_file, document, put, put_record
from tests.render.playback.null_sink import RATE, NullSink


class Listener:
    """A client with queues of what it was told."""

    def __init__(self, doc: Document, locations: dict[str, list[Path]], **options: object) -> None:
        self.doc = doc
        self.client = SoundClient(**options)  # type: ignore[arg-type]
        self.troubles: queue.Queue[tuple[str, str]] = queue.Queue()
        self.ends: queue.Queue[int] = queue.Queue()
        self.client.on_trouble(lambda text, about: self.troubles.put((text, about)))
        self.client.on_ended(self.ends.put)
        self.client.load(doc.snapshot, locations)

    def until(self, what: Callable[[], bool], seconds: float = 20) -> None:
        deadline = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < deadline, "it never came to that"
            time.sleep(0.002)

    def ready(self) -> None:
        """Waits for the device, which may take its time on a busy machine."""
        self.until(lambda: self.client.device is not None, 15)

    def wake(self) -> None:
        """Plays a moment: an idle sink takes up to 2 s to ask for anything."""
        self.ready()
        self.client.play(S // 4)
        self.until(lambda: self.client.levels().peak_left > -119 or self.client.position() > S, 15)
        self.client.stop()
        time.sleep(0.15)

    def follow(self, seconds: float) -> tuple[np.ndarray, np.ndarray]:
        """Wall time and position in seconds, about every 3 ms."""
        seen = []
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            seen.append((time.monotonic_ns() / 1e9, self.client.position() / S))
            time.sleep(0.003)
        made = np.array(seen)
        return made[:, 0], made[:, 1]


@pytest.fixture(scope="module")
def clicks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return click_file(tmp_path_factory.mktemp("clicks") / "clicks.wav", seconds=10)


@pytest.fixture(scope="module")
def tone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return click_file(tmp_path_factory.mktemp("tone") / "tone.wav", seconds=10, hertz=1000)


@pytest.fixture
def listener(tone: Path) -> Iterator[Listener]:
    made = Listener(*document(tone), backend="null")
    made.ready()
    yield made
    made.client.close()


@pytest.mark.real_time
def test_the_clock_runs_evenly_and_never_back(listener: Listener) -> None:
    listener.client.play(2 * S)
    listener.until(lambda: listener.client.position() > 2 * S)
    wall, heard = listener.follow(1.5)
    assert (np.diff(heard) >= 0).all()
    assert np.abs((heard - heard[0]) - (wall - wall[0])).max() < 0.030
    assert listener.client.stop() / S == pytest.approx(heard[-1], abs=0.05)
    at = listener.client.position()
    time.sleep(0.1)
    assert listener.client.position() == at and not listener.client.playing


@pytest.mark.real_time
def test_playing_begins_quickly_where_it_is_told(listener: Listener) -> None:
    for start in (3, 7, 1):
        begun = time.monotonic()
        listener.client.play(start * S)
        assert listener.client.position() == start * S
        listener.until(lambda start=start: listener.client.position() > start * S)
        assert time.monotonic() - begun < 0.5 and listener.client.position() < (start + 0.5) * S


@pytest.mark.parametrize("speed", [-1.0, 2.0, 0.5, 8.0, -4.0])
@pytest.mark.real_time
def test_the_clock_follows_the_speed(listener: Listener, speed: float) -> None:
    listener.client.play(5 * S, speed)
    listener.until(lambda: listener.client.position() != 5 * S)
    wall, heard = listener.follow(0.5)
    assert np.polyfit(wall, heard, 1)[0] == pytest.approx(speed, rel=0.05)


def test_the_end_of_the_range_is_told_and_the_clock_waits_there(listener: Listener) -> None:
    number = listener.client.play(9 * S, 1.0, 0, 9 * S + S // 4)
    assert listener.ends.get(timeout=20) == number
    assert listener.client.position() == 9 * S + S // 4


@pytest.mark.real_time
def test_a_loop_goes_round_and_stays_inside(listener: Listener) -> None:
    listener.client.play(2 * S, 1.0, 2 * S, 2 * S + S // 5, True)
    _, heard = listener.follow(1.2)
    assert heard.min() >= 2.0 and heard.max() < 2.2 and (np.diff(heard) < -0.1).sum() >= 4


def test_speeds_out_of_range_are_refused(listener: Listener) -> None:
    for speed in (0, 9, -8.5):
        with pytest.raises(PlaybackError):
            listener.client.play(0, speed)


def test_levels_are_those_of_what_is_heard(listener: Listener) -> None:
    assert listener.client.levels().peak_left == -120
    listener.client.play(0)
    listener.until(lambda: listener.client.levels().peak_left > -13)
    time.sleep(0.3)
    levels = listener.client.levels()
    assert levels.peak_left == pytest.approx(-12.04, abs=0.1) and levels.rms_right == pytest.approx(-15.05, abs=0.2)
    assert levels.short_term == pytest.approx(-12.0, abs=1.0)
    assert levels.true_left == pytest.approx(-12.04, abs=0.2)
    tracks = [track.id for track in listener.doc.snapshot.tracks("audio")]
    found = listener.client.track_levels([*tracks, "no such track"])
    assert list(found) == tracks[:1] and found[tracks[0]][0] == pytest.approx(-12.04, abs=0.1)
    listener.client.stop()
    listener.until(lambda: listener.client.levels().peak_left == -120)


@pytest.mark.real_time
def test_a_killed_server_leaves_the_clock_running_and_sound_comes_back(listener: Listener) -> None:
    listener.client.play(S)
    listener.until(lambda: listener.client.position() > S + S // 5)
    first, at = listener.client.pid, listener.client.position() / S
    begun = time.monotonic()
    os.kill(first, signal.SIGKILL)
    wall, heard = listener.follow(2.0)
    assert (np.diff(heard) >= 0).all() and np.diff(heard).max() < 0.2
    assert heard[-1] - at == pytest.approx(wall[-1] - begun, abs=0.1)
    assert listener.troubles.get(timeout=20) == (GONE, "sound")
    assert listener.client.pid not in (0, first)
    listener.until(lambda: listener.client.levels().peak_left > -13)


def test_a_stopped_server_is_found_and_the_clock_does_not_wait(tone: Path) -> None:
    listener = Listener(*document(tone), backend="null", silence=1.2)
    listener.ready()
    listener.client.play(0)
    listener.until(lambda: listener.client.position() > S // 10)
    first = listener.client.pid
    os.kill(first, signal.SIGSTOP)
    wall, heard = listener.follow(3.0)
    assert (np.diff(heard) >= 0).all() and heard[-1] - heard[0] == pytest.approx(wall[-1] - wall[0], abs=0.15)
    assert listener.client.pid not in (0, first)
    listener.client.close()


def test_media_that_is_missing_is_silent_and_said(tone: Path) -> None:
    doc, _ = document(tone)
    listener = Listener(doc, {"m0": [tone.with_name("gone.wav")]}, backend="null")
    listener.client.play(0)
    text, about = listener.troubles.get(timeout=10)
    assert about == "m0" and "tone.wav" in text
    listener.until(lambda: listener.client.position() > S // 2)
    listener.client.locate("m0", [tone])
    listener.until(lambda: listener.client.levels().peak_left > -13)
    listener.client.close()


def test_the_sound_server_loads_neither_skia_nor_qt(listener: Listener) -> None:
    listener.client.play(0)
    listener.until(lambda: listener.client.position() > 0)
    maps = Path(f"/proc/{listener.client.pid}/maps").read_text()
    assert "miniaudio" in maps and "libav" in maps
    assert "skia" not in maps and "PySide6" not in maps and "libQt" not in maps


def test_closing_ends_the_process(tone: Path) -> None:
    listener = Listener(*document(tone), backend="null")
    listener.ready()
    pid = listener.client.pid
    listener.client.close()
    listener.until(lambda: not Path(f"/proc/{pid}").exists())


@pytest.fixture(scope="module")
def sink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NullSink]:
    made = NullSink(tmp_path_factory.mktemp("pulse"))
    yield made
    made.close()


@pytest.fixture
def heard(sink: NullSink, monkeypatch: pytest.MonkeyPatch) -> NullSink:
    for name, value in sink.environment.items():
        monkeypatch.setenv(name, value)
    return sink


def _onsets(samples: np.ndarray, level: float = 0.4) -> np.ndarray:
    """First samples of clicks."""
    loud = np.flatnonzero(np.abs(samples) > level)
    return loud[np.flatnonzero(np.diff(loud, prepend=-RATE) > RATE // 10)] if len(loud) else loud


@pytest.mark.real_time
def test_clicks_are_heard_when_the_clock_says_so(heard: NullSink, clicks: Path) -> None:
    listener = Listener(*document(clicks), backend="pulse")
    listener.ready()
    assert listener.client.device is not None and not listener.client.device.silent
    listener.wake()
    listener.client.play(S // 2)
    wall, clock = listener.follow(3.4)
    listener.client.close()
    samples, begun = heard.recording()
    times = begun / 1e9 + _onsets(samples) / RATE
    said = np.interp(times[(times > wall[0]) & (times < wall[-1])], wall, clock)
    errors = said - np.round(said)
    print(f"clicks heard at clock errors of {np.round(errors * 1000, 1)} ms")
    assert len(errors) >= 3 and np.abs(np.median(errors)) < 0.020
    assert busy() or np.abs(errors).max() < 0.020


@pytest.mark.real_time
def test_a_change_while_playing_is_heard_within_a_tenth_of_a_second(heard: NullSink, tone: Path) -> None:
    listener = Listener(*document(tone), backend="pulse")
    listener.wake()
    listener.client.play(0)
    listener.until(lambda: listener.client.position() > S)
    change, after = put(listener.doc, "ca0", enabled=False)
    changed = time.monotonic_ns()
    listener.client.change(change, after)
    time.sleep(0.6)
    listener.client.close()
    samples, begun = heard.recording()
    loud = np.flatnonzero(np.abs(samples) > 0.05)
    silent_at = begun + loud[-1] / RATE * 1e9
    print(f"heard {(silent_at - changed) / 1e6:.0f} ms after the change")
    assert 0 < (silent_at - changed) / 1e9 < 0.15


@pytest.mark.real_time
def test_sound_that_is_played_is_the_mix_bit_for_bit(heard: NullSink, tone: Path) -> None:
    expected = (0.25 * np.sin(2 * np.pi * 1000 * np.arange(RATE // 2) / RATE) * 32767).astype("<i2").astype(np.float32) / 32768
    listener = Listener(*document(tone), backend="pulse")
    listener.wake()
    errors = []
    for _ in range(4):  # a machine under load may miss a device period, which is a gap and no wrong sample
        number = listener.client.play(0, 1.0, 0, S // 2)
        assert listener.ends.get(timeout=10) == number
        time.sleep(0.2)
        samples, _ = heard.recording()
        end = np.flatnonzero(np.abs(samples) > 1e-4)[-1] + 1
        begins = range(end - len(expected), end - len(expected) + 60)
        errors.append(min(np.abs(samples[at:at + len(expected)][:end - at] - expected[:end - at]).max() for at in begins))
        if errors[-1] < 1e-6:
            break
    listener.client.close()
    assert errors[-1] < 1e-6


def test_a_sound_service_that_goes_away_is_said_and_pictures_go_on(tmp_path: Path, tone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = NullSink(tmp_path)
    for name, value in own.environment.items():
        monkeypatch.setenv(name, value)
    listener = Listener(*document(tone), backend="pulse")
    listener.ready()
    listener.client.play(0)
    listener.until(lambda: listener.client.position() > S // 2)
    own.kill_server()
    wall, clock = listener.follow(4.0)
    assert (np.diff(clock) >= 0).all() and clock[-1] - clock[0] == pytest.approx(wall[-1] - wall[0], abs=0.4)
    assert listener.troubles.get(timeout=20) == (GONE, "sound")
    assert listener.client.device is not None and listener.client.device.silent
    listener.client.close()
    own.close()


def test_changing_the_audio_rate_while_playing_goes_on_at_the_new_one(listener: Listener) -> None:
    listener.client.play(S)
    listener.until(lambda: listener.client.position() > S + S // 4)
    change, after = put_record(listener.doc, Timeline, "main", audio_rate=44_100)
    listener.client.change(change, after)
    wall, heard = listener.follow(1.5)
    assert heard[-1] - heard[0] == pytest.approx(wall[-1] - wall[0], abs=0.25)
    listener.until(lambda: listener.client.levels().peak_left > -13)
