"""Whether following back paid off: a planted following of 40 weeks, and everything the report says of it but the estimates.

Who was compared with whom is found here once more, in plain Python and after docs/decisions/follow-back.md: one follower after
the other against everybody, sorted by distance. Weeks of followers (EngagementWeek) are the rows that the report stands on.
"""

import math
from collections import defaultdict
from datetime import datetime, time, timedelta
from statistics import fmean, pstdev

import time_machine

from accounts import actions as people
from accounts.models import Follow, User
from analytics.models import EngagementWeek
from privacy.models import PrivacySettings

from .every_figure import NOON, TODAY, day_of, moment, page, rows
from .recounts import counted

WEEK = timedelta(days=7)
THIS_WEEK = TODAY - timedelta(days=TODAY.weekday())
YEAR = 52
BEFORE, AFTER, HISTORY = 4, 4, 26
NEAREST, CALIPER = 5, 0.5
FIGURES = ("views", "reactions", "minutes", "completions", "retention")
ALIKE_IN = ("views", "reactions", "retention")


def plant(dice, erin, committed):
    """Followers with a habit each and a few weeks without; who was followed back watched more before already, and more still
    after. Two are followed back too soon after they came, three too lately, one watches like nobody else, two were followed by
    erin first, one has left. `committed` is a context in which what is done after commits is done."""
    crowd = User.objects.bulk_create(
        [User(username=f"crowd{n}", display_name=f"c{n}", email=f"c{n}@example.com") for n in range(74)]
    )
    PrivacySettings.objects.bulk_create(PrivacySettings(person=one) for one in crowd)
    User.objects.filter(pk=crowd[73].pk).update(is_active=False)
    backs = {n: 6 + n % 3 for n in range(32)}
    backs |= dict.fromkeys((32, 33, 34), 3) | {35: 6, 36: 6, 37: 7, 71: 42, 72: 42, 73: 7}
    for n, one in enumerate(crowd):
        begun = {35: 9, 36: 9}.get(n, 14 + 8 * (n % 4) + n % 3)
        if begun < 13:  # the account's own figures tell of these weeks: they follow as people do
            with time_machine.travel(_at(begun), tick=False), committed(execute=True):
                people.follow(one, erin)
        else:
            Follow.objects.create(follower=one, followed=erin, state="accepted", accepted_at=_at(begun))
        if n in backs:
            Follow.objects.create(follower=erin, followed=one, state="accepted", accepted_at=_at(backs[n]))
        _habit(dice, erin, one, begun, backs.get(n, 0), kind=n % 4, rate=60 if n == 37 else 0)
    return crowd


def _habit(dice, erin, one, begun, back, kind, rate):
    """Four kinds of people, so that somebody is similar: how much they watch, and in how many weeks they are away."""
    rate, away = rate or (2, 4, 7, 11)[kind], (3, 5, 9, 100)[kind]
    weeks = []
    for ago in range(begun - 1, -1, -1):
        views = max(1, round(dice.gauss(rate, rate / 5))) + (2 if ago < back else 1 if back else 0)
        if (ago + begun) % away:
            likes = sum(dice.random() < 0.3 for _view in range(views))
            weeks.append(
                EngagementWeek(
                    creator=erin,
                    person=one,
                    week=THIS_WEEK - ago * WEEK,
                    views=views,
                    watch_ms=views * dice.randrange(3_000, 9_000),
                    completions=views // 2,
                    likes=likes,
                    comments=likes // 3,
                    shares=int(ago % 9 == 0),
                )
            )
    EngagementWeek.objects.bulk_create(weeks)


def _at(weeks_ago):
    return datetime.combine(THIS_WEEK - weeks_ago * WEEK + timedelta(days=2), time(12), NOON.tzinfo)


# --- The recount --------------------------------------------------------------------------------------------------


# What difference in differences makes of the matches, and how sure that is: test_follow_back_report.py holds it against what was
# planted in made-up worlds. No sum over rows gives it.
@page("analytics-follow-back", elsewhere=("value", "low", "high"))
def follow_back(world):
    first, weeks, follows, figures = read(world.erin)
    usable = [
        one
        for one, (since, back) in follows.items()
        if back is not None and since < back - BEFORE >= 0 and back + AFTER < weeks
    ]
    matches, apart, left = {}, defaultdict(list), defaultdict(list)
    for week in sorted({follows[one][1] for one in usable}):
        treated = [one for one in usable if follows[one][1] == week]
        others = [
            one
            for one, (since, back) in follows.items()
            if since < week - BEFORE and (back is None or back > week)
        ]
        traits = alike(treated, others, week, follows, figures)
        found = {one: nearest(one, others, traits) for one in treated}
        found = {one: near for one, near in found.items() if near}
        everybody = means(traits[one] for one in treated + others)
        for one, near in found.items():
            similar = means(traits[other] for other in near)
            for trait, own in enumerate(traits[one]):
                apart[trait].append(own - everybody[trait])
                left[trait].append(own - similar[trait])
        matches |= found
    effects = {name: levels(name, matches, follows, figures) for name in FIGURES}
    assert 20 <= len(matches) < len(usable)
    return {
        "weeks": weeks,
        "from": str(first),
        "to": str(THIS_WEEK - timedelta(days=1)),
        "followed_back": len(matches),
        "compared": len({other for near in matches.values() for other in near}),
        "too_new": sum(back is not None for _since, back in follows.values()) - len(usable),
        "alone": len(usable) - len(matches),
        "apart_before": round(max(abs(fmean(each)) for each in apart.values()), 2),
        "apart_after": round(max(abs(fmean(each)) for each in left.values()), 2),
        "effects": effects,
        "results": {f"[{name}]": effect for name, effect in effects.items()},
        "account": account(world.erin, [first + follows[one][1] * WEEK for one in matches]),
    }


def read(me):
    """The first week and how many; of each follower the weeks in which they began and were followed back (None: never), and a
    row of weeks for each figure."""
    kept = rows(
        "SELECT person_id, week, views, likes + comments + shares, watch_ms, completions FROM analytics_engagementweek "
        "WHERE creator_id = %s AND week < %s",
        me.pk,
        THIS_WEEK,
    )
    first = max(min(day_of(row[1]) for row in kept), THIS_WEEK - YEAR * WEEK)
    weeks = (THIS_WEEK - first).days // 7

    def week_of(at):
        return None if at is None else (at.date() - first).days // 7

    follows = {}
    for one, begun, again in rows(
        "SELECT f.follower_id, COALESCE(f.accepted_at, f.created_at), COALESCE(b.accepted_at, b.created_at) "
        "FROM accounts_follow f JOIN accounts_user u ON u.id = f.follower_id AND u.is_active "
        "LEFT JOIN accounts_follow b ON b.follower_id = f.followed_id AND b.followed_id = f.follower_id "
        "AND b.state = 'accepted' WHERE f.followed_id = %s AND f.state = 'accepted'",
        me.pk,
    ):
        since, back = moment(begun), moment(again)
        if back is None or back > since:  # whom the creator followed first was not followed back
            follows[one] = (week_of(since), week_of(back))
    figures = {name: defaultdict(lambda: [0.0] * weeks) for name in FIGURES}
    for one, week, views, reactions, watched, completions in kept:
        values = (views, reactions, watched / 60_000, completions, float(views > 0))
        for name, value in zip(FIGURES, values, strict=True):
            figures[name][one][(day_of(week) - first).days // 7] = value
    return first, weeks, follows, figures


def alike(treated, others, week, follows, figures):
    """What makes two followers similar in a week, each in standard deviations of those who were not followed back."""
    found = {}
    for one in treated + others:
        since = follows[one][0]
        earlier = [n for n in range(max(week - HISTORY, 0), week - BEFORE) if n > since]
        found[one] = []
        for name in ALIKE_IN:
            lately = fmean(figures[name][one][week - BEFORE : week])
            long_ago = fmean(figures[name][one][n] for n in earlier) if earlier else lately
            found[one] += [math.sqrt(lately), math.sqrt(long_ago)]
        found[one].append(math.log(1 + min(week - since, 4 * HISTORY)))
    spread = [pstdev(each) for each in zip(*(found[one] for one in others), strict=True)]
    return {one: [own / sd for own, sd in zip(traits, spread, strict=True)] for one, traits in found.items()}


def nearest(one, others, traits):
    """The most similar, up to five, of those similar at all."""
    far = sorted(
        (math.dist(traits[one], traits[other]) / math.sqrt(len(traits[one])), other) for other in others
    )
    return [other for distance, other in far[:NEAREST] if distance <= CALIPER]


def means(each):
    return [fmean(column) for column in zip(*each, strict=True)]


def levels(name, matches, follows, figures):
    """A week of one who was followed back, before and after; and of those similar, on average, in the same weeks."""

    def mean(one, start, length):
        return fmean(figures[name][one][start : start + length])

    found = {}
    for side, offset in (("before", -BEFORE), ("after", 1)):
        found[side] = fmean(mean(one, follows[one][1] + offset, 4) for one in matches)
        found[f"other_{side}"] = fmean(
            fmean(mean(other, follows[one][1] + offset, 4) for other in near) for one, near in matches.items()
        )
    return found


def account(me, backs):
    """The account's weeks around the follow-backs, from its raw rows."""
    found = {}
    for side, offset in (("before", -BEFORE * WEEK), ("after", WEEK)):
        sums = defaultdict(float)
        for week in set(backs):
            there = counted(me, None, week + offset, week + offset + 4 * WEEK - timedelta(days=1))
            there["acts"] = sum(there[name] for name in ("likes", "comments", "shares", "saves"))
            for name in ("views", "followers_net", "acts"):
                sums[name] += there[name] * backs.count(week) / len(backs) / 4
        found[side] = {
            "views": sums["views"],
            "followers_net": sums["followers_net"],
            "engagement": sums["acts"] / sums["views"],
        }
    return found
