"""What the demo shows of discovery: three challenges, what alice told her feed, first audiences, what rises, a trained model.

By the real actions, then dated back; each step runs once.
"""

import io
from datetime import datetime, timedelta

import numpy as np
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image

from privacy.rules import Audience
from videos import actions, training, trends
from videos.actions.watching import FIRST_AUDIENCE
from videos.models import Challenge, FirstAudience, Preference, Tag, Training, Video, Watch

from .canvas import ramp
from .catalogue import CLIPS
from .society import People
from .story import find

HOST = "brand"
# Title, tag, brief, rules, colours of the banner, days from now to the start and to the end, the example's slug.
CHALLENGES: tuple[tuple[str, str, str, str, tuple[str, ...], float, float, str], ...] = (
    (
        "Late glow",
        "lateglow",
        "Something that shines after dark: a lamp, a window, a whole city. Let it be the only light in the picture.",
        "One light source at least, none of them the sun.\nYour own picture and sound, or the library's.\n"
        "The three with the most likes get a lamp; we choose a fourth that we like best.",
        ("#0d0e12", "#3a1420", "#c93a17", "#ffb27a"),
        -8,
        9,
        "lava",
    ),
    (
        "The long look",
        "longlook",
        "One picture that rewards whoever stays. Nothing jumps, nothing cuts; the end meets the beginning.",
        "No cuts.\nA loop that closes.",
        ("#10231f", "#1d5c55", "#8fd0b4", "#f3ead2"),
        -26,
        -10,
        "galaxy",
    ),
    (
        "First snow",
        "firstsnow",
        "The first minute of winter where you live, or where you wish you lived.",
        "",
        ("#1b2a49", "#6f93c4", "#dfe8f2", "#fbfaf7"),
        6,
        20,
        "",
    ),
)
WINNERS = ("kaleidoscope", "spirals", "ridges")
# What alice told her feed: stance, and the tag or the author it is about.
TOLD = (("more", "tag", "paper"), ("more", "author", "mika.ito"), ("less", "tag", "techno"))


def seed_discovery(people: People, now: datetime) -> None:
    """Challenges, preferences and first audiences, then what the workers compute from all that: trends and the model."""
    videos = {clip.slug: video for clip in CLIPS if (video := find(clip, people)) is not None}
    if not Challenge.objects.exists():
        _challenges(people, videos, now)
    _told(people)
    _first_audiences(now)
    trends.compute(timezone.now())
    if not Training.objects.exists():
        training.run()


def _challenges(people: People, videos: dict[str, Video], now: datetime) -> None:
    host = people[HOST]
    for title, tag, brief, rules, colours, start, end, slug in CHALLENGES:
        row = actions.create_challenge(
            host,
            title=title,
            tag=tag,
            brief=brief,
            rules=rules,
            country="",
            starts_at=now + timedelta(days=max(start, 1)),
            ends_at=now + timedelta(days=max(end, 2)),
            example=videos.get(slug),
        )
        actions.set_banner(host, row, ContentFile(banner(colours), "banner.png"))
        actions.publish_challenge(host, row)
        starts, ends = now + timedelta(days=start), now + timedelta(days=end)
        Challenge.objects.filter(pk=row.pk).update(
            starts_at=starts, ends_at=ends, created_at=min(starts, now), published_at=min(starts, now)
        )
    ended = Challenge.objects.get(tag__name="longlook")
    for place, slug in enumerate(WINNERS, 1):
        if slug in videos:
            actions.mark_entry(host, ended, videos[slug].pk, "winner", place)


def banner(colours: tuple[str, ...], width: int = 1536, height: int = 512) -> bytes:
    """Slow waves of light in the challenge's colours. PNG."""
    x, y = np.meshgrid(np.linspace(0, 6, width), np.linspace(0, 2, height))
    field = np.sin(x + 1.4 * np.sin(1.3 * y + 0.4 * x)) * np.cos(2.1 * y - 0.6 * x) * 0.5 + 0.5
    table = ramp(colours, 1024)
    picture = Image.fromarray(table[(field * 1023).astype(int)].astype(np.uint8))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _told(people: People) -> None:
    alice = people["alice"]
    if Preference.objects.filter(person=alice).exists():
        return
    for stance, about, name in TOLD:
        if about == "author":
            actions.prefer(alice, stance, author=people[name])
        elif tag := Tag.objects.filter(name=name).first():
            actions.prefer(alice, stance, tag=tag)


def _first_audiences(now: datetime) -> None:
    """New clips go on from the people who met them; what is older than a fortnight had its audience."""
    if FirstAudience.objects.exists():
        return
    rows = []
    for video in Video.objects.filter(
        state=Video.State.READY, audience=Audience.PUBLIC, published_at__isnull=False
    ):
        shown = Watch.objects.filter(video=video).count()
        out = video.published_at or video.created_at
        old = out < now - timedelta(days=14)
        rows.append(
            FirstAudience(
                video=video,
                opened_at=out,
                shown=shown,
                pleased=0.6 * shown,
                done_at=now if old or shown >= FIRST_AUDIENCE else None,
            )
        )
    FirstAudience.objects.bulk_create(rows)
