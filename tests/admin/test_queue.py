"""The moderators' desk: what it shows of a case, that a case is decided once, that every decision can be taken back."""

import pytest
from django.urls import reverse

from privacy import actions
from privacy.models import Case, Decision, Report
from socialapp.lib.ids import new_id
from videos.models import Comment, Video

DESK = "/api/v1/moderation/"


def report(reporter, thing, reason="spam", note="", kind="video"):
    row = actions.report(reporter, kind, str(thing.pk), reason, note)
    return row.case


@pytest.fixture
def clip(cast, make_video):
    return make_video(cast.alice, caption="Harbour at dusk", audience="followers")


@pytest.fixture
def second(make_person):
    return make_person("second", is_staff=True, is_superuser=True)


def test_the_worst_comes_first_then_the_most_reported_then_the_oldest(api, cast, make_video):
    one, two, three, four = (make_video(cast.alice, caption=str(n)) for n in range(4))
    report(cast.bob, one)
    report(cast.bob, two)
    report(cast.carol, two)
    report(cast.bob, three, "minor")
    report(cast.bob, four)
    rows = api.as_(cast.mod).get(f"{DESK}queue/").json()
    ids = [Case.objects.get(target_id=clip.pk).pk for clip in (three, two, one, four)]
    assert [row["id"] for row in rows["results"]] == [str(pk) for pk in ids]
    assert rows["counts"] == {"cases": 4, "appeals": 0}
    assert rows["results"][0]["reason_text"] == "Endangers a minor"
    assert rows["results"][1]["reports_count"] == 2
    only = api.as_(cast.mod).get(f"{DESK}queue/?type=comment").json()
    assert only["results"] == []


def test_the_queue_costs_the_same_for_many_cases(api, cast, make_video, django_assert_max_num_queries):
    for n in range(12):
        report(cast.bob, make_video(cast.alice, caption=str(n)))
    desk = api.as_(cast.mod)
    with django_assert_max_num_queries(6):  # 2 log-in, 1 cases with people, 1 reports, 2 counts
        assert len(desk.get(f"{DESK}queue/").json()["results"]) == 12


def test_a_case_shows_the_clip_its_words_who_reported_it_and_what_was_decided_before(api, cast, clip):
    case = report(cast.bob, clip, "rights", "It is mine")
    report(cast.carol, clip, "rights")
    Decision.objects.create(case=case, person=cast.alice, moderator=cast.mod, act="warn", reason="spam")
    card = api.as_(cast.mod).get(f"{DESK}cases/{case.pk}/").json()
    assert card["evidence"]["text"] == "Harbour at dusk"
    assert card["evidence"]["video_url"].startswith("/media/") or "/media/" in card["evidence"]["video_url"]
    assert card["evidence"]["author"]["username"] == "alice"
    assert [(row["reporter"]["username"], row["note"]) for row in card["reports"]] == [
        ("carol", ""),
        ("bob", "It is mine"),
    ]
    assert card["reason"] == "rights"
    assert card["strikes"] == 1
    assert [row["act"] for row in card["decisions"]] == ["warn"]
    assert [row["act"] for row in card["acts"]] == [
        "dismiss",
        "label",
        "restrict",
        "remove",
        "warn",
        "suspend",
        "ban",
    ]
    assert card["decided"] is None


def test_the_statement_is_offered_in_the_persons_language_and_names_the_days(api, cast, clip):
    case = report(cast.bob, clip)
    desk = api.as_(cast.mod)
    asked = f"{DESK}cases/{case.pk}/statement/"
    assert "for 14 days" in desk.get(f"{asked}?act=suspend&reason=spam&days=14").json()["statement"]
    assert desk.get(f"{asked}?act=explode&reason=spam").status_code == 400
    assert desk.get(f"{asked}?act=suspend&reason=spam&days=0").status_code == 400
    english = desk.get(f"{asked}?act=remove&reason=spam").json()["statement"]
    assert "your clip" in english
    type(cast.alice).objects.filter(pk=cast.alice.pk).update(language="fr")
    from django.utils import translation

    with translation.override("fr"):
        from privacy.statements import statement_for

        french = statement_for("remove", "spam", "video")
    assert desk.get(f"{asked}?act=remove&reason=spam").json()["statement"] == french


def test_removing_closes_the_case_with_all_its_reports_and_undoing_brings_everything_back(api, cast, clip):
    case = report(cast.bob, clip)
    report(cast.carol, clip)
    desk = api.as_(cast.mod)
    answer = desk.post(
        f"{DESK}cases/{case.pk}/decide/", {"act": "remove", "reason": "spam", "statement": "Not here."}
    )
    assert answer.status_code == 201
    assert answer.json()["statement"] == "Not here."
    clip.refresh_from_db()
    assert clip.state == Video.State.REMOVED
    assert set(Report.objects.values_list("state", flat=True)) == {"acted"}
    assert desk.get(f"{DESK}queue/").json()["results"] == []
    assert [row["act"] for row in desk.get(f"{DESK}decisions/").json()["results"]] == ["remove"]

    undone = desk.post(f"{DESK}decisions/{answer.json()['id']}/undo/")
    assert undone.status_code == 200
    assert undone.json()["undone_at"]
    clip.refresh_from_db()
    assert clip.state == Video.State.READY
    assert set(Report.objects.values_list("state", flat=True)) == {"open"}
    assert [row["id"] for row in desk.get(f"{DESK}queue/").json()["results"]] == [str(case.pk)]


@pytest.mark.parametrize("act", ["dismiss", "label", "restrict", "remove", "warn", "suspend", "ban"])
def test_what_a_rule_held_waits_again_when_the_decision_is_taken_back(
    cast, make_video, act, django_capture_on_commit_callbacks
):
    from privacy.cases import open_case

    clip = make_video(cast.alice, caption="Held")
    Video.objects.filter(pk=clip.pk).update(held_for="term")
    said = Comment.objects.create(
        video=make_video(cast.carol), author=cast.alice, text="Held", held_for="site"
    )
    for kind, row in (("video", clip), ("comment", said)):
        case = open_case(kind, row.pk, cast.alice, rule="term", detail={"term": "word"})
        if kind == "comment" and act in ("label", "restrict"):
            continue
        with django_capture_on_commit_callbacks(execute=True):
            decision = actions.decide(cast.mod, case, act, reason="spam")
        with django_capture_on_commit_callbacks(execute=True):
            actions.undo_decision(cast.mod, Decision.objects.get(pk=decision.pk))
    clip.refresh_from_db()
    said.refresh_from_db()
    assert (clip.held_for, clip.state, clip.is_sensitive, clip.is_limited) == ("term", "ready", False, False)
    assert (said.held_for, said.removed_at, said.hidden_at) == ("site", None, None)
    assert Case.objects.filter(state="open").count() == 2


def test_a_case_decided_meanwhile_says_so_and_by_whom(api, cast, clip, second):
    case = report(cast.bob, clip)
    assert api.as_(second).post(f"{DESK}cases/{case.pk}/decide/", {"act": "dismiss"}).status_code == 201
    late = api.as_(cast.mod).post(f"{DESK}cases/{case.pk}/decide/", {"act": "remove", "reason": "spam"})
    assert late.status_code == 409
    assert late.json()["error"]["code"] == "decided"
    clip.refresh_from_db()
    assert clip.state == Video.State.READY
    card = api.as_(cast.mod).get(f"{DESK}cases/{case.pk}/").json()
    assert card["state"] == "closed"
    assert (card["decided"]["act"], card["decided"]["moderator"]["username"]) == ("dismiss", "second")


def test_who_has_a_case_open_is_told_to_the_others_only(api, cast, clip, second):
    case = report(cast.bob, clip)
    look = f"{DESK}cases/{case.pk}/look/"
    first, other = api.as_(cast.mod), api.as_(second)
    assert first.post(look).json() == {"looked_at_by": None}
    assert first.post(look).json() == {"looked_at_by": None}
    assert other.post(look).json() == {"looked_at_by": "mod"}
    assert other.get(f"{DESK}queue/").json()["results"][0]["looked_at_by"] == "mod"
    assert first.get(f"{DESK}queue/").json()["results"][0]["looked_at_by"] is None


def test_acts_need_a_reason_and_one_that_is_on_offer(api, cast, clip):
    said = Comment.objects.create(video=clip, author=cast.carol, text="Fine")
    case = report(cast.bob, said, kind="comment")
    desk = api.as_(cast.mod)
    address = f"{DESK}cases/{case.pk}/decide/"
    assert "reason" in desk.post(address, {"act": "remove"}).json()["error"]["fields"]
    assert "act" in desk.post(address, {"act": "label", "reason": "spam"}).json()["error"]["fields"]
    assert (
        "days"
        in desk.post(address, {"act": "suspend", "reason": "spam", "days": 9000}).json()["error"]["fields"]
    )
    assert "colour" in desk.post(address, {"act": "dismiss", "colour": "red"}).json()["error"]["fields"]
    assert Case.objects.get().state == Case.State.OPEN


def test_an_appeal_is_answered_from_the_desk_by_another_moderator(api, cast, clip, second):
    case = report(cast.bob, clip)
    decision = actions.decide(second, case, "remove", reason="spam")
    row = actions.appeal(cast.alice, decision, "It is my own clip.")
    desk = api.as_(cast.mod)
    listed = desk.get(f"{DESK}appeals/").json()["results"]
    assert [(one["id"], one["text"], one["decision"]["act"]) for one in listed] == [
        (str(row.pk), "It is my own clip.", "remove")
    ]
    address = f"{DESK}appeals/{row.pk}/answer/"
    assert "answer" in desk.post(address, {"grant": False}).json()["error"]["fields"]
    assert api.as_(second).post(address, {"grant": True}).status_code == 403
    assert desk.post(address, {"grant": True}).json()["state"] == "granted"
    clip.refresh_from_db()
    assert clip.state == Video.State.READY
    assert desk.get(f"{DESK}appeals/").json()["results"] == []
    assert desk.post(address, {"grant": True}).status_code == 409


@pytest.mark.parametrize("name", ["alice", "bob", None])
def test_whoever_is_no_moderator_finds_no_desk(api, cast, clip, name, second):
    case = report(cast.bob, clip)
    decision = actions.decide(second, case, "remove", reason="spam")
    appeal = actions.appeal(cast.alice, decision, "Please look again.")
    client = api.as_(getattr(cast, name)) if name else api
    wanted = 404 if name else 401
    absent = new_id()
    for path, body in (
        ("queue/", None),
        ("decisions/", None),
        ("appeals/", None),
        (f"cases/{case.pk}/", None),
        (f"cases/{case.pk}/statement/?act=warn&reason=spam", None),
        (f"cases/{case.pk}/look/", {}),
        (f"cases/{case.pk}/decide/", {"act": "ban", "reason": "spam"}),
        (f"decisions/{decision.pk}/undo/", {}),
        (f"appeals/{appeal.pk}/answer/", {"grant": True}),
    ):
        answer = client.get(DESK + path) if body is None else client.post(DESK + path, body)
        assert answer.status_code == wanted, path
        there, gone = answer.content, client.get(f"{DESK}cases/{absent}/").content
        assert there == gone, path
    decision.refresh_from_db()
    assert decision.undone_at is None


def test_the_page_is_for_staff_and_has_no_inline_script(browser, cast):
    address = reverse("admin:moderation")
    assert address == "/admin/moderation/"
    assert browser.as_(cast.alice).get(address).status_code == 302
    answer = browser.as_(cast.mod).get(address, {"tab": "</script><b>", "case": "</script><script>alert(1)"})
    text, policy = answer.content.decode(), answer["Content-Security-Policy"]
    assert "<script>alert" not in text
    assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]
    assert f'nonce="{policy.partition("nonce-")[2].partition(chr(39))[0]}"' in text
    plain = browser.as_(cast.mod).get("/admin/")["Content-Security-Policy"]
    assert "nonce-" not in plain.partition("script-src")[2].partition(";")[0]
