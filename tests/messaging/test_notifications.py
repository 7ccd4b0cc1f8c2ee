"""Who is told of what, grouped, never of oneself, and asked again when it is shown."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import actions as accounts
from messaging import access, actions
from messaging.models import Notification
from privacy import actions as privacy
from videos import actions as videos
from videos import signals

# on_commit handlers send notifications, so these tests commit.
pytestmark = pytest.mark.django_db(transaction=True)


def shown(person):
    return access.notification_cards(
        person, list(access.notifications(person).order_by("-updated_at", "-id"))
    )


def kinds(person):
    return [card["kind"] for card in shown(person)]


def test_likes_are_one_line_while_unread(cast, make_video):
    clip = make_video(cast.alice)
    for person in (cast.bob, cast.carol, cast.dave):
        videos.like(person, clip)
    (card,) = shown(cast.alice)
    assert card["text"] == "dave and 2 others liked your clip"
    assert card["count"] == 3
    assert card["url"] == clip.get_absolute_url()
    actions.mark_notifications_read(cast.alice)
    other = make_video(cast.alice)
    videos.like(cast.bob, other)
    assert [c["read"] for c in shown(cast.alice)] == [False, True]


def test_two_people_are_both_named(cast, make_video):
    clip = make_video(cast.alice)
    videos.like(cast.bob, clip)
    videos.like(cast.carol, clip)
    assert shown(cast.alice)[0]["text"] == "carol and bob liked your clip"


def test_taking_a_like_back_takes_the_notification_back(cast, make_video):
    clip = make_video(cast.alice)
    videos.like(cast.bob, clip)
    videos.like(cast.carol, clip)
    videos.unlike(cast.carol, clip)
    assert shown(cast.alice)[0]["text"] == "bob liked your clip"
    videos.unlike(cast.bob, clip)
    assert shown(cast.alice) == []


def test_toggling_a_like_after_it_was_read_does_not_ring_again(cast, make_video):
    clip = make_video(cast.alice)
    videos.like(cast.bob, clip)
    actions.mark_notifications_read(cast.alice)
    for _time in range(3):
        videos.unlike(cast.bob, clip)
        videos.like(cast.bob, clip)
    assert access.badges(cast.alice)["notifications"] == 0


def test_nobody_is_told_of_their_own_deeds(cast, make_video):
    clip = make_video(cast.alice)
    videos.like(cast.alice, clip)
    videos.comment(cast.alice, clip, "mine")
    assert shown(cast.alice) == []


def test_comments_replies_and_mentions(cast, make_video):
    clip = make_video(cast.alice)
    first = videos.comment(cast.bob, clip, "nice @dave @nobody-there")
    videos.comment(cast.carol, clip, "indeed", reply_to=first)
    assert kinds(cast.alice) == ["comment"]
    assert shown(cast.alice)[0]["comment"]["text"] == "indeed"
    assert kinds(cast.bob) == ["reply"]
    assert kinds(cast.dave) == ["mention"]


def test_a_mention_obeys_who_may_mention(cast, make_video):
    privacy.update_privacy(cast.dave, mention_audience="nobody")
    videos.comment(cast.bob, make_video(cast.alice), "@dave")
    assert shown(cast.dave) == []


def test_a_mention_of_a_clip_one_cannot_see_is_not_shown(cast, make_video):
    clip = make_video(cast.alice, audience="followers")
    videos.comment(cast.bob, clip, "@dave look")
    assert shown(cast.dave) == []
    assert access.badges(cast.dave)["notifications"] == 0


def test_a_hidden_clip_takes_its_notifications_along(cast, make_video):
    clip = make_video(cast.alice)
    comment = videos.comment(cast.bob, clip, "first")
    videos.comment(cast.carol, clip, "second", reply_to=comment)
    assert kinds(cast.bob) == ["reply"]
    videos.update_video(cast.alice, clip, audience="only_me")
    assert shown(cast.bob) == []


def test_a_comment_that_is_deleted_takes_only_whoever_wrote_it_along(cast, make_video):
    clip = make_video(cast.alice)
    videos.comment(cast.bob, clip, "first")
    videos.comment(cast.dave, clip, "second")
    comment = videos.comment(cast.carol, clip, "oops")
    assert shown(cast.alice)[0]["text"] == "carol and 2 others commented on your clip"
    videos.delete_comment(cast.carol, comment)
    (card,) = shown(cast.alice)
    assert card["text"] == "dave and bob commented on your clip"
    assert card["comment"]["text"] == "second"


def test_the_last_comment_that_is_deleted_takes_the_notification_along(cast, make_video):
    clip = make_video(cast.alice)
    comment = videos.comment(cast.bob, clip, "oops")
    videos.delete_comment(cast.bob, comment)
    assert shown(cast.alice) == []
    assert access.badges(cast.alice)["notifications"] == 0


def test_a_comment_that_a_moderator_removed_leaves_the_others(cast, make_video):
    clip = make_video(cast.alice)
    videos.comment(cast.bob, clip, "first")
    comment = videos.comment(cast.carol, clip, "rude")
    videos.remove_comment(cast.mod, comment)
    (card,) = shown(cast.alice)
    assert (card["text"], card["comment"]["text"]) == ("bob commented on your clip", "first")


def test_who_comments_anew_is_named_first_with_the_newest_of_their_comments(cast, make_video):
    clip = make_video(cast.alice)
    videos.comment(cast.bob, clip, "first")
    videos.comment(cast.carol, clip, "second")
    videos.comment(cast.bob, clip, "third")
    (card,) = shown(cast.alice)
    assert (card["text"], card["comment"]["text"]) == ("bob and carol commented on your clip", "third")


def test_a_notification_whose_people_are_gone_takes_new_ones(cast, make_video):
    clip = make_video(cast.alice)
    videos.delete_comment(cast.bob, videos.comment(cast.bob, clip, "oops"))
    videos.comment(cast.carol, clip, "hello")
    assert [card["text"] for card in shown(cast.alice)] == ["carol commented on your clip"]


def remix(make_video, person, clip, kind="duet", **fields):
    made = make_video(person, remix_kind=kind, remix_of=clip, **fields)
    signals.video_ready.send(None, video_id=made.pk)
    return made


def test_a_duet_tells_whose_clip_it_was_made_with(cast, make_video):
    clip = make_video(cast.alice)
    made = remix(make_video, cast.bob, clip)
    (card,) = shown(cast.alice)
    assert (card["kind"], card["group"]) == ("remix", "remixes")
    assert card["text"] == "bob made a duet with your clip"
    assert card["url"] == made.get_absolute_url()


def test_a_stitch_is_called_one_and_several_are_one_line(cast, make_video):
    clip = make_video(cast.alice)
    remix(make_video, cast.bob, clip, kind="stitch")
    assert shown(cast.alice)[0]["text"] == "bob made a stitch with your clip"
    remix(make_video, cast.carol, clip)
    assert shown(cast.alice)[0]["text"] == "carol and bob made clips with yours"


def test_a_remix_of_ones_own_tells_nobody(cast, make_video):
    remix(make_video, cast.alice, make_video(cast.alice))
    assert "remix" not in kinds(cast.alice)


def test_a_remix_that_its_subject_may_not_see_tells_nobody(cast, make_video):
    remix(make_video, cast.bob, make_video(cast.alice), audience="only_me")
    assert Notification.objects.filter(recipient=cast.alice).count() == 0


@pytest.mark.parametrize("change", [{"audience": "only_me"}, {"held_for": "term"}, {"remix_of": None}])
def test_a_remix_that_is_hidden_or_detached_is_told_of_no_more(cast, make_video, change):
    made = remix(make_video, cast.bob, make_video(cast.alice))
    type(made).objects.filter(pk=made.pk).update(**change)
    assert shown(cast.alice) == []


def test_who_followed_alone_can_be_followed_back_in_place(cast):
    accounts.follow(cast.dave, cast.alice)
    assert shown(cast.alice)[0]["following"] == "no"
    accounts.follow(cast.alice, cast.dave)
    assert shown(cast.alice)[0]["following"] == "yes"
    accounts.follow(cast.mod, cast.alice)
    assert shown(cast.alice)[0]["following"] is None


def test_the_list_narrows_to_one_group(cast, make_video, api):
    clip = make_video(cast.alice)
    videos.like(cast.bob, clip)
    videos.comment(cast.bob, clip, "hello")
    accounts.follow(cast.dave, cast.alice)
    client = api.as_(cast.alice)
    answer = client.get("/api/v1/notifications/?group=comments").json()
    assert [card["kind"] for card in answer["results"]] == ["comment"]
    refused = client.get("/api/v1/notifications/?group=nothing")
    assert refused.status_code == 400
    assert "group" in refused.json()["error"]["fields"]


def test_blocked_and_muted_people_are_not_heard(cast, make_video):
    clip = make_video(cast.alice)
    videos.like(cast.bob, clip)
    privacy.mute(cast.alice, cast.bob)
    assert shown(cast.alice) == []
    videos.comment(cast.bob, clip, "hello?")
    assert shown(cast.alice) == []
    privacy.unmute(cast.alice, cast.bob)
    assert kinds(cast.alice) == ["like"]
    privacy.block(cast.alice, cast.bob)
    assert shown(cast.alice) == []
    assert access.badges(cast.alice)["notifications"] == 0


def test_follows_requests_and_acceptance(cast):
    accounts.follow(cast.dave, cast.alice)
    assert kinds(cast.alice) == ["follow"]
    accounts.unfollow(cast.dave, cast.alice)
    assert shown(cast.alice) == []
    privacy.update_privacy(cast.bob, is_private=True)
    request = accounts.follow(cast.dave, cast.bob)
    assert kinds(cast.bob) == ["follow_request"]
    accounts.accept_request(cast.bob, request.pk)
    assert "follow_request" not in kinds(cast.bob)
    assert kinds(cast.dave) == ["follow_accepted"]


def test_a_clip_that_is_ready_or_failed_tells_its_author(cast, make_video):
    ready = make_video(cast.alice)
    signals.video_ready.send(None, video_id=ready.pk)
    failed = make_video(cast.alice, state="failed", error_code="no_video")
    signals.video_failed.send(None, video_id=failed.pk)
    assert [c["text"] for c in shown(cast.alice)] == [
        "This file has no picture track. Choose a video file.",
        "Your clip is ready to watch",
    ]


def test_a_failing_notification_does_not_undo_what_happened(cast, make_video, monkeypatch):
    monkeypatch.setattr(actions, "notify", lambda *args, **kwargs: 1 / 0)
    clip = make_video(cast.alice)
    videos.like(cast.bob, clip)
    clip.refresh_from_db()
    assert clip.likes_count == 1


def test_the_inbox_costs_a_constant_number_of_queries(
    cast, make_video, make_person, django_assert_max_num_queries
):
    people = [make_person(f"fan{number}") for number in range(4)]
    for _number in range(6):
        clip = make_video(cast.alice)
        for person in people:
            videos.like(person, clip)
    assert Notification.objects.count() == 6
    with django_assert_max_num_queries(2):  # the page of rows with clips and comments; their latest people
        access.notification_cards(cast.alice, access.notification_page(cast.alice).items)
    with django_assert_max_num_queries(3):  # conversations; whether anything is unread; notifications
        access.badges(cast.alice)


def test_a_host_is_told_when_a_moderator_removes_their_challenge_and_when_it_is_back(cast):
    cast.alice.is_business = True
    cast.alice.save()
    now = timezone.now()
    challenge = videos.create_challenge(
        cast.alice,
        title="At sea",
        tag="sea",
        brief="Film water.",
        rules="",
        country="",
        starts_at=now + timedelta(days=1),
        ends_at=now + timedelta(days=2),
        publish=True,
    )
    videos.remove_challenge(cast.mod, challenge)
    videos.remove_challenge(cast.mod, challenge)  # nothing happens, and nothing is told
    (card,) = shown(cast.alice)
    assert card["text"] == "A moderator removed your challenge. Only you see it"
    assert card["url"] == f"/studio/challenges/{challenge.slug}/"
    actions.mark_notifications_read(cast.alice)
    videos.restore_challenge(cast.mod, challenge)
    assert next(card["text"] for card in shown(cast.alice)) == "Your challenge is back"
    assert kinds(cast.alice) == ["moderation"] * 2
