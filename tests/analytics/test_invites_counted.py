"""What an invite brings is counted for the clip and its creator: views from its page, of a private account too, and follows."""

import pytest

from analytics import inbox, rollups
from analytics.models import CreatorDay, SourceDay, VideoDay
from privacy import actions as privacy
from videos import actions
from videos.models import Invite

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engines]


@pytest.fixture(autouse=True)
def _time_to_watch(monkeypatch):
    monkeypatch.setattr(inbox, "WATCH_SLACK_MS", 10**10)


@pytest.fixture
def invite(cast, make_video):
    privacy.update_privacy(cast.alice, is_private=True)
    clip = make_video(cast.alice, duration_ms=10_000)
    return actions.create_invite(cast.alice, clip, actions.add_contact(cast.alice, "Anna", "copy"))


def watch(client, invite, **more):
    visit = client.get("/api/v1/events/visit/").json()["visit"]
    event = {
        "kind": "view",
        "video": str(invite.video_id),
        "watched_ms": 6000,
        "duration_ms": 10_000,
        "loops": 0,
    }
    body = {"visit": visit, "events": [event | {"source": "invite"} | more]}
    return client.post("/api/v1/events/", body, content_type="application/json").json()


def test_a_view_from_the_page_counts_for_the_creator_once_the_browser_opened_the_invite(browser, invite):
    assert watch(browser, invite) == {"accepted": 0, "dropped": 1}
    browser.post(f"/i/{invite.token}/open/")
    assert watch(browser, invite) == {"accepted": 1, "dropped": 0}
    rollups.flush()
    row = SourceDay.objects.get()
    assert (row.source, row.views, row.watch_ms) == ("invite", 1, 6000)
    assert CreatorDay.objects.get(creator=invite.video.author_id).views == 1
    # What ended the invite ended this, too.
    actions.revoke_invite(invite.inviter, invite)
    assert watch(browser, invite, watched_ms=5000) == {"accepted": 0, "dropped": 1}


def test_a_used_invite_counts_views_of_whoever_follows_by_it_alone(browser, cast, invite):
    browser.post(f"/i/{invite.token}/open/")
    actions.accept_invite(cast.dave, invite.token)
    assert watch(browser, invite)["accepted"] == 0
    assert watch(browser.as_(cast.dave), invite)["accepted"] == 1


def test_a_follow_by_invite_is_won_by_its_clip_once(browser, cast, invite):
    dave = browser.as_(cast.dave)
    dave.post(f"/i/{invite.token}/follow/")
    event = {"kind": "follow", "follow": "alice", "video": str(invite.video_id), "source": "profile"}
    visit = dave.get("/api/v1/events/visit/").json()["visit"]
    dave.post("/api/v1/events/", {"visit": visit, "events": [event]}, content_type="application/json")
    rollups.flush()
    assert VideoDay.objects.get().followers_won == 1
    assert SourceDay.objects.get().source == "invite"
    assert CreatorDay.objects.get(creator=cast.alice.pk).followers_new == 1
    assert Invite.objects.get().accepted_by == cast.dave
