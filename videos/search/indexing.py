"""Keeping the index in step with what it is made of. The rows of SearchDocument are the queue: whoever changes something says
so in the same transaction (`touch`), and a worker does the rest, so that publishing neither waits for it nor fails with it.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from math import log2
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from accounts.models import User

from ..models import (
    Challenge,
    SearchDocument,
    SearchKind,
    SearchPosting,
    SearchVariant,
    SearchWord,
    Sound,
    Tag,
    Video,
)
from ..popularity import LIKES, SHARES
from . import cluster
from .words import fold, has_variants, variants, words_of

log = logging.getLogger(__name__)

BATCH = 50  # documents a transaction: SQLite has one writer, and 50 keep it for some 30 ms
LARGE_BATCH = 500  # when all is made anew, which takes half the time by these
TOP_RANK = 99
_LOCK = 0x676C696E  # of PostgreSQL's advisory locks: one indexer at a time, so that counts of words never deadlock


class Facts(NamedTuple):
    """What a document is made of: the text as written, and how popular its subject is (any number that grows)."""

    text: str
    popularity: int


def _clips(rows: QuerySet[Any]) -> Iterator[tuple[int, Facts]]:
    for pk, caption, views, likes, shares in rows.values_list(
        "pk", "caption", "views_count", "likes_count", "shares_count"
    ):
        yield pk, Facts(caption, views + LIKES * likes + SHARES * shares)


def _people(rows: QuerySet[Any]) -> Iterator[tuple[int, Facts]]:
    for pk, username, name, followers in rows.values_list(
        "pk", "username", "display_name", "followers_count"
    ):
        yield pk, Facts(f"{username} {name}", followers)


def _sounds(rows: QuerySet[Any]) -> Iterator[tuple[int, Facts]]:
    for pk, title, artist, uses in rows.values_list("pk", "title", "artist", "uses_count"):
        yield pk, Facts(f"{title} {artist}", uses)


def _tags(rows: QuerySet[Any]) -> Iterator[tuple[int, Facts]]:
    for pk, name, clips in rows.values_list("pk", "name", "videos_count"):
        yield pk, Facts(name, clips)


def _challenges(rows: QuerySet[Any]) -> Iterator[tuple[int, Facts]]:
    for pk, title, tag, clips in rows.values_list("pk", "title", "tag__name", "tag__videos_count"):
        yield pk, Facts(f"{title} {tag}", clips)


# Everything with a text is indexed, drafts and private clips too: what is found is for the gate to let through.
SOURCES: dict[int, tuple[type[Any], Callable[[QuerySet[Any]], Iterator[tuple[int, Facts]]]]] = {
    SearchKind.VIDEO: (Video, _clips),
    SearchKind.PERSON: (User, _people),
    SearchKind.SOUND: (Sound, _sounds),
    SearchKind.TAG: (Tag, _tags),
    SearchKind.CHALLENGE: (Challenge, _challenges),
}


def rank_of(popularity: int) -> int:
    """Popularity in steps of its square root of two: an entry is written anew some dozens of times in its life, not a million."""
    return min(TOP_RANK, int(2 * log2(1 + max(0, popularity))))


def facts_of(kind: int, subjects: Iterable[int]) -> dict[int, Facts]:
    """What is indexed of these now; those that are gone are missing. One query."""
    model, read = SOURCES[kind]
    return dict(read(model._default_manager.filter(pk__in=subjects)))


def touch(kind: int, *subjects: int) -> None:
    """Says that something appeared, changed or went. One query, in the caller's transaction; a worker is nudged on commit."""
    if not subjects:
        return
    now = timezone.now()
    SearchDocument.objects.bulk_create(
        [SearchDocument(kind=kind, subject=subject, due_at=now) for subject in sorted(subjects)],
        update_conflicts=True,
        unique_fields=["kind", "subject"],
        update_fields=["due_at"],
    )
    # Once a transaction: an account goes with thousands of clips.
    if not any(waiting[1] is _nudge for waiting in connection.run_on_commit):
        transaction.on_commit(_nudge, robust=True)


def _nudge() -> None:
    from ..tasks import index_search

    try:
        index_search.apply_async(expires=15)
    except Exception as error:  # the broker is away: the sweep finds the row
        log.warning("the index is brought up to date by the sweep: %s", error)


def index_due(most: int = 2000, *, batch: int = BATCH) -> int:
    """Index what waits, oldest first, at most so many; returns how many. Safe to repeat and to run twice at a time."""
    done = 0
    while done < most:
        worked = _index_batch(batch)
        done += worked
        if worked < batch:
            break
    return done


@transaction.atomic
def _index_batch(size: int) -> int:
    if not _alone():
        return 0
    waiting = SearchDocument.objects.filter(due_at__isnull=False).order_by("due_at", "pk")
    documents = list(
        waiting.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)[:size]
    )
    return len(documents) if documents and _write(documents) else 0


def _alone() -> bool:
    """Whether no other indexer is at work until this transaction ends. SQLite lets only one write anyway."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


def _write(documents: list[SearchDocument]) -> bool:
    """Bring postings, words and their counts in step with these documents. Some ten queries, however many they are.

    False when a cluster could not be told: they go on waiting.
    """
    by_kind: dict[int, list[int]] = defaultdict(list)
    for document in documents:
        by_kind[document.kind].append(document.subject)
    now = {kind: facts_of(kind, subjects) for kind, subjects in by_kind.items()}
    added: list[tuple[str, SearchDocument, int]] = []
    removed: list[tuple[str, SearchDocument, int]] = []
    gone = []
    for document in documents:
        facts = now[document.kind].get(document.subject)
        had, rank = words_of(document.text), document.rank
        text = fold(facts.text) if facts else ""
        has = words_of(text)
        document.rank = rank_of(facts.popularity) if facts else 0
        moved = document.rank != rank
        removed += [(word, document, rank) for word in had if moved or word not in has]
        added += [(word, document, document.rank) for word in has if moved or word not in had]
        document.text, document.due_at = text, None
        if facts is None:
            gone.append(document)
    _post(added, removed)
    kept = [document for document in documents if document not in gone]
    told = cluster.follow(kept, gone)
    if not told:
        later = timezone.now()  # behind what waits already; what is gone stays as an empty entry until then
        for document in documents:
            document.due_at = later
        kept, gone = documents, []
    SearchDocument.objects.bulk_update(kept, ["text", "rank", "due_at"])
    SearchDocument.objects.filter(pk__in=[document.pk for document in gone]).delete()
    return told


def _post(
    added: list[tuple[str, SearchDocument, int]], removed: list[tuple[str, SearchDocument, int]]
) -> None:
    uses = Counter(word for word, _document, _rank in added)
    uses.subtract(word for word, _document, _rank in removed)
    ids = _word_ids({word for word, _document, _rank in added}, set(uses))
    if removed:
        table = connection.ops.quote_name(SearchPosting._meta.db_table)
        with connection.cursor() as cursor:
            cursor.executemany(
                f"DELETE FROM {table} WHERE word_id = %s AND kind = %s AND rank = %s AND subject = %s",  # noqa: S608
                [(ids[word], d.kind, rank, d.subject) for word, d, rank in removed if word in ids],
            )
    SearchPosting.objects.bulk_create(
        [SearchPosting(word_id=ids[w], kind=d.kind, rank=rank, subject=d.subject) for w, d, rank in added],
        ignore_conflicts=True,
        batch_size=2000,
    )
    by_change: dict[int, list[int]] = defaultdict(list)
    for word, change in uses.items():
        if change and word in ids:
            by_change[change].append(ids[word])
    for change, words in by_change.items():
        SearchWord.objects.filter(pk__in=words).update(uses=F("uses") + change)
    _forget([ids[word] for word, change in uses.items() if change < 0 and word in ids])


def _word_ids(wanted: set[str], all_words: set[str]) -> dict[str, int]:
    """The ids of words; those of `wanted` that are not there yet appear, with their variants."""
    found = dict(SearchWord.objects.filter(text__in=all_words).values_list("text", "pk"))
    if new := sorted(wanted - found.keys()):
        SearchWord.objects.bulk_create([SearchWord(text=word) for word in new], ignore_conflicts=True)
        made = dict(SearchWord.objects.filter(text__in=new).values_list("text", "pk"))
        SearchVariant.objects.bulk_create(
            [
                SearchVariant(key=key, word_id=pk)
                for w, pk in made.items()
                if has_variants(w)
                for key in variants(w)
            ],
            ignore_conflicts=True,
            batch_size=2000,
        )
        found |= made
    return found


def _forget(words: list[int]) -> None:
    """Delete those of these words that nothing holds any more: a word can be a person's name."""
    if not words:
        return
    unused = dict(SearchWord.objects.filter(pk__in=words, uses__lte=0).values_list("pk", "text"))
    for pk, text in unused.items():
        if has_variants(text):
            SearchVariant.objects.filter(key__in=variants(text), word_id=pk).delete()
    SearchWord.objects.filter(pk__in=unused).delete()


def reconcile(size: int = 1000) -> int:
    """Queue whatever the index does not say rightly: rows that came past `touch`, changed popularity, what is gone.

    Reads everything that can be found once, in batches, about 25 µs each. Returns how many were queued.
    """
    queued = 0
    for kind, (model, read) in SOURCES.items():
        for rows, documents in _side_by_side(kind, model, size):
            facts = dict(read(rows))
            wrong = [s for s in documents if s not in facts]
            for subject, fact in facts.items():
                known = documents.get(subject)
                if known is None or known[1] != rank_of(fact.popularity) or known[0] != fold(fact.text):
                    wrong.append(subject)
            touch(kind, *wrong)
            queued += len(wrong)
    return queued


def _side_by_side(
    kind: int, model: type[Any], size: int
) -> Iterator[tuple[QuerySet[Any], dict[int, tuple[str, int]]]]:
    """Rows and their documents, over the same stretches of ids."""
    rows = model._default_manager.order_by("pk")
    documents = SearchDocument.objects.filter(kind=kind)
    after: int | None = -1
    while after is not None:
        start = after
        stretch = list(rows.filter(pk__gt=start).values_list("pk", flat=True)[:size])
        end = stretch[-1] if len(stretch) == size else None
        within = (
            documents.filter(subject__gt=start)
            if end is None
            else documents.filter(subject__gt=start, subject__lte=end)
        )
        yield (
            model._default_manager.filter(pk__in=stretch),
            {subject: (text, rank) for subject, text, rank in within.values_list("subject", "text", "rank")},
        )
        after = end


def catch_up() -> None:
    """Index all there is, now: for tests and tools that read right after they wrote."""
    reconcile()
    index_due()


def rebuild(told: Callable[[int], None] = lambda done: None) -> int:
    """Throw the index away and make it anew, in steps: while it runs, searches find what is there already.

    The cluster's goes first, where there is one: when that raises cluster.Unreachable, nothing was thrown away here.
    """
    cluster.reset()
    for model in (SearchPosting, SearchVariant, SearchWord, SearchDocument):
        model._default_manager.all().delete()
    reconcile()
    done = 0
    while worked := index_due(batch=LARGE_BATCH):
        done += worked
        told(done)
    return done
