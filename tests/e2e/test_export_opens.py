"""The download of one's data, unpacked on a disk, opens in a browser: pages, styles, films, no scripts, no network."""

import io
import subprocess
import zipfile

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from playwright.sync_api import sync_playwright

from privacy import actions
from privacy.actions import exporting
from socialapp.lib.ffmpeg import binary
from tests.e2e.conftest import CHROMIUM, FLAGS
from tests.privacy.leaver import CANARY, RECEIVED, make_leaver

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def film(tmp_path):
    path = tmp_path / "film.mp4"
    source = ["-f", "lavfi", "-i", "testsrc2=size=180x320:rate=15:duration=1"]
    subprocess.run([binary(), "-loglevel", "error", *source, "-pix_fmt", "yuv420p", path], check=True)
    return path.read_bytes()


@pytest.fixture
def folder(make_person, make_video, cast, tmp_path, monkeypatch, film):
    """The archive of somebody who has everything, unpacked."""
    from privacy.models import DataExport
    from videos.models import Video

    monkeypatch.setattr(exporting, "_nudge", lambda: None)
    person = make_leaver(make_person, make_video, cast)
    DataExport.objects.all().delete()
    clip = Video.objects.get(author=person)
    default_storage.delete(f"clips/{clip.folder}/360.mp4")
    default_storage.save(f"clips/{clip.folder}/360.mp4", ContentFile(film))
    row = actions.ask_export(person)
    actions.make_export()
    row.refresh_from_db()
    zipfile.ZipFile(io.BytesIO(default_storage.open(row.file).read())).extractall(tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def pages(folder):
    """A browser without a network, and what it asked for or complained about.

    Its own and not the module's: while Playwright's loop runs, Django refuses to clean the database up.
    """
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = chromium.new_context(offline=True, viewport={"width": 1280, "height": 900}).new_page()
        page.asked, page.complaints = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("console", lambda line: page.complaints.append(line.text))
        page.on("requestfailed", lambda request: page.complaints.append(request.url))
        page.goto((folder / "index.html").as_uri())
        yield page
        chromium.close()


def test_every_page_is_reached_from_the_index_without_a_network_or_a_complaint(pages, folder):
    assert pages.locator("h1").inner_text() == f"{CANARY} name"
    addresses = pages.eval_on_selector_all("a[href$='.html']", "links => links.map(link => link.href)")
    assert len(addresses) == len({*addresses}) == len(list((folder / "pages").glob("*.html")))
    for address in addresses:
        pages.goto(address)
        assert pages.locator("h1").inner_text()
        pages.get_by_role("link", name="All of your data").click()
        pages.wait_for_url("**/index.html", wait_until="load")
    assert pages.complaints == []
    assert all(url.startswith(("file:", "data:")) for url in pages.asked)
    assert not list(folder.rglob("*.js"))


def test_a_film_plays_from_the_disk(pages):
    pages.get_by_role("link", name="Clips").first.click()
    assert f"{CANARY} caption" in pages.locator("article").inner_text()
    length = pages.evaluate(
        """async () => {
            const film = document.querySelector("video");
            film.muted = true;
            await film.play();
            return film.duration;
        }"""
    )
    assert length == pytest.approx(1, abs=0.2)


def test_messages_read_as_conversations(pages):
    pages.get_by_role("link", name="Messages").first.click()
    talk = pages.locator(".talk").filter(has_text="@alice")
    assert RECEIVED in talk.locator(".letter--mine").first.inner_text()
    assert "An answer" in talk.inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_scrolls_sideways(pages, artefacts, scheme, width):
    pages.set_viewport_size({"width": width, "height": 844})
    pages.emulate_media(color_scheme=scheme)
    home = pages.url
    for name in ("index", "videos-video", "messaging-message", "accounts-user", "videos-like"):
        pages.goto(home if name == "index" else home.replace("index.html", f"pages/{name}.html"))
        assert pages.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        pages.screenshot(path=artefacts / f"export-{name}-{width}-{scheme}.png")
