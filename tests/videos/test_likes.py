"""Likes, saves, shares, "not interested", views: rows and counters that always agree."""

import threading

import pytest
from django.db import connection

from accounts.models import User
from privacy.models import Block
from socialapp.lib.errors import Forbidden, Invalid, NotFound, NotSignedIn, TooMany
from videos import actions, signals
from videos.models import Like, Preference, Save, Share, Video


@pytest.fixture
def heard():
    """Signals as they were sent, by name."""
    found = []
    names = ("video_liked", "video_unliked", "video_saved", "video_unsaved", "video_shared")

    def listener(name):
        def listen(sender, signal, **facts):
            found.append((name, facts))

        return listen

    kept = []
    for name in names:
        receiver = listener(name)
        kept.append(receiver)
        getattr(signals, name).connect(receiver)
    yield found
    for name, receiver in zip(names, kept, strict=True):
        getattr(signals, name).disconnect(receiver)


def fresh(row):
    row.refresh_from_db()
    return row


@pytest.mark.django_db
def test_a_like_counts_once_however_often_it_is_sent(
    cast, make_video, heard, django_capture_on_commit_callbacks
):
    video = make_video(cast.alice)
    with django_capture_on_commit_callbacks(execute=True):
        assert [actions.like(cast.bob, video) for _n in range(3)] == [1, 1, 1]
        assert actions.like(cast.carol, video) == 2
    assert fresh(video).likes_count == Like.objects.count() == 2
    assert fresh(cast.alice).likes_count == 2
    assert heard == [
        ("video_liked", {"video_id": video.pk, "person_id": cast.bob.pk}),
        ("video_liked", {"video_id": video.pk, "person_id": cast.carol.pk}),
    ]


@pytest.mark.django_db
def test_taking_back_what_is_not_there_changes_nothing(
    cast, make_video, heard, django_capture_on_commit_callbacks
):
    video = make_video(cast.alice)
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.unlike(cast.bob, video) == 0
        assert actions.unsave(cast.bob, video) == 0
    assert fresh(video).likes_count == fresh(video).saves_count == 0
    assert heard == []


@pytest.mark.django_db
def test_saving_counts_and_tells(cast, make_video, heard, django_capture_on_commit_callbacks):
    video = make_video(cast.alice)
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.save(cast.bob, video) == actions.save(cast.bob, video) == 1
        assert actions.unsave(cast.bob, video) == 0
    assert [name for name, _facts in heard] == ["video_saved", "video_unsaved"]
    assert Save.objects.count() == fresh(video).saves_count == 0


@pytest.mark.django_db
@pytest.mark.parametrize("deed", ["like", "save", "not_interested"])
def test_what_one_does_not_see_cannot_be_touched(cast, make_video, deed):
    video = make_video(cast.alice, audience="friends")
    for outsider in (cast.dave, cast.mallory, cast.bob):
        with pytest.raises(NotFound):
            getattr(actions, deed)(outsider, video)
    assert not Like.objects.exists()
    assert not Save.objects.exists()
    assert not Preference.objects.exists()


@pytest.mark.django_db
def test_visitors_must_log_in(make_person, make_video):
    from django.contrib.auth.models import AnonymousUser

    video = make_video(make_person("alice"))
    for deed in (
        actions.like,
        actions.unlike,
        actions.save,
        actions.unsave,
        actions.not_interested,
        actions.interested,
    ):
        with pytest.raises(NotSignedIn):
            deed(AnonymousUser(), video)


@pytest.mark.django_db
def test_a_like_can_be_taken_back_after_the_clip_was_hidden(cast, make_video):
    video = make_video(cast.alice)
    actions.like(cast.dave, video)
    Block.objects.create(blocker=cast.alice, blocked=cast.dave)
    assert actions.unlike(cast.dave, video) == 0
    assert fresh(video).likes_count == 0


@pytest.mark.django_db
def test_a_like_of_a_deleted_clip_is_not_found(cast, make_video):
    video = make_video(cast.alice)
    gone = Video.objects.get(pk=video.pk)
    Video.objects.filter(pk=video.pk).delete()
    for deed in (actions.like, actions.unlike, actions.save, actions.unsave):
        with pytest.raises(NotFound):
            deed(cast.bob, gone)


@pytest.mark.django_db
def test_likes_are_limited(cast, make_video, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "like": "2/60"}
    video = make_video(cast.alice)
    actions.like(cast.bob, video)
    actions.like(cast.bob, video)
    with pytest.raises(TooMany) as refusal:
        actions.like(cast.bob, video)
    assert refusal.value.retry_after > 0


@pytest.mark.django_db
def test_a_share_is_counted_and_answers_with_the_address(
    cast, make_video, heard, settings, django_capture_on_commit_callbacks
):
    video = make_video(cast.alice)
    with django_capture_on_commit_callbacks(execute=True):
        address = actions.share(cast.bob, video, "link")
    assert address == f"{settings.BASE_URL}/@alice/video/{video.pk}/"
    assert Share.objects.get().channel == "link"
    assert fresh(video).shares_count == 1
    assert heard == [("video_shared", {"video_id": video.pk, "person_id": cast.bob.pk, "channel": "link"})]


@pytest.mark.django_db
def test_a_share_by_an_unknown_channel_is_refused(cast, make_video):
    with pytest.raises(Invalid):
        actions.share(cast.bob, make_video(cast.alice), "pigeon")
    assert not Share.objects.exists()


@pytest.mark.django_db
def test_views_add_up_and_move_the_popularity(cast, make_video):
    seen, unseen = make_video(cast.alice), make_video(cast.alice)
    before = seen.score
    actions.record_views({seen.pk: 3, 404: 9})
    actions.record_views({seen.pk: 4})
    assert fresh(seen).views_count == 7
    assert seen.score > before
    assert fresh(unseen).views_count == 0
    actions.record_views({}, {unseen.pk: 12.5})
    assert (fresh(unseen).score, unseen.views_count) == (12.5, 0)


@pytest.mark.django_db
def test_views_of_many_clips_cost_few_statements(cast, make_video, django_assert_max_num_queries):
    clips = [make_video(cast.alice) for _n in range(30)]
    with django_assert_max_num_queries(4):  # savepoint · lock and read · update · release
        actions.record_views({clip.pk: 2 for clip in clips})
    assert set(Video.objects.values_list("views_count", flat=True)) == {2}


@pytest.mark.django_db
def test_changing_a_clip_is_for_its_author(cast, make_video):
    video = make_video(cast.alice, caption="#old words")
    with pytest.raises(Forbidden):
        actions.update_video(cast.bob, video, caption="mine")
    with pytest.raises(NotFound):
        actions.update_video(cast.mallory, video, caption="mine")
    assert fresh(video).caption == "#old words"


@pytest.mark.django_db
def test_tags_follow_the_caption(cast, make_video):
    from videos.hashtags import apply_tags
    from videos.models import Tag

    video = make_video(cast.alice, caption="#Old and #shared")
    apply_tags(video)
    actions.update_video(cast.alice, video, caption="now #NEW and #shared #1 #Ｎｅｗ")
    assert set(video.tags.values_list("name", flat=True)) == {"new", "shared"}
    assert dict(Tag.objects.values_list("name", "videos_count")) == {"old": 0, "shared": 1, "new": 1}


@pytest.mark.django_db
def test_a_change_of_audience_is_audited_and_counts_at_once(cast, make_video):
    from privacy.models import AuditEntry
    from videos.access import visible_videos

    video = make_video(cast.alice)
    actions.update_video(cast.alice, video, audience="friends", comments="nobody")
    assert not visible_videos(cast.bob).exists()
    assert visible_videos(cast.carol).exists()
    assert AuditEntry.objects.get().detail == {"audience": "friends", "comments": "nobody"}


@pytest.mark.django_db
@pytest.mark.parametrize("change", [{"audience": "aliens"}, {"comments": ""}, {"caption": "x" * 2201}])
def test_a_change_that_makes_no_sense_is_refused_whole(cast, make_video, change):
    video = make_video(cast.alice, caption="before")
    with pytest.raises(Invalid):
        actions.update_video(cast.alice, video, **{"caption": "after", **change})
    assert fresh(video).caption == "before"


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_counters_equal_rows_after_many_threads_toggled(make_person, make_video, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "like": "100000/1"}
    author = make_person("alice")
    people = [make_person(f"person{n}") for n in range(4)]
    video = make_video(author)
    problems = []

    def toggle(person, offset):
        try:
            for n in range(10):
                (actions.like, actions.unlike)[(n + offset) % 2](person, video)
                (actions.save, actions.unsave)[(n + offset) % 2](person, video)
        except Exception as error:
            problems.append(error)
        finally:
            connection.close()

    # Two threads a person: the same row is made and removed by both at once.
    threads = [threading.Thread(target=toggle, args=(p, offset)) for p in people for offset in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    video.refresh_from_db()
    assert video.likes_count == Like.objects.count()
    assert video.saves_count == Save.objects.count()
    assert User.objects.get(pk=author.pk).likes_count == Like.objects.count()


@pytest.mark.django_db
def test_counters_that_went_wrong_are_mended_and_named(cast, make_video):
    from videos.counters import reconcile

    video, right = make_video(cast.alice), make_video(cast.alice)
    actions.like(cast.bob, video)
    actions.like(cast.bob, right)
    Video.objects.filter(pk=video.pk).update(likes_count=40, comments_count=3)
    mended = {name: count for name, count in reconcile().items() if count}
    assert mended == {"videos.Video.likes_count": 1, "videos.Video.comments_count": 1}
    assert (fresh(video).likes_count, video.comments_count, fresh(right).likes_count) == (1, 0, 1)
    assert not any(reconcile().values())
