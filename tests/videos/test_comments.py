"""Comments: who may write, one level of replies, editing, deleting, pins, likes, and their counters."""

import threading

import pytest
from django.db import connection

from privacy.models import AuditEntry, Block
from socialapp.lib.errors import Forbidden, Invalid, NotFound, NotSignedIn
from socialapp.lib.ids import new_id
from videos import access, actions, signals
from videos.models import Comment, CommentLike

pytestmark = pytest.mark.django_db


@pytest.fixture
def clip(cast, make_video):
    return make_video(cast.alice)


def fresh(row):
    row.refresh_from_db()
    return row


WHO = ("alice", "bob", "carol", "dave")


@pytest.mark.parametrize(
    ("setting", "may"),
    [
        ("everyone", {"alice", "bob", "carol", "dave"}),
        ("following", {"alice", "carol"}),  # alice follows carol only
        ("friends", {"alice", "carol"}),
        ("nobody", {"alice"}),
    ],
)
@pytest.mark.parametrize("where", ["clip", "account"])
def test_the_stricter_setting_decides_who_may_write(cast, make_video, setting, may, where):
    video = make_video(cast.alice, comments=setting if where == "clip" else "everyone")
    if where == "account":
        cast.alice.privacy.comment_audience = setting
        cast.alice.privacy.save()
    for name in WHO:
        person = getattr(cast, name)
        if name in may:
            actions.comment(person, video, "Hello")
        else:
            with pytest.raises(Forbidden):
                actions.comment(person, video, "Hello")
    assert fresh(video).comments_count == Comment.objects.count() == len(may)


def test_who_does_not_see_the_clip_learns_nothing(cast, make_video):
    hidden = make_video(cast.alice, audience="friends")
    for outsider in (cast.mallory, cast.bob, cast.dave):
        with pytest.raises(NotFound):
            actions.comment(outsider, hidden, "Hello")


def test_visitors_must_log_in(clip):
    from django.contrib.auth.models import AnonymousUser

    with pytest.raises(NotSignedIn):
        actions.comment(AnonymousUser(), clip, "Hello")


@pytest.mark.parametrize("text", ["", "   \n ", "\x00\x07", "x" * 1001, "\ud800"])
def test_empty_and_overlong_texts_are_refused(cast, clip, text):
    with pytest.raises(Invalid) as refusal:
        actions.comment(cast.bob, clip, text)
    assert "text" in refusal.value.fields
    assert not Comment.objects.exists()


def test_text_is_kept_as_written_but_for_what_nobody_sees(cast, clip):
    said = actions.comment(cast.bob, clip, "  A\x00b\r\nسلام 👨\u200d👩 <b> \u202egnihton ")
    assert said.text == "Ab\nسلام 👨\u200d👩 <b> gnihton"


def test_a_reply_to_a_reply_joins_its_parent(cast, clip):
    top = actions.comment(cast.bob, clip, "Top")
    reply = actions.comment(cast.carol, clip, "Reply", reply_to=top)
    deeper = actions.comment(cast.dave, clip, "Deeper", reply_to=reply)
    assert reply.parent_id == deeper.parent_id == top.pk
    assert fresh(top).replies_count == 2
    assert fresh(clip).comments_count == 3
    assert [c.text for c in access.thread(cast.bob, clip, str(top.pk)).items] == ["Reply", "Deeper"]


def test_a_reply_must_be_to_a_comment_of_the_same_clip(cast, clip, make_video):
    elsewhere = actions.comment(cast.bob, make_video(cast.carol), "Elsewhere")
    with pytest.raises(NotFound):
        actions.comment(cast.bob, clip, "Reply", reply_to=elsewhere)


def test_the_lists_hide_people_that_are_shut_out(cast, clip):
    actions.comment(cast.bob, clip, "From bob")
    actions.comment(cast.dave, clip, "From dave")
    Block.objects.create(blocker=cast.bob, blocked=cast.dave)

    def seen(viewer):
        return {c.text for c in access.thread(viewer, clip).items}

    assert seen(cast.bob) == {"From bob"}
    assert seen(cast.dave) == {"From dave"}
    assert seen(cast.carol) == {"From bob", "From dave"}
    Block.objects.create(blocker=cast.alice, blocked=cast.bob)  # the author shut bob out: gone for everybody
    assert seen(cast.carol) == {"From dave"}


def test_comments_of_people_who_left_are_hidden(cast, clip):
    from django.utils import timezone

    said = actions.comment(cast.bob, clip, "From bob")
    cast.bob.deactivated_at = timezone.now()
    cast.bob.save()
    assert access.thread(cast.carol, clip).items == []
    with pytest.raises(NotFound):
        access.get_comment(cast.carol, said.pk)


def test_only_its_author_edits_and_it_says_so(cast, clip):
    said = actions.comment(cast.bob, clip, "Frist")
    with pytest.raises(Forbidden):
        actions.edit_comment(cast.alice, said, "Mine")
    assert actions.edit_comment(cast.bob, said, "First").edited_at
    assert fresh(said).text == "First"
    with pytest.raises(Invalid):
        actions.edit_comment(cast.bob, said, " ")


def test_deleting_is_for_its_author_and_the_clips(cast, clip):
    for deleter, audited in ((cast.bob, 0), (cast.alice, 1)):
        said = actions.comment(cast.bob, clip, "Words")
        with pytest.raises(Forbidden):
            actions.delete_comment(cast.carol, said)
        actions.delete_comment(deleter, said)
        assert not Comment.objects.exists()
        assert fresh(clip).comments_count == 0
        assert AuditEntry.objects.filter(verb="comment.delete").count() == audited


def test_replies_go_with_their_comment_and_are_counted(cast, clip, django_capture_on_commit_callbacks):
    heard = []
    listener = lambda sender, signal, **facts: heard.append(facts)  # noqa: E731
    signals.comment_removed.connect(listener)
    top = actions.comment(cast.bob, clip, "Top")
    for text in ("One", "Two"):
        reply = actions.comment(cast.carol, clip, text, reply_to=top)
    with django_capture_on_commit_callbacks(execute=True):
        actions.delete_comment(cast.carol, reply)
    assert fresh(top).replies_count == 1
    with django_capture_on_commit_callbacks(execute=True):
        actions.delete_comment(cast.bob, top)
    assert heard == [{"video_id": clip.pk, "count": 1}, {"video_id": clip.pk, "count": 2}]
    assert fresh(clip).comments_count == Comment.objects.count() == 0
    signals.comment_removed.disconnect(listener)


def test_a_moderator_takes_it_out_of_sight_and_keeps_the_evidence(cast, clip):
    top = actions.comment(cast.bob, clip, "Top")
    actions.comment(cast.carol, clip, "Reply", reply_to=top)
    with pytest.raises(NotFound):
        actions.remove_comment(cast.bob, top)
    actions.remove_comment(cast.mod, top)
    actions.remove_comment(cast.mod, top)
    assert Comment.objects.filter(removed_at=None).count() == fresh(clip).comments_count == 0
    assert Comment.objects.count() == 2
    assert AuditEntry.objects.filter(verb="comment.remove").count() == 1
    with pytest.raises(NotFound):
        access.get_comment(cast.bob, top.pk)


def test_the_author_pins_one_comment_on_top(cast, clip):
    first = actions.comment(cast.bob, clip, "First")
    second = actions.comment(cast.carol, clip, "Second")
    actions.pin_comment(cast.alice, first)
    assert [c.pk for c in access.thread(cast.dave, clip).items] == [first.pk, second.pk]
    actions.pin_comment(cast.alice, second)
    assert [c.pinned_at is not None for c in (fresh(first), fresh(second))] == [False, True]
    actions.unpin_comment(cast.alice, second)
    assert not fresh(second).pinned_at
    reply = actions.comment(cast.bob, clip, "Reply", reply_to=first)
    with pytest.raises(Invalid):
        actions.pin_comment(cast.alice, reply)
    with pytest.raises(Forbidden):
        actions.pin_comment(cast.bob, first)


def test_comment_likes_count_once(cast, clip):
    said = actions.comment(cast.bob, clip, "Words")
    assert [actions.like_comment(cast.carol, said) for _n in range(2)] == [1, 1]
    assert actions.like_comment(cast.dave, said) == 2
    assert actions.unlike_comment(cast.carol, said) == actions.unlike_comment(cast.carol, said) == 1
    assert fresh(said).likes_count == CommentLike.objects.count() == 1


def test_a_page_of_comments_costs_the_same_however_many(api, cast, clip, django_assert_max_num_queries):
    for n in range(30):
        actions.comment(cast.bob, clip, f"Comment {n}")
    client = api.as_(cast.carol)
    client.get("/api/v1/me/")
    # 1 the viewer · 2 the clip through the gate · 3 the comments · 4 the pinned one · 5 the viewer's likes
    with django_assert_max_num_queries(5):
        answer = client.get(f"/api/v1/videos/{clip.pk}/comments/").json()
    assert len(answer["results"]) == 20
    assert len(client.get(answer["next"]).json()["results"]) == 10


def test_newest_and_top_are_two_orders_with_the_pinned_one_on_top(cast, clip):
    old, liked, answered, _new = (
        actions.comment(cast.bob, clip, text) for text in ("Old", "Liked", "Answered", "New")
    )
    for person in (cast.carol, cast.dave):
        actions.like_comment(person, liked)
    actions.comment(cast.carol, clip, "Reply", reply_to=answered)
    actions.pin_comment(cast.alice, old)

    def order(sort):
        return [row.text for row in access.thread(cast.dave, clip, sort=sort).items]

    assert order("newest") == ["Old", "New", "Answered", "Liked"]
    assert order("top") == ["Old", "Liked", "Answered", "New"]
    actions.unlike_comment(cast.carol, liked)
    actions.unlike_comment(cast.dave, liked)
    assert order("top") == ["Old", "Answered", "New", "Liked"]
    with pytest.raises(Invalid):
        access.thread(cast.dave, clip, sort="random")


def test_a_like_lifts_a_comment_by_six_hours(cast, clip):
    hour = 3_600_000
    now = new_id()
    made = [  # hours ago, likes
        ("five hours, one like", 5, 1),
        ("fresh", 0, 0),
        ("a week, forty", 168, 40),
        ("a week", 168, 0),
        ("a year, forty", 8760, 40),
    ]
    for n, (text, age, likes) in enumerate(made):
        pk = now - (age * hour << 21) - n
        row = Comment.objects.create(id=pk, video=clip, author=cast.bob, text=text, likes_count=likes)
        assert Comment.objects.get(pk=pk).rank == row.rank == (pk >> 21) + 6 * hour * likes
    found = [row.text for row in access.thread(cast.dave, clip, sort="top").items]
    assert found == ["a week, forty", "five hours, one like", "fresh", "a week", "a year, forty"]


def test_pages_of_the_top_neither_repeat_nor_miss_and_need_no_offset(
    api, cast, clip, django_assert_max_num_queries
):
    Comment.objects.bulk_create(
        Comment(video=clip, author=cast.bob, text=f"{n}", likes_count=n % 7) for n in range(95)
    )
    client = api.as_(cast.carol)
    url, seen = f"/api/v1/videos/{clip.pk}/comments/?sort=top", []
    while url:
        # 1 session · 2 the viewer · 3 the clip · 4 the comments · 5 the viewer's likes · 6 the pinned one, first page only
        with django_assert_max_num_queries(6) as asked:
            answer = client.get(url).json()
        assert not any("OFFSET" in query["sql"] for query in asked)
        seen += [row["counts"]["likes"] for row in answer["results"]]
        url = answer["next"]
    assert len(seen) == 95
    assert seen == sorted(seen, reverse=True)
    assert client.get(f"/api/v1/videos/{clip.pk}/comments/?sort=newest&cursor=WzEsMl0").status_code == 400


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_comment_counters_are_exact_under_threads(cast, clip):
    top = actions.comment(cast.alice, clip, "Top")
    problems = []

    def talk(person):
        try:
            for n in range(7):
                said = actions.comment(person, clip, f"{n}", reply_to=top if n % 2 else None)
                if n % 3 == 0:
                    actions.delete_comment(person, said)
        except Exception as error:
            problems.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=talk, args=(getattr(cast, name),)) for name in WHO]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert fresh(clip).comments_count == Comment.objects.count()
    assert fresh(top).replies_count == Comment.objects.filter(parent=top).count()
