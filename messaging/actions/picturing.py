"""Pictures of messages: uploaded first, then carried by one message, gone with it. No file outlives its row."""

import secrets
from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from socialapp.lib.errors import Forbidden, Invalid, TooMany
from socialapp.lib.ids import new_id, parse_id
from socialapp.lib.ratelimit import limit

from .. import access
from ..models import Message, MessageImage, Participant
from ..pictures import prepare
from .ground import Actor, signed_in

WAITING = 20  # pictures that one person may have uploaded and not sent
KEPT = timedelta(days=1)  # one that no message carries; long enough for a phone that lost its network
BATCH = 200


def upload_picture(actor: Actor, conversation_id: str | int, file: Any) -> MessageImage:
    """Take in a picture for a message that is about to be written here. Only its owner sees it until then.

    Invalid or TooLarge for files that are no picture, Forbidden where no picture may be sent, TooMany.
    """
    me = signed_in(actor)
    seat = access.get_seat(me, conversation_id)
    if access.is_invited(seat):
        raise Forbidden(_("Accept the request first."), code="accept_first")
    said = access.writing(me, seat)
    # A courtesy, before the work; what is sent is decided under the locks.
    if not said["allowed"]:
        raise Forbidden(said["reason"], code="messages_refused")
    limit("picture", me.pk)
    if MessageImage.objects.filter(owner=me, message=None).count() >= WAITING:
        raise TooMany(_("Send or throw away the pictures you have chosen first."))
    picture = prepare(file)
    stored = default_storage.save(
        f"messages/{secrets.token_urlsafe(18)}.webp", ContentFile(picture.data, name="picture.webp")
    )
    try:
        return MessageImage.objects.create(
            id=new_id(),
            owner=me,
            conversation=seat.conversation,
            file=stored,
            width=picture.width,
            height=picture.height,
            size=len(picture.data),
            blurhash=picture.blurhash,
        )
    except Exception:
        default_storage.delete(stored)  # no row knows this file, so nobody would ever remove it
        raise


def waiting_picture(actor: User, seat: Participant, image_id: str | int) -> MessageImage:
    """The actor's own picture, uploaded here and not sent yet, locked. Invalid when there is none."""
    sentence = _("This picture is no longer there. Choose it again.")
    number = image_id if isinstance(image_id, int) else parse_id(image_id)
    rows = MessageImage.objects.select_for_update().filter(
        pk=number, owner=actor, conversation=seat.conversation_id, message=None
    )
    image = rows.first()
    if image is None:
        raise Invalid(sentence, fields={"image": sentence})
    return image


def forget_picture(message: Message) -> None:
    """A message that was taken back takes its picture along, the file after commit."""
    forget_pictures(MessageImage.objects.filter(message=message))


def forget_pictures(rows: "QuerySet[MessageImage]") -> int:
    """Delete these rows and, after commit, their files; how many. For at most some hundred at once."""
    found = dict(rows.values_list("pk", "file"))
    MessageImage.objects.filter(pk__in=found).delete()
    transaction.on_commit(lambda: _delete_files(list(found.values())))
    return len(found)


def _delete_files(names: list[str]) -> None:
    for name in names:
        default_storage.delete(name)


def sweep_pictures() -> int:
    """Forget pictures that no message carries after a day, at most BATCH of them; how many."""
    with transaction.atomic():
        rows = MessageImage.objects.select_for_update(skip_locked=True)
        old = rows.filter(message=None, created_at__lt=timezone.now() - KEPT).order_by("created_at")
        return forget_pictures(MessageImage.objects.filter(pk__in=[row.pk for row in old[:BATCH]]))
