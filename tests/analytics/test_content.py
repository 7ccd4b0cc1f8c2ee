"""The list of clips: sorted by every figure, narrowed, page by page without a clip lost or twice, whole as CSV."""

import csv
import io
from datetime import timedelta

import pytest
from django.utils import timezone

from analytics import access
from analytics.definitions import CLIP_METRICS
from analytics.models import VideoDay
from socialapp.lib.errors import Invalid

pytestmark = pytest.mark.django_db
CONTENT = "/api/v1/analytics/content/"


@pytest.fixture
def clips(cast, make_video):
    """Nine clips of alice: six with days of uneven figures, one of them like another, three that nothing happened to."""
    today = timezone.now().date()
    made = [make_video(cast.alice, caption=f"Clip {n}") for n in range(9)]
    for n, clip in enumerate(made[:6]):
        for ago in (0, 3):
            VideoDay.objects.create(
                video=clip,
                creator=cast.alice,
                day=today - timedelta(days=ago),
                impressions=[40, 9, 100, 0, 70, 70][n],
                views=[10, 4, 3, 0, 8, 8][n],
                watch_ms=[9000, 20_000, 100, 500, 7000, 7000][n],
                completions=[1, 4, 0, 0, 9, 9][n],
                skips=n,
                rewatches=6 - n,
                likes=[-2, 1, 5, 0, 2, 2][n],
                comments=n % 2,
                shares=n % 3,
                saves=1,
                followers_won=n // 2,
            )
    VideoDay.objects.create(video=made[8], creator=cast.alice, day=today - timedelta(days=40), views=9000)
    return made


@pytest.mark.engines
@pytest.mark.parametrize("sort", access.SORTS)
@pytest.mark.parametrize("size", [1, 4, 20])
def test_every_figure_sorts_and_pages_neither_lose_nor_repeat_a_clip(cast, clips, sort, size):
    cursor, lines = None, []
    while True:
        page, some = access.content(
            cast.alice, access.period(7), cursor, access.wanted({"sort": sort}), size=size
        )
        lines += some
        cursor = page.next_cursor
        if cursor is None:
            break
        assert len(some) == size
    ids = [int(line["id"]) for line in lines]
    assert sorted(ids) == sorted(clip.pk for clip in clips)
    if sort == "newest":
        assert ids == sorted(ids, reverse=True)
        return
    active = {clip.pk for clip in clips[:6]}
    assert set(ids[:6]) == active, "clips that something happened to come first"
    figures = [-1 if line[sort] is None else line[sort] for line in lines[:6]]
    assert figures == sorted(figures, reverse=True)
    assert ids[6:] == sorted(ids[6:], reverse=True)


def test_what_is_listed_can_be_narrowed(api, cast, clips, make_video):
    make_video(cast.alice, caption="50% harbour", audience="friends")
    make_video(cast.alice, caption="Draft", state="draft", published_at=None)
    alice = api.as_(cast.alice)

    def captions(**query):
        return {line["caption"] for line in alice.get(CONTENT, query).json()["results"]}

    assert captions(audience="friends") == {"50% harbour"}
    assert captions(state="draft") == {"Draft"}
    assert captions(q="HARBOUR") == {"50% harbour"}
    assert captions(q="50%") == {"50% harbour"}
    assert captions(q="clip 3", sort="views") == {"Clip 3"}
    assert captions(q="\x00") == captions()


@pytest.mark.parametrize(
    ("query", "field", "sentence"),
    [
        ({"sort": "beauty"}, "sort", "Choose a figure of the table to sort by."),
        ({"sort": "viewers"}, "sort", "Choose a figure of the table to sort by."),
        ({"audience": "all"}, "audience", "Choose an audience of the list."),
        ({"state": "removed"}, "state", "Choose a state of the list."),
    ],
)
def test_what_there_is_not_is_refused_with_a_sentence(api, browser, cast, query, field, sentence):
    answer = api.as_(cast.alice).get(CONTENT, query)
    assert answer.status_code == 400
    assert answer.json()["error"]["fields"] == {field: sentence}
    page = browser.as_(cast.alice).get("/studio/analytics/content/", query)
    assert page.status_code == 400
    assert sentence in page.content.decode()


@pytest.mark.parametrize("cursor", ["x", "W10", "WzFd", "WyJhIiwxXQ", "WzEsIngiXQ", "W251bGwsMV0"])
def test_a_cursor_that_is_none_is_refused(cast, cursor):
    with pytest.raises(Invalid):
        access.content(cast.alice, None, cursor, access.wanted({"sort": "views"}))


def test_csv_has_all_clips_at_once_and_every_figure(api, cast, clips):
    answer = api.as_(cast.alice).get(CONTENT, {"format": "csv", "sort": "views", "days": 7})
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert len(rows) == 9
    assert [row["caption"] for row in rows[:3]] == ["Clip 0", "Clip 5", "Clip 4"]
    assert {metric.name for metric in CLIP_METRICS} <= set(rows[0])


def test_the_page_marks_what_it_is_sorted_by_and_keeps_days_and_filters(browser, cast, clips):
    text = (
        browser.as_(cast.alice)
        .get("/studio/analytics/content/", {"sort": "likes", "days": 7, "q": "Clip"})
        .content.decode()
    )
    assert text.count('aria-sort="descending"') == 1
    assert "?sort=views&amp;days=7&amp;q=Clip" in text
    assert "format=csv" in text


def test_an_empty_result_offers_all_clips(browser, cast, clips):
    page = browser.as_(cast.alice).get("/studio/analytics/content/", {"q": "nothing like it"})
    assert "No clip like this" in page.content.decode()
