"""How contacts and invites are shown to whom they belong, by the API and the templates alike, and the links that hand an invite
to the app of its channel."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import person_card
from privacy.access import privacy_of

from . import access
from .access import Opened, Viewer
from .cards import card
from .media import cover_url
from .models import Channel, Contact, Invite, Video

ICONS = {
    Channel.WHATSAPP: "message-circle",
    Channel.TELEGRAM: "send",
    Channel.MESSENGER: "messages-square",
    Channel.SMS: "smartphone",
    Channel.EMAIL: "mail",
    Channel.COPY: "link",
}
# The kind of address that a channel takes: the type of its input; none where one picks in the app whom it goes to.
TAKES = {Channel.WHATSAPP: "tel", Channel.SMS: "tel", Channel.EMAIL: "email"}
STATES = {
    "waiting": gettext_lazy("Not opened yet"),
    "opened": gettext_lazy("Opened"),
    "viewed": gettext_lazy("Watched"),
    "following": gettext_lazy("Follows"),
    "undone": gettext_lazy("Followed, then not"),
    "expired": gettext_lazy("Expired"),
    "revoked": gettext_lazy("Taken back"),
}


def invite_url(invite: Invite) -> str:
    """The whole address of an invite."""
    return f"{settings.BASE_URL}{invite.get_absolute_url()}"


def share_url(invite: Invite, address: str = "") -> str:
    """What opens the channel's app with the link in it, to `address` where the channel takes one; empty for a copied link.

    WhatsApp's click to chat, Telegram's share link, Messenger's share sheet; RFC 5724 for text messages, with the `?&` that both
    iPhones and Androids read; RFC 6068 for mail.
    """
    url = invite_url(invite)
    words = _("I would like to show you this clip: %(url)s") % {"url": url}
    match invite.channel:
        case Channel.WHATSAPP:
            return f"https://wa.me/{address.lstrip('+')}?text={quote(words, safe='')}"
        case Channel.TELEGRAM:
            said = quote(_("I would like to show you this clip"), safe="")
            return f"https://t.me/share/url?url={quote(url, safe='')}&text={said}"
        case Channel.MESSENGER:
            return f"fb-messenger://share/?link={quote(url, safe='')}"
        case Channel.SMS:
            return f"sms:{address}?&body={quote(words, safe='')}"
        case Channel.EMAIL:
            subject = quote(_("A clip for you"), safe="")
            return f"mailto:{quote(address, safe='@+')}?subject={subject}&body={quote(words, safe='')}"
    return ""


def channels() -> list[dict[str, str]]:
    """Every channel as it is chosen from: `id`, `name`, `icon`, and what address it `takes` (tel, email or nothing)."""
    return [
        {"id": one.value, "name": str(one.label), "icon": ICONS[one], "takes": TAKES.get(one, "")}
        for one in Channel
    ]


def contact_card(viewer: Viewer, contact: Contact) -> dict[str, Any]:
    """One of the viewer's own contacts. No query."""
    return {
        "id": str(contact.pk),
        "name": contact.name,
        "channel": contact.channel,
        "channel_name": str(contact.get_channel_display()),
        "icon": ICONS[Channel(contact.channel)],
        "address": contact.address,
        "created_at": contact.created_at,
    }


def invite_cards(viewer: Viewer, invites: Sequence[Invite]) -> list[dict[str, Any]]:
    """Invites that the viewer made, of `access.invites_of`. `url` and `share_url` are null once nobody can use them, and `video`
    is where the viewer may not see the clip any more, whose link opens nothing then. One query.
    """
    clips = access.clips_invited_to(viewer, invites)
    return [_invite_card(invite, clips.get(invite.video_id)) for invite in invites]


def _invite_card(invite: Invite, clip: Video | None) -> dict[str, Any]:
    state, contact = invite.state, invite.contact
    usable = clip is not None and state in {"waiting", "opened", "viewed"}
    return {
        "id": str(invite.pk),
        "url": invite_url(invite) if usable else None,
        "share_url": share_url(invite, contact.address if contact else "") or None if usable else None,
        "channel": invite.channel,
        "channel_name": str(invite.get_channel_display()),
        "icon": ICONS[Channel(invite.channel)],
        "contact": {"id": str(contact.pk), "name": contact.name} if contact else None,
        "video": {
            "id": str(clip.pk),
            "url": clip.get_absolute_url(),
            "caption": clip.caption,
            "cover": cover_url(clip) or None,
        }
        if clip
        else None,
        "state": state,
        "state_name": str(STATES[state]),
        "usable": usable,
        "created_at": invite.created_at,
        "expires_at": invite.expires_at,
        "opened_at": invite.opened_at,
        "viewed_at": invite.viewed_at,
        "accepted_at": invite.accepted_at,
    }


def invitation_card(viewer: Viewer, opened: Opened) -> dict[str, Any]:
    """An invite as whoever holds its address meets it: `state`, the author, who invites (null when it is the author), and the
    clip where they may watch it now. Of a used or closed one nothing but its state; of a clip that is to be opened by hand
    first nothing but its author. The queries of a card.
    """
    invite, video = opened.invite, opened.video
    if opened.state in access.GONE:
        return {"state": opened.state, "author": None, "inviter": None, "video": None}
    author = invite.video.author
    other = invite.inviter if invite.inviter_id != author.pk else None
    return {
        "state": opened.state,
        "author": person_card(viewer, author) | {"is_private": privacy_of(author).is_private},
        "inviter": person_card(viewer, other) if other else None,
        "video": card(viewer, video) if video is not None else None,
    }
