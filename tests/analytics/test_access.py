"""Whose figures, of which days: check by check. What the API and the pages show of them is in test_overview."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from analytics import access
from analytics.models import CreatorDay, VideoDay
from socialapp.lib.errors import NotFound, NotSignedIn

pytestmark = pytest.mark.django_db
NOBODY = AnonymousUser()
TOMORROW, TODAY, LAST_OF_NOW, FIRST_BEFORE, TOO_OLD = -1, 0, 6, 13, 14  # days ago, of a period of seven


@pytest.fixture
def clips(cast, make_video):
    """Two clips of alice and one of bob, each with one view more than the last on five days around a week's edges."""
    made = [make_video(cast.alice), make_video(cast.alice), make_video(cast.bob)]
    today = timezone.now().date()
    for nth, clip in enumerate(made):
        for ago, views in [
            (TOMORROW, 10_000),
            (TODAY, 1),
            (LAST_OF_NOW, 10),
            (FIRST_BEFORE, 100),
            (TOO_OLD, 1000),
        ]:
            day = today - timedelta(days=ago)
            VideoDay.objects.create(video=clip, creator=clip.author, day=day, views=views * (nth + 1))
            whole, _new = CreatorDay.objects.get_or_create(creator=clip.author, day=day)
            whole.views += views * (nth + 1)
            whole.save()
    return made


def test_an_accounts_figures_are_its_own_within_the_days(cast, clips):
    first, second, _bobs = clips
    answer = access.overview(cast.alice, access.period(7))
    assert (answer["totals"]["views"], answer["before"]["views"]) == (33, 300)
    assert [(line["id"], line["views"]) for line in answer["top"]] == [
        (str(second.pk), 22),
        (str(first.pk), 11),
    ]
    assert [line["views"] for line in access.overview(cast.bob, access.period(7))["top"]] == [33]


def test_a_clips_figures_are_its_own_within_the_days(cast, clips):
    answer = access.video_figures(cast.alice, clips[1].pk, access.period(7))
    assert answer["video"]["id"] == str(clips[1].pk)
    assert (answer["totals"]["views"], answer["before"]["views"]) == (22, 200)
    assert access.video_figures(cast.alice, str(clips[0].pk), access.period(7))["totals"]["views"] == 11


def test_a_list_of_clips_has_ones_own_with_their_own_sums(cast, clips):
    page, lines = access.content(cast.alice, access.period(7))
    views = {clip.pk: line["views"] for clip, line in zip(page.items, lines, strict=True)}
    assert views == {clips[0].pk: 11, clips[1].pk: 22}


def test_a_list_asks_only_for_the_days_of_its_clips(cast, clips, make_video):
    _page, lines = access.content(cast.dave, access.period(7))
    assert lines == []
    make_video(cast.dave)
    assert [line["views"] for line in access.content(cast.dave, access.period(7))[1]] == [0]


@pytest.mark.parametrize("read", [access.overview, access.content])
def test_who_is_not_there_has_no_figures(read):
    with pytest.raises(NotSignedIn):
        read(NOBODY)
    with pytest.raises(NotSignedIn):
        access.video_figures(NOBODY, 1)


def test_no_more_days_are_read_than_are_compared(cast, clips, monkeypatch):
    read, compared = [], access.compared

    def spy(span, names, rows):
        rows = list(rows)
        read.append(sorted(row["day"] for row in rows))
        return compared(span, names, rows)

    monkeypatch.setattr("analytics.access.account.compared", spy)
    monkeypatch.setattr("analytics.access.clip.compared", spy)
    access.overview(cast.alice, access.period(7))
    access.video_figures(cast.alice, clips[0].pk, access.period(7))
    today = timezone.now().date()
    days = [today - timedelta(days=ago) for ago in (FIRST_BEFORE, LAST_OF_NOW, TODAY)]
    assert read == [days, days]


def test_better_clips_of_others_do_not_crowd_out_ones_own(cast, clips, make_video, monkeypatch):
    monkeypatch.setattr("analytics.access.account.TOP", 1)
    today = timezone.now().date()
    for _n in range(2):
        better = make_video(cast.bob)
        VideoDay.objects.create(video=better, creator=cast.bob, day=today, views=1000)
    assert [line["id"] for line in access.overview(cast.alice, access.period(7))["top"]] == [str(clips[1].pk)]


def test_what_is_no_id_has_no_figures(cast):
    for row_id in ("nonsense", "-1", "9" * 30):
        with pytest.raises(NotFound):
            access.video_figures(cast.alice, row_id)


@pytest.mark.parametrize("whom", ["bob", "carol", "mod"])
def test_figures_of_others_clips_are_not_there(cast, clips, whom):
    with pytest.raises(NotFound):
        access.video_figures(getattr(cast, whom), clips[0].pk)


def test_a_removed_clip_is_in_no_list_of_figures(cast, clips):
    clips[1].state = "removed"
    clips[1].save()
    assert [line["id"] for line in access.overview(cast.alice, access.period(7))["top"]] == [str(clips[0].pk)]
    assert len(access.content(cast.alice, access.period(7))[1]) == 1
    with pytest.raises(NotFound):
        access.video_figures(cast.alice, clips[1].pk)


def test_a_clip_without_a_cover_has_none_in_its_line(cast, make_video):
    assert access.clip_line(make_video(cast.alice, cover=""))["cover"] is None
    assert access.clip_line(make_video(cast.alice, cover="cover.webp"))["cover"].endswith("cover.webp")


@pytest.mark.parametrize(
    ("now", "before", "said"), [(None, 4, None), (4, None, None), (4, 0, None), (5, 4, 0.25), (0, 4, -1.0)]
)
def test_a_change_needs_something_to_compare_with(now, before, said):
    assert access.change(now, before) == said
