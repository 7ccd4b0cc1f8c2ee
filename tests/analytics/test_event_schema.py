"""POST events/, version 1: kinds, played parts, signed visits, names of batches, bounds, bots, countries."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.models import Follow
from analytics import inbox, recount, rollups, uniques, visits
from analytics.models import (
    CountryDay,
    CreatorDay,
    DroppedDay,
    EngagementWeek,
    Event,
    HourDay,
    RetentionDay,
    Sketch,
    SourceDay,
    VideoDay,
)
from analytics.retention import by_second
from videos import signals
from videos.models import Promotion, PromotionShowing

URL = "/api/v1/events/"


def view(clip, **fields):
    return {"video": str(clip.pk), "watched_ms": 4000, "duration_ms": 10_000, "session": "s", **fields}


def send(client, *events, agent="Mozilla/5.0", **extra):
    return client.post(
        URL, {"v": 1, **extra, "events": list(events)}, format="json", headers={"User-Agent": agent}
    )


def visit_of(person=None):
    return visits.issue(person or AnonymousUser())


def dropped():
    return dict(DroppedDay.objects.values_list("reason", "events"))


def flush():
    """Written, and as a recount says."""
    rollups.flush()
    for day in set(Event.objects.values_list("at__date", flat=True)):
        rolled, counted = recount.rolled(day), recount.recount(day)
        for name in ("videos", "creators", "sources", "countries", "hours", "curves", "people"):
            assert getattr(rolled, name) == getattr(counted, name), name


@pytest.fixture
def clip(cast, make_video):
    return make_video(cast.alice, duration_ms=10_000)


@pytest.fixture
def bob(api, cast):
    return api.as_(cast.bob)


@pytest.fixture
def follow(cast):
    return Follow.objects.create(
        follower=cast.dave, followed=cast.alice, state="accepted", accepted_at=timezone.now()
    )


@pytest.fixture
def promotion(cast, clip):
    """Shown to bob."""
    now = timezone.now()
    row = Promotion.objects.create(
        owner=cast.alice, video=clip, goal="views", daily_budget=100, starts_on=now.date(), ends_on=now.date()
    )
    PromotionShowing.objects.create(
        promotion=row, person=cast.bob, day=now.date(), number=1, nth=1, slot="page", at=now
    )
    return row


def test_every_kind_of_event_fills_its_roll_ups(api, cast, clip, bob, follow, promotion):
    paid = {"source": "promoted", "promotion": str(promotion.pk), "session": "s"}
    assert send(
        bob,
        view(clip, source="search", played=[[0, 4000]]),
        {"kind": "impression", "video": str(clip.pk), "source": "tag", "session": "s"},
        {"kind": "impression", "video": str(clip.pk), **paid},
        {"kind": "profile", "profile": "alice", "session": "s"},
    ).json() == {"accepted": 4, "dropped": 0}
    won = {"kind": "follow", "follow": "alice", "video": str(clip.pk), "source": "for_you", "session": "s"}
    assert send(api.as_(cast.dave), won).json() == {"accepted": 1, "dropped": 0}
    flush()
    day = VideoDay.objects.get()
    assert (day.impressions, day.views, day.watch_ms, day.followers_won) == (2, 1, 4000, 1)
    own = CreatorDay.objects.get(creator=cast.alice)
    assert (own.impressions, own.views, own.profile_views) == (2, 1, 1)
    places = SourceDay.objects.order_by("source").values_list(
        "source", "impressions", "views", "watch_ms", "followers_won"
    )
    assert list(places) == [
        ("for_you", 0, 0, 0, 1),
        ("promoted", 1, 0, 0, 0),
        ("search", 0, 1, 4000, 0),
        ("tag", 1, 0, 0, 0),
    ]
    assert HourDay.objects.get().views == CountryDay.objects.get().views == 1
    assert dict(Sketch.objects.values_list("kind", "subject")) == {
        Sketch.Kind.VIDEO: clip.pk,
        Sketch.Kind.CREATOR: cast.alice.pk,
        Sketch.Kind.PROFILE: cast.alice.pk,
        Sketch.Kind.PROMOTION: promotion.pk,
        Sketch.Kind.SITE: 0,
    }
    week = EngagementWeek.objects.get()  # bob follows alice
    assert (week.creator, week.person, week.views, week.watch_ms) == (cast.alice, cast.bob, 1, 4000)


def test_the_curve_counts_each_second_once_a_viewing_however_it_came(bob, api, clip):
    pieces = [
        (5200, [[0, 5200]]),
        (1300, [[5200, 6500]]),  # goes on inside a second
        (3000, [[2000, 4000], [8000, 9000]]),  # back by hand, then on over two seconds
    ]
    for watched, played in pieces:
        assert send(bob, view(clip, watched_ms=watched, played=played)).json()["accepted"] == 1
    send(api, view(clip, watched_ms=900, played=[[0, 900]], skipped=True), visit=visit_of())
    flush()
    curve = RetentionDay.objects.get()
    assert by_second(curve.reached) == [2, 1, 1, 1, 1, 1, 0, 0, 1, 0]
    assert by_second(curve.replays) == [0, 0, 1, 1, 0, 0, 0, 0, 0, 0]
    assert by_second(curve.skips) == [0, 0, 0, 0, 1, 1, 1, 1, 0, 0]
    assert VideoDay.objects.get().skips == 1


def test_curves_of_two_flushes_add_up(bob, api, clip):
    for number in range(2):
        send(bob, view(clip, session=f"s{number}", played=[[0, 4000]]))
        flush()
    assert by_second(RetentionDay.objects.get().reached) == [2, 2, 2, 2, 0, 0, 0, 0, 0, 0]


def test_parts_that_do_not_fit_the_time_that_was_watched_are_implausible(bob, clip):
    assert send(bob, view(clip, played=[[0, 10_000]])).json() == {"accepted": 0, "dropped": 1}
    flush()
    assert dropped() == {"implausible": 1}


# --- Visits ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("visit", [None, "", "x.0.5:forged", 7, "a" * 300])
def test_whoever_is_not_logged_in_and_has_no_visit_counts_nothing(api, clip, visit):
    answer = send(api, view(clip), view(clip), visit=visit)
    assert (answer.status_code, answer.json()) == (202, {"accepted": 0, "dropped": 2})
    flush()
    assert dropped() == {"unsigned": 2}


def test_a_visit_is_had_from_the_api_and_from_every_page(api, client, clip):
    for answer in (api.get(f"{URL}visit/"), api.post(f"{URL}visit/")):
        told = answer.json()
        assert told["expires_in"] == 12 * 3600
        assert "no-store" in answer["Cache-Control"]
        assert send(api, view(clip), visit=told["visit"]).json()["accepted"] == 1
    page = client.get("/explore/").content.decode()
    token = page.split('<meta name="visit" content="')[1].split('"')[0]
    assert send(api, view(clip), visit=token).json()["accepted"] == 1


def test_a_visit_of_somebody_else_an_old_one_and_one_of_tomorrow_are_none(api, cast, clip, time_machine):
    time_machine.move_to("2025-05-05 10:00Z", tick=False)
    mine, bobs = visit_of(), visit_of(cast.bob)
    assert send(api, view(clip), visit=bobs).json() == {"accepted": 0, "dropped": 1}
    time_machine.move_to("2025-05-05 21:59Z", tick=False)
    assert send(api, view(clip), visit=mine).json()["accepted"] == 1
    time_machine.move_to("2025-05-05 22:01Z", tick=False)
    assert send(api, view(clip), visit=mine).json() == {"accepted": 0, "dropped": 1}
    time_machine.move_to("2025-05-05 09:00Z", tick=False)
    assert send(api, view(clip), visit=mine).json() == {"accepted": 0, "dropped": 1}


def test_the_sessions_of_a_visit_are_its_own_not_the_senders(api, clip):
    visit = visit_of()
    answer = send(api, *[view(clip, session=f"s{n}") for n in range(5)], visit=visit)
    assert answer.json() == {"accepted": 1, "dropped": 4}
    flush()
    assert VideoDay.objects.get().views == 1


def test_events_of_somebody_logged_in_are_theirs_whatever_visit_they_bring(bob, cast, clip):
    assert send(bob, view(clip), visit=visit_of(cast.carol)).json()["accepted"] == 1
    flush()
    assert Event.objects.get().viewer == cast.bob


def test_a_visit_cannot_watch_for_longer_than_it_lasts(api, cast, make_video, time_machine):
    time_machine.move_to("2025-05-05 10:00Z", tick=False)
    clips = [make_video(cast.alice, duration_ms=60_000) for _n in range(40)]
    visit = visit_of()
    long = [view(clip, watched_ms=60_000, duration_ms=60_000) for clip in clips]
    # Two minutes at once, and from then on two seconds a second.
    assert send(api, *long[:10], visit=visit).json() == {"accepted": 2, "dropped": 8}
    time_machine.move_to("2025-05-05 10:05Z", tick=False)
    assert send(api, *long[10:], visit=visit).json() == {"accepted": 10, "dropped": 20}
    flush()
    assert dropped() == {"implausible": 28}


def test_a_person_cannot_watch_for_longer_by_taking_more_visits(bob, cast, make_video):
    clips = [make_video(cast.alice, duration_ms=60_000) for _n in range(4)]
    answers = [
        send(bob, view(clip, watched_ms=60_000, duration_ms=60_000), visit=visit_of(cast.bob)).json()
        for clip in clips
    ]
    assert [answer["accepted"] for answer in answers] == [1, 1, 0, 0]


def test_visits_are_limited_by_address_those_that_pages_gave_too(api, clip, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"visit": "3/3600"}
    first = visit_of()
    answers = [send(api, view(clip), visit=visit).status_code for visit in (first, visit_of(), visit_of())]
    assert answers == [202, 202, 202]
    assert send(api, view(clip), visit=visit_of()).status_code == 429
    assert api.get(f"{URL}visit/").status_code == 429
    assert send(api, view(clip, watched_ms=500), visit=first).status_code == 202  # known already


@pytest.mark.parametrize(
    ("agent", "bot"),
    [
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", True),
        ("facebookexternalhit/1.1", True),
        ("Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/120.0 Safari/537.36", False),
        ("Mozilla/5.0 (Linux; Android 13; CUBOT P60) Chrome/119", False),
        ("", False),
    ],
)
def test_bots_count_nothing(api, clip, agent, bot):
    answer = send(api, view(clip), visit=visit_of(), agent=agent)
    assert answer.json() == {"accepted": int(not bot), "dropped": int(bot)}
    flush()
    assert dropped() == ({"bot": 1} if bot else {})


# --- Batches --------------------------------------------------------------------------------------------------


def test_a_batch_that_comes_again_counts_once_and_hears_the_same_answer(api, bob, clip):
    batch = [view(clip), view(clip), {"kind": "impression", "video": "1", "session": "s"}]
    first = send(bob, *batch, batch="b-1")
    assert first.json() == {"accepted": 1, "dropped": 2}
    assert send(bob, *batch, batch="b-1").json() == first.json()
    assert send(bob, view(clip, session="t"), batch="b-2").json() == {"accepted": 1, "dropped": 0}
    for _turn in range(2):
        assert send(api, view(clip), batch="b-1", visit="forged").json() == {"accepted": 0, "dropped": 1}
    flush()
    assert Event.objects.count() == 2
    assert dropped() == {"replay": 1, "hidden": 1, "unsigned": 1}


def test_the_same_name_of_a_batch_by_two_people_is_two_batches(api, bob, cast, clip):
    assert send(bob, view(clip), batch="1").json()["accepted"] == 1
    assert send(api.as_(cast.carol), view(clip), batch="1").json()["accepted"] == 1
    assert send(api, view(clip), batch="1", visit=visit_of()).json()["accepted"] == 1


# --- Impressions, looks, follows --------------------------------------------------------------------------------


def test_an_impression_counts_once_a_visit_and_place_and_none_of_ones_own_or_hidden_clips(
    api, bob, cast, clip, make_video
):
    secret = make_video(cast.alice, audience="only_me")

    def seen(video, source="tag"):
        return {"kind": "impression", "video": str(video.pk), "source": source, "session": "s"}

    assert send(bob, seen(clip), seen(clip), seen(clip, "search"), seen(secret)).json() == {
        "accepted": 2,
        "dropped": 2,
    }
    assert send(api.as_(cast.alice), seen(clip)).json() == {"accepted": 0, "dropped": 1}
    flush()
    assert dropped() == {"replay": 1, "hidden": 1, "own": 1}


def test_a_promotion_is_believed_of_its_own_clip_only(bob, cast, clip, promotion, make_video):
    other = make_video(cast.alice, duration_ms=10_000)
    assert send(
        bob,
        view(other, source="promoted", promotion=str(promotion.pk)),
        view(clip, source="promoted"),
        view(clip, source="promoted", promotion="12345", watched_ms=500),
    ).json() == {"accepted": 3, "dropped": 0}
    send(bob, view(clip, source="search", promotion=str(promotion.pk), watched_ms=600))
    flush()
    found = Event.objects.order_by("pk").values_list("source", "promotion")
    assert list(found) == [("other", None)] * 3 + [("promoted", promotion.pk)]


def test_a_follow_is_credited_once_and_only_while_it_is_fresh_and_real(api, cast, clip, make_video, follow):
    dave, bob = api.as_(cast.dave), api.as_(cast.bob)
    won = {"kind": "follow", "follow": "alice", "video": str(clip.pk), "session": "s"}
    other = {**won, "video": str(make_video(cast.carol).pk)}
    assert send(dave, other).json()["accepted"] == 0, "a clip of somebody else"
    assert send(dave, won).json()["accepted"] == 1
    assert send(dave, won).json()["accepted"] == 0
    assert send(api.as_(cast.mod), won).json()["accepted"] == 0, "does not follow"
    Follow.objects.filter(follower=cast.bob).update(accepted_at=timezone.now() - timedelta(hours=1))
    assert send(bob, won).json()["accepted"] == 0, "follows for long"
    assert send(api, won, visit=visit_of()).json()["accepted"] == 0, "nobody"
    flush()
    assert VideoDay.objects.get().followers_won == 1


def test_what_is_counted_elsewhere_leaves_its_moment(cast, clip, django_capture_on_commit_callbacks):
    signals.video_shared.send(None, video_id=clip.pk, person_id=cast.bob.pk, channel="link")
    signals.invite_opened.send(None, invite_id=1, video_id=clip.pk, creator_id=cast.alice.pk)
    flush()
    found = Event.objects.order_by("kind").values_list("kind", "creator", "video", "viewer", "source")
    assert list(found) == [
        (Event.Kind.INVITE_OPENED, cast.alice.pk, clip.pk, None, "invite"),
        (Event.Kind.SHARE, cast.alice.pk, clip.pk, cast.bob.pk, "other"),
    ]
    assert VideoDay.objects.get().shares == 1
    assert EngagementWeek.objects.get().shares == 1


def test_likes_and_comments_of_followers_fill_their_week_those_of_others_do_not(cast, clip):
    for person in (cast.bob, cast.bob, cast.dave):
        signals.video_liked.send(None, video_id=clip.pk, person_id=person.pk)
    signals.video_unliked.send(None, video_id=clip.pk, person_id=cast.bob.pk)
    comment = clip.comment_set.create(author=cast.bob, text="Nice")
    signals.video_commented.send(None, comment_id=comment.pk)
    week = EngagementWeek.objects.get()
    assert (week.person, week.likes, week.comments) == (cast.bob, 1, 1)  # of two likes one was taken back
    assert week.week.weekday() == 0


# --- Countries ------------------------------------------------------------------------------------------------


def test_the_country_is_the_proxys_word_else_the_accounts_else_unknown(api, cast, clip, settings):
    settings.COUNTRY_HEADER = "CF-IPCountry"
    cast.bob.country = "FR"
    cast.bob.save()

    def countries(client, **headers):
        Event.objects.all().delete()
        body = {"events": [view(clip, session=f"c{timezone.now().timestamp()}".replace(".", "-"))]}
        if client is api:
            body["visit"] = visit_of()
        client.post(URL, body, format="json", headers=headers)
        rollups.flush()
        return Event.objects.get().country

    bob = api.as_(cast.bob)
    assert countries(bob, **{"CF-IPCountry": "DE"}) == "FR", "nobody whom we trust said so"
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    assert countries(bob, **{"CF-IPCountry": "de"}) == "DE"
    assert countries(bob, **{"CF-IPCountry": "XX"}) == "FR"
    assert countries(api, **{"CF-IPCountry": "T1"}) == ""
    assert countries(api, **{"CF-IPCountry": "<script>"}) == ""


# --- Bad input ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"v": 2}, "v"),
        ({"v": "one"}, "v"),
        ({"batch": "no spaces"}, "batch"),
        ({"batch": 5}, "batch"),
    ],
)
def test_a_beacon_of_another_version_or_a_strange_name_is_refused(bob, clip, body, field):
    answer = bob.post(URL, {"events": [view(clip)], **body}, format="json")
    assert answer.status_code == 400
    assert list(answer.json()["error"]["fields"]) == [field]
    assert inbox.waiting() == 0


@pytest.mark.parametrize(
    ("event", "field"),
    [
        ({"kind": "wink"}, "kind"),
        ({"kind": ["view"]}, "kind"),
        ({"kind": "impression", "video": {}}, "video"),
        ({"kind": "follow", "follow": "no such name!"}, "follow"),
        ({"kind": "follow"}, "follow"),
        ({"kind": "profile"}, "profile"),
        ({"played": "all"}, "played"),
        ({"played": [[1]]}, "played"),
        ({"played": [[5, 1]]}, "played"),
        ({"played": [[True, 5]]}, "played"),
        ({"played": [[0, 1]] * 201}, "played"),
        ({"played": [[0, float("1e12")]]}, "played"),
        ({"skipped": "yes"}, "skipped"),
        ({"promotion": "all"}, "promotion"),
        ({"promotion": -1}, "promotion"),
    ],
)
def test_a_wrong_field_is_named_with_a_sentence(bob, clip, event, field):
    answer = send(bob, view(clip, **event))
    assert answer.status_code == 400
    problem = answer.json()["error"]
    assert list(problem["fields"]) == [f"events.0.{field}"]
    assert problem["message"]
    assert inbox.waiting() == 0


# --- Uniques --------------------------------------------------------------------------------------------------


@pytest.mark.engines
def test_sketches_tell_people_apart_within_two_percent_and_merge_over_days(cast, clip):
    today = timezone.now().date()
    key = (Sketch.Kind.VIDEO.value, clip.pk)
    for ago, people in ((0, range(20_000)), (1, range(10_000, 30_000))):
        prints = set(uniques.fingerprints(people).values())
        half = set(list(prints)[:9_000])
        for part in (half, prints - half):  # two flushes
            uniques.add({(*key, today - timedelta(days=ago)): (cast.alice.pk, part)})
    one = uniques.merged(*key[:1], [clip.pk, 5], today, today)
    both = uniques.merged(*key[:1], [clip.pk], today - timedelta(days=1), today)
    assert one[5] == 0
    assert one[clip.pk] == pytest.approx(20_000, rel=0.02)
    assert both[clip.pk] == pytest.approx(30_000, rel=0.02)
    assert all(len(bytes(row)) < 9_000 for row in Sketch.objects.values_list("registers", flat=True))


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_flushes_at_once_lose_nobody_and_never_deadlock(cast, make_video):
    from threading import Barrier, Thread

    from django.db import connections

    from analytics import counting

    clips = [make_video(cast.alice, duration_ms=10_000) for _n in range(6)]
    at = int(timezone.now().timestamp() * 1000)
    batches = []
    for number in range(8):
        order = clips if number % 2 else clips[::-1]
        records = [
            counting.whole_viewing(
                clip.pk, cast.alice.pk, at, 4000, 10_000, session=f"{number}-{n}", played="0-4000"
            )
            for clip in order
            for n in range(5)
        ]
        inbox.put([inbox.Item(list(record)) for record in records], now=at / 1000)
        batches.append(inbox.take())
    gate = Barrier(len(batches))

    def run(batch):
        gate.wait()
        rollups._try_batch(batch)
        connections.close_all()

    threads = [Thread(target=run, args=[batch]) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert inbox.unfinished() == []
    flush()
    assert Event.objects.count() == 240
    assert uniques.merged(
        Sketch.Kind.CREATOR, [cast.alice.pk], timezone.now().date(), timezone.now().date()
    ) == {cast.alice.pk: 40}
