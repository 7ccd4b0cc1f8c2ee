"""The index in an OpenSearch cluster beside the database's own, where SEARCH_URL names one: modelsearch speaks to it.

The database's index is kept all the same, so a cluster that is away costs nothing but its kind of ranking, and what it
missed is sent again. Without SEARCH_URL nothing here acts.
"""

import logging
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db.models import Q

from ..models import SearchDocument

log = logging.getLogger(__name__)


class Unreachable(Exception):
    """The cluster did not do what it was asked to. The text says why, in its client's words."""


def is_used() -> bool:
    return bool(settings.SEARCH_URL)


def _backend() -> Any:
    from modelsearch.backends import get_search_backend

    return get_search_backend()


def follow(kept: Sequence[SearchDocument], gone: Sequence[SearchDocument]) -> bool:
    """Tell the cluster what changed; False when it could not be told. Safe to repeat."""
    if not is_used():
        return True
    try:
        backend = _backend()
        if kept:
            backend.add_bulk(SearchDocument, list(kept))
        for document in gone:
            backend.delete(document)
    except Exception as error:  # whatever its client raises: the rows wait for the next sweep
        log.warning("the search cluster was not told of %s entries: %s", len(kept) + len(gone), error)
        return False
    return True


def reset() -> None:
    """Make the cluster's index anew and empty. Raises Unreachable: who asks for this should know."""
    if not is_used():
        return
    try:
        _backend().get_index_for_model(SearchDocument).reset()
    except Exception as error:  # whatever its client raises, and the ImportError of one that is not installed
        raise Unreachable(str(error)) from error


def read(
    kind: int, text: str, tier: int, place: tuple[int, int] | None, size: int
) -> list[tuple[int, int]] | None:
    """Ranks and subjects of what matches, best first, behind a place; None when the cluster cannot say. See matching.py."""
    from modelsearch.query import Fuzzy, PlainText

    documents = SearchDocument.objects.filter(kind=kind).order_by("-rank", "-subject")
    if place:
        documents = documents.filter(Q(rank__lt=place[0]) | Q(rank=place[0], subject__lt=place[1]))
    try:
        backend = _backend()
        if tier == 1:
            found = backend.autocomplete(text, documents, operator="and", order_by_relevance=False)
        else:
            query = PlainText(text, operator="and") if tier == 0 else Fuzzy(text, operator="and")
            found = backend.search(query, documents, order_by_relevance=False)
        return [(document.rank, document.subject) for document in found[:size]]
    except Exception as error:  # the database's own index answers instead
        log.warning("the search cluster did not answer: %s", error)
        return None
