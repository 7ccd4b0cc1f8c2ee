"""Every read of people on somebody's behalf: who is visible, how two people stand to each other, lists.

What a relation allows is said by `privacy.rules`; this module finds the relation.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.utils import timezone

from privacy import rules
from privacy.access import blocked_ids, is_blocked, is_muted, is_restricted, privacy_of
from privacy.rules import Audience, Relation
from socialapp.lib.errors import NotFound, NotSignedIn
from socialapp.lib.ids import parse_id

from . import interests
from .models import BusinessProfile, Follow, FormerUsername, User

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


def people_named(viewer: Viewer, names: Iterable[str]) -> dict[str, User]:
    """The visible people of these user names, in any case of letters, by the name in small letters. One query."""
    wanted = {name.lower() for name in names if name and "\x00" not in name}
    people = visible_people(viewer).alias(lower=Lower("username")).filter(lower__in=wanted)
    return {person.username.lower(): person for person in people}


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
        blocked = set() if unblocked else set(blocked_ids(viewer))
    found = {person: tie_of(made.get(person), received.get(person), person in blocked) for person in others}
    if me in ids:
        found[me] = Tie(Relation.SELF)
    return found


def tie_of(made: str | None, received: str | None, blocked: bool = False) -> Tie:
    """The tie to somebody else, from the states of the follows that the viewer made and received."""
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
    """The head of a profile page and the contract's `users/<username>/`; NotFound when not visible. At most 4 queries,
    one more for a business account.

    A private account's name, picture, bio and counts are public; `can_see_clips`, `lists` (each with its own
    audience) and `can_message` say what is open to this viewer. `person` is the row itself, for the page above; the API
    leaves it out.
    """
    person = get_person(viewer, username)
    tie = ties(viewer, [person], unblocked=True)[person.pk]
    allowed = privacy_of(person)
    is_me = tie.relation == Relation.SELF
    lists = {
        which: rules.lists(
            getattr(allowed, f"{which}_audience"), tie.relation, account_private=allowed.is_private
        )
        for which in ("followers", "following", "friends")
    }
    return person_card(viewer, person) | {
        "person": person,
        "bio": person.bio,
        "pronouns": person.pronouns,
        "is_private": allowed.is_private,
        "is_business": person.is_business,
        "business": business_card(person),
        "is_me": is_me,
        "muted": not is_me and is_muted(viewer, person),
        "restricted": is_restricted(viewer, person),
        "counts": {
            "followers": person.followers_count,
            "following": person.following_count,
            "likes": person.likes_count,
            "videos": person.videos_count,
        },
        "relation": tie.as_dict(),
        "can_see_clips": rules.sees(Audience.PUBLIC, tie.relation, account_private=allowed.is_private),
        "can_see_lists": lists["following"],
        "lists": lists,
        # Whom the setting does not let in writes a request; only "nobody" closes the door (product.md, 4.3).
        "can_message": not is_me and allowed.message_audience != rules.WhoMay.NOBODY,
    }


def business_card(person: User) -> dict[str, Any] | None:
    """What a business account says of itself to everybody who sees its profile; None for a personal one. The person must come
    from the gate. One query for a business account, none for others."""
    row = BusinessProfile.objects.filter(person=person.pk).first() if person.is_business else None
    return _business(row) if row else None


def _business(row: BusinessProfile) -> dict[str, Any]:
    return {
        "category": row.category,
        "category_label": str(row.get_category_display()),
        "email": row.email,
        "phone": row.phone,
        "website": row.website,
        # What is read of an address: without what every one of them has.
        "website_label": row.website.removeprefix("https://").removeprefix("www.").rstrip("/"),
    }


def my_business(viewer: Viewer) -> dict[str, Any]:
    """One's own business account as `me/business/` shows it, also what is kept of it while it is a personal one. One query."""
    if not isinstance(viewer, User):
        raise NotSignedIn()
    row = BusinessProfile.objects.filter(person=viewer.pk).first()
    said = _business(row or BusinessProfile())
    return said | {
        "is_business": viewer.is_business,
        "allowed": not viewer.is_teen,
        "since": row.since if row else None,
        "categories": [{"key": key, "name": str(name)} for key, name in BusinessProfile.Category.choices],
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
        "interests": interests.known(viewer.interests),
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


def friends(viewer: Viewer, person: User) -> QuerySet[Follow]:
    """Follows by `person` that are returned, with `.followed` loaded, only of people visible to `viewer`; order by -id."""
    _listed(viewer, person, "friends_audience")
    return Follow.objects.filter(
        follower=person,
        state=_ACCEPTED,
        followed__in=visible_people(viewer).values("pk"),
        followed_id__in=follower_ids(person),
    ).select_related("followed")


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
    person = visible_people(viewer).filter(pk=person_id).first()
    stored = f"avatars/{person_id}/{name}"
    if person is None or person.avatar.name != stored:
        raise NotFound()
    return stored


__all__ = [
    "Tie",
    "Viewer",
    "avatar_url",
    "blocked_ids",
    "business_card",
    "follow_requests",
    "followed_ids",
    "follower_ids",
    "followers",
    "following",
    "former_usernames",
    "friend_ids",
    "friends",
    "get_person",
    "get_person_by_id",
    "is_blocked",
    "may",
    "may_see",
    "me",
    "my_business",
    "people_cards",
    "people_named",
    "person_card",
    "profile",
    "relation",
    "relations",
    "renamed",
    "ties",
    "visible_people",
]
