"""Invites: to which clips one may invite, the contacts and invites of one's own, and what an invite's address shows to whom.

An invite opens one clip to whoever holds its address, before they have an account: a grant, which every look asks for again.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.access import ties
from accounts.models import User
from privacy.access import blocked_ids, privacy_of
from privacy.rules import Audience
from socialapp.lib.errors import NotFound
from socialapp.lib.ids import row_of

from ..models import Contact, Invite, Video
from .gate import Viewer, sees_video, visible_videos, with_people

# Who may invite others to a clip that they see themselves. An invite makes a follower, so what followers do not see needs none;
# and only its author can open a clip that is not everybody's, which is how an invite of a private account is its approval.
TABLE = """
account audience  | author others

open    public    | yes    yes
open    followers | yes    no
open    friends   | no     no
open    only_me   | no     no
private public    | yes    no
private followers | yes    no
private friends   | no     no
private only_me   | no     no
"""


def _read(table: str) -> dict[tuple[bool, str], tuple[bool, bool]]:
    rows = [line.replace("|", " ").split() for line in table.splitlines() if line][1:]
    return {
        (account == "private", Audience(audience).value): (author == "yes", others == "yes")
        for account, audience, author, others in rows
    }


MAY_INVITE = _read(TABLE)


def may_invite(viewer: Viewer, video: Video) -> bool:
    """Whether `viewer` may invite others to a clip that the gate gave them. No query with its author and privacy loaded."""
    if not isinstance(viewer, User) or not _is_out(video):
        return False
    author, others = MAY_INVITE[privacy_of(video.author).is_private, video.audience]
    return author if viewer.pk == video.author_id else others


def _is_out(video: Video) -> bool:
    playable = video.state in (Video.State.READY, Video.State.PROCESSING) and bool(video.playlist)
    return playable and video.published_at is not None and not video.held_for and video.author.is_visible


# --- One's own --------------------------------------------------------------------------------------------------------


def contacts_of(viewer: Viewer) -> QuerySet[Contact]:
    """The viewer's own contacts; order by -id."""
    if not isinstance(viewer, User):
        return Contact.objects.none()
    return Contact.objects.filter(owner=viewer)


def get_contact(viewer: Viewer, contact_id: str | int) -> Contact:
    """One of the viewer's own contacts; NotFound for anybody else's. One query."""
    return row_of(contacts_of(viewer), contact_id)


def invites_of(viewer: Viewer) -> QuerySet[Invite]:
    """The invites that the viewer made, with their contacts; order by -id. Of their clips, see `clips_invited_to`."""
    if not isinstance(viewer, User):
        return Invite.objects.none()
    return Invite.objects.filter(inviter=viewer).select_related("contact")


def get_invite(viewer: Viewer, invite_id: str | int) -> Invite:
    """One that the viewer made; NotFound for anybody else's. One query."""
    return row_of(invites_of(viewer), invite_id)


def clips_invited_to(viewer: Viewer, invites: Iterable[Invite]) -> dict[int, Video]:
    """The clips of these invites, by id, as far as the viewer may see them still: having invited to one keeps nobody in.

    One query, none without invites.
    """
    ids = {invite.video_id for invite in invites}
    return visible_videos(viewer).select_related("author__privacy").in_bulk(ids) if ids else {}


def invites_to(viewer: Viewer) -> QuerySet[Invite]:
    """The invites to the viewer's clips, whoever made them: for counting only, as others' contacts are theirs."""
    if not isinstance(viewer, User):
        return Invite.objects.none()
    return Invite.objects.filter(video__author=viewer)


def still_open() -> Q:
    """Invites that nobody used, ended or let expire."""
    return Q(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())


def daily_limit() -> tuple[int, timedelta]:
    """How many invites one person may make, in how long."""
    count, seconds = (int(part) for part in settings.RATE_LIMITS["invite"].split("/"))
    return count, timedelta(seconds=seconds)


def invites_left(viewer: Viewer) -> int:
    """How many more invites the viewer may make now. One query."""
    most, length = daily_limit()
    made = invites_of(viewer).filter(created_at__gt=timezone.now() - length).order_by()
    return max(0, most - made.count())


# --- What the address of an invite shows ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Opened:
    """An invite as one viewer meets it. `video` is there where they may watch the clip now.

    state: `open`; `sealed`, open but to be opened by hand first, as the clip is not everybody's; `full`, too many browsers did;
    `own`, the viewer's clip or invite; `known`, they follow the author anyway; `following` and `undone`, they used it;
    `used`, somebody else did; `closed`, for every other reason alike.
    """

    invite: Invite
    state: str
    video: Video | None = None


GONE = frozenset({"used", "closed"})


def find_invite(token: str) -> Invite:
    """The row of an address, with all that judges it loaded, whatever became of it. NotFound without one. One query."""
    rows = Invite.objects.select_related("inviter", "video__author__privacy", "video__sound")
    invite = rows.filter(token=token).first() if token.isascii() and len(token) <= 40 else None
    if invite is None:
        raise NotFound()
    return invite


def invitation(viewer: Viewer, token: str, shown: Collection[int] = ()) -> Opened:
    """What `viewer` meets at the address of an invite. `shown`: ids of invites that this browser opened by hand.

    NotFound when there is no such invite. At most six queries.
    """
    invite = find_invite(token)
    video, author = invite.video, invite.video.author
    person = viewer if isinstance(viewer, User) else None
    if invite.accepted_at is not None and (person is None or invite.accepted_by_id != person.pk):
        return Opened(invite, "used")
    if _barred(person, invite):
        return Opened(invite, "closed")
    if invite.accepted_at is not None:
        follows = ties(viewer, [author], unblocked=True)[author.pk].following == "yes"
        state = "following" if follows and invite.undone_at is None else "undone"
        return Opened(invite, state, _seen(viewer, video))
    if not stands(invite):
        return Opened(invite, "closed")
    if person is not None and person.pk in (author.pk, invite.inviter_id):
        return Opened(invite, "own", video)
    if person is not None and ties(person, [author], unblocked=True)[author.pk].following == "yes":
        return Opened(invite, "known", _seen(viewer, video))
    if invite.pk in shown or sees_video(viewer, video):
        return Opened(invite, "open", video)
    return Opened(invite, "full" if invite.browsers >= settings.INVITE_BROWSERS else "sealed")


def opened_videos(viewer: Viewer, shown: Collection[int]) -> list[Video]:
    """The clips that the invites which this browser opened (`shown`, ids) still show to `viewer`.

    One query, none without any; at most four more for each that is open.
    """
    if not shown:
        return []
    person = viewer if isinstance(viewer, User) else None
    rows = Invite.objects.filter(still_open(), pk__in=shown).select_related(
        "inviter", "video__author__privacy"
    )
    return [row.video for row in rows if stands(row) and not _barred(person, row)]


def stands(invite: Invite) -> bool:
    """Whether an unused invite still opens anything: nobody ended it, the clip is out, and its maker could make it today."""
    if invite.revoked_at is not None or invite.expires_at <= timezone.now() or not invite.inviter.is_visible:
        return False
    if not may_invite(invite.inviter, invite.video):
        return False
    return invite.inviter_id == invite.video.author_id or sees_video(invite.inviter, invite.video)


def open_to_all(video: Video) -> bool:
    """Whether somebody without an account and without an invite could watch: only such a clip has a link preview."""
    return sees_video(AnonymousUser(), video)


def _barred(person: User | None, invite: Invite) -> bool:
    if person is None:
        return False
    two = User.objects.filter(pk__in=[invite.inviter_id, invite.video.author_id])
    return two.filter(pk__in=blocked_ids(person)).exists()


def _seen(viewer: Viewer, video: Video) -> Video | None:
    return with_people(visible_videos(viewer)).filter(pk=video.pk).first()
