"""Effects, one file per kind, found by discovery.

Owns: the folder that is walked. Refuses: being a list; this version has no effects, and adding one is adding a file.
"""
