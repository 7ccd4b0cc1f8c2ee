"""The public counts: right, by period, and about nobody."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from privacy import actions, transparency
from privacy.models import Appeal, Case, Decision, Report

pytestmark = pytest.mark.engines


@pytest.fixture(autouse=True)
def _fresh_cache():
    cache.clear()


@pytest.fixture
def decided(cast, make_video):
    """Three reports, of which one was acted on after four hours, appealed and granted; one dismissed; one waits."""
    cases = []
    for reason in ("spam", "spam", "hate"):
        actions.report(cast.bob, "video", str(make_video(cast.alice).pk), reason)
        cases.append(Case.objects.order_by("-id").first())
    removed = actions.decide(cast.mod, cases[0], "remove", reason="spam")
    actions.decide(cast.mod, cases[1], "dismiss")
    Case.objects.filter(pk=cases[0].pk).update(created_at=removed.created_at - timedelta(hours=4))
    actions.answer_appeal(cast.mod, actions.appeal(cast.alice, removed, "No"), grant=True)
    return removed


def test_everything_is_counted_once(decided):
    counts = transparency.figures(30)
    assert (counts["reports"], counts["decisions"], counts["cases_waiting"]) == (3, 2, 1)
    assert counts["reports_by_reason"] == [{"key": "spam", "count": 2}, {"key": "hate", "count": 1}]
    assert {row["key"]: row["count"] for row in counts["decisions_by_act"]} == {"remove": 1, "dismiss": 1}
    assert counts["decisions_by_reason"] == [{"key": "spam", "count": 1}]
    assert (counts["appeals"], counts["appeals_granted"], counts["decisions_undone"]) == (1, 1, 1)
    month = counts["months"][0]
    assert (month["reports"], month["decisions"], month["removed"], month["appeals"]) == (3, 2, 1, 1)


def test_times_are_medians(decided):
    assert transparency.figures(30)["hours_to_decision"] == 0.0, "of 0 and 4 hours, the lower"
    cache.clear()
    Decision.objects.filter(act="dismiss").delete()
    assert transparency.figures(30)["hours_to_decision"] == 4.0


def test_an_empty_site_counts_nothing(db, browser):
    counts = transparency.figures(365)
    assert (counts["reports"], counts["hours_to_decision"], len(counts["months"])) == (0, None, 12)
    assert "Nothing was reported in this period." in browser.get("/transparency/").content.decode()


def test_a_period_ends(decided):
    past = timezone.now() - timedelta(days=60)
    for model in (Report, Decision, Appeal):
        model.objects.update(created_at=past)
    assert transparency.figures(30)["reports"] == 0
    assert transparency.figures(90)["reports"] == 3


def test_page_and_api_are_open_and_name_nobody(decided, browser, api):
    page = browser.get("/transparency/?days=365").content.decode()
    answer = api.get("/api/v1/transparency/?days=365")
    assert answer.json()["days"] == 365
    assert "Spam or scam" in page
    for name in ("alice", "bob", "mod"):
        assert f"@{name}" not in page
        assert name not in answer.content.decode().replace("model", "")


@pytest.mark.parametrize("days", ["", "7", "x", "-1", "99999999999999999999", "٣٠"])
def test_another_period_is_the_middle_one(db, api, days):
    assert api.get("/api/v1/transparency/", {"days": days}).json()["days"] == 90


def test_the_counts_take_a_fixed_number_of_queries(decided, django_assert_max_num_queries):
    # Reports, decisions, appeals and cases by their columns, two medians, four tables by month.
    with django_assert_max_num_queries(22):
        transparency.figures(30)
    with django_assert_max_num_queries(0):
        transparency.figures(30)
