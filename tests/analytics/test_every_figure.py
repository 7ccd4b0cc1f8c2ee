"""Every figure of every dashboard equals an independent recount by SQL; one that nobody recounts fails here.

Events go the whole way: waiting room, flush, roll-ups, API. The recount reads raw rows only: events, likes, saves, shares,
comments, follows (and, for followers lost, who leave no row behind, their roll-up).
"""

import random
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.urls import reverse
from django.utils.html import escape

from accounts import actions as people
from accounts.models import Follow
from analytics import api_urls, counting, definitions, inbox, retention, rollups
from analytics.figures import full
from analytics.models import Event
from videos import actions as videos
from videos.models import Channel, Invite

from .every_figure import PAGES, flat, leaves, number, page, rows

NOON = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)
TODAY = NOON.date()
DAYS = 7
# Answers whose pages come with recounts of their own.
AWAITED = {
    # What the report says of its groups is held against planted ones in test_followers.py, test_reports.py.
    "analytics-follow-back",
    "analytics-messages",
    "analytics-promotions",
}
COUNTRIES = ["FR"] * 30 + ["DE"] * 20 + ["US"] * 14 + ["GB"] * 10 + ["CA"] * 9 + ["BR"] * 8 + ["MC", ""]


@pytest.fixture
def world(make_person, make_video, django_capture_on_commit_callbacks):
    """erin with three clips and twenty days of history that looks like the demo's; frank has a past of his own."""
    with time_machine.travel(NOON - timedelta(days=20), tick=False):
        erin, frank = make_person("erin"), make_person("frank")
        fans = [make_person(f"fan{n}") for n in range(12)]
        clips = [make_video(erin, caption=f"Clip {n}", duration_ms=6000 + 1000 * n) for n in range(3)]
        other = make_video(frank)
        Follow.objects.create(
            follower=frank, followed=erin, state="accepted", accepted_at=NOON - timedelta(days=30)
        )
    dice = random.Random(6)
    for ago in (14, 13, 9, 7, 6, 4, 2, 1, 0):
        with (
            time_machine.travel(NOON - timedelta(days=ago), tick=False),
            django_capture_on_commit_callbacks(execute=True),
        ):
            _watch(dice, clips, other, fans, ago)
            _act(dice, clips, fans, erin, ago)
    with (
        time_machine.travel(NOON, tick=False),
        django_capture_on_commit_callbacks(execute=True),
    ):
        people.unfollow(frank, erin)
    _invite(dice, erin, fans, clips)
    with time_machine.travel(NOON, tick=False):
        yield SimpleNamespace(erin=erin, clips=clips)


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


# --- The recounts -------------------------------------------------------------------------------------------------


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


def between(first, last):
    """An instant each for the first moment of a day and the end of another."""
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    return start, datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)


def whose(creator, clip):
    return ("video_id", clip.pk) if clip else ("creator_id", creator.pk)


def counted(creator, clip, first, last):
    """Every figure of an account or of a clip in these days, from raw rows."""
    column, pk = whose(creator, clip)
    start, end = between(first, last)
    events = f"FROM analytics_event WHERE {column} = %s AND at >= %s AND at < %s"
    own = (pk, start, end)

    def of_clips(table, when="created_at", more=""):
        column = "v.id" if clip else "v.author_id"
        return number(
            f"SELECT COUNT(*) FROM {table} t JOIN videos_video v ON v.id = t.video_id "
            f"WHERE {column} = %s AND t.{when} >= %s AND t.{when} < %s {more}",
            *own,
        )

    found = {
        "impressions": number(f"SELECT COUNT(*) {events} AND kind = 2", *own),
        "views": number(f"SELECT COUNT(*) {events} AND kind = 1 AND is_view", *own),
        "watch_ms": number(f"SELECT SUM(watched_ms) {events} AND kind = 1", *own),
        "likes": of_clips("videos_like"),
        "comments": of_clips("videos_comment", more="AND t.removed_at IS NULL"),
        "shares": of_clips("videos_share"),
        "saves": of_clips("videos_save"),
        "viewers": number(
            f"SELECT COUNT(DISTINCT COALESCE(CAST(viewer_id AS text), session)) {events} AND kind = 1 AND is_view",
            *own,
        ),
    }
    if clip:
        found |= {
            "completions": number(f"SELECT COUNT(*) {events} AND kind = 1 AND is_completion", *own),
            "skips": number(f"SELECT COUNT(*) {events} AND kind = 1 AND skipped AND NOT is_view", *own),
            "rewatches": number(f"SELECT SUM(loops) {events} AND kind = 1", *own),
            "followers_won": number(f"SELECT COUNT(*) {events} AND kind = 4", *own),
        }
        found["completion"] = share(found["completions"], found["views"])
        found["click_through"] = share(min(found["views"], found["impressions"]), found["impressions"])
    else:
        lost = "SELECT SUM(followers_lost) FROM analytics_creatorday WHERE creator_id = %s AND day >= %s AND day <= %s"
        gained = "SELECT COUNT(*) FROM accounts_follow WHERE followed_id = %s AND accepted_at >= %s AND accepted_at < %s"
        found |= {
            "profile_views": number(f"SELECT COUNT(*) {events} AND kind = 3", *own),
            "followers_new": number(gained, *own),
            "followers_lost": number(lost, pk, first, last),
        }
        found["followers_net"] = found["followers_new"] - found["followers_lost"]
    deeds = sum(found[name] for name in ("likes", "comments", "shares", "saves"))
    found["engagement"] = share(deeds, found["views"])
    found["average_ms"] = round(found["watch_ms"] / found["views"]) if found["views"] else None
    return found


def share(part, whole):
    return round(part / whole, 6) if whole else None


def compared(creator, clip):
    """Totals, both series and the changes."""
    start = TODAY - timedelta(days=DAYS - 1)
    before = start - timedelta(days=DAYS)
    totals = counted(creator, clip, start, TODAY)
    old = counted(creator, clip, before, start - timedelta(days=1))

    def days(first):
        span = [first + timedelta(days=n) for n in range(DAYS)]
        return {f"[{day}]": counted(creator, clip, day, day) for day in span}

    return {
        "totals": totals,
        "before": old,
        "delta": {
            name: None
            if totals[name] is None or not old[name] or old[name] < 0
            else round((totals[name] - old[name]) / old[name], 4)
            for name in totals
        },
        "series": days(start),
        "series_before": days(before),
    }


def listed(world):
    """A line for each clip; lines have no unique viewers."""
    start = TODAY - timedelta(days=DAYS - 1)
    lines = {f"[{clip.pk}]": counted(world.erin, clip, start, TODAY) for clip in world.clips}
    for line in lines.values():
        del line["viewers"]
    return lines


@page("analytics-overview", days=DAYS, estimates=("viewers",))
def overview(world):
    return {**compared(world.erin, None), "top": listed(world)}


@page("analytics-content", days=DAYS)
def content(world):
    return {"results": listed(world)}


@page("analytics-content", days=DAYS, sort="views")
def sorted_content(world):
    return {"results": listed(world)}


@page("analytics-video", subject=lambda world: [world.clips[1].pk], days=DAYS, estimates=("viewers",))
def clip(world):
    one = world.clips[1]
    start, end = between(TODAY - timedelta(days=DAYS - 1), TODAY)
    old = start - timedelta(days=DAYS)
    return {
        **compared(world.erin, one),
        "sources": sources(one, start, end, old),
        "countries": countries(one, start, end),
        "retention": curve(one, start, end),
    }


def sources(clip, start, end, old):
    found = {}
    for (source,) in rows(
        "SELECT DISTINCT source FROM analytics_event WHERE video_id = %s AND at >= %s AND at < %s AND kind IN (1, 2, 4)",
        clip.pk,
        old,
        end,
    ):
        events = "FROM analytics_event WHERE video_id = %s AND source = %s AND at >= %s AND at < %s"
        now, then = (clip.pk, source, start, end), (clip.pk, source, old, start)
        found[f"[{source}]"] = {
            "impressions": number(f"SELECT COUNT(*) {events} AND kind = 2", *now),
            "views": number(f"SELECT COUNT(*) {events} AND kind = 1 AND is_view", *now),
            "watch_ms": number(f"SELECT SUM(watched_ms) {events} AND kind = 1", *now),
            "followers_won": number(f"SELECT COUNT(*) {events} AND kind = 4", *now),
            "before": number(f"SELECT COUNT(*) {events} AND kind = 1 AND is_view", *then),
        }
    return found


def countries(clip, start, end):
    """The five with most views if they have five, all others under no name."""
    found = rows(
        "SELECT country, SUM(CASE WHEN is_view THEN 1 ELSE 0 END), SUM(watched_ms) FROM analytics_event "
        "WHERE video_id = %s AND kind = 1 AND at >= %s AND at < %s GROUP BY country ORDER BY 2 DESC, 1",
        clip.pk,
        start,
        end,
    )
    named = [row for row in found if row[0] and row[1] >= 5][:5]
    rest = [row for row in found if row not in named]
    lines = {f"[{row[0]}]": {"views": int(row[1]), "watch_ms": int(row[2])} for row in named}
    if rest:
        lines["[]"] = {
            "views": int(sum(row[1] for row in rest)),
            "watch_ms": int(sum(row[2] for row in rest)),
        }
    return lines


def curve(clip, start, end):
    """Each second whose middle was played, by walking through the parts of each viewing."""
    length = (clip.duration_ms + 499) // 1000
    reached, replays, jumps = ([0] * length for _n in range(3))
    played = rows(
        "SELECT played FROM analytics_event WHERE video_id = %s AND at >= %s AND at < %s AND played <> ''",
        clip.pk,
        start,
        end,
    )
    for (parts,) in played:
        seen, stood = set(), None
        for part in parts.split(","):
            begin, stop = (int(at) for at in part.split("-"))
            for second in range(length):
                middle = 1000 * second + 500
                if begin <= middle < stop:
                    (replays if second in seen else reached)[second] += 1
                    seen.add(second)
                elif stood is not None and stood <= middle < begin:
                    jumps[second] += 1
            stood = stop
    falls = [reached[n - 1] - reached[n] for n in range(1, length)]
    return {
        "viewings": reached[0],
        "seconds": {
            f"[{n}]": {
                "watching": share(min(reached[n], reached[0]), reached[0]),
                "reached": reached[n],
                "replays": replays[n],
                "jumps": jumps[n],
            }
            for n in range(length)
        },
        "half_until": next((n for n in range(length) if reached[n] < reached[0] / 2), None),
        "steepest": falls.index(max(falls)) + 1,
        "most_replayed": replays.index(max(replays)) if any(replays) else None,
    }


@page("analytics-live")
def live(world):
    end = NOON + timedelta(minutes=1)
    start = end - timedelta(minutes=60)

    def hour(where, *params, begin=start, stop=end):
        events = f"FROM analytics_event WHERE {where} AND at >= %s AND at < %s"
        own = (*params, begin, stop)
        return {
            "views": number(f"SELECT COUNT(*) {events} AND kind = 1 AND is_view", *own),
            "watch_ms": number(f"SELECT SUM(watched_ms) {events} AND kind = 1", *own),
            "impressions": number(f"SELECT COUNT(*) {events} AND kind = 2", *own),
        }

    mine = ("creator_id = %s", world.erin.pk)
    visits = number(
        "SELECT COUNT(DISTINCT session) FROM analytics_event WHERE creator_id = %s AND kind = 1 AND at >= %s AND at < %s",
        world.erin.pk,
        start,
        end,
    )
    minutes = [start + timedelta(minutes=n) for n in range(60)]
    return {
        "totals": {**hour(*mine), "visits": visits},
        "series": {
            f"[{at.isoformat().replace('+00:00', 'Z')}]": hour(
                *mine, begin=at, stop=at + timedelta(minutes=1)
            )
            for at in minutes
        },
        "top": {f"[{clip.pk}]": hour("video_id = %s", clip.pk) for clip in world.clips},
    }


@page("analytics-followers", days=DAYS)
def followers(world):
    names = [metric.name for metric in definitions.AUDIENCE_METRICS]

    def grown(figures):
        return {name: figures[name] for name in names}

    whole = compared(world.erin, None)
    count = number(
        "SELECT COUNT(*) FROM accounts_follow WHERE followed_id = %s AND state = 'accepted'", world.erin.pk
    )
    return {
        **{key: grown(whole[key]) for key in ("totals", "before", "delta")},
        **{key: {day: grown(row) for day, row in whole[key].items()} for key in ("series", "series_before")},
        "followers": count,
        "missing": 100 - count,
    }


@page("analytics-invites", days=DAYS)
def invites(world):
    clips = [clip.pk for clip in world.clips]
    start, old = TODAY - timedelta(days=DAYS - 1), TODAY - timedelta(days=2 * DAYS - 1)

    def counted(first, last, where="1 = 1", *params):
        """The four figures of whole UTC days, one query each."""
        begin = datetime.combine(first, datetime.min.time(), UTC)
        end = datetime.combine(last, datetime.min.time(), UTC) + timedelta(days=1)
        columns = {
            "sent": "created_at",
            "opened": "opened_at",
            "watched": "viewed_at",
            "follows": "undone_at IS NULL AND accepted_at",
        }
        marks = ", ".join(map(str, clips))
        return {
            name: number(
                f"SELECT COUNT(*) FROM videos_invite WHERE video_id IN ({marks}) AND {where} "
                f"AND {column} >= %s AND {column.rpartition(' ')[2]} < %s",
                *params,
                begin,
                end,
            )
            for name, column in columns.items()
        }

    def days(first):
        return {f"[{day}]": counted(day, day) for day in (first + timedelta(days=n) for n in range(DAYS))}

    now, before = counted(start, TODAY), counted(old, start - timedelta(days=1))
    channels = {f"[{name}]": counted(start, TODAY, "channel = %s", name) for name in Channel.values}
    of_clips = {f"[{clip}]": counted(start, TODAY, "video_id = %s", clip) for clip in clips}
    return {
        "totals": now,
        "before": before,
        "delta": {
            name: round((now[name] - before[name]) / before[name], 4) if before[name] else None
            for name in now
        },
        "series": days(start),
        "series_before": days(old),
        "channels": {name: figures for name, figures in channels.items() if any(figures.values())},
        "clips": {name: figures for name, figures in of_clips.items() if any(figures.values())},
    }


# --- The tests ----------------------------------------------------------------------------------------------------


@pytest.mark.engines
@pytest.mark.django_db
def test_every_figure_equals_its_recount_and_is_what_the_pages_show(api, browser, world):
    """One test, because its world takes seconds to make."""
    for one in PAGES:
        answer = api.as_(world.erin).get(reverse(f"api:{one.route}", args=one.subject(world)), one.query)
        said, recounted = leaves(answer.json()), flat(one.recount(world))
        assert sorted(said) == sorted(recounted), (
            f"{one.route}: a figure that nobody recounts, or a recount of none"
        )
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
            page = browser.as_(world.erin).get(address.format(*one.subject(world)), one.query)
            _shows(page.content.decode(), answer.json(), metrics)


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
}


def _has_every_metric(one, said, metrics):
    figures = {path.rsplit(".", 1)[-1] for path in said}
    assert {metric.name for metric in metrics} <= figures, one.route


def _shows(text, answer, metrics):
    """Each figure in full in a title, each definition on the page."""
    for metric in metrics:
        assert escape(str(metric.meaning)) in text, metric.name
        totals = answer.get("totals", answer.get("results", [{}])[0])
        if metric.name in totals:
            assert f'title="{full(metric.kind, totals[metric.name])}"' in text, metric.name


def _is_about(one, path, said, recounted):
    """Estimates are within two percent; a change between two of them within both errors."""
    if path.rsplit(".", 1)[-1] not in one.estimates:
        return False
    if path.startswith("delta."):
        return (said is None) == (recounted is None) and (said is None or abs(said - recounted) <= 0.05)
    return abs(said - recounted) <= max(1, 0.02 * recounted)


def test_every_answer_of_analytics_is_in_the_register():
    names = {
        route.name for route in api_urls.urlpatterns if route.name and route.name.startswith("analytics-")
    }
    assert names - {one.route for one in PAGES} - AWAITED == set()
