"""Contacts outside of the site, and the links that invite one of them: made, opened, accepted, undone, ended."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import follow, unfollow
from accounts.models import User
from accounts.phones import normal
from privacy.actions import lock_people
from socialapp.lib.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from socialapp.lib.ratelimit import limit

from .. import access, signals
from ..models import Channel, Contact, Invite, Video
from ..text import clean
from .engaging import Actor, _person, _send

CONTACTS = 500
NAME_LENGTH = 60
# What a channel writes to: a phone number, an e-mail address, or whom one picks in the app it opens.
NUMBER, MAIL = (Channel.WHATSAPP, Channel.SMS), (Channel.EMAIL,)


# --- Contacts ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_contact(actor: Actor, name: str, channel: str, address: str = "") -> Contact:
    """Keep somebody whom the actor knows elsewhere. Raises Invalid for what does not fit, Conflict for the same one twice
    and past CONTACTS."""
    person = _person(actor)
    lock_people(person.pk)
    fields = _checked(person, name, channel, address)
    if Contact.objects.filter(owner=person).count() >= CONTACTS:
        raise Conflict(
            _("You have %(count)s contacts; that is the most there can be. Delete one first.")
            % {"count": CONTACTS},
            code="too_many_contacts",
        )
    return Contact.objects.create(owner=person, **fields)


@transaction.atomic
def change_contact(
    actor: Actor,
    contact: Contact,
    *,
    name: str | None = None,
    channel: str | None = None,
    address: str | None = None,
) -> Contact:
    """Change one's own contact. Open invites end when they would go another way from now on."""
    person = _person(actor)
    lock_people(person.pk)
    row = access.get_contact(person, contact.pk)
    moved = channel is not None and channel != row.channel
    if address is None:
        address = "" if moved else row.address
    fields = _checked(person, row.name if name is None else name, channel or row.channel, address, row.pk)
    if moved or fields["address"] != row.address:
        _end_open(row)
    for column, value in fields.items():
        setattr(row, column, value)
    row.save(update_fields=list(fields))
    return row


@transaction.atomic
def delete_contact(actor: Actor, contact: Contact) -> None:
    """Forget one's own contact. Their open invites end; what came of the others is counted on, without the name."""
    person = _person(actor)
    lock_people(person.pk)
    row = access.get_contact(person, contact.pk)
    _end_open(row)
    row.delete()


def _end_open(contact: Contact) -> None:
    Invite.objects.filter(access.still_open(), contact=contact).update(revoked_at=timezone.now())


def _checked(person: User, name: str, channel: str, address: str, besides: int = 0) -> dict[str, str]:
    """The columns of a contact; Invalid with a sentence for each that does not fit, Conflict when there is such a one."""
    wrong: dict[str, str] = {}
    name = " ".join(clean(name).split())
    if not name:
        wrong["name"] = _("Give it a name.")
    elif len(name) > NAME_LENGTH:
        wrong["name"] = _("This is too long: at most %(count)s characters fit.") % {"count": NAME_LENGTH}
    if channel not in Channel.values:
        wrong["channel"] = _("Choose one of: %(channels)s.") % {"channels": ", ".join(Channel.values)}
    else:
        try:
            address = _address(channel, clean(address))
        except ValidationError as error:
            wrong["address"] = error.messages[0]
    if wrong:
        raise Invalid(next(iter(wrong.values())), code="bad_contact", fields=wrong)
    others = Contact.objects.filter(owner=person, channel=channel).exclude(pk=besides)
    if others.filter(name__iexact=name).exists():
        said = _("You have a contact of this name there already. Give this one another name.")
        raise Conflict(said, code="contact_exists", fields={"name": said})
    if address and others.filter(address=address).exists():
        said = _("You have a contact with this number or address already.")
        raise Conflict(said, code="contact_exists", fields={"address": said})
    return {"name": name, "channel": channel, "address": address}


def _address(channel: str, address: str) -> str:
    """As it is kept; raises ValidationError with a sentence."""
    if not address:
        return ""
    if channel in NUMBER:
        return normal(address)
    if channel in MAIL:
        if len(address) > 254:
            raise ValidationError(_("This is not an e-mail address. Check how it is written."))
        validate_email(address)
        return address.lower()
    raise ValidationError(_("This way needs no number or address: you choose whom it goes to in the app."))


# --- Making and ending ------------------------------------------------------------------------------------------------


@transaction.atomic
def create_invite(actor: Actor, video: Video, contact: Contact) -> Invite:
    """A link for one's contact to one clip; the open one where there is one already.

    Forbidden (cannot_invite) for a clip that the actor may not invite to, TooMany past the day's limit, which is counted by
    the rows themselves: they are exact, and there while Redis is away.
    """
    person = _person(actor)
    lock_people(person.pk)
    clip = access.get_video(person, video.pk)
    to = access.get_contact(person, contact.pk)
    if not access.may_invite(person, clip):
        raise Forbidden(_refusal(person, clip), code="cannot_invite")
    there = Invite.objects.filter(
        access.still_open(), inviter=person, video=clip, contact=to, channel=to.channel
    )
    if (found := there.first()) is not None:
        return found
    _within_the_day(person)
    now = timezone.now()
    return Invite.objects.create(
        inviter=person,
        video=clip,
        contact=to,
        channel=to.channel,
        created_at=now,
        expires_at=now + settings.INVITE_LIFETIME,
    )


def _refusal(person: User, clip: Video) -> str:
    if person.pk != clip.author_id:
        return _("Only its creator can invite others to this clip.")
    if clip.published_at is None:
        return _("Publish this clip first. Then you can invite people to it.")
    return _("Whoever you invite becomes a follower, and followers cannot watch this clip. Change who can.")


def _within_the_day(person: User) -> None:
    most, length = access.daily_limit()
    now = timezone.now()
    made = Invite.objects.filter(inviter=person, created_at__gt=now - length).order_by("created_at")
    moments = list(made.values_list("created_at", flat=True))
    if len(moments) >= most:
        wait = (moments[-most] + length - now).total_seconds()
        hours = max(1, round(wait / 3600))
        sentence = _(
            "You made %(count)s invites, the most for a day. The next one can be made in %(hours)s h."
        )
        raise TooMany(sentence % {"count": most, "hours": hours}, retry_after=int(wait) + 1)
    limit("invite", person.pk)


@transaction.atomic
def revoke_invite(actor: Actor, invite: Invite) -> None:
    """End an invite of one's own: from now on its link opens nothing. Idempotent; Conflict when it was used already."""
    row = access.get_invite(_person(actor), invite.pk)
    ended = Invite.objects.filter(pk=row.pk, accepted_at=None)
    if not ended.update(revoked_at=Coalesce(F("revoked_at"), timezone.now())):
        raise Conflict(_("This invite was used already."), code="invite_used")


# --- On the other side ------------------------------------------------------------------------------------------------


@transaction.atomic
def open_invite(
    actor: Actor, token: str, shown: tuple[int, ...] = (), *, whose: object = ""
) -> Invite | None:
    """Open an invite in a browser: from now on its session watches the clip by it (`shown` next time). Never uses it up.

    `whose` is the address that is counted for people without an account. None when there is nothing to open: it is used,
    closed, the actor's own, or too many browsers did. Sends invite_opened the first time.
    """
    limit("invite_open", actor.pk or whose)
    found = access.invitation(actor, token, shown)
    if found.state not in {"open", "sealed", "known"}:
        return None
    row = Invite.objects.filter(pk=found.invite.pk)
    if found.state == "sealed":
        room = row.filter(access.still_open(), browsers__lt=settings.INVITE_BROWSERS)
        if not room.update(browsers=F("browsers") + 1):
            return None
    if row.filter(opened_at=None).update(opened_at=timezone.now()):
        _tell(signals.invite_opened, found.invite)
    return found.invite


def watch_invite(actor: Actor, token: str, shown: tuple[int, ...] = (), *, whose: object = "") -> None:
    """Whoever opened an invite watched the clip for as long as a view takes. Idempotent; nothing when they cannot watch it."""
    limit("invite_open", actor.pk or whose)
    found = access.invitation(actor, token, shown)
    if found.video is not None and found.state in {"open", "known", "following"}:
        Invite.objects.filter(pk=found.invite.pk, opened_at__isnull=False, viewed_at=None).update(
            viewed_at=timezone.now()
        )


@transaction.atomic
def accept_invite(actor: Actor, token: str) -> Invite:
    """Use an invite: the actor follows the clip's author at once, a private account's too. Idempotent for who used it.

    However many try at once, one of them gets it: the others read Conflict (invite_used), as everybody does afterwards.
    Conflict (invite_closed) when it opens nothing to the actor, Invalid for one's own; whoever follows already uses nothing up.
    """
    person = _person(actor)
    invite = access.find_invite(token)
    # The people before the invite, as everywhere; whoever waited here sees what became of it.
    lock_people(person.pk, invite.video.author_id, invite.inviter_id)
    found = access.invitation(person, token)
    if found.state in {"following", "undone", "known"}:
        return found.invite
    if found.state == "own":
        raise Invalid(_("This is your own invite. Send it to somebody else."), code="own_invite")
    if found.state == "closed":
        raise Conflict(closed_sentence(), code="invite_closed")
    now = timezone.now()
    unused = Invite.objects.filter(access.still_open(), pk=found.invite.pk)
    if not unused.update(accepted_by=person, accepted_at=now, opened_at=Coalesce(F("opened_at"), now)):
        raise Conflict(used_sentence(), code="invite_used")
    follow(person, found.invite.video.author, approved=True)
    _tell(signals.invite_accepted, found.invite, person_id=person.pk)
    return found.invite


@transaction.atomic
def undo_invite(actor: Actor, token: str) -> Invite:
    """Stop following whom an invite made the actor follow. It stays used. Idempotent; NotFound for anybody else's."""
    person = _person(actor)
    invite = access.find_invite(token)
    if invite.accepted_by_id != person.pk:
        raise NotFound()
    if Invite.objects.filter(pk=invite.pk, undone_at=None).update(undone_at=timezone.now()):
        unfollow(person, invite.video.author)
        _tell(signals.invite_undone, invite, person_id=person.pk)
    return invite


def used_sentence() -> str:
    """What everybody reads who comes after the one who used it."""
    return _("This invite was used already. Each one is for one person; ask for one of your own.")


def closed_sentence() -> str:
    """What is read whatever closed it: nobody learns why."""
    return _("This invite is no longer open. Ask whoever sent it for a new one.")


def _tell(signal: object, invite: Invite, **more: int) -> None:
    _send(
        signal,  # type: ignore[arg-type]
        invite_id=invite.pk,
        video_id=invite.video_id,
        creator_id=invite.video.author_id,
        **more,
    )
