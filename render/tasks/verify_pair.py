"""One frame of an exported film beside the same frame of the timeline, for people to look at.

Owns: the task `verify_pair`. Refuses: measuring.
"""

from __future__ import annotations

from typing import Any

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from render.export.exported_film import ExportedFilm
from render.export.preset import Shape
from render.export.studio import Studio, request_of
from render.media.convert import Converter, to_rgb
from render.tasks import Report

TASK = "verify_pair"
MOST_HEIGHT = 720


def run(args: dict[str, Any], report: Report) -> dict[str, Any]:
    """Frame `frame` of the film that `verify_picture` is told of, `height` pixels high (2 to 720).

    `{"width", "height", "cut": RGBA bytes of the timeline's, "file": RGBA bytes of the file's}`. Raises MediaError.
    """
    frame, height = int(args["frame"]), min(MOST_HEIGHT, max(2, int(args["height"])))
    shape = msgspec.convert(args["shape"], Shape)
    request = request_of(shape, args["planes"])
    width, scaler = max(2, round(shape.width * height / shape.height)), Converter()
    with Studio(args) as studio, ExportedFilm(args, shape, request.format) as film:
        cut = film.kept(studio.picture(args["start"] + frame * args["step"], request))
        pictures = [_small(to_rgb(planes, scaler), width, height) for planes in (cut, film.at(frame))]
    return {"width": width, "height": height, "cut": pictures[0].tobytes(), "file": pictures[1].tobytes()}


def _small(picture: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    made: Any = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(made, np.uint8)
