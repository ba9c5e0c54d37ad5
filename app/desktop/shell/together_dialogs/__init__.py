"""Dialogs of working together: Share, Join, Members, Leave; one a file."""

from app.desktop.shell.together_dialogs.join import Join
from app.desktop.shell.together_dialogs.leave import Leave
from app.desktop.shell.together_dialogs.members import MembersDialog
from app.desktop.shell.together_dialogs.share import Share

__all__ = ["Join", "Leave", "MembersDialog", "Share"]
