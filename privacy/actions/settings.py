"""What a person allows others, changed by themselves."""

import unicodedata
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from socialapp.lib.errors import Invalid

from .. import rules
from ..models import PrivacySettings
from ..signals import privacy_changed
from .ground import Actor, audit, lock_people, signed_in

CHANGEABLE = frozenset(
    field.name
    for field in PrivacySettings._meta.concrete_fields
    if field.name not in ("person", "changed_at")
)

KEYWORDS = 100  # words that comments are held for
KEYWORD_LENGTH = 60


def update_privacy(actor: Actor, **changes: Any) -> PrivacySettings:
    """Change the actor's own settings, all or nothing; raises Invalid with a sentence for each wrong field.

    Under rules.TEEN_AGE some settings open only so far (rules.TEENS); one that is more open from before stays until changed.
    Locks the person, so a follow that races sees the account either private or public, never in between.
    """
    signed_in(actor)
    with transaction.atomic():
        lock_people(actor.pk)
        settings, _created = PrivacySettings.objects.get_or_create(person_id=actor.pk)
        before = {name: getattr(settings, name) for name in changes if name in CHANGEABLE}
        _assign(settings, changes, teen=getattr(actor, "is_teen", False))
        really = {name: getattr(settings, name) for name in before if getattr(settings, name) != before[name]}
        if really:
            settings.save(update_fields=[*really, "changed_at"])
            audit(
                actor,
                "privacy.change",
                "person",
                actor.pk,
                before={n: before[n] for n in really},
                after=really,
            )
            transaction.on_commit(lambda: privacy_changed.send(None, person_id=actor.pk, changes=really))
    # The person in memory must not go on showing the old rules.
    actor.privacy = settings  # type: ignore[union-attr]
    return settings


def _assign(settings: PrivacySettings, changes: dict[str, Any], *, teen: bool) -> None:
    wrong = {}
    for name, value in changes.items():
        if name not in CHANGEABLE:
            wrong[name] = _("There is no such setting.")
            continue
        if name == "comment_keywords":
            value, problem = _keywords(value)
            if problem:
                wrong[name] = problem
                continue
        try:
            value = settings._meta.get_field(name).clean(value, settings)  # type: ignore[union-attr]
        except (ValidationError, FieldDoesNotExist):
            wrong[name] = _("Choose one of the values on offer.")
            continue
        if teen and value != getattr(settings, name) and not rules.open_to_teens(name, value):
            wrong[name] = _("You can open this further when you are %(age)s.") % {"age": rules.TEEN_AGE}
            continue
        setattr(settings, name, value)
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)


def _keywords(value: Any) -> tuple[list[str], str]:
    """The words to hold comments for, each once (whatever its case) and tidy; or why they cannot be used."""
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        return [], _("Give a list of words.")
    words: dict[str, str] = {}
    for word in value:
        seen = "".join(
            sign for sign in word if unicodedata.category(sign) not in ("Cc", "Cf", "Cs") or sign in "\t\n"
        )
        tidy = " ".join(unicodedata.normalize("NFKC", seen).split())
        if tidy:
            words.setdefault(tidy.casefold(), tidy)
    if len(words) > KEYWORDS:
        return [], _("At most %(count)s words fit.") % {"count": KEYWORDS}
    if any(len(word) > KEYWORD_LENGTH for word in words.values()):
        return [], _("A word or phrase is at most %(count)s characters long.") % {"count": KEYWORD_LENGTH}
    return list(words.values()), ""
