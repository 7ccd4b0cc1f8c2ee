"""The pages and the API of invites: what a link shows to whom, the way through log-in and sign-up, one's contacts and links."""

import re
from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.access import ties
from accounts.models import User
from privacy import actions as privacy
from videos import access, actions, invite_session
from videos.models import Contact, Invite, Video

pytestmark = pytest.mark.django_db
SECRET = "harbour at night"
NEWCOMER = {
    "username": "newcomer",
    "email": "newcomer@example.com",
    "password1": "harbour-lights-42",
    "birth_date": "1994-05-17",
}


@pytest.fixture
def made(cast, make_video):
    """An invite by alice, whose account is private, to a clip of hers."""
    privacy.update_privacy(cast.alice, is_private=True)
    return make(cast.alice, make_video(cast.alice, caption=SECRET))


@pytest.fixture
def public(cast, make_video):
    """An invite by carol to a public clip of alice's."""
    return make(cast.carol, make_video(cast.alice, caption=SECRET))


def make(inviter, clip):
    contact, _new = Contact.objects.get_or_create(owner=inviter, name="Anna", channel="copy")
    return actions.create_invite(inviter, clip, contact)


def follows(person, author):
    return ties(person, [author])[author.pk].following


def page(browser, invite, status=200):
    answer = browser.get(f"/i/{invite.token}/")
    assert answer.status_code == status
    return answer.content.decode()


# --- What is fetched --------------------------------------------------------------------------------------------------


def test_fetching_a_private_clips_link_shows_whose_it_is_and_nothing_of_the_clip(browser, cast, made):
    for _look in range(3):  # a machine that makes a preview, again and again
        said = page(browser, made)
        assert SECRET not in said
        assert "/media/" not in said
        assert str(made.video_id) not in said
        assert "alice" in said
    row = Invite.objects.get()
    assert (row.opened_at, row.browsers, row.accepted_at) == (None, 0, None)


def test_the_preview_of_a_link_names_a_clip_that_everybody_may_see_only(browser, made, cast):
    assert "og:description" not in page(browser, made)
    browser.post(f"/i/{made.token}/open/")
    opened = page(browser, made)
    assert SECRET in opened  # to this browser
    assert "og:description" not in opened
    privacy.update_privacy(cast.alice, is_private=False)
    assert f'<meta property="og:description"\n          content="{SECRET}">' in page(browser, made)
    answer = browser.get(f"/i/{made.token}/")
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Robots-Tag"] == "noindex"


def test_opening_by_hand_shows_the_clip_to_this_browser_alone(browser, cast, made):
    answer = browser.post(f"/i/{made.token}/open/")
    assert (answer.status_code, answer["Location"]) == (302, f"/i/{made.token}/")
    said = page(browser, made)
    assert SECRET in said
    assert "/media/" in said
    assert "Follow and watch" in said
    assert SECRET not in page(browser.as_(cast.dave), made)
    assert SECRET not in page(type(browser)(), made)
    assert Invite.objects.get().browsers == 1
    # The right is for the page of the invite: the clip's own address, its author's page and the API stay shut.
    assert browser.get(f"/@alice/video/{made.video_id}/").status_code == 404
    assert browser.get(f"/api/v1/videos/{made.video_id}/").status_code == 404
    assert SECRET not in browser.get("/@alice/").content.decode()
    assert browser.get(f"/api/v1/invitations/{made.token}/").json()["video"]["caption"] == SECRET


def test_a_public_clip_plays_at_once_and_its_page_says_when_it_was_opened_and_watched(browser, public):
    assert "/media/" in page(browser, public)
    assert Invite.objects.get().opened_at is None
    for what, status in (("open", 204), ("watched", 204)):
        answer = browser.post(f"/i/{public.token}/{what}/", headers={"accept": "application/json"})
        assert answer.status_code == status
    assert Invite.objects.get().state == "viewed"
    assert "sessionid" not in browser.cookies  # nothing to remember


@pytest.mark.parametrize("viewer", ["anonymous", "dave", "bob", "alice"])
def test_a_used_link_says_so_to_everybody_in_the_same_words(browser, cast, made, make_person, viewer):
    actions.accept_invite(make_person("eve"), made.token)
    visitor = browser if viewer == "anonymous" else browser.as_(getattr(cast, viewer))
    said = page(visitor, made, 410)
    assert "This invite was used already. Each one is for one person" in said
    assert SECRET not in said
    assert "eve" not in said
    posted = visitor.post(f"/i/{made.token}/follow/")
    assert (posted.status_code, posted["Location"]) == (302, f"/i/{made.token}/")


def test_what_ended_is_one_page_whatever_ended_it(browser, cast, made):
    closed = []
    Invite.objects.update(revoked_at=timezone.now())
    closed.append(page(browser, made, 410))
    Invite.objects.update(revoked_at=None, expires_at=timezone.now() - timedelta(seconds=1))
    closed.append(page(browser, made, 410))
    Invite.objects.update(expires_at=timezone.now() + timedelta(days=1))
    User.objects.filter(pk=cast.alice.pk).update(deactivated_at=timezone.now())
    closed.append(page(browser, made, 410))
    assert all("This invite is no longer open" in said and "alice" not in said for said in closed)
    assert browser.get("/i/unknown/").status_code == 404


def test_looking_is_limited_by_address(browser, public, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"invite_open": "2/600"}
    assert [browser.get(f"/i/{public.token}/").status_code for _look in range(3)] == [200, 200, 429]


# --- The way in -------------------------------------------------------------------------------------------------------


def test_somebody_logged_in_follows_by_one_press_and_can_undo_it(browser, cast, made):
    dave = browser.as_(cast.dave)
    answer = dave.post(f"/i/{made.token}/follow/", follow=True)
    said = answer.content.decode()
    assert "You follow alice now" in said
    assert SECRET in said
    assert follows(cast.dave, cast.alice) == "yes"
    assert dave.get(f"/@alice/video/{made.video_id}/").status_code == 200
    said = dave.post(f"/i/{made.token}/undo/", follow=True).content.decode()
    assert "You do not follow alice" in said
    assert SECRET not in said
    assert follows(cast.dave, cast.alice) == "no"
    assert dave.get(f"/@alice/video/{made.video_id}/").status_code == 404


def log_in(browser, name, where):
    return browser.post(where, {"login": name, "password": "demo-password"})


def test_logging_in_from_the_page_follows_and_comes_back_to_it(browser, cast, made):
    browser.post(f"/i/{made.token}/open/")
    answer = browser.post(f"/i/{made.token}/follow/", {"by": "login"})
    assert unquote(answer["Location"]) == f"/accounts/login/?next=/i/{made.token}/"
    assert Invite.objects.get().accepted_at is None
    answer = log_in(browser, "dave", answer["Location"])
    assert answer["Location"] == f"/i/{made.token}/"
    assert follows(cast.dave, cast.alice) == "yes"
    assert "You follow alice now" in page(browser, made)


def test_signing_up_from_the_page_follows_at_once(browser, cast, made):
    answer = browser.post(f"/i/{made.token}/follow/")
    assert unquote(answer["Location"]) == f"/accounts/signup/?next=/i/{made.token}/"
    answer = browser.post("/accounts/signup/", NEWCOMER | {"next": f"/i/{made.token}/"})
    assert answer["Location"] == f"/i/{made.token}/"
    newcomer = User.objects.get(username="newcomer")
    assert follows(newcomer, cast.alice) == "yes"
    said = page(browser, made)
    assert "You follow alice now" in said
    assert SECRET in said
    assert "Choose what you like" in said


def test_a_log_in_that_was_not_started_there_uses_nothing(browser, cast, made, monkeypatch):
    browser.post(f"/i/{made.token}/open/")
    log_in(browser, "dave", "/accounts/login/")
    assert Invite.objects.get().accepted_at is None
    # Nor does one that comes too late.
    other = type(browser)()
    other.post(f"/i/{made.token}/follow/", {"by": "login"})
    monkeypatch.setattr(invite_session, "PATIENCE", 0)
    log_in(other, "dave", "/accounts/login/")
    assert Invite.objects.get().accepted_at is None
    assert follows(cast.dave, cast.alice) == "no"


def ways_in(said, bar):
    """Where "Sign up" and "Log in" of one bar of the page lead; a bar is named by its class."""
    part = said[said.index(f'class="{bar}"') :]
    part = part[: part.index("</header>" if bar == "topbar" else "</nav>")]
    return [unquote(found) for found in re.findall(r'href="(/accounts/[^"]*)"', part)]


@pytest.mark.parametrize("bar", ["sidebar", "topbar", "tabbar"])
def test_logging_in_by_the_pages_navigation_comes_back_to_the_button_and_follows_nobody(
    browser, cast, made, bar
):
    browser.post(f"/i/{made.token}/open/")
    way = ways_in(page(browser, made), bar)[-1]
    assert way == f"/accounts/login/?next=/i/{made.token}/"
    # Whoever looks round on the way in is still led back.
    assert ways_in(browser.get(way).content.decode(), "tabbar") == [way]
    refused = browser.post(
        "/accounts/login/", {"login": "dave", "password": "no", "next": f"/i/{made.token}/"}
    )
    assert ways_in(refused.content.decode(), "tabbar") == [way]
    assert log_in(browser, "dave", way)["Location"] == f"/i/{made.token}/"
    assert follows(cast.dave, cast.alice) == "no"
    assert Invite.objects.get().accepted_at is None
    said = page(browser, made)
    assert said.count("Follow and watch") == 1
    assert SECRET in said  # the browser that opened the private clip keeps it
    assert "I have an account" not in said
    browser.post(f"/i/{made.token}/follow/")
    assert follows(cast.dave, cast.alice) == "yes"


def test_signing_up_by_the_pages_navigation_comes_back_to_the_button_and_follows_nobody(browser, cast, made):
    browser.post(f"/i/{made.token}/open/")
    way = ways_in(page(browser, made), "sidebar")[0]
    assert way == f"/accounts/signup/?next=/i/{made.token}/"
    answer = browser.post(way, NEWCOMER | {"next": f"/i/{made.token}/"})
    assert answer["Location"] == f"/i/{made.token}/"
    newcomer = User.objects.get(username="newcomer")
    assert follows(newcomer, cast.alice) == "no"
    assert "Follow and watch" in page(browser, made)
    browser.post(f"/i/{made.token}/follow/")
    assert follows(newcomer, cast.alice) == "yes"
    assert "Choose what you like" in page(browser, made)


def test_signing_up_from_any_other_page_leads_to_the_welcome(browser):
    said = browser.get("/explore/").content.decode()
    assert ways_in(said, "sidebar") == ["/accounts/signup/", "/accounts/login/?next=/explore/"]
    assert ways_in(said, "tabbar") == ["/accounts/login/?next=/explore/"]
    said = browser.get("/accounts/login/").content.decode()
    assert ways_in(said, "tabbar") == ["/accounts/login/"]


def test_who_comes_second_logs_in_all_the_same_and_reads_that_it_is_used(browser, cast, made):
    browser.post(f"/i/{made.token}/follow/", {"by": "login"})
    actions.accept_invite(cast.mod, made.token)
    answer = log_in(browser, "dave", "/accounts/login/")
    assert answer.status_code == 302
    assert "This invite was used already" in page(browser, made, 410)
    assert follows(cast.dave, cast.alice) == "no"


def test_acting_needs_the_pages_token(made):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    for deed in ("open", "watched", "follow", "undo"):
        assert strict.post(f"/i/{made.token}/{deed}/").status_code in (403, 302)
    row = Invite.objects.get()
    assert (row.opened_at, row.accepted_at) == (None, None)


# --- The API ----------------------------------------------------------------------------------------------------------


def test_a_program_keeps_contacts_makes_invites_and_takes_them_back(api, cast, make_video):
    alice, clip = api.as_(cast.alice), make_video(cast.alice)
    body = {"name": "Anna", "channel": "sms", "address": "+33 6 12 34 56 78"}
    contact = alice.post("/api/v1/contacts/", body, format="json")
    assert (contact.status_code, contact.json()["address"]) == (201, "+33612345678")
    contact_id = contact.json()["id"]
    assert [one["name"] for one in alice.get("/api/v1/contacts/").json()["results"]] == ["Anna"]
    made = alice.post("/api/v1/invites/", {"video": str(clip.pk), "contact": contact_id}, format="json")
    assert made.status_code == 201
    token = made.json()["url"].split("/i/")[1].strip("/")
    assert made.json()["share_url"].startswith("sms:+33612345678?&body=")
    assert token in made.json()["share_url"]
    listed = alice.get(f"/api/v1/invites/?video={clip.pk}").json()
    assert (listed["left"], listed["a_day"], listed["results"][0]["state"]) == (19, 20, "waiting")
    dave = api.as_(cast.dave)
    for person in (dave, api.as_(cast.carol)):
        assert person.delete(f"/api/v1/invites/{made.json()['id']}/").status_code == 404
        assert person.delete(f"/api/v1/contacts/{contact_id}/").status_code == 404
    assert dave.get(f"/api/v1/invitations/{token}/").json()["state"] == "open"
    shown = dave.post(f"/api/v1/invitations/{token}/").json()
    assert (shown["state"], shown["video"]["id"]) == ("following", str(clip.pk))
    again = api.as_(cast.mod).post(f"/api/v1/invitations/{token}/")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "invite_used")
    assert dave.delete(f"/api/v1/invitations/{token}/").json()["state"] == "undone"
    used = alice.delete(f"/api/v1/invites/{made.json()['id']}/")
    assert (used.status_code, used.json()["error"]["code"]) == (409, "invite_used")
    second = alice.post("/api/v1/invites/", {"video": str(clip.pk), "contact": contact_id}, format="json")
    assert alice.delete(f"/api/v1/invites/{second.json()['id']}/").status_code == 204
    assert api.get(f"/api/v1/invitations/{second.json()['url'].split('/')[-2]}/").json()["state"] == "closed"
    assert alice.delete(f"/api/v1/contacts/{contact_id}/").status_code == 204
    assert alice.get("/api/v1/invites/").json()["results"][0]["contact"] is None


def test_refusals_are_sentences_for_their_fields(api, cast, make_video, settings):
    alice = api.as_(cast.alice)
    bad = alice.post("/api/v1/contacts/", {"name": "Anna", "channel": "sms", "address": "12"}, format="json")
    assert bad.status_code == 400
    assert bad.json()["error"]["fields"]["address"]
    contact = alice.post("/api/v1/contacts/", {"name": "Anna", "channel": "copy"}, format="json").json()
    only_me = make_video(cast.alice, audience="only_me")
    no = alice.post("/api/v1/invites/", {"video": str(only_me.pk), "contact": contact["id"]}, format="json")
    assert (no.status_code, no.json()["error"]["code"]) == (403, "cannot_invite")
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"invite": "1/86400"}
    for _number in range(2):
        clip = make_video(cast.alice)
        last = alice.post(
            "/api/v1/invites/", {"video": str(clip.pk), "contact": contact["id"]}, format="json"
        )
    assert last.status_code == 429
    assert int(last["Retry-After"]) > 86_000


# --- One's own page ---------------------------------------------------------------------------------------------------


def test_ones_contacts_and_invites_are_on_one_page(browser, cast, public, made):
    carol = browser.as_(cast.carol)
    said = carol.get("/studio/invites/").content.decode()
    assert "Anna" in said
    assert public.token in said
    assert made.token not in said
    assert "19 of 20 left today" in said
    assert "No invites yet" in browser.as_(cast.dave).get("/studio/invites/").content.decode()


HIDING = {
    "it is for its author alone": lambda c, clip: Video.objects.filter(pk=clip.pk).update(audience="only_me"),
    "its author blocked the inviter": lambda c, clip: privacy.block(c.alice, c.dave),
    "the inviter blocked its author": lambda c, clip: privacy.block(c.dave, c.alice),
    "a moderator removed it": lambda c, clip: actions.remove_video(c.mod, clip, "spam"),
    "its author left": lambda c, clip: User.objects.filter(pk=c.alice.pk).update(
        deactivated_at=clip.created_at
    ),
}


@pytest.mark.parametrize("why", list(HIDING))
def test_having_invited_to_a_clip_shows_nothing_of_it_once_it_is_hidden(api, browser, cast, make_video, why):
    clip = make_video(cast.alice, caption="harbour", cover="cover.webp")
    invite = make(cast.dave, clip)
    asked, page_of = api.as_(cast.dave), browser.as_(cast.dave)
    shown = asked.get("/api/v1/invites/").json()["results"][0]
    assert (shown["video"]["caption"], shown["usable"]) == ("harbour", True)
    assert clip.folder in shown["video"]["cover"]

    HIDING[why](cast, clip)
    Video.objects.filter(pk=clip.pk).update(caption=SECRET)
    clip.refresh_from_db()
    [row] = asked.get("/api/v1/invites/").json()["results"]
    assert (row["id"], row["video"], row["url"], row["usable"]) == (str(invite.pk), None, None, False)
    said = page_of.get("/studio/invites/").content.decode()
    assert "This clip is not available to you." in said
    assert not {word for word in (SECRET, clip.folder, str(clip.pk)) if word in said}
    assert asked.delete(f"/api/v1/invites/{invite.pk}/").status_code == 204


def test_the_page_costs_the_same_however_long_it_is(browser, cast, make_video, django_assert_max_num_queries):
    carol = browser.as_(cast.carol)
    for number in range(8):
        contact = actions.add_contact(cast.carol, f"Contact {number}", "copy")
        actions.create_invite(cast.carol, make_video(cast.alice), contact)
    carol.get("/studio/invites/")
    # session, person, contacts, invites, their clips, how many are left, badges (2)
    with django_assert_max_num_queries(8):
        carol.get("/studio/invites/")


def test_whoever_may_invite_is_offered_to(api, cast, make_video):
    clip = make_video(cast.alice)
    shown = {
        name: api.as_(getattr(cast, name)).get(f"/api/v1/videos/{clip.pk}/").json()["viewer"]["may_invite"]
        for name in ("alice", "bob", "dave")
    }
    assert shown == {"alice": True, "bob": True, "dave": True}
    privacy.update_privacy(cast.alice, is_private=True)
    assert api.as_(cast.bob).get(f"/api/v1/videos/{clip.pk}/").json()["viewer"]["may_invite"] is False
    assert access.may_invite(cast.alice, clip)
    assert reverse("invite", args=["x"]) == "/i/x/"
