"""Preset families, one module each, found by discovery: a module has `PRESETS: tuple[Preset, ...]`.

Owns: nothing but the folder. Refuses: presets made by people, which are data (later) and not code.
"""
