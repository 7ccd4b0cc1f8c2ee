"""Scripts in text: what people may write anywhere is full of code, and no browser runs any of it.

PAYLOADS=200 for quality.md's number (12 otherwise, one of each kind). Each payload is in every text field of one person: name,
bio, pronouns, caption, tag, product, sound, captions, comment, collection, message, report. All pages that show one are opened.
"""

import itertools
import json
import os

import pytest

from tests.stack.running import embedded

pytestmark = pytest.mark.e2e
TOTAL = int(os.environ.get("PAYLOADS", "12"))
RUN = "window.__ran=(window.__ran||0)+1"

SHAPES = (
    "<script>{run}</script>",
    "<img src=x onerror={run}>",
    "<svg onload={run}>",
    "\"><svg/onload='{run}'>",
    "' autofocus onfocus='{run}' x='",
    "<details open ontoggle={run}>",
    '<a href="javascript:{run}">x</a>',
    "</title><script>{run}</script>",
    "</textarea><img src=x onerror={run}>",
    "<iframe srcdoc='<script>parent.{run}</script>'>",
    "{{{{constructor.constructor('{run}')()}}}}",
    "<video><source onerror={run}></video>",
    "-->\"'><body onload={run}>",
    "<style>@import 'javascript:{run}';</style>",
    "<math><mtext></form><form><mglyph><style></math><img src=x onerror={run}>",
    "<input type=image src=x onerror={run}>",
    "<object data='javascript:{run}'>",
    "<b onmouseover={run} style='position:fixed;inset:0'>x</b>",
    "\\u003cscript\\u003e{run}\\u003c/script\\u003e",
    "</script><script>{run}</script>",
)
TWISTS = (
    lambda text: text,
    lambda text: text.replace("script", "scRipt").replace("onerror", "OnErRoR"),
    lambda text: text.replace("<", "&lt;&#60;").replace("&lt;&#60;", "<"),
    lambda text: text.replace(" ", "/"),
    lambda text: f'"{text}',
    lambda text: f"'{text}",
    lambda text: f"`${{{RUN}}}`{text}",
    lambda text: text.replace("<", "<\t"),
    lambda text: f"]]>{text}",
    lambda text: f"{text}{text}",
    lambda text: f"<b>{text}</b>",
    lambda text: text.replace(">", "\n>"),
    lambda text: f"\u202e{text}",
    lambda text: f"@alice #tag {text} https://e.example/?{text}",
)


def payloads():
    """The first of every shape, then every twist of it."""
    every = list(dict.fromkeys(t(shape.format(run=RUN)) for t, shape in itertools.product(TWISTS, SHAPES)))
    assert len(every) >= 200
    return every[:TOTAL]


WRITE = """
import json
from django.utils import timezone
from accounts.models import Follow, User
from messaging.actions import open_conversation, send_message
from privacy import cases
from videos.models import Captions, Collection, CollectionItem, Comment, Rendition, Save, Sound, Tag, Video
bob = User.objects.get_or_create(username="bob", defaults={{"email": "bob@example.com"}})[0]
bob.set_password("demo-password"); bob.save()
pages = []
for number, text in enumerate(json.loads({texts!r})):
    name = f"p{{number}}"
    person = User.objects.create_user(name, f"{{name}}@example.com", "demo-password")
    User.objects.filter(pk=person.pk).update(display_name=text[:50], bio=text[:300], pronouns=text[:30])
    sound = Sound.objects.create(title=text[:120], artist=text[:120], owner=person, file="sound.m4a")
    clip = Video.objects.create(author=person, caption=text, state="ready", duration_ms=1000, width=360, height=640,
        cover="cover.webp", playlist="master.m3u8", published_at=timezone.now(), sound=sound, product_title=text[:60],
        product_url="https://shop.example/", edit={{"texts": [{{"text": text[:100]}}]}},
        captions_tracks=[{{"language": "en", "name": text[:40], "automatic": False}}])
    Rendition.objects.create(video=clip, name="360.mp4", width=360, height=640, short_side=360, bitrate=1, size=1, codecs="avc1")
    # A slash ends a tag wherever one is written, and its page's address.
    clip.tags.add(Tag.objects.create(name=f"t{{number}}" + text[:20].replace("/", ""), videos_count=1))
    Captions.objects.create(video=clip, language="en", vtt="WEBVTT\\n\\n00:00.000 --> 00:01.000\\n" + text + "\\n")
    said = Comment.objects.create(video=clip, author=person, text=text[:1000])
    Comment.objects.create(video=clip, author=person, text=text[:1000], parent=said)
    Video.objects.filter(pk=clip.pk).update(comments_count=2)
    Follow.objects.create(follower=person, followed=bob, state="pending")
    Follow.objects.create(follower=bob, followed=person, state="accepted", accepted_at=timezone.now())
    # Its whole name is code; two that begin alike share one.
    place, _made = Collection.objects.get_or_create(owner=bob, name=text[:60] or "x")
    CollectionItem.objects.create(collection=place, save_row=Save.objects.create(person=bob, video=clip))
    talk, _new = open_conversation(person, ["bob"])
    send_message(person, talk.pk, client_id=name, text=text[:2000])
    pages += [f"/@{{name}}/", f"/@{{name}}/video/{{clip.pk}}/", f"/messages/{{talk.pk}}/", f"/sounds/{{sound.pk}}/",
        f"/collections/{{place.pk}}/"]
from django.conf import settings
from django.test import Client
client = Client(); client.force_login(bob, backend="allauth.account.auth_backends.AuthenticationBackend")
cookie = {{"name": settings.SESSION_COOKIE_NAME, "value": client.session.session_key}}
print("@@@" + json.dumps({{"pages": pages, "cookie": cookie}}))
"""

COMMON = (
    "/",
    "/following/",
    "/explore/",
    "/inbox/",
    "/messages/",
    "/follow-requests/",
    "/search/?q=window&type=people",
    "/search/?q=window&type=videos",
    "/settings/privacy/",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with embedded(tmp_path_factory.mktemp("scripts")) as made:
        yield made


@pytest.fixture(scope="module")
def pages(site):
    printed = site.manage("shell", "-v", "0", "-c", WRITE.format(texts=json.dumps(payloads())))
    return json.loads(printed.rpartition("@@@")[2])


@pytest.fixture
def reader(chromium, site, pages):
    """bob's browser: he follows all of them."""
    context = chromium.new_context()
    context.add_cookies([{**pages["cookie"], "url": site.url}])
    page = context.new_page()
    yield page
    context.close()


def test_no_payload_in_any_field_runs(site, pages, reader):
    ran, broken, dialogs = [], [], []
    reader.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    search = [f"/search/?q={text[:40]}" for text in ("<script>", '"onload=', "'><svg/onload=1>")]
    for path in [*COMMON, *search, *pages["pages"]]:
        response = reader.goto(f"{site.url}{path}", wait_until="domcontentloaded")
        reader.wait_for_timeout(150)
        if response.status >= 500:
            broken.append(path)
        if "/video/" in path:  # the sheet of comments is drawn by a script
            reader.keyboard.press("c")
            reader.wait_for_timeout(250)
        if reader.evaluate("window.__ran || 0"):
            ran.append(path)
    print(
        f"{len(payloads())} payloads, {len(pages['pages']) + len(COMMON) + len(search)} pages, {len(ran)} ran"
    )
    assert (ran, broken, dialogs) == ([], [], [])


def test_the_trap_would_spring(site, reader):
    """A script that the browser does run is noticed."""
    reader.goto(f"{site.url}/explore/")
    reader.evaluate(RUN)
    assert reader.evaluate("window.__ran") == 1
