"""Several moderators and reporters at once: a case is decided once, and no report is lost between two cases."""

import threading

import pytest
from django.db import connections

from privacy import actions
from privacy.models import Appeal, Case, Decision, Report
from socialapp.lib.errors import Conflict

pytestmark = [pytest.mark.engines, pytest.mark.django_db(transaction=True)]


def at_once(*jobs):
    """Run the jobs in threads that start together, each with its own connection; what they raised."""
    barrier = threading.Barrier(len(jobs))
    errors = []

    def run(job):
        try:
            barrier.wait(10)
            job()
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return errors


@pytest.fixture
def moderators(make_person):
    return [make_person(f"moderator{n}", is_staff=True) for n in range(4)]


def test_a_case_is_decided_once_whoever_is_first(cast, make_video, moderators):
    clip = make_video(cast.alice)
    actions.report(cast.bob, "video", str(clip.pk), "spam")
    acts = ("remove", "label", "dismiss", "warn")

    def decide(moderator, act):
        return lambda: actions.decide(moderator, Case.objects.get(), act, reason="spam")

    errors = at_once(*(decide(moderator, act) for moderator, act in zip(moderators, acts, strict=True)))
    assert [type(error) for error in errors] == [Conflict] * 3
    decision = Decision.objects.get()
    clip.refresh_from_db()
    assert (clip.state == "removed") == (decision.act == "remove")
    assert clip.is_sensitive == (decision.act == "label")


def test_a_report_during_a_decision_is_in_a_case_that_fits_it(cast, make_video, make_person, moderators):
    clip = make_video(cast.alice)
    reporters = [make_person(f"reporter{n}") for n in range(6)]
    actions.report(cast.bob, "video", str(clip.pk), "spam")
    case = Case.objects.get()
    errors = at_once(
        lambda: actions.decide(moderators[0], case, "dismiss"),
        *(
            lambda person=person: actions.report(person, "video", str(clip.pk), "spam")
            for person in reporters
        ),
    )
    assert errors == []
    for row in Report.objects.select_related("case"):
        assert (row.state == "open") == (row.case.state == "open"), "no report waits in a closed case"
    for row in Case.objects.all():
        assert row.reports_count == row.reports.count()


def test_an_appeal_and_an_undoing_at_once_leave_no_appeal_waiting_for_nothing(cast, make_video, moderators):
    clip = make_video(cast.alice)
    actions.report(cast.bob, "video", str(clip.pk), "spam")
    decision = actions.decide(moderators[0], Case.objects.get(), "label", reason="spam")
    errors = at_once(
        lambda: actions.appeal(cast.alice, decision, "Look again"),
        lambda: actions.undo_decision(moderators[1], Decision.objects.get()),
    )
    assert all(isinstance(error, Conflict) for error in errors)
    assert not Appeal.objects.filter(state="open", decision__undone_at__isnull=False).exists()
    clip.refresh_from_db()
    assert not clip.is_sensitive


def test_two_suspensions_and_their_undoing_leave_the_person_as_the_rows_say(cast, moderators):
    made = [
        actions.decide_about(moderators[0], "person", cast.alice.pk, cast.alice, act, reason="spam")
        for act in ("suspend", "ban")
    ]
    assert at_once(*(lambda row=row: actions.undo_decision(moderators[1], row) for row in made)) == []
    cast.alice.refresh_from_db()
    assert (cast.alice.is_active, cast.alice.suspended_until) == (True, None)
