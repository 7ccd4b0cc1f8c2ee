"""The dashboards in a browser: axe finds nothing on any of them, filled or empty, the curve's read-out shows the frame, the last
hour moves.

One site with the past of the demo's creators, and nia, who has a filmed clip and nobody who follows her. Sizes and themes change
on the same page. Pictures of all of them stay in artifacts/dashboards/.
"""

import re
import subprocess
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import imageio_ffmpeg
import pytest
from axe_playwright_python.sync_playwright import Axe

from analytics import urls
from tests.stack.running import embedded

pytestmark = pytest.mark.e2e
SIZES = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1440, "height": 900}}
LOOKS = [(size, theme) for size in SIZES for theme in ("light", "dark")]
CLIP = "/studio/videos/4001/"
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
LINE, CLIPS = "#figure .chart__peak", ".figures-table--clips tbody tr"
# Who looks at which pages, and what is only there when the page has something to show.
FILLED = {
    "alice": {
        "/studio/analytics/": (LINE, CLIPS),
        "/studio/analytics/content/": (CLIPS,),
        "/studio/analytics/followers/": (
            LINE,
            "#countries .bar__fill",
            "#languages .bar__fill",
            "#hours .heat--5",
            ".popular li",
        ),
        "/studio/analytics/follow-back/": ("#effects .interval",),
        "/studio/analytics/messages/": (LINE, "[aria-labelledby=announcements-heading] tbody tr"),
        "/studio/analytics/invites/": (LINE, "#channels .bar__fill", CLIPS),
        "/studio/analytics/live/": ("#minutes .chart__peak", CLIPS),
        "/people/": (".suggestion",),
        "/people/follow-back/": (".person-row--chosen",),
        "/people/tidy-up/": (".person-row--chosen",),
    },
    "brand": {
        "/studio/analytics/promotions/": (LINE, CLIPS),
        "/studio/promotions/": (".promotion-row",),
        "/studio/promotions/new/": (".promotion-clip",),
        "/settings/business/": ("[name=category]:checked",),
    },
    "mod": {"/admin/": (".site__figure--warm", "#site-chart-views .chart__peak")},
    "nia": {CLIP: (".retention__replay", LINE, "#sources .bar__fill", "#countries .bar__fill")},
}
EMPTY = {
    "/studio/analytics/followers/": (".empty",),
    "/studio/analytics/follow-back/": (".empty",),
    "/studio/analytics/messages/": ("text=No announcement went out in these days.",),
    "/studio/analytics/invites/": (".empty",),
    "/studio/analytics/promotions/": (".empty",),
    "/studio/promotions/": (".empty",),
    "/people/follow-back/": (".empty",),
    "/people/tidy-up/": (".empty",),
    "/studio/videos/4002/": (".empty",),  # nobody watched it
    "/studio/analytics/content/?q=nothing+like+it": (".empty",),
    # Other figures than the page begins with, and a long period with next to nothing in it.
    "/studio/analytics/content/?sort=views": (CLIPS,),
    "/studio/analytics/?days=365&metric=viewers": (LINE,),
}

# A clip of six seconds, each of another colour, with ten days of figures; a clip that nobody watched.
FIGURES = """
from datetime import timedelta
from pathlib import Path
from datasketches import hll_sketch, tgt_hll_type
from django.utils import timezone
from accounts.models import User
from analytics.models import *
from analytics.retention import pack
from videos import media
from videos.models import Rendition, Video
a = User.objects.create_user("nia", "nia@example.com", "demo-password")
now = timezone.now()
shown = {"state": "ready", "playlist": "master.m3u8", "duration_ms": 6000, "width": 180, "height": 320}
clip = Video.objects.create(pk=4001, author=a, caption="Six colours", published_at=now, **shown)
Video.objects.create(pk=4002, author=a, caption="Unseen", published_at=now, **shown)
Rendition.objects.create(video=clip, name="320.mp4", width=180, height=320, short_side=180, bitrate=90_000, size=1000)
media.put(media.key_of(clip.folder, "320.mp4"), Path(SOURCE))
own = {"video": clip, "creator": a}
for ago in range(10):
    day, many = now.date() - timedelta(days=ago), 60 - 4 * ago
    VideoDay.objects.create(**own, day=day, views=many, impressions=2 * many, watch_ms=9000 * many, likes=ago, skips=3)
    CreatorDay.objects.create(creator=a, day=day, views=many, impressions=2 * many, watch_ms=9000 * many, likes=ago)
    for source, part in (("for_you", 3), ("following", 4), ("search", 9)):
        SourceDay.objects.create(**own, day=day, source=source, views=many // part)
    for country, part in (("FR", 2), ("DE", 4), ("", 9)):
        CountryDay.objects.create(**own, day=day, country=country, views=many // part)
    reached = [many, many * 2 // 3, many // 2, many // 2, many // 3, many // 4]
    curves = {"reached": pack(reached), "replays": pack([0, 3, 0, 5, 0, 0]), "skips": pack([0] * 6)}
    RetentionDay.objects.create(**own, day=day, **curves)
    sketch = hll_sketch(14, tgt_hll_type.HLL_4)
    for person in range(ago, ago + 30):
        sketch.update(person)
    for kind, subject in ((1, clip.pk), (2, a.pk)):
        Sketch.objects.create(kind=kind, subject=subject, creator=a, day=day, registers=sketch.serialize_compact())
    Event.objects.create(
        kind=1, **own, session=f"s{ago}", watched_ms=3000, is_view=True, at=now - timedelta(minutes=4 * ago)
    )
EventBatch.objects.create(id="first", events=10)
"""

# What the demo makes, of the clips' files only covers: two creators with their followers, what they wrote, invited and promoted,
# the reports of it, and somebody who was reported to a moderator.
PAST = """
from tempfile import NamedTemporaryFile
from django.db import transaction
from django.utils import timezone
from PIL import Image
from accounts.models import User
from analytics import reports
from analytics.engagement import push_due
from analytics.models import Report
from privacy.actions import report
from socialapp.demo.business import seed_business
from socialapp.demo.cast import CROWD_SIZE
from socialapp.demo.catalogue import CLIPS, scene_of
from socialapp.demo.gatherings import seed_announcement
from socialapp.demo.growth import seed_growth
from socialapp.demo.invitations import seed_invitations
from socialapp.demo.letters import seed_fan_mail
from socialapp.demo.society import seed_people
from socialapp.demo.story import find
from tests.demo.past import make_past
with transaction.atomic():
    now = make_past(timezone.now(), ("alice", "brand"))
people = seed_people(now, crowd_size=CROWD_SIZE)
for clip in CLIPS:
    if clip.author in ("alice", "brand"):
        made = find(clip, people)
        with NamedTemporaryFile(suffix=".webp", delete=False) as file:
            Image.fromarray(next(scene_of(clip, 24))).save(file)
        media.put(media.key_of(made.folder, made.cover), Path(file.name))
for seed in (seed_fan_mail, seed_announcement, seed_invitations, seed_business, seed_growth):
    seed(people, now)
push_due()
for kind in Report.Kind:
    reports.want(people["alice"].pk, kind)
reports.make_due()
User.objects.create_user("mod", "mod@example.com", "demo-password", is_staff=True, is_superuser=True)
report(people["bob"], "person", people["dave"].pk, "spam")
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    footage = tmp_path_factory.mktemp("footage") / "six.mp4"
    colours = ["red", "green", "blue", "white", "purple", "orange"]
    inputs = [
        word for colour in colours for word in ("-f", "lavfi", "-i", f"color={colour}:s=180x320:r=10:d=1")
    ]
    joined = "".join(f"[{n}]" for n in range(6)) + "concat=n=6[v]"
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(),
        "-v",
        "error",
        *inputs,
        "-filter_complex",
        joined,
        "-map",
        "[v]",
    ]
    command += ["-g", "10", "-pix_fmt", "yuv420p", "-movflags", "+faststart", str(footage)]
    subprocess.run(command, check=True)
    with embedded(tmp_path_factory.mktemp("dashboards")) as site:
        site.manage("shell", "-c", f"SOURCE = {str(footage)!r}\n{FIGURES}{PAST}")
        yield site


@pytest.fixture(scope="module")
def enter(site, chromium):
    """The page of somebody who is logged in; one each."""
    contexts = {}

    def open_(name):
        if name not in contexts:
            contexts[name] = chromium.new_context(base_url=site.url, reduced_motion="reduce")
            page = contexts[name].new_page()
            page.goto("/accounts/login/")
            page.fill("input[name=login]", name)
            page.fill("input[name=password]", "demo-password")
            page.press("input[name=password]", "Enter")
            page.wait_for_url("**/")
        return contexts[name].pages[0]

    yield open_
    for context in contexts.values():
        context.close()


@pytest.fixture
def page(enter):
    page = enter("nia")
    page.set_viewport_size(SIZES["desktop"])
    page.emulate_media(color_scheme="light")
    return page


def problems(page, path, shown, looks, kept):
    """What is not there of what the page should show, what axe finds in each look, and what scrolls sideways."""
    page.set_viewport_size(SIZES[looks[0][0]])
    answer = page.goto(path)
    if answer.status != 200:
        return [f"{path}: {answer.status}"]
    found = [f"{path}: no {each}" for each in shown if page.locator(each).count() == 0]
    for size, theme in looks:
        page.set_viewport_size(SIZES[size])
        page.emulate_media(color_scheme=theme)
        if path == "/admin/":  # unfold asks for the theme when it starts
            page.reload()
        page.wait_for_timeout(120)
        name = f"{path.strip('/').replace('/', '-').translate(str.maketrans('?&=+', '----'))}.{size}.{theme}"
        page.screenshot(path=kept / f"{name}.png", full_page=True)
        fold(page, open_=True)
        whole = None if path != "/admin/" else ".site"  # what is around it is unfold's
        violations = Axe().run(page, context=whole).response["violations"]
        found += [f"{name}: {each['id']} at {each['nodes'][0]['target']}" for each in violations]
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found += [f"{name}: sideways by {wide} px"] if wide > 1 else []
        fold(page, open_=False)
    return found


def fold(page, *, open_):
    """Open or close the tables behind the charts and the definitions: of what is closed axe sees nothing."""
    page.evaluate(
        "open => document.querySelectorAll('.chart__table, .definitions').forEach((each) => { each.open = open; })",
        open_,
    )


@pytest.fixture
def kept(artefacts):
    folder = artefacts / "dashboards"
    folder.mkdir(exist_ok=True)
    return folder


def test_every_page_of_figures_is_looked_at():
    """Whoever added it."""
    there = {f"/{route.pattern}" for route in urls.urlpatterns if "<" not in str(route.pattern)}
    assert there - {path for pages in FILLED.values() for path in pages} == set()


@pytest.mark.parametrize("name", FILLED)
def test_axe_finds_nothing_on_a_filled_page_and_none_scrolls_sideways(enter, kept, name):
    page = enter(name)
    found = [
        each for path, shown in FILLED[name].items() for each in problems(page, path, shown, LOOKS, kept)
    ]
    assert not found, "\n".join(found)


def test_axe_finds_nothing_on_an_empty_page(page, kept):
    looks, kept = [("phone", "dark")], kept / "empty"
    kept.mkdir(exist_ok=True)
    found = [each for path, shown in EMPTY.items() for each in problems(page, path, shown, looks, kept)]
    assert not found, "\n".join(found)


def test_the_pointer_and_the_keys_show_each_second_and_its_frame(page):
    page.goto(CLIP)
    page.wait_for_function("() => document.querySelector('.retention__clip').readyState >= 2")
    plot = page.locator(".retention__plot")
    box = plot.bounding_box()
    for second, share in ((3, 3 / 5), (0, 0.02), (5, 0.98)):
        page.mouse.move(box["x"] + share * box["width"], box["y"] + box["height"] / 2)
        _frame_of(page, second)
    page.mouse.move(2, 2)
    plot.focus()
    page.keyboard.press("Home")
    _frame_of(page, 0)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    _frame_of(page, 2)
    assert plot.get_attribute("aria-valuetext").startswith("0:02: 5")
    page.keyboard.press("End")
    _frame_of(page, 5)
    page.get_by_role("button", name="Half are gone").click()
    assert page.locator(".retention__readout").is_visible()


def _frame_of(page, second):
    """The clip stands in that second, and what it paints is that second's colour."""
    page.wait_for_function(
        f"() => Math.floor(document.querySelector('.retention__clip').currentTime) === {second}"
    )
    page.wait_for_function("() => !document.querySelector('.retention__clip').seeking")
    colour = page.evaluate(
        """() => {
          const canvas = document.createElement("canvas");
          canvas.width = canvas.height = 1;
          const pen = canvas.getContext("2d");
          pen.drawImage(document.querySelector(".retention__clip"), 0, 0, 1, 1);
          return Array.from(pen.getImageData(0, 0, 1, 1).data.slice(0, 3));
        }"""
    )
    expected = [(255, 0, 0), (0, 128, 0), (0, 0, 255), (255, 255, 255), (128, 0, 128), (255, 165, 0)][second]
    assert all(abs(here - there) < 45 for here, there in zip(colour, expected, strict=True)), (second, colour)
    assert page.locator(".retention__readout span").first.inner_text() == f"0:0{second}"


def test_a_card_changes_the_chart_in_place_and_the_address_says_so(page):
    page.goto("/studio/analytics/")
    page.evaluate("window.same = true")
    page.get_by_role("link", name="Impressions").click()
    page.wait_for_function("() => document.querySelector('#chart-heading').textContent === 'Impressions'")
    assert page.evaluate("window.same")
    assert "metric=impressions" in page.url
    page.locator("#chart [data-plot]").focus()
    page.keyboard.press("End")
    assert "120" in page.locator("#chart [data-readout]").inner_text()


@pytest.mark.parametrize(
    ("zone", "said"), [("Asia/Kolkata", "India Standard Time"), ("America/Lima", "Peru Standard Time")]
)
def test_the_hours_of_followers_are_those_of_the_readers_zone(site, enter, chromium, zone, said):
    """Half an hour off, the hours stay whole and begin at half past. Without scripts they are UTC, which the page says."""
    known = {"base_url": site.url, "storage_state": enter("alice").context.storage_state()}
    plain = chromium.new_context(java_script_enabled=False, **known)
    utc = plain.new_page()
    utc.goto("/studio/analytics/followers/")
    assert "Hours are UTC." in utc.locator("#hours").inner_text()
    elsewhere = chromium.new_context(timezone_id=zone, locale="en-US", **known)
    there = elsewhere.new_page()
    there.goto("/studio/analytics/followers/")
    there.wait_for_selector("#hours [role=slider]")
    expected = {}
    for label, heat, followers in _hours(utc):
        day, hour = label.split(" – ")[0].split(", ")
        moment = datetime(2024, 1, 1 + DAYS.index(day), int(hour[:2]), tzinfo=UTC).astimezone(ZoneInfo(zone))
        expected[f"{moment:%A, %H:%M}"] = heat, followers
    shown = {label.split(" – ")[0]: (heat, followers) for label, heat, followers in _hours(there)}
    assert shown == expected
    assert len(set(shown.values())) > 4
    assert list(shown) == sorted(shown, key=lambda label: (DAYS.index(label.split(", ")[0]), label))
    table = there.locator("#hours tbody tr").evaluate_all(
        "rows => rows.map(row => Array.from(row.children, cell => cell.textContent))"
    )
    assert {f"{day}, {hour}": n for hour, *counts in table for day, n in zip(DAYS, counts, strict=True)} == {
        label: followers for label, (_heat, followers) in shown.items()
    }
    busiest = there.locator("#hours .chart__summary").inner_text()
    label, most = re.fullmatch(r"Busiest: (.+) – .+, with (\d+)\.", busiest).groups()
    assert shown[label][1] == most == max((n for _heat, n in shown.values()), key=int)
    assert f"Hours are yours: {said}." in there.locator("#hours").inner_text()
    updated = there.locator(".studio-bar time")
    moment = datetime.fromisoformat(updated.get_attribute("datetime")).astimezone(ZoneInfo(zone))
    assert updated.inner_text().replace("\u202f", " ") == f"{moment:%-I:%M %p}"
    for context in (plain, elsewhere):
        context.close()


def test_the_last_hours_minutes_are_those_of_the_readers_zone(site, enter, chromium):
    """Also of what came since the page was opened."""
    known = {"base_url": site.url, "storage_state": enter("alice").context.storage_state()}
    context = chromium.new_context(timezone_id="Asia/Kolkata", locale="en-US", **known)
    page = context.new_page()
    page.goto("/studio/analytics/live/")
    for _ in "opened", "refreshed":
        page.wait_for_selector("#minutes [role=slider]")
        shown = page.locator("live-figures").evaluate("""live => {
            const texts = (each) => Array.from(live.querySelectorAll(each), (one) => one.textContent.replaceAll("\u202f", " "));
            return {
                updated: [live.querySelector("time").dateTime, ...texts("time")],
                first: live.querySelector("chart-readout").dataset.firstMinute,
                minutes: texts("#minutes tbody th"),
                axis: texts("#minutes .chart__labels li"),
                said: texts("#minutes desc")[0],
                head: texts("#minutes thead th")[0],
            };
        }""")
        there = ZoneInfo("Asia/Kolkata")
        first = datetime.fromisoformat(shown["first"]).astimezone(there)
        minutes = [f"{first + timedelta(minutes=n):%-I:%M %p}" for n in range(60)]
        assert shown["minutes"] == minutes
        assert shown["axis"] == [minute for minute in minutes if minute in shown["axis"]]
        highest, lowest = re.findall(r"\d+:\d+ \wM", shown["said"])
        assert {highest, lowest} < set(minutes)
        assert shown["head"] == "Minute"
        updated, said = shown["updated"]
        assert said == f"{datetime.fromisoformat(updated).astimezone(there):%-I:%M:%S %p}"
        page.evaluate("document.querySelector('live-figures time').remove()")
        page.evaluate("document.querySelector('live-figures').refresh()")
        page.wait_for_selector("live-figures time")
    context.close()


def _hours(page):
    """(when, how warm, followers) of each cell, in the order of the grid."""
    return page.locator("#hours [data-mark]").evaluate_all(
        "marks => marks.map(mark => [mark.dataset.label, mark.getAttribute('class'), mark.dataset.value])"
    )


def test_the_last_hour_moves_while_somebody_watches(site, page, chromium):
    page.goto("/studio/analytics/live/")
    views = page.locator("[data-figure=views]")
    before = int(views.inner_text())
    context = chromium.new_context(base_url=site.url)
    visitor = context.new_page()
    visitor.goto("/@nia/video/4001/")
    visitor.wait_for_timeout(4000)
    visitor.goto("/explore/")  # the viewing ends and is told
    page.wait_for_function(
        f"() => Number(document.querySelector('[data-figure=views]').textContent) > {before}", timeout=45_000
    )
    context.close()
