"""The life of a promotion: written, handed in, decided by staff, paused, ended, hidden by who does not want to see it; and what
is tended every minute. Order of locks: the owner, the promotion, its clip.
"""

import logging
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import redis
from django.db import IntegrityError, transaction
from django.db.models import Count, F, Max, Q, QuerySet, Value
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from privacy.actions import audit, lock_people
from socialapp.lib.errors import Conflict, Invalid, NotFound
from socialapp.lib.ratelimit import limit

from .. import access, pacing, signals
from ..feed import promoted, session
from ..models import Preference, Promotion, PromotionDay, PromotionShowing, TrafficHour, Video
from ..promotions import (
    FIELDS,
    FREE,
    LATER_FIELDS,
    OPEN,
    OPEN_ONES,
    RUNNING,
    business_only,
    cleaned,
    hindrance,
    wording_of,
)
from .engaging import Actor, _person, _send
from .preferring import prefer

log = logging.getLogger(__name__)

_S = Promotion.State
_EVERYBODY: dict[str, Any] = {"countries": [], "languages": [], "interests": []}


# --- Its owner ------------------------------------------------------------------------------------------------------


@transaction.atomic
def create_promotion(actor: Actor, *, video: Video, submit: bool = False, **said: Any) -> Promotion:
    """Begin a promotion of one's own clip as a draft, or with `submit` hand it in at once. `said` are FIELDS; without countries,
    languages or interests it is for everybody.

    Forbidden for personal accounts, Invalid for a clip that cannot be promoted and for wrong fields, Conflict past OPEN_ONES.
    """
    owner = _person(actor)
    limit("edit", owner.pk)
    lock_people(owner.pk)
    _check_business(owner)
    clip = _promotable(owner, video)
    fields = cleaned(_EVERYBODY | said, _today())
    if Promotion.objects.filter(owner=owner, state__in=OPEN).count() >= OPEN_ONES:
        raise Conflict(
            _("You have %(count)s promotions that have not ended; that is the most there can be.")
            % {"count": OPEN_ONES},
            code="too_many_promotions",
        )
    made = Promotion.objects.create(owner=owner, video=clip, **fields)
    audit(owner, "promotion.create", "promotion", made.pk, video=clip.pk)
    return submit_promotion(owner, made) if submit else made


@transaction.atomic
def change_promotion(actor: Actor, promotion: Promotion, **changes: Any) -> Promotion:
    """Change what it asks for; `changes` are FIELDS. A draft, or one that was not approved, is all free; once it is approved
    budget and last day are, and the day's rest is spent by the new ones from now on. Conflict for anything else, whatever its
    days are by now; Invalid for what is free and cannot be used."""
    row = _locked_own(actor, promotion)
    limit("edit", row.owner_id)
    before = {name: getattr(row, name) for name in FIELDS}
    asked = {name: value for name, value in changes.items() if name in FIELDS}
    free = row.state in FREE
    allowed = frozenset(FIELDS) if free else LATER_FIELDS if row.state in RUNNING else frozenset()
    differing = {name for name, value in asked.items() if _plain(value) != _plain(before[name])}
    if fixed := sorted(differing - allowed):
        sentence = _stands(row)
        raise Conflict(sentence, code="stands", fields=dict.fromkeys(fixed, sentence))
    if not allowed:
        return row
    fields = cleaned(before | asked, _today(), begun=not free)
    changed = [name for name in FIELDS if fields[name] != before[name]]
    if changed:
        for name in changed:
            setattr(row, name, fields[name])
        row.save(update_fields=changed)
        if "daily_budget" in changed and not free:
            _plan_anew(row, timezone.now())
        audit(row.owner, "promotion.change", "promotion", row.pk, fields=changed)
        _changed()
    return row


def _plain(value: Any) -> Any:
    """A field's value to compare: of a list neither order nor case matters."""
    return {str(one).strip().upper() for one in value} if isinstance(value, list) else value


def _stands(row: Promotion) -> str:
    """Why what is asked for cannot be changed in the state it is in."""
    if row.state == _S.SUBMITTED:
        return _("It waits for approval. Take it back to change it.")
    if row.state == _S.ENDED:
        return _("It has ended. Begin another one.")
    return _("Only budget and last day can change now. End it and begin another one.")


@transaction.atomic
def submit_promotion(actor: Actor, promotion: Promotion) -> Promotion:
    """Hand it in for approval. Idempotent. Invalid when the clip cannot be promoted (any more) or its days have passed, Conflict
    when the clip has another promotion under way."""
    row = _locked_own(actor, promotion)
    limit("edit", row.owner_id)
    if row.state not in FREE:
        return row
    _check_business(row.owner)
    _promotable(row.owner, row.video)
    cleaned({name: getattr(row, name) for name in FIELDS}, _today())
    row.state, row.submitted_at, row.reason, row.note = _S.SUBMITTED, timezone.now(), "", ""
    try:
        with transaction.atomic():
            row.save(update_fields=["state", "submitted_at", "reason", "note"])
    except IntegrityError as error:
        sentence = _("This clip has a promotion under way. End that one first.")
        raise Conflict(sentence, code="promoted", fields={"video": sentence}) from error
    audit(row.owner, "promotion.submit", "promotion", row.pk)
    return row


@transaction.atomic
def withdraw_promotion(actor: Actor, promotion: Promotion) -> Promotion:
    """Take back what waits for approval: a draft again. Idempotent; Conflict once it was decided."""
    row = _locked_own(actor, promotion)
    return _move(row, {_S.SUBMITTED}, _S.DRAFT, "withdraw")


@transaction.atomic
def pause_promotion(actor: Actor, promotion: Promotion) -> Promotion:
    """Stop showing it until it is resumed. Idempotent; Conflict unless it is approved."""
    row = _locked_own(actor, promotion)
    return _move(row, {_S.APPROVED}, _S.PAUSED, "pause")


@transaction.atomic
def resume_promotion(actor: Actor, promotion: Promotion) -> Promotion:
    """Show it again; what is left of the day's budget is spread over the rest of the day. When its clip says something else than
    was approved, it waits for approval again instead: the answer is SUBMITTED. Idempotent; Conflict unless paused."""
    row = _locked_own(actor, promotion)
    if row.state == _S.PAUSED:
        if wording_of(row.video) != row.approved_as:
            return _ask_again(row, row.owner)
        _plan_anew(row, timezone.now())
    return _move(row, {_S.PAUSED}, _S.APPROVED, "resume")


@transaction.atomic
def end_promotion(actor: Actor, promotion: Promotion) -> Promotion:
    """End it for good; its report stays. Idempotent."""
    row = _locked_own(actor, promotion)
    return _end(row, row.owner)


@transaction.atomic
def delete_promotion(actor: Actor, promotion: Promotion) -> None:
    """Delete a draft or one that was not approved. Conflict for what was ever shown or waits: that is ended, not deleted."""
    row = _locked_own(actor, promotion)
    if row.state not in FREE or row.days.exists():
        raise Conflict(_("End it instead: its report stays."), code="stands")
    audit(row.owner, "promotion.delete", "promotion", row.pk)
    row.delete()


def _move(row: Promotion, before: set[Promotion.State], after: Promotion.State, verb: str) -> Promotion:
    if row.state == after:
        return row
    if row.state not in before:
        state = row.get_state_display()
        raise Conflict(_("That is not possible now: %(state)s.") % {"state": state}, code="bad_state")
    row.state = after
    row.save(update_fields=["state"])
    audit(row.owner, f"promotion.{verb}", "promotion", row.pk)
    _changed()
    return row


def _ask_again(row: Promotion, actor: User | None) -> Promotion:
    """Its clip was changed since it was approved: it waits once more, and its owner is told so."""
    row.state, row.submitted_at, row.approved_as = _S.SUBMITTED, timezone.now(), ""
    row.save(update_fields=["state", "submitted_at", "approved_as"])
    audit(actor, "promotion.return", "promotion", row.pk)
    _send(signals.promotion_decided, promotion_id=row.pk)
    _changed()
    return row


def _end(row: Promotion, actor: User | None) -> Promotion:
    if row.state != _S.ENDED:
        row.state, row.ended_at = _S.ENDED, timezone.now()
        row.save(update_fields=["state", "ended_at"])
        audit(actor, "promotion.end", "promotion", row.pk)
        _changed()
    return row


def end_promotions_of(person_id: int) -> int:
    """End whatever a person promotes; how many. When theirs is a business account no longer, and before they are erased."""
    with transaction.atomic():
        lock_people(person_id)
        rows = Promotion.objects.select_for_update(no_key=True).filter(owner=person_id, state__in=OPEN)
        return len([_end(row, None) for row in rows])


def _check_business(person: User) -> None:
    if not User.objects.filter(pk=person.pk, is_business=True).exists():
        raise business_only()


def _promotable(owner: User, video: Video) -> Video:
    """The clip, as it is now, if it is the owner's and can be promoted; Invalid otherwise."""
    clip = access.with_people(access.own_videos(owner)).filter(pk=video.pk).first()
    problem = _("Choose one of your own clips.") if clip is None else hindrance(clip)
    if clip is None or problem:
        raise Invalid(problem, fields={"video": problem})
    return clip


def _locked_own(actor: Actor, promotion: Promotion) -> Promotion:
    """The row, locked, of the actor's own promotion; NotFound for any other."""
    person = _person(actor)
    lock_people(person.pk)
    rows = Promotion.objects.select_related("owner", "video")
    row = rows.select_for_update(of=("self",), no_key=True).filter(pk=promotion.pk, owner=person.pk).first()
    if row is None:
        raise NotFound()
    return row


def _today() -> date:
    return timezone.now().astimezone(UTC).date()


def _changed() -> None:
    transaction.on_commit(promoted.forget)


def _plan_anew(row: Promotion, now: datetime) -> None:
    """What is left of today's budget is spread over the day from now on."""
    day = now.astimezone(UTC).date()
    spent = PromotionShowing.objects.filter(promotion=row, day=day).aggregate(most=Max("number"))["most"] or 0
    PromotionDay.objects.update_or_create(
        promotion=row, day=day, defaults={"anchor_at": now, "anchor_spent": spent}
    )


# --- Staff ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def approve_promotion(actor: Actor, promotion: Promotion) -> bool:
    """Let it run from its first day on, as its clip is now; the owner is told. Idempotent. Conflict when it does not wait, or
    when its clip cannot be promoted any more. NotFound for who is not staff."""
    row = _locked_for_staff(actor, promotion)
    if row.state in RUNNING:
        return False
    if row.state != _S.SUBMITTED:
        raise Conflict(_("It does not wait for approval."), code="bad_state")
    clip = access.with_people(Video.objects.filter(pk=row.video_id)).get()
    if problem := hindrance(clip):
        raise Conflict(problem, code="not_promotable")
    _decide(row, actor, _S.APPROVED, approved_as=wording_of(clip))
    if row.starts_on <= _today():
        _plan_anew(row, timezone.now())
    _changed()
    return True


@transaction.atomic
def reject_promotion(actor: Actor, promotion: Promotion, reason: str, note: str = "") -> bool:
    """Refuse it, or stop one that runs, with a reason from Promotion.Reason and words that its owner reads. Idempotent."""
    row = _locked_for_staff(actor, promotion)
    if reason not in Promotion.Reason.values:
        sentence = _("Choose a reason.")
        raise Invalid(sentence, fields={"reason": sentence})
    if row.state == _S.REJECTED:
        return False
    if row.state not in (_S.SUBMITTED, *RUNNING):
        raise Conflict(_("It does not wait for approval."), code="bad_state")
    _decide(row, actor, _S.REJECTED, reason=reason, note=note[:300])
    _changed()
    return True


def _decide(row: Promotion, actor: Actor, state: Promotion.State, **fields: Any) -> None:
    fields = {
        "state": state,
        "decided_at": timezone.now(),
        "decided_by": actor,
        "reason": "",
        "note": "",
    } | fields
    for name, value in fields.items():
        setattr(row, name, value)
    row.save(update_fields=list(fields))
    audit(
        _person(actor),
        f"promotion.{state}",
        "promotion",
        row.pk,
        owner=row.owner_id,
        reason=row.reason,
        note=row.note,
    )
    _send(signals.promotion_decided, promotion_id=row.pk)


def _locked_for_staff(actor: Actor, promotion: Promotion) -> Promotion:
    if not isinstance(actor, User) or not actor.is_staff:
        raise NotFound()
    row = Promotion.objects.select_for_update(no_key=True).filter(pk=promotion.pk).first()
    if row is None:
        raise NotFound()
    return row


# --- Who sees it ----------------------------------------------------------------------------------------------------


def hide_promotion(actor: Actor, promotion: Promotion) -> Preference:
    """Never show this ad again to the actor: their feed leaves out its clip from now on, promoted or not, as with "not
    interested"; undone in the same way. The promotion must come from `access.get_shown_promotion`."""
    return prefer(actor, Preference.Stance.HIDE, video=promotion.video)


def visit_promotion(actor: Actor, promotion: Promotion) -> bool:
    """Somebody whom an ad was shown lately went on to its owner's profile: a visit that it won, once a showing. Whether it
    counted. The promotion must come from `access.get_shown_promotion`. Two queries."""
    shown = PromotionShowing.objects.filter(promotion=promotion.pk, person=_person(actor).pk, visited_at=None)
    last = shown.order_by("-at").values_list("pk", flat=True).first()
    return last is not None and bool(shown.filter(pk=last).update(visited_at=timezone.now()))


# --- Every minute ---------------------------------------------------------------------------------------------------


def tend_promotions(now: datetime | None = None) -> dict[str, int]:
    """Fold showings and traffic, plan anew what fell behind, end what is over, hand back what was changed. Safe to repeat and to
    miss: budgets and caps do not depend on it."""
    now = (now or timezone.now()).astimezone(UTC)
    steps: dict[str, Callable[[datetime], int]] = {
        "traffic": _fold_traffic,
        "folded": _fold_days,
        "planned": _plan_what_is_behind,
        "ended": _end_what_is_over,
        "returned": _return_what_changed,
        "forgotten": _forget_showings,
    }
    return {name: step(now) for name, step in steps.items()}


def _fold_traffic(now: datetime) -> int:
    """Move the pages that Redis counted into their hours; while it is away they are simply not known."""
    moved = 0
    try:
        for (day, hour), pages in session.take_traffic(now).items():
            row, _new = TrafficHour.objects.get_or_create(day=day, hour=hour)
            TrafficHour.objects.filter(pk=row.pk).update(pages=F("pages") + pages)
            moved += pages
    except redis.RedisError as error:
        log.warning("traffic not counted: %s", error)
    TrafficHour.objects.filter(day__lt=now.date() - timedelta(days=pacing.LEARNED_DAYS + 1)).delete()
    return moved


def _fold_days(now: datetime) -> int:
    """Spent, reach and visits of each day that has showings; a whole day's, however often. None of them ever gets less: who is
    erased takes their showings along, and what was handed out to them was handed out."""
    today = Q(day=now.date())
    # Those before are counted once more after midnight, and before they are forgotten if nobody was there then.
    before = Q(day__lt=now.date()) if now.hour == 0 else Q(day__lt=now.date() - timedelta(days=1))
    found = (
        PromotionShowing.objects.filter(today | before)
        .order_by()
        .values("promotion", "day")
        .annotate(spent=Max("number"), reach=Count("person", distinct=True), visits=Count("visited_at"))
    )
    count = 0
    for one in found:
        figures = {name: one[name] for name in ("spent", "reach", "visits")}
        PromotionDay.objects.update_or_create(
            promotion_id=one["promotion"],
            day=one["day"],
            defaults={name: Greatest(F(name), Value(figure)) for name, figure in figures.items()},
            create_defaults=figures,
        )
        count += 1
    return count


def _plan_what_is_behind(now: datetime) -> int:
    promoted.forget()
    rows, curve = promoted.live(now)
    late = [row for row in rows if pacing.is_behind(row.budget, row.allowed(curve, now), row.spent)]
    for row in late:
        PromotionDay.objects.update_or_create(
            promotion_id=row.id,
            day=now.date(),
            defaults={"anchor_at": now, "anchor_spent": row.spent},
        )
    if late:
        promoted.forget()
    return len(late)


def _end_what_is_over(now: datetime) -> int:
    over = Promotion.objects.filter(state__in=(_S.SUBMITTED, *RUNNING), ends_on__lt=now.date())
    return _each(over, lambda row: _end(row, None))


def _return_what_changed(now: datetime) -> int:
    """What was approved is a film, words and a link: another one waits for approval again, and its owner is told. One that its
    owner paused stays so, or the approval would start what they had stopped; it is asked about when they resume it."""

    def ask_again(row: Promotion) -> None:
        if wording_of(Video.objects.get(pk=row.video_id)) != row.approved_as:
            _ask_again(row, None)

    live = Promotion.objects.filter(state=_S.APPROVED)
    changed = [
        row.pk for row in live.select_related("video").iterator() if wording_of(row.video) != row.approved_as
    ]
    return _each(live.filter(pk__in=changed), ask_again)


def _forget_showings(now: datetime) -> int:
    """Who was shown what stays for the day it caps and the one after; PromotionDay keeps the sums."""
    return PromotionShowing.objects.filter(day__lt=now.date() - timedelta(days=1)).delete()[0]


def _each(rows: "QuerySet[Promotion]", deed: Callable[[Promotion], Any]) -> int:
    """Do a deed to each of these rows, locked, each in a transaction of its own, if it is among them still."""
    count = 0
    for pk in rows.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            row = rows.filter(Q(pk=pk)).select_for_update(no_key=True).first()
            if row is not None:
                deed(row)
                count += 1
    return count
