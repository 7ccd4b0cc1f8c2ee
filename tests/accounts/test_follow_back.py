"""Whom to follow back and why, criteria, many at once with an undo, tidying up, and the weekly mail."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from accounts import actions, follow_back, follow_back_mail, views_people
from accounts.models import Follow, FollowBackSettings, FollowerScore, User
from privacy.actions import block, mute, restrict
from socialapp.lib.errors import Conflict, Invalid, NotFound, TooMany

pytestmark = [pytest.mark.django_db, pytest.mark.engines]


def score(creator, person, **acts):
    value = sum(n * {"views": 1, "likes": 3, "comments": 6, "shares": 6}[name] for name, n in acts.items())
    return FollowerScore.objects.create(creator=creator, person=person, score=value, **acts)


@pytest.fixture
def fans(cast, make_person):
    """Twelve followers of alice whom she does not follow, fan0 to fan11, ever keener."""
    made = []
    for n in range(12):
        fan = make_person(f"fan{n}")
        Follow.objects.create(follower=fan, followed=cast.alice, state="accepted", accepted_at=timezone.now())
        score(cast.alice, fan, views=n, likes=n)
        made.append(fan)
    return made


def names(viewer):
    return [card["username"] for card in follow_back.follow_back(viewer)]


def kinds(viewer, username):
    card = next(card for card in follow_back.follow_back(viewer) if card["username"] == username)
    return {reason["kind"] for reason in card["reasons"]}


def test_the_most_engaged_come_first_with_reasons(cast, fans):
    found = names(cast.alice)
    assert found[:3] == ["fan11", "fan10", "fan9"]
    assert set(found) == {f"fan{n}" for n in range(12)} | {"bob"}
    assert {"engaged", "likes"} == kinds(cast.alice, "fan11")
    assert kinds(cast.alice, "bob") == {"follows_you"}
    assert "engaged" not in kinds(cast.alice, "fan1")


def test_a_reason_never_says_how_often_somebody_watched(cast, fans):
    score_of = FollowerScore.objects.filter(person=fans[0])
    score_of.update(views=777, score=777)
    card = follow_back.follow_back(cast.alice)[0]
    assert card["username"] == "fan0"
    # An id is random, and may hold any three digits.
    assert "777" not in str(card).replace(card["id"], "")


def test_topics_and_recent_clips_count(cast, fans, make_video):
    from videos.models import Tag

    tag = Tag.objects.create(name="pottery")
    for person in (cast.alice, fans[3]):
        make_video(person).tags.add(tag)
    assert {"topic", "recent"} <= kinds(cast.alice, "fan3")
    assert names(cast.alice).index("fan3") < names(cast.alice).index("fan5")


def test_who_must_not_appear_does_not(cast, fans):
    block(cast.alice, fans[11])
    block(fans[10], cast.alice)
    mute(cast.alice, fans[9])
    restrict(cast.alice, fans[8])
    fans[7].privacy.is_private = True
    fans[7].privacy.save()
    User.objects.filter(pk=fans[6].pk).update(birth_date=timezone.now().date() - timedelta(days=365 * 15))
    fans[5].privacy.findable = False
    fans[5].privacy.save()
    User.objects.filter(pk=fans[4].pk).update(deactivated_at=timezone.now())
    User.objects.filter(pk=fans[3].pk).update(is_limited=True)
    actions.follow(cast.alice, fans[2])
    assert set(names(cast.alice)) == {"fan1", "fan0", "bob"}
    assert actions.follow_many_back(cast.alice, [str(fans[n].pk) for n in range(3, 12)])["done"] == []


def test_strangers_are_not_followed_by_a_bulk_step(cast, fans):
    assert actions.follow_many_back(cast.alice, [str(cast.dave.pk), "nonsense", "9" * 40])["done"] == []


@pytest.mark.parametrize(
    ("criteria", "left"),
    [
        ({"minimum": 10}, {"fan10", "fan11"}),
        ({"most_following": 0}, None),
        ({"most_following": 3}, {"fan0", "fan1"}),
        ({"posted_within": 30}, {"fan4"}),
        ({"topics": ["#Pottery"]}, {"fan4"}),
    ],
)
def test_criteria_narrow_the_list(cast, fans, make_video, criteria, left):
    from videos.models import Tag

    make_video(fans[4]).tags.add(Tag.objects.create(name="pottery"))
    make_video(fans[5], published_at=timezone.now() - timedelta(days=90))
    User.objects.filter(pk__in=[fan.pk for fan in fans[2:]] + [cast.bob.pk]).update(following_count=4)
    actions.set_follow_back(cast.alice, criteria)
    everybody = {f"fan{n}" for n in range(12)} | {"bob"}
    assert set(names(cast.alice)) == (everybody if left is None else left)


@pytest.mark.parametrize(
    "said",
    [
        {"minimum": -1},
        {"minimum": "many"},
        {"posted_within": 400},
        {"topics": "x"},
        {"topics": ["x"], "digest": "yes"},
        {"topics": [f"t{n}" for n in range(21)]},
        {"most_following": True},
    ],
)
def test_criteria_that_make_no_sense_are_refused_with_a_sentence(cast, said):
    with pytest.raises(Invalid) as refused:
        actions.set_follow_back(cast.alice, said)
    assert refused.value.fields
    assert not FollowBackSettings.objects.filter(person=cast.alice, digest=True).exists()


def test_many_are_followed_back_once_and_taken_back(cast, fans):
    ids = [str(fan.pk) for fan in fans[:3]]
    outcome = actions.follow_many_back(cast.alice, ids)
    assert (outcome["done"], outcome["left"]) == (ids, 0)
    again = actions.follow_many_back(cast.alice, ids)
    assert again == {"done": [], "left": 0, "undo": ""}
    assert actions.undo_many(cast.alice, outcome["undo"]) == {"deed": "follow", "undone": 3}
    assert actions.undo_many(cast.alice, outcome["undo"])["undone"] == 0
    assert not Follow.objects.filter(follower=cast.alice, followed__in=fans).exists()
    cast.alice.refresh_from_db()
    assert cast.alice.following_count == 1


def test_a_limit_stops_a_bulk_step_and_says_how_many_are_left(cast, fans, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "follow": "2/3600"}
    outcome = actions.follow_many_back(cast.alice, [str(fan.pk) for fan in fans[:5]])
    assert (len(outcome["done"]), outcome["left"]) == (2, 3)
    with pytest.raises(TooMany):
        actions.follow_many_back(cast.alice, [str(fan.pk) for fan in fans[5:8]])


def test_an_undo_is_its_owners_and_not_for_ever(cast, fans):
    outcome = actions.follow_many_back(cast.alice, [str(fans[0].pk)])
    for bad in ("", "made up", None, outcome["undo"] + "x"):
        with pytest.raises(NotFound):
            actions.undo_many(cast.alice, bad)
    with pytest.raises(NotFound):
        actions.undo_many(cast.bob, outcome["undo"])
    with time_machine.travel(timezone.now() + timedelta(minutes=11)), pytest.raises(Conflict):
        actions.undo_many(cast.alice, outcome["undo"])


@pytest.mark.parametrize("ids", [None, "1", [{}], ["1"] * 101])
def test_a_bulk_step_of_nonsense_is_refused(cast, ids):
    for deed in (actions.follow_many_back, actions.unfollow_many):
        with pytest.raises(Invalid):
            deed(cast.alice, ids)


def test_tidying_up_is_taken_back_as_it_was(cast, django_capture_on_commit_callbacks):
    before = Follow.objects.get(follower=cast.alice, followed=cast.carol)
    with django_capture_on_commit_callbacks(execute=True):
        outcome = actions.unfollow_many(cast.alice, [str(cast.carol.pk), str(cast.dave.pk)])
    assert outcome["done"] == [str(cast.carol.pk)]
    assert not Follow.objects.filter(follower=cast.alice).exists()
    assert actions.undo_many(cast.alice, outcome["undo"])["undone"] == 1
    after = Follow.objects.get(follower=cast.alice, followed=cast.carol)
    assert (after.pk, after.created_at, after.state) == (before.pk, before.created_at, before.state)
    cast.alice.refresh_from_db()
    assert cast.alice.following_count == 1


def test_tidying_up_is_not_taken_back_across_a_block(cast, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        outcome = actions.unfollow_many(cast.alice, [str(cast.carol.pk)])
    block(cast.carol, cast.alice)
    with pytest.raises(Conflict):
        actions.undo_many(cast.alice, outcome["undo"])
    assert not Follow.objects.filter(follower=cast.alice).exists()


def test_the_other_cannot_bring_a_tidied_follow_back(cast, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        actions.unfollow_many(cast.alice, [str(cast.carol.pk)])
    with pytest.raises(Conflict):
        actions.keep_follower(cast.carol, cast.alice)


def tidy(viewer, why=""):
    _page, cards = follow_back.tidy_up(viewer, why)
    return {card["username"]: {reason["kind"] for reason in card["reasons"]} for card in cards}


def test_never_watched_is_only_said_once_twelve_weeks_are_known(cast):
    long_ago = timezone.now() - timedelta(weeks=20)
    Follow.objects.filter(follower=cast.alice, followed=cast.carol).update(accepted_at=long_ago)
    assert tidy(cast.alice) == {}
    row = FollowBackSettings.objects.create(
        person=cast.alice, known_since=timezone.now().date() - timedelta(weeks=11)
    )
    assert tidy(cast.alice) == {}
    row.known_since = timezone.now().date() - timedelta(weeks=13)
    row.save()
    assert tidy(cast.alice) == {"carol": {"never"}}
    score(cast.carol, cast.alice, views=1)
    assert tidy(cast.alice) == {}


def test_who_does_not_follow_back_and_who_went_quiet(cast, make_video):
    Follow.objects.create(
        follower=cast.alice, followed=cast.dave, state="accepted", accepted_at=timezone.now()
    )
    make_video(cast.carol, published_at=timezone.now() - timedelta(days=80))
    assert tidy(cast.alice) == {"dave": {"not_back"}, "carol": {"quiet"}}
    assert set(tidy(cast.alice, "quiet")) == {"carol"}
    make_video(cast.carol)
    mute(cast.alice, cast.dave)
    assert tidy(cast.alice) == {}


def test_lists_cost_as_much_for_many_as_for_few(cast, fans, django_assert_max_num_queries):
    # criteria, followers with their scores, their clips and tags, ties, blocks
    with django_assert_max_num_queries(7):
        follow_back.follow_back(cast.alice)
    # criteria, the page, clips and tags, ties, blocks
    with django_assert_max_num_queries(6):
        follow_back.tidy_up(cast.alice)


def test_ones_own_followers_begin_with_the_three_to_follow_back_first(
    cast, fans, browser, monkeypatch, django_assert_max_num_queries
):
    monkeypatch.setattr(views_people, "PAGE", 5)
    page = browser.as_(cast.alice)
    answer = page.get("/@alice/followers/")
    assert [card["username"] for card in answer.context["to_follow_back"]] == names(cast.alice)[:3]
    said = answer.content.decode()
    assert "Among your most engaged followers" in said
    top = said[said.index('id="people-top"') :]
    assert 'href="/people/follow-back/"' in top[: top.index("</section>")]
    with django_assert_max_num_queries(20) as without:
        page.get("/@alice/followers/", {"cursor": answer.context["next_cursor"]})
    # As the list of them costs: criteria, followers with their scores, their clips and tags, ties, blocks.
    with django_assert_max_num_queries(len(without) + 7):
        page.get("/@alice/followers/")


def test_nobody_else_and_no_later_page_gets_people_to_follow_back_on_top(cast, fans, browser, monkeypatch):
    page = browser.as_(cast.alice)
    for viewer, path in (
        (page, "/@alice/following/"),
        (page, "/@bob/followers/"),
        (browser.as_(cast.bob), "/@alice/followers/"),
        (browser, "/@alice/followers/"),
    ):
        answer = viewer.get(path)
        assert answer.status_code == 200
        assert answer.context["to_follow_back"] == []
        assert "people-top" not in answer.content.decode()
    monkeypatch.setattr(views_people, "PAGE", 5)
    cursor = page.get("/@alice/followers/").context["next_cursor"]
    second = page.get("/@alice/followers/", {"cursor": cursor})
    assert second.context["people"]
    assert second.context["to_follow_back"] == []
    Follow.objects.filter(followed=cast.alice).exclude(follower=cast.carol).delete()
    assert "people-top" not in page.get("/@alice/followers/").content.decode()


def confirmed(person):
    from allauth.account.models import EmailAddress

    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)


def test_the_weekly_mail_goes_out_once_and_ends_with_one_click(cast, fans, client):
    confirmed(cast.alice)
    actions.set_follow_back(cast.alice, {"digest": True})
    assert follow_back_mail.send_due() == 0
    row = FollowBackSettings.objects.get(person=cast.alice)
    assert row.digest_due_at.weekday() == 0
    with time_machine.travel(row.digest_due_at + timedelta(minutes=1)):
        assert (follow_back_mail.send_due(), follow_back_mail.send_due()) == (1, 0)
    assert len(mail.outbox) == 1
    body = mail.outbox[0].body
    assert "@fan11" in body
    assert "List-Unsubscribe-Post" in mail.outbox[0].extra_headers
    link = mail.outbox[0].extra_headers["List-Unsubscribe"].strip("<>")
    path = link[link.index("/people/") :]
    assert client.get(path).status_code == 200
    assert FollowBackSettings.objects.get(person=cast.alice).digest
    assert client.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    row.refresh_from_db()
    assert (row.digest, row.digest_due_at) == (False, None)


def test_nobody_is_mailed_without_having_asked_or_without_a_confirmed_address(cast, fans):
    actions.set_follow_back(cast.alice, {"minimum": 0})
    actions.set_follow_back(cast.bob, {"digest": True})
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        follow_back_mail.send_due()
    assert mail.outbox == []
    assert FollowBackSettings.objects.get(person=cast.bob).digest_due_at > timezone.now()


def test_the_pages_choose_review_do_and_undo(cast, fans, client):
    client.force_login(cast.alice)
    page = client.get("/people/follow-back/")
    assert b"@fan11" in page.content
    chosen = [str(fans[11].pk), str(fans[10].pk), str(cast.dave.pk)]
    review = client.post("/people/follow-back/review/", {"chosen": chosen})
    assert b"@fan11" in review.content
    assert b"@dave" not in review.content
    done = client.post("/people/follow-back/do/", {"chosen": chosen}, follow=True)
    assert Follow.objects.filter(follower=cast.alice, followed__in=fans).count() == 2
    token = done.context["undo"]["token"]
    client.post("/people/follow-back/undo/", {"token": token})
    assert not Follow.objects.filter(follower=cast.alice, followed__in=fans).exists()
    assert client.post("/people/follow-back/review/", {}).status_code == 302


def test_a_large_following_gets_a_gentle_note(cast, client):
    User.objects.filter(pk=cast.alice.pk).update(following_count=501)
    client.force_login(cast.alice)
    assert b"You follow 501 people" in client.get("/people/tidy-up/").content


def test_the_api_says_the_same_as_the_page(cast, fans, client):
    client.force_login(cast.alice)
    answer = client.get("/api/v1/follow-back/").json()
    assert [card["username"] for card in answer["results"]] == names(cast.alice)
    assert answer["results"][0]["reasons"][0]["kind"] == "engaged"
    saved = client.put(
        "/api/v1/follow-back/criteria/", {"minimum": 5}, content_type="application/json"
    ).json()
    assert saved == {
        "minimum": 5,
        "topics": [],
        "posted_within": None,
        "most_following": None,
        "digest": False,
    }
    refused = client.put("/api/v1/follow-back/criteria/", {"minimum": -5}, content_type="application/json")
    assert refused.status_code == 400
    assert "minimum" in refused.json()["error"]["fields"]
