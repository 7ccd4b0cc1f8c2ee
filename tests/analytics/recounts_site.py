"""The recount of what moderators read of the whole site. Of the disk what rows know of it: how much is free, the disk says."""

import math
from datetime import timedelta

import time_machine
from django.utils import timezone

from analytics.models import DroppedDay
from privacy.models import Appeal, AuditEntry, Case, DataExport, Decision, Report
from videos.models import Challenge, Promotion, Tag, Transcode, Upload

from .every_figure import NOON, TODAY, moment, number, page, rows
from .recounts import between

DAYS = 28


def plant(make_person, make_video, erin):
    """A day of a site besides what people did: clips that wait, failed or became playable, somebody suspended, an open and a
    closed report, events that were not believed. Returns the moderator who asks."""
    minute = timedelta(minutes=1)
    with time_machine.travel(NOON - 3 * minute, tick=False):
        staff = make_person("staff", is_staff=True, is_superuser=True)
        make_person("gone", is_active=False)
        for state, took in (("queued", 0), ("running", 0), ("done", 4), ("done", 9), ("done", 40)):
            clip = make_video(staff, state="ready" if took else "processing")
            done = NOON - 3 * minute + timedelta(seconds=took) if took else None
            Transcode.objects.create(video=clip, state=state, playable_at=done, finished_at=done)
        failed = make_video(staff, state="failed", original_bytes=9_000)
        Transcode.objects.create(video=failed, state="failed", finished_at=NOON - 2 * minute)
        for state in ("open", "dismissed"):
            Report.objects.create(
                reporter=staff,
                target_type="person",
                target_id=erin.pk,
                target_person=erin,
                reason="spam",
                state=state,
            )
        Upload.objects.create(owner=staff, length=70, state="complete", expires_at=NOON)
        Upload.objects.create(owner=staff, length=9, expires_at=NOON)
        DataExport.objects.create(person=erin, state="ready", size=400)
    for ago in (0, 3, 3, 40):
        with time_machine.travel(NOON - timedelta(days=ago, minutes=7), tick=False):
            _day_of_moderation(make_video, staff, ago)
    for reason, events in (("own", 7), ("replay", 5)):
        DroppedDay.objects.create(day=TODAY, reason=reason, events=events)
    return staff


def _day_of_moderation(make_video, staff, ago):
    """A case that people made and one of a rule, decided but on the last day; an appeal; a clip that failed and one that was
    edited after it played; a promotion and, once, a challenge that wait for approval."""
    for rule in ("", "term"):
        clip = make_video(staff)
        case = Case.objects.create(
            target_type="video",
            target_id=clip.pk,
            person=staff,
            rule=rule,
            state="closed" if ago == 40 else "open",
        )
    decision = Decision.objects.create(case=case, person=staff, moderator=staff, act="warn")
    Appeal.objects.create(decision=decision, text="Why", state="refused" if ago == 40 else "open")
    now = timezone.now()
    minute = timedelta(minutes=1)
    Transcode.objects.create(video=make_video(staff), state="failed", finished_at=now)
    Transcode.objects.create(
        video=clip, state="done", queued_at=now - minute, playable_at=now - 9 * minute, finished_at=now
    )
    Promotion.objects.create(
        owner=staff,
        video=clip,
        goal="views",
        daily_budget=100,
        starts_on=TODAY,
        ends_on=TODAY,
        state="submitted",
        submitted_at=now,
    )
    if ago == 40:
        challenge = Challenge.objects.create(
            slug="spring",
            tag=Tag.objects.create(name="spring"),
            host=staff,
            title="Spring",
            brief="Go",
            starts_at=NOON,
            ends_at=NOON + timedelta(days=9),
            sponsor="Brand",
            sponsorship="waiting",
        )
        AuditEntry.objects.create(
            actor=staff, verb="challenge.ask", target_type="challenge", target_id=challenge.pk
        )


@page(
    "analytics-site", asked_by=lambda world: world.staff, estimates=("active",), elsewhere=("free", "total")
)
def site(world):
    start, _end = between(TODAY, TODAY)

    def of(table, where="1 = 1", *params):
        return number(f"SELECT COUNT(*) FROM {table} WHERE {where}", *params)

    def oldest(column, table, where):
        since = [moment(at) for (at,) in rows(f"SELECT {column} FROM {table} WHERE {where}")]
        return (NOON - min(since)).total_seconds() if since else 0

    def days(first):
        span = [first + timedelta(days=n) for n in range(DAYS)]
        return {f"[{day}]": one(*between(day, day)) for day in span}

    def one(*during):
        made = "created_at >= %s AND created_at < %s"
        ended = "finished_at >= %s AND finished_at < %s AND state"
        processed = of("videos_transcode", f"{ended} IN ('done', 'failed')", *during)
        failed = of("videos_transcode", f"{ended} = 'failed'", *during)
        ready = lengths("finished_at", "state = 'done'", *during)
        playable = lengths("playable_at", "1 = 1", *during)
        return {
            "active": number(
                "SELECT COUNT(DISTINCT viewer_id) FROM analytics_event WHERE at >= %s AND at < %s", *during
            ),
            "views": of("analytics_event", "kind = 1 AND is_view AND at >= %s AND at < %s", *during),
            "uploads": of("videos_video", made, *during),
            "processed": processed,
            "failed": failed,
            "failure_rate": round(failed / processed, 6) if processed else None,
            "playable_ms": rank(playable, 0.5),
            "playable_p95_ms": rank(playable, 0.95),
            "ready_ms": rank(ready, 0.5),
            "ready_p95_ms": rank(ready, 0.95),
            "cases": of("privacy_case", made, *during),
            "decisions": of("privacy_decision", made, *during),
        }

    waits, asked = "state IN ('queued', 'running')", "sponsorship = 'waiting' AND removed_at IS NULL"
    kinds = {
        "originals": number("SELECT SUM(original_bytes) FROM videos_video"),
        "renditions": number("SELECT SUM(size) FROM videos_rendition"),
        "message_images": number("SELECT SUM(size) FROM messaging_messageimage"),
        "data_exports": number("SELECT SUM(size) FROM privacy_dataexport WHERE state = 'ready'"),
        "waiting_uploads": number("SELECT SUM(length) FROM videos_upload WHERE state <> 'receiving'"),
    }
    return {
        "people": {
            "all": of("accounts_user"),
            "new": of("accounts_user", "date_joined >= %s", start),
            "suspended": of("accounts_user", "NOT is_active"),
            "came": of("accounts_user", "last_login >= %s", start),
        },
        "clips": {
            "all": of("videos_video"),
            "new": of("videos_video", "created_at >= %s", start),
            "failed_now": of("videos_video", "state = 'failed'"),
        },
        "storage": {**kinds, "bytes": sum(kinds.values())},
        "queue": {
            "queued": of("videos_transcode", "state = 'queued'"),
            "running": of("videos_transcode", "state = 'running'"),
            "oldest_seconds": oldest("queued_at", "videos_transcode", waits),
        },
        "visits_today": number(
            "SELECT COUNT(DISTINCT session) FROM analytics_event WHERE at >= %s AND kind IN (1, 2) AND session <> ''",
            start,
        ),
        "comments_today": of("videos_comment", "created_at >= %s", start),
        "messages_today": of("messaging_message", "created_at >= %s", start),
        "dropped_today": number("SELECT SUM(events) FROM analytics_droppedday WHERE day = %s", TODAY),
        "series": days(TODAY - timedelta(days=DAYS - 1)),
        "series_before": days(TODAY - timedelta(days=2 * DAYS - 1)),
        "moderation": {
            "open_cases": of("privacy_case", "state = 'open'"),
            "held": of("privacy_case", "state = 'open' AND rule <> ''"),
            "oldest_case_seconds": oldest("created_at", "privacy_case", "state = 'open'"),
            "appeals": of("privacy_appeal", "state = 'open'"),
            "oldest_appeal_seconds": oldest("created_at", "privacy_appeal", "state = 'open'"),
            "promotions": of("videos_promotion", "state = 'submitted'"),
            "oldest_promotion_seconds": oldest("submitted_at", "videos_promotion", "state = 'submitted'"),
            "challenges": of("videos_challenge", asked),
            "oldest_challenge_seconds": oldest("created_at", "privacy_auditentry", "verb = 'challenge.ask'"),
        },
        "open_reports": of("privacy_report", "state = 'open'"),
        "events_waiting": 0,
    }


def lengths(until, where, *during):
    """From the queue until a column, in milliseconds, of the conversions that `where` says: the shortest first."""
    sql = f"SELECT queued_at, {until} FROM videos_transcode WHERE {until} >= %s AND {until} < %s AND {where}"
    sql += f" AND {until} >= queued_at"
    return sorted((moment(end) - moment(begin)).total_seconds() * 1000 for begin, end in rows(sql, *during))


def rank(ordered, share):
    """The smallest that at least this share of them does not exceed; None of none."""
    return round(ordered[math.ceil(share * len(ordered)) - 1]) if ordered else None
