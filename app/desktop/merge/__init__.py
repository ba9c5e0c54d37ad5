"""The merge that is watched before it is accepted: a page over the workspaces.

Owns: the page's parts. Refuses: working the merge out (see `app.services.reviewing`).
"""
