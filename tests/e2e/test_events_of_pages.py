"""What pages tell analytics, in a real browser: viewings with their parts, impressions, looks, follows, skips, and a beacon that
got no answer and comes again from the next page under the same name."""

import json
import time

import pytest

from tests.stack.running import embedded
from tests.videos.clips import clip

pytestmark = pytest.mark.e2e

PEOPLE = """
import shutil
from accounts.models import User
from videos import actions, uploads
for name in ("alice", "bob"):
    User.objects.create_user(name, f"{name}@example.com", "demo-password")
alice = User.objects.get(username="alice")
for caption in ("One", "Two"):
    size = __import__("os").path.getsize({path!r})
    upload = actions.create_upload(alice, length=size, filename="clip.mp4")
    shutil.copyfile({path!r}, uploads.path_of(upload))
    actions.publish_video(alice, upload=actions.keep_upload(upload), caption=caption)
"""


def inside(site, code):
    printed = site.manage("shell", "-v", "0", "-c", f"import json\n{code}\nprint('@@@' + json.dumps(answer))")
    return json.loads(printed.rpartition("@@@")[2])


def wait_for(what, truth, seconds=30):
    end = time.monotonic() + seconds
    while not (found := truth()):
        assert time.monotonic() < end, f"{what} did not happen in {seconds} s"
        time.sleep(0.2)
    return found


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    path = str(clip("short.mp4", seconds=4))
    with embedded(tmp_path_factory.mktemp("events")) as site:
        site.manage("shell", "-v", "0", "-c", PEOPLE.replace("{path!r}", repr(path)))
        ready = "from videos.models import Video\nanswer = [v.get_absolute_url() for v in Video.objects.filter(state='ready')]"
        site.clips = wait_for("both clips", lambda: len(found := inside(site, ready)) == 2 and found, 240)
        yield site


class Told:
    """A page, and the beacons that it sent."""

    def __init__(self, page):
        self.page, self.beacons = page, []
        page.on("request", self.hear)

    def hear(self, request):
        if request.method == "POST" and request.url.endswith("/api/v1/events/"):
            self.beacons.append(request.post_data_json)

    def of(self, kind):
        return [event for beacon in self.beacons for event in beacon["events"] if event["kind"] == kind]

    def wait(self, kind, seconds=20):
        def heard():
            self.page.wait_for_timeout(200)
            return self.of(kind)

        return wait_for(f"an event of kind {kind}", heard, seconds)


@pytest.fixture
def told(site, chromium):
    context = chromium.new_context(base_url=site.url, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: "ransition" in str(error) or errors.append(str(error)))
    page.set_default_timeout(20_000)
    yield Told(page)
    context.close()
    assert errors == []


def test_a_visitor_of_the_feed_is_seen_watching_skipping_and_coming_past(told):
    page = told.page
    page.goto("/")
    wait_for(
        "the clip plays", lambda: page.evaluate("document.querySelector('.clip video').currentTime") > 2.3
    )
    page.keyboard.press("j")
    page.wait_for_timeout(700)
    page.keyboard.press("k")
    first = told.wait("view")[0]
    assert first["source"] == "for_you"
    assert first["watched_ms"] >= 2000
    assert sum(end - begin for begin, end in first["played"]) == pytest.approx(first["watched_ms"], abs=300)
    assert first["played"][0][0] < 300
    assert told.wait("impression")[0] | {"source": "for_you"} == told.of("impression")[0]
    beacon = told.beacons[0]
    assert beacon["v"] == 1
    assert beacon["visit"].startswith(page.evaluate("JSON.parse(sessionStorage.visit).token")[:16])
    assert len({one["batch"] for one in told.beacons}) == len(told.beacons)
    skipped = [event for event in told.of("view") if event.get("skipped")]
    assert all(event["watched_ms"] < 2000 for event in skipped)


def test_tiles_a_profile_and_a_follow_by_a_clip_are_told_with_their_places(told, site):
    page = told.page
    page.goto("/accounts/login/")
    page.fill("input[name=login]", "bob")
    page.fill("input[name=password]", "demo-password")
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/")
    page.goto("/@alice/")
    assert told.wait("profile")[0]["profile"] == "alice"
    seen = told.wait("impression")
    assert {event["source"] for event in seen if event["video"]} <= {"profile", "for_you"}
    assert any(event["source"] == "profile" for event in told.of("impression"))
    page.click("[data-tile]")
    page.wait_for_selector(".clip video")
    wait_for(
        "the clip plays", lambda: page.evaluate("document.querySelector('.clip video').currentTime") > 2.3
    )
    page.locator("follow-button[username=alice] button").first.click()
    follow = told.wait("follow")[0]
    assert (follow["follow"], follow["source"]) == ("alice", "profile")
    assert follow["video"] in page.url
    told.wait("view")  # while a clip plays it is told every ten seconds
    kinds = (
        "from analytics import rollups\nfrom analytics.models import Event\nrollups.flush()\n"
        "answer = list(Event.objects.filter(viewer__username='bob').order_by('kind').values_list('kind', flat=True).distinct())"
    )
    wait_for(
        "viewings, impressions and the follow were believed", lambda: {1, 2, 4} <= set(inside(site, kinds))
    )


def test_a_beacon_without_an_answer_comes_again_from_another_page_under_its_name(told):
    page = told.page
    page.route("**/api/v1/events/", lambda route: route.abort())
    page.goto("/")
    wait_for(
        "the clip plays", lambda: page.evaluate("document.querySelector('.clip video').currentTime") > 2.2
    )
    told.wait("view")
    page.goto("/accounts/login/")  # a page without clips
    lost = {beacon["batch"] for beacon in told.beacons}
    page.unroute("**/api/v1/events/")
    before = len(told.beacons)
    page.goto("/accounts/signup/")
    again = wait_for("a second try", lambda: page.wait_for_timeout(200) or told.beacons[before:])
    assert lost & {beacon["batch"] for beacon in again}
    wait_for("an answer", lambda: page.evaluate("sessionStorage.beacons") == "[]")
