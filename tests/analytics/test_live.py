"""The last 60 minutes: by the minute, of one's own clips only, and nothing older."""

from datetime import timedelta

import pytest
from django.utils import timezone

from analytics.models import Event

pytestmark = pytest.mark.django_db
LIVE = "/api/v1/analytics/live/"


@pytest.fixture
def happened(cast, make_video):
    """Records an event of a clip so many minutes ago."""

    def happen(clip, ago, kind=Event.Kind.VIEW, **more):
        event = {"session": "s", "watched_ms": 3000, "is_view": True, **more}
        if kind != Event.Kind.VIEW:
            event |= {"watched_ms": 0, "is_view": False}
        at = timezone.now() - timedelta(minutes=ago)
        return Event.objects.create(kind=kind, creator=clip.author, video=clip, at=at, **event)

    return happen


@pytest.mark.engines
def test_minutes_totals_and_the_best_clips_are_those_of_the_last_hour(api, cast, make_video, happened):
    one, two, bobs = make_video(cast.alice), make_video(cast.alice), make_video(cast.bob)
    happened(one, 0)
    happened(two, 5, session="t")
    happened(two, 5, session="u", watched_ms=500, is_view=False)
    happened(two, 58, session="t")
    happened(two, 5, Event.Kind.IMPRESSION)
    happened(two, 61)
    happened(two, 5, Event.Kind.SHARE)
    happened(bobs, 1)
    answer = api.as_(cast.alice).get(LIVE).json()
    assert answer["totals"] == {"views": 3, "watch_ms": 9500, "impressions": 1, "visits": 3}
    assert len(answer["series"]) == 60
    assert answer["series"][-1]["views"] == 1
    assert (answer["series"][-6]["views"], answer["series"][-6]["watch_ms"]) == (1, 3500)
    assert sum(minute["views"] for minute in answer["series"]) == 3
    assert [(line["id"], line["views"]) for line in answer["top"]] == [(str(two.pk), 2), (str(one.pk), 1)]


def test_a_removed_clip_is_not_named(api, cast, make_video, happened):
    clip = make_video(cast.alice)
    happened(clip, 1)
    clip.state = "removed"
    clip.save()
    assert api.as_(cast.alice).get(LIVE).json()["top"] == []


def test_the_page_says_when_nobody_watches_and_moves_when_somebody_does(browser, cast, make_video, happened):
    page = browser.as_(cast.alice)
    assert "Nobody is watching right now" in page.get("/studio/analytics/live/").content.decode()
    happened(make_video(cast.alice, caption="Now"), 0)
    text = page.get("/studio/analytics/live/").content.decode()
    assert 'data-figure="views">1<' in text
    assert "Now" in text
    assert text.count("data-point") == 60


def test_the_hour_exports_as_csv(api, cast):
    answer = api.as_(cast.alice).get(LIVE, {"format": "csv"})
    assert answer["Content-Disposition"] == 'attachment; filename="live.csv"'
    assert len(answer.content.decode().splitlines()) == 61


def test_a_visitor_has_no_hour(api, browser):
    assert api.get(LIVE).status_code == 401
    assert browser.get("/studio/analytics/live/").status_code == 302
