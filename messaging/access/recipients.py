"""Whom a person may write to, as they look for somebody: people they talk to, their friends, and whom they can find."""

from typing import Any

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Lower

from accounts.access import followed_ids, follower_ids, person_card, ties, visible_people
from accounts.models import User
from privacy.access import privacy_of

from ..models import Participant
from ..rules import Verdict, is_first_contact, verdict
from .seats import ACTIVE, Viewer

SHOWN = 20
LONGEST = 60


def recipients(viewer: Viewer, text: str = "", *, size: int = SHOWN) -> list[dict[str, Any]]:
    """People the viewer may write to, those they talk to first, then friends, then whom they follow. Four queries.

    Each is a card with `request` (what is written arrives as a request) and `first_contact` (no links, clips or pictures
    before they answer). Without `text` only people the viewer knows; with
    it, whose user name begins so or whose name holds it, and who allow to be found or are known. Nobody whose settings
    refuse the viewer. A scan of people where `text` is given: fine for some hundred thousand of them.
    """
    if not isinstance(viewer, User):
        return []
    asked = text.strip().lstrip("@").lower()[:LONGEST]
    if "\x00" in asked:
        return []
    found = list(_near(viewer, asked)[: 3 * size])  # some of them may refuse: a few more than are shown
    stands = ties(viewer, found, unblocked=True)
    accepted = _who_said_yes(viewer, found)
    shown = []
    for person in found:
        relation, yes = stands[person.pk].relation, person.pk in accepted
        said = verdict(privacy_of(person).message_audience, relation, accepted=yes)
        if said is not Verdict.REFUSED:
            first = is_first_contact(said, relation, accepted=yes)
            shown.append(
                person_card(viewer, person) | {"request": said is Verdict.REQUEST, "first_contact": first}
            )
    return shown[:size]


def _near(viewer: User, asked: str) -> QuerySet[User]:
    mine = Participant.objects.filter(person=viewer.pk, state=ACTIVE, last_seq__gt=0)
    talks = Exists(
        Participant.objects.filter(
            person=OuterRef("pk"), conversation__in=mine.values("conversation"), conversation__is_group=False
        )
    )
    followed = Q(pk__in=followed_ids(viewer))
    friend = followed & Q(pk__in=follower_ids(viewer))
    near = Case(
        When(talks, then=Value(0)),
        When(friend, then=Value(1)),
        When(followed, then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
    people = visible_people(viewer).exclude(pk=viewer.pk).select_related("privacy").annotate(near=near)
    if asked:
        named = Q(lower__startswith=asked) | Q(display_name__icontains=asked)
        known_or_found = Q(near__lt=3) | Q(privacy__findable=True, is_limited=False)
        people = people.alias(lower=Lower("username")).filter(named, known_or_found)
    else:
        people = people.filter(near__lt=3)
    return people.order_by("near", "-followers_count", "-id")


def _who_said_yes(viewer: User, people: list[User]) -> set[int]:
    """Which of them wrote to the viewer, or accepted them, in their conversation of two."""
    mine = Participant.objects.filter(person=viewer.pk, conversation__is_group=False).values("conversation")
    yes = Participant.objects.filter(
        person__in=[p.pk for p in people], conversation__in=mine, accepted_at__isnull=False
    )
    return set(yes.values_list("person_id", flat=True))
