"""Panels, found by discovery; none knows another.

Owns: one module for each panel. Refuses: imports between them; they meet in the workbench and in commands.
"""
