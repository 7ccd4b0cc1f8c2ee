"""The rules as tables: who sees what, who may do what. Pure: no database, no request, no other app.

`accounts.access.relation` finds how a viewer stands to a person; the tables here turn that into a verdict. The SQL
forms in accounts and videos say the same thing for many rows at once, and a test holds the two together.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Audience(models.TextChoices):
    """Who may see a thing."""

    PUBLIC = "public", _("Everyone")
    FOLLOWERS = "followers", _("Followers")
    FRIENDS = "friends", _("Friends")
    ONLY_ME = "only_me", _("Only me")


class WhoMay(models.TextChoices):
    """Who may do a thing to a person or their clip. `following` = the people that this person follows."""

    EVERYONE = "everyone", _("Everyone")
    FOLLOWING = "following", _("People I follow")
    FRIENDS = "friends", _("Friends")
    NOBODY = "nobody", _("Nobody")


class Relation(models.TextChoices):
    """How a viewer stands to a person, the closest word that fits."""

    SELF = "self", _("Yourself")
    BLOCKED = "blocked", _("Blocked, in either direction")
    FRIEND = "friend", _("Friend: you follow each other")
    FOLLOWER = "follower", _("You follow them")
    FOLLOWED = "followed", _("They follow you")
    PENDING = "pending", _("You asked to follow")
    STRANGER = "stranger", _("No relation")
    ANONYMOUS = "anonymous", _("Not logged in")


_R = Relation

# Who sees a thing of this audience. A private account turns PUBLIC into FOLLOWERS (see `sees`).
SEES: dict[str, frozenset[str]] = {
    Audience.PUBLIC: frozenset(
        {_R.SELF, _R.FRIEND, _R.FOLLOWER, _R.FOLLOWED, _R.PENDING, _R.STRANGER, _R.ANONYMOUS}
    ),
    Audience.FOLLOWERS: frozenset({_R.SELF, _R.FRIEND, _R.FOLLOWER}),
    Audience.FRIENDS: frozenset({_R.SELF, _R.FRIEND}),
    Audience.ONLY_ME: frozenset({_R.SELF}),
}

# Who may comment, message, duet, … under this setting of the person concerned.
MAY: dict[str, frozenset[str]] = {
    WhoMay.EVERYONE: frozenset({_R.SELF, _R.FRIEND, _R.FOLLOWER, _R.FOLLOWED, _R.PENDING, _R.STRANGER}),
    WhoMay.FOLLOWING: frozenset({_R.SELF, _R.FRIEND, _R.FOLLOWED}),
    WhoMay.FRIENDS: frozenset({_R.SELF, _R.FRIEND}),
    WhoMay.NOBODY: frozenset({_R.SELF}),
}


def effective_audience(audience: str, *, account_private: bool) -> str:
    """The audience as a private account narrows it."""
    return Audience.FOLLOWERS if account_private and audience == Audience.PUBLIC else audience


def sees(audience: str, relation: str, *, account_private: bool) -> bool:
    """Whether a viewer of this relation sees a thing of this audience."""
    return relation in SEES[effective_audience(audience, account_private=account_private)]


def may(who: str, relation: str) -> bool:
    """Whether a person of this relation may do what is set to `who`."""
    return relation in MAY[who]
