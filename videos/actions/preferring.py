"""What people tell their feeds: more of something, less, none of it; newest first; start over; leave my history out of it.

Each takes effect with the next page that is asked for. Nobody else learns of any of it.
"""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import get_person_by_id
from accounts.models import User
from privacy.actions import audit
from socialapp.lib.errors import Invalid, NotFound
from socialapp.lib.ids import parse_id
from socialapp.lib.ratelimit import limit

from .. import access, signals
from ..models import FeedSettings, Preference, Sound, Tag, Video
from .engaging import Actor, _locked_video, _person, _send


@transaction.atomic
def prefer(
    actor: Actor,
    stance: str,
    *,
    video: Video | None = None,
    author: User | None = None,
    sound: Sound | None = None,
    tag: Tag | None = None,
) -> Preference:
    """More or less of one thing, or none of it ("hide"); exactly one of the four. Instead of what was said of it before.

    NotFound for what the actor does not see by now, Invalid for an unknown stance or oneself as author. Idempotent: said
    again, nothing changes; a new word keeps the row's id. The row that is returned says in `before` what stood there, which
    is what undoing takes (`forget_preference`). Queries: the gate's one for the thing, then two to write.
    """
    person = _person(actor)
    named = {"video": video, "author": author, "sound": sound, "tag": tag}
    given = [(name, thing) for name, thing in named.items() if thing is not None]
    if len(given) != 1 or stance not in Preference.Stance.values:
        raise Invalid(_("Say more, less or none of one thing."), code="bad_preference")
    limit("like", person.pk)
    [(name, thing)] = given
    subject = {name: _seen_subject(person, name, thing)}
    row, new = Preference.objects.select_for_update().get_or_create(
        person=person, **subject, defaults={"stance": stance}
    )
    row.before = "" if new else row.stance
    if row.stance != stance:
        row.stance, row.created_at = stance, timezone.now()
        row.save(update_fields=["stance", "created_at"])
    _send(signals.feed_changed, person_id=person.pk)
    return row


def _seen_subject(person: User, name: str, thing: Any) -> Any:
    """The one thing that is named, asked for at its gate again: the row that the preference is to hold."""
    if name == "video":
        return _locked_video(person, thing)
    if name == "author":
        if thing.pk == person.pk:
            raise Invalid(_("These are your own clips."), code="own")
        return get_person_by_id(person, thing.pk)
    if name == "sound":
        return access.get_sound(person, thing.pk)
    return access.get_tag(person, thing.name)


def not_interested(actor: Actor, video: Video) -> None:
    """Keep a clip out of the actor's feeds. Idempotent; nobody is told."""
    prefer(actor, Preference.Stance.HIDE, video=video)


def interested(actor: Actor, video: Video) -> None:
    """Take "not interested" in a clip back. Idempotent."""
    take_back(actor, Preference.Stance.HIDE, video=video)


@transaction.atomic
def take_back(
    actor: Actor,
    stance: str,
    *,
    video: Video | None = None,
    author: User | None = None,
    sound: Sound | None = None,
    tag: Tag | None = None,
) -> None:
    """Say no longer what was said of one thing; another stance stays. Idempotent, and allowed when it is hidden by now."""
    person = _person(actor)
    named = {"video": video, "author": author, "sound": sound, "tag": tag}
    given = {f"{name}_id": thing.pk for name, thing in named.items() if thing is not None}
    if len(given) != 1:
        raise Invalid(_("Say more, less or none of one thing."), code="bad_preference")
    gone, _rows = Preference.objects.filter(person=person, stance=stance, **given).delete()
    if gone:
        _send(signals.feed_changed, person_id=person.pk)


@transaction.atomic
def forget_preference(actor: Actor, preference_id: str | int, back_to: str = "") -> None:
    """Take back what one said of a thing, whatever it was; with `back_to` the stance that stood before holds again. Allowed
    when the thing is hidden by now. NotFound when there is none such, or it is somebody else's; Invalid for no stance.
    """
    person = _person(actor)
    if back_to and back_to not in Preference.Stance.values:
        raise Invalid(_("Say more, less or none of one thing."), code="bad_preference")
    number = preference_id if isinstance(preference_id, int) else parse_id(preference_id)
    rows = Preference.objects.filter(person=person, pk=number)
    if not (rows.update(stance=back_to) if back_to else rows.delete()[0]):
        raise NotFound()
    _send(signals.feed_changed, person_id=person.pk)


@transaction.atomic
def change_feed(
    actor: Actor, *, chronological: bool | None = None, personal: bool | None = None
) -> FeedSettings:
    """Newest first or by the model; with or without one's history. What is None stays. Audited when something changed."""
    person = _person(actor)
    row = _locked_settings(person)
    wanted = {"chronological": chronological, "personal": personal}
    changes = {
        name: value for name, value in wanted.items() if value is not None and value != getattr(row, name)
    }
    if changes:
        for name, value in changes.items():
            setattr(row, name, value)
        row.save(update_fields=[*changes, "changed_at"])
        audit(person, "feed.change", "person", person.pk, **changes)
        _send(signals.feed_changed, person_id=person.pk)
    return row


@transaction.atomic
def start_over(actor: Actor) -> FeedSettings:
    """The feed forgets: what was watched, liked, saved and shared before now counts no more, nor what one asked more or less of.

    Likes, saves, follows and chosen interests stay, and so does what one is not interested in: starting over is no wish
    to meet that again. Audited.
    """
    person = _person(actor)
    row = _locked_settings(person)
    row.started_over_at = timezone.now()
    row.save(update_fields=["started_over_at", "changed_at"])
    asked = Preference.objects.filter(person=person).exclude(stance=Preference.Stance.HIDE)
    forgotten, _rows = asked.delete()
    audit(person, "feed.start_over", "person", person.pk, preferences=forgotten)
    _send(signals.feed_changed, person_id=person.pk)
    return row


def _locked_settings(person: User) -> FeedSettings:
    """The actor's row, made when it is missing, locked until the transaction ends; `person.feed_settings` is this one then."""
    FeedSettings.objects.get_or_create(person=person)
    row = FeedSettings.objects.select_for_update(no_key=True).get(person=person)
    row.person = person
    return row
