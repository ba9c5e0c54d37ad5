"""Pointer tools as state machines.

Owns: what a drag means, shows and does. Refuses: Qt and pixels.
"""
