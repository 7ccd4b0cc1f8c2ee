"""Sending announcements, and taking them back: what workers do with the rows that `announcing` leaves.

A worker that holds a row's lease serves the follows one by one in the order of their ids. Each is one transaction: author
and receiver are locked, everything is asked, message and cursor (`reached`) move together. So it may be killed at any
moment, and two that believe to hold the lease send nothing twice (the message's `client_id`).
"""

import logging
import time
from datetime import timedelta

from django.db import Error, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.access import followed_ids, relation
from accounts.models import Follow, User
from privacy.access import is_muted, is_restricted, privacy_of
from privacy.actions import lock_people
from socialapp.lib.realtime import push_on_commit
from videos import actions as clips
from videos.access import is_preview, sees_video
from videos.models import Video

from ..models import Announcement, Conversation, Message, Participant, Reaction
from ..rules import Verdict, verdict
from .announcing import nudge, preview_ends
from .automatic import append_automatic, direct_conversation
from .ground import ACTIVE, changed, reference

log = logging.getLogger(__name__)
_S = Announcement.State

LEASE = timedelta(seconds=60)  # of a dead worker; a piece takes about a second
PIECE = 50  # receivers between two looks at the clock, and two renewals of the lease
SLICE = 15.0  # seconds after which a worker lets other tasks have their turn


def serve_announcements(seconds: float = SLICE) -> int:
    """Send, or take back, for about so many seconds what waits; returns how many receivers were served.

    Asks for another turn when something is left. What a dead worker held is taken up once its lease is over.
    """
    until = time.monotonic() + seconds
    served = 0
    while time.monotonic() < until:
        pk = _claim()
        if pk is None:
            return served
        served += _work(pk, until)
    if _to_do().exists():
        nudge()
    return served


def _to_do() -> QuerySet[Announcement]:
    free = Q(leased_until=None) | Q(leased_until__lt=timezone.now())
    return Announcement.objects.filter(free, state__in=(_S.WAITING, _S.UNDOING))


def _claim() -> int | None:
    """A row that nobody works on, leased by a conditional UPDATE."""
    for pk in _to_do().order_by("leased_until", "pk").values_list("pk", flat=True)[:20]:
        if _to_do().filter(pk=pk).update(leased_until=timezone.now() + LEASE):
            return int(pk)
    return None


def _work(pk: int, until: float) -> int:
    """Serve one row until it is done or the time is up; the lease is given back then."""
    served = 0
    while True:
        row = Announcement.objects.filter(pk=pk).first()
        if row is None or row.state not in (_S.WAITING, _S.UNDOING):
            return served  # its clip was deleted, or its author stopped it
        piece = _send_piece(row) if row.state == _S.WAITING else _take_back_piece(row)
        served += piece
        if not piece:
            done = _S.SENT if row.state == _S.WAITING else _S.UNDONE
            _finish(row, done)
            return served
        over = time.monotonic() >= until
        lease = None if over else timezone.now() + LEASE
        Announcement.objects.filter(pk=pk, state=row.state).update(leased_until=lease)
        if over:
            return served


def _finish(row: Announcement, state: str) -> None:
    clips.end_spent_previews(row.video_id)
    Announcement.objects.filter(pk=row.pk, state=row.state).update(
        state=state, leased_until=None, finished_at=timezone.now()
    )


# --- Sending --------------------------------------------------------------------------------------------------------


def _send_piece(row: Announcement) -> int:
    """The next follows after `reached`: how many were looked at, 0 when there are none left."""
    follows = Follow.objects.filter(followed=row.author_id, state=Follow.State.ACCEPTED, pk__gt=row.reached)
    if row.audience == Announcement.Audience.FRIENDS:
        follows = follows.filter(follower__in=followed_ids(User(pk=row.author_id)))
    looked_at = 0
    for follow_id, person_id in list(follows.order_by("pk").values_list("pk", "follower_id")[:PIECE]):
        try:
            going_on = _serve(row.pk, follow_id, person_id)
        except Error:
            raise  # the database is away: later, from here
        except Exception:
            log.exception("announcement %s did not reach one of its receivers", row.pk)
            Announcement.objects.filter(pk=row.pk, reached__lt=follow_id).update(reached=follow_id)
            going_on = True
        looked_at += 1
        if not going_on:
            break
    return looked_at


@transaction.atomic
def _serve(announcement_id: int, follow_id: int, person_id: int) -> bool:
    """One receiver. False when no more is to be sent: everything is asked again under the locks."""
    author_id = Announcement.objects.values_list("author_id", flat=True).filter(pk=announcement_id).first()
    if author_id is None:
        return False
    lock_people(author_id, person_id)
    rows = Announcement.objects.select_related("author__privacy", "video")
    row = rows.filter(pk=announcement_id, state=_S.WAITING).first()
    if row is None:
        return False
    video = row.video
    video.author = row.author
    if not row.author.is_visible or not _goes_out(video):
        _finish(row, _S.STOPPED)
        return False
    Announcement.objects.filter(pk=row.pk, reached__lt=follow_id).update(reached=follow_id)
    receiver = User.objects.select_related("privacy").filter(pk=person_id).first()
    if receiver is None or not _is_welcome(row, receiver):
        return True
    conversation = direct_conversation(row.author_id, receiver.pk)
    seat = Participant.objects.get(conversation=conversation, person=receiver)
    if seat.announcements_muted or not _arrives(row.author, receiver, seat):
        return True
    if row.is_preview and is_preview(video):
        clips.grant_preview(video, receiver.pk)
    sent = append_automatic(
        row.author,
        conversation,
        receiver.pk,
        client_id=f"announcement:{row.pk}:{receiver.pk}",
        kind=Message.Kind.ANNOUNCEMENT,
        text=row.text,
        video=video,
        announcement=row,
    )
    if sent is not None:
        Announcement.objects.filter(pk=row.pk).update(sent_count=F("sent_count") + 1)
    return True


def _goes_out(video: Video) -> bool:
    """Whether the clip is still there for those it was announced to, whoever they are."""
    states = (Video.State.READY, Video.State.PROCESSING, Video.State.DRAFT)
    return video.state in states and bool(video.playlist) and not video.held_for


def _is_welcome(row: Announcement, receiver: User) -> bool:
    """Whether the receiver still belongs to the audience, is here, and neither of the two turned away from the other."""
    stands = relation(receiver, row.author)
    audience = ("friend",) if row.audience == Announcement.Audience.FRIENDS else ("friend", "follower")
    turned_away = (
        is_muted(receiver, row.author)
        or is_restricted(receiver, row.author)
        or is_restricted(row.author, receiver)
    )
    watches = (row.is_preview and is_preview(row.video)) or sees_video(receiver, row.video)
    return receiver.is_visible and stands in audience and not turned_away and watches


def _arrives(author: User, receiver: User, seat: Participant) -> bool:
    """Whether the receiver's settings take it as a message; an announcement never comes as a request, nor into one."""
    said = verdict(
        privacy_of(receiver).message_audience,
        relation(author, receiver),
        accepted=seat.accepted_at is not None,
    )
    return said is Verdict.MESSAGE and seat.state == ACTIVE


# --- Taking back ----------------------------------------------------------------------------------------------------


def _take_back_piece(row: Announcement) -> int:
    """Take back the next messages that are still there: how many, 0 when there are none left."""
    there = Message.objects.filter(announcement=row.pk, removed_at=None).order_by("pk")
    found = list(there.values_list("pk", "sender_id", "conversation_id")[:PIECE])
    for message_id, sender_id, conversation_id in found:
        _take_back(message_id, sender_id, conversation_id)
    return len(found)


@transaction.atomic
def _take_back(message_id: int, sender_id: int | None, conversation_id: int) -> None:
    """As its sender would by hand (`writing.unsend`), whatever stands between the two by now."""
    seats = Participant.objects.filter(conversation=conversation_id)
    people = list(seats.values_list("person_id", flat=True))
    lock_people(*people)
    Conversation.objects.select_for_update().get(pk=conversation_id)
    message = Message.objects.select_related("announcement").get(pk=message_id)
    if message.removed_at is not None:
        return
    preview_ends(message)
    message.removed_at, message.text, message.search_text, message.video = timezone.now(), "", "", None
    message.save(update_fields=["removed_at", "text", "search_text", "video"])
    changed(message)
    Reaction.objects.filter(message=message).delete()
    push_on_commit([pk for pk in people if pk != sender_id], "message.removed", reference(message))
