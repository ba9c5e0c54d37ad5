"""Pictures made from words and colours, one file per kind, found by discovery.

Owns: the contract of a generator file. Refuses: placing and blending; a generator only draws itself.

A file declares `KIND`, the clip kind (or `slate`) that it draws, and
`draw(subject, width, height, fonts) -> Drawing`, where `subject` is the graph's node and `width` × `height` the box in output
pixels when the graph knows it, else 0 × 0 and the drawing says its own size in project pixels.
"""
