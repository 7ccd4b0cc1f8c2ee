"""Every figure of every dashboard equals an independent recount by SQL; one that nobody recounts fails here.

Events go the whole way: waiting room, flush, roll-ups, API. The recount reads raw rows only: events, likes, saves, shares,
comments, follows, messages, showings, weeks of followers (and, for followers lost, who leave no row behind, their roll-up).
"""

import math
import random
import re
from datetime import timedelta
from html import unescape
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.urls import resolve, reverse
from django.utils.html import escape

from accounts import actions as people
from accounts.models import Follow, User
from analytics import api_urls, counting, definitions, definitions_site, inbox, reports, retention, rollups
from analytics.charts_intervals import amount, places
from analytics.figures import full
from analytics.models import Event, Report
from tests.demo.past import make_past
from videos import actions as videos
from videos.models import Channel, Invite

# Each adds its pages to the register when it is imported.
from . import recounts, recounts_follow_back, recounts_messages, recounts_promotions, recounts_site
from .every_figure import NOON, PAGES, flat, leaves

COUNTRIES = ["FR"] * 30 + ["DE"] * 20 + ["US"] * 14 + ["GB"] * 10 + ["CA"] * 9 + ["BR"] * 8 + ["MC", ""]


@pytest.fixture
def world(make_person, make_video, django_capture_on_commit_callbacks):
    """erin, a business with three clips: twenty days of history that looks like the demo's, with promotions and messages, and
    before these the weeks of followers and some of the account; frank has a past of his own."""
    with time_machine.travel(NOON - timedelta(days=90), tick=False):
        erin, frank = make_person("erin", is_business=True), make_person("frank")
        fans = [make_person(f"fan{n}") for n in range(12)]
        clips = [make_video(erin, caption=f"Clip {n}", duration_ms=6000 + 1000 * n) for n in range(3)]
        other = make_video(frank)
        Follow.objects.create(
            follower=frank, followed=erin, state="accepted", accepted_at=NOON - timedelta(days=30)
        )
    dice = random.Random(6)
    crowd = recounts_follow_back.plant(dice, erin, django_capture_on_commit_callbacks)
    for ago in (80, 70, 62, 50, 36, 30, 14, 13, 9, 7, 6, 4, 2, 1, 0):
        around = crowd[40:52] if ago > 20 else fans
        with (
            time_machine.travel(NOON - timedelta(days=ago), tick=False),
            django_capture_on_commit_callbacks(execute=True),
        ):
            _watch(dice, clips, other, around, ago)
            _act(dice, clips, around, erin, ago)
    with (
        time_machine.travel(NOON, tick=False),
        django_capture_on_commit_callbacks(execute=True),
    ):
        people.unfollow(frank, erin)
    _invite(dice, erin, fans, clips)
    recounts_messages.plant(dice, erin, clips, make_person, django_capture_on_commit_callbacks)
    shown = recounts_promotions.plant(dice, erin, clips, fans)
    staff = recounts_site.plant(make_person, make_video, erin)
    with time_machine.travel(NOON, tick=False):
        reports.want(erin.pk, Report.Kind.FOLLOW_BACK)
        assert reports.make_due() == 1
        yield SimpleNamespace(erin=erin, clips=clips, shown=shown, staff=staff)


def _watch(dice, clips, other, fans, ago):
    """A day of viewings in pieces and whole, impressions, looks at the profile and follows; today within the hour."""
    items = []
    for n in range(40):
        clip = dice.choice([*clips, other])
        at = NOON - timedelta(days=ago, seconds=dice.randrange(0, 3500 if ago == 0 else 40_000))
        at_ms = int(at.timestamp() * 1000)
        viewer = dice.choice([fan.pk for fan in fans] + [None] * 12)
        facts = {
            "viewer": viewer,
            "session": f"s{dice.randrange(40)}",
            "source": dice.choice(["for_you", "for_you", "following", "search"]),
            "country": dice.choice(COUNTRIES),
        }
        duration, end = clip.duration_ms, dice.randrange(300, clip.duration_ms)
        parts = [(0, end)] + ([(end // 2, end)] if n % 5 == 0 else [])
        if n % 7 == 0 and end + 2000 < duration:
            parts.append((end + 1500, duration))
        watched = sum(stop - begin for begin, stop in parts)
        found = counting.whole_viewing(
            clip.pk,
            clip.author_id,
            at_ms,
            watched,
            duration,
            int(n % 3 == 0),
            played=retention.said(parts),
            skipped=watched < 2000,
            **facts,
        )
        items.append(inbox.Item(list(found)))
        for kind, more in (
            (Event.Kind.IMPRESSION, {}),
            (Event.Kind.IMPRESSION, {}),
            *([(Event.Kind.PROFILE_VIEW, {"video": None})] if n % 9 == 0 else []),
            *([(Event.Kind.FOLLOW, {})] if n % 11 == 0 else []),
        ):
            seen = counting.record(kind, clip.author_id, at_ms, **{"video": clip.pk, **facts, **more})
            items.append(inbox.Item(list(seen)))
    inbox.put(items, now=NOON.timestamp() - 86_400 * ago)
    # Unlike `flush`, which logs what it cannot write and goes on.
    assert rollups.flush_batch(inbox.take()) >= len(items)


def _act(dice, clips, fans, erin, ago):
    for fan in dice.sample(fans, 4):
        clip = dice.choice(clips)
        videos.like(fan, clip)
        if ago % 2:
            videos.save(fan, clip)
            videos.comment(fan, clip, f"Fine {ago}")
        if ago % 3 == 0:
            videos.share(fan, clip, "link")
    people.follow(dice.choice(fans), erin)


def _invite(dice, erin, fans, clips):
    """Sixty invites to her clips, by her and by fans, in the twenty days."""
    rows = []
    for _number in range(60):
        made = NOON - timedelta(minutes=dice.randint(60, 18 * 1440))
        opened = made + timedelta(minutes=dice.randint(1, 900)) if dice.random() < 0.8 else None
        viewed = opened + timedelta(minutes=1) if opened and dice.random() < 0.8 else None
        used = viewed + timedelta(minutes=2) if viewed and dice.random() < 0.6 else None
        rows.append(
            Invite(
                inviter=dice.choice([erin, *fans[:3]]),
                video=dice.choice(clips),
                channel=dice.choice(Channel.values),
                created_at=made,
                expires_at=made + timedelta(days=14),
                opened_at=opened,
                viewed_at=viewed,
                accepted_at=used,
                undone_at=used if used and dice.random() < 0.2 else None,
            )
        )
    Invite.objects.bulk_create(rows)


# --- The tests ----------------------------------------------------------------------------------------------------


@pytest.mark.engines
@pytest.mark.django_db
def test_every_figure_equals_its_recount_and_is_what_the_pages_show(api, browser, world):
    """One test, because its world takes seconds to make."""
    for one in PAGES:
        _holds(one, api, browser, world)


@pytest.mark.engines
@pytest.mark.django_db
def test_every_figure_of_the_demos_creator_equals_its_recount_too(api, browser):
    """What the made-up world has besides (invites, promotions, messages, follow-backs) is left to the test above."""
    with time_machine.travel(NOON, tick=False):
        make_past(NOON)
        alice = User.objects.get(username="alice")
        world = SimpleNamespace(erin=alice, clips=list(alice.videos.order_by("pk")))
        for one in PAGES:
            if one.recount.__module__ == recounts.__name__ and one.route != "analytics-invites":
                _holds(one, api, browser, world)


def _holds(one, api, browser, world):
    """The answer has the figures of the recount and no others, they are equal, and the page of the answer shows them."""
    asks = one.asked_by(world)
    answer = api.as_(asks).get(reverse(f"api:{one.route}", args=one.subject(world)), one.query)
    said, recounted = leaves(answer.json(), besides=one.elsewhere), flat(one.recount(world))
    assert sorted(said) == sorted(recounted), (
        f"{one.route}: a figure that nobody recounts, or a recount of none"
    )
    for name in one.elsewhere:
        assert f'"{name}":' in answer.content.decode(), f"{one.route} says no {name}"
    wrong = {
        path: (said[path], recounted[path])
        for path in said
        if said[path] != recounted[path] and not _is_about(one, path, said[path], recounted[path])
    }
    assert (one.route, wrong) == (one.route, {})
    assert sum(1 for value in said.values() if value) > 10, f"{one.route}: the world is empty"
    if one.route in METRICS_OF:
        address, metrics = METRICS_OF[one.route]
        _has_every_metric(one, said, metrics)
        page = browser.as_(asks).get(address.format(*one.subject(world)), one.query)
        _shows(page.content.decode(), answer.json(), metrics)
        _exports(page.content.decode(), api.as_(asks), one.route)


# The page of an answer, and the metrics that it defines.
METRICS_OF = {
    "analytics-overview": ("/studio/analytics/", definitions.METRICS),
    "analytics-video": (
        "/studio/videos/{}/",
        (*definitions.VIDEO_METRICS, *definitions.RETENTION_METRICS),
    ),
    "analytics-content": ("/studio/analytics/content/", definitions.CLIP_METRICS),
    "analytics-followers": ("/studio/analytics/followers/", definitions.AUDIENCE_METRICS),
    "analytics-live": ("/studio/analytics/live/", definitions.LIVE_METRICS),
    "analytics-invites": ("/studio/analytics/invites/", definitions.INVITE_METRICS),
    "analytics-promotions": ("/studio/analytics/promotions/", definitions.PROMOTION_LINE_METRICS),
    "analytics-messages": ("/studio/analytics/messages/", definitions.MESSAGE_METRICS),
    "analytics-follow-back": ("/studio/analytics/follow-back/", definitions.FOLLOW_BACK_METRICS),
    "analytics-site": ("/admin/", definitions_site.SITE_METRICS),
}


def _has_every_metric(one, said, metrics):
    # The last of a path, but in the follow-back report, where a figure has four: `results[views].before`.
    figures = {name for path in said for name in re.findall(r"\w+", path)}
    assert {metric.name for metric in metrics} <= figures, one.route


def _shows(text, answer, metrics):
    """Each figure in full in a title, each definition on the page; of the follow-back report each mean in its table."""
    rows = {row["figure"]: row for row in answer.get("results", []) if "figure" in row}
    for metric in metrics:
        assert escape(str(metric.meaning)) in text, metric.name
        totals = answer.get("totals", answer.get("results", [{}])[0])
        if metric.name in totals or metric.name in answer:
            value = totals[metric.name] if metric.name in totals else answer[metric.name]
            assert f'title="{full(metric.kind, value)}"' in text, metric.name
        if row := rows.get(metric.name):
            fine = places(metric, row["value"], row["low"], row["high"])
            for name in ("before", "after", "other_before", "other_after"):
                assert f">{amount(metric, row[name], fine)}<" in text, (metric.name, name)


def _exports(text, client, route):
    """Each CSV that the page links has a head and rows, and the page links a CSV of every table that has rows."""
    links = {unescape(link) for link in re.findall(r'href="(/api/v1/analytics/[^"]*format=csv[^"]*)"', text)}
    assert links, route
    for link in links:
        answer = client.get(link)
        assert answer["Content-Type"].startswith("text/csv"), link
        assert len(answer.content.decode().splitlines()) > 1, link
    linked = {parse_qs(urlsplit(link).query).get("table", [""])[0] for link in links}
    view = resolve(urlsplit(links.pop()).path).func.view_class
    first, *others = view.tables
    assert "" in linked, (route, first)
    for table in others:
        sent = client.get(urlsplit(link).path, {"format": "csv", "table": table, "days": 7}).content
        assert bool(sent) == (table in linked), (route, table)


def _is_about(one, path, said, recounted):
    """Estimates are within two percent; a change between two of them within both errors. Means were added up in another order."""
    if said is None or recounted is None:
        return False
    if path.rsplit(".", 1)[-1] not in one.estimates:
        return isinstance(said, float) and math.isclose(said, recounted, rel_tol=1e-9, abs_tol=1e-12)
    if path.startswith("delta."):
        return abs(said - recounted) <= 0.05
    return abs(said - recounted) <= max(1, 0.02 * recounted)


def test_every_answer_of_analytics_is_in_the_register():
    names = {
        route.name for route in api_urls.urlpatterns if route.name and route.name.startswith("analytics-")
    }
    assert names - {one.route for one in PAGES} == set()
