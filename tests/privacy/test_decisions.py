"""What moderators decide: one decision closes a case, does what it says, tells its person, and can be taken back."""

import pytest

from privacy import actions, cases
from privacy.models import AuditEntry, Case, Report


pytestmark = pytest.mark.engines


@pytest.fixture
def reported(cast, make_video):
    """A case about a clip of alice that bob and dave reported."""
    clip = make_video(cast.alice, caption="Buy now")
    actions.report(cast.bob, "video", str(clip.pk), "spam", "An ad")
    actions.report(cast.dave, "video", str(clip.pk), "hate")
    return Case.objects.get()


def test_reports_about_one_thing_are_one_case_as_bad_as_its_worst_report(reported):
    assert (reported.reports_count, reported.severity) == (2, cases.SEVERITY["hate"])
    assert set(Report.objects.values_list("case", flat=True)) == {reported.pk}


def test_a_decision_closes_the_case_and_all_its_reports(cast, reported):
    decision = actions.decide(cast.mod, reported, "warn", reason="spam")
    reported.refresh_from_db()
    assert (reported.state, reported.closed_by) == ("closed", cast.mod)
    assert set(Report.objects.values_list("state", "handled_by")) == {("acted", cast.mod.pk)}
    assert (decision.person, decision.act) == (cast.alice, "warn")
    assert AuditEntry.objects.filter(
        verb="decide.warn", actor=cast.mod, target_id=reported.target_id
    ).exists()
