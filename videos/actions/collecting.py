"""What people do with what they saved: collections, and the clips in them. All of it is for its owner alone."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from privacy.actions import lock_people
from socialapp.lib.errors import Conflict, Invalid, NotFound
from socialapp.lib.ratelimit import limit

from .. import signals
from ..models import Collection, CollectionItem, Save, Video
from ..text import clean
from .engaging import Actor, _count, _locked_video, _person, _send

COLLECTIONS = 200
NAME_LENGTH = 60


def _clean_name(person: User, name: str, besides: int = 0) -> str:
    """A name that fits and that no other collection of the person has, whatever the case. One query."""
    name = " ".join(clean(name).split())
    sentence = ""
    if not name:
        sentence = _("Give it a name.")
    elif len(name) > NAME_LENGTH:
        sentence = _("This is too long: at most %(count)s characters fit.") % {"count": NAME_LENGTH}
    else:
        names = Collection.objects.filter(owner=person).exclude(pk=besides).values_list("name", flat=True)
        if name.casefold() in {other.casefold() for other in names}:
            sentence = _("You have a collection of this name already.")
    if sentence:
        raise Invalid(sentence, fields={"name": sentence})
    return name


@transaction.atomic
def create_collection(actor: Actor, name: str) -> Collection:
    """Begin a collection. Invalid for a name that does not fit or is taken, Conflict past COLLECTIONS of them."""
    person = _person(actor)
    limit("edit", person.pk)
    lock_people(person.pk)
    name = _clean_name(person, name)
    if Collection.objects.filter(owner=person).count() >= COLLECTIONS:
        raise Conflict(
            _("You have %(count)s collections; that is the most there can be. Delete one first.")
            % {"count": COLLECTIONS},
            code="too_many_collections",
        )
    return Collection.objects.create(owner=person, name=name)


@transaction.atomic
def rename_collection(actor: Actor, collection: Collection, name: str) -> Collection:
    """Give one's own collection another name. Invalid for a name that does not fit or is taken."""
    person = _person(actor)
    limit("edit", person.pk)
    lock_people(person.pk)
    row = _locked(person, collection)
    row.name = _clean_name(person, name, besides=row.pk)
    row.save(update_fields=["name"])
    return row


@transaction.atomic
def delete_collection(actor: Actor, collection: Collection) -> None:
    """Delete one's own collection; its clips stay saved. Idempotent for what is gone: NotFound."""
    _locked(_person(actor), collection).delete()


@transaction.atomic
def collect(actor: Actor, collection: Collection, video: Video) -> int:
    """Put a clip into one's own collection, saving it when it is not saved yet; returns how many people saved it. Idempotent.

    Order of locks: clip, collection.
    """
    person = _person(actor)
    limit("like", person.pk)
    row = _locked_video(person, video)
    place = _locked(person, collection)
    kept, new = Save.objects.get_or_create(video=row, person=person)
    if new:
        _count(row, "saves_count", 1)
        _send(signals.video_saved, video_id=row.pk, person_id=person.pk)
    CollectionItem.objects.get_or_create(collection=place, save_row=kept)
    return row.saves_count + new


@transaction.atomic
def uncollect(actor: Actor, collection: Collection, video_id: int) -> None:
    """Take a clip out of one's own collection; it stays saved. Idempotent, and allowed after the clip became hidden."""
    row = _locked(_person(actor), collection)
    CollectionItem.objects.filter(collection=row, save_row__video_id=video_id).delete()


def _locked(person: User, collection: Collection) -> Collection:
    row = Collection.objects.select_for_update(no_key=True).filter(pk=collection.pk, owner=person).first()
    if row is None:
        raise NotFound()
    return row
