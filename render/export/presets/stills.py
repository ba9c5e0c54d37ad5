"""Stills: one picture for one frame, numbered pictures for a range.

Owns: the preset `png`. Refuses: alpha, which the film does not have.
"""

from __future__ import annotations

from render.export.preset import FRAME, RATE, Limits, PictureCodec, Preset, Shape
from render.export.setting import Values


def _picture(values: Values, shape: Shape) -> PictureCodec:
    return PictureCodec(codec="png", planes="yuv444p")


PRESETS = (
    Preset(
        id="png", title="PNG stills", kind="pictures", suffixes=(".png",), containers=("png",),
        help="One picture for one frame, pictures numbered NAME-0001.png and on for a range.",
        settings=(*FRAME, RATE),
        picture=_picture, limits=lambda values: Limits(psnr=36.0, cell=3.0),
    ),
)
