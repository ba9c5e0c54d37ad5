"""Transitions, one file per kind, found by discovery.

Owns: the contract of a transition file. Refuses: which clips are joined and for how long (records) and drawing them (draw).

A file declares `KIND` and `mix(canvas, first, second, progress)`: `canvas` shows what lies below, `first` and `second` each
draw one clip on a canvas they are given, `progress` runs from 0 (only the first) to 1 (only the second).
"""
