"""Every read of privacy on a person's behalf: whom they shut out, muted or restricted, what they allow.

Whether somebody may see a thing is decided by `rules`; how two people stand to each other is found by `accounts.access`.
"""

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Case, F, Q, QuerySet, When

from .downloads import export_key as export_key
from .downloads import exports as exports
from .downloads import get_export as get_export
from .models import Block, Mute, PrivacySettings, Restriction

# Moderation reads stand in a module of their own; skins reach all reads here.
from .moderation import acts as acts
from .moderation import appeals as appeals
from .moderation import case_reports as case_reports
from .moderation import decision_by_token as decision_by_token
from .moderation import decision_fields as decision_fields
from .moderation import decisions as decisions
from .moderation import decisions_about as decisions_about
from .moderation import decisions_on as decisions_on
from .moderation import evidence as evidence
from .moderation import get_appeal as get_appeal
from .moderation import get_case as get_case
from .moderation import get_decision as get_decision
from .moderation import is_moderator as is_moderator
from .moderation import may_appeal as may_appeal
from .moderation import open_reports as open_reports
from .moderation import own_decision as own_decision
from .moderation import own_reports as own_reports
from .moderation import queue as queue
from .moderation import report_fields as report_fields
from .moderation import reports_on as reports_on
from .moderation import status_of as status_of
from .moderation import strikes as strikes

Viewer = AbstractBaseUser | AnonymousUser


def blocked_ids(viewer: Viewer) -> "QuerySet[Block, int]":
    """Ids of everyone in a block with `viewer`, in either direction: a subquery for `exclude(…__in=…)`, not a list.

    Empty for somebody who is not logged in. No query of its own.
    """
    if not viewer.is_authenticated:
        return Block.objects.none().values_list("blocked_id", flat=True)
    other = Case(When(blocker=viewer.pk, then=F("blocked_id")), default=F("blocker_id"))
    mine = Block.objects.filter(Q(blocker=viewer.pk) | Q(blocked=viewer.pk))
    return mine.annotate(other=other).values_list("other", flat=True)


def is_blocked(viewer: Viewer, person: AbstractBaseUser) -> bool:
    """Whether a block stands between the two, in either direction. One query, none for the anonymous."""
    if not viewer.is_authenticated:
        return False
    return Block.objects.filter(
        Q(blocker=viewer.pk, blocked=person.pk) | Q(blocker=person.pk, blocked=viewer.pk)
    ).exists()


def muted_ids(viewer: Viewer) -> "QuerySet[Mute, int]":
    """Ids of the people whom `viewer` muted: a subquery. Empty for the anonymous."""
    if not viewer.is_authenticated:
        return Mute.objects.none().values_list("muted_id", flat=True)
    return Mute.objects.filter(muter=viewer.pk).values_list("muted_id", flat=True)


def is_muted(viewer: Viewer, person: AbstractBaseUser) -> bool:
    """Whether `viewer` muted this person."""
    return viewer.is_authenticated and Mute.objects.filter(muter=viewer.pk, muted=person.pk).exists()


def restricted_ids(viewer: Viewer) -> "QuerySet[Restriction, int]":
    """Ids of the people whom `viewer` restricted: a subquery. Empty for the anonymous."""
    if not viewer.is_authenticated:
        return Restriction.objects.none().values_list("restricted_id", flat=True)
    return Restriction.objects.filter(restricter=viewer.pk).values_list("restricted_id", flat=True)


def is_restricted(owner: Viewer, person: Viewer) -> bool:
    """Whether `owner` restricted this person. One query, none when either is anonymous or both are one."""
    if owner.pk is None or person.pk is None or owner.pk == person.pk:
        return False
    return Restriction.objects.filter(restricter=owner.pk, restricted=person.pk).exists()


def privacy_of(person: Viewer) -> PrivacySettings:
    """What this person allows. No query when `person` came with `select_related("privacy")`.

    A person without a row (made by raw SQL or a broken restore) gets the unsaved strictest settings, not the defaults.
    """
    try:
        settings: PrivacySettings = person.privacy  # type: ignore[union-attr]
    except PrivacySettings.DoesNotExist:
        settings = PrivacySettings.strictest(person.pk or 0)
    return settings


def blocks(viewer: Viewer) -> "QuerySet[Block]":
    """The blocks that `viewer` made, with the people, newest first by id."""
    return Block.objects.filter(blocker=viewer.pk).select_related("blocked").order_by("-id")


def mutes(viewer: Viewer) -> "QuerySet[Mute]":
    """The mutes that `viewer` made, with the people, newest first by id."""
    return Mute.objects.filter(muter=viewer.pk).select_related("muted").order_by("-id")


def restrictions(viewer: Viewer) -> "QuerySet[Restriction]":
    """The restrictions that `viewer` made, with the people, newest first by id."""
    return Restriction.objects.filter(restricter=viewer.pk).select_related("restricted").order_by("-id")
