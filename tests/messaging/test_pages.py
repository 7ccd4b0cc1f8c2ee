"""The pages of messages and notifications as the server draws them."""

import re

import pytest
from django.urls import reverse

from messaging import actions
from messaging.templatetags.chat import linked
from privacy.actions import update_privacy

pytestmark = pytest.mark.django_db


def test_a_conversation_is_drawn_whole_without_a_script(browser, cast, talk):
    room = talk("alice", "carol")
    talk.say(cast.alice, room, "<script>alert(1)</script> see https://example.com/x.")
    page = browser.as_(cast.carol).get(f"/messages/{room}/").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert (
        '<a href="https://example.com/x" target="_blank" rel="noopener noreferrer nofollow ugc">https://example.com/x</a>.'
        in page
    )
    assert "style=" not in page.split("</head>")[1]


@pytest.mark.parametrize(
    ("text", "href"),
    [
        ("www.example.com", "https://www.example.com"),
        ("http://a.b/c?d=e&f", "http://a.b/c?d=e&amp;f"),
        ("javascript:alert(1)", None),
        ('https://a.b/"onx=', 'https://a.b/"'),
    ],
)
def test_links(text, href):
    html = linked(text)
    assert ("<a " in html) == (href is not None)
    if href:
        assert f'href="{href.rstrip(chr(34))}' in html
        assert "onx" not in html.split("</a>")[0].split("<a ")[1]


def test_a_visitor_is_sent_to_log_in(browser, db):
    for path in (
        "/messages/",
        "/messages/requests/",
        "/messages/1/",
        "/messages/new/?to=x",
        "/messages/share/?video=1",
        "/inbox/",
    ):
        answer = browser.get(path)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/login/")


def test_a_stranger_finds_no_conversation(browser, cast, talk):
    room = talk("alice", "carol")
    assert browser.as_(cast.dave).get(f"/messages/{room}/").status_code == 404
    assert browser.as_(cast.dave).get("/messages/x/").status_code == 404


def test_message_from_a_profile(browser, cast):
    answer = browser.as_(cast.dave).get("/messages/new/?to=alice")
    assert answer.status_code == 302
    page = browser.as_(cast.dave).get(answer["Location"])
    assert page.status_code == 200
    assert b"data-composer" in page.content
    assert browser.as_(cast.mallory).get("/messages/new/?to=alice").status_code == 404
    assert browser.as_(cast.dave).get("/messages/new/?to=nobody").status_code == 404


def test_a_request_shows_its_words_only_when_opened(browser, cast, talk):
    update_privacy(cast.alice, message_audience="friends")
    room = talk("dave", "alice")
    talk.say(cast.dave, room, "the words")
    alice = browser.as_(cast.alice)
    assert b"the words" not in alice.get("/messages/").content
    assert b"the words" not in alice.get("/messages/requests/").content
    page = alice.get(f"/messages/{room}/").content
    assert b"the words" in page
    assert b"data-decide" in page


def test_a_refusal_replaces_the_composer(browser, cast, talk):
    room = talk("alice", "carol")
    update_privacy(cast.alice, message_audience="nobody")
    page = browser.as_(cast.carol).get(f"/messages/{room}/").content
    assert b"data-composer" not in page
    assert b"does not take messages" in page


def test_sharing_a_clip_without_a_script(browser, cast, talk, make_video):
    clip = make_video(cast.alice)
    room = talk("alice", "carol")
    talk.say(cast.alice, room)
    alice = browser.as_(cast.alice)
    page = alice.get(f"/messages/share/?video={clip.pk}")
    assert page.status_code == 200
    answer = alice.post(
        "/messages/share/", {"video": clip.pk, "conversation": room, "client_id": "s1", "text": "look"}
    )
    assert answer["Location"] == reverse("message-thread", args=[room])
    hidden = make_video(cast.dave, audience="only_me")
    assert alice.get(f"/messages/share/?video={hidden.pk}").status_code == 404


def test_an_address_opens_a_conversation_around_a_message(browser, cast, talk):
    room = talk("alice", "carol")
    said = [talk.say(cast.alice, room, f"line {number}.") for number in range(1, 101)]
    page = browser.as_(cast.carol).get(f"/messages/{room}/?message={said[29].pk}").content.decode()
    assert 'data-at="30"' in page
    assert "line 30." in page
    assert "line 100." not in page.partition("data-list>")[2]
    newest = browser.as_(cast.carol).get(f"/messages/{room}/").content.decode()
    assert 'data-at=""' in newest
    assert "line 30." not in newest


@pytest.mark.parametrize("which", ["elsewhere", "deleted", "0", "x", "9" * 30])
def test_an_address_with_a_message_that_is_not_here_opens_the_newest(browser, cast, talk, which):
    room = talk("alice", "carol")
    talk.say(cast.alice, room, "here")
    secret = talk.say(cast.alice, talk("alice", "bob"), "the secret")
    if which == "elsewhere":
        which = secret.pk
    elif which == "deleted":
        gone = talk.say(cast.alice, room, "gone")
        actions.leave_conversation(cast.carol, room)
        talk.say(cast.alice, room, "again")
        which = gone.pk
    page = browser.as_(cast.carol).get(f"/messages/{room}/?message={which}")
    assert page.status_code == 200
    assert b'data-at=""' in page.content
    assert b"the secret" not in page.content


def test_a_message_deleted_for_oneself_keeps_its_number_and_nothing_else(browser, cast, talk):
    room = talk("alice", "carol")
    talk.say(cast.alice, room, "stays")
    gone = talk.say(cast.alice, room, "the words")
    talk.say(cast.alice, room, "stays too")
    actions.hide_message(cast.carol, gone.pk)
    page = browser.as_(cast.carol).get(f"/messages/{room}/").content
    assert b"the words" not in page
    assert re.search(rb'<li class="message[^>]*data-seq="2"[^>]*\shidden', page)
    assert b"the words" in browser.as_(cast.alice).get(f"/messages/{room}/").content


def test_the_page_says_from_which_change_on_it_must_ask(browser, cast, talk):
    room = talk("alice", "carol")
    first = talk.say(cast.alice, room)
    actions.react(cast.carol, first.pk, "🔥")
    page = browser.as_(cast.carol).get(f"/messages/{room}/").content
    assert b'data-change="2"' in page
    assert b'data-tip="1"' in page


def test_a_group_shows_its_name_who_wrote_and_what_happened(browser, cast, talk):
    room = actions.start_group(cast.carol, ["alice"], "Harbour walk").pk
    talk.say(cast.carol, room, "Morning")
    page = browser.as_(cast.alice).get(f"/messages/{room}/").content.decode()
    assert "chat--group" in page
    assert '<h1 data-part="title">Harbour walk</h1>' in page
    assert "carol made the group" in page
    thread = page.partition("data-list>")[2]
    assert 'data-part="from">carol</p>' in thread


def test_a_first_message_offers_no_pictures(browser, cast, talk):
    def offers(person, room):
        page = browser.as_(person).get(f"/messages/{room}/").content.decode()
        return re.search(r"data-add-picture\s+(hidden)?", page)[1] != "hidden"

    update_privacy(cast.alice, message_audience="friends")
    assert not offers(cast.dave, talk("dave", "alice"))
    assert offers(cast.carol, talk("carol", "alice"))


def test_the_pages_cost_a_constant_number_of_queries(
    browser, cast, talk, make_person, django_assert_max_num_queries
):
    for number in range(6):
        make_person(f"friend{number}")
        room = talk("alice", f"friend{number}")
        for text in range(4):
            talk.say(cast.alice, room, str(text))
    alice = browser.as_(cast.alice)
    # session and person 2; badges 2; list: seats, others, which messages are the newest, these, what was deleted for one
    # only, reactions, number of requests 7.
    with django_assert_max_num_queries(11):
        assert alice.get("/messages/").status_code == 200
    # beside the list: seat, messages, their reactions and requests, the card (3) and what the composer needs (4).
    with django_assert_max_num_queries(24):
        assert alice.get(f"/messages/{room}/").status_code == 200
    with django_assert_max_num_queries(8):  # session, person, badges 2, rows, people, number of requests
        assert alice.get("/inbox/").status_code == 200
