"""The recounts of what most dashboards say: of an account, of a clip, of the hour at hand, of invites; by SQL over raw rows.

Promotions, messages and follow-backs have a module each, with what their worlds are planted with (recounts_*.py).
"""

from collections import Counter
from datetime import UTC, datetime, timedelta

from analytics import definitions
from videos.models import Channel

from .every_figure import DAYS, NOON, TODAY, moment, number, page, rows


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


def both_periods(figures):
    """Totals, both series and the changes of what `figures(first, last)` finds for these days."""
    start = TODAY - timedelta(days=DAYS - 1)
    before = start - timedelta(days=DAYS)
    totals = figures(start, TODAY)
    old = figures(before, start - timedelta(days=1))

    def days(first):
        span = [first + timedelta(days=n) for n in range(DAYS)]
        return {f"[{day}]": figures(day, day) for day in span}

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


def compared(creator, clip):
    return both_periods(lambda first, last: counted(creator, clip, first, last))


def listed(world):
    """A line for each clip; lines have no unique viewers."""
    start = TODAY - timedelta(days=DAYS - 1)
    lines = {f"[{clip.pk}]": counted(world.erin, clip, start, TODAY) for clip in world.clips}
    for line in lines.values():
        del line["viewers"]
    return lines


def best(lines, most):
    """Of a line for each clip those of the most watched; a clip with which nothing happened is not among them."""
    ranked = sorted(
        ((line["views"], line["watch_ms"], int(name[1:-1]), name) for name, line in lines.items()),
        reverse=True,
    )
    happened = [name for *_rank, name in ranked if any(lines[name].values())]
    return {name: lines[name] for name in happened[:most]}


@page("analytics-overview", days=DAYS, estimates=("viewers",))
def overview(world):
    return {**compared(world.erin, None), "hours": hours(world.erin), "top": best(listed(world), 10)}


def hours(creator):
    start, end = between(TODAY - timedelta(days=DAYS - 1), TODAY)
    views = "SELECT at FROM analytics_event WHERE creator_id = %s AND at >= %s AND at < %s AND kind = 1 AND is_view"
    moments = [moment(at) for (at,) in rows(views, creator.pk, start, end)]
    return {
        f"[{hour}]": {"views": n}
        for hour, n in Counter(at.weekday() * 24 + at.hour for at in moments).items()
    }


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
    """The five with most views if they have five, all others under no name; of these there are none, or five views and more."""
    found = rows(
        "SELECT country, SUM(CASE WHEN is_view THEN 1 ELSE 0 END), SUM(watched_ms) FROM analytics_event "
        "WHERE video_id = %s AND kind = 1 AND at >= %s AND at < %s GROUP BY country ORDER BY 2 DESC, 1",
        clip.pk,
        start,
        end,
    )
    named = [row for row in found if row[0] and row[1] >= 5][:5]
    few = sum(row[1] for row in found if row not in named)
    if 0 < few < 5:
        named = named[:-1]
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
        "top": best({f"[{clip.pk}]": hour("video_id = %s", clip.pk) for clip in world.clips}, 5),
    }


@page("analytics-followers", days=DAYS)
def followers(world):
    # Of a period; how many there are now stands beside.
    names = [metric.name for metric in definitions.AUDIENCE_METRICS if metric.name != "followers"]

    def grown(figures):
        return {name: figures[name] for name in names}

    whole = compared(world.erin, None)
    count = number(
        "SELECT COUNT(*) FROM accounts_follow f JOIN accounts_user u ON u.id = f.follower_id "
        "WHERE f.followed_id = %s AND f.state = 'accepted' AND u.is_active AND u.deactivated_at IS NULL",
        world.erin.pk,
    )
    return {
        **{key: grown(whole[key]) for key in ("totals", "before", "delta")},
        **{key: {day: grown(row) for day, row in whole[key].items()} for key in ("series", "series_before")},
        "followers": count,
        "missing": max(0, 100 - count),
    }


@page("analytics-invites", days=DAYS)
def invites(world):
    clips = [clip.pk for clip in world.clips]
    start = TODAY - timedelta(days=DAYS - 1)

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

    channels = {f"[{name}]": counted(start, TODAY, "channel = %s", name) for name in Channel.values}
    of_clips = {f"[{clip}]": counted(start, TODAY, "video_id = %s", clip) for clip in clips}
    return {
        **both_periods(counted),
        "channels": {name: figures for name, figures in channels.items() if any(figures.values())},
        "clips": {name: figures for name, figures in of_clips.items() if any(figures.values())},
    }
