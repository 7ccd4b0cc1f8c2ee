"""Steering one's feed in a real browser: not interested, more like this, why this, start over and newest first change what comes
next, in sight and at once."""

import json

import pytest
from playwright.sync_api import expect

from tests.stack.running import embedded

pytestmark = pytest.mark.e2e

# Forty clips by eight people on four topics, so that any page holds some of each. The older ones are the better liked, so
# that what is chosen is not what is newest.
WORLD = """
from datetime import timedelta
from django.utils import timezone
from accounts.models import User
from tests.makers import video
from videos.hashtags import apply_tags
from videos.models import Sound
make = lambda n: User.objects.create_user(n, f"{n}@example.com", "demo-password")
for name in ("anna", "bob", "cleo", "dora", "emil"):
    make(name)
people = [make(f"maker{n}") for n in range(8)]
now = timezone.now()
for n in range(40):
    topic = ("sea", "food", "chess", "piano")[n % 4]
    published = now - timedelta(hours=3 * n)
    clip = video(people[n % 8], caption=f"Clip {n} #{topic}", published_at=published, duration_ms=8000, score=n / 10)
    apply_tags(clip)
"""


# What every piece of code run inside the site begins with.
KNOWN = """
import json
from accounts.models import User
from videos import actions
from videos.models import Preference, Video
answer = None
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with embedded(tmp_path_factory.mktemp("control")) as site:
        site.manage("shell", "-c", WORLD)
        yield site


def inside(site, code):
    """Run code on the site's data; returns what it left in `answer`."""
    printed = site.manage("shell", "-v", "0", "-c", f"{KNOWN}\n{code}\nprint('@@@' + json.dumps(answer))")
    return json.loads(printed.rpartition("@@@")[2])


@pytest.fixture
def open_feed(site, chromium):
    """`open_feed("bob")` is the feed of somebody who is logged in. Errors of the page fail the test."""
    contexts, errors = [], []

    def make(name, width=1280):
        context = chromium.new_context(
            base_url=site.url, viewport={"width": width, "height": 844}, reduced_motion="reduce"
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: "ransition" in str(error) or errors.append(str(error)))
        page.goto("/accounts/login/")
        page.fill("input[name=login]", name)
        page.fill("input[name=password]", "demo-password")
        page.press("input[name=password]", "Enter")
        page.wait_for_url("**/")
        expect(page.locator(".clip")).to_have_count(20)
        return page

    yield make
    for context in contexts:
        context.close()
    assert errors == []


def clips(page):
    """(id, tag, author) of every clip on the page, in order."""
    return page.evaluate(
        "[...document.querySelectorAll('.clip')].map(c => [c.dataset.clip, c.dataset.tags, c.dataset.author])"
    )


def current(page):
    return page.evaluate("globalThis.feed.currentArticle.dataset.clip")


def choose(page, *names):
    """Open the current clip's options and press one after the other."""
    clip = page.locator(f"[data-clip='{current(page)}']")
    clip.locator("[data-act=options]").click()
    for name in names:
        page.locator("dialog[open]").get_by_role("button", name=name, exact=True).click()


def scroll_on(page, most=30):
    """To the end, so that further pages come."""
    for _ in range(most):
        before = current(page)
        page.keyboard.press("j")
        page.wait_for_timeout(120)
        if current(page) == before:
            break


def test_a_clip_one_is_not_interested_in_leaves_at_once_and_comes_back_with_undo(site, open_feed):
    page = open_feed("anna")
    (gone, *_), (follows, *_) = clips(page)[:2]
    choose(page, "Not interested", "Not this clip")
    expect(page.locator(f"[data-clip='{gone}']")).to_have_count(0)
    expect(page.locator("#toasts")).to_contain_text("This clip does not come again.")
    assert current(page) == follows
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator(f"[data-clip='{gone}']")).to_be_in_viewport()
    page.wait_for_function(f"globalThis.feed.currentArticle.dataset.clip === '{gone}'")
    assert inside(site, "answer = Preference.objects.filter(person__username='anna').count()") == 0


def test_a_topic_one_is_not_interested_in_leaves_the_page_and_all_that_follow(site, open_feed):
    page = open_feed("bob")
    tag = clips(page)[0][1]
    assert tag in [row[1] for row in clips(page)[1:]]
    choose(page, "Not interested", f"Nothing of #{tag}")
    expect(page.locator(f".clip[data-tags='{tag}']")).to_have_count(0)
    scroll_on(page)
    found = clips(page)
    assert len(found) >= 25, "the next page came"
    assert tag not in [row[1] for row in found]
    page.goto("/")
    assert tag not in [row[1] for row in clips(page)]


def test_everything_by_an_author_leaves_at_once(open_feed):
    page = open_feed("bob")
    author = clips(page)[0][2]
    choose(page, "Not interested", f"Nothing by @{author}")
    expect(page.locator(f".clip[data-author='{author}']")).to_have_count(0)
    page.goto("/")
    assert author not in [row[2] for row in clips(page)]


def test_more_like_this_brings_more_of_it_next(site, open_feed):
    page = open_feed("cleo")
    before = clips(page)
    tag = before[0][1]
    had = sum(row[1] == tag for row in before[1:11])
    with page.expect_response(lambda answer: "shown=" in answer.url):
        choose(page, "More like this")
    expect(page.locator("#toasts")).to_contain_text("More like this comes next.")
    after = clips(page)
    assert after[0] == before[0], "the clip in sight stays"
    assert [row[0] for row in after[1:]] != [row[0] for row in before[1:]]
    assert len({row[0] for row in after}) == len(after), "and nothing comes twice"
    assert sum(row[1] == tag for row in after[1:11]) >= had
    choose(page, "Why you see this clip")
    with page.expect_response(lambda answer: "shown=" in answer.url):
        page.locator("dialog[open]").get_by_role("button", name=f"Less: #{tag}").click()
    expect(page.locator("#toasts")).to_contain_text(f"Less of #{tag} from here on.")


def test_why_this_gives_reasons_and_leads_to_all_the_feed_goes_by(open_feed):
    page = open_feed("dora")
    choose(page, "Why you see this clip")
    box = page.locator("dialog[open]")
    expect(box.get_by_role("heading", name="Why you see this clip")).to_be_visible()
    assert box.locator(".why").first.locator("li").count() >= 1
    expect(box.get_by_text("This clip", exact=True)).to_be_visible()
    box.get_by_role("link", name="Everything your feed goes by").click()
    page.wait_for_url("**/settings/feed/")


def test_newest_first_and_back(open_feed):
    page = open_feed("dora")
    page.locator(".feed-steps [data-order]").click()
    page.get_by_role("menuitem", name="Newest first").click()
    page.wait_for_selector(".feed-steps [data-order=newest]")
    captions = page.locator(".clip__caption").all_inner_texts()[:12]
    assert [int(text.split()[1]) for text in captions] == list(range(12))
    page.locator(".feed-steps [data-order]").click()
    page.get_by_role("menuitem", name="Chosen for you").click()
    page.wait_for_selector(".feed-steps [data-order=chosen]")
    captions = page.locator(".clip__caption").all_inner_texts()[:12]
    assert [int(text.split()[1]) for text in captions] != list(range(12))


def test_the_page_of_ones_feed_takes_words_and_starts_over(site, open_feed):
    page = open_feed("emil")
    inside(
        site,
        "emil = User.objects.get(username='emil')\n"
        "for clip in Video.objects.filter(tags__name='chess')[:4]: actions.like(emil, clip)",
    )
    page.goto("/settings/feed/")
    belief = page.locator(".belief[data-subject=chess]")
    expect(belief).to_contain_text("You liked or saved 4 clips.")
    less = belief.get_by_role("button", name="Less of #chess")
    less.click()
    expect(less).to_have_attribute("aria-pressed", "true")
    expect(less).to_be_focused()
    expect(belief).to_contain_text("Rather not")
    expect(page.locator(".said")).to_contain_text("Less of #chess")
    page.get_by_role("button", name="Take back: Less of #chess").click()
    expect(page.locator(".said")).to_have_count(0)
    expect(less).to_have_attribute("aria-pressed", "false")
    page.get_by_role("button", name="Start over", exact=True).click()
    page.locator("dialog[open]").get_by_role("button", name="Start over").click()
    expect(page.locator("#toasts")).to_contain_text("Your feed starts over.")
    expect(page.locator(".belief")).to_have_count(0)
    expect(page.get_by_text("Watch five clips")).to_be_visible()


def test_without_ones_history_nothing_is_believed(site, open_feed):
    page = open_feed("emil")
    inside(
        site, "actions.like(User.objects.get(username='emil'), Video.objects.filter(tags__name='piano')[0])"
    )
    page.goto("/settings/feed/")
    expect(page.locator(".belief[data-subject=piano]")).to_be_visible()
    page.get_by_label("Use what I watch and like").uncheck()
    expect(page.locator(".belief")).to_have_count(0)
    page.reload()
    expect(page.get_by_label("Use what I watch and like")).not_to_be_checked()
