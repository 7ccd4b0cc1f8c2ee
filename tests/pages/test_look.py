"""What templates draw with: icons, counts, times, the import map; and what every template and script must not contain."""

import gzip
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template, TemplateSyntaxError
from django.test import override_settings
from django.utils import timezone, translation

from socialapp.templatetags import look

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
FOLDER = settings.BASE_DIR / "static" / "js"
SCRIPTS = sorted(FOLDER.rglob("*.js"))
# What the feed loads before its first frame; comments, sharing, options and keys come when they are asked for.
FEED = "api blurhash dialog feed follow gate meter player prefs reactions shell socket toast views visits".split()


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1K"),
        (12_450, "12.4K"),
        (999_999, "999K"),
        (1_000_000, "1M"),
        (2_490_000_000, "2.4B"),
    ],
)
def test_counts_are_short_and_never_round_up(number, text):
    assert look.short(number) == text


def test_counts_follow_the_language():
    with translation.override("fr"):
        assert look.short(12_450).startswith("12,4")


def test_times_are_short():
    now = timezone.now()
    assert look.ago(now) == "now"
    assert look.ago((now - timedelta(minutes=5)).isoformat()) == "5 min"
    assert look.ago(now - timedelta(days=2, minutes=1)) == "2 d"
    assert look.ago(None) == ""


def test_an_unknown_icon_stops_the_page_in_development_rather_than_drawing_nothing():
    with pytest.raises(TemplateSyntaxError, match="sprite"):
        Template("{% load look %}{% icon 'no-such-icon' %}").render(Context())


def test_icons_that_scripts_reference_are_in_the_sprite():
    named = set()
    for script in SCRIPTS:
        text = script.read_text()
        named |= set(re.findall(r"#i-([a-z0-9-]+)", text)) | set(
            re.findall(r'\bicon\("([a-z0-9-]+)"\)', text)
        )
    assert named - set(look.ICONS) == set()


def name_of(script):
    return script.relative_to(FOLDER).with_suffix("").as_posix()


def test_the_import_map_names_every_module_and_cannot_close_its_script():
    text = look.import_map()
    assert all(f'"app/{name_of(script)}"' in text for script in SCRIPTS)
    assert "<" not in text


def test_modules_import_only_what_exists():
    names = {name_of(script) for script in SCRIPTS}
    for script in SCRIPTS:
        for name in re.findall(r'(?:from|import\(?) ?"app/([\w/-]+)"', script.read_text()):
            assert name in names, f"{script.name} imports app/{name}"


def test_the_first_clip_starts_with_a_file_a_phone_can_afford():
    files = [
        {"height": 1920, "bitrate": 6_000_000, "url": "big"},
        {"height": 1280, "bitrate": 2_000_000, "url": "middle"},
        {"height": 640, "bitrate": 600_000, "url": "small"},
    ]
    assert look.first_rendition({"mp4": files}) == "middle"
    assert look.first_rendition({"mp4": files[:1]}) == "big"
    assert look.first_rendition({"mp4": []}) == look.first_rendition(None) == ""
    assert look.lightest_rendition({"mp4": files}) == "small"


@pytest.mark.parametrize(
    "template", TEMPLATES, ids=lambda path: path.relative_to(settings.BASE_DIR).as_posix()
)
def test_templates_keep_to_the_content_policy(template):
    text = re.sub(r"{#.*?#}", "", template.read_text())
    if template.parent.name != "email":  # no policy travels with a mail, and its readers drop style sheets
        assert not re.search(r"\sstyle\s*=", text), "style attributes are refused by the CSP"
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text), "inline handlers are refused by the CSP"
    for tag in re.findall(r"<script\b[^>]*>", text):
        assert "src=" in tag or "nonce=" in tag or "application/json" in tag


def test_pages_stay_short():
    long = {path.name for path in TEMPLATES if len(path.read_text().splitlines()) > 150}
    assert long == set()


def test_scripts_before_the_first_frame_are_small():
    """Target: 50 kB gzipped (quality.md); what we send is a third of it, and this keeps it so."""
    size = sum(
        len(gzip.compress((settings.BASE_DIR / "static" / "js" / f"{name}.js").read_bytes(), 9))
        for name in FEED
    )
    assert size < 25_000


def test_the_shell_carries_what_scripts_need(client, db):
    answer = client.get("/")
    page = answer.content.decode()
    nonce = re.search(r'<script type="importmap"\s+nonce="([^"]+)"', page)
    assert nonce
    assert f"'nonce-{nonce[1]}'" in answer.headers["Content-Security-Policy"]
    assert '<meta name="csrf-token" content="' in page
    assert 'id="toasts"' in page
    assert 'role="status"' in page


@pytest.mark.parametrize(
    ("cookie", "attribute"),
    [("dark", 'data-theme="dark"'), ("light", 'data-theme="light"'), ('x"><script>', None)],
)
def test_the_chosen_theme_is_drawn_by_the_server(client, db, cookie, attribute):
    client.cookies["theme"] = cookie
    page = client.get("/explore/").content.decode()
    tag = re.search(r"<html[^>]*>", page)[0]
    assert (attribute in tag) if attribute else ("data-theme" not in tag)


def test_refusals_have_a_drawing_a_sentence_and_a_button(client, db):
    answer = client.get("/no/such/page/")
    page = answer.content.decode()
    assert answer.status_code == 404
    assert "empty__drawing" in page
    assert 'class="button button--primary"' in page


def test_the_service_worker_keeps_no_page(client, db):
    answer = client.get("/sw.js")
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert answer.headers["Cache-Control"] == "no-cache"
    text = answer.content.decode()
    assert "cache.put" not in text
    assert "empty__drawing" in text


def test_a_broken_server_still_has_a_page(rf):
    from django.views.defaults import server_error

    with override_settings(DEBUG=False):
        answer = server_error(rf.get("/"))
    assert answer.status_code == 500
    assert b"empty__drawing" in answer.content
    assert Path(settings.BASE_DIR / "static/css/alone.css").exists()
