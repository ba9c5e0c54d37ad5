"""The steps of a render graph.

Owns: immutable nodes, each saying completely what a picture is. Refuses: pixels, files and time lines; a node never changes
and knows nothing of how it is drawn.

Lengths and places are output pixels (the request's), x to the right and y down from the frame's top left.
"""

from __future__ import annotations

import msgspec

from editor_core.schema import Align, BlendMode, Crop
from editor_core.schema.transition import TransitionKind
from render.picture import PictureFormat


class Source(msgspec.Struct, frozen=True, tag="source"):
    """A frame of a media file: `asset` names it for the picture pool, `hash` is what it contains.

    `ticks` is media time. `width` × `height` is its shown (upright, square-pixel) size in its own pixels, `alpha` whether it
    has transparency. `use` keeps two simultaneous uses of one file on decoders of their own.
    """

    asset: str
    hash: str
    name: str
    ticks: int
    width: int
    height: int
    alpha: bool = False
    use: int = 0


class Style(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a generated picture looks; fields and units are those of the clip record (project pixels)."""

    font: str = "Inter"
    font_size: float = 96.0
    font_weight: int = 600
    italic: bool = False
    align: Align = "center"
    color: str = "#FFFFFF"
    stroke_color: str = "#000000"
    stroke_width: float = 0.0
    shadow_color: str = "#00000000"
    shadow_blur: float = 0.0
    shadow_x: float = 0.0
    shadow_y: float = 0.0


class Generated(msgspec.Struct, frozen=True, tag="generated"):
    """A picture made by the generator `kind` (a file of `render.generators`) from words and a style.

    `scale_x`, `scale_y` are output pixels for one project pixel; `frame_width` × `frame_height` is the frame in project pixels.
    """

    kind: str
    text: str
    style: Style
    frame_width: int
    frame_height: int
    scale_x: float
    scale_y: float


class Slate(msgspec.Struct, frozen=True, tag="slate"):
    """What stands in for a picture that cannot be shown: `title` says what is wrong, `detail` names the thing."""

    title: str
    detail: str


Content = Source | Generated | Slate


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Where a picture goes: the point `anchor` (fractions of the picture) lies on `x`, `y`; `rotation` is degrees clockwise
    about it. `width` × `height` is the size of the whole, uncropped picture; 0 for pictures that know their own size."""

    x: float
    y: float
    width: float = 0.0
    height: float = 0.0
    anchor_x: float = 0.5
    anchor_y: float = 0.5
    rotation: float = 0.0
    crop: Crop = Crop()

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, width and height of what the crop leaves, before rotation."""
        return (
            self.x - self.anchor_x * self.width + self.crop.left * self.width,
            self.y - self.anchor_y * self.height + self.crop.top * self.height,
            self.width * (1.0 - self.crop.left - self.crop.right),
            self.height * (1.0 - self.crop.top - self.crop.bottom),
        )


class Layer(msgspec.Struct, frozen=True, tag="layer"):
    """One picture laid over what is below it. `opacity` is 0 to 1, fades included."""

    content: Content
    place: Place
    opacity: float = 1.0
    blend_mode: BlendMode = "normal"


class Mix(msgspec.Struct, frozen=True, tag="mix"):
    """A transition, `progress` from 0 (only `first`) to 1 (only `second`); either may be None where a clip is not visible."""

    kind: TransitionKind
    progress: float
    first: Layer | None
    second: Layer | None


class Frame(msgspec.Struct, frozen=True, tag="frame"):
    """A finished picture: layers from the bottom up on black."""

    width: int
    height: int
    format: PictureFormat
    layers: tuple[Layer | Mix, ...] = ()


Node = Frame | Layer | Mix | Source | Generated | Slate
