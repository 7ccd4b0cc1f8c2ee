"""No private thing is found anywhere by nine kinds of outsider: all addresses are asked, and every link is followed.

The words are those of tests/access_matrix/secrets_kept.py. In the quick form each outsider asks a third of the addresses, each
address is asked by three or four of them, and a few pages of each address pattern are followed; CRAWL=full leaves out nothing.
"""

import functools
import html
import os
import re
from collections import Counter
from urllib.parse import unquote, urlsplit

import pytest
from django.urls import Resolver404, resolve

from tests.access_matrix.routes import ROUTES
from tests.access_matrix.secrets_kept import CLIPS, OUTSIDERS, PEOPLE, make_secrets, subjects
from videos.models import RecentSearch

FULL = os.environ.get("CRAWL") == "full"
OF_EACH = 1000 if FULL else 3  # pages followed of one address pattern, besides those that are asked by name
MOST = 6000 if FULL else 100
SHARES = 1 if FULL else 3  # of the named addresses, each outsider asks one of so many
_LINK = re.compile(r"""(?:href|src|action|data-[a-z-]+|content|poster|value)=["']([^"']+)["']""")
_STRING = re.compile(r'"((?:https?://testserver)?/[^"\\\s]{1,300})"')
# Ending one's own session ends the crawl; the admin is for moderators and has tests of its own.
LEFT_OUT = ("/accounts/logout/", "/admin/", "/static/", "/api/docs/", "/metrics", "/jsi18n/", "/sw.js")


@pytest.fixture
def world(make_person, make_video, settings):
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, "1000000/1")
    return make_secrets(make_person, make_video)


@pytest.fixture
def client_of(world, browser):
    """A browser of each kind of outsider. Suspended people were logged in before."""

    def make(kind):
        person = world.people[kind]
        if person is None:
            return browser
        if kind == "suspended":
            type(person).objects.filter(pk=person.pk).update(is_active=True)
            client = browser.as_(person)
            type(person).objects.filter(pk=person.pk).update(is_active=False)
            return client
        return browser.as_(person)

    return make


def read(response):
    """What a response says: head, redirect and body."""
    # A stream is read to its end: only then does the test client close it, and not the database with it.
    body = b"".join(response.streaming_content) if response.streaming else response.content
    heads = "\n".join(f"{name}: {value}" for name, value in response.items() if name != "Link")
    return f"{heads}\n{html.unescape(body.decode(errors='replace'))}"


# What moderators decided is read at their desk, and by them there only.
DESK, AT_THE_DESK = "/api/v1/moderation/", {"statement of reasons", "excerpt of a decision"}


def links(text):
    """Every address of this site in a page or an answer."""
    found = {html.unescape(link) for link in _LINK.findall(text)} | set(_STRING.findall(text))
    for link in found:
        parts = urlsplit(link) if not link.startswith("//") else None
        if parts and parts.path.startswith("/") and parts.netloc in ("", "testserver"):
            yield parts.path + (f"?{parts.query}" if parts.query else "")


@functools.cache  # pages repeat most of their links
def pattern_of(url):
    try:
        return resolve(unquote(urlsplit(url).path)).route
    except Resolver404:
        return "none"


def filled(route, values):
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda match: str(values.get(match[1], "1")), route)


def named(world):
    """Each address of the matrix that is read with GET, filled with each clip of the world, its comments and its people."""
    said = {}
    for route, calls in ROUTES.items():
        for call in calls:
            if call.method != "GET":
                continue
            for subject in subjects(world):
                for comment in subject.comments if "comment_id" in route else subject.comments[:1]:
                    values = {
                        "username": subject.owner.username,
                        "video_id": subject.clip.pk,
                        "comment_id": comment.pk,
                        "sound_id": subject.clip.sound_id,
                        "tag": subject.clip.tags.first().name,
                        "language": "en",
                        "conversation_id": world.talks["others"].pk,
                    }
                    said[f"/{filled(route, values)}{call.query}"] = None
    for secret in world.secrets if FULL else world.secrets[::10]:
        for kind in ("videos", "people", "tags", "sounds", "challenges"):
            said[f"/api/v1/search/?type={kind}&q={secret.word}"] = None
        said[f"/api/v1/autocomplete/?type=tags&q={secret.word}"] = None
    return said


def own(url, words):
    """The text that an outsider's own question brought along, which an answer may repeat."""
    return [word for word in words if word.lower() in unquote(url).lower()]


def crawl(world, kind, client):
    """What this outsider finds: (address, what) pairs, and how many pages were read."""
    asked = list(named(world))[list(OUTSIDERS).index(kind) % SHARES :: SHARES]
    waiting, seen, of_pattern = list(asked), set(asked), Counter()
    leaks, pages, answers = [], 0, Counter()
    words = [secret.word for secret in world.secrets]
    while waiting and pages < MOST + len(asked):
        url = waiting.pop(0)
        if url.startswith(LEFT_OUT):
            continue
        response = client.get(url)
        text = read(response)
        # What they asked for is shown to them again, and found nothing: their own words are no leak.
        RecentSearch.objects.all().delete()
        pages += 1
        answers[response.status_code] += 1
        judged = text
        for word in own(url, words):
            judged = re.sub(re.escape(word), "", judged, flags=re.IGNORECASE)
        leaks += [
            (url, response.status_code, what)
            for what in world.found(kind, judged)
            if not (kind == "moderator" and what in AT_THE_DESK and url.startswith(DESK))
        ]
        for link in links(text):
            pattern = pattern_of(link)
            if link not in seen and of_pattern[pattern] < OF_EACH:
                seen.add(link)
                of_pattern[pattern] += 1
                waiting.append(link)
    return leaks, pages, answers


@pytest.mark.parametrize("kind", OUTSIDERS)
def test_an_outsider_finds_no_private_thing(kind, world, client_of):
    leaks, pages, answers = crawl(world, kind, client_of(kind))
    print(f"{kind}: {pages} pages, {dict(answers)}")
    assert pages > 100
    assert answers[200] > 30
    summary = {}
    for url, status, what in leaks:
        summary.setdefault(what, []).append(f"{status} {url}")
    assert {what: found[:4] for what, found in summary.items()} == {}


def test_the_crawl_reads_what_there_is_to_read(world, client_of):
    """The friend finds the friends' clip by its words: a crawl that sees nothing would prove nothing."""
    client = client_of("friend")
    texts = [read(client.get(url)) for url in named(world) if not url.startswith(LEFT_OUT)]
    everything = "\n".join(texts).lower()
    missing = [
        secret.about
        for secret in world.secrets
        if secret.about in {"caption of friends", "captions of friends", "files of friends"}
        and secret.word.lower() not in everything
    ]
    assert missing == []


def test_the_table_of_readers_is_whole(world):
    assert set(world.clips) == set(CLIPS)
    assert set(world.people) == set(OUTSIDERS)
    assert len(PEOPLE) >= 9
    assert len({secret.word for secret in world.secrets}) == len(world.secrets)
