"""axe finds nothing wrong on any page, in light and dark, on a phone and on a desktop."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.stack.running import embedded

pytestmark = pytest.mark.e2e
OPEN = (
    "/",
    "/explore/",
    "/@alice/",
    "/@alice/video/4001/",
    "/@bob/video/4002/",  # sensitive: covered
    "/sounds/4003/",
    "/tags/dusk/",  # nothing has it
    "/tags/harbour/",
    "/challenges/",
    "/challenges/?state=ended",
    "/challenges/at-sea/",
    "/challenges/at-sea/?tab=leaderboard",
    "/challenges/at-dawn/",  # ended, with a winner
    "/search/?q=harbour",
    "/search/?q=habrour",  # did you mean
    "/search/?q=harbour&type=tags",
    "/search/?q=sea&type=challenges",
    "/search/?q=bob&type=people",
    "/search/?q=waves&type=sounds",
    "/search/?q=zzzz",  # nothing found
    "/accounts/login/",
    "/accounts/signup/",
    "/nowhere/",
)
OWN = (
    "/explore/",
    "/following/",
    "/search/",
    "/challenges/at-sea/",
    "/upload/",
    "/studio/",
    "/studio/?state=failed",
    "/studio/videos/4001/edit/",
    "/studio/comments/",
    "/studio/comments/?state=hidden",
    "/@alice/?tab=saved",
    "/collections/4005/",
    "/studio/analytics/",
    "/studio/analytics/content/",
    "/studio/challenges/",
    "/studio/challenges/new/",
    "/studio/challenges/at-sea/",
    "/studio/challenges/at-sea/edit/",
    "/messages/",
    "/messages/new/",
    "/messages/requests/",
    "/messages/search/",
    "/messages/search/?q=hello",
    "/inbox/",
    "/follow-requests/",
    "/settings/profile/",
    "/settings/account/",
    "/settings/feed/",
    "/settings/messages/",
    "/settings/privacy/",
)
LOOKS = [("phone", "dark"), ("desktop", "light")]
SIZES = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1440, "height": 900}}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with embedded(tmp_path_factory.mktemp("accessible")) as site:
        site.manage("shell", "-c", PEOPLE)
        site.manage("shell", "-c", CLIPS)
        site.manage("shell", "-c", DISCOVERY)
        yield site


PEOPLE = (
    "from accounts.models import User; "
    "[User.objects.create_user(n, f'{n}@example.com', 'demo-password') for n in ('alice', 'bob')]; "
    "from messaging.actions import open_conversation, send_message; "
    "a, b = User.objects.get(username='alice'), User.objects.get(username='bob'); "
    "talk, _new = open_conversation(b, ['alice']); send_message(b, talk.pk, client_id='one', text='Hello')"
)

# Clips without files: pages show them all the same.
CLIPS = """
from django.utils import timezone
from accounts.models import User
from videos.models import Rendition, Sound, Video
a, b = (User.objects.get(username=name) for name in ("alice", "bob"))
wave = {"file": "s.m4a", "peaks": [9, 80, 40], "duration_ms": 4000}
sound = Sound.objects.create(pk=4003, title="Waves", owner=a, **wave)
shown = {"state": "ready", "playlist": "master.m3u8", "duration_ms": 4000, "width": 720, "height": 1280}
shown["published_at"] = timezone.now()
track = {"language": "en", "name": "c-en.vtt", "automatic": True}
one = Video.objects.create(
    pk=4001, author=a, sound=sound, caption="Harbour", is_ai_made=True, captions_tracks=[track], **shown
)
two = Video.objects.create(pk=4002, author=b, is_sensitive=True, remix_kind="duet", remix_of=one, **shown)
for clip in (one, two):
    Rendition.objects.create(
        video=clip, name="720.mp4", width=720, height=1280, short_side=720, bitrate=900_000, size=1000
    )
from videos.actions import collect, comment, hide_comment
from videos.models import Collection
comment(b, one, "Held for https://a.example/")
hide_comment(a, comment(b, one, "Hidden"))
collect(a, Collection.objects.create(pk=4005, owner=a, name="Evening light"), two)
Video.objects.create(author=a, state="draft")
Video.objects.create(author=a, state="failed", error_code="no_video")
"""


# What rises, two challenges (one over, with a winner), and what alice told her feed.
DISCOVERY = """
from datetime import timedelta
from django.utils import timezone
from accounts.models import User
from videos import actions, trends
from videos.models import Challenge, ChallengeMark, Rendition, Tag, Trend, Video
from videos.search import indexing
a, b = (User.objects.get(username=name) for name in ("alice", "bob"))
User.objects.filter(pk=a.pk).update(is_business=True)
a.is_business = True
now, harbour = timezone.now(), Tag.objects.create(name="harbour")
shown = {"state": "ready", "playlist": "master.m3u8", "duration_ms": 4000, "width": 720, "height": 1280}
entry = Video.objects.create(pk=4006, author=b, caption="Harbour at dusk #harbour", published_at=now, **shown)
Rendition.objects.create(
    video=entry, name="720.mp4", width=720, height=1280, short_side=720, bitrate=900_000, size=1000
)
entry.tags.add(harbour)
Video.objects.filter(pk=4006).update(sound=4003)
actions.like(a, entry)
said = {"host": a, "tag": harbour, "brief": "Film water.", "published_at": now, "example_id": 4001}
dates = {"starts_at": now - timedelta(days=1), "ends_at": now + timedelta(days=3)}
Challenge.objects.create(slug="at-sea", title="At sea", rules="No cuts.\\nNo music.", **said, **dates)
dates = {"starts_at": now - timedelta(days=3), "ends_at": now}
over = Challenge.objects.create(slug="at-dawn", title="At dawn", **said, **dates)
Video.objects.filter(pk=4006).update(published_at=now - timedelta(hours=1))
ChallengeMark.objects.create(challenge=over, video=entry, verdict="winner", place=1)
actions.prefer(a, "more", tag=harbour)
actions.prefer(a, "less", author=b)
trends.compute(now)
subjects = (("video", 4001), ("video", 4006), ("tag", harbour.pk), ("sound", 4003), ("challenge", over.pk))
for kind, subject in subjects:
    Trend.objects.get_or_create(kind=kind, country="", subject=subject, defaults={"score": 2, "people": 9})
while indexing.index_due():
    pass
"""


def problems(page, path):
    """What axe finds, a page that scrolls sideways, and one that is not there: of an error page axe finds nothing wrong."""
    answer = page.goto(path)
    if answer.status != (404 if path == "/nowhere/" else 200):
        return [f"{path}: {answer.status}"]
    page.wait_for_timeout(300)
    found = [
        f"{path}: {v['id']} at {v['nodes'][0]['target']}" for v in Axe().run(page).response["violations"]
    ]
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return found + ([f"{path}: scrolls sideways by {wide} px"] if wide > 1 else [])


@pytest.mark.parametrize(("size", "theme"), LOOKS)
def test_axe_finds_nothing(site, chromium, size, theme):
    context = chromium.new_context(
        base_url=site.url, viewport=SIZES[size], color_scheme=theme, reduced_motion="reduce"
    )
    page = context.new_page()
    found = [problem for path in OPEN for problem in problems(page, path)]
    page.goto("/accounts/login/")
    page.fill("input[name=login]", "alice")
    page.fill("input[name=password]", "demo-password")
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/")
    found += [problem for path in OWN for problem in problems(page, path)]
    context.close()
    assert found == []
