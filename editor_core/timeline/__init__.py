"""The read side of the timeline: snapping, what is drawn after a merge, outlines.

Owns: questions that panels, tools and the renderer ask of records. Refuses: writing records.
"""
