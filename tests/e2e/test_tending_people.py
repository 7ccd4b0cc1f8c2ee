"""One's people by hand: a picture is cropped by dragging, a follower is removed and brought back, requests are answered many
at once, interests are chosen, and lists of those shut out are changed in bulk."""

import io

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.stack.running import embedded

pytestmark = pytest.mark.e2e

WORLD = """
from accounts.actions import follow
from accounts.models import User
from privacy.actions import update_privacy
make = lambda n: User.objects.create_user(n, f"{n}@example.com", "demo-password")
a, b = make("alice"), make("bob")
follow(b, a)
update_privacy(a, is_private=True)
for n in range(4):
    follow(make(f"asks{n}"), a)
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with embedded(tmp_path_factory.mktemp("tending")) as site:
        site.manage("shell", "-c", WORLD)
        yield site


@pytest.fixture
def page(site, chromium):
    context = chromium.new_context(base_url=site.url, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.problems = []
    # Leaving a page while it fades in aborts the fade, which Chromium reports as an error of the page.
    page.on("pageerror", lambda error: "Transition" in str(error) or page.problems.append(str(error)))
    page.on("console", lambda said: said.type == "error" and page.problems.append(said.text))
    page.set_default_timeout(20_000)
    page.goto("/accounts/login/")
    page.fill("input[name=login]", "alice")
    page.fill("input[name=password]", "demo-password")
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/")
    yield page
    assert page.problems == []
    context.close()


def thirds():
    """Red, green and blue side by side; the middle is green."""
    picture = Image.new("RGB", (900, 300), (220, 20, 20))
    picture.paste((20, 200, 20), (300, 0, 600, 300))
    picture.paste((20, 20, 220), (600, 0, 900, 300))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return {"name": "thirds.png", "mimeType": "image/png", "buffer": out.getvalue()}


def shown_colour(page):
    """The strongest channel in the middle of one's picture, as the server stored it."""
    source = page.locator(".avatar-form img.avatar").get_attribute("src")
    picture = Image.open(io.BytesIO(page.request.get(source).body())).convert("RGB")
    assert picture.width == picture.height
    return max(range(3), key=lambda channel: picture.getpixel((picture.width // 2,) * 2)[channel])


def test_a_picture_is_dragged_and_zoomed_to_the_part_that_is_kept(page):
    page.goto("/settings/profile/")
    page.locator("input[type=file]").set_input_files(thirds())
    square = page.locator(".crop__canvas")
    expect(square).to_be_focused()
    box = square.bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(
        middle[0] + box["width"] * 0.98, middle[1], steps=8
    )  # the picture follows to the right: red comes
    page.mouse.up()
    page.get_by_role("button", name="Use this picture").last.click()
    page.wait_for_load_state()
    expect(page.get_by_text("Your new picture is in place.")).to_be_visible()
    assert shown_colour(page) == 0

    page.locator("input[type=file]").set_input_files(thirds())
    for _step in range(40):  # without a pointer: to the right edge, then closer
        page.keyboard.press("ArrowRight")
    page.keyboard.press("+")
    assert float(page.locator("#crop-zoom").input_value()) > 1
    page.get_by_role("button", name="Use this picture").last.click()
    page.wait_for_load_state()
    assert shown_colour(page) == 2


def test_a_picture_that_is_not_wanted_after_all_is_not_sent(page):
    page.goto("/settings/profile/")
    page.locator("input[type=file]").set_input_files(thirds())
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("dialog")).to_have_count(0)
    assert page.locator("input[type=file]").evaluate("input => input.files.length") == 0


def test_a_file_that_is_no_picture_gets_the_servers_sentence(page):
    page.goto("/settings/profile/")
    file = {"name": "notes.png", "mimeType": "image/png", "buffer": b"not a picture"}
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_text("This file is not a picture we can read")).to_be_visible()
    page.problems.clear()  # Chromium reports the 400 itself


def test_a_follower_is_removed_and_brought_back(page):
    page.goto("/@alice/followers/")
    row = page.locator("remove-follower[username=bob]")
    row.get_by_role("button", name="Remove").click()
    expect(row).to_have_class("person-row person-row--acts person-row--gone")
    page.locator("#toasts button", has_text="Undo").click()
    expect(page.locator("#toasts")).to_contain_text("follows you as before")
    page.reload()
    expect(page.locator("remove-follower")).to_have_count(1)


def test_requests_are_answered_many_at_once(page):
    page.goto("/follow-requests/")
    accept = page.get_by_role("button", name="Accept these")
    expect(accept).to_be_hidden()
    page.locator("input[name=chosen]").nth(1).check()
    page.locator("input[name=chosen]").nth(2).check()
    expect(page.locator("[data-count]")).to_have_text("2 chosen")
    expect(page.get_by_role("button", name="Accept all")).to_be_hidden()
    accept.click()
    expect(page.get_by_text("You accepted 2 requests.")).to_be_visible()
    expect(page.locator("input[name=chosen]")).to_have_count(2)
    page.get_by_role("button", name="Decline all").click()
    expect(page.get_by_text("You declined 2 requests.")).to_be_visible()
    expect(page.get_by_text("No requests")).to_be_visible()


def test_interests_are_chips_that_take_a_press_and_a_key(page):
    page.goto("/settings/feed/")
    page.locator(".chip", has_text="Food").click()
    page.locator(".chip input").first.press("Space")
    page.get_by_role("button", name="Save").click()
    page.wait_for_load_state()
    assert page.locator(".chip input:checked").count() == 2


def test_many_are_taken_off_a_list_at_once(page):
    page.goto("/settings/privacy/muted/")
    page.fill("#usernames", "asks0\nasks1\nasks2")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("3 people are on this list.")).to_be_visible()
    page.locator("[data-all] input").check()
    page.get_by_role("button", name="Take these off").click()
    expect(page.get_by_text("Nobody is on this list.")).to_be_visible()


def test_a_name_that_changed_leads_on(page):
    page.goto("/settings/account/")
    page.fill("input[name=username]", "anna")
    page.get_by_role("button", name="Change the user name").click()
    page.goto("/@alice/")
    page.wait_for_url("**/@anna/")
