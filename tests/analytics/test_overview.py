"""The figures a creator reads: API, pages, CSV. Own figures only."""

import csv
import io
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import actions as people
from analytics import rollups
from analytics.models import CreatorDay, EventBatch, VideoDay
from videos import actions as videos

OVERVIEW = "/api/v1/analytics/overview/"


@pytest.fixture
def history(cast, make_video):
    """Two clips of alice; today 30 + 10 views, ten days ago 20; 40 days ago 100. Bob has figures of his own."""
    today = timezone.now().date()
    best, other = make_video(cast.alice, caption="Best"), make_video(cast.alice, caption="=Other")
    bobs = make_video(cast.bob)
    rows = [(best, 0, 30), (other, 0, 10), (best, 10, 20), (other, 40, 100), (bobs, 0, 999)]
    for video, ago, views in rows:
        day = today - timedelta(days=ago)
        rollups.table.add(
            VideoDay,
            ("video_id", "creator_id", "day"),
            ("views", "watch_ms", "completions"),
            [(video.pk, video.author_id, day, views, views * 4000, views // 2)],
            unique=("video_id", "day"),
        )
        rollups.add_creator_days({(video.author_id, day): {"views": views, "watch_ms": views * 4000}})
    rollups.add_creator_days({(cast.alice.pk, today): {"likes": 4, "followers_new": 3, "followers_lost": 1}})
    EventBatch.objects.create(id="b", events=1)
    return best, other


def test_totals_are_compared_with_the_period_before(api, cast, history):
    answer = api.as_(cast.alice).get(OVERVIEW, {"days": 28}).json()
    assert answer["totals"]["views"] == 60
    assert answer["before"]["views"] == 100
    assert answer["delta"]["views"] == -0.4
    assert answer["totals"]["watch_ms"] == 240_000
    assert answer["totals"]["followers_net"] == 2
    assert answer["totals"]["engagement"] == round(4 / 60, 6)
    assert answer["delta"]["likes"] is None, "there is nothing to compare with"
    assert answer["updated_at"]
    assert "2 seconds" in answer["definitions"]["views"]["meaning"]


@pytest.mark.parametrize(("days", "views"), [(7, 40), (28, 60), (60, 160), (365, 160)])
def test_series_have_every_day_and_sum_to_the_totals(api, cast, history, days, views):
    answer = api.as_(cast.alice).get(OVERVIEW, {"days": days}).json()
    assert len(answer["series"]) == len(answer["series_before"]) == days
    assert answer["series"][-1]["day"] == answer["end"] == timezone.now().date().isoformat()
    assert answer["series"][0]["day"] == answer["start"]
    for name in ("views", "watch_ms", "likes", "followers_new"):
        assert sum(day[name] for day in answer["series"]) == answer["totals"][name]
    assert answer["totals"]["views"] == views


def test_top_clips_come_with_their_sums_best_first_and_without_removed_ones(api, cast, history, make_video):
    best, other = history
    top = api.as_(cast.alice).get(OVERVIEW).json()["top"]
    assert [(line["id"], line["views"], line["completion"]) for line in top] == [
        (str(best.pk), 50, 0.5),
        (str(other.pk), 10, 0.5),
    ]
    best.state = "removed"
    best.save()
    assert [line["id"] for line in api.as_(cast.alice).get(OVERVIEW).json()["top"]] == [str(other.pk)]


@pytest.mark.parametrize("days", ["5", "0", "-7", "all", "28.0", "28 "])
def test_other_ranges_are_refused_with_a_sentence(api, cast, days):
    answer = api.as_(cast.alice).get(OVERVIEW, {"days": days})
    assert answer.status_code == 400
    assert answer.json()["error"]["fields"] == {"days": "Choose the last 7, 28, 60 or 365 days."}


def test_a_visitor_has_no_figures(api, browser):
    for path in ("overview/", "content/", "videos/1/"):
        assert api.get(f"/api/v1/analytics/{path}").status_code == 401
    for page in ("/studio/analytics/", "/studio/analytics/content/", "/studio/videos/1/"):
        assert browser.get(page).status_code == 302


def test_a_clip_of_somebody_else_and_none_answer_alike(api, browser, cast, history):
    best, _other = history
    for person in (cast.bob, cast.mod, cast.mallory):
        theirs = api.as_(person).get(f"/api/v1/analytics/videos/{best.pk}/")
        absent = api.as_(person).get("/api/v1/analytics/videos/1/")
        assert theirs.status_code == absent.status_code == 404
        assert theirs.content == absent.content
    assert api.as_(cast.bob).get("/api/v1/analytics/videos/nonsense/").status_code == 404
    assert browser.as_(cast.bob).get(f"/studio/videos/{best.pk}/").status_code == 404


def test_a_clips_own_figures(api, cast, history):
    best, _other = history
    answer = api.as_(cast.alice).get(f"/api/v1/analytics/videos/{best.pk}/", {"days": 7}).json()
    assert answer["video"]["id"] == str(best.pk)
    assert (answer["totals"]["views"], answer["before"]["views"]) == (30, 20)
    assert (answer["totals"]["completion"], answer["totals"]["average_ms"]) == (0.5, 4000)
    assert len(answer["series"]) == 7


def test_content_lists_own_clips_by_cursor_with_the_sums_of_the_period(api, cast, history, make_video):
    for _n in range(25):
        make_video(cast.alice)
    client = api.as_(cast.alice)
    first = client.get("/api/v1/analytics/content/", {"days": 7}).json()
    second = client.get(first["next"]).json()
    assert second["next"] is None
    lines = first["results"] + second["results"]
    assert len({line["id"] for line in lines}) == 27
    assert {line["caption"]: line["views"] for line in lines if line["views"]} == {"Best": 30, "=Other": 10}


def test_csv_holds_the_same_days_and_no_formula(api, cast, history):
    client = api.as_(cast.alice)
    answer = client.get(OVERVIEW, {"days": 7, "format": "csv"})
    assert answer["Content-Type"].startswith("text/csv")
    assert answer["Content-Disposition"] == 'attachment; filename="overview.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [row["views"] for row in rows] == ["0"] * 6 + ["40"]
    assert rows[0]["day"] == (timezone.now().date() - timedelta(days=6)).isoformat()

    content = client.get("/api/v1/analytics/content/", {"format": "csv"})
    assert {row["caption"] for row in csv.DictReader(io.StringIO(content.content.decode()))} == {
        "Best",
        "'=Other",
    }


def test_a_refused_csv_is_an_error_not_a_table(api, cast):
    answer = api.as_(cast.alice).get(OVERVIEW, {"days": 5, "format": "csv"})
    assert answer.status_code == 400
    assert b'"code":"bad_range"' in answer.content


def test_query_budgets(api, browser, cast, history, django_assert_max_num_queries):
    best, _other = history
    alice, page = api.as_(cast.alice), browser.as_(cast.alice)
    # Two for the log-in (session, person); then 1 days, 2-4 unique viewers (open days, and finished ones of both periods that
    # the cache does not know), 5 hours, 6 sums of best clips, 7 those clips, 8 last update.
    with django_assert_max_num_queries(10):
        assert alice.get(OVERVIEW, {"days": 365}).status_code == 200
    # Once the cache knows the finished days, two fewer.
    with django_assert_max_num_queries(8):
        assert alice.get(OVERVIEW, {"days": 365}).status_code == 200
    # Two for the log-in; the clip, its renditions, its days, three of unique viewers, sources, countries, retention, last update.
    with django_assert_max_num_queries(12):
        assert alice.get(f"/api/v1/analytics/videos/{best.pk}/").status_code == 200
    # Two for the log-in; clips, sums.
    with django_assert_max_num_queries(4):
        assert alice.get("/api/v1/analytics/content/").status_code == 200
    # Two for the log-in; clips with days by the figure, clips without, the clips of the page.
    with django_assert_max_num_queries(5):
        assert alice.get("/api/v1/analytics/content/", {"sort": "engagement"}).status_code == 200
    # Two for the log-in; minutes and clips, visits, those clips, last update.
    with django_assert_max_num_queries(6):
        assert alice.get("/api/v1/analytics/live/").status_code == 200
    # The API's own five (cached), two for the log-in, two for the badges of the frame.
    with django_assert_max_num_queries(9):
        assert page.get("/studio/analytics/", {"days": 365}).status_code == 200
    # The same for a clip, a list and the last hour.
    with django_assert_max_num_queries(14):
        assert page.get(f"/studio/videos/{best.pk}/").status_code == 200
    with django_assert_max_num_queries(7):
        assert page.get("/studio/analytics/content/", {"sort": "views"}).status_code == 200
    with django_assert_max_num_queries(8):
        assert page.get("/studio/analytics/live/").status_code == 200


def test_the_page_shows_cards_chart_table_and_definitions(browser, cast, history):
    page = browser.as_(cast.alice).get("/studio/analytics/", {"days": 28, "metric": "likes"})
    text = page.content.decode()
    assert 'role="img"' in text
    assert "<title" in text
    assert "<desc" in text
    assert text.count("data-point") == 28
    assert "Likes your clips received" in text
    assert "Highest: 4 on" in text
    assert "What the figures mean" in text
    assert "Updated at" in text
    assert f"/studio/videos/{history[0].pk}/" in text
    assert 'style="' not in text


def test_the_clips_page_shows_its_own_figures(browser, cast, history):
    text = (
        browser.as_(cast.alice)
        .get(f"/studio/videos/{history[0].pk}/", {"metric": "completion"})
        .content.decode()
    )
    assert "50&nbsp;%" in text or "50 %" in text
    assert "Best" in text


def test_empty_pages_name_the_next_step(browser, cast, make_video):
    page = browser.as_(cast.dave).get("/studio/analytics/")
    assert "No figures in these days" in page.content.decode()
    assert "/upload/" in page.content.decode()
    assert "No clips yet" in browser.as_(cast.dave).get("/studio/analytics/content/").content.decode()
    clip = make_video(cast.dave)
    assert (
        "Nobody watched this clip"
        in browser.as_(cast.dave).get(f"/studio/videos/{clip.pk}/").content.decode()
    )


def test_a_range_that_does_not_exist_is_a_page_with_a_sentence(browser, cast):
    page = browser.as_(cast.alice).get("/studio/analytics/", {"days": 5})
    assert page.status_code == 400
    assert "Choose the last 7, 28, 60 or 365 days." in page.content.decode()


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_likes_comments_saves_shares_and_followers_reach_todays_figures(cast, make_video):
    clip = make_video(cast.alice)
    videos.like(cast.bob, clip)
    videos.like(cast.bob, clip)
    videos.like(cast.carol, clip)
    videos.unlike(cast.carol, clip)
    videos.save(cast.bob, clip)
    comment = videos.comment(cast.bob, clip, "Fine")
    videos.comment(cast.carol, clip, "Very fine", reply_to=comment)
    videos.delete_comment(cast.bob, comment)
    videos.share(cast.bob, clip, "link")
    people.follow(cast.dave, cast.alice)
    people.unfollow(cast.bob, cast.alice)

    day = CreatorDay.objects.get(creator=cast.alice)
    figures = (day.likes, day.saves, day.comments, day.shares, day.followers_new, day.followers_lost)
    assert figures == (1, 1, 0, 1, 1, 1)
    row = VideoDay.objects.get(video=clip)
    assert (row.likes, row.saves, row.comments, row.shares) == (1, 1, 0, 1)


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_an_accepted_request_is_a_new_follower_once(cast, make_person):
    erin = make_person("erin", privacy={"is_private": True})
    request = people.follow(cast.bob, erin)
    assert not CreatorDay.objects.filter(creator=erin).exists()
    people.accept_request(erin, request.pk)
    assert CreatorDay.objects.get(creator=erin).followers_new == 1


def test_a_figure_that_cannot_be_counted_does_not_fail_the_deed(cast, make_video, monkeypatch):
    from django.db import DatabaseError

    from videos.signals import video_liked

    def fails(*_args, **_kwargs):
        raise DatabaseError("away")

    monkeypatch.setattr("analytics.rollups.table.add", fails)
    video_liked.send(None, video_id=make_video(cast.alice).pk, person_id=cast.bob.pk)
