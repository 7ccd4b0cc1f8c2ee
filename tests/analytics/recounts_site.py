"""The recount of what moderators read of the whole site. Of the disk what renditions take: how much is free, the disk says."""

import statistics
from datetime import timedelta

import time_machine

from analytics.models import DroppedDay
from privacy.models import Report
from videos.models import Transcode

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
        Transcode.objects.create(video=make_video(staff, state="failed"), state="failed")
        for state in ("open", "dismissed"):
            Report.objects.create(
                reporter=staff,
                target_type="person",
                target_id=erin.pk,
                target_person=erin,
                reason="spam",
                state=state,
            )
    for reason, events in (("own", 7), ("replay", 5)):
        DroppedDay.objects.create(day=TODAY, reason=reason, events=events)
    return staff


@page("analytics-site", asked_by=lambda world: world.staff, elsewhere=("free", "total"))
def site(world):
    start, _end = between(TODAY, TODAY)

    def of(table, where="1 = 1", *params):
        return number(f"SELECT COUNT(*) FROM {table} WHERE {where}", *params)

    def days(first):
        span = [first + timedelta(days=n) for n in range(DAYS)]
        return {f"[{day}]": one(*between(day, day)) for day in span}

    def one(begin, end):
        during = (begin, end)
        views = "kind = 1 AND is_view AND at >= %s AND at < %s"
        return {
            "views": of("analytics_event", views, *during),
            "uploads": of("videos_video", "created_at >= %s AND created_at < %s", *during),
        }

    events = "FROM analytics_event WHERE at >= %s"
    queued = [
        moment(at)
        for (at,) in rows("SELECT queued_at FROM videos_transcode WHERE state IN ('queued', 'running')")
    ]
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
            "failed": of("videos_video", "state = 'failed'"),
            "failed_today": of("videos_video", "state = 'failed' AND created_at >= %s", start),
        },
        "watching": {
            "people": number(f"SELECT COUNT(DISTINCT viewer_id) {events}", start),
            "visits": number(f"SELECT COUNT(DISTINCT session) {events}", start),
        },
        "queue": {
            "queued": of("videos_transcode", "state = 'queued'"),
            "running": of("videos_transcode", "state = 'running'"),
            "oldest_seconds": (NOON - min(queued)).total_seconds() if queued else 0,
        },
        "seconds_to_playable": median_of(
            "SELECT queued_at, playable_at FROM videos_transcode WHERE state = 'done' AND finished_at >= %s",
            start,
        ),
        "comments_today": of("videos_comment", "created_at >= %s", start),
        "messages_today": of("messaging_message", "created_at >= %s", start),
        "dropped_today": number("SELECT SUM(events) FROM analytics_droppedday WHERE day = %s", TODAY),
        "storage": {"renditions": number("SELECT SUM(size) FROM videos_rendition")},
        "series": days(TODAY - timedelta(days=DAYS - 1)),
        "series_before": days(TODAY - timedelta(days=2 * DAYS - 1)),
        "open_reports": of("privacy_report", "state = 'open'"),
        "events_waiting": 0,
    }


def median_of(sql, *params):
    """The median length in seconds of the stretches of time that a query answers."""
    return statistics.median(
        (moment(end) - moment(begin)).total_seconds() for begin, end in rows(sql, *params)
    )
