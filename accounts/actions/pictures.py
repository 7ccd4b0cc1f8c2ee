"""The picture of a person: set, replaced, taken away, without leaving a file that no row knows."""

from django.core.files.base import ContentFile, File
from django.db import transaction

from privacy.actions import lock_people
from socialapp.lib.ratelimit import limit

from ..avatars import Crop, square_webp
from ..models import User
from .acting import Actor, signed_in


def set_avatar(actor: Actor, file: "File[bytes]", crop: Crop | None = None) -> User:
    """Store the chosen square of a picture, else its middle, and remove the old file once the change is safe.

    Invalid or TooLarge for files that are no picture.
    """
    actor = signed_in(actor)
    limit("avatar", actor.pk)
    return _replace_avatar(actor, ContentFile(square_webp(file, crop)))


def remove_avatar(actor: Actor) -> User:
    """Go without a picture. Idempotent."""
    actor = signed_in(actor)
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
