"""The site's blocked terms: whether a text has one. Who adds and removes them is `privacy.actions.terms`.

Two kinds: what is refused where it is written, with a sentence, and what is held for a moderator. What is said between two
people is only ever refused: nobody reads messages because of a word in them.
"""

from collections.abc import Iterable

from django.db.models import Case, IntegerField, Value, When
from django.utils.translation import gettext as _

from socialapp.lib.disguise import find_word, fold, words_of
from socialapp.lib.errors import Invalid

from .models import BlockedTerm

SHORTEST = 2  # letters of a term: one alone stands in half of all texts


def folded(term: str) -> str:
    """The form in which a term is kept and compared; empty when there is nothing in it to look for."""
    plain = " ".join(fold(term).split())
    words = words_of(plain)
    if words and len("".join(words)) < SHORTEST and plain.isascii():
        return ""
    return plain


def match(text: str) -> BlockedTerm | None:
    """The blocked term that a text has, in whatever simple disguise (socialapp.lib.disguise); what is refused before what
    is held. One query; two when there is one.
    """
    return _first(text, BlockedTerm.Act.values)


def refuse(**texts: str) -> None:
    """Raise Invalid when one of these texts, each by the name of its field, has a term that is refused. One query.

    The sentence names the term: who wrote it by accident has to know what to change.
    """
    said = {field: text for field, text in texts.items() if text}
    if not said:
        return
    refused = list(
        BlockedTerm.objects.filter(act=BlockedTerm.Act.REFUSE).values_list("folded", flat=True).order_by("pk")
    )
    wrong = {field: sentence(found) for field, text in said.items() if (found := find_word(text, refused))}
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong, code="blocked_term")


def sentence(term: str) -> str:
    """What people read when a term is refused."""
    return _("“%(term)s” is not allowed here. Change it and try again.") % {"term": term}


def _first(text: str, acts: Iterable[str]) -> BlockedTerm | None:
    if not text.strip():
        return None
    refused_first = Case(
        When(act=BlockedTerm.Act.REFUSE, then=Value(0)), default=Value(1), output_field=IntegerField()
    )
    terms = BlockedTerm.objects.filter(act__in=list(acts)).order_by(refused_first, "pk")
    found = find_word(text, terms.values_list("folded", flat=True))
    return None if found is None else BlockedTerm.objects.filter(folded=found).first()
