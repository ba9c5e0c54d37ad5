"""Commands: named, typed, documented functions through one door, one file for each family.

Owns: what scripts, keys, menus and agents can ask for. Refuses: what editing verbs mean (see `edits`).
"""
