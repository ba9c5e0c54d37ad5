"""Drawing: from a graph node to planes.

Owns: evaluation, compositing on planes, the RGBA domain, text, fonts and colour arithmetic. Refuses: the document, decoding
and encoding.
"""
