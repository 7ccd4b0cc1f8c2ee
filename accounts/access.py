"""Every read of people on somebody's behalf: who is visible, how two people stand to each other, lists, suggestions.

What a relation allows is said by `privacy.rules`; this module finds the relation.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from privacy import rules
from privacy.access import blocked_ids, is_blocked, is_muted, muted_ids, privacy_of
from privacy.rules import Audience, Relation
from socialapp.lib.errors import NotFound, NotSignedIn
from socialapp.lib.ids import parse_id

from .models import Follow, FormerUsername, User

Viewer = User | AnonymousUser

_ACCEPTED = Follow.State.ACCEPTED
_PENDING = Follow.State.PENDING


# --- Who is there ---------------------------------------------------------------------------------------------


def visible_people(viewer: Viewer) -> QuerySet[User]:
    """The people who exist for `viewer`: active, not hidden by themselves, no block in either direction; and oneself."""
    there = Q(deactivated_at=None)
    if viewer.is_authenticated:
        there |= Q(pk=viewer.pk)
    return User.objects.filter(there, is_active=True).exclude(pk__in=blocked_ids(viewer))


def get_person(viewer: Viewer, username: str) -> User:
    """The visible person of this user name, in any case of letters, with their privacy row. One query; NotFound."""
    if not username or "\x00" in username:
        raise NotFound()
    people = visible_people(viewer).select_related("privacy").alias(lower=Lower("username"))
    person = people.filter(lower=username.lower()).first()
    if person is None:
        raise NotFound()
    return person


def renamed(viewer: Viewer, username: str) -> str | None:
    """The present name of the visible person who gave this one up lately; None for any other. One query."""
    if not username or "\x00" in username:
        return None
    former = FormerUsername.objects.alias(lower=Lower("username")).filter(
        lower=username.lower(), until__gt=timezone.now(), person__in=visible_people(viewer).values("pk")
    )
    return former.values_list("person__username", flat=True).first()


def former_usernames(viewer: Viewer) -> QuerySet[FormerUsername]:
    """The names that lead to the viewer for now, with the day they stop; newest first."""
    if not viewer.is_authenticated:
        return FormerUsername.objects.none()
    return FormerUsername.objects.filter(person=viewer.pk, until__gt=timezone.now()).order_by("-until")


def get_person_by_id(viewer: Viewer, person_id: str | int) -> User:
    """As `get_person`, by id as given in JSON."""
    row_id = parse_id(person_id) if isinstance(person_id, str) else person_id
    person = visible_people(viewer).select_related("privacy").filter(pk=row_id).first()
    if person is None:
        raise NotFound()
    return person


def get_blocked_person(viewer: Viewer, username: str) -> User:
    """Somebody whom `viewer` blocked, so that they can unblock, or who is visible anyway; NotFound otherwise."""
    if not viewer.is_authenticated or "\x00" in username:
        raise NotFound()
    person = (
        User.objects.alias(lower=Lower("username"))
        .filter(lower=username.lower(), blocks_received__blocker=viewer.pk)
        .first()
    )
    return person or get_person(viewer, username)


# --- How two people stand to each other -----------------------------------------------------------------------


@dataclass(frozen=True)
class Tie:
    """Everything between a viewer and a person; `relation` is the one word the rules use."""

    relation: Relation
    following: str = "no"  # no | pending | yes
    follows_me: bool = False
    asked_me: bool = False
    blocked: bool = False

    def as_dict(self) -> dict[str, Any]:
        """The contract's `relation`."""
        return {"following": self.following, "follows_me": self.follows_me, "blocked": self.blocked}


def ties(viewer: Viewer, people: Iterable[User | int], *, unblocked: bool = False) -> dict[int, Tie]:
    """The tie to each of these people (or ids), by id. At most two queries however many they are.

    `unblocked` says that these people came through a gate that leaves out blocks, which saves one of the two.
    """
    ids = {person if isinstance(person, int) else person.pk for person in people}
    if not viewer.is_authenticated:
        return dict.fromkeys(ids, Tie(Relation.ANONYMOUS))
    me = viewer.pk
    others = ids - {me}
    made: dict[int, str] = {}
    received: dict[int, str] = {}
    blocked: set[int] = set()
    if others:
        between = Q(follower=me, followed__in=others) | Q(followed=me, follower__in=others)
        for follower, followed, state in Follow.objects.filter(between).values_list(
            "follower_id", "followed_id", "state"
        ):
            if follower == me:
                made[followed] = state
            else:
                received[follower] = state
        blocked = set() if unblocked else set(blocked_ids(viewer)) & others
    found = {person: _tie(made.get(person), received.get(person), person in blocked) for person in others}
    if me in ids:
        found[me] = Tie(Relation.SELF)
    return found


def _tie(made: str | None, received: str | None, blocked: bool) -> Tie:
    follows, followed = made == _ACCEPTED, received == _ACCEPTED
    if blocked:
        return Tie(Relation.BLOCKED, blocked=True)
    if follows:
        relation = Relation.FRIEND if followed else Relation.FOLLOWER
    elif followed:
        # Before PENDING: being followed by them is what their settings may ask for, having asked is not.
        relation = Relation.FOLLOWED
    else:
        relation = Relation.PENDING if made else Relation.STRANGER
    following = "yes" if follows else "pending" if made else "no"
    return Tie(relation, following, follows_me=followed, asked_me=received == _PENDING)


def relations(viewer: Viewer, people: Iterable[User | int]) -> dict[int, Relation]:
    """The relation to each of these people, by id. At most two queries."""
    return {person: tie.relation for person, tie in ties(viewer, people).items()}


def relation(viewer: Viewer, person: User) -> Relation:
    """How `viewer` stands to `person`. At most two queries; none for oneself and the anonymous."""
    return ties(viewer, [person])[person.pk].relation


def may(viewer: Viewer, person: User, setting_name: str) -> bool:
    """Whether `viewer` may do what `person` set under e.g. "message_audience". At most three queries."""
    setting = getattr(privacy_of(person), setting_name)
    return rules.may(setting_name.removesuffix("_audience"), setting, relation(viewer, person))


def may_see(viewer: Viewer, person: User, setting_name: str, *, relation: Relation | None = None) -> bool:
    """Whether `viewer` sees what `person` set under e.g. "following_audience", as a private account narrows it."""
    allowed = privacy_of(person)
    stands = relation or ties(viewer, [person])[person.pk].relation
    return rules.lists(getattr(allowed, setting_name), stands, account_private=allowed.is_private)


def followed_ids(viewer: Viewer) -> "QuerySet[Follow, int]":
    """Ids of those whom `viewer` follows, accepted only: a subquery. Empty for the anonymous."""
    if not viewer.is_authenticated:
        return Follow.objects.none().values_list("followed_id", flat=True)
    return Follow.objects.filter(follower=viewer.pk, state=_ACCEPTED).values_list("followed_id", flat=True)


def follower_ids(viewer: Viewer) -> "QuerySet[Follow, int]":
    """Ids of those who follow `viewer`, accepted only: a subquery. Empty for the anonymous."""
    if not viewer.is_authenticated:
        return Follow.objects.none().values_list("follower_id", flat=True)
    return Follow.objects.filter(followed=viewer.pk, state=_ACCEPTED).values_list("follower_id", flat=True)


def friend_ids(viewer: Viewer) -> "QuerySet[Follow, int]":
    """Ids of those who follow `viewer` and are followed back: a subquery. Empty for the anonymous."""
    return followed_ids(viewer).filter(followed__in=follower_ids(viewer))


# --- How a person is shown ------------------------------------------------------------------------------------


def avatar_url(person: User) -> str | None:
    """The address of the picture, None without one. It changes with every picture, so it may be cached for ever."""
    return f"/{person.avatar.name}" if person.avatar else None


def person_card(viewer: Viewer, person: User) -> dict[str, Any]:
    """What stands beside a name wherever a visible person appears. No query; the gate has been asked before."""
    return {
        "id": str(person.pk),
        "username": person.username,
        "display_name": person.display_name or person.username,
        "avatar": avatar_url(person),
        "url": person.get_absolute_url(),
    }


def people_cards(viewer: Viewer, people: Iterable[User]) -> list[dict[str, Any]]:
    """Cards with bio, follower count and the viewer's tie, for lists of people. At most two queries."""
    people = list(people)
    tied = ties(viewer, people)
    return [
        person_card(viewer, person)
        | {
            "bio": person.bio,
            "counts": {"followers": person.followers_count},
            "is_me": tied[person.pk].relation == Relation.SELF,
            "relation": tied[person.pk].as_dict(),
        }
        for person in people
    ]


def profile(viewer: Viewer, username: str) -> dict[str, Any]:
    """The head of a profile page and the contract's `users/<username>/`; NotFound when not visible. At most 4 queries.

    A private account's name, picture, bio and counts are public; `can_see_clips`, `can_see_lists` and `can_message`
    say what is open to this viewer. `person` is the row itself, for the page above; the API leaves it out.
    """
    person = get_person(viewer, username)
    tie = ties(viewer, [person])[person.pk]
    allowed = privacy_of(person)
    return person_card(viewer, person) | {
        "person": person,
        "bio": person.bio,
        "pronouns": person.pronouns,
        "is_private": allowed.is_private,
        "is_business": person.is_business,
        "is_me": tie.relation == Relation.SELF,
        "muted": tie.relation != Relation.SELF and is_muted(viewer, person),
        "counts": {
            "followers": person.followers_count,
            "following": person.following_count,
            "likes": person.likes_count,
            "videos": person.videos_count,
        },
        "relation": tie.as_dict(),
        "can_see_clips": rules.sees(Audience.PUBLIC, tie.relation, account_private=allowed.is_private),
        "can_see_lists": rules.sees(
            allowed.following_audience, tie.relation, account_private=allowed.is_private
        ),
        # Whom the setting does not let in writes a request; only "nobody" closes the door (product.md, 4.3).
        "can_message": tie.relation != Relation.SELF and allowed.message_audience != rules.WhoMay.NOBODY,
    }


def me(viewer: Viewer) -> dict[str, Any]:
    """One's own account as `me/` shows it. At most two queries."""
    if not isinstance(viewer, User):
        raise NotSignedIn()
    verified = viewer.emailaddress_set.filter(email__iexact=viewer.email, verified=True).exists()  # type: ignore[attr-defined]
    return person_card(viewer, viewer) | {
        "bio": viewer.bio,
        "pronouns": viewer.pronouns,
        "language": viewer.language,
        "country": viewer.country,
        "email": viewer.email,
        "email_verified": verified,
        "birth_date": viewer.birth_date.isoformat() if viewer.birth_date else None,
        "is_private": privacy_of(viewer).is_private,
        "is_business": viewer.is_business,
        "counts": {
            "followers": viewer.followers_count,
            "following": viewer.following_count,
            "likes": viewer.likes_count,
            "videos": viewer.videos_count,
        },
        "joined_at": viewer.date_joined,
    }


# --- Lists ----------------------------------------------------------------------------------------------------


def _listed(viewer: Viewer, person: User, setting_name: str) -> None:
    if not may_see(viewer, person, setting_name):
        raise NotFound()


def followers(viewer: Viewer, person: User) -> QuerySet[Follow]:
    """Accepted follows of `person` with `.follower` loaded, only by people visible to `viewer`; order by -id.

    NotFound when the person keeps their lists from this viewer.
    """
    _listed(viewer, person, "followers_audience")
    people = visible_people(viewer).values("pk")
    return Follow.objects.filter(followed=person, state=_ACCEPTED, follower__in=people).select_related(
        "follower"
    )


def following(viewer: Viewer, person: User) -> QuerySet[Follow]:
    """Accepted follows by `person` with `.followed` loaded, only of people visible to `viewer`; order by -id."""
    _listed(viewer, person, "following_audience")
    people = visible_people(viewer).values("pk")
    return Follow.objects.filter(follower=person, state=_ACCEPTED, followed__in=people).select_related(
        "followed"
    )


def follow_requests(viewer: Viewer) -> QuerySet[Follow]:
    """Requests that wait for the viewer's answer, with `.follower` loaded; order by -id."""
    if not viewer.is_authenticated:
        return Follow.objects.none()
    people = visible_people(viewer).values("pk")
    return Follow.objects.filter(followed=viewer, state=_PENDING, follower__in=people).select_related(
        "follower"
    )


def avatar_file(viewer: Viewer, person_id: int, name: str) -> str:
    """The stored file of a person's present picture; NotFound for any other name and when its person is not visible."""
    person = visible_people(viewer).filter(pk=person_id).first() if person_id < 2**63 else None
    stored = f"avatars/{person_id}/{name}"
    if person is None or person.avatar.name != stored:
        raise NotFound()
    return stored


# --- Suggestions ----------------------------------------------------------------------------------------------


def suggestions(viewer: Viewer, *, size: int = 20) -> list[dict[str, Any]]:
    """People to follow, each a card with `reasons: [{kind, text}]`: friends of friends, then the popular. 4 queries.

    Only people who allow to be found, whom the viewer neither follows nor asked, muted or is blocked with. "Followed by
    people you follow" counts only those whose following list the viewer may read.
    """
    people = visible_people(viewer).filter(privacy__findable=True)
    shared: dict[int, int] = {}
    if viewer.is_authenticated:
        asked = Follow.objects.filter(follower=viewer.pk).values("followed_id")
        people = people.exclude(pk=viewer.pk).exclude(pk__in=asked).exclude(pk__in=muted_ids(viewer))
        open_lists = followed_ids(viewer).filter(
            followed__is_active=True,
            followed__deactivated_at=None,
            followed__privacy__following_audience__in=(Audience.PUBLIC, Audience.FOLLOWERS),
        )
        rows = (
            Follow.objects.filter(follower__in=open_lists, state=_ACCEPTED, followed__in=people.values("pk"))
            .values("followed_id")
            .annotate(common=Count("id"))
            .order_by("-common", "-followed_id")[:size]
        )
        shared = {row["followed_id"]: row["common"] for row in rows}
    known = (
        sorted(
            people.filter(pk__in=list(shared)),
            key=lambda person: (-shared[person.pk], -person.followers_count),
        )
        if shared
        else []
    )
    popular = list(
        people.exclude(pk__in=list(shared)).order_by("-followers_count", "-id")[: size - len(known)]
    )
    cards = people_cards(viewer, [*known, *popular])
    for card in cards:
        card["reasons"] = _reasons(shared.get(int(card["id"]), 0), card)
    return cards


def _reasons(common: int, card: dict[str, Any]) -> list[dict[str, str]]:
    reasons = []
    if card["relation"]["follows_me"]:
        reasons.append({"kind": "follows_you", "text": _("Follows you")})
    if common:
        text = ngettext(
            "Followed by %(count)s person you follow", "Followed by %(count)s people you follow", common
        )
        reasons.append({"kind": "friends_of_friends", "text": text % {"count": common}})
    if not reasons:
        reasons.append({"kind": "popular", "text": _("Popular here")})
    return reasons


__all__ = [
    "Tie",
    "Viewer",
    "avatar_url",
    "blocked_ids",
    "follow_requests",
    "followed_ids",
    "follower_ids",
    "followers",
    "following",
    "former_usernames",
    "friend_ids",
    "get_person",
    "get_person_by_id",
    "is_blocked",
    "may",
    "may_see",
    "me",
    "people_cards",
    "person_card",
    "profile",
    "relation",
    "relations",
    "renamed",
    "suggestions",
    "ties",
    "visible_people",
]
