"""How one's own profile looks to others, read off the rules table: which clips and lists, and what they may do.

A test holds this equal to what people who really stand so are shown.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.access import profile
from accounts.models import User
from privacy.access import privacy_of
from privacy.rules import Audience, Deed, Relation, Verdict, lists, sees, verdict
from socialapp.lib.errors import NotFound, NotSignedIn

from .access import Viewer, own_videos
from .models import Video

ONLOOKERS = (Relation.ANONYMOUS, Relation.STRANGER, Relation.FOLLOWER, Relation.FRIEND)
LISTS = ("followers_audience", "following_audience", "friends_audience", "likes_audience")


@dataclass(frozen=True)
class Onlooker:
    """What somebody who stands so to a person gets of them. `may` are the deeds with their verdicts, in the table's words."""

    relation: Relation
    head: dict[str, Any]  # as accounts.access.profile
    clips: QuerySet[Video]
    lists: dict[str, bool]
    may: dict[Deed, Verdict]


def as_seen_by(viewer: Viewer, relation: str) -> Onlooker:
    """The viewer's own profile for a relation of ONLOOKERS; NotFound for others. Some four queries and the clips' own."""
    if not isinstance(viewer, User):
        raise NotSignedIn()
    if relation not in ONLOOKERS:
        raise NotFound()
    stands = Relation(relation)
    allowed = privacy_of(viewer)
    private = allowed.is_private
    open_lists = {name: lists(getattr(allowed, name), stands, account_private=private) for name in LISTS}
    return Onlooker(
        stands,
        profile(viewer, viewer.username)
        | {
            "is_me": False,
            "can_see_clips": sees(Audience.PUBLIC, stands, account_private=private),
            "can_see_lists": open_lists["following_audience"],
        },
        _clips(viewer, stands, private=private),
        open_lists,
        {
            deed: verdict(deed, getattr(allowed, f"{deed.value}_audience"), stands, private=private)
            for deed in (Deed.COMMENT, Deed.MESSAGE, Deed.MENTION, Deed.DUET, Deed.STITCH, Deed.DOWNLOAD)
        },
    )


def _clips(person: User, stands: Relation, *, private: bool) -> QuerySet[Video]:
    seen = [audience for audience in Audience if sees(audience, stands, account_private=private)]
    return own_videos(person).filter(
        published_at__isnull=False,
        state__in=(Video.State.READY, Video.State.PROCESSING),
        playlist__gt="",
        held_for="",
        audience__in=seen,
    )


def sentences(seen: Onlooker) -> list[dict[str, Any]]:
    """What this onlooker may do, a plain sentence each with whether it is open to them."""
    found = [
        {"open": seen.lists["followers_audience"], "text": _("Reads who follows you")},
        {"open": seen.lists["following_audience"], "text": _("Reads whom you follow")},
        {"open": seen.lists["friends_audience"], "text": _("Reads who your friends are")},
        {"open": seen.lists["likes_audience"], "text": _("Sees what you like")},
    ]
    words = {
        Deed.COMMENT: _("Comments on your clips"),
        Deed.MENTION: _("Mentions you, and you are told"),
        Deed.DUET: _("Makes duets with your public clips"),
        Deed.STITCH: _("Makes stitches of your public clips"),
        Deed.DOWNLOAD: _("Downloads your clips"),
    }
    if seen.may[Deed.MESSAGE] == Verdict.REQUEST:
        found.append({"open": True, "text": _("Writes to you; it waits under Requests")})
    else:
        found.append({"open": seen.may[Deed.MESSAGE] == Verdict.YES, "text": _("Writes to your inbox")})
    found += [{"open": seen.may[deed] == Verdict.YES, "text": text} for deed, text in words.items()]
    return found
