"""What people read of decisions about themselves and of their reports, on pages and the API, logged in or by a link."""

import pytest

from privacy import actions, statements
from privacy.models import Appeal, Case, Report

pytestmark = pytest.mark.engines


@pytest.fixture
def decision(cast, make_video):
    """alice's clip was labelled after bob reported it."""
    clip = make_video(cast.alice, caption="Buy now")
    actions.report(cast.bob, "video", str(clip.pk), "spam", "An ad")
    return actions.decide(cast.mod, Case.objects.get(), "label", reason="spam")


def text_of(answer):
    return answer.content.decode()


def test_the_status_page_lists_decisions_and_leads_to_them(browser, cast, decision):
    page = text_of(browser.as_(cast.alice).get("/settings/status/"))
    assert "A moderator marked your clip as sensitive" in page
    assert f"/settings/status/{decision.pk}/" in page


def test_nobody_else_reads_a_decision(browser, api, cast, decision):
    for person in (cast.bob, cast.mod):
        assert browser.as_(person).get(f"/settings/status/{decision.pk}/").status_code == 404
        assert api.as_(person).get(f"/api/v1/me/decisions/{decision.pk}/").status_code == 404
        assert (
            api.as_(person).post(f"/api/v1/me/decisions/{decision.pk}/appeal/", {"text": "Why"}).status_code
            == 404
        )
        assert api.as_(person).get("/api/v1/me/decisions/").json()["results"] == []
    assert not Appeal.objects.exists()


def test_the_statement_says_what_why_how_and_what_can_be_done(browser, cast, decision):
    page = text_of(browser.as_(cast.alice).get(f"/settings/status/{decision.pk}/"))
    for part in ("Buy now", "Spam or scam", "People reported it", "Send the appeal", "dispute settlement"):
        assert part in page
    for secret in ("bob", "An ad", "@mod"):
        assert secret not in page


def test_an_appeal_is_sent_from_the_page(browser, cast, decision):
    client = browser.as_(cast.alice)
    address = f"/settings/status/{decision.pk}/"
    assert client.post(address, {"text": ""}).status_code == 400
    assert client.post(address, {"text": "It is no ad"}).status_code == 302
    assert "It is no ad" in text_of(client.get(address))
    again = client.post(address, {"text": "Really"})
    assert again.status_code == 409
    assert "once" in text_of(again)
    assert Appeal.objects.count() == 1


def test_the_same_by_the_api(api, cast, decision):
    client = api.as_(cast.alice)
    assert client.get("/api/v1/me/status/").json() == {"standing": "good", "strikes": 0, "strike_days": 90}
    (row,) = client.get("/api/v1/me/decisions/").json()["results"]
    assert (row["act"], row["may_appeal"], row["appeal"]) == ("label", True, None)
    made = client.post(f"/api/v1/me/decisions/{decision.pk}/appeal/", {"text": "No ad"}, format="json")
    assert (made.status_code, made.json()["appeal"]["state"]) == (201, "open")
    again = client.post(f"/api/v1/me/decisions/{decision.pk}/appeal/", {"text": "No"}, format="json")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "not_appealable")
    wrong = client.post(f"/api/v1/me/decisions/{decision.pk}/appeal/", {"text": ""}, format="json")
    assert (wrong.status_code, list(wrong.json()["error"]["fields"])) == (400, ["text"])


def test_whoever_is_shut_out_reads_and_appeals_by_the_link(browser, api, cast):
    case = actions.report(cast.bob, "person", str(cast.alice.pk), "spam").case
    ban = actions.decide(cast.mod, case, "ban", reason="spam")
    link = f"/decisions/{statements.token_of(ban)}/"
    answer = browser.get(link)
    assert "A moderator closed your account" in text_of(answer)
    assert answer["Referrer-Policy"] == "no-referrer"
    assert browser.post(link, {"text": "Please look"}).status_code == 302
    assert Appeal.objects.get().text == "Please look"
    shown = api.get(f"/api/v1{link}").json()
    assert (shown["act"], shown["appeal"]["text"]) == ("ban", "Please look")
    assert api.post(f"/api/v1{link}appeal/", {"text": "More"}, format="json").status_code == 409


def test_whoever_is_suspended_reads_why_after_the_right_password_only(browser, cast):
    case = actions.report(cast.bob, "person", str(cast.alice.pk), "spam").case
    actions.decide(cast.mod, case, "suspend", reason="spam", days=3, statement="You sent ads to everybody.")
    wrong = browser.post("/accounts/login/", {"login": "alice", "password": "not-this-one"}, follow=True)
    assert "You sent ads to everybody." not in text_of(wrong)
    answer = browser.post("/accounts/login/", {"login": "alice", "password": "demo-password"}, follow=True)
    assert answer.redirect_chain[-1][0].startswith("/decisions/")
    assert "You sent ads to everybody." in text_of(answer)
    assert "Send the appeal" in text_of(answer)
    assert "_auth_user_id" not in browser.session


def test_an_author_does_not_take_a_moderators_label_off(api, cast, decision):
    clip = f"/api/v1/videos/{Case.objects.get().target_id}/"
    refused = api.as_(cast.alice).patch(clip, {"labels": []}, format="json")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "labelled")
    actions.undo_decision(cast.mod, decision)
    assert not cast.alice.videos.get().is_sensitive


def test_a_reporter_reads_what_came_of_it_and_nothing_about_whom(browser, api, cast, decision):
    assert "We acted on it" in text_of(browser.as_(cast.bob).get("/settings/reports/"))
    (row,) = api.as_(cast.bob).get("/api/v1/reports/").json()["results"]
    assert (row["state"], row["reason"], row["note"]) == ("acted", "spam", "An ad")
    assert "alice" not in str(row)
    assert api.as_(cast.dave).get("/api/v1/reports/").json()["results"] == []
    assert "You have reported nothing" in text_of(browser.as_(cast.dave).get("/settings/reports/"))


def test_a_limited_account_is_told_so(browser, cast):
    case = actions.report(cast.bob, "person", str(cast.alice.pk), "spam").case
    actions.decide(cast.mod, case, "restrict", reason="spam")
    assert "Your account is limited" in text_of(browser.as_(cast.alice).get("/settings/status/"))


@pytest.mark.parametrize("kind", Report.Target.values)
def test_everything_can_be_reported_by_the_api_and_joins_a_case(api, cast, make_video, kind):
    from messaging.actions import open_conversation, send_message
    from videos.actions import comment
    from videos.models import Sound, Video

    clip = make_video(cast.alice)
    sound = Sound.objects.create(title="Noise", owner=cast.alice, file="sound.m4a")
    Video.objects.filter(pk=clip.pk).update(sound=sound)
    talk, _new = open_conversation(cast.alice, ["carol"])
    things = {
        "person": cast.alice.pk,
        "video": clip.pk,
        "sound": sound.pk,
        "comment": comment(cast.alice, clip, "Words").pk,
        "message": send_message(cast.alice, talk.pk, client_id="1", text="Words").pk,
        # Of a conversation of two each side is a case of its own: that of the person who is complained about.
        "conversation": talk.participants.get(person=cast.alice).pk,
    }
    named = talk.pk if kind == "conversation" else things[kind]
    body = {"target": {"type": kind, "id": str(named)}, "reason": "harassment"}
    assert api.as_(cast.carol).post("/api/v1/reports/", body, format="json").status_code == 201
    case = Case.objects.get()
    assert (case.target_type, case.target_id, case.person) == (kind, things[kind], cast.alice)
