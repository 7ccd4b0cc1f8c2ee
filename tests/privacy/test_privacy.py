"""Settings, blocks, mutes and reports: who may, what it answers, what is written down."""

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.models import Follow
from privacy import access, actions, signals
from privacy.models import AuditEntry, Block, Mute, PrivacySettings, Report
from privacy.reports import register_target
from socialapp.lib.errors import Invalid, NotSignedIn

ME = "/api/v1/me/privacy/"


# --- Settings -------------------------------------------------------------------------------------------------


def test_the_settings_are_read_and_changed(api, cast):
    client = api.as_(cast.alice)
    before = client.get(ME).json()
    assert before["message_audience"] == "everyone"
    after = client.patch(ME, {"is_private": True, "message_audience": "friends"}, format="json").json()
    assert {name for name in after if after[name] != before[name]} == {"is_private", "message_audience"}
    entry = AuditEntry.objects.get(verb="privacy.change")
    assert entry.detail["after"] == {"is_private": True, "message_audience": "friends"}


@pytest.mark.parametrize(
    "change",
    [
        {"message_audience": "public"},
        {"following_audience": "everyone"},
        {"is_private": "perhaps"},
        {"is_private": None},
        {"person": 1},
        {"nonsense": True},
    ],
)
def test_a_wrong_value_is_named_and_nothing_changes(api, cast, change):
    answer = api.as_(cast.alice).patch(ME, {"findable": False, **change}, format="json")
    assert answer.status_code == 400
    assert set(change) <= set(answer.json()["error"]["fields"])
    assert PrivacySettings.objects.get(person=cast.alice).findable is True
    with pytest.raises(Invalid):
        actions.update_privacy(cast.alice, **change)


def test_a_change_is_told_after_commit_and_only_when_something_changed(
    cast, django_capture_on_commit_callbacks
):
    told = []

    def hear(sender, person_id, changes, **kwargs):
        told.append((person_id, changes))

    signals.privacy_changed.connect(hear)
    with django_capture_on_commit_callbacks(execute=True):
        actions.update_privacy(cast.alice, findable=False)
        actions.update_privacy(cast.alice, findable=False)
        assert told == []
    signals.privacy_changed.disconnect(hear)
    assert told == [(cast.alice.pk, {"findable": False})]


def test_filter_words_are_kept_tidy_and_once(api, cast):
    sent = {
        "comment_keywords": ["  Spoiler ", "SPOILER", "cheap   followers", "\u200b", "ＵＧＬＹ"],
        "approve_comments": True,
    }
    answer = api.as_(cast.alice).patch(ME, sent, format="json").json()
    assert answer["comment_keywords"] == ["Spoiler", "cheap followers", "UGLY"]
    assert answer["approve_comments"] is True


@pytest.mark.parametrize(
    "words", [["x"] * 1 + [f"w{n}" for n in range(100)], ["x" * 61], "spoiler", [1], [None], {"a": 1}]
)
def test_filter_words_that_do_not_fit_are_refused(api, cast, words):
    answer = api.as_(cast.alice).patch(ME, {"comment_keywords": words}, format="json")
    if words == [1]:  # the API takes a number for its text
        assert answer.json()["comment_keywords"] == ["1"]
    else:
        assert answer.status_code == 400
        assert "comment_keywords" in answer.json()["error"]["fields"]
    with pytest.raises(Invalid):
        actions.update_privacy(cast.alice, comment_keywords=words)


def test_filter_words_are_one_a_line_on_the_page(browser, cast):
    page = browser.as_(cast.alice)
    choices = {
        f"{name}_audience": value
        for name, value in (
            ("following", "public"),
            ("followers", "public"),
            ("friends", "public"),
            ("likes", "only_me"),
            ("message", "everyone"),
            ("comment", "everyone"),
            ("mention", "everyone"),
            ("duet", "everyone"),
            ("stitch", "everyone"),
            ("download", "everyone"),
        )
    }
    good = {**choices, "filter_spam": "on", "comment_keywords": "spoiler\r\n\r\n cheap followers \r\n"}
    assert page.post("/settings/privacy/", good).status_code == 302
    allowed = PrivacySettings.objects.get(person=cast.alice)
    assert allowed.comment_keywords == ["spoiler", "cheap followers"]
    assert (allowed.filter_spam, allowed.approve_comments) == (True, False)
    assert "spoiler\ncheap followers" in page.get("/settings/privacy/").content.decode()
    refused = page.post("/settings/privacy/", {**choices, "comment_keywords": "x" * 61})
    assert refused.status_code == 400
    assert "at most 60 characters" in refused.content.decode()


def test_the_page_saves_what_it_shows_and_leaves_the_rest(browser, cast):
    actions.update_privacy(cast.alice, show_activity=False)
    page = browser.as_(cast.alice)
    text = page.get("/settings/privacy/").content.decode()
    assert "Only followers you accept" in text
    choices = {"following_audience": "friends", "likes_audience": "only_me", "message_audience": "nobody"}
    choices |= {"followers_audience": "friends", "friends_audience": "only_me"}
    choices |= {"duet_audience": "nobody", "stitch_audience": "everyone", "download_audience": "friends"}
    answer = page.post(
        "/settings/privacy/",
        {"is_private": "on", "comment_audience": "friends", "mention_audience": "everyone", **choices},
    )
    assert answer.status_code == 302
    allowed = PrivacySettings.objects.get(person=cast.alice)
    assert (allowed.is_private, allowed.findable, allowed.message_audience) == (True, False, "nobody")
    assert (allowed.show_activity, allowed.duet_audience, allowed.download_audience) == (
        False,
        "nobody",
        "friends",
    )
    assert page.post("/settings/privacy/", {"message_audience": "x"}).status_code == 400


def test_a_person_without_a_row_allows_nothing(cast):
    PrivacySettings.objects.filter(person=cast.alice).delete()
    person = type(cast.alice).objects.get(pk=cast.alice.pk)
    allowed = access.privacy_of(person)
    assert (allowed.is_private, allowed.message_audience, allowed.following_audience) == (
        True,
        "nobody",
        "only_me",
    )


# --- Blocks and mutes -----------------------------------------------------------------------------------------


def test_a_block_is_made_once_told_once_and_audited(api, cast, django_capture_on_commit_callbacks):
    told = []

    def hear(sender, blocker_id, blocked_id, **kwargs):
        told.append((blocker_id, blocked_id))

    signals.person_blocked.connect(hear)
    with django_capture_on_commit_callbacks(execute=True):
        for _attempt in range(2):
            answer = api.as_(cast.alice).post("/api/v1/users/bob/block/")
            assert (answer.status_code, answer.json()) == (200, {"blocked": True})
    signals.person_blocked.disconnect(hear)
    assert told == [(cast.alice.pk, cast.bob.pk)]
    assert Block.objects.filter(blocker=cast.alice, blocked=cast.bob).count() == 1
    assert AuditEntry.objects.filter(verb="block", target_id=cast.bob.pk).count() == 1
    assert not Follow.objects.filter(follower=cast.bob, followed=cast.alice).exists()
    assert set(access.blocked_ids(cast.alice)) == {cast.bob.pk, cast.mallory.pk}
    assert set(access.blocked_ids(cast.bob)) == {cast.alice.pk}
    assert access.is_blocked(cast.bob, cast.alice)


def test_a_block_that_fails_half_way_leaves_nothing(cast, monkeypatch):
    monkeypatch.setattr("privacy.actions.shutting_out.audit", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        actions.block(cast.alice, cast.bob)
    assert not access.is_blocked(cast.alice, cast.bob)
    assert Follow.objects.filter(follower=cast.bob, followed=cast.alice).exists()


def test_only_the_blocker_unblocks(api, cast):
    assert api.as_(cast.mallory).delete("/api/v1/users/alice/block/").status_code == 404
    assert access.is_blocked(cast.alice, cast.mallory)
    assert api.as_(cast.alice).delete("/api/v1/users/MALLORY/block/").status_code == 204
    assert not access.is_blocked(cast.alice, cast.mallory)
    assert api.as_(cast.alice).delete("/api/v1/users/mallory/block/").status_code == 204


def test_the_blocked_are_listed_and_unblocked_on_the_page(api, browser, cast):
    assert [p["username"] for p in api.as_(cast.alice).get("/api/v1/me/blocks/").json()["results"]] == [
        "mallory"
    ]
    page = browser.as_(cast.alice)
    assert "mallory" in page.get("/settings/privacy/").content.decode()
    page.post("/settings/privacy/unblock/", {"username": "mallory"})
    assert not access.is_blocked(cast.alice, cast.mallory)
    assert page.post("/settings/privacy/unblock/", {"username": "nobody"}).status_code == 404


def test_a_mute_is_silent_and_can_be_undone(api, browser, cast):
    client = api.as_(cast.alice)
    assert client.post("/api/v1/users/bob/mute/").json() == {"muted": True}
    assert client.get("/api/v1/users/bob/").json()["muted"] is True
    assert set(access.muted_ids(cast.alice)) == {cast.bob.pk}
    assert not access.muted_ids(cast.bob)
    assert [p["username"] for p in client.get("/api/v1/me/mutes/").json()["results"]] == ["bob"]
    browser.as_(cast.alice).post("/settings/privacy/unmute/", {"username": "bob"})
    assert not Mute.objects.exists()
    client.post("/api/v1/users/bob/mute/")
    assert client.delete("/api/v1/users/bob/mute/").status_code == 204
    assert not Mute.objects.exists()


@pytest.mark.parametrize("deed", [actions.block, actions.mute])
def test_nobody_shuts_themselves_out(cast, deed):
    with pytest.raises(Invalid):
        deed(cast.alice, cast.alice)


@pytest.mark.parametrize("deed", [actions.block, actions.unblock, actions.mute, actions.unmute])
def test_the_anonymous_do_nothing(cast, deed):
    with pytest.raises(NotSignedIn):
        deed(AnonymousUser(), cast.alice)
    assert not access.is_blocked(AnonymousUser(), cast.alice)
    assert not access.blocked_ids(AnonymousUser())
    assert not access.muted_ids(AnonymousUser())


@pytest.mark.parametrize("path", ["block", "mute"])
def test_shutting_out_needs_a_log_in_and_a_visible_person(api, cast, path):
    assert api.post(f"/api/v1/users/alice/{path}/").status_code == 401
    assert api.as_(cast.mallory).post(f"/api/v1/users/alice/{path}/").status_code == 404
    assert api.as_(cast.bob).post(f"/api/v1/users/nobody/{path}/").status_code == 404


def test_blocks_are_limited(api, cast, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "block": "1/3600"}
    client = api.as_(cast.dave)
    assert client.post("/api/v1/users/bob/block/").status_code == 200
    assert client.post("/api/v1/users/carol/block/").status_code == 429


# --- Reports --------------------------------------------------------------------------------------------------


def report(client, kind="person", target="", reason="spam", **more):
    return client.post(
        "/api/v1/reports/", {"target": {"type": kind, "id": target}, "reason": reason, **more}, format="json"
    )


def test_a_person_is_reported_once_while_open(api, cast):
    client = api.as_(cast.dave)
    first = report(client, target=str(cast.alice.pk), note=" rude ")
    second = report(client, target=str(cast.alice.pk), reason="hate")
    assert (first.status_code, first.json()["id"]) == (201, second.json()["id"])
    row = Report.objects.get()
    assert (row.reporter, row.target_person, row.reason, row.note) == (cast.dave, cast.alice, "spam", "rude")
    Report.objects.update(state="dismissed")
    assert report(client, target=str(cast.alice.pk)).json()["id"] != first.json()["id"]


def test_what_the_reporter_cannot_see_is_not_reported(api, cast):
    absent = report(api.as_(cast.mallory), target="1")
    for target in (str(cast.alice.pk), "abc", "-1", "9" * 30):
        answer = report(api.as_(cast.mallory), target=target)
        assert (answer.status_code, answer.content) == (404, absent.content)
    assert report(api, target=str(cast.alice.pk)).status_code == 401
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"reason": "boring"}, "reason"),
        ({"note": "x" * 1001}, "note"),
        ({"target": {"type": "planet", "id": "1"}}, "target"),
        ({"target": "alice"}, "target"),
        ({"extra": 1}, "extra"),
    ],
)
def test_a_wrong_report_names_the_field(api, cast, body, field):
    good = {"target": {"type": "person", "id": str(cast.alice.pk)}, "reason": "spam"}
    answer = api.as_(cast.dave).post("/api/v1/reports/", {**good, **body}, format="json")
    assert answer.status_code == 400
    assert field in answer.json()["error"]["fields"]


def test_nobody_reports_themselves(api, cast):
    assert report(api.as_(cast.alice), target=str(cast.alice.pk)).json()["error"]["code"] == "not_yourself"


def test_an_app_registers_its_own_kinds(cast):
    from privacy import reports

    before = dict(reports._resolvers)
    try:
        register_target("sound", lambda viewer, target_id: (77, cast.bob))
        row = actions.report(cast.dave, "sound", "anything", "rights")
    finally:
        reports._resolvers.clear()
        reports._resolvers.update(before)
    assert (row.target_type, row.target_id, row.target_person) == ("sound", 77, cast.bob)


def test_reports_are_limited(api, cast, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "report": "1/3600"}
    client = api.as_(cast.dave)
    assert report(client, target=str(cast.alice.pk)).status_code == 201
    assert report(client, target=str(cast.bob.pk)).status_code == 429
