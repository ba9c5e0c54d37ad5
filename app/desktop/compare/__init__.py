"""Two states of the film side by side: a page over the workspaces.

Owns: the page's parts. Refuses: what versions and branches are (see `app.services`).
"""
