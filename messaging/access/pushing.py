"""What is pushed to a person's browsers, asked and worded at the moment it is sent; and which browsers those are."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson
from allauth.core.internal.sessionkit import get_session_user
from allauth.headless.internal.sessionkit import session_store
from allauth.usersessions.models import UserSession
from django.conf import settings as site
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from accounts.access import avatar_url
from accounts.models import User
from socialapp.lib.errors import NotFound

from .. import channels
from ..models import Message, NotificationSettings, Push, PushSubscription
from ..sockets import session_hash
from .notices import badges, notification_cards, notifications_by_id
from .seats import ACTIVE, Viewer, get_seat, is_request, number
from .thread import message_cards, messages

NEWEST = 20  # of a conversation, that are looked through for what is unread
TITLE, BODY = 100, 240  # characters; phones show fewer
_SPOKEN = frozenset({Message.Kind.TEXT, Message.Kind.ANNOUNCEMENT, Message.Kind.AWAY})

Payload = dict[str, Any]


def push_subscriptions(viewer: Viewer, session: str) -> list[dict[str, Any]]:
    """The viewer's browsers that are pushed to, newest first; `this` marks that of the asking session. One query."""
    rows = PushSubscription.objects.filter(person=viewer.pk).order_by("-pk") if viewer.pk else []
    return [subscription_card(row, session) for row in rows]


def subscription_card(row: PushSubscription, session: str) -> dict[str, Any]:
    """The API's shape of a browser. Its address is not told: who has it could push there."""
    return {
        "id": str(row.pk),
        "browser": row.browser,
        "this": row.session == session,
        "created_at": row.created_at,
        "last_sent_at": row.last_sent_at,
    }


def get_push_subscription(viewer: Viewer, subscription_id: str | int) -> PushSubscription:
    """One of the viewer's own browsers. NotFound for anybody else's."""
    row = PushSubscription.objects.filter(pk=number(subscription_id), person=viewer.pk or 0).first()
    if row is None:
        raise NotFound()
    return row


def subscription_of_session(viewer: Viewer, session: str) -> PushSubscription | None:
    """The viewer's browser that subscribed in this session, the newest."""
    rows = PushSubscription.objects.filter(person=viewer.pk or 0, session=session)
    return rows.order_by("-pk").first()


def browsers_of(person: User, *, but: Iterable[int] = ()) -> list[int]:
    """Ids of the person's browsers, without some of them. One query."""
    rows = PushSubscription.objects.filter(person=person.pk).exclude(pk__in=list(but))
    return list(rows.order_by("pk").values_list("pk", flat=True))


def living_subscription(person: User, subscription_id: int) -> PushSubscription | None:
    """One of the person's browsers, if its session would still log the same person in. Two queries, and those of a session.

    This is what makes a new password, which deletes no session, silence the other browsers.
    """
    row = PushSubscription.objects.filter(pk=subscription_id, person=person.pk).first()
    if row is None:
        return None
    keys = UserSession.objects.filter(user=person.pk).values_list("session_key", flat=True)
    alive = any(session_hash(key) == row.session and _logs_in(key, person) for key in keys)
    return row if alive else None


def _logs_in(key: str, person: User) -> bool:
    user = get_session_user(session_store(key))  # checks the password's hash in the session too
    return user is not None and user.pk == person.pk and user.is_active


def push_quiet_until(person: User, now: datetime | None = None) -> datetime | None:
    """When the person may be disturbed again; None for now. One query."""
    return channels.quiet_until(_settings(person), now or timezone.now())


def _settings(person: User) -> NotificationSettings | None:
    return NotificationSettings.objects.filter(person=person.pk).first()


def push_payload(person: User, push: Push) -> Payload | None:
    """What this push says now, in the person's language; None when it is not for them any more.

    Nothing when they read it meanwhile, turned the channel off, muted, left or never accepted the conversation, or when the
    gate hides who did it. `url` is a path of ours, `tag` what it replaces on the screen, `badge` the number on the icon.
    """
    with override(person.language or None):
        if push.notification_id is not None:
            said = _notification(person, push.notification_id)
        elif push.conversation_id is not None:
            said = _message(person, push.conversation_id, push.seq)
        else:
            said = None
        if said is None:
            return None
        counted = badges(person)
    said["title"], said["body"] = _cut(said["title"], TITLE), _cut(said["body"], BODY)
    return said | {"badge": counted["messages"] + counted["notifications"]}


def trial_payload(person: User) -> Payload:
    """What a person sends themselves to see that it works."""
    with override(person.language or None):
        return {
            "title": _("Notifications work here"),
            "body": _("This is what one from %(site)s looks like.") % {"site": site.SITE_NAME},
            "url": "/settings/notifications/",
            "tag": "test",
            "icon": None,
        }


def encoded(payload: Payload) -> bytes:
    """A payload as the service worker reads it. At most about 2 kB, whatever alphabet it is in."""
    return orjson.dumps(payload)


def _cut(text: str, length: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def _notification(person: User, notification_id: int) -> Payload | None:
    row = notifications_by_id(person, [notification_id]).filter(read_at=None).first()
    if row is None or not channels.is_on(_settings(person), row.kind, channels.Channel.PUSH):
        return None
    card = notification_cards(person, [row])[0]
    faces = [one["avatar"] for one in card["people"]]
    return {
        "title": card["text"],
        "body": card["comment"]["text"] if card["comment"] else "",
        "url": card["url"],
        "tag": f"notification-{row.pk}",
        "icon": faces[0] if len(faces) == 1 and card["count"] <= 1 else None,
    }


def _message(person: User, conversation_id: int, seq: int) -> Payload | None:
    try:
        seat = get_seat(person, conversation_id)
    except NotFound:
        return None
    if is_request(seat) or seat.state != ACTIVE or seat.muted or seat.read_seq >= seq:
        return None
    chosen = _settings(person)
    if not channels.group_on(chosen.channels if chosen else {}, channels.MESSAGES, channels.Channel.PUSH):
        return None
    rows = [row for row in messages(person, seat, limit=NEWEST) if _is_news(row, person, seat.read_seq)]
    shown = [
        (row, card)
        for row, card in zip(rows, message_cards(person, rows), strict=True)
        if not (card["removed"] or card["hidden"] or card["held"])
    ]
    if not shown:
        return None
    row, card = shown[-1]
    who = row.sender.get_full_name() if row.sender and row.sender.is_visible else _("Deleted account")
    said, title = _said(card), who
    if seat.conversation.is_group:
        title = seat.conversation.name or _("Group")
        said = _("%(who)s: %(text)s") % {"who": who, "text": said}
    if len(shown) > 1:
        more = ngettext("%(count)s new message", "%(count)s new messages", len(shown)) % {"count": len(shown)}
        title = f"{_cut(title, TITLE - 30)} · {more}"
    return {
        "title": title,
        "body": said,
        "url": f"/messages/{conversation_id}/",
        "tag": f"conversation-{conversation_id}",
        "icon": avatar_url(row.sender) if row.sender and row.sender.is_visible else None,
    }


def _is_news(row: Message, person: User, read_seq: int) -> bool:
    return row.seq > read_seq and row.sender_id != person.pk and row.kind in _SPOKEN


def _said(card: dict[str, Any]) -> str:
    if card["text"]:
        return str(card["text"])
    if card["image"]:
        return _("Sent a picture")
    return _("Sent a clip") if card["has_video"] else _("Sent a message")
