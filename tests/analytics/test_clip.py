"""One clip in depth: unique viewers, sources, countries, and who still watches second by second."""

import csv
import io
from datetime import timedelta

import pytest
from datasketches import hll_sketch, tgt_hll_type
from django.utils import timezone

from analytics.models import CountryDay, RetentionDay, Sketch, SourceDay, VideoDay
from analytics.retention import pack

pytestmark = pytest.mark.django_db


@pytest.fixture
def clip(cast, make_video):
    clip = make_video(cast.alice, caption="Deep", duration_ms=4000)
    own = {"video": clip, "creator": cast.alice}
    today = timezone.now().date()
    for ago, views in ((0, 30), (2, 10), (9, 20)):
        day = today - timedelta(days=ago)
        VideoDay.objects.create(**own, day=day, views=views, impressions=2 * views, skips=3, rewatches=2)
        SourceDay.objects.create(**own, day=day, source="for_you", views=views - 2, impressions=views)
        SourceDay.objects.create(**own, day=day, source="search", views=2, watch_ms=100)
        for country, part in (("FR", 10), ("DE", 6), ("", 3), ("MC", 1)):
            CountryDay.objects.create(**own, day=day, country=country, views=part, watch_ms=part)
        RetentionDay.objects.create(
            **own, day=day, reached=pack([views, views // 2, 4]), replays=pack([0, 5]), skips=pack([1, 0, 2])
        )
        sketch = hll_sketch(14, tgt_hll_type.HLL_4)
        for person in range(ago, ago + 8):
            sketch.update(person)
        registers = sketch.serialize_compact()
        Sketch.objects.create(
            kind=Sketch.Kind.VIDEO, subject=clip.pk, creator=cast.alice, day=day, registers=registers
        )
    return clip


@pytest.fixture
def figures(api, cast, clip):
    return api.as_(cast.alice).get(f"/api/v1/analytics/videos/{clip.pk}/", {"days": 7}).json()


def test_totals_know_skips_rewatches_and_how_many_stayed(figures):
    totals = figures["totals"]
    assert (totals["views"], totals["impressions"], totals["click_through"]) == (40, 80, 0.5)
    assert (totals["skips"], totals["rewatches"]) == (6, 4)
    assert (totals["viewers"], figures["before"]["viewers"]) == (10, 8)


def test_sources_come_with_the_period_before(figures):
    assert [(row["source"], row["views"], row["before"]) for row in figures["sources"]] == [
        ("for_you", 36, 18),
        ("search", 4, 2),
    ]


def test_countries_of_few_views_and_unknown_ones_have_no_name(figures):
    assert [(row["country"], row["views"]) for row in figures["countries"]] == [
        ("FR", 20),
        ("DE", 12),
        ("", 8),
    ]


def test_one_country_of_few_views_takes_the_smallest_named_one_with_it(api, cast, make_video):
    one = make_video(cast.alice)
    own = {"video": one, "creator": cast.alice, "day": timezone.now().date()}

    def told(**views):
        CountryDay.objects.all().delete()
        for country, n in views.items():
            CountryDay.objects.create(**own, country=country, views=n, watch_ms=1000 * n)
        answer = api.as_(cast.alice).get(f"/api/v1/analytics/videos/{one.pk}/").json()["countries"]
        assert sum(row["views"] for row in answer) == sum(views.values())
        assert sum(row["watch_ms"] for row in answer) == 1000 * sum(views.values())
        return {row["country"]: row["views"] for row in answer}

    assert told(FR=30, DE=8, MC=3) == {"FR": 30, "": 11}
    assert told(FR=30, DE=8, MC=3, LU=2) == {"FR": 30, "DE": 8, "": 5}
    assert told(FR=30, DE=8) == {"FR": 30, "DE": 8}
    assert told(US=9, GB=9, FR=9, IT=9, ES=9, MC=1) == {"ES": 9, "FR": 9, "GB": 9, "IT": 9, "": 10}
    assert told(FR=4) == {"": 4}  # no more than the clip's views say


def test_at_most_five_countries_are_named(api, cast, clip):
    for country in ("US", "GB", "IT", "ES", "PT"):
        CountryDay.objects.create(
            video=clip, creator=cast.alice, day=timezone.now().date(), country=country, views=50
        )
    rows = api.as_(cast.alice).get(f"/api/v1/analytics/videos/{clip.pk}/").json()["countries"]
    assert len(rows) == 6
    assert rows[-1]["country"] == ""
    assert sum(row["views"] for row in rows) == 250 + 60


def test_retention_is_summed_over_the_days_and_told_against_the_start(figures):
    retention = figures["retention"]
    assert retention["viewings"] == 40
    assert [(row["watching"], row["replays"], row["jumps"]) for row in retention["seconds"]] == [
        (1.0, 0, 2),
        (0.5, 10, 0),
        (0.2, 0, 4),
    ]
    assert (retention["half_until"], retention["steepest"], retention["most_replayed"]) == (2, 1, 1)


def test_a_curve_of_fewer_than_five_viewings_is_not_shown(api, browser, cast, make_video):
    few = make_video(cast.alice, duration_ms=2000)
    own = {"video": few, "creator": cast.alice, "day": timezone.now().date()}
    VideoDay.objects.create(**own, views=4)
    RetentionDay.objects.create(**own, reached=pack([4, 1]), replays=pack([0, 0]), skips=pack([0, 0]))
    answer = api.as_(cast.alice).get(f"/api/v1/analytics/videos/{few.pk}/").json()["retention"]
    assert (answer["viewings"], answer["seconds"]) == (4, [])
    assert "from 5 viewings on" in browser.as_(cast.alice).get(f"/studio/videos/{few.pk}/").content.decode()


def test_every_table_exports_as_csv(api, cast, clip):
    alice = api.as_(cast.alice)
    heads = {
        "days": "viewers",
        "totals": "change",
        "sources": "before",
        "countries": "country",
        "retention": "watching",
    }
    for table, head in heads.items():
        answer = alice.get(f"/api/v1/analytics/videos/{clip.pk}/", {"format": "csv", "table": table})
        assert head in next(iter(csv.DictReader(io.StringIO(answer.content.decode()))))
    refused = alice.get(f"/api/v1/analytics/videos/{clip.pk}/", {"table": "people"})
    assert refused.json()["error"]["fields"] == {
        "table": "Choose one of these tables: days, totals, sources, countries, retention."
    }


def test_the_page_draws_the_curve_over_the_clip_and_says_what_to_look_at(browser, cast, clip):
    text = browser.as_(cast.alice).get(f"/studio/videos/{clip.pk}/", {"days": 7}).content.decode()
    assert 'data-kind="retention"' in text
    assert "Most leave here" in text
    assert "50 % of all viewings end before 0:01." in text
    assert 'data-region="FR"' in text
    assert "How people found it" in text
    assert 'style="' not in text
