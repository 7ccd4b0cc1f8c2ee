"""What hosts do with challenges: write, publish, change and end them, their banner, and their word about single entries; and
what moderators do with them. Order of locks: the host, the challenge, its tag.
"""

import logging
import secrets
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from privacy import terms
from privacy.actions import audit, lock_people
from socialapp.lib.errors import Conflict, Forbidden, Invalid, NotFound
from socialapp.lib.ratelimit import limit

from .. import access, media, signals
from ..challenges import OPEN_ONES, PLACES, Phase, banner_webp, cleaned, phase, slugs, standing_fields
from ..models import Challenge, ChallengeMark, DoomedFolder, Tag, Video, new_folder
from .engaging import Actor, _person, _send
from .folders import erase_doomed

log = logging.getLogger(__name__)

FIELDS = ("title", "brief", "rules", "tag", "country", "starts_at", "ends_at", "sponsor", "sponsor_url")
_WINNER, _OUT = ChallengeMark.Verdict.WINNER, ChallengeMark.Verdict.OUT
_WAITING, _APPROVED = Challenge.Sponsorship.WAITING, Challenge.Sponsorship.APPROVED


# --- Writing and publishing ---------------------------------------------------------------------------------------


@transaction.atomic
def create_challenge(
    actor: Actor, *, example: Video | None = None, publish: bool = False, **said: Any
) -> Challenge:
    """Begin a challenge as a draft, which its host alone sees, or with `publish` one that is out at once. `said` are the
    fields of `challenges.cleaned`.

    Forbidden for who may not host, Invalid for texts that do not fit or have a refused term, Conflict past OPEN_ONES of them.
    """
    host = _person(actor)
    if not access.may_host(host):
        raise Forbidden(
            _("Challenges are for business accounts. Change your account to one first."), code="business_only"
        )
    limit("edit", host.pk)
    fields = _checked(said)
    _check_sponsor(host, fields)
    _check_example(host, example)
    lock_people(host.pk)
    there = Challenge.objects.filter(host=host, removed_at=None, ends_at__gt=timezone.now()).count()
    if there >= OPEN_ONES:
        raise Conflict(
            _("You have %(count)s challenges that have not ended; that is the most there can be.")
            % {"count": OPEN_ONES},
            code="too_many_challenges",
        )
    names = slugs(fields["title"], fields["tag"].name)
    taken = set(Challenge.objects.filter(slug__in=names).values_list("slug", flat=True))
    slug = next(name for name in names if name not in taken)
    made = Challenge.objects.create(host=host, slug=slug, example=example, **fields)
    audit(host, "challenge.create", "challenge", made.pk, slug=slug)
    return publish_challenge(host, made) if publish else made


@transaction.atomic
def update_challenge(actor: Actor, challenge: Challenge, **changes: Any) -> Challenge:
    """Change what a challenge says; `changes` are FIELDS and `example` (None takes it away).

    A draft is all free. Once it is out its tag stands, once it began its start stands too, and once it ended its end: people
    took part under these. Conflict names what stands. Invalid as for a new one, or when a running one would end in the past.
    """
    row = _locked_own(actor, challenge)
    limit("edit", row.host_id)
    now = timezone.now()
    before = {name: getattr(row, name) for name in FIELDS} | {"tag": row.tag.name}
    wanted = before | {name: value for name, value in changes.items() if name in FIELDS}
    fields = _checked(wanted, said=changes)
    changed = [name for name in FIELDS if fields[name] != getattr(row, name)]
    _check_dates(row, fields, changed)
    if {"sponsor", "sponsor_url"} & set(changed):
        _check_sponsor(row.host, fields)
        row.sponsorship = row.sponsor_note = ""
        changed += ["sponsorship", "sponsor_note"]
    if "example" in changes and (changes["example"] and changes["example"].pk) != row.example_id:
        _check_example(row.host, changes["example"])
        row.example = changes["example"]
        changed.append("example")
    if not changed:
        return row
    for name, value in fields.items():
        setattr(row, name, value)
    if phase(row, now) in (Phase.COMING, Phase.RUNNING) and {"starts_at", "ends_at"} & set(changed):
        _claim_tag(row)
    row.save(update_fields=changed)
    audit(row.host, "challenge.change", "challenge", row.pk, fields=changed)
    _send(signals.challenge_changed, challenge_id=row.pk)
    return row


@transaction.atomic
def publish_challenge(actor: Actor, challenge: Challenge) -> Challenge:
    """Let everybody see a draft; a sponsored one is handed in for approval, and out once staff approved it. Idempotent. Conflict
    when its end has passed or its tag has another challenge in that time.

    Forbidden when its host is a business account no longer.
    """
    lock_people(_person(actor).pk)  # nothing is handed in behind the back of who ends their business
    row = _locked_own(actor, challenge)
    limit("edit", row.host_id)
    if row.published_at is not None:
        return row
    if not access.may_host(row.host):
        raise Forbidden(
            _("Challenges are for business accounts. Change your account to one first."), code="business_only"
        )
    terms.refuse(title=row.title, brief=row.brief, rules=row.rules, tag=row.tag.name, sponsor=row.sponsor)
    _check_end(row)
    if not row.sponsor:
        return _publish(row)
    _check_sponsor(row.host, {"sponsor": row.sponsor})
    if row.sponsorship != _WAITING:
        row.sponsorship, row.sponsor_note = _WAITING, ""
        row.save(update_fields=["sponsorship", "sponsor_note"])
        audit(row.host, "challenge.ask", "challenge", row.pk, sponsor=row.sponsor)
    return row


def _check_end(row: Challenge) -> None:
    if row.ends_at <= timezone.now():
        sentence = _("Its end has passed. Choose another one.")
        raise Invalid(sentence, fields={"ends_at": sentence})


def _publish(row: Challenge) -> Challenge:
    _claim_tag(row)
    row.published_at = timezone.now()
    row.save(update_fields=["published_at"])
    audit(row.host, "challenge.publish", "challenge", row.pk)
    _send(signals.challenge_changed, challenge_id=row.pk)
    return row


@transaction.atomic
def end_challenge(actor: Actor, challenge: Challenge) -> Challenge:
    """End a running challenge now; what was entered until now stays. Idempotent for one that ended, Conflict before it began."""
    row = _locked_own(actor, challenge)
    now = timezone.now()
    match phase(row, now):
        case Phase.ENDED:
            return row
        case Phase.RUNNING:
            row.ends_at = now
            row.save(update_fields=["ends_at"])
            audit(row.host, "challenge.end", "challenge", row.pk)
            _send(signals.challenge_changed, challenge_id=row.pk)
            return row
    raise Conflict(_("It has not begun. Change its dates, or delete it."), code="not_begun")


@transaction.atomic
def delete_challenge(actor: Actor, challenge: Challenge) -> None:
    """Delete one's own challenge with its banner and verdicts; the clips with its tag stay. NotFound when it is gone."""
    row = _locked_own(actor, challenge)
    audit(row.host, "challenge.delete", "challenge", row.pk, slug=row.slug, title=row.title)
    _send(signals.challenge_changed, challenge_id=row.pk)
    row.delete()


def _checked(wanted: dict[str, Any], said: dict[str, Any] | None = None) -> dict[str, Any]:
    """The columns for what is wanted, the tag as its row; refused terms are looked for in what was `said` only."""
    fields = cleaned(wanted)
    texts = {name: fields[name] for name in ("title", "brief", "rules", "tag", "sponsor", "sponsor_url")}
    terms.refuse(**{name: text for name, text in texts.items() if said is None or name in said})
    Tag.objects.bulk_create([Tag(name=fields["tag"])], ignore_conflicts=True)
    return fields | {"tag": Tag.objects.get(name=fields["tag"])}


def _check_dates(row: Challenge, fields: dict[str, Any], changed: list[str]) -> None:
    """Conflict for what stands by now; Invalid for a date in the past of what is out."""
    now = timezone.now()
    stands = standing_fields(phase(row, now), sponsored=bool(row.sponsor))
    if fixed := sorted(stands & set(changed)):
        sentence = _("This stands, because people took part under it.")
        if not {*fixed} <= {"tag", "starts_at", "ends_at", "country"}:
            sentence = _("A sponsored challenge stays what was approved.")
        elif row.starts_at > now:
            sentence = _("The tag stands since the challenge is out. Delete it and begin another one.")
        raise Conflict(sentence, code="stands", fields=dict.fromkeys(fixed, sentence))
    if "ends_at" in changed and row.published_at is not None and fields["ends_at"] <= now:
        sentence = _("Its end has passed. Choose another one.")
        raise Invalid(sentence, fields={"ends_at": sentence})


def _check_sponsor(host: User, fields: dict[str, Any]) -> None:
    """Sponsors are for business accounts: staff who host write nobody's advertisements."""
    if fields["sponsor"] and not host.is_business:
        sentence = _("Sponsored challenges are for business accounts.")
        raise Invalid(sentence, fields={"sponsor": sentence})


def _check_example(host: User, example: Video | None) -> None:
    """The example stands on a page for everybody, so it must be open to everybody."""
    if example is not None and not access.is_open(example):
        sentence = _("Choose a clip that everybody may watch.")
        raise Invalid(sentence, fields={"example": sentence})


def _claim_tag(row: Challenge) -> None:
    """Conflict when the tag has another challenge that is out in this time: a clip would enter both. Locks the tag."""
    Tag.objects.select_for_update(no_key=True).get(pk=row.tag_id)
    others = Challenge.objects.filter(tag=row.tag_id, published_at__isnull=False, removed_at=None)
    if others.exclude(pk=row.pk).filter(starts_at__lt=row.ends_at, ends_at__gt=row.starts_at).exists():
        sentence = _("Another challenge has this tag in that time. Choose another tag or other dates.")
        raise Conflict(sentence, code="tag_taken", fields={"tag": sentence})


def _locked_own(actor: Actor, challenge: Challenge) -> Challenge:
    """The row, locked, of the actor's own challenge. NotFound when it is gone or not to be seen, Forbidden when it is seen."""
    person = _person(actor)
    rows = Challenge.objects.select_related("host", "tag", "example")
    row = rows.select_for_update(of=("self",), no_key=True).filter(pk=challenge.pk).first()
    if row is None:
        raise NotFound()
    if row.host_id != person.pk:
        access.get_challenge(person, row.slug)
        raise Forbidden()
    if row.removed_at is not None:
        raise Forbidden(_("A moderator removed this challenge."), code="removed")
    return row


# --- The banner ---------------------------------------------------------------------------------------------------


def set_banner(actor: Actor, challenge: Challenge, file: "File[bytes]") -> Challenge:
    """Keep the middle of a picture as the banner, and erase the one before once the change is safe. Invalid or TooLarge for
    files that are no picture.
    """
    limit("picture", _person(actor).pk)
    return _replace_banner(actor, challenge, banner_webp(file))


def remove_banner(actor: Actor, challenge: Challenge) -> Challenge:
    """Go without a banner. Idempotent."""
    return _replace_banner(actor, challenge, None)


def _replace_banner(actor: Actor, challenge: Challenge, picture: bytes | None) -> Challenge:
    new_key = ""
    try:
        with transaction.atomic():
            row = _locked_own(actor, challenge)
            old_key = media.key_of(row.folder, row.banner) if row.banner else ""
            row.banner = ""
            if picture is not None:
                # A new name each time, so that no cache shows the one before.
                row.banner = f"banner-{secrets.token_hex(8)}.webp"
                new_key = default_storage.save(media.key_of(row.folder, row.banner), ContentFile(picture))
            row.save(update_fields=["banner"])
            if old_key:
                transaction.on_commit(lambda: media.erase(old_key), robust=True)
    except Exception:
        if new_key:  # no row knows this file, so nobody would ever remove it
            media.erase(new_key)
        raise
    return row


def move_banners(person_id: int) -> int:
    """Have the banners of a person's challenges at other addresses, so that those that are out there die; how many."""
    rows = list(Challenge.objects.filter(host_id=person_id).exclude(banner=""))
    with transaction.atomic():
        for row in rows:
            _move_banner(row)
    return len(rows)


def _move_banner(row: Challenge) -> None:
    if not row.banner:
        return
    old, new = row.folder, new_folder()
    try:
        media.copy_folder(old, new)
    except OSError as error:
        # The store is away. Nobody is handed the old address from now on, and those that are out there end by themselves.
        log.warning("the banner of challenge %s is not moved: %s", row.pk, error)
        return
    row.folder = new
    row.save(update_fields=["folder"])
    DoomedFolder.objects.get_or_create(folder=old)
    transaction.on_commit(lambda: erase_doomed([old]), robust=True)


# --- The host's word about entries --------------------------------------------------------------------------------


@transaction.atomic
def mark_entry(
    actor: Actor, challenge: Challenge, video_id: int, verdict: str, place: int | None = None
) -> ChallengeMark:
    """Say that an entry is among the winners, at a place or without one, or that it is none. Idempotent.

    A place belongs to one clip: whoever had it takes the place that this one had, or is a winner no more. Invalid for another
    verdict or place, NotFound for what is no entry that the host may see.
    """
    row = _locked_own(actor, challenge)
    limit("edit", row.host_id)
    if verdict not in ChallengeMark.Verdict.values:
        raise Invalid(fields={"verdict": _("Choose winner or out.")})
    if place is not None and (verdict != _WINNER or not 1 <= place <= PLACES):
        sentence = _("Winners have places from 1 to %(count)s.") % {"count": PLACES}
        raise Invalid(sentence, fields={"place": sentence})
    if not access.hosted_entries(row.host, row).filter(pk=video_id).exists():
        raise NotFound()
    had = ChallengeMark.objects.filter(challenge=row, video_id=video_id).first()
    if place is not None:
        _free_place(row, video_id, place, had.place if had else None)
    mark, _new = ChallengeMark.objects.update_or_create(
        challenge=row, video_id=video_id, defaults={"verdict": verdict, "place": place}
    )
    audit(row.host, "challenge.mark", "challenge", row.pk, video=video_id, verdict=verdict, place=place)
    return mark


def _free_place(row: Challenge, video_id: int, place: int, instead: int | None) -> None:
    marks = ChallengeMark.objects.filter(challenge=row)
    holder = marks.filter(place=place).exclude(video=video_id).first()
    if holder is None:
        return
    marks.filter(video=video_id).update(place=None)  # out of each other's way first: places are unique
    if instead is None:
        holder.delete()
    else:
        marks.filter(pk=holder.pk).update(place=instead)


@transaction.atomic
def unmark_entry(actor: Actor, challenge: Challenge, video_id: int) -> None:
    """Take back what was said of an entry. Idempotent, and allowed after the clip became hidden."""
    row = _locked_own(actor, challenge)
    if ChallengeMark.objects.filter(challenge=row, video_id=video_id).delete()[0]:
        audit(row.host, "challenge.unmark", "challenge", row.pk, video=video_id)


# --- Moderators ---------------------------------------------------------------------------------------------------


@transaction.atomic
def remove_challenge(actor: Actor, challenge: Challenge, reason: str = "") -> bool:
    """Take a challenge out of sight for everybody but its host, whose studio says so; addresses of its banner die. Idempotent."""
    row = _locked_for_moderator(actor, challenge)
    if row.removed_at is not None:
        return False
    audit(_person(actor), "challenge.remove", "challenge", row.pk, host=row.host_id, reason=reason)
    row.removed_at = timezone.now()
    row.save(update_fields=["removed_at"])
    _move_banner(row)
    _send(signals.challenge_changed, challenge_id=row.pk)
    _send(signals.challenge_moderated, challenge_id=row.pk, removed=True)
    return True


@transaction.atomic
def restore_challenge(actor: Actor, challenge: Challenge) -> bool:
    """Bring back what a moderator removed. Idempotent. Conflict when another has its tag by now."""
    row = _locked_for_moderator(actor, challenge)
    if row.removed_at is None:
        return False
    if row.published_at is not None:
        _claim_tag(row)
    audit(_person(actor), "challenge.restore", "challenge", row.pk, host=row.host_id)
    row.removed_at = None
    row.save(update_fields=["removed_at"])
    _send(signals.challenge_changed, challenge_id=row.pk)
    _send(signals.challenge_moderated, challenge_id=row.pk, removed=False)
    return True


@transaction.atomic
def approve_sponsor(actor: Actor, challenge: Challenge) -> bool:
    """Let a sponsored challenge out; its host is told. Idempotent. Conflict when it does not wait, when its host is a business
    account no longer, when another has its tag by now or its end has passed."""
    lock_people(challenge.host_id)  # who ends their business now waits, or is seen to have ended it
    row = _locked_for_moderator(actor, challenge)
    if row.sponsorship == _APPROVED:
        return False
    _check_waits(row)
    if not row.host.is_business:
        raise Conflict(_("Its host is a business account no longer."), code="business_only")
    _check_end(row)
    row.sponsorship = _APPROVED
    row.save(update_fields=["sponsorship"])
    audit(_person(actor), "challenge.approve", "challenge", row.pk, host=row.host_id, sponsor=row.sponsor)
    _publish(row)
    _send(signals.challenge_sponsored, challenge_id=row.pk)
    return True


@transaction.atomic
def withdraw_sponsored_of(person_id: int) -> int:
    """Take back what a person handed in with a sponsor, when theirs is a business account no longer: drafts again; how many."""
    lock_people(person_id)
    waiting = Challenge.objects.select_for_update(no_key=True).filter(host=person_id, sponsorship=_WAITING)
    rows = list(waiting)
    for row in rows:
        row.sponsorship = ""
        row.save(update_fields=["sponsorship"])
        audit(None, "challenge.withdraw", "challenge", row.pk, host=row.host_id, sponsor=row.sponsor)
    return len(rows)


@transaction.atomic
def refuse_sponsor(actor: Actor, challenge: Challenge, note: str = "") -> bool:
    """Leave a sponsored challenge a draft, with words that its host reads. Idempotent; Conflict when it does not wait."""
    row = _locked_for_moderator(actor, challenge)
    if row.sponsorship == Challenge.Sponsorship.REFUSED:
        return False
    _check_waits(row)
    row.sponsorship, row.sponsor_note = Challenge.Sponsorship.REFUSED, note[:300]
    row.save(update_fields=["sponsorship", "sponsor_note"])
    audit(_person(actor), "challenge.refuse", "challenge", row.pk, host=row.host_id, note=row.sponsor_note)
    _send(signals.challenge_sponsored, challenge_id=row.pk)
    return True


def _check_waits(row: Challenge) -> None:
    if row.sponsorship != _WAITING or row.removed_at is not None:
        raise Conflict(_("It does not wait for approval."), code="bad_state")


def _locked_for_moderator(actor: Actor, challenge: Challenge) -> Challenge:
    if not isinstance(actor, User) or not actor.is_staff:
        raise NotFound()
    rows = Challenge.objects.select_related("host", "tag")
    row = rows.select_for_update(of=("self",), no_key=True).filter(pk=challenge.pk).first()
    if row is None:
        raise NotFound()
    return row
