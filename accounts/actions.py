"""Every write about people: follows and requests, profiles, pictures, leaving and coming back, counters.

Everything between two people happens with both rows locked (`privacy.actions.lock_people`), so counters are exact and
no follow slips past a block. Counters change in the transaction of the row they count.
"""

import unicodedata
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.db import IntegrityError, transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest, Lower
from django.utils import timezone
from django.utils.translation import gettext as _

from privacy.access import blocked_ids, privacy_of
from privacy.actions import audit, lock_people, update_privacy
from privacy.rules import WhoMay
from socialapp.lib.errors import Conflict, Invalid, NotFound, NotSignedIn, Problem
from socialapp.lib.ids import parse_id
from socialapp.lib.ratelimit import limit

from . import signals
from .ages import TEEN_AGE, age_on
from .avatars import square_webp
from .models import Follow, User

Actor = User | AnonymousUser

_ACCEPTED = Follow.State.ACCEPTED
_PENDING = Follow.State.PENDING

PROFILE_FIELDS = frozenset({"display_name", "bio", "pronouns", "language", "country"})
# How many waiting requests one transaction accepts when an account goes public: its locks are held for some tens of ms.
ACCEPT_AT_ONCE = 200


def _signed_in(actor: Actor) -> User:
    if not isinstance(actor, User):
        raise NotSignedIn()
    return actor


def _send(signal: Any, **facts: Any) -> None:
    transaction.on_commit(lambda: signal.send(None, **facts))


# --- Following ------------------------------------------------------------------------------------------------


def follow(actor: Actor, person: User) -> Follow:
    """Follow, or ask to when the account is private. Idempotent: an existing follow or request is returned.

    Raises NotFound when the person has meanwhile blocked, hidden or gone, Invalid for oneself, TooMany.
    """
    actor = _signed_in(actor)
    if actor.pk == person.pk:
        raise Invalid(_("You cannot follow yourself."), code="not_yourself")
    limit("follow", actor.pk)
    with transaction.atomic():
        lock_people(actor.pk, person.pk)
        target = User.objects.select_related("privacy").filter(
            pk=person.pk, is_active=True, deactivated_at=None
        )
        there = target.exclude(pk__in=blocked_ids(actor)).first()
        if there is None:
            raise NotFound()
        state = _PENDING if privacy_of(there).is_private else _ACCEPTED
        now = timezone.now()
        row, created = Follow.objects.get_or_create(
            follower_id=actor.pk,
            followed_id=there.pk,
            defaults={"state": state, "accepted_at": now if state == _ACCEPTED else None},
        )
        if created and state == _PENDING:
            _send(signals.follow_requested, follow_id=row.pk, follower_id=actor.pk, followed_id=there.pk)
        elif created:
            _count(actor.pk, there.pk, 1)
            _send(signals.followed, follower_id=actor.pk, followed_id=there.pk)
        elif row.state == _PENDING and state == _ACCEPTED:
            _accept(row)
    return row


def unfollow(actor: Actor, person: User) -> None:
    """Stop following, or take a request back. Idempotent."""
    actor = _signed_in(actor)
    with transaction.atomic():
        lock_people(actor.pk, person.pk)
        _remove(actor.pk, person.pk)


def remove_follower(actor: Actor, person: User) -> None:
    """Make `person` no longer follow the actor; they are not told. Idempotent."""
    actor = _signed_in(actor)
    with transaction.atomic():
        lock_people(actor.pk, person.pk)
        _remove(person.pk, actor.pk)


def accept_request(actor: Actor, follow_id: str | int) -> Follow:
    """Accept a request to the actor; one that was accepted already is returned. NotFound for anybody else's."""
    with transaction.atomic():
        row = _lock_request(_signed_in(actor), follow_id)
        if row.state == _PENDING:
            _accept(row)
    return row


def decline_request(actor: Actor, follow_id: str | int) -> None:
    """Decline a request to the actor; the other is not told and may ask again. NotFound for anybody else's."""
    with transaction.atomic():
        row = _lock_request(_signed_in(actor), follow_id)
        if row.state != _PENDING:
            raise Conflict(
                _("You already accepted this request. Remove the follower instead."), code="accepted"
            )
        _remove(row.follower_id, row.followed_id)


def accept_waiting(person_id: int) -> int:
    """Accept every request that waits for a person whose account is public; how many there were.

    Called after an account went public and by the nightly task. Its own transactions of ACCEPT_AT_ONCE rows, so an
    interrupted run leaves whole follows and the rest for the next one.
    """
    accepted = 0
    while True:
        waiting = Follow.objects.filter(followed=person_id, state=_PENDING)
        asking = list(waiting.order_by("id").values_list("follower_id", flat=True)[:ACCEPT_AT_ONCE])
        if not asking:
            return accepted
        with transaction.atomic():
            lock_people(person_id, *asking)
            person = User.objects.select_related("privacy").filter(pk=person_id).first()
            if person is None or privacy_of(person).is_private:
                return accepted
            for row in waiting.filter(follower__in=asking):
                _accept(row)
                accepted += 1


def end_follows_between(one_id: int, other_id: int) -> None:
    """Remove follows and requests in both directions; the caller holds the transaction and both locks (a block)."""
    _remove(one_id, other_id)
    _remove(other_id, one_id)


def _lock_request(actor: User, follow_id: str | int) -> Follow:
    row_id = parse_id(follow_id) if isinstance(follow_id, str) else follow_id
    mine = Follow.objects.filter(pk=row_id, followed=actor.pk)
    follower_id = mine.values_list("follower_id", flat=True).first()
    if follower_id is None:
        raise NotFound()
    lock_people(actor.pk, follower_id)
    row = mine.filter(follower__is_active=True, follower__deactivated_at=None).first()
    if row is None:
        raise NotFound()
    return row


def _accept(row: Follow) -> None:
    row.state, row.accepted_at = _ACCEPTED, timezone.now()
    row.save(update_fields=["state", "accepted_at"])
    _count(row.follower_id, row.followed_id, 1)
    _send(signals.follow_accepted, follow_id=row.pk, follower_id=row.follower_id, followed_id=row.followed_id)


def _remove(follower_id: int, followed_id: int) -> None:
    row = Follow.objects.filter(follower=follower_id, followed=followed_id).first()
    if row is None:
        return
    follow_id = row.pk
    row.delete()
    if row.state == _ACCEPTED:
        _count(follower_id, followed_id, -1)
        _send(signals.unfollowed, follower_id=follower_id, followed_id=followed_id)
    else:
        _send(
            signals.follow_request_gone, follow_id=follow_id, follower_id=follower_id, followed_id=followed_id
        )


def _count(follower_id: int, followed_id: int, delta: int) -> None:
    _add(follower_id, "following_count", delta)
    _add(followed_id, "followers_count", delta)


def _add(person_id: int, counter: str, delta: int) -> None:
    # Never below nothing: a count that was wrong before must not turn an unfollow into an error.
    User.objects.filter(pk=person_id).update(**{counter: Greatest(F(counter) + delta, Value(0))})


def add_likes(person_id: int, delta: int) -> None:
    """Count likes that a person's clips won or lost; called by videos in the transaction of the like."""
    _add(person_id, "likes_count", delta)


def add_videos(person_id: int, delta: int) -> None:
    """Count clips that a person published or took down; called by videos in the transaction of the clip."""
    _add(person_id, "videos_count", delta)


# --- One's own account ----------------------------------------------------------------------------------------


def update_profile(actor: Actor, **changes: Any) -> User:
    """Change what a profile says, all or nothing; Invalid names each wrong field. Returns the fresh row."""
    actor = _signed_in(actor)
    limit("profile", actor.pk)
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


def _profile_problem(name: str, value: str) -> str | None:
    from django.conf import settings

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
    """Take another user name; addresses with the old one stop working. Invalid when it is taken, reserved or malformed."""
    actor = _signed_in(actor)
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
            others = (
                User.objects.exclude(pk=actor.pk)
                .alias(lower=Lower("username"))
                .filter(lower=username.lower())
            )
            if others.exists():
                raise taken
            person = User.objects.get(pk=actor.pk)
            if person.username != username:
                audit(actor, "username.change", "person", actor.pk, before=person.username, after=username)
                person.username = username
                person.save(update_fields=["username"])
    except IntegrityError as error:  # somebody else took it between the look and the write
        raise taken from error
    actor.username = username
    return person


def set_avatar(actor: Actor, file: "File[bytes]") -> User:
    """Crop, strip and store a new picture, then remove the old file once the change is safe. Invalid for bad files."""
    actor = _signed_in(actor)
    limit("avatar", actor.pk)
    return _replace_avatar(actor, ContentFile(square_webp(file)))


def remove_avatar(actor: Actor) -> User:
    """Go without a picture. Idempotent."""
    actor = _signed_in(actor)
    return _replace_avatar(actor, None)


def _replace_avatar(actor: User, picture: "ContentFile[bytes] | None") -> User:
    new_name = ""
    storage = actor.avatar.storage
    try:
        with transaction.atomic():
            lock_people(actor.pk)
            person = User.objects.get(pk=actor.pk)
            old_name = person.avatar.name
            if picture is None:
                person.avatar = ""
            else:
                person.avatar.save("avatar.webp", picture, save=False)
                new_name = person.avatar.name or ""
            person.save(update_fields=["avatar"])
            if old_name:
                transaction.on_commit(lambda: storage.delete(old_name))
    except Exception:
        if new_name:  # the row does not know this file, so nobody would ever remove it
            storage.delete(new_name)
        raise
    actor.avatar = person.avatar.name
    return person


def change_account(actor: Actor, *, username: str | None = None, **profile: Any) -> None:
    """Change user name and profile together: either both or, when one is refused, neither."""
    actor = _signed_in(actor)
    with transaction.atomic():
        before = actor.username
        if username is not None and username != before:
            change_username(actor, username)
        try:
            if profile:
                update_profile(actor, **profile)
        except Problem:
            actor.username = before
            raise


def begin(actor: Actor, *, birth_date: date, language: str = "") -> None:
    """Finish a sign-up in its transaction: birth date (the form checked the age), language, the defaults of one's age.

    Under TEEN_AGE the account starts private, out of suggestions, with messages from friends only.
    """
    actor = _signed_in(actor)
    actor.birth_date, actor.language = birth_date, language
    actor.save(update_fields=["birth_date", "language"])
    if age_on(birth_date, timezone.now().date()) < TEEN_AGE:
        update_privacy(actor, is_private=True, findable=False, message_audience=WhoMay.FRIENDS)


# --- Leaving for a while --------------------------------------------------------------------------------------


def deactivate(actor: Actor) -> None:
    """Hide the account and everything of it until its person logs in again; every session ends. Idempotent."""
    from .sessions import end_sessions

    actor = _signed_in(actor)
    with transaction.atomic():
        lock_people(actor.pk)
        hidden = User.objects.filter(pk=actor.pk, deactivated_at=None).update(deactivated_at=timezone.now())
        if hidden:
            audit(actor, "deactivate", "person", actor.pk)
            _send(signals.visibility_changed, person_id=actor.pk, visible=False)
        end_sessions(actor.pk)


def restore(actor: Actor) -> None:
    """Bring a deactivated account back; logging in calls this. Idempotent."""
    actor = _signed_in(actor)
    with transaction.atomic():
        lock_people(actor.pk)
        shown = User.objects.filter(pk=actor.pk).exclude(deactivated_at=None).update(deactivated_at=None)
        if shown:
            audit(actor, "restore", "person", actor.pk)
            _send(signals.visibility_changed, person_id=actor.pk, visible=True)
    actor.deactivated_at = None


# --- Moderation -----------------------------------------------------------------------------------------------


def _moderator(actor: Actor) -> User:
    if not isinstance(actor, User) or not actor.is_staff:
        raise NotFound()
    return actor


def suspend(actor: Actor, person: User, reason: str = "") -> bool:
    """Shut a person out: nothing of theirs is visible and every session ends at once. Idempotent, audited; staff only.

    Staff cannot be suspended here, so that no moderator locks out another; take the staff right away first.
    """
    from .sessions import end_sessions

    actor = _moderator(actor)
    with transaction.atomic():
        lock_people(person.pk)
        row = User.objects.get(pk=person.pk)
        if row.is_staff:
            raise Invalid(_("%(name)s is staff. Take that right away first.") % {"name": row.username})
        if not row.is_active:
            return False
        User.objects.filter(pk=row.pk).update(is_active=False)
        audit(actor, "suspend", "person", row.pk, reason=reason)
        _send(signals.visibility_changed, person_id=row.pk, visible=False)
        end_sessions(row.pk)
    return True


def reinstate(actor: Actor, person: User) -> bool:
    """Let a suspended person back in. Idempotent, audited; staff only."""
    actor = _moderator(actor)
    with transaction.atomic():
        lock_people(person.pk)
        if not User.objects.filter(pk=person.pk, is_active=False).update(is_active=True):
            return False
        audit(actor, "reinstate", "person", person.pk)
        _send(signals.visibility_changed, person_id=person.pk, visible=True)
    return True


def change_rights(
    actor: Actor, person: User, *, is_staff: bool, is_superuser: bool, groups: Iterable[str] | None = None
) -> bool:
    """Let somebody into the admin, or out of it, and into groups of rights by their ids. Audited.

    Only those with every right give rights, and nobody takes the last ones from themselves, so that a site never locks
    itself out.
    """
    actor = _moderator(actor)
    if not actor.is_superuser:
        raise NotFound()
    if actor.pk == person.pk and not (is_staff and is_superuser):
        raise Invalid(_("You cannot take your own rights away. Ask somebody else who has them."))
    with transaction.atomic():
        lock_people(person.pk)
        row = User.objects.get(pk=person.pk)
        before = sorted(row.groups.values_list("pk", flat=True))
        wanted = before if groups is None else sorted({parse_id(group) for group in groups})
        rights = {"is_staff": is_staff or is_superuser, "is_superuser": is_superuser}
        changed = User.objects.filter(pk=row.pk).exclude(**rights).update(**rights) or wanted != before
        if not changed:
            return False
        row.groups.set(wanted)
        audit(actor, "rights", "person", row.pk, **rights, groups=wanted)
    return True


# --- Mending --------------------------------------------------------------------------------------------------


def reconcile_counters() -> dict[str, int]:
    """Compare every follow counter with the rows it counts and mend those that differ; how many of each were wrong.

    Reads in one grouped query a counter, then mends each wrong row under its lock with a fresh count, so follows that
    happen meanwhile stay counted.
    """
    from django.db.models import Count, Q

    mended = {}
    for counter, relation in (("followers_count", "follows_received"), ("following_count", "follows_made")):
        real = Count(relation, filter=Q(**{f"{relation}__state": _ACCEPTED}))
        wrong = list(User.objects.annotate(real=real).exclude(real=F(counter)).values_list("pk", flat=True))
        mended[counter] = sum(_mend(person_id, counter, real) for person_id in wrong)
    return mended


def _mend(person_id: int, counter: str, real: Any) -> bool:
    with transaction.atomic():
        lock_people(person_id)
        person = User.objects.annotate(real=real).filter(pk=person_id).first()
        if person is None or getattr(person, counter) == person.real:
            return False
        User.objects.filter(pk=person_id).update(**{counter: person.real})
        audit(
            None,
            "counter.mend",
            "person",
            person_id,
            counter=counter,
            before=getattr(person, counter),
            after=person.real,
        )
        return True


def people_with_waiting_requests() -> list[int]:
    """Public accounts that still have requests: going public was interrupted, the nightly task finishes it."""
    waiting = Follow.objects.filter(state=_PENDING, followed__privacy__is_private=False)
    return list(waiting.values_list("followed_id", flat=True).distinct())
