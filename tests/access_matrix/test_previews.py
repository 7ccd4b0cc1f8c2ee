"""What a link shows where it is pasted: the head of a clip's or a profile's page, as machines read it without a log-in."""

import re

from .secrets_kept import CLIPS, OUTSIDERS

_META = re.compile(r"""<(?:meta|link|title)\b[^>]*>(?:[^<]*</title>)?""")


def head_of(response):
    return " ".join(_META.findall(response.content.decode()))


def test_a_pasted_link_shows_what_its_reader_may_see(secrets, browser):
    wrong = []
    for kind in OUTSIDERS:
        person = secrets.people[kind]
        client = browser.as_(person) if person is not None and kind != "suspended" else browser
        for state, clip in secrets.clips.items():
            response = client.get(clip.get_absolute_url())
            head = head_of(response) + str(response.headers)
            if found := secrets.found(kind, head):
                wrong.append((kind, state, found))
            if response.status_code != (200 if kind in CLIPS[state] else 404):
                wrong.append((kind, state, response.status_code))
            if response.status_code == 404 and "og:" in head:
                wrong.append((kind, state, "og:"))
    assert wrong == []


def test_an_open_clips_link_has_a_preview(secrets, browser):
    clip = secrets.clips["public"]
    head = head_of(browser.get(clip.get_absolute_url()))
    assert 'property="og:title"' in head
    assert clip.caption.split()[0] in head


def test_a_profiles_link_shows_no_clip_that_is_not_for_everybody(secrets, browser):
    for owner in secrets.owners:
        response = browser.get(f"/@{owner}/")
        assert secrets.found("anonymous", head_of(response)) == []
        assert response.status_code == (200 if owner in {"keeper", "closed"} else 404)
