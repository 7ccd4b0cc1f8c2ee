"""Announcements: who receives one, how often it may be sent, stopping, taking back, dying halfway."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Follow, User
from messaging import access, actions
from messaging.actions import fan_out
from messaging.models import Announcement, Conversation, Message, Participant
from privacy import actions as privacy
from privacy.models import BlockedTerm
from socialapp.lib.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn, TooMany
from videos.models import Video

pytestmark = pytest.mark.django_db


@pytest.fixture
def clip(cast, make_video):
    return make_video(cast.alice, caption="Harbour")


def announce(person, clip, *, send=True, **more):
    more.setdefault("audience", "followers")
    row = actions.announce(person, video_id=str(clip.pk), **more)
    if send:
        actions.serve_announcements()
        row.refresh_from_db()
    return row


def receivers(row):
    """Names of those who can read it, by asking the gate for each."""
    found = set()
    for person in User.objects.exclude(pk=row.author_id):
        for seat in access.seats(person):
            if seat.conversation.messages.filter(announcement=row, removed_at=None).exists():
                found.add(person.username)
    return found


def later(row, **ago):
    Announcement.objects.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(**ago))


# --- Who receives it ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("audience", "expected"), [("followers", {"bob", "carol"}), ("friends", {"carol"})])
def test_the_audience_receives_it_each_in_their_own_conversation(cast, clip, audience, expected):
    row = announce(cast.alice, clip, audience=audience, text="New one")
    assert receivers(row) == expected
    assert (row.state, row.sent_count) == ("sent", len(expected))
    assert Conversation.objects.count() == len(expected)


def test_it_is_a_message_with_the_clip_not_a_request(cast, clip):
    announce(cast.alice, clip, text="New one")
    (seat,) = access.conversations(cast.carol)
    (message,) = access.message_cards(cast.carol, access.messages(cast.carol, seat))
    assert (message["kind"], message["text"], message["request"]) == ("announcement", "New one", False)
    assert message["video"]["id"] == str(clip.pk)
    assert message["preview"] is False
    assert access.badges(cast.carol)["messages"] == 1


def test_the_creators_list_does_not_fill_until_somebody_answers(cast, clip, talk):
    announce(cast.alice, clip)
    assert not access.conversations(cast.alice).exists()
    assert access.badges(cast.alice)["messages"] == 0
    talk.say(cast.bob, talk("bob", "alice"), "Great")
    (seat,) = access.conversations(cast.alice)
    cards = access.message_cards(cast.alice, access.messages(cast.alice, seat))
    assert [card["kind"] for card in cards] == ["announcement", "text"]


def test_an_answer_is_an_ordinary_message(cast, clip, talk):
    announce(cast.alice, clip)
    message = talk.say(cast.bob, talk("bob", "alice"), "Great, see https://example.com")
    assert message.seq == 2


@pytest.mark.parametrize(
    "how",
    ["blocks", "blocked", "mutes", "restricts", "restricted", "announcements_muted", "hidden", "suspended"],
)
def test_nobody_who_turned_away_receives_it(cast, clip, talk, how):
    alice, bob = cast.alice, cast.bob
    match how:
        case "blocks":
            privacy.block(bob, alice)
        case "blocked":
            privacy.block(alice, bob)
        case "mutes":
            privacy.mute(bob, alice)
        case "restricts":
            privacy.restrict(bob, alice)
        case "restricted":
            privacy.restrict(alice, bob)
        case "announcements_muted":
            actions.mute_announcements(bob, talk("bob", "alice"))
        case "hidden":
            User.objects.filter(pk=bob.pk).update(deactivated_at=timezone.now())
        case "suspended":
            User.objects.filter(pk=bob.pk).update(is_active=False)
    row = announce(alice, clip)
    assert not Message.objects.filter(announcement=row, conversation__participants__person=bob).exists()
    assert row.sent_count == 1


@pytest.mark.parametrize(
    ("setting", "bob", "carol"),
    [
        ("everyone", True, True),
        ("following", True, True),
        ("friends", False, True),
        ("nobody", False, False),
    ],
)
def test_it_arrives_only_where_it_may_as_a_message(cast, clip, setting, bob, carol):
    for person in (cast.bob, cast.carol):
        person.privacy.message_audience = setting
        person.privacy.save()
    row = announce(cast.alice, clip)
    assert receivers(row) == {name for name, gets in (("bob", bob), ("carol", carol)) if gets}
    assert not access.message_requests(cast.bob).exists()


def test_whoever_answered_before_receives_it_by_that(cast, clip, talk):
    cast.bob.privacy.message_audience = "friends"
    cast.bob.privacy.save()
    talk.say(cast.bob, talk("bob", "alice"), "Hello")
    assert receivers(announce(cast.alice, clip)) == {"bob", "carol"}


def test_a_request_that_waits_is_not_answered_by_an_announcement(cast, clip, talk):
    cast.bob.privacy.message_audience = "friends"
    cast.bob.privacy.save()
    talk.say(cast.alice, talk("alice", "bob"), "Hello")
    cast.bob.privacy.message_audience = "everyone"
    cast.bob.privacy.save()
    announce(cast.alice, clip)
    (seat,) = access.message_requests(cast.bob)
    assert seat.last_seq == 1


def test_an_archived_conversation_comes_back_unless_it_is_muted(cast, clip, talk):
    for name in ("bob", "carol"):
        talk.say(getattr(cast, name), talk(name, "alice"), "Hello")
    Participant.objects.exclude(person=cast.alice).update(archived_at=timezone.now())
    Participant.objects.filter(person=cast.carol).update(muted=True)
    announce(cast.alice, clip)
    away = Participant.objects.exclude(archived_at=None).values_list("person__username", flat=True)
    assert list(away) == ["carol"]


# --- What may be announced ------------------------------------------------------------------------------------------


def test_only_ones_own_clip(cast, clip):
    with pytest.raises(NotFound):
        announce(cast.bob, clip)
    with pytest.raises(NotFound):
        actions.announce(cast.bob, video_id="1", audience="friends")


def test_nobody_announces_without_a_log_in(clip):
    from django.contrib.auth.models import AnonymousUser

    with pytest.raises(NotSignedIn):
        announce(AnonymousUser(), clip)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"audience": "only_me"}, Invalid),
        ({"audience": "friends"}, Invalid),
        ({"state": "draft", "published_at": None}, Invalid),
        ({"state": "processing", "playlist": ""}, Invalid),
        ({"held_for": "term"}, Forbidden),
        ({"state": "removed"}, NotFound),
    ],
)
def test_a_clip_that_its_receivers_could_not_watch_is_refused(cast, make_video, fields, problem):
    with pytest.raises(problem):
        announce(cast.alice, make_video(cast.alice, **fields))
    assert not Announcement.objects.exists()


def test_a_clip_for_friends_is_announced_to_friends(cast, make_video):
    row = announce(cast.alice, make_video(cast.alice, audience="friends"), audience="friends")
    assert receivers(row) == {"carol"}


def test_what_the_site_refuses_is_refused_here(cast, clip):
    BlockedTerm.objects.create(term="casino", folded="casino", act="refuse")
    with pytest.raises(Invalid) as problem:
        announce(cast.alice, clip, text="Free c a s i n o")
    assert "text" in problem.value.fields


def test_too_long_a_text_is_refused(cast, clip):
    with pytest.raises(Invalid):
        announce(cast.alice, clip, text="x" * 501)


# --- One a day ------------------------------------------------------------------------------------------------------


def test_one_in_24_hours(cast, clip):
    row = announce(cast.alice, clip)
    with pytest.raises(TooMany) as problem:
        announce(cast.alice, clip)
    assert 86_000 < problem.value.retry_after <= 86_400
    later(row, hours=23, minutes=59)
    with pytest.raises(TooMany):
        announce(cast.alice, clip)
    later(row, hours=24, minutes=1)
    announce(cast.alice, clip)


def test_one_that_nobody_received_does_not_count(cast, clip):
    row = announce(cast.alice, clip, send=False)
    actions.stop_announcement(cast.alice, row.pk)
    assert receivers(announce(cast.alice, clip)) == {"bob", "carol"}


def test_one_that_was_taken_back_counts(cast, clip):
    row = announce(cast.alice, clip)
    actions.stop_announcement(cast.alice, row.pk, take_back=True)
    actions.serve_announcements()
    with pytest.raises(TooMany):
        announce(cast.alice, clip)


# --- Stopping and taking back ---------------------------------------------------------------------------------------


def test_stopped_it_goes_no_further(cast, clip, monkeypatch):
    monkeypatch.setattr(fan_out, "PIECE", 1)
    row = announce(cast.alice, clip, send=False)
    actions.serve_announcements(seconds=1e-9)
    first = fan_out._claim()
    fan_out._work(first, until=0)
    actions.stop_announcement(cast.alice, row.pk)
    actions.serve_announcements()
    row.refresh_from_db()
    assert (row.state, row.sent_count) == ("stopped", 1)


def test_what_went_out_whole_cannot_be_stopped(cast, clip):
    row = announce(cast.alice, clip)
    with pytest.raises(Conflict):
        actions.stop_announcement(cast.alice, row.pk)


def test_taken_back_it_is_gone_for_everybody(cast, clip, talk):
    row = announce(cast.alice, clip, text="canary")
    privacy.block(cast.bob, cast.alice)  # a block in between keeps nothing
    actions.stop_announcement(cast.alice, row.pk, take_back=True)
    actions.serve_announcements()
    row.refresh_from_db()
    assert row.state == "undone"
    messages = Message.objects.filter(announcement=row)
    assert {(m.text, m.video_id, m.is_gone) for m in messages} == {("", None, True)}
    changes = messages.values_list("change", "conversation__last_change")
    assert all(change == last == 2 for change, last in changes)


def test_only_its_author_stops_or_reads_it(cast, clip):
    row = announce(cast.alice, clip, send=False)
    for person in (cast.bob, cast.carol, cast.mod):
        with pytest.raises(NotFound):
            actions.stop_announcement(person, row.pk)
        with pytest.raises(NotFound):
            access.get_announcement(person, row.pk)


# --- The row is the queue -------------------------------------------------------------------------------------------


@pytest.fixture
def crowd(cast, make_person):
    """Twenty more followers of alice."""
    people = [make_person(f"fan{n}") for n in range(20)]
    Follow.objects.bulk_create(
        Follow(follower=person, followed=cast.alice, state="accepted") for person in people
    )
    return people


@pytest.mark.parametrize("dies_at", [1, 7, 22])
def test_a_worker_that_dies_is_followed_by_another_and_nothing_comes_twice(
    cast, clip, crowd, monkeypatch, dies_at
):
    row = announce(cast.alice, clip, send=False)
    real, served = fan_out.append_automatic, []

    def dying(*args, **more):
        served.append(args)
        message = real(*args, **more)
        if len(served) == dies_at:
            raise SystemExit  # in the middle of a transaction
        return message

    monkeypatch.setattr(fan_out, "append_automatic", dying)
    with pytest.raises(SystemExit):
        actions.serve_announcements()
    monkeypatch.setattr(fan_out, "append_automatic", real)
    assert actions.serve_announcements() == 0  # the dead worker's lease still holds
    Announcement.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    actions.serve_announcements()
    row.refresh_from_db()
    got = list(Message.objects.filter(announcement=row).values_list("conversation", flat=True))
    assert (row.state, row.sent_count, len(got), len(set(got))) == ("sent", 22, 22, 22)


def test_two_workers_that_both_hold_the_lease_send_nothing_twice(cast, clip, crowd):
    row = announce(cast.alice, clip, send=False)
    for _worker in range(2):  # the second begins where the first began
        Announcement.objects.update(reached=0, state="waiting", leased_until=None)
        actions.serve_announcements()
    row.refresh_from_db()
    assert (Message.objects.filter(announcement=row).count(), row.sent_count) == (22, 22)


def test_one_receiver_that_fails_does_not_hold_up_the_others(cast, clip, crowd, monkeypatch):
    real = fan_out._is_welcome

    def failing(row, receiver):
        if receiver.username == "fan3":
            raise RuntimeError("broken")
        return real(row, receiver)

    monkeypatch.setattr(fan_out, "_is_welcome", failing)
    assert announce(cast.alice, clip).sent_count == 21


def test_a_deleted_clip_ends_it(cast, clip, crowd):
    announce(cast.alice, clip, send=False)
    Video.objects.get(pk=clip.pk).delete()
    assert actions.serve_announcements() == 0
    assert not Message.objects.exists()


@pytest.mark.parametrize("change", [{"held_for": "term"}, {"state": "removed"}])
def test_a_clip_that_is_kept_from_people_stops_it(cast, clip, change):
    row = announce(cast.alice, clip, send=False)
    Video.objects.filter(pk=clip.pk).update(**change)
    actions.serve_announcements()
    row.refresh_from_db()
    assert (row.state, row.sent_count) == ("stopped", 0)


def test_a_suspended_author_sends_no_further(cast, clip):
    row = announce(cast.alice, clip, send=False)
    User.objects.filter(pk=cast.alice.pk).update(is_active=False)
    actions.serve_announcements()
    row.refresh_from_db()
    assert (row.state, row.sent_count) == ("stopped", 0)


def test_whoever_unfollows_meanwhile_is_passed_over(cast, clip, monkeypatch):
    row = announce(cast.alice, clip, send=False)
    real = fan_out._is_welcome

    def unfollowing(row, receiver):
        Follow.objects.filter(follower=receiver).delete()
        return real(row, receiver)

    monkeypatch.setattr(fan_out, "_is_welcome", unfollowing)
    actions.serve_announcements()
    assert receivers(row) == set()


# --- What its author sees -------------------------------------------------------------------------------------------


def test_opens_are_told_from_five_on_and_only_of_those_who_let_receipts_through(cast, clip, crowd):
    row = announce(cast.alice, clip)

    def opened():
        return access.announcement_cards(cast.alice, [row])[0]["opened"]

    for person in crowd[:4]:
        (seat,) = access.conversations(person)
        actions.mark_read(person, seat.conversation_id)
    shy = crowd[4]
    shy.privacy.read_receipts = False
    shy.privacy.save()
    actions.mark_read(shy, access.conversations(shy).get().conversation_id)
    assert opened() is None
    actions.mark_read(crowd[5], access.conversations(crowd[5]).get().conversation_id)
    assert opened() == 5


def test_progress_counts_who_is_left(cast, clip, crowd, monkeypatch):
    monkeypatch.setattr(fan_out, "PIECE", 5)
    row = announce(cast.alice, clip, send=False)
    fan_out._work(fan_out._claim(), until=0)
    row.refresh_from_db()
    (card,) = access.announcement_cards(cast.alice, [row])
    assert (card["state"], card["sent"], card["waiting"]) == ("waiting", 5, 17)


def test_a_page_of_announcements_costs_as_much_as_one(cast, clip, make_video, django_assert_max_num_queries):
    for n in range(5):
        later(announce(cast.alice, make_video(cast.alice)), days=n + 1)
    rows = access.announcement_page(cast.alice).items
    with django_assert_max_num_queries(6):  # opens, clips, and what cards of clips cost (four)
        access.announcement_cards(cast.alice, rows)


# --- As JSON --------------------------------------------------------------------------------------------------------


def test_the_api_announces_stops_and_mutes(cast, clip, api, talk):
    alice = api.as_(cast.alice)
    said = alice.post(
        "/api/v1/announcements/",
        {"text": "New", "video": str(clip.pk), "audience": "followers"},
        format="json",
    )
    assert said.status_code == 201, said.json()
    assert (said.json()["state"], said.json()["waiting"]) == ("waiting", 2)
    again = alice.post(
        "/api/v1/announcements/", {"video": str(clip.pk), "audience": "friends"}, format="json"
    )
    assert again.status_code == 429
    assert again.json()["error"]["code"] == "one_a_day"
    assert int(again.headers["Retry-After"]) > 86_000
    address = f"/api/v1/announcements/{said.json()['id']}/"
    assert alice.get(address).json()["preview"] is False
    assert api.as_(cast.bob).get(address).status_code == 404
    stopped = alice.post(f"{address}stop/", {}, format="json")
    assert stopped.json()["state"] == "stopped"
    assert len(alice.get("/api/v1/announcements/").json()["results"]) == 1
    bob = api.as_(cast.bob)
    muted = bob.post(f"/api/v1/conversations/{talk('bob', 'alice')}/announcements/", {}, format="json")
    assert muted.json() == {"muted": True}


def test_the_same_request_twice_is_one_announcement(cast, clip, api):
    body = {"video": str(clip.pk), "audience": "followers"}
    answers = [
        api.as_(cast.alice).post(
            "/api/v1/announcements/", body, format="json", headers={"Idempotency-Key": "one"}
        )
        for _try in range(2)
    ]
    assert [a.status_code for a in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]
