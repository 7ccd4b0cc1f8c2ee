"""The upload page and its editor in a real browser: what is previewed is what is made, and nothing that was sent is lost."""

import io
import re
import subprocess

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect

from socialapp.lib.ffmpeg import binary
from tests.stack.running import embedded

pytestmark = pytest.mark.e2e
NEAR = 6.0  # mean difference of colours (0 to 255) between preview and render: encoding and scaling, not another picture
PEOPLE = """
from pathlib import Path
from accounts.models import User
from videos import sounds
for name in ("alice", "robin"):
    User.objects.create_user(name, f"{name}@example.com", "demo-password")
sounds.add_to_library("Harbour walk", "Glint", Path("%s"))
"""


def ffmpeg(*arguments):
    subprocess.run([str(binary()), "-v", "error", "-y", *map(str, arguments)], check=True, timeout=120)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A still, colourful picture with a tone, wide and tall; a tune; a clip with so much padding that it is sent in parts."""
    folder = tmp_path_factory.mktemp("files")
    code = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "30", "-c:a", "aac")
    for name, size in (("wide", "640x360"), ("tall", "360x640")):
        picture = f"smptebars=s={size}:r=30:d=3,drawbox=x=iw/5:y=ih/6:w=iw/4:h=ih/3:color=orange:t=fill"
        tone = "sine=frequency=440:sample_rate=48000:duration=3"
        ffmpeg("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", tone, *code, folder / f"{name}.mp4")
    ffmpeg("-f", "lavfi", "-i", "sine=frequency=660:duration=8", folder / "tune.m4a")
    padding = 13 << 20
    free = (padding + 8).to_bytes(4, "big") + b"free" + bytes(padding)
    (folder / "large.mp4").write_bytes((folder / "tall.mp4").read_bytes() + free)
    return folder


@pytest.fixture(scope="module")
def site(tmp_path_factory, files):
    with embedded(tmp_path_factory.mktemp("editor")) as site:
        site.manage("shell", "-c", PEOPLE % (files / "tune.m4a"))
        yield site


@pytest.fixture(scope="module")
def session(site, chromium):
    """Alice's cookies, so that each test starts logged in."""
    context = chromium.new_context(base_url=site.url)
    page = context.new_page()
    page.goto("/accounts/login/")
    page.fill("input[name=login]", "alice")
    page.fill("input[name=password]", "demo-password")
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def open_page(site, chromium, session):
    """A page of alice's with a clean console; `open_page(width=390, …)`."""
    contexts, errors = [], []

    def make(width=1440, height=900, theme="light"):
        context = chromium.new_context(
            base_url=site.url,
            viewport={"width": width, "height": height},
            color_scheme=theme,
            reduced_motion="reduce",
            storage_state=session,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()
    assert [error for error in errors if "ransition" not in error] == []


def wait_for_picture(page):
    """The preview shows a frame. (Asked from outside: the policy of the page lets no string be evaluated in it.)"""
    for _try in range(200):
        if page.evaluate(
            "[...document.querySelectorAll('[data-cell=own] video')].some((v) => v.readyState >= 2)"
        ):
            return
        page.wait_for_timeout(100)
    raise AssertionError("the preview shows nothing")


def start(page, path, query=""):
    page.goto(f"/upload/{query}")
    page.set_input_files("#files", str(path))
    page.wait_for_selector(".work:not([hidden])")
    wait_for_picture(page)


def tool(page, name):
    page.click(f"[data-name={name}]")


def put_slider(page, slider, seconds):
    """Move a slider by its keys to a tenth of a second: arrows are tenths, with Shift whole seconds."""
    slider.focus()
    tenths = round(10 * seconds) - round(10 * float(slider.get_attribute("aria-valuenow")))
    side = "ArrowRight" if tenths > 0 else "ArrowLeft"
    for _second in range(abs(tenths) // 10):
        slider.press(f"Shift+{side}")
    for _tenth in range(abs(tenths) % 10):
        slider.press(side)


def card_of(page, address):
    """The clip behind an address, as the API tells its author."""
    answer = page.request.get(f"/api/v1/videos/{address.rstrip('/').rpartition('/')[2]}/")
    assert answer.ok, answer.text()
    return answer.json()


def publish(page, caption):
    page.fill("textarea[name=caption]", caption)
    page.keyboard.press("Escape")
    page.click("article.up [type=submit]")
    page.wait_for_selector("article.up[data-stage=ready]", timeout=60_000)
    return card_of(page, page.locator("[data-field=ways] a").first.get_attribute("href"))


def stage_picture(page, seconds):
    """The finished frame as the preview shows it at a moment."""
    put_slider(page, page.get_by_role("slider", name="Playhead"), seconds)
    tool(page, "voice")  # no handles over the picture
    page.evaluate("document.activeElement.blur()")
    page.mouse.move(5, 5)
    page.wait_for_timeout(900)
    return Image.open(io.BytesIO(page.locator("[data-frame]").screenshot())).convert("RGB")


def rendered_picture(page, card, seconds, folder):
    """The same moment of the best rendition."""
    best = max(card["playback"]["mp4"], key=lambda file: file["height"])
    (folder / "made.mp4").write_bytes(page.request.get(best["url"]).body())
    ffmpeg("-ss", seconds, "-i", folder / "made.mp4", "-frames:v", 1, folder / "made.png")
    return Image.open(folder / "made.png").convert("RGB")


def difference(one, other):
    """Mean difference of two pictures of the same proportions, brought to one small size."""
    assert abs(one.width / one.height - other.width / other.height) < 0.03
    small = [
        np.asarray(picture.resize((180, 320), Image.Resampling.BOX), dtype=float) for picture in (one, other)
    ]
    return float(np.abs(small[0] - small[1]).mean())


def test_a_clip_is_edited_by_keys_and_becomes_what_was_previewed(open_page, files, tmp_path, artefacts):
    page = open_page()
    start(page, files / "wide.mp4")
    put_slider(page, page.get_by_role("slider", name="End", exact=True), 2.5)
    tool(page, "frame")
    page.get_by_label("Crop to 9:16").check(force=True)
    page.locator("[data-focus-handle]").focus()
    for _press in range(3):
        page.keyboard.press("Shift+ArrowLeft")
    tool(page, "text")
    page.click("[data-do=text-add]")
    page.keyboard.type("Low tide 🌊")
    expect(page.locator(".stage__text")).to_be_visible()
    page.locator(".stage__text").focus()
    for _press in range(2):
        page.keyboard.press("Shift+ArrowDown")
    tool(page, "look")
    page.get_by_label("Warm").check(force=True)
    tool(page, "sound")
    page.click("[data-do=sound-choose]")
    page.keyboard.type("harbour")
    page.get_by_role("button", name="Use Harbour walk").press("Enter")
    put_slider(page, page.get_by_role("slider", name="Where the sound begins"), 1.5)
    put_slider(page, page.get_by_role("slider", name="Playhead"), 0.7)
    tool(page, "cover")
    page.click("[data-do=cover-now]")
    seen = stage_picture(page, 1.0)
    page.screenshot(path=str(artefacts / "editor-edited.png"))
    card = publish(page, "Low tide at the harbour")
    assert card["duration"] == pytest.approx(2.5, abs=0.05)
    edit = card["edit"]
    assert edit["trim"]["end"] == pytest.approx(2.5)
    assert (edit["reframe"], edit["filter"], edit["cover_at"]) == ("crop", "warm", 0.7)
    assert edit["focus_x"] == pytest.approx(0.2)
    assert (edit["texts"][0]["text"], edit["texts"][0]["y"]) == ("Low tide 🌊", pytest.approx(0.4))
    assert (edit["sound"]["start"], card["sound"]["title"]) == (1.5, "Harbour walk")
    made = rendered_picture(page, card, 1.0, tmp_path)
    seen.save(artefacts / "editor-preview.png")
    made.save(artefacts / "editor-render.png")
    assert difference(seen, made) < NEAR


def test_a_blurred_fit_with_a_boxed_text_is_made_as_previewed(open_page, files, tmp_path, artefacts):
    page = open_page(theme="dark")
    start(page, files / "wide.mp4")
    tool(page, "frame")
    page.get_by_label("Fit on blur").check(force=True)
    tool(page, "text")
    page.click("[data-do=text-add]")
    page.keyboard.type("مرحبا harbour")
    page.get_by_label("Box").check(force=True)
    tool(page, "clips")
    page.get_by_label("1.5×").check(force=True)
    seen = stage_picture(page, 1.0)
    card = publish(page, "")
    assert card["duration"] == pytest.approx(2.0, abs=0.05)
    made = rendered_picture(page, card, 1.0, tmp_path)
    seen.save(artefacts / "editor-blur-preview.png")
    made.save(artefacts / "editor-blur-render.png")
    assert difference(seen, made) < NEAR


def test_edits_are_undone_and_done_again(open_page, files):
    page = open_page()
    start(page, files / "tall.mp4")
    end = page.get_by_role("slider", name="End", exact=True)
    end.press("Shift+ArrowLeft")
    expect(page.locator("[data-tl=length]")).to_have_text("0:02.0")
    end.press("Control+z")
    expect(page.locator("[data-tl=length]")).to_have_text("0:03.0")
    end.press("Control+Shift+z")
    expect(page.locator("[data-tl=length]")).to_have_text("0:02.0")


def test_two_files_become_one_clip_in_their_order(open_page, files):
    page = open_page()
    start(page, files / "tall.mp4")
    page.set_input_files("[data-add]", str(files / "wide.mp4"))
    expect(page.locator(".parts__one")).to_have_count(2)
    put_slider(page, page.get_by_role("slider", name="End of clip 2"), 1.5)
    card = publish(page, "")
    assert card["duration"] == pytest.approx(4.5, abs=0.05)
    assert [part["trim"]["end"] for part in card["edit"]["parts"]] == [1.5]


def test_an_upload_goes_on_after_a_reload_and_its_draft_was_saved_meanwhile(open_page, files):
    page = open_page()
    sent = []

    def first_only(route):
        if route.request.method != "PATCH" or len(sent) < 1:
            sent.extend([1] if route.request.method == "PATCH" else [])
            return route.continue_()
        return route.abort()

    page.route("**/api/v1/uploads/*", first_only)
    start(page, files / "large.mp4")
    page.fill("textarea[name=caption]", "Kept while it travels")
    put_slider(page, page.get_by_role("slider", name="End", exact=True), 2.0)
    expect(page.locator("[data-field=saved]")).to_have_text(
        re.compile("All changes are saved|Saved as a draft")
    )
    expect(page.locator("[data-field=status]").first).to_contain_text("Connection lost")
    draft = page.request.get("/api/v1/uploads/").json()["results"][0]
    assert 0 < draft["offset"] < draft["length"]
    kept = card_of(page, draft["video"])
    assert (kept["state"], kept["caption"]) == ("draft", "Kept while it travels")
    assert kept["edit"]["trim"]["end"] == pytest.approx(2.0)

    page.once("dialog", lambda dialog: dialog.accept())
    page.goto("/upload/")
    expect(page.locator(".resumable").filter(has_text="large.mp4")).to_contain_text("stopped at")
    page.unroute("**/api/v1/uploads/*")
    offsets = []
    page.on(
        "request",
        lambda request: (
            offsets.append(request.headers.get("upload-offset"))
            if request.method == "PATCH" and "/uploads/" in request.url
            else None
        ),
    )
    page.set_input_files("#files", str(files / "large.mp4"))
    expect(page.locator("textarea[name=caption]")).to_have_value("Kept while it travels")
    expect(page.locator("[data-tl=length]")).to_have_text("0:02.0")
    page.click("article.up [type=submit]")
    page.wait_for_selector("article.up[data-stage=ready]", timeout=60_000)
    assert int(offsets[0]) == draft["offset"]
    card = card_of(page, draft["video"])
    assert (card["state"], card["caption"]) == ("ready", "Kept while it travels")


def test_a_published_clip_is_opened_again_with_its_file_and_its_edits(open_page, files):
    page = open_page()
    start(page, files / "tall.mp4")
    put_slider(page, page.get_by_role("slider", name="End", exact=True), 1.5)
    card = publish(page, "First cut")
    page.goto(f"/upload/?edit={card['id']}")
    expect(page.locator("[data-tl=length]")).to_have_text("0:01.5")
    expect(page.locator("textarea[name=caption]")).to_have_value("First cut")
    wait_for_picture(page)
    put_slider(page, page.get_by_role("slider", name="End", exact=True), 2.5)
    page.click("article.up [type=submit]")
    page.wait_for_selector("article.up[data-stage=ready]", timeout=60_000)
    assert card_of(page, card["id"])["duration"] == pytest.approx(2.5, abs=0.05)


def test_a_person_is_named_by_keys_alone(open_page, files):
    page = open_page()
    start(page, files / "tall.mp4")
    page.focus("textarea[name=caption]")
    page.keyboard.type("With @rob")
    expect(page.get_by_role("option", name="robin")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("textarea[name=caption]")).to_have_value("With @robin ")


@pytest.mark.parametrize(("width", "theme"), [(1440, "dark"), (390, "light"), (320, "dark")])
def test_axe_finds_nothing_in_the_editor(open_page, files, width, theme):
    page = open_page(width=width, height=900 if width > 800 else 844, theme=theme)
    start(page, files / "wide.mp4")
    found = []

    def look(where):
        page.wait_for_timeout(150)
        # The narrowest one has the phone's markup: only what does not fit is looked for there.
        problems = Axe().run(page).response["violations"] if width > 320 else []
        found.extend(f"{where}: {v['id']} {v['nodes'][0]['target']}" for v in problems)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found.extend([f"{where}: scrolls sideways by {wide} px"] if wide > 1 else [])

    for name in ("clips", "frame", "text", "sound", "voice", "look", "cover"):
        tool(page, name)
        if name == "frame":
            page.get_by_label("Crop to 9:16").check(force=True)
        if name == "text":
            page.click("[data-do=text-add]")
        look(name)
    tool(page, "sound")
    page.click("[data-do=sound-choose]")
    page.wait_for_selector(".picker__one")
    look("picker")
    page.get_by_role("button", name="Use Harbour walk").click()
    look("chosen sound")
    if width < 720:
        page.click("[data-side-of=details]")
    page.locator(".work__details summary").first.click()
    look("details")
    assert found == []


def test_files_that_cannot_be_published_are_refused_before_they_are_sent(open_page, files, tmp_path):
    (tmp_path / "notes.txt").write_text("no clip")
    page = open_page()
    page.goto("/upload/")
    before = page.request.get("/api/v1/uploads/").json()["results"]
    page.set_input_files("#files", str(tmp_path / "notes.txt"))
    expect(page.get_by_role("alert").first).to_have_text("This is not a video. Choose a video file.")
    assert page.request.get("/api/v1/uploads/").json()["results"] == before
