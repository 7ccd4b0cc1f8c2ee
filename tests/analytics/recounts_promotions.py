"""What promotions took and brought, planted as people meet them and recounted by SQL.

Charges are rows of their own (showings) that are folded every minute and forgotten a day later. So the world is tended day by
day, as in life, and each day's showings are read by SQL at its end, while they are all there: from these older days are
recounted, not from the sums that were folded from them.
"""

from datetime import timedelta

import time_machine
from django.utils import timezone

from analytics import counting, inbox, rollups
from analytics.models import Event
from videos import actions as videos
from videos.models import Promotion, PromotionShowing
from videos.promotions import wording_of

from .every_figure import DAYS, NOON, TODAY, number, page, rows
from .recounts import between, both_periods

# By promotion: which of the clips, what for, the days ago on which it is shown, and to how many. The third is over before the
# period, and another one of its clip begins; that is shown to so few that its reach is not told. The first ends two days ago in
# the middle of the day and another one of its clip is shown that same day.
ADS = (
    (0, "views", (9, 7, 6, 4, 2), 11),
    (1, "followers", (8, 4, 2, 0), 9),
    (2, "profile", (12, 10), 7),
    (2, "profile", (1,), 3),
    (0, "followers", (2, 1, 0), 8),
)
RESULTS = {
    "views": ("promoted_views", "organic_views"),
    "profile": ("visits", "organic_visits"),
    "followers": ("followers_won", "organic_followers"),
}


def plant(dice, erin, clips, fans):
    """The showings of all days, as (promotion, day, whether it led to a visit)."""
    shown, made = [], {}
    for ago in range(12, -1, -1):
        noon = NOON - timedelta(days=ago)
        with time_machine.travel(noon, tick=False):
            for place, (clip, goal, days, people) in enumerate(ADS):
                if ago in days:
                    if place not in made:
                        Promotion.objects.filter(video=clips[clip]).update(state="ended")
                        made[place] = _promotion(erin, clips[clip], goal, days)
                    _show(dice, made[place], dice.sample(fans, people), noon, ago)
            videos.tend_promotions()
        if ago == 1:  # once more when the day was folded already: it is folded again after midnight
            with time_machine.travel(noon + timedelta(hours=11), tick=False):
                _show(dice, made[4], dice.sample(fans, 4), noon + timedelta(hours=11), ago, nth=2)
        shown += [
            (promotion, noon.date(), bool(visited))
            for promotion, visited in rows(
                "SELECT promotion_id, visited_at IS NOT NULL FROM videos_promotionshowing WHERE day = %s",
                noon.date(),
            )
        ]
        if ago:
            with time_machine.travel(noon + timedelta(hours=12, minutes=10), tick=False):
                videos.tend_promotions()
                _watch_late(made[0] if ago == 2 else made[2] if ago == 10 else None)
    assert number("SELECT COUNT(*) FROM videos_promotionshowing") < len(shown) / 2
    return shown


def _promotion(owner, clip, goal, days):
    return Promotion.objects.create(
        owner=owner,
        video=clip,
        goal=goal,
        daily_budget=40 + len(days),
        starts_on=TODAY - timedelta(days=max(days)),
        ends_on=TODAY - timedelta(days=min(days)),
        state="approved",
        approved_as=wording_of(clip),
    )


def _show(dice, ad, people, at, ago, nth=1):
    """Charged, mostly seen, sometimes watched; some go on to the profile and some of these follow."""
    first = 1 + PromotionShowing.objects.filter(promotion=ad, day=at.date()).count()
    PromotionShowing.objects.bulk_create(
        PromotionShowing(
            promotion=ad,
            person=person,
            day=at.date(),
            number=first + place,
            nth=1 + PromotionShowing.objects.filter(promotion=ad, person=person, day=at.date()).count(),
            slot=f"{ad.pk % 10_000} {ago} {nth}",
            at=at,
        )
        for place, person in enumerate(people)
    )
    events = []
    for place, person in enumerate(people):
        at_ms = int(at.timestamp() * 1000) - dice.randrange(3_000_000)
        facts = {"viewer": person.pk, "session": f"p{place}", "source": "promoted", "promotion": ad.pk}
        if place % 3 == 0:
            assert videos.visit_promotion(person, ad)
            seen = {"viewer": None, "session": f"p{place}", "source": "promoted"}
            events.append(counting.record(Event.Kind.PROFILE_VIEW, ad.owner_id, at_ms, **seen))
        if place % 8 == 7:
            continue  # handed out, never in sight
        of_clip = {"video": ad.video_id, **facts}
        events.append(counting.record(Event.Kind.IMPRESSION, ad.owner_id, at_ms, **of_clip))
        if place % 4:
            length = ad.video.duration_ms
            watched = dice.choice([900, 2500, length])
            events.append(counting.whole_viewing(ad.video_id, ad.owner_id, at_ms, watched, length, **facts))
        if place % 6 == 0:
            events.append(counting.record(Event.Kind.FOLLOW, ad.owner_id, at_ms, **of_clip))
    inbox.put([inbox.Item(list(one)) for one in events], now=at.timestamp())
    assert rollups.flush_batch(inbox.take()) >= len(events)


def _watch_late(ad):
    """What was shown yesterday is watched today, when the ad is shown no more."""
    if ad is None:
        return
    shown = PromotionShowing.objects.filter(promotion=ad).order_by("number")[:3]
    at_ms = int(timezone.now().timestamp() * 1000)
    facts = [
        {"viewer": one.person_id, "session": "late", "source": "promoted", "promotion": ad.pk}
        for one in shown
    ]
    events = [
        counting.whole_viewing(ad.video_id, ad.owner_id, at_ms, 2500, ad.video.duration_ms, **one)
        for one in facts
    ]
    events.append(counting.record(Event.Kind.FOLLOW, ad.owner_id, at_ms, video=ad.video_id, **facts[0]))
    inbox.put([inbox.Item(list(one)) for one in events], now=at_ms / 1000)
    assert rollups.flush_batch(inbox.take()) == len(events)


# --- The recount --------------------------------------------------------------------------------------------------


@page("analytics-promotions", days=DAYS, estimates=("reach",))
def promotions(world):
    start = TODAY - timedelta(days=DAYS - 1)
    ads = rows(
        "SELECT id, video_id, goal, daily_budget FROM videos_promotion WHERE owner_id = %s", world.erin.pk
    )
    days = {(ad, day) for ad, day, _visited in world.shown}
    now = [ad for ad in ads if any((ad[0], day) in days for day in since(start))]
    assert 0 < len(now) < len(ads)
    return {
        **both_periods(lambda first, last: brought(world, ads, first, last)),
        "promotions": {
            f"[{ad[0]}]": {
                **(sums := brought(world, [ad], start, TODAY)),
                "organic_results": sums[RESULTS[ad[2]][1]],
                "daily_budget": ad[3],
                "reach": reached(ad[0], start),
            }
            for ad in now
        },
    }


def since(first, last=TODAY):
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def brought(world, ads, first, last):
    """The figures of these promotions. What came without an ad is of the days on which one was shown, once a clip."""
    found = dict.fromkeys(
        (*(name for pair in RESULTS.values() for name in pair), "spent", "seen", "results"), 0
    )
    shown_on = {
        day for ad, day, _visited in world.shown if ad in {one[0] for one in ads} and first <= day <= last
    }
    # Not of a clip: once a day however many of them were shown.
    found["organic_visits"] = sum(other_visits(world, day) for day in shown_on)
    events = "SELECT COUNT(*) FROM analytics_event WHERE at >= %s AND at < %s AND"
    for ad, _clip, goal, _budget in ads:
        visits = [visited for one, on, visited in world.shown if one == ad and first <= on <= last]
        own = (*between(first, last), ad)
        figures = {
            "spent": len(visits),
            "visits": sum(visits),
            "seen": number(f"{events} promotion = %s AND kind = 2", *own),
            "promoted_views": number(f"{events} promotion = %s AND kind = 1 AND is_view", *own),
            "followers_won": number(f"{events} promotion = %s AND kind = 4", *own),
        }
        for name, figure in {**figures, "results": figures[RESULTS[goal][0]]}.items():
            found[name] += figure
    clips = {ad: clip for ad, clip, _goal, _budget in ads}
    for clip, day in {(clips[ad], on) for ad, on, _visited in world.shown if ad in clips and on in shown_on}:
        own = f"{events} video_id = %s AND promotion IS NULL"
        found["organic_views"] += number(f"{own} AND kind = 1 AND is_view", *between(day, day), clip)
        found["organic_followers"] += number(f"{own} AND kind = 4", *between(day, day), clip)
    return {**found, "cost": round(found["spent"] / found["results"]) if found["results"] else None}


def other_visits(world, day):
    """Looks at the profile that are no promotion's."""
    looks = number(
        "SELECT COUNT(*) FROM analytics_event WHERE creator_id = %s AND kind = 3 AND at >= %s AND at < %s",
        world.erin.pk,
        *between(day, day),
    )
    return max(0, looks - sum(visited for _ad, on, visited in world.shown if on == day))


def reached(ad, start):
    """How many different people had it in sight; of fewer than five nothing is told."""
    found = number(
        "SELECT COUNT(DISTINCT COALESCE(CAST(viewer_id AS text), session)) FROM analytics_event "
        "WHERE kind = 2 AND promotion = %s AND at >= %s AND at < %s",
        ad,
        *between(start, TODAY),
    )
    return found if found >= 5 else None
