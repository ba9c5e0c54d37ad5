"""Actions of the window, found by discovery: one module for each family.

Owns: what every menu entry, key and button does. Refuses: widgets; documents change through commands only.
"""
