"""What people searched for lately: kept for their own eyes, unless they said that what they do is not to be used."""

from contextlib import suppress

from django.db import OperationalError, transaction
from django.utils import timezone

from socialapp.lib.errors import NotFound
from socialapp.lib.ids import parse_id

from .. import access
from ..models import RecentSearch
from ..text import clean
from .engaging import Actor, _person

KEPT = 20
LENGTH = 100


def remember_search(actor: Actor, text: str) -> None:
    """Keep what somebody searched for as the newest of at most KEPT. Nothing for visitors, for no words, and for people whose
    history is not to be used (FeedSettings.personal). Three queries, four when an older one is forgotten for it."""
    text = " ".join(clean(text)[:LENGTH].split())
    if not actor.is_authenticated or not text.strip("#@ ") or not access.feed_settings(actor).personal:
        return
    person = _person(actor)
    # A search must answer also while nothing can be written.
    with suppress(OperationalError), transaction.atomic():
        RecentSearch.objects.bulk_create(
            [RecentSearch(person=person, text=text, searched_at=timezone.now())],
            update_conflicts=True,
            unique_fields=["person", "text"],
            update_fields=["searched_at"],
        )
        old = access.recent_searches(person).values_list("pk", flat=True)[KEPT : 2 * KEPT]
        if gone := list(old):
            RecentSearch.objects.filter(pk__in=gone).delete()


def forget_search(actor: Actor, search_id: str) -> None:
    """Forget one of one's own searches. NotFound for any other."""
    gone, _rows = access.recent_searches(_person(actor)).filter(pk=parse_id(search_id)).delete()
    if not gone:
        raise NotFound()


def forget_searches(actor: Actor) -> None:
    """Forget all of one's own searches. Safe to repeat."""
    RecentSearch.objects.filter(person=_person(actor)).delete()
