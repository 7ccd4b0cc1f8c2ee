"""What people say of themselves: profile and user name, and how an account begins."""

import unicodedata
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext as _

from privacy import terms
from privacy.actions import audit, lock_people, update_privacy
from privacy.rules import TEEN_DEFAULTS
from socialapp.lib.errors import Invalid, Problem
from socialapp.lib.ratelimit import limit

from .. import interests
from ..ages import is_teen
from ..models import FormerUsername, User
from ..usernames import HELD_FOR, is_held
from .acting import Actor, signed_in

PROFILE_FIELDS = frozenset({"display_name", "bio", "pronouns", "language", "country"})


def update_profile(actor: Actor, **changes: Any) -> User:
    """Change what a profile says, all or nothing; Invalid names each wrong field. Returns the fresh row."""
    actor = signed_in(actor)
    limit("profile", actor.pk)
    terms.refuse(**{name: str(value) for name, value in changes.items() if name in PROFILE_FIELDS})
    wrong: dict[str, Any] = {
        name: _("There is no such field.") for name in changes if name not in PROFILE_FIELDS
    }
    with transaction.atomic():
        lock_people(actor.pk)
        person = User.objects.get(pk=actor.pk)
        for name in PROFILE_FIELDS & changes.keys():
            value = _one_line(changes[name]) if name != "bio" else _lines(changes[name])
            if problem := _profile_problem(name, value):
                wrong[name] = problem
            else:
                setattr(person, name, value)
        if wrong:
            raise Invalid(next(iter(wrong.values())), fields=wrong)
        person.save(update_fields=sorted(PROFILE_FIELDS & changes.keys()))
    for name in PROFILE_FIELDS & changes.keys():
        setattr(actor, name, getattr(person, name))
    return person


# Control characters have no meaning in a name or a bio, and those that override the order of text only disguise.
_BIDI_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _plain(value: Any) -> str:
    text = str(value or "").replace("\r\n", "\n").replace("\t", " ")
    kept = (
        c
        for c in text
        if c == "\n" or (unicodedata.category(c) not in ("Cc", "Cs") and c not in _BIDI_OVERRIDES)
    )
    return "".join(kept)


def _one_line(value: Any) -> str:
    return " ".join(_plain(value).split())


def _lines(value: Any) -> str:
    return "\n".join(line.rstrip() for line in _plain(value).split("\n")).strip()


def choose_interests(actor: Actor, chosen: Iterable[Any]) -> list[str]:
    """What the actor likes to see, instead of what they chose before. Invalid for anything that is not on offer."""
    actor = signed_in(actor)
    limit("profile", actor.pk)
    keys = list(chosen)
    kept = interests.known(keys)
    if {str(key) for key in keys} - set(kept):
        problem = _("Choose interests from the list.")
        raise Invalid(problem, fields={"interests": problem})
    User.objects.filter(pk=actor.pk).update(interests=kept)
    actor.interests = kept
    return kept


def _profile_problem(name: str, value: str) -> str | None:
    length = User._meta.get_field(name).max_length or 0  # type: ignore[union-attr]
    if name == "language" and value and value not in dict(settings.LANGUAGES):
        return _("Choose one of the languages on offer.")
    if (
        name == "country"
        and value
        and not (len(value) == 2 and value.isascii() and value.isalpha() and value.isupper())
    ):
        return _("Give the country by its two capital letters, for example FR.")
    if len(value) > length:
        return _("Keep this under %(count)s characters.") % {"count": length + 1}
    return None


def change_username(actor: Actor, username: str) -> User:
    """Take another user name. The old one leads here, and is nobody else's, for `usernames.HELD_FOR`; case is no change.

    Invalid when the name is taken, held, reserved or malformed; TooMany past the cap of real changes a period.
    """
    actor = signed_in(actor)
    limit("username", actor.pk)
    username = username.strip()
    try:
        User._meta.get_field("username").run_validators(username)
    except ValidationError as error:
        raise Invalid(error.messages[0], fields={"username": error.messages[0]}) from error
    taken = Invalid(
        _("This user name is taken. Choose another one."),
        fields={"username": _("This user name is taken. Choose another one.")},
    )
    try:
        with transaction.atomic():
            lock_people(actor.pk)
            others = User.objects.exclude(pk=actor.pk).alias(lower=Lower("username"))
            if others.filter(lower=username.lower()).exists() or is_held(username, against=actor.pk):
                raise taken
            person = User.objects.get(pk=actor.pk)
            if person.username != username:
                audit(actor, "username.change", "person", actor.pk, before=person.username, after=username)
                if person.username.lower() != username.lower():
                    limit("username_change", actor.pk)
                    _give_up(person, taking=username)
                person.username = username
                person.save(update_fields=["username"])
    except IntegrityError as error:  # somebody else took it between the look and the write
        raise taken from error
    actor.username = username
    return person


def _give_up(person: User, *, taking: str) -> None:
    """Keep the present name for this person a while; forget what was kept of the one they take (their own, or overdue)."""
    former = FormerUsername.objects.alias(lower=Lower("username"))
    former.filter(lower__in=[person.username.lower(), taking.lower()]).delete()
    FormerUsername.objects.create(person=person, username=person.username, until=timezone.now() + HELD_FOR)


def forget_former_usernames() -> int:
    """Let go of the names whose time is over; how many there were. Nightly: reads leave them out by themselves."""
    deleted, _rows = FormerUsername.objects.filter(until__lte=timezone.now()).delete()
    return deleted


def change_account(
    actor: Actor, *, username: str | None = None, interests: Iterable[Any] | None = None, **profile: Any
) -> None:
    """Change user name, interests and profile together: either all or, when one is refused, none."""
    actor = signed_in(actor)
    with transaction.atomic():
        before, liked = actor.username, actor.interests
        if username is not None and username != before:
            change_username(actor, username)
        try:
            if interests is not None:
                choose_interests(actor, interests)
            if profile:
                update_profile(actor, **profile)
        except Problem:
            actor.username, actor.interests = before, liked
            raise


def begin(actor: Actor, *, birth_date: date, language: str = "") -> None:
    """Finish a sign-up in its transaction: birth date (the form checked the age), language, the defaults of one's age.

    Under privacy.rules.TEEN_AGE the account starts private, out of suggestions, with messages from friends only.
    """
    actor = signed_in(actor)
    actor.birth_date, actor.language = birth_date, language
    actor.save(update_fields=["birth_date", "language"])
    if is_teen(birth_date):
        update_privacy(actor, **TEEN_DEFAULTS)
