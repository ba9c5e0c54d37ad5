"""The name of a picture: equal digests mean equal pixels.

Owns: digests of nodes. Refuses: where media lies and what it is called; a file that moves keeps its digests.
"""

from __future__ import annotations

import blake3
import msgspec

from render.graph.node import Frame, Layer, Mix, Node, Source

RENDERING = 1
"""Raised by one whenever drawing changes, so that pictures kept from an earlier version are not taken for current ones."""

_encoder = msgspec.msgpack.Encoder(order="deterministic")


def digest(node: Node) -> bytes:
    """32 bytes naming what the node shows: BLAKE3 over its MessagePack form, media named by content hash alone."""
    return bytes(blake3.blake3(_encoder.encode((RENDERING, _anonymous(node)))).digest())


def _anonymous(node: Node) -> Node:
    if isinstance(node, Frame):
        return msgspec.structs.replace(node, layers=tuple(_anonymous(layer) for layer in node.layers))
    if isinstance(node, Layer):
        return msgspec.structs.replace(node, content=_anonymous(node.content))
    if isinstance(node, Mix):
        return msgspec.structs.replace(
            node,
            first=None if node.first is None else _anonymous(node.first),
            second=None if node.second is None else _anonymous(node.second),
        )
    if isinstance(node, Source):
        return msgspec.structs.replace(node, asset="" if node.hash else node.asset, name="", use=0)
    return node
