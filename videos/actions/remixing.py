"""Using what others made: duets, stitches, sounds, copies. Each is asked for in the transaction that uses it."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from privacy import terms
from privacy.actions import audit, lock_people
from socialapp.lib.errors import Conflict, Forbidden, Invalid, NotFound
from socialapp.lib.ratelimit import limit

from .. import access, failures
from ..models import MediaJob, Sound, Video
from ..text import clean
from .engaging import Actor, _locked_video, _person
from .pipeline import ask


def claim_source(person: User, source: Video, kind: str) -> Video:
    """The clip that `person` duets with or stitches, locked and asked for at the gate, inside the caller's transaction.

    NotFound when it is hidden, Forbidden when its author, its settings or its audience do not let this person.
    """
    lock_people(person.pk, source.author_id)  # a block that races comes before or after, never in between
    row = _locked_video(person, source)
    allowed = access.may_duet(person, row) if kind == Video.Remix.DUET else access.may_stitch(person, row)
    if not allowed:
        raise closed(kind)
    return row


def closed(kind: str) -> Forbidden:
    """Why this clip cannot be remixed by this person."""
    sentence = (
        _("Duets with this clip are not open to you.")
        if kind == Video.Remix.DUET
        else _("Stitches of this clip are not open to you.")
    )
    return Forbidden(sentence, code="remix_closed")


def must_appear(video: Video) -> None:
    """Raises Conflict when a clip made of others' things may not go public (any more)."""
    match access.withheld(video):
        case "remix_closed":
            raise Conflict(
                _(
                    "The clip that you used is gone or no longer open to you, so this one cannot be published."
                ),
                code="remix_closed",
            )
        case "sound_gone":
            raise Conflict(failures.sentence("sound_gone", {}), code="sound_gone")


@transaction.atomic
def detach_remix(actor: Actor, video: Video) -> None:
    """The author of the clip that a duet or stitch was made from takes the link and the credit away, for good. Audited.

    Forbidden for others who see the remix, its own author included; NotFound when it is hidden.
    """
    person = _person(actor)
    row = _locked_video(person, video)
    source = Video.objects.filter(pk=row.remix_of_id).first() if row.remix_of_id else None
    if source is None or source.author_id != person.pk:
        raise Forbidden(_("Only the author of the original clip can detach a remix."))
    Video.objects.filter(pk=row.pk).update(remix_of=None)
    audit(person, "video.detach", "video", row.pk, author=row.author_id, source=source.pk)


def detach_blocked(blocker_id: int, blocked_id: int) -> None:
    """Take the blocker's clips off what the blocked person made of them, in the transaction of the block.

    The blocker no longer sees these remixes, so they could not do it themselves. One that did not appear yet is left: it
    cannot while the block stands. Two queries.
    """
    made = Video.objects.filter(author=blocked_id, remix_of__author=blocker_id, published_at__isnull=False)
    ids = list(made.order_by("pk").values_list("pk", flat=True))
    if Video.objects.filter(pk__in=ids).update(remix_of=None):
        blocker = User.objects.get(pk=blocker_id)
        audit(blocker, "video.detach", "person", blocked_id, videos=[str(pk) for pk in ids])


def ask_download(actor: Actor, video: Video) -> MediaJob:
    """The job that makes a copy of a clip with its author's name on it: a new one, or the one that runs or is done.

    Forbidden (code download_closed) when the clip's or its author's setting does not let this person. Asking again for a
    copy that is being made, lies ready or failed just now counts against no limit.
    """
    person = _person(actor)
    with transaction.atomic():
        row = _locked_video(person, video)
        if not access.may_download(person, row):
            raise Forbidden(_("Downloads of this clip are not open to you."), code="download_closed")
        return ask(row, MediaJob.Kind.WATERMARK, begin=lambda: limit("download", person.pk))


@transaction.atomic
def rename_sound(actor: Actor, sound: Sound, title: str) -> Sound:
    """Give one's own sound another title. Forbidden for other sounds that the actor may hear, NotFound for hidden ones."""
    person = _person(actor)
    limit("edit", person.pk)
    title = " ".join(clean(title).split())
    if not title or len(title) > 120:
        sentence = _("Give the sound a title of 1 to 120 characters.")
        raise Invalid(sentence, fields={"title": sentence})
    terms.refuse(title=title)
    row = Sound.objects.select_for_update(no_key=True).filter(pk=sound.pk).first()
    if row is None:
        raise NotFound()
    if row.owner_id != person.pk:
        access.get_sound(person, row.pk)
        raise Forbidden(_("Only its owner can rename a sound."))
    row.title = title
    row.save(update_fields=["title"])
    audit(person, "sound.rename", "sound", row.pk, title=title)
    return access.get_sound(person, row.pk)
