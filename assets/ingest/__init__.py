"""Bringing media in. Owns: which files are tried. Refuses: opening them."""
