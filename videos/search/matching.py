"""What matches a question, best first, out of the index alone. Who may see it is not asked here: see finding.py.

Matches come in tiers: words as written, then words that begin like the last one, then words one typing error away. Inside
of a tier the popular come first, then the newest. The index's key is that order, so a page reads what it shows and little
more, however many match.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db import connection
from django.db.models import QuerySet

from ..models import SearchDocument, SearchPosting, SearchVariant, SearchWord
from . import cluster
from .words import (
    SHORTEST,
    SHORTEST_RUN,
    fold,
    gaps,
    has_variants,
    holds_nearly,
    nearest,
    pairs,
    runs,
    variants,
)

TIERS = EXACT, PREFIX, TYPO = 0, 1, 2
MOST_SLOTS = 12  # words and pairs that one question may hold; the rest is not asked
PREFIXES = 24  # words that begin like the last one, the most used
LETTERS = 2  # from which on a word of a spaced script stands for all that begin with it
TYPOS = 12  # words one edit away, the most used
NEAR = 300  # things with some pairs of an unspaced question that are compared letter by letter
FREQUENT = 20_000  # uses from which on a pair of letters tells too little to look for errors by it

Place = tuple[int, int]  # rank and subject, falling
_Slots = list[list[int]]  # of each word of the question, the words of the index that will do


class Question(NamedTuple):
    """What was asked, folded, and what it is looked up by."""

    text: str
    words: tuple[str, ...]  # each must occur
    last: str  # the word that may go on; empty when it cannot
    unspaced: bool  # whether all of it is written without spaces


def question(text: str) -> Question:
    """What a question asks for. Without words (only signs) it has none, and nothing matches."""
    folded = fold(text)
    found = runs(folded)
    words: dict[str, None] = {}
    for run in found:
        words |= dict.fromkeys(pairs(run.text) if run.unspaced else [run.text])
    kept = tuple(words)[:MOST_SLOTS]
    last = ""
    if kept and not text[-1:].isspace():
        end = found[-1]
        # A single letter of an unspaced script begins pairs; a pair is whole.
        whole = len(end.text) > 1 if end.unspaced else len(end.text) < LETTERS
        last = "" if whole else kept[-1]
    return Question(folded, kept, last, bool(found) and all(run.unspaced for run in found))


class Match(NamedTuple):
    """One thing that matches and where it stands among the others."""

    tier: int
    rank: int
    subject: int

    @property
    def place(self) -> Place:
        return self.rank, self.subject


class Matcher:
    """One question. Looks words up once (one to three queries); `after` then reads on, for any kind of thing."""

    def __init__(self, asked: Question) -> None:
        self.asked = asked
        self._uses: dict[int, int] = {}
        self._texts: dict[int, str] = {}
        self._words = self._look_up(SearchWord.objects.filter(text__in=asked.words)) if asked.words else {}
        self._going_on: list[int] | None = None
        self._near: list[list[int]] | None = None

    def _look_up(self, words: QuerySet[SearchWord]) -> dict[str, int]:
        found = {}
        for pk, text, uses in words.values_list("pk", "text", "uses"):
            self._uses[pk], self._texts[pk], found[text] = uses, text, pk
        return found

    def after(self, kind: int, tier: int, place: Place | None, size: int) -> list[Match]:
        """At most `size` matches of a tier behind `place` (None: from the best); fewer when it ends there."""
        if not self.asked.words:
            return []
        rows = cluster.read(kind, self.asked.text, tier, place, size) if cluster.is_used() else None
        if rows is not None:
            pass
        elif tier == EXACT:
            rows = self._read(kind, self._exact(), place, size)
        elif tier == PREFIX:
            rows = self._read(kind, self._prefix(), place, size, but=[self._exact()])
        elif self.asked.unspaced:
            rows = self._nearly(kind, place, size)
        else:
            rows = self._read(kind, self._typo(), place, size, but=[self._exact(), self._prefix()])
        return [Match(tier, rank, subject) for rank, subject in rows]

    def _exact(self) -> _Slots:
        return [[self._words[word]] if word in self._words else [] for word in self.asked.words]

    def _prefix(self) -> _Slots:
        """As written, but the last word stands for those that begin with it."""
        if not self.asked.last:
            return [[]]
        if self._going_on is None:
            last = self.asked.last
            begin = SearchWord.objects.filter(text__gt=last, text__lt=last + "\U0010ffff")
            if connection.vendor == "postgresql":  # whose index of words knows patterns, in any collation
                begin = SearchWord.objects.filter(text__startswith=last).exclude(text=last)
            self._going_on = list(self._look_up(begin.order_by("-uses", "pk")[:PREFIXES]).values())
        at = self.asked.words.index(self.asked.last)
        return [self._going_on if place == at else words for place, words in enumerate(self._exact())]

    def _typo(self) -> _Slots:
        """Each word as written or one edit away; the last one also as a beginning."""
        if self._near is None:
            self._near = self._corrections()
        going_on = self._prefix()
        if len(going_on) == len(self._near):
            return [
                list(dict.fromkeys([*near, *begin])) for near, begin in zip(self._near, going_on, strict=True)
            ]
        return self._near

    def _corrections(self) -> _Slots:
        keys = {w: variants(w) for w in self.asked.words if len(w) >= SHORTEST and has_variants(w)}
        every = set().union(*keys.values()) if keys else set()
        rows = SearchVariant.objects.filter(key__in=every).values_list("word_id", "word__text", "word__uses")
        near = sorted(set(rows) if every else (), key=lambda row: (-row[2], row[0]))
        slots = []
        for word in self.asked.words:
            slot = [self._words[word]] if word in self._words else []
            if word in keys:
                close = set(nearest(word, (text for _pk, text, _uses in near)))
                for pk, text, uses in near:
                    if text in close and len(slot) < TYPOS:
                        self._uses[pk], self._texts[pk] = uses, text
                        slot.append(pk)
            slots.append(slot)
        return slots

    def _read(
        self, kind: int, slots: _Slots, place: Place | None, size: int, but: Sequence[_Slots] = ()
    ) -> list[Place]:
        """The best places that hold a word of each slot, and not one of each slot of any of `but`.

        Driven by the slot that the fewest things hold: one ordered read of its postings a word, each stopped at `size`.
        """
        if not all(slots) or not slots:
            return []
        driver = min(range(len(slots)), key=lambda n: sum(self._uses[word] for word in slots[n]))
        others = [words for n, words in enumerate(slots) if n != driver]
        # What is one of the others' words already needs no look at itself.
        conditions, params = _holds(others)
        for shut in but:
            if all(shut):
                inner, more = _holds(shut)
                conditions += f" AND NOT ({inner.removeprefix(' AND ')})"
                params += more
        behind = " AND (p.rank, p.subject) < (%s, %s)" if place else ""
        table = connection.ops.quote_name(SearchPosting._meta.db_table)
        one = (
            f"SELECT p.rank, p.subject FROM {table} p WHERE p.word_id = %s AND p.kind = %s{behind}{conditions} "  # noqa: S608
            "ORDER BY p.rank DESC, p.subject DESC LIMIT %s"
        )
        found: set[Place] = set()
        with connection.cursor() as cursor:
            for word in slots[driver]:
                cursor.execute(one, [word, kind, *(place or ()), *params, size])
                found.update(cursor.fetchall())
        return sorted(found, reverse=True)[:size]

    def _nearly(self, kind: int, place: Place | None, size: int) -> list[Place]:
        """Things whose text holds a question without spaces but for one edit: by the pairs they share, then by letters.

        A wrong letter spoils at most two neighbouring pairs, and two letters around it are still one apart (`gaps`).
        """
        stretches = [run.text for run in runs(self.asked.text)]
        if any(len(run) < SHORTEST_RUN for run in stretches):
            return []
        grams = {gram for run in stretches for gram in (*pairs(run), *gaps(run))}
        # A letter too few in the question brings two together that stand apart in the text, one too many the other way.
        grams |= {gram[0] + "·" + gram[1] for run in stretches for gram in pairs(run)}
        grams |= {gram[0] + gram[2] for run in stretches for gram in gaps(run)}
        known = (
            SearchWord.objects.filter(text__in=grams, uses__lt=FREQUENT)
            .order_by("uses")
            .values_list("pk", flat=True)
        )
        words = list(known[: 4 * MOST_SLOTS])
        if not words:
            return []
        table = connection.ops.quote_name(SearchPosting._meta.db_table)
        marks = ", ".join(["%s"] * len(words))
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT p.subject FROM {table} p WHERE p.word_id IN ({marks}) AND p.kind = %s "  # noqa: S608
                "GROUP BY p.rank, p.subject ORDER BY COUNT(*) DESC, p.rank DESC, p.subject DESC LIMIT %s",
                [*words, kind, NEAR],
            )
            candidates = [subject for (subject,) in cursor.fetchall()]
        documents = SearchDocument.objects.filter(kind=kind, subject__in=candidates)
        found = []
        for rank, subject, text in documents.values_list("rank", "subject", "text"):
            is_behind = place is None or (rank, subject) < place
            if (
                is_behind
                and not _holds_text(text, stretches)
                and all(holds_nearly(text, run) for run in stretches)
            ):
                found.append((rank, subject))
        return sorted(found, reverse=True)[:size]

    def corrected(self, text: str) -> str:
        """The question as somebody would have had to ask it to find `text` exactly; empty when that is how it was asked.

        Only from a text that the asker may see: the index knows words of other people's secrets.
        """
        folded = fold(text)
        has = {run.text for run in runs(folded)}
        said = []
        for run in runs(self.asked.text):
            if run.text in has or (run.unspaced and run.text in folded):
                said.append(run.text)
            elif run.unspaced:
                said.append(holds_nearly(folded, run.text) or run.text)
            else:
                said.append(next(iter(sorted(nearest(run.text, has))), run.text))
        return "" if said == [run.text for run in runs(self.asked.text)] else " ".join(said)


def _holds_text(text: str, stretches: Iterable[str]) -> bool:
    return all(run in text for run in stretches)


def _holds(slots: _Slots) -> tuple[str, list[int]]:
    """The condition that a posting's subject holds a word of each slot, as SQL that begins with AND."""
    table = connection.ops.quote_name(SearchPosting._meta.db_table)
    sql, params = "", []
    for words in slots:
        marks = ", ".join(["%s"] * len(words))
        sql += (
            f" AND EXISTS (SELECT 1 FROM {table} q WHERE q.word_id IN ({marks}) AND q.kind = p.kind"  # noqa: S608
            " AND q.rank = p.rank AND q.subject = p.subject)"
        )
        params += words
    return sql, params
