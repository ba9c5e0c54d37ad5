"""Talk on the cut: comments with replies, drawings and tasks, as a document of their own beside the film.

Owns: the public names of the package. Refuses: files, networks, widgets.

Form. The document is a growing set of **acts**: somebody says something (`Say`), or writes one property of what was said (text, state,
assignee, place, drawing, removed). An act never changes; its id is the BLAKE3 of its bytes, so that an act can be neither forged under
another's name nor counted twice, and copies are merged by uniting their sets, in whatever order and however often. A write names the
writes it replaces; where more than one is not replaced, people wrote at once: the outcome is the same on every machine (`threads`), and of
two texts both are shown. No native code sees what a commenter sends, unlike the replica of the film.
"""

from __future__ import annotations

from editor_core.comments.acts import ActRefused, Anchor, Person, Shape
from editor_core.comments.document import Comments, CommentsDraft
from editor_core.comments.placing import Place, place
from editor_core.comments.threads import Comment, Thread

__all__ = ["ActRefused", "Anchor", "Comment", "Comments", "CommentsDraft", "Person", "Place", "Shape", "Thread", "place"]
