"""Watching in a real browser: captions at their time, the cover of sensitive clips, what may be done with a clip, better
renditions that take over, a download that ends in a file, and both ways to play: MP4 and HLS."""

import json
import re
import time

import pytest
from playwright.sync_api import expect

from tests.stack.running import embedded
from tests.videos.clips import clip

pytestmark = pytest.mark.e2e
CUES = "WEBVTT\n\n00:00.500 --> 00:01.500\nFirst words\n\n00:02.000 --> 00:03.000\nSecond words\n"

PEOPLE = """
from accounts.models import User
for name in ("alice", "bob"):
    User.objects.create_user(name, f"{name}@example.com", "demo-password")
"""

PUBLISH = """
import shutil
from accounts.models import User
from videos import actions, uploads
alice = User.objects.get(username="alice")
for caption, path in {files!r}.items():
    size = __import__("os").path.getsize(path)
    upload = actions.create_upload(alice, length=size, filename="clip.mp4")
    shutil.copyfile(path, uploads.path_of(upload))
    actions.publish_video(alice, upload=actions.keep_upload(upload), caption=caption)
"""

# What every piece of code run inside the site begins with.
KNOWN = """
import json
from accounts.models import User
from videos import actions
from videos.models import Rendition, Transcode, Video
alice, bob = (User.objects.get(username=name) for name in ("alice", "bob"))
short, long = (Video.objects.filter(caption=caption).first() for caption in ("Short", "Long"))
"""


def inside(site, code):
    """Run code on the site's data; returns what it left in `answer`."""
    printed = site.manage(
        "shell", "-v", "0", "-c", f"{KNOWN}\nanswer = None\n{code}\nprint('@@@' + json.dumps(answer))"
    )
    return json.loads(printed.rpartition("@@@")[2])


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A site with two clips of alice's, made by its own worker: a short one, and a long one of three qualities."""
    files = {
        "Short": str(clip("short.mp4", seconds=4)),
        "Long": str(clip("long.mp4", size="720x1280", rate=15, seconds=17)),
    }
    with embedded(tmp_path_factory.mktemp("watching")) as site:
        site.manage("shell", "-v", "0", "-c", PEOPLE)
        site.manage("shell", "-v", "0", "-c", PUBLISH.format(files=files))
        wait_for(
            "both clips",
            lambda: inside(site, "answer = Video.objects.filter(state='ready').count()") == 2,
            180,
        )
        site.clips = inside(site, "answer = [[v.get_absolute_url(), str(v.pk)] for v in (short, long)]")
        yield site


def wait_for(what, truth, seconds=30):
    end = time.monotonic() + seconds
    while not truth():
        assert time.monotonic() < end, f"{what} did not happen in {seconds} s"
        time.sleep(0.3)


@pytest.fixture
def open_page(site, chromium):
    """`open_page("bob")` is a page of somebody who is logged in; without a name, of a visitor. Its errors fail the test."""
    contexts, errors = [], []

    def make(name="", script="", **options):
        context = chromium.new_context(
            base_url=site.url, viewport={"width": 1280, "height": 900}, accept_downloads=True, **options
        )
        contexts.append(context)
        if script:
            context.add_init_script(script)
        page = context.new_page()
        page.set_default_timeout(20_000)
        # A view transition that the next page interrupts says so; it is no error of ours.
        page.on("pageerror", lambda error: "ransition" in str(error) or errors.append(str(error)))
        if name:
            page.goto("/accounts/login/")
            page.fill("input[name=login]", name)
            page.fill("input[name=password]", "demo-password")
            page.press("input[name=password]", "Enter")
            page.wait_for_url("**/")
        return page

    yield make
    for context in contexts:
        context.close()
    assert errors == []


VIDEO = "document.querySelector('.clip video')"


def hold(page, at):
    """Stop the clip at a moment."""
    page.evaluate(f"{VIDEO}.pause(), {VIDEO}.currentTime = {at}")


def playing(page, name="video"):
    """Whether the first clip's time moves and its picture is there."""
    first = page.evaluate(f"{VIDEO}.currentTime")
    page.wait_for_timeout(400)
    return page.evaluate(f"{VIDEO}.currentTime") != first and page.evaluate(f"{VIDEO}.videoWidth") > 0


def test_captions_show_at_their_time_above_the_text_and_stay_off_once_turned_off(site, open_page):
    inside(site, f"actions.set_captions(alice, short, 'en', {CUES!r})")
    page = open_page("bob")
    page.goto(site.clips[0][0])
    line = page.locator(".clip__cues").first
    hold(page, 1.0)
    expect(line).to_have_text("First words")
    assert (
        line.bounding_box()["y"] + line.bounding_box()["height"]
        <= page.locator(".clip__who").first.bounding_box()["y"]
    )
    hold(page, 1.75)
    expect(line).to_be_hidden()
    hold(page, 2.5)
    expect(line).to_have_text("Second words")
    page.keyboard.press("c")
    expect(line).to_be_hidden()
    page.reload()
    hold(page, 2.5)
    page.wait_for_timeout(500)
    expect(line).to_be_hidden()
    page.click(".clip [data-act=options]")
    page.select_option("#captions", "en")
    page.keyboard.press("Escape")
    expect(line).to_have_text("Second words")


def test_a_sensitive_clip_loads_nothing_until_it_is_asked_for(site, open_page):
    inside(site, "Video.objects.filter(pk=short.pk).update(is_sensitive=True)")
    try:
        for name in ("", "bob"):
            page = open_page(name)
            fetched = []
            page.on("request", lambda request, fetched=fetched: fetched.append(request.url))
            page.goto(site.clips[0][0])
            expect(page.locator(".clip__veil").first).to_be_visible()
            page.wait_for_timeout(700)
            assert page.evaluate(f"{VIDEO}.getAttribute('src')") is None
            assert not [url for url in fetched if ".mp4" in url]
            page.click("[data-act=unveil]")
            expect(page.locator(".clip__veil").first).to_be_hidden()
            wait_for("the clip playing", lambda page=page: playing(page), 15)
        author = open_page("alice")
        author.goto(site.clips[0][0])
        expect(author.locator(".clip__veil")).to_have_count(0)
    finally:
        inside(site, "Video.objects.filter(pk=short.pk).update(is_sensitive=False)")


def offered(page, site):
    page.goto(site.clips[0][0])
    page.click(".clip [data-act=options]")
    page.wait_for_selector("dialog[open]")
    return page.locator("dialog[open] .choices--pairs .nav-item").all_inner_texts()


def test_duet_stitch_and_download_are_offered_only_to_whom_the_author_lets(site, open_page):
    page, visitor = open_page("bob"), open_page()
    found = offered(page, site)
    assert {"Duet", "Stitch", "Download"} <= set(found)
    duet = page.locator("dialog[open] a", has_text="Duet")
    assert duet.get_attribute("href") == f"/upload/?duet={site.clips[0][1]}"
    inside(site, "actions.update_video(alice, short, duet='nobody', stitch='friends', download='nobody')")
    try:
        assert not {"Duet", "Stitch", "Download"} & set(offered(page, site))
        assert offered(visitor, site) == []
        assert {"Duet", "Stitch", "Download"} <= set(offered(open_page("alice"), site))
    finally:
        inside(
            site,
            "actions.update_video(alice, short, duet='everyone', stitch='everyone', download='everyone')",
        )


# Notes every frame in which no painted picture stands on the stage, and how far the clip's time jumps.
WATCHMAN = """
window.gaps = 0; window.jump = 0; let before = null;
const look = () => {
  const all = [...document.querySelectorAll(".clip:first-child video")];
  const shown = all.filter((video) => video.readyState >= 2 && video.getAttribute("src"));
  if (!shown.length) window.gaps += 1;
  const now = document.querySelector(".clip:first-child video:last-of-type").currentTime;
  const step = before === null ? 0 : now - before;
  if (step > -5) window.jump = Math.max(window.jump, Math.abs(step)); // a loop is no jump
  before = now;
  requestAnimationFrame(look);
};
look();
"""


def test_the_player_moves_up_to_a_better_rendition_without_a_gap(site, open_page):
    names = inside(site, "answer = sorted(long.renditions.values_list('name', flat=True))")
    assert names == ["360.mp4", "480.mp4", "720.mp4"]
    kept = inside(
        site,
        "better = long.renditions.exclude(short_side=360)\n"
        "answer = [{k: v for k, v in row.items() if k not in ('id', 'created_at')} for row in better.values()]\n"
        "better.delete()\nVideo.objects.filter(pk=long.pk).update(state='processing')",
    )
    try:
        page = open_page("bob", "localStorage.setItem('prefs', JSON.stringify({quality: 'high'}))")
        page.goto(site.clips[1][0])
        wait_for("the clip playing", lambda: playing(page), 15)
        assert "/360.mp4" in page.evaluate(f"{VIDEO}.src")
        page.evaluate(WATCHMAN)
    finally:
        inside(
            site,
            f"[Rendition.objects.create(**row) for row in json.loads({json.dumps(kept)!r})]\n"
            "Video.objects.filter(pk=long.pk).update(state='ready')",
        )
    wait_for("the better rendition", lambda: "/720.mp4" in page.evaluate(f"{VIDEO}.src"), 30)
    wait_for("the clip playing on", lambda: playing(page), 5)
    assert page.locator(".clip:first-child video").count() == 1
    assert page.evaluate("window.gaps") == 0
    assert page.evaluate("window.jump") < 0.6, "the clip jumped when the rendition changed"


def test_a_download_ends_in_a_file(site, open_page):
    page = open_page("bob")
    page.goto(site.clips[0][0])
    page.click(".clip [data-act=options]")
    with page.expect_download(timeout=90_000) as download:
        page.click("dialog[open] button:has-text('Download')")
    data = download.value.path().read_bytes()
    assert data[4:8] == b"ftyp"
    assert len(data) > 10_000
    assert download.value.suggested_filename == f"alice-{site.clips[0][1]}.mp4"


def test_a_finished_clip_plays_by_mp4_and_by_hls(site, open_page):
    page = open_page("bob")
    page.goto(site.clips[1][0])
    wait_for("MP4", lambda: playing(page), 15)
    assert re.search(r"\.mp4$", page.evaluate(f"{VIDEO}.currentSrc"))
    # A browser that plays HLS by itself and says nothing of its network, as Safari is.
    page = open_page(
        "bob", "Object.defineProperty(Navigator.prototype, 'connection', { get: () => undefined })"
    )
    page.goto(site.clips[1][0])
    page.wait_for_selector(".clip:nth-of-type(2)")
    page.keyboard.press("j")  # the first clip of a page begins with the file that the server chose
    page.wait_for_timeout(1200)
    page.keyboard.press("k")
    wait_for("HLS", lambda: ".m3u8" in page.evaluate(f"{VIDEO}.currentSrc"), 10)
    wait_for("HLS playing", lambda: playing(page), 20)


def test_captions_are_written_beside_the_clip_and_by_keys(site, open_page):
    page = open_page("alice")
    page.goto(f"/studio/videos/{site.clips[1][1]}/edit/")
    page.click("#captions > summary")
    page.select_option("#captions-language", "en")
    page.click("#captions button:has-text('Write in this language')")
    page.evaluate("document.getElementById('clip').currentTime = 2")
    page.wait_for_timeout(300)
    page.click("#captions [data-do=add]")
    page.keyboard.type("Hello there")
    page.evaluate("document.getElementById('clip').currentTime = 3")
    page.wait_for_timeout(300)
    page.keyboard.press("Alt+s")
    expect(page.locator(".cue")).to_have_count(2)
    expect(page.locator("#cues")).to_have_text("there")
    page.click("#captions [data-do=save]")
    expect(page.locator("captions-editor [data-part=status]")).to_have_text("Saved.")
    written = inside(site, "answer = list(long.captions.values_list('language', 'vtt'))")
    assert [language for language, _vtt in written] == ["en"]
    assert "00:00:02.000 --> 00:00:03.000\nHello" in written[0][1]
    assert "00:00:03.000 --> 00:00:04.000\nthere" in written[0][1]


def test_a_cover_is_chosen_from_the_frames(site, open_page):
    page = open_page("alice")
    page.goto(f"/studio/videos/{site.clips[0][1]}/edit/")
    page.click("#cover > summary")
    slider = page.locator("cover-picker input[type=range]")
    expect(slider).to_be_enabled()
    slider.fill("1.5")
    page.click("cover-picker [data-part=save]")
    expect(page.locator("cover-picker [data-part=status]")).to_contain_text("new cover")
    wait_for(
        "the cover",
        lambda: inside(site, "answer = [short.edit.get('cover_at'), short.transcode.state]") == [1.5, "done"],
        60,
    )


def test_a_tile_moves_only_under_the_pointer_and_never_for_calm_people(site, open_page):
    page, calm = open_page(), open_page(reduced_motion="reduce")
    fetched = []
    for one in (page, calm):
        one.on("request", lambda request: fetched.append(request.url))
        one.goto("/@alice/")
        one.wait_for_timeout(500)
    assert not [url for url in fetched if "preview" in url or ".mp4" in url]
    calm.hover(".tile")
    calm.wait_for_timeout(900)
    expect(calm.locator(".tile__moving")).to_have_count(0)
    page.hover(".tile")
    expect(page.locator("img.tile__moving")).to_have_attribute("src", re.compile(r"/preview[^/]*\.webp$"))
    page.mouse.move(5, 5)
    expect(page.locator(".tile__moving")).to_have_count(0)


def test_the_studio_schedules_publishes_and_gives_time_to_change_ones_mind(site, open_page):
    made = "Video.objects.create(author=alice, state='draft', caption='Later')"
    inside(site, f"Transcode.objects.create(video={made}, state='done', percent=100, stage='done')")
    page = open_page("alice")
    page.goto("/studio/?state=draft")
    row = page.locator("[data-row]", has_text="Later")
    row.locator("[data-do=schedule]").click()
    page.fill("dialog[open] input", time.strftime("%Y-%m-%dT%H:%M", time.localtime(time.time() + 86_400)))
    page.click("dialog[open] .button--primary")
    expect(row.locator("[data-field=state]")).to_have_text("Scheduled")
    row.locator("[data-do=publish]").click()
    expect(row.locator("[data-field=state]")).to_have_text("Live")
    row.locator("[data-do=delete]").click()
    page.click("dialog[open] .button--danger")
    expect(row).to_be_hidden()
    page.click("#toasts button:has-text('Undo')")
    expect(row).to_be_visible()
    page.wait_for_timeout(7000)
    assert inside(site, "answer = Video.objects.filter(caption='Later').count()") == 1
