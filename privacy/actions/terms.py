"""What moderators put on the list of blocked terms, and take off it. Every change is audited."""

from django.db import transaction
from django.utils.translation import gettext as _

from socialapp.lib.errors import Invalid

from .. import terms
from ..models import BlockedTerm
from .ground import Actor, audit, moderator

AT_ONCE = 1000  # terms of one list


def add_terms(actor: Actor, words: list[str], *, act: str, note: str = "") -> list[BlockedTerm]:
    """Block these words or phrases; one that is blocked already gets the new `act` and `note`. Staff only, audited.

    Invalid names the words that nothing could be found by. One query a word.
    """
    moderator(actor)
    said = [" ".join(word.split()) for word in words if word.strip()]
    if act not in BlockedTerm.Act.values:
        raise Invalid(_("Choose what happens."), fields={"act": _("Choose what happens.")})
    if not said or len(said) > AT_ONCE:
        problem = _("Give 1 to %(count)s words or phrases, one a line.") % {"count": AT_ONCE}
        raise Invalid(problem, fields={"terms": problem})
    if bad := [word for word in said if len(word) > 100 or not terms.folded(word)]:
        problem = _("These are too short or too long to be looked for: %(words)s") % {
            "words": ", ".join(word[:40] for word in bad[:5])
        }
        raise Invalid(problem, fields={"terms": problem})
    rows = []
    with transaction.atomic():
        for word in said:
            row, _made = BlockedTerm.objects.update_or_create(
                folded=terms.folded(word)[:200],
                defaults={"term": word, "act": act, "note": note.strip()[:200], "added_by_id": actor.pk},
            )
            rows.append(row)
            audit(actor, "term.block", "term", row.pk, term=word, act=act)
    return rows


def remove_term(actor: Actor, row: BlockedTerm) -> bool:
    """Take a term off the list. What it held goes on waiting: a moderator decides. Staff only, audited, idempotent."""
    moderator(actor)
    with transaction.atomic():
        gone, _rows = BlockedTerm.objects.filter(pk=row.pk).delete()
        if gone:
            audit(actor, "term.unblock", "term", row.pk, term=row.term)
    return bool(gone)
