"""Render graph: from records and a time to nodes, pure.

Owns: nodes, building them, their digests, and the sound plan. Refuses: decoding, drawing, mixing.
"""
