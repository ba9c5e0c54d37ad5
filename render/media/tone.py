"""High dynamic range to what the film's Rec. 709 shows.

Owns: PQ and HLG (ITU-R BT.2100) tone-mapped to BT.709. Refuses: frames of other transfer curves, which stay as they are; HDR output.

Light of the display, in nits, is brought under 203 (BT.2408's reference white, here the film's 100 %) by the EETF of BT.2390-11,
section 5.4.1, with a source peak of 1,000 nits, applied to the strongest of the three channels so that hues stay; then BT.2020's
primaries become BT.709's, what lies outside is brought towards grey of the same luminance; then BT.1886 (a power of 2.4) codes it.

Whole pictures go through tables of the 1,024 code values and one matrix; a three-dimensional table was tried and missed dark channels
of saturated colours by up to 30 of 255.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from render.media.frames import plane_view

Floats = NDArray[np.float64]

PQ, HLG = 16, 18
"""AVColorTransferCharacteristic of SMPTE ST 2084 and ARIB STD-B67 (ITU-T H.273)."""
WHITE, PEAK = 203.0, 1000.0
"""Nits: what becomes the film's full white, and the brightest source value that is told apart from brighter ones."""
FORMAT = "gbrp10le"
_STEPS = 4095
_ROOTS = np.linspace(0.0, 1.0, _STEPS + 1)
"""Tables over light are spaced by its square root, which resolves the dark."""
_M1, _M2 = 2610 / 16384, 2523 / 4096 * 128
_C1, _C2, _C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
_A, _B, _C = 0.17883277, 0.28466892, 0.55991073
_LUMA_2020 = np.array([0.2627, 0.6780, 0.0593])
_LUMA_709 = np.array([0.2126, 0.7152, 0.0722])
_TO_709 = np.array([[1.660491, -0.587641, -0.072850], [-0.124550, 1.132900, -0.008349], [-0.018151, -0.100579, 1.118730]])
"""BT.2087-0, annex 2: linear RGB of BT.2020 to that of BT.709."""


def is_high_range(frame: Any) -> bool:
    """Whether a frame is coded in PQ or HLG."""
    return frame.color_trc in (PQ, HLG)


def to_nits(code: Floats, transfer: int) -> Floats:
    """Linear display light in nits of RGB code values (…, 3), 0 to 1, of one transfer curve."""
    if transfer == PQ:
        return _from_pq(code)
    scene = _scene(code)
    luminance = scene @ _LUMA_2020
    made: Floats = scene * (PEAK * np.maximum(luminance, 1e-9) ** 0.2)[..., None]
    return made


def to_sdr(nits: Floats) -> Floats:
    """BT.709 code values (…, 3), 0 to 1, of linear BT.2020 light in nits."""
    strongest = nits.max(axis=-1)
    mapped = _under_white(strongest)
    linear = nits * (mapped / np.maximum(strongest, 1e-9) / WHITE)[..., None] @ _TO_709.T
    made: Floats = _gamut(linear) ** (1 / 2.4)
    return made


def _gamut(linear: Floats) -> Floats:
    """Linear BT.709 (…, 3) brought into 0 to 1 along the way to grey of the same luminance."""
    grey = np.clip(linear @ _LUMA_709, 0.0, 1.0)[..., None]
    low, high = linear.min(axis=-1, keepdims=True), linear.max(axis=-1, keepdims=True)
    keep = np.minimum(np.where(low < 0, grey / np.maximum(grey - low, 1e-9), 1.0),
                      np.where(high > 1, (1 - grey) / np.maximum(high - grey, 1e-9), 1.0))
    made: Floats = np.clip(grey + (linear - grey) * keep, 0.0, 1.0)
    return made


def _scene(code: Floats) -> Floats:
    """HLG's inverse OETF (BT.2100-2, table 5): scene light, 0 to 1."""
    made: Floats = np.where(code <= 0.5, code * code / 3.0, (np.exp((np.maximum(code, 0.5) - _C) / _A) + _B) / 12.0)
    return made


def _under_white(nits: Floats) -> Floats:
    """BT.2390's EETF: what lies low stays, what lies between the knee and the peak is bent under the white."""
    peak, most = float(_to_pq(np.array(PEAK))), float(_to_pq(np.array(WHITE)))
    value, top = np.clip(_to_pq(nits) / peak, 0.0, 1.0), most / peak
    knee = 1.5 * top - 0.5
    t = np.clip((value - knee) / (1 - knee), 0.0, 1.0)
    bent = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (-2 * t**3 + 3 * t**2) * top
    return _from_pq(np.where(value < knee, value, bent) * peak)


def _from_pq(code: Floats) -> Floats:
    root = np.clip(code, 0.0, 1.0) ** (1 / _M2)
    made: Floats = 10000.0 * (np.maximum(root - _C1, 0.0) / (_C2 - _C3 * root)) ** (1 / _M1)
    return made


def _to_pq(nits: Floats) -> Floats:
    power = np.clip(nits / 10000.0, 0.0, 1.0) ** _M1
    made: Floats = ((_C1 + _C2 * power) / (1 + _C3 * power)) ** _M2
    return made


class ToneMapper:
    """Maps frames in FORMAT, full range, to BT.709 in the same format. Keeps its tables; not for two threads."""

    def __init__(self) -> None:
        self._light: dict[int, NDArray[np.float32]] = {}
        strong = _ROOTS**2 * PEAK
        gain = _under_white(strong) / np.maximum(strong, 1e-9) / WHITE
        gain[0] = 1.0 / WHITE
        self._gain = _table(gain, np.float32)
        self._code = _table(np.round(_ROOTS ** (2 / 2.4) * 1023), np.uint16)

    def mapped(self, frame: Any, transfer: int) -> Any:
        """A new frame of the same size."""
        out = VideoFrame(frame.width, frame.height, FORMAT)
        green, blue, red = (plane_view(plane, 2) for plane in frame.planes)
        light = self._light_of(transfer)
        linear = [cv2.LUT(np.ascontiguousarray(plane), light) for plane in (red, green, blue)]
        if transfer == HLG:
            luminance = sum(float(share) * part for share, part in zip(_LUMA_2020, linear, strict=True))
            gain = cv2.pow(np.maximum(luminance, 1e-9), 0.2) * np.float32(PEAK)
            linear = [cv2.multiply(part, gain) for part in linear]
        strongest = cv2.max(cv2.max(linear[0], linear[1]), linear[2])
        root = np.minimum(cv2.sqrt(strongest * np.float32(1 / PEAK)), np.float32(1))
        gain = cv2.LUT((root * np.float32(_STEPS)).astype(np.uint16), self._gain)
        over = strongest > PEAK
        if over.any():
            gain[over] = 1 / strongest[over]
        rgb: Any = cv2.transform(cv2.merge([cv2.multiply(part, gain) for part in linear]), _TO_709.astype(np.float32))
        channels = self._in_gamut(rgb)
        for plane, channel in zip(out.planes, (1, 2, 0), strict=True):
            at = (cv2.sqrt(channels[channel]) * np.float32(_STEPS) + np.float32(0.5)).astype(np.uint16)
            np.copyto(plane_view(plane, 2), cv2.LUT(at, self._code))
        return out

    def _light_of(self, transfer: int) -> NDArray[np.float32]:
        """Of each of the 1,024 code values: nits for PQ, scene light for HLG."""
        found = self._light.get(transfer)
        if found is None:
            code = np.linspace(0.0, 1.0, 1024)
            found = self._light[transfer] = _table(_from_pq(code) if transfer == PQ else _scene(code), np.float32)
        return found

    @staticmethod
    def _in_gamut(rgb: NDArray[np.float32]) -> list[Any]:
        """The three channels, with what lies outside brought towards its grey; few pixels of a picture do."""
        red, green, blue = cv2.split(rgb)
        outside = (cv2.min(cv2.min(red, green), blue) < 0) | (cv2.max(cv2.max(red, green), blue) > 1)
        if outside.any():
            inside = _gamut(rgb[outside].astype(np.float64)).astype(np.float32)
            for number, channel in enumerate((red, green, blue)):
                channel[outside] = inside[:, number]
        return [red, green, blue]


def _table(values: Floats, kind: Any) -> Any:
    """A table that cv2.LUT takes for 16-bit pictures: the last value stands for all higher indexes."""
    made = np.full(65536, values[-1], kind)
    made[: len(values)] = values
    return made
