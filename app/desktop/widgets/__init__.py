"""Small widgets that shell and panels share.

Owns: fields, buttons, labels and lists in the theme's look. Refuses: documents and commands.
"""
