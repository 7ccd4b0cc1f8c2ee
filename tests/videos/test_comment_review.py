"""Comments that wait for a clip's author or were hidden by them: why, for whose eyes, who is told when, what is counted."""

import threading

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection

from messaging import access as inbox
from privacy.actions import update_privacy
from privacy.models import AuditEntry
from socialapp.lib.errors import Conflict, Forbidden, Invalid, NotFound
from videos import access, actions, counters, signals
from videos.models import Comment

pytestmark = pytest.mark.django_db


@pytest.fixture
def clip(cast, make_video):
    return make_video(cast.alice)


@pytest.fixture
def held(cast, clip):
    """A comment by bob that waits, because alice approves every one."""
    update_privacy(cast.alice, approve_comments=True)
    return actions.comment(cast.bob, clip, "Words")


def fresh(row):
    row.refresh_from_db()
    return row


def seen_by(viewer, clip):
    return [row.text for row in access.thread(viewer, clip).items]


# --- Why a comment waits ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "text", "reason"),
    [
        ({}, "Lovely", ""),
        ({"approve_comments": True}, "Lovely", "approval"),
        ({"comment_keywords": ["ugly"]}, "How U\u200bgLy", "keyword"),
        ({"comment_keywords": ["ugly"]}, "How uglyish", ""),
        ({"comment_keywords": ["ugly"], "approve_comments": True}, "ugly", "keyword"),
        ({}, "Look at https://spam.example/", "spam"),
        ({"filter_spam": False}, "Look at https://spam.example/", ""),
    ],
)
def test_what_the_author_wishes_decides(cast, clip, wish, text, reason):
    update_privacy(cast.alice, **wish)
    assert actions.comment(cast.bob, clip, text).held_for == reason
    assert fresh(clip).comments_count == (0 if reason else 1)


def test_ones_own_words_never_wait(cast, clip):
    update_privacy(cast.alice, approve_comments=True, comment_keywords=["ugly"])
    assert not actions.comment(cast.alice, clip, "ugly https://x.example/").held_for


def test_links_of_people_the_author_follows_are_welcome(cast, clip):
    assert not actions.comment(cast.carol, clip, "https://x.example/").held_for  # alice follows carol
    assert actions.comment(cast.bob, clip, "https://y.example/").held_for == "spam"


def test_the_same_text_for_the_third_time_waits(cast, clip, make_video):
    other = make_video(cast.alice)
    said = [actions.comment(cast.bob, video, "Follow me for follow") for video in (clip, other, clip)]
    assert [row.held_for for row in said] == ["", "", "spam"]


def test_new_words_are_looked_at_again(cast, clip):
    update_privacy(cast.alice, comment_keywords=["ugly"])
    said = actions.comment(cast.bob, clip, "Lovely")
    actions.pin_comment(cast.alice, said)
    assert actions.edit_comment(cast.bob, said, "ugly").held_for == "keyword"
    assert fresh(said).pinned_at is None
    assert fresh(clip).comments_count == 0
    # What waits goes on waiting, or the writer could find out the words by trying.
    assert actions.edit_comment(cast.bob, said, "Lovely again").held_for == "keyword"


def test_a_hidden_comment_cannot_be_edited_past_the_filter(cast, clip):
    said = actions.comment(cast.bob, clip, "Lovely")
    actions.hide_comment(cast.alice, said)
    update_privacy(cast.alice, comment_keywords=["ugly"])
    actions.edit_comment(cast.bob, said, "ugly")
    actions.show_comment(cast.alice, said)
    assert seen_by(cast.carol, clip) == []
    assert fresh(clip).comments_count == 0


# --- For whose eyes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["held", "hidden"])
def test_only_the_two_authors_see_it(api, browser, cast, clip, held, how):
    if how == "hidden":
        actions.approve_comment(cast.alice, held)
        actions.hide_comment(cast.alice, held)
    page = f"{clip.get_absolute_url()}comments/"
    address = f"/api/v1/comments/{held.pk}/"
    for viewer in (cast.alice, cast.bob):
        assert seen_by(viewer, clip) == ["Words"]
        assert b"Words" in browser.as_(viewer).get(page).content
        assert api.as_(viewer).get(address).status_code == 200
    for viewer in (cast.carol, cast.dave, cast.mod):
        assert seen_by(viewer, clip) == []
        assert b"Words" not in browser.as_(viewer).get(page).content
        assert api.as_(viewer).get(address).status_code == 404
    assert seen_by(AnonymousUser(), clip) == []
    assert api.get(address).status_code == 404
    assert fresh(clip).comments_count == 0


def test_replies_go_out_of_sight_with_what_they_answer(cast, clip):
    top = actions.comment(cast.bob, clip, "Top")
    reply = actions.comment(cast.carol, clip, "Reply", reply_to=top)
    actions.hide_comment(cast.alice, top)
    assert fresh(clip).comments_count == 0
    for viewer in (cast.carol, cast.dave):
        with pytest.raises(NotFound):
            access.get_comment(viewer, reply.pk)
        with pytest.raises(NotFound):
            access.thread(viewer, clip, str(top.pk))
        with pytest.raises(NotFound):
            actions.comment(viewer, clip, "And another", reply_to=reply)
    assert [row.text for row in access.thread(cast.bob, clip, str(top.pk)).items] == ["Reply"]
    actions.show_comment(cast.alice, top)
    assert fresh(clip).comments_count == 2
    assert access.get_comment(cast.dave, reply.pk)


def test_who_wrote_a_hidden_comment_sees_it_as_ever_and_the_reason_is_the_creators(api, cast, clip):
    update_privacy(cast.alice, comment_keywords=["ugly"])
    said = actions.comment(cast.bob, clip, "ugly")
    shapes = {
        name: api.as_(getattr(cast, name)).get(f"/api/v1/comments/{said.pk}/").json()
        for name in ("alice", "bob")
    }
    assert (shapes["alice"]["state"], shapes["alice"]["held_for"]) == ("held", "keyword")
    assert (shapes["bob"]["state"], shapes["bob"]["held_for"], shapes["bob"]["held_label"]) == (
        "held",
        None,
        None,
    )
    actions.approve_comment(cast.alice, said)
    actions.hide_comment(cast.alice, said)
    assert api.as_(cast.bob).get(f"/api/v1/comments/{said.pk}/").json()["state"] == "shown"
    assert api.as_(cast.alice).get(f"/api/v1/comments/{said.pk}/").json()["state"] == "hidden"


# --- What the clip's author does --------------------------------------------------------------------------------


@pytest.mark.parametrize("deed", ["approve_comment", "decline_comment", "hide_comment", "show_comment"])
def test_only_the_clips_author_reviews(cast, clip, held, deed):
    with pytest.raises(Forbidden):
        getattr(actions, deed)(cast.bob, held)  # sees it, but the clip is not his
    for outsider in (cast.carol, cast.mod, cast.mallory):
        with pytest.raises(NotFound):
            getattr(actions, deed)(outsider, held)
    assert fresh(held).held_for == "approval"
    assert not AuditEntry.objects.filter(verb__startswith="comment.").exists()


def test_approving_hiding_and_showing_may_be_repeated(cast, clip, held):
    for _n in range(2):
        actions.approve_comment(cast.alice, held)
        assert fresh(clip).comments_count == 1
    for _n in range(2):
        actions.hide_comment(cast.alice, held)
        assert fresh(clip).comments_count == 0
    for _n in range(2):
        actions.show_comment(cast.alice, held)
        assert fresh(clip).comments_count == 1
    verbs = AuditEntry.objects.filter(target_id=held.pk).order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["comment.approve", "comment.hide", "comment.show"]


def test_what_waited_before_it_was_hidden_waits_again(cast, clip, held):
    actions.hide_comment(cast.alice, held)
    actions.show_comment(cast.alice, held)
    assert seen_by(cast.carol, clip) == []
    assert [row.pk for row in access.to_review(cast.alice, "held")] == [held.pk]


def test_declining_deletes_what_waits_and_not_what_is_shown(cast, clip, held):
    actions.approve_comment(cast.alice, held)
    with pytest.raises(Conflict):
        actions.decline_comment(cast.alice, held)
    actions.hide_comment(cast.alice, held)
    actions.decline_comment(cast.alice, held)
    assert not Comment.objects.exists()
    assert AuditEntry.objects.filter(verb="comment.decline").count() == 1


def test_a_pinned_comment_that_is_hidden_is_unpinned_and_a_hidden_one_cannot_be_pinned(cast, clip):
    said = actions.comment(cast.bob, clip, "Words")
    actions.pin_comment(cast.alice, said)
    actions.hide_comment(cast.alice, said)
    assert fresh(said).pinned_at is None
    with pytest.raises(Invalid):
        actions.pin_comment(cast.alice, said)


def test_many_at_once_and_what_is_not_ones_own_looks_like_what_is_not_there(api, cast, clip, make_video):
    update_privacy(cast.alice, approve_comments=True)
    update_privacy(cast.carol, approve_comments=True)
    mine = [actions.comment(cast.bob, clip, f"Words {n}") for n in range(3)]
    theirs = actions.comment(cast.bob, make_video(cast.carol), "Elsewhere")
    ids = [str(row.pk) for row in (*mine[:2], theirs)] + ["12345", "nonsense"]
    client = api.as_(cast.alice)
    answer = client.post("/api/v1/comments/review/", {"do": "approve", "comments": ids}, format="json")
    assert answer.json() == {"done": ids[:2]}
    assert fresh(clip).comments_count == 2
    assert fresh(theirs).held_for == "approval"
    answer = client.post("/api/v1/comments/review/", {"do": "decline", "comments": ids}, format="json")
    assert answer.json() == {"done": []}  # the first two are shown by now
    answer = client.post(
        "/api/v1/comments/review/", {"do": "decline", "comments": [str(mine[2].pk)]}, format="json"
    )
    assert answer.json() == {"done": [str(mine[2].pk)]}
    assert Comment.objects.filter(video=clip).count() == fresh(clip).comments_count == 2


def test_declining_a_thread_takes_its_replies_along(cast, clip, held):
    reply = actions.comment(cast.alice, clip, "Not yet", reply_to=held)
    assert actions.review_comments(cast.alice, "decline", [held.pk, reply.pk]) == [held.pk]
    assert not Comment.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {"do": "burn", "comments": ["1"]},
        {"do": "approve", "comments": []},
        {"do": "approve", "comments": ["1"] * 101},
        {"do": "approve"},
    ],
)
def test_a_review_that_makes_no_sense_is_refused(api, cast, body):
    answer = api.as_(cast.alice).post("/api/v1/comments/review/", body, format="json")
    assert answer.status_code == 400
    assert set(answer.json()["error"]["fields"]) & {"do", "comments"}


def test_the_lists_hold_ones_own_clips_only(api, cast, clip, held, make_video):
    hidden = actions.comment(cast.alice, clip, "Own")
    actions.hide_comment(cast.alice, hidden)
    lists = {
        (name, state): [
            row["text"]
            for row in api.as_(getattr(cast, name))
            .get(f"/api/v1/comments/review/?state={state}")
            .json()["results"]
        ]
        for name in ("alice", "bob", "mod")
        for state in ("held", "hidden")
    }
    assert lists == {
        ("alice", "held"): ["Words"],
        ("alice", "hidden"): ["Own"],
        **{(name, state): [] for name in ("bob", "mod") for state in ("held", "hidden")},
    }
    assert api.as_(cast.alice).get("/api/v1/comments/review/?state=all").status_code == 400


def test_the_studio_lists_what_waits_for_a_fixed_price(browser, cast, clip, django_assert_max_num_queries):
    update_privacy(cast.alice, approve_comments=True)
    for n in range(25):
        actions.comment(cast.bob, clip, f"Words {n}")
    page = browser.as_(cast.alice)
    page.get("/studio/comments/")
    # 1 session · 2 person · 3 the comments · 4 own likes · 5 and 6 how many wait and are hidden · 7 and 8 the badges
    with django_assert_max_num_queries(8):
        text = page.get("/studio/comments/").content.decode()
    assert text.count("data-row=") == 20
    assert "Approve chosen" in text
    assert "Nothing is hidden" in page.get("/studio/comments/?state=hidden").content.decode()


# --- Who is told -------------------------------------------------------------------------------------------------


def told(person):
    rows = inbox.notification_page(person).items
    return sorted((row.kind, row.comment.text if row.comment else "") for row in rows)


def test_nobody_but_the_clips_author_hears_of_it_until_it_is_approved(
    cast, clip, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        top = actions.comment(cast.carol, clip, "Top")
    update_privacy(cast.alice, approve_comments=True)
    with django_capture_on_commit_callbacks(execute=True):
        said = actions.comment(cast.bob, clip, "Hello @dave", reply_to=top)
    assert told(cast.dave) == told(cast.carol) == []
    assert told(cast.alice) == [("comment", "Top"), ("comment_held", "Hello @dave")]
    with django_capture_on_commit_callbacks(execute=True):
        actions.approve_comment(cast.alice, said)
    assert told(cast.dave) == [("mention", "Hello @dave")]
    assert told(cast.carol) == [("reply", "Hello @dave")]
    assert told(cast.alice) == [
        ("comment", "Hello @dave")
    ]  # one row for both comments; nothing waits any more
    with django_capture_on_commit_callbacks(execute=True):
        actions.hide_comment(cast.alice, said)
    assert told(cast.dave) == told(cast.carol) == []


def test_a_mention_under_a_hidden_thread_is_not_shown(cast, clip, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        top = actions.comment(cast.bob, clip, "Top")
        actions.comment(cast.carol, clip, "Look @dave", reply_to=top)
    assert told(cast.dave) == [("mention", "Look @dave")]
    actions.hide_comment(cast.alice, top)
    assert told(cast.dave) == []


def test_the_facts_add_up_to_the_count(cast, clip, django_capture_on_commit_callbacks):
    """What is signalled to the figures is what the clip's counter says, through every change."""
    total = []
    hear = {
        signals.video_commented: lambda **facts: total.append(1),
        signals.comments_shown: lambda count, **facts: total.append(count),
        signals.comment_removed: lambda count, **facts: total.append(-count),
    }
    for signal, listener in hear.items():
        signal.connect(listener)
    with django_capture_on_commit_callbacks(execute=True):
        top = actions.comment(cast.bob, clip, "Top")
        for text in ("One", "Two"):
            reply = actions.comment(cast.carol, clip, text, reply_to=top)
        actions.hide_comment(cast.alice, reply)
    steps = [
        lambda: actions.hide_comment(cast.alice, top),
        lambda: actions.comment(cast.bob, clip, "Three", reply_to=top),  # under a hidden one
        lambda: actions.show_comment(cast.alice, reply),
        lambda: actions.approve_comment(cast.alice, top),
        lambda: update_privacy(cast.alice, comment_keywords=["ugly"]),
        lambda: actions.edit_comment(cast.bob, top, "ugly"),
        lambda: actions.approve_comment(cast.alice, top),
        lambda: actions.delete_comment(cast.carol, reply),
        lambda: actions.remove_comment(cast.mod, top),
    ]
    for step in steps:
        with django_capture_on_commit_callbacks(execute=True):
            step()
        assert sum(total) == fresh(clip).comments_count
        assert not any(counters.reconcile().values())
    assert fresh(clip).comments_count == 0
    for signal, listener in hear.items():
        signal.disconnect(listener)


def test_reconciling_mends_both_counters(cast, clip):
    top = actions.comment(cast.bob, clip, "Top")
    for text in ("One", "Two"):
        reply = actions.comment(cast.carol, clip, text, reply_to=top)
    actions.hide_comment(cast.alice, reply)
    Comment.objects.filter(pk=top.pk).update(replies_count=9)
    type(clip).objects.filter(pk=clip.pk).update(comments_count=9)
    mended = counters.reconcile()
    assert (mended["videos.Comment.replies_count"], mended["videos.Video.comments_count"]) == (1, 1)
    assert (fresh(top).replies_count, fresh(clip).comments_count) == (1, 2)


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_counters_are_exact_while_everybody_writes_hides_approves_and_deletes(cast, clip):
    update_privacy(cast.alice, comment_keywords=["ugly"], filter_spam=False)
    problems = []

    def run(act):
        try:
            act()
        except Exception as error:
            problems.append(error)
        finally:
            connection.close()

    def talk(person):
        def act():
            top = None
            for n in range(8):
                text = f"ugly {n}" if n % 3 == 0 else f"nice {n}"
                try:
                    said = actions.comment(person, clip, text, reply_to=top if n % 2 else None)
                    top = said if said.parent_id is None else top
                    if n == 6:
                        actions.delete_comment(person, said)
                except NotFound:  # declined meanwhile, and cannot be answered or deleted any more
                    top = None

        return act

    def judge():
        for _n in range(12):
            ids = [row.pk for row in Comment.objects.filter(video=clip).order_by("?")[:4]]
            for deed, some in (("hide", ids[:2]), ("approve", ids[1:3]), ("decline", ids[3:])):
                if some:
                    actions.review_comments(cast.alice, deed, some)

    acts = [talk(cast.bob), talk(cast.carol), talk(cast.alice), judge, judge]
    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert not any(counters.reconcile().values())
