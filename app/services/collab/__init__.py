"""Sharing a project: the peer's side of rooms.

Owns: links, joining, the exchange with a relay. Refuses: the relay's side (`app.services.relay`), windows.
"""
