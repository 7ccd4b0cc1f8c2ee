"""The demo as rows: what is shown is what can be counted, and seeding twice changes nothing."""

from collections import Counter
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum

from accounts.models import Follow, FollowerScore, User
from analytics.models import CreatorDay, Event, Report, VideoDay
from analytics.recount import recount, rolled
from messaging.models import Conversation, Message, Notification, Participant
from socialapp.demo import seeding
from socialapp.demo.catalogue import CLIPS
from socialapp.demo.moments import MASK, mark
from socialapp.demo.rendering import cache_name
from socialapp.demo.words import COMMENTS
from videos import access, counters
from videos.models import (
    Collection,
    Comment,
    Contact,
    Invite,
    Like,
    Rendition,
    Save,
    Share,
    Sound,
    Tag,
    Upload,
    Video,
)


@pytest.fixture(scope="session")
def drawn(tmp_path_factory):
    """One cache for the whole session: clips are drawn once."""
    return tmp_path_factory.mktemp("demo-cache")


@pytest.fixture
def demo(db, drawn, settings, tmp_path, django_capture_on_commit_callbacks):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {**settings.STORAGES["default"], "OPTIONS": {"location": str(tmp_path / "files")}},
    }
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, "100000/60")
    seen = []

    def run(**how):
        with django_capture_on_commit_callbacks(execute=True):
            seeding.seed(
                lambda done, of, what: seen.append((done, of)), cache=drawn, quick=True, workers=0, **how
            )
        return seen

    run()
    return run


def rows():
    tables = (
        User,
        Follow,
        Video,
        Rendition,
        Like,
        Save,
        Share,
        Comment,
        Tag,
        Event,
        CreatorDay,
        VideoDay,
        Conversation,
        Message,
        Notification,
        Participant,
        Upload,
        Sound,
        Collection,
        Contact,
        Invite,
    )
    return {table.__name__: table.objects.count() for table in tables}


def test_counters_equal_the_rows_they_count(demo):
    from accounts.actions import reconcile_counters

    assert not any(counters.reconcile().values())
    assert not any(reconcile_counters().values())
    for user in User.objects.all():
        own = Video.objects.filter(author=user)
        assert user.videos_count == own.exclude(published_at=None).count()
        assert user.likes_count == Like.objects.filter(video__author=user).count()


def test_alice_has_contacts_and_invites_that_are_younger_than_their_clips(demo):
    alice = User.objects.get(username="alice")
    assert Contact.objects.filter(owner=alice).count() == 8
    invites = Invite.objects.filter(inviter=alice)
    # The short form's clips are days old at most; the long form has invites of sixty days in every state.
    assert "waiting" in {invite.state for invite in invites}
    assert all(invite.video.published_at < invite.created_at for invite in invites)
    followers = set(
        Follow.objects.filter(followed=alice, state="accepted").values_list("follower", flat=True)
    )
    used = invites.filter(accepted_at__isnull=False)
    assert set(used.values_list("accepted_by", flat=True)) <= followers
    assert all(row.created_at < row.opened_at < row.accepted_at for row in used)


def test_roll_ups_equal_sums_and_raw_rows(demo):
    for video in Video.objects.all():
        days = VideoDay.objects.filter(video=video).aggregate(
            Sum("views"), Sum("likes"), Sum("comments"), Sum("shares"), Sum("saves")
        )
        for figure in ("views", "likes", "comments", "shares", "saves"):
            assert (days[f"{figure}__sum"] or 0) == getattr(video, f"{figure}_count"), (video, figure)
    for user in User.objects.filter(videos__isnull=False).distinct():
        for figure in ("views", "watch_ms", "likes", "comments", "shares", "saves"):
            creator = CreatorDay.objects.filter(creator=user).aggregate(n=Sum(figure))["n"]
            clips = VideoDay.objects.filter(creator=user).aggregate(n=Sum(figure))["n"]
            assert creator == clips
    days = sorted(set(VideoDay.objects.values_list("day", flat=True)))
    assert days
    for day in days[-5:]:
        assert recount(day).videos == rolled(day).videos


def test_followers_won_less_lost_are_the_followers(demo):
    for user in User.objects.filter(followers_count__gt=0):
        days = CreatorDay.objects.filter(creator=user).aggregate(
            new=Sum("followers_new"), lost=Sum("followers_lost")
        )
        assert days["new"] - days["lost"] == user.followers_count


def test_clips_play(demo):
    videos = list(Video.objects.filter(state="ready"))
    assert len(videos) == seeding.QUICK_CLIPS
    from django.core.files.storage import default_storage

    for video in videos:
        assert video.is_playable
        assert video.renditions.count() == 2
        for name in (video.cover, video.playlist, "540.mp4", "540.m3u8", "360.mp4"):
            assert default_storage.size(f"clips/{video.folder}/{name}") > 100
        assert abs(video.duration_ms - 1000) <= 50
    assert set(access.visible_videos(User.objects.get(username="dave"))) == set(videos)


def test_ids_are_ordered_as_the_clips_were_published(demo):
    assert list(Video.objects.order_by("id")) == list(Video.objects.order_by("published_at"))
    assert list(Comment.objects.order_by("id")) == list(Comment.objects.order_by("created_at"))


def test_seeding_again_changes_nothing(demo):
    before = rows()
    demo()
    assert rows() == before


def test_whom_to_follow_back_is_ranked_from_the_first_minute_on(demo):
    assert FollowerScore.objects.filter(creator__username="alice").exists()


def test_alices_reports_are_there_when_she_opens_them_first(demo):
    made = Report.objects.filter(creator__username="alice", made_at__isnull=False)
    assert set(made.values_list("kind", flat=True)) == set(Report.Kind.values)


def test_a_clip_that_is_missing_is_made_again(demo):
    Video.objects.filter(author__username="alice").delete()
    demo()
    assert Video.objects.filter(author__username="alice").count() == 1


def test_progress_never_goes_back_and_ends_at_the_end(demo):
    seen = demo()
    half = seen[: len(seen) // 2 + 1]
    assert [done for done, _of in half] == sorted(done for done, _of in half)
    assert seen[-1][0] == seen[-1][1]


def test_people_log_in_with_the_demo_password(demo):
    for name in ("alice", "bob", "carol", "dave", "brand"):
        assert User.objects.get(username=name).check_password("demo-password")
        assert User.objects.get(username=name).avatar
    assert User.objects.get(username="brand").is_business
    wen = User.objects.get(username="wen.garden")
    assert wen.privacy.is_private
    assert Follow.objects.filter(followed=wen, state="pending", follower__username="bob").exists()


def test_alice_has_a_request_from_dave_and_unread_words_from_carol(demo):
    seats = Participant.objects.filter(person__username="alice")
    assert Counter(seats.values_list("state", flat=True))["request"] == 1
    seat = seats.get(conversation__participants__person__username="carol")
    assert 0 < seat.read_seq < seat.last_seq
    assert Notification.objects.filter(recipient__username="alice", read_at=None).exists()


def test_people_only_makes_no_clip(db, settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {**settings.STORAGES["default"], "OPTIONS": {"location": str(tmp_path)}},
    }
    seeding.seed(lambda *_said: None, people_only=True, quick=True)
    assert User.objects.filter(username="alice").exists()
    assert not Video.objects.exists()


def test_the_first_clips_can_be_drawn_before_there_is_a_database(tmp_path, monkeypatch):
    monkeypatch.setattr(seeding, "CLIPS_AHEAD", 1)
    seeding.draw_ahead(tmp_path)
    assert [found.name for found in tmp_path.iterdir()] == [cache_name(CLIPS[0], None)]


@pytest.mark.parametrize(
    ("host", "demo_setting", "refused"),
    [("127.0.0.1", "", False), ("0.0.0.0", "", True), ("0.0.0.0", "1", False), ("127.0.0.1", "0", True)],
)
def test_the_demo_is_refused_where_others_could_log_in(settings, host, demo_setting, refused):
    settings.HOST, settings.DEMO = host, demo_setting
    assert bool(seeding.refusal()) is refused
    if refused:
        with pytest.raises(CommandError):
            call_command("seed_demo", "--people-only", stdout=StringIO())


def test_every_comment_is_by_somebody_who_exists_below_a_clip_that_exists():
    from socialapp.demo.cast import PEOPLE

    names = {person.username for person in PEOPLE}
    slugs = {clip.slug for clip in CLIPS}
    assert set(COMMENTS) <= slugs
    assert {line[0] for lines in COMMENTS.values() for line in lines} <= names
    assert {clip.author for clip in CLIPS} <= names
    for lines in COMMENTS.values():
        for number, line in enumerate(lines):
            assert len(line) == 2 or line[2] < number


def test_marks_of_clips_are_distinct():
    assert len({mark("clip", clip.slug) for clip in CLIPS}) == len(CLIPS)
    assert all(mark("clip", clip.slug) <= MASK for clip in CLIPS)


def test_the_library_has_a_sound_to_choose_and_every_clip_has_its_own(demo):
    song = access.pick_sounds(User.objects.get(username="dave"), "").items[0]
    assert (song.owner, song.file, len(song.peaks)) == (None, "sound.m4a", 200)
    for video in Video.objects.filter(state="ready"):
        assert video.sound.file
        assert video.sound.uses_count == 1
        assert video.preview


def test_the_studio_has_captions_and_a_comment_that_waits(demo):
    silk = Video.objects.get(author__username="alice", captions_tracks__0__language="en")
    assert [track["language"] for track in silk.captions_tracks] == ["en", "fr"]
    held = Comment.objects.get(video=silk, held_for="keyword")
    assert held.author.username == "dave"
    assert silk.comments_count == Comment.objects.filter(video=silk, held_for="").count()
