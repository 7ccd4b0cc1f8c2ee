"""What accounts, and the libraries behind log-in, keep about people."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from privacy.erasure import register_step
from privacy.personal_data import ExportedFile, Row, in_batches, plain, register

from . import access, erasure
from .models import Follow, FollowerScore, User

_NOT_PERSONAL = "Not about a person: the site's own tables."
PICTURE = "picture.webp"


def names(viewer: User, person_ids: Iterable[int]) -> dict[int, str]:
    """User names of those of these people who exist for `viewer` now; the others stay nameless in a download. One query."""
    there = access.visible_people(viewer).filter(pk__in=set(person_ids))
    return dict(there.values_list("pk", "username"))


def _account(person: User) -> Iterator[Row]:
    fresh = User.objects.get(pk=person.pk)
    shown = (
        "username display_name bio pronouns email phone phone_verified_at birth_date language country interests is_business "
        "date_joined last_login followers_count following_count videos_count likes_count"
    )
    yield {
        name: str(getattr(fresh, name) or "") if name == "phone" else getattr(fresh, name)
        for name in shown.split()
    } | {"picture": PICTURE if fresh.avatar else ""}


def _picture(person: User) -> Iterator[ExportedFile]:
    def find() -> str | Path | None:
        return User.objects.get(pk=person.pk).avatar.name or None

    if find():
        yield ExportedFile(PICTURE, find)


def _follows(person: User) -> Iterator[Row]:
    for batch in in_batches(Follow.objects.filter(Q(follower=person.pk) | Q(followed=person.pk))):
        found = names(person, (pk for row in batch for pk in (row.follower_id, row.followed_id)))
        for row in batch:
            mine = row.follower_id == person.pk
            yield {
                "person": found.get(row.followed_id if mine else row.follower_id),
                "direction": "you follow them" if mine else "they follow you",
                "state": row.state,
                "at": row.created_at,
            }


register(
    "accounts",
    "User",
    exported=True,
    erased="cascade",
    title=_("Your account"),
    layout="facts",
    rows=_account,
    files=_picture,
)
register(
    "accounts",
    "BusinessProfile",
    exported=True,
    erased="cascade",
    rows=plain(
        "accounts",
        "BusinessProfile",
        "person",
        category="category",
        email="email",
        phone="phone",
        website="website",
        since="since",
    ),
)
register("accounts", "Follow", exported=True, erased="cascade", rows=_follows)
register(
    "accounts",
    "FollowBackSettings",
    exported=True,
    erased="cascade",
    title=_("Your criteria for following back"),
    rows=plain(
        "accounts",
        "FollowBackSettings",
        "person",
        minimum="minimum",
        topics="topics",
        posted_within="posted_within",
        most_following="most_following",
        digest="digest",
        digest_sent_at="digest_sent_at",
    ),
)


def _engagement(person: User) -> Iterator[Row]:
    for batch in in_batches(FollowerScore.objects.filter(person=person.pk)):
        found = names(person, (row.creator_id for row in batch))
        for row in batch:
            yield {
                "creator": found.get(row.creator_id),
                "views": row.views,
                "likes": row.likes,
                "comments": row.comments,
                "shares": row.shares,
            }


register(
    "accounts",
    "FollowerScore",
    exported=True,
    erased="cascade",
    why="What a follower made of a creator's clips in twelve weeks; the creator sees the order that it makes, and likes and "
    "comments, which they were told of.",
    title=_("What you made of those you follow, in twelve weeks"),
    rows=_engagement,
)
register(
    "accounts",
    "FormerUsername",
    exported=True,
    erased="cascade",
    rows=plain("accounts", "FormerUsername", "person", username="username", until="until", at="created_at"),
)
register(
    "accounts",
    "Deletion",
    exported=True,
    erased="cascade",
    rows=plain("accounts", "Deletion", "person", asked_at="asked_at", erase_at="erase_at"),
)
register(
    "accounts",
    "OneTimeCode",
    exported=False,
    erased="cascade",
    why="A secret that was sent to the person and holds for minutes; only its hash is kept.",
)
register(
    "account",
    "EmailAddress",
    exported=True,
    erased="cascade",
    rows=plain("account", "EmailAddress", "user", address="email", confirmed="verified", main="primary"),
)
register(
    "account",
    "EmailConfirmation",
    exported=False,
    erased="cascade",
    why="A one-time key in a mail that was sent; the address itself is exported with EmailAddress.",
)
register(
    "usersessions",
    "UserSession",
    exported=True,
    erased="cascade",
    title=_("Log-ins"),
    rows=plain(
        "usersessions",
        "UserSession",
        "user",
        address="ip",
        browser="user_agent",
        since="created_at",
        seen="last_seen_at",
    ),
)
register(
    "mfa",
    "Authenticator",
    exported=True,
    erased="cascade",
    title=_("Second factors and passkeys"),
    # Its secret is for the device and for nobody's download.
    rows=plain("mfa", "Authenticator", "user", kind="type", since="created_at", used="last_used_at"),
)
register(
    "sessions",
    "Session",
    exported=False,
    erased="cascade",
    why="Keys that log a person in: a secret, so not in a download. Erasure ends every session first.",
)
register(
    "axes",
    "AccessAttempt",
    exported=False,
    erased="kept",
    why="Name and address of log-ins that failed, against guessing. Written before anybody is known, so it goes by age, or "
    "by name when the person of that name is erased.",
)
register(
    "axes",
    "AccessAttemptExpiration",
    exported=False,
    erased="kept",
    why="When an AccessAttempt is forgotten.",
)
register(
    "axes",
    "AccessFailureLog",
    exported=False,
    erased="kept",
    why="As AccessAttempt; off unless AXES_ENABLE_ACCESS_FAILURE_LOG is set.",
)
register(
    "axes",
    "AccessLog",
    exported=False,
    erased="kept",
    why="Log-ins and log-outs by user name. Off by AXES_DISABLE_ACCESS_LOG, so empty.",
)
register(
    "admin",
    "LogEntry",
    exported=False,
    erased="cascade",
    why="What staff changed in the admin; about the site's work, and it may name other people.",
)
register(
    "accounts", "User_groups", exported=False, erased="cascade", why="Which staff groups a moderator is in."
)
register(
    "accounts", "User_user_permissions", exported=False, erased="cascade", why="What a moderator may do."
)
for _model in ("Permission", "Group", "Group_permissions"):
    register("auth", _model, exported=False, erased="kept", why=_NOT_PERSONAL)
register("contenttypes", "ContentType", exported=False, erased="kept", why=_NOT_PERSONAL)

register_step("accounts", erasure.forget_person, last=True)
