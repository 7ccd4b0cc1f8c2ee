"""Announcements: a creator tells followers or friends of a clip, each in their own conversation with them.

Who asks for one, stops it, takes it back; `fan_out` serves the rows. Locks as in ground.py: people, then the rest.
"""

import logging
import math
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from privacy import terms
from privacy.actions import audit, lock_people
from privacy.rules import Audience
from socialapp.lib.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from videos import actions as clips
from videos.models import Video
from videos.text import clean

from .. import access
from ..access.seats import number
from ..models import Announcement, Message, Participant
from ..rules import ANNOUNCEMENT_LENGTH
from .ground import Actor, signed_in

log = logging.getLogger(__name__)
_S = Announcement.State


def announce(
    actor: Actor, *, video_id: str | int, text: str = "", audience: str, preview: bool = False
) -> Announcement:
    """Tell followers or friends of a clip of one's own; `preview`: let them watch a finished draft before it is out.

    One in 24 hours, decided under the author's lock: TooMany with the seconds that are left. NotFound for others' clips;
    Invalid, Conflict and Forbidden for one that its receivers could not watch, or that a moderator has to look at first.
    """
    me = signed_in(actor)
    text = clean(text)
    _check_form(text, audience)
    terms.refuse(text=text)
    wanted = number(video_id)
    with transaction.atomic():
        lock_people(me.pk)
        if (due := access.next_announcement_at(me)) is not None:
            raise _too_soon(due)
        video = clips.previewable(me, wanted) if preview else _announceable(me, wanted, audience)
        row = Announcement.objects.create(
            author=me, video=video, text=text, audience=audience, is_preview=preview
        )
        audit(me, "message.announce", "video", video.pk, audience=audience, preview=preview)
        nudge()
    return row


def _check_form(text: str, audience: str) -> None:
    if audience not in Announcement.Audience.values:
        sentence = _("Choose followers or friends.")
        raise Invalid(sentence, fields={"audience": sentence})
    if len(text) > ANNOUNCEMENT_LENGTH:
        sentence = _("Keep an announcement under 500 characters.")
        raise Invalid(sentence, fields={"text": sentence})


def _too_soon(due: datetime) -> TooMany:
    seconds = max(1, math.ceil((due - timezone.now()).total_seconds()))
    hours = math.ceil(seconds / 3600)
    sentence = ngettext(
        "One announcement a day. The next one can go out in %(hours)s hour.",
        "One announcement a day. The next one can go out in %(hours)s hours.",
        hours,
    ) % {"hours": hours}
    return TooMany(sentence, code="one_a_day", retry_after=seconds)


def _announceable(me: User, video_id: int, audience: str) -> Video:
    """One's own clip that is out, and that everybody in `audience` may watch. Asked again for each receiver."""
    video = Video.objects.filter(pk=video_id, author=me).first()
    if video is None or video.state == Video.State.REMOVED:
        raise NotFound()
    if video.published_at is None:
        sentence = _("This clip is not out yet. Send it as an exclusive preview, or publish it first.")
        raise Invalid(sentence, code="not_published", fields={"video": sentence})
    if video.held_for:
        raise Forbidden(
            _("A moderator looks at this clip first. Announce it once it shows again."), code="held"
        )
    if video.state not in (Video.State.READY, Video.State.PROCESSING) or not video.playlist:
        sentence = _("This clip cannot be played yet. Wait until it is ready.")
        raise Invalid(sentence, code="not_ready", fields={"video": sentence})
    friends_only = video.audience == Audience.FRIENDS and audience != Announcement.Audience.FRIENDS
    if video.audience == Audience.ONLY_ME or friends_only:
        sentence = (
            _("Only friends can watch this clip. Announce it to friends, or let more people watch it.")
            if friends_only
            else _("Only you can watch this clip. Let others watch it before you announce it.")
        )
        raise Invalid(sentence, code="nobody_could_watch", fields={"audience": sentence})
    return video


def nudge() -> None:
    """Tell a worker after commit. A broker that is away costs time only: the sweep finds the row."""

    def send() -> None:
        from ..tasks import send_announcements

        try:
            send_announcements.delay()
        except Exception as error:  # whatever the broker's client raises: the row is the queue
            log.warning("nobody was nudged for announcements: %s", error)

    transaction.on_commit(send)


def stop_announcement(actor: Actor, announcement_id: str | int, *, take_back: bool = False) -> Announcement:
    """Send no more of it, at once; with `take_back` also take back what went out, piece by piece. Idempotent.

    NotFound for others', Conflict when it went out whole and nothing is to be taken back.
    """
    me = signed_in(actor)
    found = access.get_announcement(me, announcement_id)
    with transaction.atomic():
        lock_people(me.pk)  # every receiver is served under this lock: after it nothing more goes out
        row = Announcement.objects.select_for_update().get(pk=found.pk)
        before = row.state
        if take_back and row.state not in (_S.UNDOING, _S.UNDONE):
            row.state, row.leased_until, row.finished_at = _S.UNDOING, None, None
            nudge()
        elif not take_back and row.state == _S.WAITING:
            row.state, row.leased_until, row.finished_at = _S.STOPPED, None, timezone.now()
        elif not take_back and row.state == _S.SENT:
            raise Conflict(_("It went out to everybody already. You can take it back."), code="sent")
        if row.state != before:
            row.save(update_fields=["state", "leased_until", "finished_at"])
            audit(me, "message.announce_stop", "video", row.video_id, state=str(row.state))
    return row


def mute_announcements(actor: Actor, conversation_id: str | int, muted: bool = True) -> Participant:
    """No announcements from the other of a conversation of two any more, or again. Idempotent; they do not learn of it."""
    me = signed_in(actor)
    with transaction.atomic():
        seat = access.get_seat(me, conversation_id)
        if seat.conversation.is_group:
            raise Invalid(_("There are no announcements in groups."), code="not_in_groups")
        lock_people(me.pk)  # every announcement is decided under this lock
        Participant.objects.filter(pk=seat.pk).update(announcements_muted=muted)
        seat.announcements_muted = muted
    return seat


def preview_ends(message: Message) -> None:
    """The message that brought a preview is gone, in the caller's transaction: so is what it opened.

    `message` as it was before, with its clip and announcement. Nothing happens to other messages.
    """
    row = message.announcement
    if message.kind != Message.Kind.ANNOUNCEMENT or row is None or not row.is_preview:
        return
    seats = Participant.objects.filter(conversation=message.conversation_id).exclude(person=message.sender_id)
    clips.end_preview(row.video_id, seats.values_list("person_id", flat=True))
