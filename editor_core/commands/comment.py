"""Comment commands.

Owns: `comment.add`, `comment.reply`, `comment.edit`, `comment.resolve`, `comment.reopen`, `comment.assign`, `comment.move`, `comment.draw`,
`comment.delete`, `comment.marker`. Refuses: notes without an author (see `marker`), and judging who may comment (the project's room does).

Comments are a document of their own: they change no record of the film, so they are written where the film itself may not be.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from editor_core.commands.context import Context, Time
from editor_core.commands.registry import Args, CommandError, command
from editor_core.comments.acts import MAX_POINTS, MAX_SHAPES, UNIT, SetAnchor, SetAssignee, SetDrawing, SetRemoved, SetState, SetText, Shape
from editor_core.comments.acts import name_of as act_name
from editor_core.comments.placing import anchor_at, anchor_on, place
from editor_core.comments.talk import mentions_in, person_named
from editor_core.comments.threads import Comment, Thread, same_author
from editor_core.edits.wording import at as at_words
from editor_core.schema import Marker

Text = Annotated[str, Meta(min_length=1, max_length=5000, description="what is said; @NAME names somebody")]
CommentId = Annotated[str, Meta(description="a comment's id, or the beginning of it")]
Fraction = Annotated[float, Meta(ge=0, le=1)]


class ShapeArgs(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Something drawn over the picture."""

    kind: Literal["stroke", "arrow", "rectangle", "text"]
    points: Annotated[list[tuple[Fraction, Fraction]], Meta(
        min_length=1, max_length=MAX_POINTS, description="x and y as fractions of the frame: the path of a stroke, tail and head of an "
                                                         "arrow, two corners of a rectangle, left middle of a text")]
    width: Annotated[float, Meta(gt=0, le=0.2, description="of the line, or of the letters, as a fraction of the frame's height")] = 0.006
    text: Annotated[str, Meta(max_length=200)] = ""


DrawingArgs = Annotated[tuple[ShapeArgs, ...], Meta(max_length=MAX_SHAPES)]


class CommentAdd(Args, frozen=True):
    text: Text
    at: Time | None = None
    duration: Annotated[int | str, Meta(description="0 for a point in time")] = 0
    clip: Annotated[str, Meta(description="the clip it is about; without it, what is seen at that time")] = ""
    assign: Annotated[str, Meta(max_length=100, description="whose task it is")] = ""
    drawing: DrawingArgs = ()


class CommentReply(Args, frozen=True):
    comment: CommentId
    text: Text
    drawing: DrawingArgs = ()


class CommentEdit(Args, frozen=True):
    comment: CommentId
    text: Text


class CommentOne(Args, frozen=True):
    comment: CommentId


class CommentAssign(Args, frozen=True):
    comment: CommentId
    to: Annotated[str, Meta(max_length=100, description="whose task it is; empty for nobody's")] = ""


class CommentMove(Args, frozen=True):
    comment: CommentId
    at: Time
    duration: Annotated[int | str, Meta(description="0 for a point in time")] = 0


class CommentDraw(Args, frozen=True):
    comment: CommentId
    drawing: DrawingArgs


class CommentResult(msgspec.Struct, frozen=True):
    comment: str


class MarkerResult(msgspec.Struct, frozen=True):
    marker: str


@command("comment.add", "Add comment", icon="message-square-plus")
def add(ctx: Context, args: CommentAdd) -> CommentResult:
    """Says something about a time, a range or a clip of the film; it follows the clip when the film is cut again."""
    clip = ctx.clip(args.clip) if args.clip else None
    if args.at is None and clip is None:
        raise CommandError("at: say when, or give the clip it is about")
    at = clip.start if args.at is None and clip is not None else ctx.frame_time(args.at if args.at is not None else 0, "at")
    if clip is not None and not clip.start <= at < clip.end:
        raise CommandError(f"at: that is not within {clip.name or 'the clip'}")
    duration = ctx.frame_time(args.duration, "duration")
    anchor = anchor_at(ctx.draft, at, duration) if clip is None else anchor_on(clip, at, duration, pinned=True)
    people = ctx.talking.talk.people(ctx.talking.author)
    made = ctx.talking.draft.start(args.text, anchor, mentions=mentions_in(args.text, people), drawing=_shapes(args.drawing),
                                   assignee=person_named(args.assign, people) if args.assign.strip() else None)
    ctx.label = f"Comment at {at_words(at, ctx.rate)}"
    return CommentResult(act_name(made))


@command("comment.reply", "Reply to comment", icon="reply")
def reply(ctx: Context, args: CommentReply) -> CommentResult:
    """Says something in a thread."""
    thread = ctx.talking.draft.thread(args.comment)
    people = ctx.talking.talk.people(ctx.talking.author)
    made = ctx.talking.draft.reply(thread, args.text, mentions=mentions_in(args.text, people), drawing=_shapes(args.drawing))
    ctx.label = f"Reply to {_whose(ctx, thread.root)}"
    return CommentResult(act_name(made))


@command("comment.edit", "Edit comment")
def edit(ctx: Context, args: CommentEdit) -> None:
    """Writes another text. Where somebody did the same at the same time, both stay readable until the next edit."""
    _, comment = ctx.talking.draft.comment(args.comment)
    mentions = mentions_in(args.text, ctx.talking.talk.people(ctx.talking.author))
    ctx.talking.draft.write(SetText, comment.id, text=args.text, mentions=mentions, moderating=_entitled(ctx, comment, "edit"))
    ctx.label = "Edit comment"


@command("comment.resolve", "Resolve comment", icon="check")
def resolve(ctx: Context, args: CommentOne) -> None:
    """Closes a thread: it is done."""
    _state(ctx, args.comment, "resolved")
    ctx.label = "Resolve comment"


@command("comment.reopen", "Reopen comment")
def reopen(ctx: Context, args: CommentOne) -> None:
    """Opens a resolved thread again."""
    _state(ctx, args.comment, "open")
    ctx.label = "Reopen comment"


def _state(ctx: Context, name: str, state: Literal["open", "resolved"]) -> None:
    thread = ctx.talking.draft.thread(name)
    if thread.state != state:
        ctx.talking.draft.write(SetState, thread.id, state=state)


@command("comment.assign", "Assign comment", icon="square-check")
def assign(ctx: Context, args: CommentAssign) -> None:
    """Makes a comment somebody's task, or nobody's."""
    thread = ctx.talking.draft.thread(args.comment)
    person = person_named(args.to, ctx.talking.talk.people(ctx.talking.author)) if args.to.strip() else None
    if person != thread.assignee:
        ctx.talking.draft.write(SetAssignee, thread.id, assignee=person)
    ctx.label = f"Assign comment to {person.name or person.actor}" if person else "Comment is nobody's task"


@command("comment.move", "Move comment")
def move(ctx: Context, args: CommentMove) -> None:
    """Pins a thread to another time, or to a range."""
    thread = ctx.talking.draft.thread(args.comment)
    at = ctx.frame_time(args.at, "at")
    anchor = anchor_at(ctx.draft, at, ctx.frame_time(args.duration, "duration"))
    ctx.talking.draft.write(SetAnchor, thread.id, anchor=anchor, moderating=_entitled(ctx, thread.root, "move"))
    ctx.label = f"Move comment to {at_words(at, ctx.rate)}"


@command("comment.draw", "Draw on comment", icon="pencil")
def draw(ctx: Context, args: CommentDraw) -> None:
    """What is drawn over the picture with a comment, in place of what was; nothing takes it away."""
    _, comment = ctx.talking.draft.comment(args.comment)
    ctx.talking.draft.write(SetDrawing, comment.id, drawing=_shapes(args.drawing), moderating=_entitled(ctx, comment, "draw on"))
    ctx.label = "Draw on comment"


@command("comment.delete", "Delete comment")
def delete(ctx: Context, args: CommentOne) -> None:
    """Takes a comment away; replies of others stay."""
    _, comment = ctx.talking.draft.comment(args.comment)
    if not comment.removed:
        ctx.talking.draft.write(SetRemoved, comment.id, removed=True, moderating=_entitled(ctx, comment, "delete"))
    ctx.label = "Delete comment"


@command("comment.marker", "Make marker of comment", icon="bookmark-plus")
def marker(ctx: Context, args: CommentOne) -> MarkerResult:
    """Puts a marker of the timeline where a comment stands, with its text."""
    if not ctx.talking.talk.standing.edits():
        raise CommandError("You may comment on this film and not edit it; a marker would change it. Ask an owner to make you an editor")
    thread = ctx.talking.draft.thread(args.comment)
    here = place(thread.anchor, ctx.draft)
    made = ctx.draft.create(Marker(id=ctx.draft.new_id("n"), timeline=ctx.timeline.id, start=here.start, duration=here.duration,
                                   text=marker_text(thread), color="orange" if thread.assignee is not None else "blue"))
    ctx.label = f"Marker of a comment at {at_words(here.start, ctx.rate)}"
    return MarkerResult(made.id)


def marker_text(thread: Thread) -> str:
    """What a marker made of a thread says."""
    name = thread.root.author.name
    return (f"{name}: {thread.root.text}" if name else thread.root.text)[:5000]


def _entitled(ctx: Context, comment: Comment, verb: str) -> bool:
    """Whether it takes the right to moderate. Raises CommandError where it does and there is none."""
    author = ctx.talking.author
    if same_author(author, comment.author):
        return False
    if not ctx.talking.talk.standing.moderates():
        raise CommandError(f"Only {comment.author.name or 'its author'} or an owner may {verb} that comment; reply to it instead")
    return True


def _whose(ctx: Context, comment: Comment) -> str:
    return "your comment" if same_author(ctx.talking.author, comment.author) else comment.author.name or "comment"


def _shapes(given: tuple[ShapeArgs, ...]) -> tuple[Shape, ...]:
    return tuple(Shape(one.kind, tuple(round(value * UNIT) for point in one.points for value in point), max(1, round(one.width * 1000)),
                       one.text) for one in given)
