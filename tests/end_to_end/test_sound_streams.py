"""A camera file with several sound streams: what the import says, and what an export of another stream or channel sounds like."""

import json

import numpy as np

from tests.support.command_line import ffmpeg
from tests.support.footage import run_ffmpeg


def pitches(path):
    """The strongest frequency in Hz of the left and right channel of a file, as an independent ffmpeg reads it."""
    samples = np.frombuffer(run_ffmpeg("-i", path, "-f", "f32le", "-ac", "2", "-ar", "48000", "-"), np.float32).reshape(-1, 2)
    middle = samples[12000:36000]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))[:, None], axis=0))
    return [round(int(peak) * 48000 / len(middle)) for peak in spectrum.argmax(axis=0)]


def test_an_export_has_the_stream_and_channel_that_the_clip_was_given(proeditor, film, tmp_path):
    tones = [word for hertz in (300, 500, 700) for word in ("-f", "lavfi", "-i", f"sine=frequency={hertz}:sample_rate=48000:duration=1")]
    ffmpeg(*tones, "-filter_complex", "[1][2]join=inputs=2:channel_layout=stereo[two]", "-map", "0:a", "-map", "[two]", "-c:a", "pcm_s16le",
           str(tmp_path / "field.mka"))
    (asset,) = proeditor("import", film, tmp_path / "field.mka", "--json").json["assets"]
    assert any("2 sound streams; a clip plays the first until another is chosen" in words for words in asset["warnings"])
    clip = proeditor("run", film, "clip.append", json.dumps({"asset": asset["asset"]})).json["clip"]
    heard = []
    for choice in ({}, {"stream": 2}, {"channel": 2}):
        if choice:
            proeditor("run", film, "clip.set", json.dumps({"clip": clip, "properties": choice}))
        out = tmp_path / f"film {len(heard)}.wav"
        proeditor("export", film, out, "--preset", "wav")
        heard.append(pitches(out))
    assert heard == [[300, 300], [500, 700], [700, 700]]
    proeditor("undo", film)
    proeditor("undo", film)
    proeditor("export", film, tmp_path / "again.wav", "--preset", "wav")
    assert pitches(tmp_path / "again.wav") == [300, 300]
