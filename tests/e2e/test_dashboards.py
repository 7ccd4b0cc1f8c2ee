"""The dashboards in a browser: axe finds nothing on any of them, the curve's read-out shows the frame, the last hour moves.

One site, one log-in; sizes and themes change on the same page. Pictures of all of them stay in artifacts/dashboards/.
"""

import subprocess

import imageio_ffmpeg
import pytest
from axe_playwright_python.sync_playwright import Axe

from analytics import urls
from tests.stack.running import embedded

pytestmark = pytest.mark.e2e
SIZES = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1440, "height": 900}}
CLIP = "/studio/videos/4001/"
# Every page of figures that there is, whoever added it, and those that an address changes.
PAGES = [
    *(f"/{route.pattern}" for route in urls.urlpatterns if "<" not in str(route.pattern)),
    CLIP,
    "/studio/videos/4002/",  # nobody watched it
    "/studio/analytics/?days=365&metric=viewers",
    "/studio/analytics/content/?sort=views",
    "/studio/analytics/content/?q=nothing+like+it",
]

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
a = User.objects.create_user("alice", "alice@example.com", "demo-password")
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
        site.manage("shell", "-c", f"SOURCE = {str(footage)!r}\n{FIGURES}")
        yield site


@pytest.fixture(scope="module")
def page(site, chromium):
    context = chromium.new_context(base_url=site.url, viewport=SIZES["desktop"], reduced_motion="reduce")
    page = context.new_page()
    page.goto("/accounts/login/")
    page.fill("input[name=login]", "alice")
    page.fill("input[name=password]", "demo-password")
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/")
    yield page
    context.close()


def test_axe_finds_nothing_on_any_dashboard_and_none_scrolls_sideways(page, artefacts):
    kept = artefacts / "dashboards"
    kept.mkdir(exist_ok=True)
    found = []
    for path in PAGES:
        answer = page.goto(path)
        if answer.status != 200:
            found.append(f"{path}: {answer.status}")
            continue
        for size, viewport in SIZES.items():
            page.set_viewport_size(viewport)
            for theme in ("light", "dark"):
                page.emulate_media(color_scheme=theme)
                page.wait_for_timeout(120)
                name = f"{path.strip('/').replace('/', '-').translate(str.maketrans('?&=+', '----'))}.{size}.{theme}"
                page.screenshot(path=kept / f"{name}.png")
                violations = Axe().run(page).response["violations"]
                found += [f"{name}: {each['id']} at {each['nodes'][0]['target']}" for each in violations]
                wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                found += [f"{name}: sideways by {wide} px"] if wide > 1 else []
    assert found == []


def test_the_pointer_and_the_keys_show_each_second_and_its_frame(page):
    page.set_viewport_size(SIZES["desktop"])
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


def test_the_last_hour_moves_while_somebody_watches(site, page, chromium):
    page.goto("/studio/analytics/live/")
    views = page.locator("[data-figure=views]")
    before = int(views.inner_text())
    context = chromium.new_context(base_url=site.url)
    visitor = context.new_page()
    visitor.goto("/@alice/video/4001/")
    visitor.wait_for_timeout(4000)
    visitor.goto("/explore/")  # the viewing ends and is told
    page.wait_for_function(
        f"() => Number(document.querySelector('[data-figure=views]').textContent) > {before}", timeout=45_000
    )
    context.close()
