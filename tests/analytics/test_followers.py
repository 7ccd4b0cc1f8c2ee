"""The followers page: growth, groups of five and more only, nobody who must not appear; and how conversations go."""

import csv
import io
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Follow, User
from analytics import access, audience, reports
from analytics.models import CreatorDay, Event
from privacy.models import PrivacySettings
from videos.models import Watch


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from("abcdefghij"), st.integers(0, 40)), st.integers(1, 6))
def test_no_group_below_five_can_be_told_from_what_is_shown(counts, top):
    shown, rest = audience.told(counts, top)
    names = [name for name, _n in shown]
    left = {name: n for name, n in counts.items() if name not in names and n}
    assert all(n >= 5 and counts[name] == n for name, n in shown)
    assert len(shown) <= top
    # Whoever knows the whole and takes the told groups away is left with nobody, or with five people and more.
    hidden = sum(counts.values()) - sum(n for _name, n in shown)
    assert hidden == sum(left.values())
    assert hidden == 0 or hidden >= 5 or not shown
    assert rest == (hidden if hidden >= 5 else 0)


def test_a_single_small_group_takes_the_smallest_told_one_with_it():
    assert audience.told({"FR": 60, "DE": 30, "IT": 3}) == ([("FR", 60)], 33)
    assert audience.told({"FR": 60, "DE": 30, "IT": 7}) == ([("FR", 60), ("DE", 30), ("IT", 7)], 0)
    assert audience.told({"FR": 60, "DE": 30, "IT": 3, "ES": 2}) == ([("FR", 60), ("DE", 30)], 5)
    assert audience.told({"FR": 4}) == ([], 0)


@pytest.fixture
def crowd(db, cast):
    """A hundred followers of alice besides bob and carol: 60 from France, 35 from Germany, the rest from here and there."""
    people = User.objects.bulk_create(
        User(
            username=f"crowd{n}",
            email=f"crowd{n}@example.com",
            country="FR" if n < 60 else "DE" if n < 95 else "IT",
            language="fr" if n < 50 else "en",
        )
        for n in range(100)
    )
    PrivacySettings.objects.bulk_create(PrivacySettings(person=one) for one in people)
    now = timezone.now()
    Follow.objects.bulk_create(
        Follow(follower=one, followed=cast.alice, state="accepted", accepted_at=now) for one in people
    )
    return people


def watch(person, video, **fields):
    now = timezone.now()
    Watch.objects.create(person=person, video=video, viewings=1, first_at=now, last_at=now, **fields)


def look(person, video, **fields):
    Event.objects.create(
        creator=video.author,
        video=video,
        viewer=person,
        session="s",
        at=timezone.now(),
        is_view=True,
        **fields,
    )


def made(cast):
    reports.want(cast.alice.pk, "audience")
    assert reports.make_due() == 1
    return access.followers(cast.alice)


@pytest.mark.engines
@pytest.mark.django_db
def test_below_a_hundred_only_growth_is_told_and_how_many_are_missing(cast, client):
    today = timezone.now().date()
    CreatorDay.objects.create(creator=cast.alice, day=today, followers_new=4, followers_lost=1)
    answer = access.followers(cast.alice)
    assert (answer["state"], answer["followers"], answer["missing"]) == ("too_few", 2, 98)
    assert answer["totals"] == {"followers_new": 4, "followers_lost": 1, "followers_net": 3}
    client.force_login(cast.alice)
    page = client.get("/studio/analytics/followers/").content.decode()
    assert "98 more followers, and you see what they are like" in page
    assert made(cast)["audience"] is None


@pytest.mark.engines
def test_with_the_hundredth_follower_the_figures_are_made_at_once(cast, crowd):
    last = Follow.objects.filter(followed=cast.alice).order_by("pk")[:3]
    Follow.objects.filter(pk__in=[row.pk for row in last]).update(state=Follow.State.PENDING)
    assert made(cast)["state"] == "too_few"
    Follow.objects.filter(followed=cast.alice).update(state=Follow.State.ACCEPTED)
    assert made(cast)["state"] == "ready"


@pytest.mark.engines
@pytest.mark.django_db
def test_the_page_says_how_many_follow_now_without_those_who_left_for_a_while(cast, client, make_person):
    now = timezone.now()
    for n in range(9):
        away = {"deactivated_at": now} if n < 2 else {}
        follow = {"followed": cast.alice, "state": "accepted" if n < 8 else "pending", "accepted_at": now}
        Follow.objects.create(follower=make_person(f"fan{n}", **away), **follow)
    client.force_login(cast.alice)
    # bob and carol, and six of the nine: two are away, one only asked.
    assert client.get("/api/v1/analytics/followers/").json()["followers"] == 8
    page = client.get("/studio/analytics/followers/").content.decode()
    card = page.partition('<li class="figure')[2].partition("</li>")[0]
    assert 'title="8"' in card
    assert "now" in card
    assert "Up from" not in card  # it is of no period
    assert "figure__link--still" in card
    assert "People who follow you at this moment" in page


@pytest.mark.engines
def test_what_followers_are_like_is_counted_as_the_tables_say(cast, crowd, make_video, client):
    own, other = make_video(cast.alice), make_video(cast.dave)
    for one in crowd[:8]:
        watch(one, own)
        look(one, own, country="CH")
    for one in crowd[:6]:
        watch(one, other)
    answer = made(cast)
    assert answer["state"] == "ready"
    got = answer["audience"]
    assert got["followers"] == 102
    # Eight of the French were in Switzerland lately, which wins; five Italians, two unknown.
    assert [(g["name"], g["people"]) for g in got["countries"]["groups"]] == [
        ("FR", 52),
        ("DE", 35),
        ("CH", 8),
    ]
    assert got["countries"]["rest"] == 7
    assert (
        Counter({g["name"]: g["people"] for g in got["languages"]["groups"]}) == {"fr": 50, "en": 50}
        or got["languages"]["rest"]
    )
    assert [(c["id"], c["people"]) for c in got["clips"]] == [(str(own.pk), 8)]
    assert [(p["username"], p["people"]) for p in got["creators"]] == [("dave", 6)]
    assert sum(n for _day, _hour, n in got["hours"]) == 8
    client.force_login(cast.alice)
    page = client.get("/studio/analytics/followers/").content.decode()
    assert 'data-region="FR"' in page
    assert "dave" in page
    assert client.get("/api/v1/analytics/followers/").json()["audience"]["clips"][0]["people"] == 8
    table = client.get("/api/v1/analytics/followers/?format=csv").content.decode().splitlines()
    assert table[0] == "day,followers_new,followers_lost,followers_net"


def test_each_table_of_what_followers_are_like_is_a_csv_and_the_page_links_it(
    cast, crowd, make_video, client
):
    own, other = make_video(cast.alice, caption="=Mine"), make_video(cast.dave)
    for one in crowd[:6]:
        watch(one, own)
        look(one, own)
        watch(one, other)
    made(cast)
    client.force_login(cast.alice)
    page = client.get("/studio/analytics/followers/").content.decode()
    tables = {}
    for name in ("totals", "countries", "languages", "hours", "clips", "sounds", "creators"):
        answer = client.get(f"/api/v1/analytics/followers/?format=csv&table={name}")
        assert answer["Content-Disposition"] == f'attachment; filename="followers-{name}.csv"'
        tables[name] = list(csv.DictReader(io.StringIO(answer.content.decode())))
        assert (f"format=csv&amp;table={name}" in page) == bool(tables[name]), name
    assert tables["totals"][0] == {"figure": "followers", "value": "102", "before": "", "change": ""}
    assert tables["countries"] == [
        {"country": "FR", "people": "60"},
        {"country": "DE", "people": "35"},
        {"country": "rest", "people": "7"},
    ]
    assert sum(int(row["people"]) for row in tables["languages"]) == 102
    assert [row["people"] for row in tables["hours"]] == ["6"]
    assert [(row["caption"], row["people"]) for row in tables["clips"]] == [("'=Mine", "6")]
    assert tables["sounds"] == []
    assert [(row["username"], row["people"]) for row in tables["creators"]] == [("dave", "6")]


@pytest.mark.engines
@pytest.mark.django_db
def test_without_a_hundred_followers_their_tables_are_empty_and_not_linked(cast, client):
    client.force_login(cast.alice)
    assert client.get("/api/v1/analytics/followers/?format=csv&table=countries").content == b""
    assert "table=countries" not in client.get("/studio/analytics/followers/").content.decode()


@pytest.mark.engines
def test_groups_of_four_and_people_who_hide_are_not_shown(cast, crowd, make_video, make_person):
    own = make_video(cast.alice)
    hidden = make_person("hidden", privacy={"is_private": True})
    shy = make_person("shy", privacy={"findable": False})
    muted = make_person("muted")
    theirs = {name: make_video(name) for name in (hidden, shy, muted, cast.dave, cast.mallory)}
    for one in crowd[:4]:
        watch(one, own)
        watch(one, theirs[cast.dave])
        look(one, own)
    for one in crowd[:9]:
        for name in (hidden, shy, muted, cast.mallory):
            watch(one, theirs[name])
    from privacy.actions import mute

    mute(cast.alice, muted)
    got = made(cast)["audience"]
    assert got["clips"] == []
    assert got["creators"] == []
    assert got["hours"] == []


def test_who_hides_after_the_count_is_gone_from_the_page_at_once(cast, crowd, make_video):
    clip = make_video(cast.dave)
    for one in crowd[:6]:
        watch(one, clip)
    assert [p["username"] for p in made(cast)["audience"]["creators"]] == ["dave"]
    cast.dave.privacy.is_private = True
    cast.dave.privacy.save()
    assert access.followers(cast.alice)["audience"]["creators"] == []


def test_the_page_costs_as_much_for_many_followers_as_for_few(
    cast, crowd, make_video, django_assert_max_num_queries
):
    for one in crowd[:6]:
        watch(one, make_video(cast.dave))
    made(cast)
    with django_assert_max_num_queries(7):
        access.followers(cast.alice)


# --- Messages --------------------------------------------------------------------------------------------------


@pytest.mark.engines
@pytest.mark.django_db
def test_conversations_and_the_time_to_an_answer(cast, client):
    from messaging import actions as messaging
    from messaging.models import Message

    talk = messaging.open_conversation(cast.carol, ["alice"])[0]
    messaging.send_message(cast.carol, talk.pk, client_id="1", text="Hello")
    messaging.send_message(cast.alice, talk.pk, client_id="2", text="Hello yourself")
    Message.objects.filter(client_id="2").update(answered_after=120)
    mine = messaging.open_conversation(cast.alice, ["bob"])[0]
    messaging.send_message(cast.alice, mine.pk, client_id="3", text="Thanks for following")
    totals = access.messages(cast.alice)["totals"]
    assert totals == {"started": 1, "received": 1, "answers": 1, "answered": 1, "median_ms": 120_000}
    client.force_login(cast.alice)
    page = client.get("/studio/analytics/messages/").content.decode()
    assert "Median time to answer" in page
    assert "Hello" not in page
    table = client.get("/api/v1/analytics/messages/?format=csv").content.decode().splitlines()
    assert table[0] == "day,started,received,answers,median_ms"


@pytest.mark.engines
@pytest.mark.django_db
def test_conversations_of_older_days_are_in_the_period_before(cast):
    from messaging import actions as messaging
    from messaging.models import Message

    talk = messaging.open_conversation(cast.carol, ["alice"])[0]
    messaging.send_message(cast.carol, talk.pk, client_id="1", text="Hello")
    Message.objects.update(created_at=timezone.now() - timedelta(days=10))
    answer = access.messages(cast.alice, access.period(7))
    assert (answer["totals"]["received"], answer["before"]["received"]) == (0, 1)
    assert answer["totals"]["median_ms"] is None


@pytest.mark.engines
@pytest.mark.django_db
def test_an_announcements_answers_are_of_its_receivers_and_of_three_days(cast, client, make_video):
    from messaging import actions as messaging
    from messaging.models import Announcement, Message

    row = Announcement.objects.create(
        author=cast.alice,
        video=make_video(cast.alice, caption="Mugs"),
        audience="followers",
        state="sent",
        sent_count=2,
    )
    now = timezone.now()
    for reader, late in ((cast.bob, timedelta(hours=2)), (cast.carol, timedelta(days=4))):
        talk = messaging.open_conversation(cast.alice, [reader.username])[0]
        for seq, sender, kind, at in (
            (1, cast.alice, "announcement", now),
            (2, cast.alice, "text", now + timedelta(hours=1)),
            (3, reader, "text", now + late),
            (4, reader, "text", now + late),
        ):
            told = row if kind == "announcement" else None
            message = Message.objects.create(
                conversation=talk,
                sender=sender,
                seq=seq,
                kind=kind,
                client_id=f"{talk.pk}-{seq}",
                announcement=told,
            )
            Message.objects.filter(pk=message.pk).update(created_at=at)
    (card,) = access.messages(cast.alice)["announcements"]
    assert (card["sent"], card["answers"], card["opened"]) == (2, 1, None)
    client.force_login(cast.alice)
    table = client.get("/api/v1/analytics/messages/?format=csv&table=announcements").content.decode()
    (line,) = csv.DictReader(io.StringIO(table))
    assert (line["sent"], line["answers"], line["opened"], line["caption"]) == ("2", "1", "", "Mugs")
