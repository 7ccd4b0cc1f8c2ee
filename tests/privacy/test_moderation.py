"""What moderators read, each thing by its own name, and that nobody else reads any of it."""

import pytest
from django.contrib.auth.models import AnonymousUser

from privacy import access, actions, statements
from privacy.models import Case, Decision, Report
from privacy.moderation import shut_until, shutting_out
from socialapp.lib.errors import NotFound

pytestmark = pytest.mark.engines


@pytest.fixture
def both(cast, make_video):
    """Two cases that wait, one decision each about alice and carol, both appealed."""
    waiting, decided = [], []
    for author in (cast.alice, cast.carol):
        waiting.append(actions.report(cast.dave, "video", str(make_video(author).pk), "spam").case)
        case = actions.report(cast.dave, "person", str(author.pk), "hate").case
        decision = actions.decide(cast.mod, case, "warn", reason="hate")
        actions.appeal(author, decision, f"{author.username} asks")
        decided.append(decision)
    return waiting, decided


@pytest.fixture
def outsiders(cast, make_person):
    """Somebody without rights, a moderator who was suspended, nobody."""
    gone = make_person("gone", is_staff=True, is_active=False)
    return (cast.alice, gone, AnonymousUser())


def test_nobody_else_reads_what_moderators_read(cast, both, outsiders):
    (case, _other), (decision, _second) = both
    appeal = access.appeals(cast.mod).first()
    for viewer in outsiders:
        assert not access.is_moderator(viewer)
        assert not access.queue(viewer).exists()
        assert not access.appeals(viewer).exists()
        assert not access.decisions(viewer).exists()
        assert not access.decisions_on(viewer, cast.alice).exists()
        assert not access.case_reports(viewer, case).exists()
        assert not access.reports_on(viewer, case.target_type, case.target_id).exists()
        assert access.open_reports(viewer) == 0
        for look in (
            lambda viewer=viewer: access.get_case(viewer, case.pk),
            lambda viewer=viewer: access.evidence(viewer, case),
            lambda viewer=viewer: access.acts(viewer, case),
            lambda viewer=viewer: access.get_decision(viewer, decision.pk),
            lambda viewer=viewer: access.get_appeal(viewer, appeal.pk),
            lambda viewer=viewer: access.strikes(viewer, cast.carol),
        ):
            with pytest.raises(NotFound):
                look()


def test_somebody_who_only_looks_like_a_moderator_is_none(cast):
    stranger = AnonymousUser()
    stranger.is_staff = stranger.is_active = True
    assert not access.is_moderator(stranger)


def test_each_thing_is_found_by_its_own_name(cast, both):
    waiting, decided = both
    for case in waiting:
        assert access.get_case(cast.mod, case.pk).pk == case.pk
        assert access.get_case(cast.mod, str(case.pk)).pk == case.pk
        (report,) = access.case_reports(cast.mod, case)
        assert report.target_id == case.target_id
        assert [row.pk for row in access.reports_on(cast.mod, "video", case.target_id)] == [report.pk]
    for decision in decided:
        assert access.get_decision(cast.mod, str(decision.pk)).pk == decision.pk
        assert access.get_decision(cast.mod, decision.pk).pk == decision.pk
        (appeal,) = (row for row in access.appeals(cast.mod) if row.decision_id == decision.pk)
        assert access.get_appeal(cast.mod, appeal.pk).pk == appeal.pk
        assert access.get_appeal(cast.mod, str(appeal.pk)).text == appeal.text


@pytest.mark.parametrize("name", [7, "7", "x", "", "٣", "9" * 30])
def test_what_is_not_there_is_not_found(cast, both, name):
    for read in (access.get_case, access.get_decision, access.get_appeal):
        with pytest.raises(NotFound):
            read(cast.mod, name)


def test_the_queue_can_be_narrowed_to_a_kind(cast, both):
    actions.report(cast.bob, "person", str(cast.carol.pk), "spam")
    assert access.queue(cast.mod).count() == 3
    assert {case.target_type for case in access.queue(cast.mod, target_type="video")} == {"video"}
    assert access.queue(cast.mod, target_type="sound").count() == 0


def test_reports_on_a_thing_are_of_that_kind(cast, both):
    case = both[0][0]
    Report.objects.create(reporter=cast.bob, target_type="comment", target_id=case.target_id, reason="spam")
    assert {row.target_type for row in access.reports_on(cast.mod, "video", case.target_id)} == {"video"}


def test_open_reports_are_those_that_wait(cast, both):
    assert access.open_reports(cast.mod) == 2


def test_decisions_and_strikes_are_of_one_person(cast, both):
    assert [row.person for row in access.decisions_on(cast.mod, cast.carol)] == [cast.carol]
    assert access.strikes(cast.mod, cast.carol) == access.strikes(cast.carol, cast.carol) == 1
    assert access.strikes(cast.mod, cast.bob) == 0


def test_who_is_kept_out_is_the_person_of_the_decision(cast, both):
    actions.decide_about(cast.mod, "person", cast.alice.pk, cast.alice, "ban", reason="hate")
    assert shut_until(cast.alice.pk) == (True, None)
    assert shut_until(cast.carol.pk) == (False, None)
    assert not shutting_out(cast.carol.pk).exists()


def test_the_longest_suspension_counts(cast):
    for days in (3, 30, 7):
        actions.decide_about(
            cast.mod, "person", cast.alice.pk, cast.alice, "suspend", reason="hate", days=days
        )
    assert shut_until(cast.alice.pk)[1] == max(row.until for row in access.decisions(cast.mod))


def test_reports_are_read_by_who_made_them(cast, both):
    assert access.own_reports(cast.dave).count() == 4
    assert not access.own_reports(cast.alice).exists()
    Report.objects.update(reporter=None)  # whoever reported has left
    assert not access.own_reports(AnonymousUser()).exists()


def test_decisions_without_a_person_are_nobodys(cast, both):
    case = both[0][0]
    Case.objects.filter(pk=case.pk).update(person=None)
    actions.decide(cast.mod, access.get_case(cast.mod, case.pk), "remove", reason="spam")
    assert not access.decisions_about(AnonymousUser()).exists()
    assert access.decisions_about(cast.alice).count() == 1


# --- What a person reads of themselves --------------------------------------------------------------------------


def test_one_reads_ones_own_decisions_each_by_its_name(cast, both):
    _waiting, (first, others) = both
    second = actions.decide_about(cast.mod, "person", cast.alice.pk, cast.alice, "warn", reason="spam")
    assert [row.pk for row in access.decisions_about(cast.alice)] == [second.pk, first.pk]
    for decision in (first, second):
        assert access.own_decision(cast.alice, decision.pk).pk == decision.pk
        assert access.own_decision(cast.alice, str(decision.pk)).pk == decision.pk
    for viewer, name in (
        (cast.alice, others.pk),
        (cast.mod, first.pk),
        (AnonymousUser(), first.pk),
        *((cast.alice, name) for name in (7, "7", "x", "", "٣", "9" * 30)),
    ):
        with pytest.raises(NotFound):
            access.own_decision(viewer, name)


def test_a_link_leads_to_the_decision_it_was_made_for(cast, both):
    for decision in both[1]:
        assert access.decision_by_token(statements.token_of(decision)).pk == decision.pk
    decision.delete()
    for token in (statements.token_of(Decision(pk=7)), "forged", ""):
        with pytest.raises(NotFound):
            access.decision_by_token(token)


@pytest.mark.parametrize("gone", [{"act": "dismiss"}, {"person": None}])
def test_what_is_nobodys_or_was_dismissed_is_not_told(cast, both, gone):
    decision = both[1][0]
    Decision.objects.filter(pk=decision.pk).update(**gone)
    assert not access.decisions_about(cast.alice).exists()
    for look in (
        lambda: access.own_decision(cast.alice, decision.pk),
        lambda: access.decision_by_token(statements.token_of(decision)),
    ):
        with pytest.raises(NotFound):
            look()


def test_a_limited_account_stands_as_limited_and_no_other(cast):
    actions.decide_about(cast.mod, "person", cast.alice.pk, cast.alice, "restrict", reason="spam")
    assert access.status_of(cast.alice)["standing"] == "limited"
    assert access.status_of(cast.carol)["standing"] == "good"


def test_nobody_is_answered_without_a_query(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert list(access.decisions_about(AnonymousUser())) == []
        assert list(access.own_reports(AnonymousUser())) == []


def test_decisions_that_were_appealed_are_shown_in_one_query(cast, both, django_assert_num_queries):
    with django_assert_num_queries(1):
        (shown,) = map(access.decision_fields, access.decisions_about(cast.alice))
    assert (shown["appeal"]["text"], shown["may_appeal"]) == ("alice asks", False)
