"""What each figure of the whole site means, as its staff read it: those of a day, and those of now. As in definitions.py
nothing here reads; site_days.py and site.py count by these sentences.
"""

from django.utils.translation import gettext_lazy as _

from .definitions import Metric

ACTIVE = Metric(
    "active",
    _("Active people"),
    _(
        "Different people who were logged in and watched a clip, had one come into sight, opened a profile, followed or "
        "shared on that day, about: within 2 %. Visitors without an account do not count, nor people who did nothing but "
        "write or upload."
    ),
)
PLAYABLE = Metric(
    "playable_ms",
    _("Time until a clip plays, median"),
    _(
        "Of the clips that became playable on that day: half had waited this long or less, from the queue to the first quality "
        "that plays. Clips that were edited or tried again since are left out."
    ),
    "duration",
    False,
)
STORED = Metric(
    "bytes",
    _("Stored"),
    _(
        "Bytes as the rows of files say, counted anew every ten minutes. Covers, previews, sounds, pictures of profiles, copies "
        "with a watermark and captions are stored too; no row knows their size, so they are not in it."
    ),
    "bytes",
    None,
)
# Of a day, in the order of the charts and of the CSV's columns.
DAY_METRICS: tuple[Metric, ...] = (
    ACTIVE,
    Metric(
        "views",
        _("Views"),
        _(
            "How often clips were watched for at least 2 seconds, or half of a shorter clip. Creators' own views do not count."
        ),
    ),
    Metric(
        "uploads",
        _("Clips uploaded"),
        _("Clips that were begun on that day and still exist, drafts included."),
    ),
    Metric(
        "processed",
        _("Conversions ended"),
        _("Clips whose last conversion ended on that day, done or failed."),
        rising_is_good=None,
    ),
    Metric(
        "failed",
        _("Conversions failed"),
        _(
            "Clips whose last conversion ended on that day without success. One that is tried again leaves its day."
        ),
        rising_is_good=False,
    ),
    Metric(
        "failure_rate",
        _("Failure rate"),
        _("Of a hundred conversions that ended on that day, how many failed."),
        "percent",
        False,
    ),
    PLAYABLE,
    Metric(
        "playable_p95_ms",
        _("Time until a clip plays, 95th percentile"),
        _("The same for nineteen of twenty clips."),
        "duration",
        False,
    ),
    Metric(
        "ready_ms",
        _("Processing time, median"),
        _(
            "Of the conversions done on that day: half took this long or less, from the queue to the last quality and cover."
        ),
        "duration",
        False,
    ),
    Metric(
        "ready_p95_ms",
        _("Processing time, 95th percentile"),
        _("The same for nineteen of twenty conversions."),
        "duration",
        False,
    ),
    Metric(
        "cases",
        _("Cases opened"),
        _("Things that moderators had to look at from that day on: reported by people, or held by a rule."),
        rising_is_good=None,
    ),
    Metric(
        "decisions",
        _("Decisions"),
        _("What moderators decided on that day, dismissals and later undone ones included."),
        rising_is_good=None,
    ),
)
# Those that have a chart; the rest stand in the CSV and in the sentences.
DRAWN = tuple(metric for metric in DAY_METRICS if metric.name not in ("processed", "failed"))
# Of now: the moderators' queues, the queue of conversions, today.
NOW_METRICS: tuple[Metric, ...] = (
    Metric(
        "open_cases", _("Open cases"), _("What waits at the moderators' desk, with the age of the oldest.")
    ),
    Metric("held", _("Held"), _("Those of the open cases that a rule of the site made, not a report.")),
    Metric(
        "open_reports",
        _("Open reports"),
        _("Single reports that no moderator has decided about. A case has one or more."),
    ),
    Metric("appeals", _("Open appeals"), _("Answers to decisions that wait for another moderator.")),
    Metric("promotions", _("Promotions to approve"), _("Submitted promotions that wait for approval.")),
    Metric(
        "challenges",
        _("Sponsored challenges to approve"),
        _("Challenges with a sponsor that wait for approval."),
    ),
    Metric(
        "queued", _("Clips in the queue"), _("Clips whose file is here and that no worker has taken yet.")
    ),
    Metric("failed_now", _("Failed clips"), _("Clips that stand as failed now, of whatever day.")),
    Metric(
        "new", _("New today"), _("Accounts made, or clips begun, since midnight UTC; those that still exist.")
    ),
    Metric(
        "came",
        _("Logged in today"),
        _("People whose last log-in was today. Who stays logged in is not among them."),
    ),
    Metric(
        "visits_today",
        _("Visits today"),
        _(
            "Different visits with something watched or seen today, of people and of visitors without an account."
        ),
    ),
)
SITE_METRICS = (*DAY_METRICS, *NOW_METRICS, STORED)
