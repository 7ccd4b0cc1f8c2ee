"""The order of the demo: people, then clips as they get drawn (the first six first), then what people say to each other
and what they make of each other's clips."""

from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from analytics import raw, reports
from analytics.engagement import push_due
from analytics.models import Report
from socialapp.checks import is_loopback
from socialapp.lib.partitions import ensure_days

from .business import seed_business
from .cast import CROWD_SIZE
from .catalogue import CLIPS
from .discovery import seed_discovery
from .gatherings import seed_announcement, seed_gatherings
from .growth import seed_growth
from .invitations import seed_invitations
from .letters import seed_conversations, seed_fan_mail, seed_notifications
from .queue import seed_queue
from .rendering import make_all
from .safety import seed_safety
from .society import seed_follows, seed_people
from .story import find, raw_since, seed_clip
from .workshop import seed_library, seed_workshop

QUICK_CLIPS, QUICK_SECONDS, QUICK_CROWD = 3, 1.0, 12
CLIPS_AHEAD = 2  # as many as are drawn before the tables and the web server are there
Progress = Callable[[int, int, str], None]


def refusal() -> str:
    """Why the demo's people must not be here; empty when they may. Their password is known to everybody."""
    if settings.DEMO == "0":
        return "DEMO=0 asks for a site without demo people. Unset it to have them."
    if settings.DEMO != "1" and not is_loopback(settings.HOST):
        return f"HOST={settings.HOST} is reached by others, and everybody knows the demo's password. DEMO=1 allows it."
    return ""


def draw_ahead(cache: Path | None) -> None:
    """Draw the first clips into the cache, in this process and without a database: some three seconds of a core each."""
    for _drawn in make_all(CLIPS[:CLIPS_AHEAD], cache or _cache(), workers=0):
        pass


def _cache() -> Path:
    return Path(settings.DATA_DIR / "demo-cache")


def seed(
    report: Progress,
    *,
    cache: Path | None = None,
    quick: bool = False,
    people_only: bool = False,
    workers: int | None = None,
) -> None:
    """Make the demo, or what is missing of it. Running it again changes nothing. `report` gets (done, of, what).

    `quick` is the form for tests: three clips of a second and a small crowd. What is drawn is kept in `cache`.
    """
    now = timezone.now()
    clips = CLIPS[:QUICK_CLIPS] if quick else CLIPS
    steps = 1 if people_only else len(clips) + 4
    report(0, steps, "people")
    people = seed_people(now, crowd_size=QUICK_CROWD) if quick else seed_people(now, crowd_size=CROWD_SIZE)
    seed_follows(people, now)
    report(1, steps, "people")
    if people_only:
        return
    missing = [clip for clip in clips if find(clip, people) is None]
    done = 1 + len(clips) - len(missing)
    drawn = make_all(
        missing,
        cache or _cache(),
        seconds=QUICK_SECONDS if quick else None,
        workers=workers,
    )
    ensure_days(raw.TABLE, raw_since(now).date(), now.date())
    for clip, folder in drawn:
        seed_clip(clip, folder, people, now)
        done += 1
        report(done, steps, f"clip {clip.slug} by {clip.author}")
    seed_fan_mail(people, now)
    seed_announcement(people, now)
    seed_conversations(people, now)
    seed_invitations(people, now)
    seed_notifications(people, now)
    report(steps - 2, steps, "conversations")
    seed_library(quick)
    seed_workshop(people, now)
    if not quick:  # these copy clips, which the quick form counts
        seed_gatherings(people, now)
        seed_queue(people, now)
        seed_safety(people, now)
        seed_discovery(people, now)
        seed_business(people, now)
    seed_growth(people, now)
    push_due()
    for kind in Report.Kind:
        reports.want(people["alice"].pk, kind)
    reports.make_due()
    report(steps, steps, "sounds and edits")
