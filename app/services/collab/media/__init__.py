"""Exchanging media: what is here is given to who asks, what is missing is fetched from who has it.

Owns: nothing itself. Refuses: the exchange of edits (see `app.services.collab.exchange`), which never waits for media.
"""
