"""The relay: keeps the envelopes of rooms and hands them on.

Owns: rooms, persistence, who may read and write them, limits. Refuses: looking into envelopes, and anything of a project.
"""
