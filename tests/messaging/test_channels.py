"""How one is told: groups by channels, on the page and in the API alike, and what a channel that is off leaves out."""

import pytest

from accounts import actions as accounts
from accounts.follow_back import settings_of
from messaging import access, actions, channels, delivery
from messaging.models import Notification, NotificationSettings
from socialapp.lib.errors import Invalid
from videos import actions as videos

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "/api/v1/me/notifications/"


def test_every_kind_belongs_to_one_group():
    assert set(channels.GROUP_OF) == set(Notification.Kind.values)
    assert sum(len(group.kinds) for group in channels.GROUPS.values()) == len(Notification.Kind.values)


def test_a_person_who_never_chose_is_shown_the_defaults(cast, api):
    shown = api.as_(cast.dave).get(ADDRESS).json()
    assert shown["channels"] == channels.table(None)
    assert shown["channels"]["likes"] == {"in_app": True, "push": False, "email": True}
    assert (shown["digest"], shown["quiet_from"], shown["time_zone"]) == ("weekly", None, "")
    assert not NotificationSettings.objects.exists()


def test_one_switch_leaves_the_others(cast, api):
    client = api.as_(cast.alice)
    client.patch(ADDRESS, {"channels": {"likes": {"in_app": False}}}, format="json")
    shown = client.patch(ADDRESS, {"channels": {"follows": {"push": False}}}, format="json").json()
    assert shown["channels"]["likes"]["in_app"] is False
    assert shown["channels"]["follows"] == {"in_app": True, "push": False, "email": True}


@pytest.mark.engines
def test_only_what_differs_from_the_defaults_is_kept(cast):
    actions.change_notification_settings(cast.alice, channels={"likes": {"push": True, "in_app": True}})
    row = NotificationSettings.objects.get()
    assert row.channels == {"likes": {"push": True}}
    actions.change_notification_settings(cast.alice, channels={"likes": {"push": False}})
    row.refresh_from_db()
    assert row.channels == {}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"channels": {"nothing": {"push": True}}}, "channels"),
        ({"channels": {"likes": {"pigeon": True}}}, "channels"),
        ({"channels": {"site": {"in_app": False}}}, "channels"),
        ({"channels": {"likes": "yes"}}, "channels"),
        ({"quiet_from": "22:00"}, "quiet_to"),
        ({"quiet_to": "07:00"}, "quiet_from"),
        ({"quiet_from": "07:00", "quiet_to": "07:00"}, "quiet_to"),
        ({"quiet_from": "25:00"}, "quiet_from"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
        ({"digest": "hourly"}, "digest"),
        ({"sound": True}, "sound"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(cast, api, body, field):
    client = api.as_(cast.alice)
    client.patch(ADDRESS, {"digest": "daily", "time_zone": "Asia/Tokyo"}, format="json")
    answer = client.patch(ADDRESS, {"digest": "off", **body}, format="json")
    assert answer.status_code == 400
    assert field in answer.json()["error"]["fields"]
    assert client.get(ADDRESS).json()["digest"] == "daily"


def test_what_the_action_is_given_directly_is_checked_too(cast):
    with pytest.raises(Invalid):
        actions.change_notification_settings(cast.alice, digest="hourly")


@pytest.mark.engines
def test_a_group_that_is_off_in_the_app_rings_no_bell_but_stays_listed(cast, make_video):
    clip = make_video(cast.alice)
    videos.like(cast.bob, clip)
    videos.comment(cast.bob, clip, "hello")
    assert access.badges(cast.alice)["notifications"] == 2
    actions.change_notification_settings(cast.alice, channels={"likes": {"in_app": False}})
    assert access.badges(cast.alice)["notifications"] == 1
    assert {row.kind for row in access.notifications(cast.alice)} == {"like", "comment"}
    actions.change_notification_settings(cast.alice, channels={"likes": {"in_app": True}})
    assert access.badges(cast.alice)["notifications"] == 2


def test_a_group_that_is_off_in_the_app_does_not_appear_on_open_pages(cast, make_video):
    videos.like(cast.bob, make_video(cast.alice))
    row = Notification.objects.get()
    frame = {"type": "notification.new", "seq": 1, "data": {"notification": str(row.pk)}}
    assert "bob liked your clip" in delivery.render_batch([(cast.alice.pk, frame)])[0]
    actions.change_notification_settings(cast.alice, channels={"likes": {"in_app": False}})
    assert delivery.render_batch([(cast.alice.pk, frame)]) == [None]


def test_somebody_elses_switches_change_nothing_of_mine(cast, make_video):
    actions.change_notification_settings(cast.bob, channels={"follows": {"in_app": False}})
    accounts.follow(cast.dave, cast.alice)
    assert access.badges(cast.alice)["notifications"] == 1


def test_the_page_shows_and_keeps_what_the_api_does(cast, browser, api):
    client, page = api.as_(cast.alice), browser.as_(cast.alice)
    client.patch(
        ADDRESS,
        {"channels": {"likes": {"email": False}}, "quiet_from": "22:30", "quiet_to": "07:00"},
        format="json",
    )
    form = page.get("/settings/notifications/").context["form"]
    assert form["likes-email"].value() is False
    body = {name: field.value() for name, field in ((f.name, f) for f in form)}
    sent = {name: "on" for name, value in body.items() if value is True} | {
        "quiet_from": "22:30",
        "quiet_to": "06:00",
        "time_zone": "Europe/Paris",
        "digest": "daily",
        "likes-push": "on",
    }
    assert page.post("/settings/notifications/", sent).status_code == 302
    shown = client.get(ADDRESS).json()
    assert shown["channels"]["likes"] == {"in_app": True, "push": True, "email": False}
    assert (shown["quiet_from"], shown["quiet_to"]) == ("22:30", "06:00")
    assert (shown["time_zone"], shown["digest"]) == ("Europe/Paris", "daily")


def test_the_weekly_mail_of_people_to_follow_back_is_switched_on_this_page_too(cast, browser):
    page, path = browser.as_(cast.alice), "/settings/notifications/"
    accounts.set_follow_back(cast.alice, {"minimum": 3})

    def sent(**more):
        assert page.post(path, {"digest": "off", **more}).status_code == 302
        row = settings_of(cast.alice)
        assert row.digest is page.get(path).context["form"]["follow_back_mail"].value()
        assert row.minimum == 3  # the criteria stay as they are
        return row

    due = sent(follow_back_mail="on").digest_due_at
    assert due.weekday() == 0
    assert "checked" in str(page.get(path).context["form"]["follow_back_mail"])
    assert page.get("/people/follow-back/").context["criteria"]["digest"] is True
    assert sent(follow_back_mail="on").digest_due_at == due
    assert sent().digest_due_at is None
    # Whoever does not touch the switch gets no row of criteria by saving the page.
    browser.as_(cast.bob).post(path, {"digest": "off"})
    assert settings_of(cast.bob)._state.adding


def test_the_page_says_what_is_wrong_and_saves_nothing(cast, browser):
    page = browser.as_(cast.alice)
    answer = page.post("/settings/notifications/", {"digest": "daily", "quiet_from": "22:00"})
    assert answer.status_code == 400
    assert "Say when the quiet hours begin and when they end." in answer.content.decode()
    assert access.notification_settings(cast.alice) is None
