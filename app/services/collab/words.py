"""What people are told of rooms and who can read them, in the window and on the command line alike.

Owns: these words. Refuses: everything else; it is loaded with every window.
"""

PLAINLY = ("A plain room: nothing in it is signed or encrypted. Anybody on this machine or network who knows the link may read the film "
           "and change everything in it")
"""What a plain room is, for whoever shares or joins one."""
PLAIN_ROOM = "Plain room: nothing in it is signed or encrypted, whoever has the link may change the film, and media stay where they are"
"""The same where there is little room and it stands all the time."""
NO_MEDIA = ("A plain room carries no media: clips whose files are not on this computer show slates. Copy the files over and relink them, "
            "or share the film in a room that is not plain, where media follow by themselves")
"""Why there are slates, and what to do."""


def readers(relay: str) -> str:
    """Who can read a room that is not encrypted, beside those who are in it, by its address."""
    return "who listens on the local network" if relay.startswith("lan") else "who runs the relay"
