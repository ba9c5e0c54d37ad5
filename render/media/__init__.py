"""Reading and writing media: the only package that imports PyAV.

Owns: probing, frame-exact decoding, sound, conversion between pixel formats, encoding and joining.
Refuses: the document, drawing, and any protocol but local files. libav's own log stays off: its callback can dead-lock
with the interpreter lock, and what people need to know is in the exceptions.
"""

import av.logging

from render.media.processor import spare_gathers

av.logging.set_level(None)
spare_gathers()
