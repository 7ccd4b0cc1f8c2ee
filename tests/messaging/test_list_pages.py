"""The list of conversations and the pages around it as the server draws them."""

import uuid

import pytest

from messaging import access, actions
from messaging.models import Message, Participant
from messaging.templatetags.conversations import around, faces_of, lasted, preview_of, title_of
from privacy.actions import block, update_privacy

pytestmark = pytest.mark.django_db


def page_of(browser, person, path):
    answer = browser.as_(person).get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def ids_in(page):
    """The conversations that a list draws, in its order; what its template for the page script holds is none."""
    return [part.split('"')[0] for part in page.split('data-conversation="')[1:] if part[0] != '"']


def test_pinned_come_first_and_archived_have_a_list_of_their_own(browser, cast, talk):
    old, new = talk("alice", "carol"), talk("alice", "bob")
    talk.say(cast.carol, old, "older")
    talk.say(cast.bob, new, "newer")
    assert ids_in(page_of(browser, cast.alice, "/messages/")) == [str(new), str(old)]
    actions.pin_conversation(cast.alice, old, True)
    assert ids_in(page_of(browser, cast.alice, "/messages/")) == [str(old), str(new)]
    actions.archive_conversation(cast.alice, new, True)
    assert ids_in(page_of(browser, cast.alice, "/messages/")) == [str(old)]
    assert ids_in(page_of(browser, cast.alice, "/messages/?archived=1")) == [str(new)]


def test_a_request_is_a_shape_never_words(browser, cast, talk):
    update_privacy(cast.alice, message_audience="friends")
    talk.say(cast.dave, talk("dave", "alice"), "canary words")
    page = page_of(browser, cast.alice, "/messages/requests/")
    assert "canary" not in page
    assert "request__veil" in page
    assert all(f'data-act="{act}"' in page for act in ("accept", "decline", "report", "block", "delete-all"))


def test_an_empty_list_names_the_next_step(browser, cast):
    assert 'href="/messages/new/"' in page_of(browser, cast.dave, "/messages/")
    assert "No requests" in page_of(browser, cast.dave, "/messages/requests/")
    assert "Nothing archived" in page_of(browser, cast.dave, "/messages/?archived=1")


# --- Whom one may write to ------------------------------------------------------------------------------------------


def names(found):
    return [one["username"] for one in found]


def test_people_are_those_one_talks_to_then_friends_then_whom_one_follows(cast, talk):
    assert names(access.recipients(cast.alice)) == ["carol"]  # a friend
    assert names(access.recipients(cast.bob)) == ["alice"]  # followed
    talk.say(cast.bob, talk("bob", "alice"), "hello")
    assert set(names(access.recipients(cast.alice))) == {"bob", "carol"}
    assert names(access.recipients(cast.alice))[0] == "bob"


def test_people_are_found_by_their_names_unless_they_do_not_want_to_be(cast):
    assert names(access.recipients(cast.alice, "dav")) == ["dave"]
    assert names(access.recipients(cast.alice, "@DAVE")) == ["dave"]
    update_privacy(cast.dave, findable=False)
    assert access.recipients(cast.alice, "dave") == []
    assert access.recipients(cast.alice, "\x00") == []


def test_who_takes_no_messages_or_is_blocked_is_not_offered(cast):
    update_privacy(cast.carol, message_audience="nobody")
    assert access.recipients(cast.alice, "carol") == []
    assert access.recipients(cast.mallory, "alice") == []
    assert access.recipients(cast.alice, "mallory") == []


def test_people_say_whether_it_arrives_as_a_request(cast):
    update_privacy(cast.dave, message_audience="friends")
    (dave,) = access.recipients(cast.alice, "dave")
    assert dave["request"]
    assert dave["first_contact"]
    (carol,) = access.recipients(cast.alice, "carol")
    assert not carol["request"]
    assert not carol["first_contact"]


def test_finding_people_costs_a_constant_number_of_queries(cast, make_person, django_assert_max_num_queries):
    for number in range(8):
        make_person(f"davi{number}")
    with django_assert_max_num_queries(4):  # the people, the viewer's ties to them, blocks, who said yes
        assert len(access.recipients(cast.alice, "dav")) == 9


# --- A new message, a group, a clip ---------------------------------------------------------------------------------


def test_one_person_makes_a_conversation_several_a_group(browser, cast):
    alice = browser.as_(cast.alice)
    assert "carol" in page_of(browser, cast.alice, "/messages/new/")
    one = alice.post("/messages/new/", {"usernames": ["carol"]})
    assert not Participant.objects.get(person=cast.alice).conversation.is_group
    assert one.status_code == 302
    several = alice.post("/messages/new/", {"usernames": ["carol", "bob"], "name": "Harbour"})
    room = several["Location"].rstrip("/").rsplit("/", 1)[1]
    group = access.get_conversation(cast.alice, room)
    assert (group.is_group, group.name) == (True, "Harbour")


def test_a_clip_goes_to_several_at_once(browser, cast, talk, make_video):
    clip = make_video(cast.alice)
    room = talk("alice", "bob")
    talk.say(cast.bob, room)
    sent = {
        "video": clip.pk,
        "conversation": [room],
        "username": ["carol"],
        "text": "look",
        "client_id": uuid.uuid4().hex,
    }
    assert browser.as_(cast.alice).post("/messages/share/", sent).status_code == 302
    shared = Message.objects.filter(sender=cast.alice, video=clip)
    assert {m.text for m in shared} == {"look"}
    assert shared.values("conversation").distinct().count() == 2
    browser.as_(cast.alice).post("/messages/share/", sent)
    assert shared.count() == 2  # the same form sent twice sends once


def test_sharing_without_choosing_anybody_says_so(browser, cast, talk, make_video):
    clip = make_video(cast.alice)
    answer = browser.as_(cast.alice).post("/messages/share/", {"video": clip.pk, "client_id": "x"})
    assert answer.status_code == 400
    assert b"Choose somebody" in answer.content


# --- Search ---------------------------------------------------------------------------------------------------------


def test_search_finds_people_and_words_marked_and_leads_to_the_message(browser, cast, talk):
    room = talk("alice", "carol")
    said = talk.say(cast.carol, room, "the <b>Lighthouse</b> at six")
    page = page_of(browser, cast.alice, "/messages/search/?q=lighthouse")
    assert "<mark>Lighthouse</mark>" in page
    assert "&lt;b&gt;" in page
    assert f"/messages/{room}/?message={said.pk}" in page
    assert "/messages/new/?to=carol" in page_of(browser, cast.alice, "/messages/search/?q=caro")


def test_search_finds_nothing_of_requests_nor_of_others(browser, cast, talk):
    update_privacy(cast.alice, message_audience="friends")
    talk.say(cast.dave, talk("dave", "alice"), "canary words")
    assert "canary words" not in page_of(browser, cast.alice, "/messages/search/?q=canary")
    assert "canary words" not in page_of(browser, cast.bob, "/messages/search/?q=canary")
    assert "Nothing found" in page_of(browser, cast.bob, "/messages/search/?q=canary")


# --- Details --------------------------------------------------------------------------------------------------------


@pytest.fixture
def group(cast):
    return actions.start_group(cast.alice, ["carol", "bob"], "Harbour").pk


def test_details_offer_what_one_may_do(browser, cast, group):
    mine = page_of(browser, cast.alice, f"/messages/{group}/details/")
    assert 'data-act="rename"' in mine
    assert 'data-username="bob"' in mine
    bobs = page_of(browser, cast.bob, f"/messages/{group}/details/")
    assert 'data-act="rename"' not in bobs
    assert 'data-act="leave"' in bobs
    assert browser.as_(cast.dave).get(f"/messages/{group}/details/").status_code == 404


def test_shared_clips_are_listed_until_they_are_taken_back_or_closed(cast, talk, make_video):
    room = talk("alice", "carol")
    shown = talk.say(cast.alice, room, "", video_id=make_video(cast.alice).pk)
    talk.say(cast.alice, room, "words only")
    closed = make_video(cast.alice, audience="only_me")
    talk.say(cast.alice, room, "", video_id=closed.pk)

    def seen(viewer):
        page = access.media_page(viewer, access.get_seat(viewer, room))
        return [card["id"] for card in access.media_cards(viewer, page)]

    assert seen(cast.carol) == [str(shown.pk)]
    actions.unsend(cast.alice, shown.pk)
    assert seen(cast.carol) == []


def test_nothing_shared_shows_before_a_request_is_accepted(browser, cast, talk, make_video):
    room = talk("alice", "carol")
    talk.say(cast.carol, room)
    talk.say(cast.alice, room, "", video_id=make_video(cast.alice).pk)
    Participant.objects.filter(person=cast.carol, conversation=room).update(state="request")
    seat = access.get_seat(cast.carol, room)
    assert access.media_page(cast.carol, seat).items == []
    answer = browser.as_(cast.carol).get(f"/api/v1/conversations/{room}/media/")
    assert answer.json() == {"results": [], "next": None}


# --- Everything that waits, at once ---------------------------------------------------------------------------------


def test_all_requests_are_deleted_for_their_receiver_only(browser, cast, talk):
    update_privacy(cast.alice, message_audience="friends")
    rooms = {name: talk(name, "alice") for name in ("dave", "bob")}
    for name, room in rooms.items():
        talk.say(getattr(cast, name), room, "hello")
    kept = talk("alice", "carol")
    talk.say(cast.carol, kept)
    answer = browser.as_(cast.alice).delete("/api/v1/conversations/requests/")
    assert answer.json() == {"deleted": 2}
    assert not access.message_requests(cast.alice).exists()
    assert access.conversations(cast.alice).count() == 1
    seat = access.get_seat(cast.dave, rooms["dave"])
    assert len(access.messages(cast.dave, seat)) == 1


# --- Settings -------------------------------------------------------------------------------------------------------


def test_quick_replies_are_kept_changed_and_deleted(browser, cast):
    alice = browser.as_(cast.alice)
    alice.post("/settings/messages/", {"act": "add", "text": "On my way"})
    (reply,) = access.quick_reply_cards(cast.alice)
    assert "On my way" in page_of(browser, cast.alice, "/settings/messages/")
    alice.post("/settings/messages/", {"act": "change", "reply": reply["id"], "text": "Soon"})
    assert access.quick_reply_cards(cast.alice) == [{"id": reply["id"], "text": "Soon"}]
    assert (
        browser.as_(cast.bob).post("/settings/messages/", {"act": "delete", "reply": reply["id"]}).status_code
        == 404
    )
    alice.post("/settings/messages/", {"act": "delete", "reply": reply["id"]})
    assert access.quick_reply_cards(cast.alice) == []


def test_the_away_message_is_turned_on_for_a_while_and_off(browser, cast):
    alice = browser.as_(cast.alice)
    wrong = alice.post("/settings/messages/", {"act": "away", "on": "1", "text": "", "hours": "24"})
    assert wrong.status_code == 400
    assert b'id="away-problem"' in wrong.content
    alice.post("/settings/messages/", {"act": "away", "on": "1", "text": "Back on Monday", "hours": "24"})
    said = access.away_message(cast.alice)
    assert said["on"]
    assert said["until"]
    alice.post("/settings/messages/", {"act": "away", "on": "1", "text": "Back soon", "hours": "keep"})
    assert access.away_message(cast.alice) == said | {"text": "Back soon"}
    alice.post("/settings/messages/", {"act": "away", "on": "", "text": "Back soon", "hours": "keep"})
    assert not access.away_message(cast.alice)["on"]


def test_an_unknown_act_is_not_found(browser, cast):
    assert browser.as_(cast.alice).post("/settings/messages/", {"act": "x"}).status_code == 404


# --- Words ----------------------------------------------------------------------------------------------------------


def person(name):
    return {"username": name, "display_name": name.title(), "avatar": None, "url": f"/@{name}/"}


def card(**more):
    plain = {"name": "", "is_group": False, "people": [person("bob")], "state": "active", "restricted": False}
    return plain | {"last_message": None, "added_by": None} | more


def message(**more):
    plain = {"sender": "bob", "text": "", "removed": False, "taken_down": False, "has_video": False}
    return plain | {"event": None, "image": None, "hidden": False, "preview": False} | more


def test_titles():
    several = [person(name) for name in ("ann", "ben", "cat", "dan")]
    assert title_of(card()) == "Bob"
    assert title_of(card(is_group=True, name="Harbour")) == "Harbour"
    assert title_of(card(is_group=True, people=several[:2])) == "Ann, Ben"
    assert title_of(card(is_group=True, people=several)) == "Ann, Ben, Cat and 1 more"
    assert title_of(card(is_group=True, people=[])) == "Only you"
    assert len(faces_of(card(is_group=True, people=several))) == 2
    assert len(faces_of(card())) == len(faces_of(None)) == 1


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (message(text="hi"), "hi"),
        (message(text="hi", sender="alice"), "You: hi"),
        (message(image={"id": "1"}), "Sent a picture"),
        (message(has_video=True), "Sent a clip"),
        (message(has_video=True, preview=True), "Sent an exclusive preview"),
        (message(removed=True, text="hi"), "Message taken back"),
        (message(removed=True, taken_down=True), "A moderator removed this message"),
        (message(hidden=True, text="hi"), ""),
        (message(event={"what": "renamed", "subject": None, "text": "Pier"}), "bob named the group “Pier”"),
        (message(event={"what": "left", "subject": None, "text": None}, sender=None), "Somebody left"),
    ],
)
def test_previews(last, said):
    assert preview_of(card(last_message=last), "alice") == said


def test_previews_of_groups_and_requests():
    assert preview_of(card(is_group=True, last_message=message(text="hi")), "alice") == "bob: hi"
    assert preview_of(card(state="request", last_message=message(text="hi")), "alice") == (
        "Would like to write to you"
    )
    asked = card(state="request", is_group=True, added_by="bob")
    assert preview_of(asked, "alice") == "@bob would like to add you"
    assert preview_of(card(restricted=True, last_message=message(text="hi")), "alice") == "You restrict them"


def test_lengths_and_marks():
    assert [lasted(n) for n in (10, 240, 7800, 86400 * 3)] == ["under a minute", "4 min", "2 h 10 min", "3 d"]
    assert str(around("a <b> word", "WORD")) == "a &lt;b&gt; <mark>word</mark>"
    assert "<mark>" not in str(around("nothing", "else"))


def test_a_block_takes_the_conversation_off_the_list(browser, cast, talk):
    room = talk("alice", "carol")
    talk.say(cast.carol, room, "hello")
    block(cast.alice, cast.carol)
    assert ids_in(page_of(browser, cast.alice, "/messages/")) == []
    assert ids_in(page_of(browser, cast.carol, "/messages/")) == []
