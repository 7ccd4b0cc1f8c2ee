"""What each figure means, written down once: the rule in code and the sentence that the dashboard shows beside it.

Nothing here reads or writes; rollups.py counts by these rules and the tests recount by them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Two seconds is past the swipe-through of a feed; half of a shorter clip, so that a one-second loop can be viewed at all.
VIEW_MS = 2_000
# Players stop a few frames early; 95 % of the clip is "to the end" for the person who watched it.
COMPLETION = 0.95
# The browser's idea of a clip's length and ours differ by a frame, an audio tail or a first rendition's rounding.
LENGTH_SLACK_MS, LENGTH_SLACK = 1_500, 0.15
# A viewing may run through the clip once per loop, once more for the pass under way, and once more for scrubbing back.
EXTRA_PASSES = 2
MAX_LOOPS = 1_000
# The same person, session and clip within this time is the same viewing: it goes on, and is not a second view.
REPLAY_WINDOW_S = 3_600
RAW_EVENTS_KEPT_DAYS = 30
ENGAGEMENT_KEPT_WEEKS = 60
# A visit is believed for a waking day; then the page fetches a new one.
VISIT_HOURS = 12
# Clips play at up to twice their speed, one at a time. The slack is what a page collects before its first beacon, and what
# an old client without a visit may bring along at once.
WATCH_PACE, WATCH_SLACK_MS = 2, 120_000
# Somebody who follows within this time of what the event says was led by it.
FOLLOW_FRESH_S = 600
RANGES = (7, 28, 60, 365)
LONGEST_RANGE = 366  # a leap year, first and last day included


def view_needs(duration_ms: int) -> int:
    """How many milliseconds of a clip must be watched before it counts as a view."""
    return max(1, min(VIEW_MS, -(-duration_ms // 2)))


def completion_needs(duration_ms: int) -> int:
    """How many milliseconds reach the end of a clip, when it did not loop."""
    return ceil(COMPLETION * duration_ms)


def is_view(watched_ms: int, duration_ms: int) -> bool:
    """Whether a viewing is long enough to count as a view."""
    return watched_ms >= view_needs(duration_ms)


def is_completion(watched_ms: int, duration_ms: int, loops: int) -> bool:
    """Whether a view reached the end of the clip."""
    return is_view(watched_ms, duration_ms) and (loops > 0 or watched_ms >= completion_needs(duration_ms))


def drop_reason(watched_ms: int, said_ms: int, loops: int, duration_ms: int) -> str | None:
    """Why a viewing is not believed, or None. `said_ms` is the player's length of the clip, `duration_ms` ours."""
    if duration_ms and abs(said_ms - duration_ms) > max(LENGTH_SLACK_MS, LENGTH_SLACK * duration_ms):
        return "length"
    if loops > MAX_LOOPS or watched_ms > (loops + EXTRA_PASSES) * (duration_ms or said_ms) + LENGTH_SLACK_MS:
        return "implausible"
    return None


def played_reason(watched_ms: int, played: Iterable[tuple[int, int]]) -> str | None:
    """Why the parts that were played do not fit the time that was watched, or None."""
    return "implausible" if sum(end - begin for begin, end in played) > watched_ms + LENGTH_SLACK_MS else None


Kind = Literal["count", "signed", "duration", "percent", "bytes"]


@dataclass(frozen=True)
class Metric:
    """One figure of the dashboards: its name in the API, its label, its unit and what it means."""

    name: str
    label: str | Promise
    meaning: str | Promise
    kind: Kind = "count"
    # Whether more is better; None for figures that are neither.
    rising_is_good: bool | None = True


_WATCHED = _("Watch time divided by views.")
_ENGAGED = _("Likes, comments, shares and saves for each hundred views.")

METRICS: tuple[Metric, ...] = (
    Metric(
        "views",
        _("Views"),
        _(
            "How often your clips were watched for at least 2 seconds, or half of a shorter clip. Watching again in the "
            "same visit counts once. Your own views do not count."
        ),
    ),
    Metric(
        "viewers",
        _("Unique viewers"),
        _(
            "How many different people watched, about: who comes back counts once in the period, people without an account "
            "once a visit. Counted without keeping names, within 2 %."
        ),
    ),
    Metric(
        "watch_ms",
        _("Watch time"),
        _(
            "How long people watched your clips in all, loops and short looks included. Your own time does not count."
        ),
        "duration",
    ),
    Metric("average_ms", _("Average watch time"), _WATCHED, "duration"),
    Metric("impressions", _("Impressions"), _("How often your clips came into sight, in a feed or a list.")),
    Metric(
        "profile_views",
        _("Profile views"),
        _("How often others opened your profile. The same visit counts once an hour."),
    ),
    Metric(
        "followers_new", _("New followers"), _("People who began to follow you, accepted requests included.")
    ),
    Metric(
        "followers_lost",
        _("Followers lost"),
        _("People who stopped following you, or whom you removed."),
        "count",
        False,
    ),
    Metric("followers_net", _("Net followers"), _("New followers less followers lost."), "signed"),
    Metric("likes", _("Likes"), _("Likes your clips received, less those taken back."), "signed"),
    Metric("comments", _("Comments"), _("Comments and replies on your clips, less those removed."), "signed"),
    Metric(
        "shares",
        _("Shares"),
        _("How often your clips were shared: by link, in a message or in another application."),
    ),
    Metric("saves", _("Saves"), _("How often your clips were saved, less those taken out again."), "signed"),
    Metric("engagement", _("Engagement rate"), _ENGAGED, "percent"),
)
OF_THE_ACCOUNT = {metric.name: metric for metric in METRICS}
VIDEO_METRICS: tuple[Metric, ...] = (
    OF_THE_ACCOUNT["views"],
    Metric(
        "viewers",
        _("Unique viewers"),
        _(
            "How many different people watched this clip, about: who comes back counts once in the period, people without "
            "an account once a visit. Counted without keeping names, within 2 %."
        ),
    ),
    Metric("impressions", _("Impressions"), _("How often this clip came into sight, in a feed or a list.")),
    Metric(
        "click_through",
        _("Watched when seen"),
        _("Views for each hundred impressions, at most a hundred: how many of those who saw it stayed."),
        "percent",
    ),
    Metric(
        "watch_ms",
        _("Watch time"),
        _("How long people watched this clip in all, loops and short looks included."),
        "duration",
    ),
    Metric("average_ms", _("Average watch time"), _WATCHED, "duration"),
    Metric(
        "completion",
        _("Completion rate"),
        _("Of a hundred views, how many reached the end (the last 5 % of the clip) at least once."),
        "percent",
    ),
    Metric(
        "skips",
        _("Skipped"),
        _("How often people went on to the next clip before it was a view."),
        "count",
        False,
    ),
    Metric("rewatches", _("Re-watches"), _("How often the clip began again after its end: loops.")),
    Metric("likes", _("Likes"), _("Likes this clip received, less those taken back."), "signed"),
    Metric("comments", _("Comments"), _("Comments and replies on this clip, less those removed."), "signed"),
    Metric(
        "shares",
        _("Shares"),
        _("How often this clip was shared: by link, in a message or in another application."),
    ),
    Metric("saves", _("Saves"), _("How often this clip was saved, less those taken out again."), "signed"),
    Metric(
        "followers_won",
        _("Followers won"),
        _("People who began to follow you beside this clip, or on your page when they came there from it."),
    ),
    Metric("engagement", _("Engagement rate"), _ENGAGED, "percent"),
)
OF_THE_CLIP = {metric.name: metric for metric in VIDEO_METRICS}
# What a list of clips shows and can be sorted by. Unique viewers are not among them: they cannot be summed.
CLIP_METRICS = tuple(metric for metric in VIDEO_METRICS if metric.name != "viewers")
# Of one second of a clip.
RETENTION_METRICS: tuple[Metric, ...] = (
    Metric(
        "watching",
        _("Still watching"),
        _("Of a hundred viewings that began with the clip's start, how many played this second."),
        "percent",
    ),
    Metric("reached", _("Viewings"), _("Viewings that played this second at least once.")),
    Metric("replays", _("Replays"), _("How often this second was played again within a viewing.")),
    Metric(
        "jumps", _("Jumped over"), _("How often people jumped forwards over this second."), "count", False
    ),
)
# Of the minute at hand and the sixty before it.
LIVE_METRICS: tuple[Metric, ...] = (
    Metric("views", _("Views"), _("Viewings of the last 60 minutes that were long enough to be a view.")),
    Metric("visits", _("Watching"), _("Different visits that watched something in the last 60 minutes.")),
    Metric("watch_ms", _("Watch time"), _("How long was watched in the last 60 minutes."), "duration"),
    Metric(
        "impressions", _("Impressions"), _("How often your clips came into sight in the last 60 minutes.")
    ),
)

# The followers page: how many there are now, growth as in the overview, and how many of the followers belong to a group.
AUDIENCE_METRICS: tuple[Metric, ...] = (
    Metric(
        "followers",
        _("Followers"),
        _("People who follow you at this moment. Deactivated accounts do not count."),
    ),
    *(metric for metric in METRICS if metric.name.startswith("followers_")),
)
PEOPLE = Metric(
    "people",
    _("Followers"),
    _(
        "Followers in the last 28 days. Groups of fewer than five people are not shown, nor what would tell their size."
    ),
    rising_is_good=None,
)
MESSAGE_METRICS: tuple[Metric, ...] = (
    Metric(
        "median_ms",
        _("Median time to answer"),
        _(
            "Half of your answers came sooner. Counted from the first message that waited to your first one after it."
        ),
        "duration",
        False,
    ),
    Metric("answers", _("Answers"), _("Your first messages after one or more of the other person's.")),
    Metric("answered", _("Conversations answered"), _("Conversations in which you answered at least once.")),
    Metric(
        "started", _("Conversations started"), _("Conversations of two that began with a message of yours.")
    ),
    Metric(
        "received", _("Conversations received"), _("Conversations of two that began with a message to you.")
    ),
)
# The follow-back report: figures a week of one follower, in the order they are shown.
FOLLOW_BACK_METRICS: tuple[Metric, ...] = (
    Metric("views", _("Clips watched"), _("Views of your clips by one follower in a week.")),
    Metric("minutes", _("Minutes watched"), _("Minutes of your clips that one follower watched in a week.")),
    Metric(
        "completions",
        _("Watched to the end"),
        _("Views by one follower in a week that reached the end of the clip."),
    ),
    Metric("reactions", _("Reactions"), _("Likes, comments and shares of one follower in a week.")),
    Metric(
        "retention",
        _("Weeks with a visit"),
        _("Of a hundred weeks, in how many a follower watched you at all."),
        "percent",
    ),
)
# Of the whole account, a week before the follow-backs and after.
AROUND_FOLLOW_BACKS = ("views", "followers_net", "engagement")
# Of invites to one's clips, by oneself and by others; each figure on the day on which it happened.
INVITE_METRICS: tuple[Metric, ...] = (
    Metric("sent", _("Invites made"), _("Links that were made for one person each, to one of your clips.")),
    Metric(
        "opened",
        _("Opened"),
        _("Links that were opened. Programs that look at links for a preview do not count."),
    ),
    Metric(
        "watched",
        _("Watched"),
        _("Links whose clip was watched on their page, for as long as a view takes."),
    ),
    Metric(
        "follows",
        _("Follows"),
        _("People who followed you by an invite. Those who took it back on its page do not count."),
    ),
)


PROMOTION_METRICS: tuple[Metric, ...] = (
    Metric(
        "spent",
        _("Impressions paid for"),
        _("How often a promoted clip was handed out with a page of For You: what is charged to its budget."),
        rising_is_good=None,
    ),
    Metric(
        "seen",
        _("Impressions seen"),
        _("How often half of a promoted clip was in sight for a second."),
    ),
    Metric(
        "promoted_views",
        _("Promoted views"),
        _("Views of your clips that began where they were shown as an ad."),
    ),
    Metric(
        "organic_views",
        _("Organic views"),
        _("All other views of the same clips on the same days."),
    ),
    Metric(
        "visits",
        _("Profile visits won"),
        _("How often somebody went from the ad to your profile; once each time it was shown to them."),
    ),
    Metric(
        "organic_visits",
        _("Organic profile visits"),
        _(
            "All other looks at your profile on the same days, wherever they came from: which clip led to them is not kept."
        ),
    ),
    Metric(
        "followers_won",
        _("Followers won"),
        _("People who began to follow you where one of your clips was shown as an ad."),
    ),
    Metric(
        "organic_followers",
        _("Organic followers"),
        _("People who began to follow you from the same clips on the same days, but not from the ad."),
    ),
    Metric(
        "results",
        _("Results"),
        _("What each promotion is for, added up: its promoted views, profile visits won or followers won."),
    ),
    Metric(
        "cost",
        _("Impressions a result"),
        _("Impressions paid for, divided by what each promotion is for: views, profile visits or followers."),
        rising_is_good=False,
    ),
)
# Of one promotion there is one kind of result, and what it is held against; of several these cannot be added up.
PROMOTION_LINE_METRICS: tuple[Metric, ...] = (
    *PROMOTION_METRICS,
    Metric(
        "organic_results",
        _("Organic results"),
        _(
            "What came without the ad on the days of a promotion, of the kind that it is for: organic views, profile visits or "
            "followers."
        ),
    ),
)


def ratio(part: float, whole: float) -> float | None:
    """`part` of `whole`; None when there is nothing to divide by. Never below zero (likes taken back of an older day)."""
    return round(max(part, 0) / whole, 6) if whole > 0 else None


def with_derived(sums: Mapping[str, Any]) -> dict[str, Any]:
    """The sums of one period or day with the figures that are computed from them."""
    figures = dict(sums)
    figures["engagement"] = ratio(
        sums["likes"] + sums["comments"] + sums["shares"] + sums["saves"], sums["views"]
    )
    if "followers_new" in sums:
        figures["followers_net"] = sums["followers_new"] - sums["followers_lost"]
    figures["average_ms"] = round(sums["watch_ms"] / sums["views"]) if sums["views"] else None
    if "skips" in sums:  # a clip's, not an account's
        figures["click_through"] = ratio(min(sums["views"], sums["impressions"]), sums["impressions"])
    if "completions" in sums:
        figures["completion"] = ratio(min(sums["completions"], sums["views"]), sums["views"])
    return figures
