"""Finished pictures kept by digest.

Owns: the byte budget and what is dropped first. Refuses: making pictures.
"""
