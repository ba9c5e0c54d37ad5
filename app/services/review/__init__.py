"""What a merge review says and does, without a window.

Owns: the rows, the questions, the choices and the look of a merge before it is applied. Refuses: files (see `app.services.reviewing`),
widgets, and merging itself (see `editor_core.sync`).
"""
