"""Plain rooms: a project among Yjs clients, on this machine and the local network alone."""

from app.services.collab.plain.exchange import PlainExchange
from app.services.collab.plain.lines import TooFar
from app.services.collab.plain.participant import PlainParticipant
from app.services.collab.plain.rooms import join_plain, refuse_plain, share_plain, sharing_plain

__all__ = ["PlainExchange", "PlainParticipant", "TooFar", "join_plain", "refuse_plain", "share_plain", "sharing_plain"]
