"""Invites in a browser: a newcomer without an account comes by a link, signs up, follows and watches, of a private account too;
somebody with an account logs in and thinks better of it; what machines that preview links see; axe on every page of it."""

import re
import subprocess
import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from socialapp.lib.ffmpeg import binary
from tests.stack.running import embedded

pytestmark = pytest.mark.e2e
PASSWORD = "harbour-lights-42"

WORLD = """
from pathlib import Path
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from accounts.models import User
from privacy.models import PrivacySettings
from videos.models import Rendition, Video
film = Path(FILM).read_bytes()
make = lambda name, shown: User.objects.create_user(name, f"{name}@example.com", "demo-password", display_name=shown)
people = [make("alice", "Alice Moreau"), make("wen", "Wen"), make("bob", "Bob")]
PrivacySettings.objects.filter(person__username="wen").update(is_private=True)
for number, author in enumerate(people[:2]):
    clip = Video.objects.create(pk=5001 + number, author=author, caption=f"Secret harbour {author.username}", state="ready",
        duration_ms=6000, width=360, height=640, playlist="master.m3u8", published_at=timezone.now())
    Rendition.objects.create(video=clip, name="360.mp4", width=360, height=640, short_side=360, bitrate=500000,
        size=len(film), codecs="avc1.64001e,mp4a.40.2")
    default_storage.save(f"clips/{clip.folder}/360.mp4", ContentFile(film))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("invite")
    film = folder / "film.mp4"
    source = ["-f", "lavfi", "-i", "testsrc2=size=360x640:rate=30:duration=6"]
    encode = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-movflags", "+faststart", str(film)]
    subprocess.run([str(binary()), "-v", "error", *source, *encode], check=True)
    with embedded(folder / "site") as site:
        site.manage("shell", "-c", WORLD.replace("FILM", repr(str(film))))
        yield site


@pytest.fixture
def enter(site, chromium):
    """A page of somebody who is logged in, or of a visitor, on a phone or a desktop."""
    contexts, problems = [], []

    def open_(name=None, *, phone=False, **more):
        size = {"width": 390, "height": 844} if phone else {"width": 1440, "height": 900}
        context = chromium.new_context(
            base_url=site.url, viewport=size, has_touch=phone, is_mobile=phone, **more
        )
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: "Transition" in str(error) or problems.append(str(error)))
        page.on("response", lambda answer: answer.status >= 500 and problems.append(answer.url))
        page.set_default_timeout(30_000)
        if name:
            page.goto("/accounts/login/")
            log_in(page, name)
            page.wait_for_url("**/")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert problems == []


def log_in(page, name):
    page.fill("input[name=login]", name)
    page.fill("input[name=password]", "demo-password")
    page.press("input[name=password]", "Enter")


def plays(page):
    """Wait until the clip moves."""
    end = time.monotonic() + 20
    while page.evaluate("document.querySelector('video')?.currentTime ?? 0") < 0.3:
        assert time.monotonic() < end, "the clip does not play"
        time.sleep(0.2)


def invite(page, clip, name):
    """By the share menu of a clip: a new contact, then their link. Its address."""
    page.goto(clip)
    page.locator("[data-act=share]").first.click()
    page.get_by_role("button", name="Invite someone to watch and follow").click()
    sheet = page.locator("dialog.invite-sheet")
    expect(sheet).to_contain_text("20 of 20 invites left today")
    expect(sheet).to_contain_text("Nobody here yet")
    sheet.get_by_label("Name").fill(name)
    sheet.get_by_label("How you reach them").select_option("sms")
    sheet.get_by_label("Number, with its country code").fill("0612")
    sheet.get_by_role("button", name="Add", exact=True).click()
    expect(sheet).to_contain_text("country code, for example")
    sheet.get_by_label("Number, with its country code").fill("+33 6 12 34 56 78")
    sheet.get_by_role("button", name="Add", exact=True).click()
    sheet.get_by_role("button", name=f"Invite {name}").click()
    link = sheet.get_by_label(f"Link for {name}").input_value()
    expect(sheet).to_contain_text("19 of 20 invites left today")
    app = sheet.get_by_role("link", name="Open Text message").get_attribute("href")
    assert app.startswith("sms:+33612345678?&body=")
    return link


@pytest.mark.parametrize(("author", "shown", "clip"), [("alice", "Alice Moreau", 5001), ("wen", "Wen", 5002)])
def test_a_newcomer_comes_by_a_link_signs_up_follows_and_watches(enter, artefacts, author, shown, clip):
    host = enter(author)
    link = invite(host, f"/@{author}/video/{clip}/", "Mum")
    assert clean(host)
    host.screenshot(path=str(artefacts / f"invite-{author}-sheet.png"))

    # A machine that looks at the link for a preview.
    fetched = host.context.browser.new_context().request.get(link).text()
    assert ("Secret harbour" in fetched) == (author == "alice")

    mum = enter(phone=True)
    mum.goto(link)
    expect(mum.get_by_role("heading", level=1)).to_have_text(re.compile(f"{shown} invites you to watch"))
    plays(mum)
    time.sleep(3)  # a view
    assert clean(mum)
    mum.screenshot(path=str(artefacts / f"invite-{author}-phone.png"))
    mum.get_by_role("button", name="Follow and watch").click()
    mum.wait_for_url("**/accounts/signup/**")
    mum.fill("input[name=username]", f"mum_of_{author}")
    mum.fill("input[name=email]", f"mum_of_{author}@example.com")
    mum.fill("input[name=password1]", PASSWORD)
    mum.fill("input[name=birth_date]", "1964-05-17")
    mum.press("input[name=password1]", "Enter")
    mum.wait_for_url("**/i/**")
    expect(mum.get_by_role("heading", level=1)).to_have_text(f"You follow {shown} now")
    plays(mum)
    assert clean(mum)
    mum.screenshot(path=str(artefacts / f"invite-{author}-following.png"))
    mum.goto(f"/@{author}/video/{clip}/")
    plays(mum)

    # The link is used, for everybody; whoever made it knows by whom.
    other = enter()
    other.goto(link)
    expect(other.locator("main")).to_contain_text("This invite was used already")
    assert "Secret harbour" not in other.content()
    assert clean(other)
    host.goto("/inbox/")
    expect(host.locator("main")).to_contain_text(f"mum_of_{author} accepted your invite")
    host.goto("/studio/invites/")
    row = host.locator("[data-invites] li").first
    expect(row).to_contain_text("Mum")
    expect(row).to_contain_text("Follows")
    assert clean(host)


def test_somebody_with_an_account_logs_in_follows_and_thinks_better_of_it(enter, site):
    link = site.manage("shell", "-c", LINK).strip().splitlines()[-1]
    bob = enter()
    bob.goto(link)
    bob.get_by_role("button", name="I have an account").click()
    bob.wait_for_url("**/accounts/login/**")
    log_in(bob, "bob")
    bob.wait_for_url("**/i/**")
    expect(bob.get_by_role("heading", level=1)).to_have_text("You follow Wen now")
    plays(bob)
    bob.get_by_role("button", name="Undo").click()
    expect(bob.get_by_role("heading", level=1)).to_have_text("You do not follow Wen")
    assert bob.locator("video").count() == 0
    bob.goto("/@wen/video/5002/")
    expect(bob.locator("main")).to_contain_text("This page is not here")


LINK = """
from accounts.models import User
from videos import actions
from videos.cards_invites import invite_url
from videos.models import Video
wen = User.objects.get(username="wen")
contact = actions.add_contact(wen, "Bob", "copy")
print(invite_url(actions.create_invite(wen, Video.objects.get(pk=5002), contact)))
"""


def test_contacts_are_kept_and_invites_taken_back_on_their_page(enter, site):
    wen = enter("wen", phone=True)
    link = site.manage("shell", "-c", LINK.replace('"Bob"', '"Nadia"')).strip().splitlines()[-1]
    wen.goto("/studio/invites/")
    wen.get_by_role("button", name="Change Nadia").click()
    dialog = wen.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Nadia K.")
    assert clean(wen)
    dialog.get_by_role("button", name="Save").click()
    row = wen.locator("[data-invites] li", has_text="Nadia K.")
    row.get_by_role("button", name="Copy the link").click()
    assert wen.evaluate("navigator.clipboard.readText()") == link
    row.get_by_role("button", name="Take the invite back").click()
    expect(wen.locator("[data-invites] li", has_text="Nadia K.")).to_contain_text("Taken back")
    wen.get_by_role("button", name="Delete Nadia K.").click()
    wen.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(wen.locator("[data-contacts]")).not_to_contain_text("Nadia")
    visitor = enter(color_scheme="dark")
    visitor.goto(link)
    expect(visitor.locator("main")).to_contain_text("This invite is no longer open")
    assert clean(visitor)


def clean(page):
    """Whether axe finds nothing, in light and dark; it says what otherwise."""
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        page.wait_for_timeout(400)  # colours change over into one another
        found = Axe().run(page)
        wrong = [
            (one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found.response["violations"]
        ]
        assert wrong == [], f"{page.url} {theme}"
    return True
