"""The gate's single checks, one by one: whose, which state, for whom. What the tables say as a whole is in test_gate."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.models import User
from privacy import actions as privacy
from privacy.models import Block
from socialapp.lib.errors import Invalid, NotFound
from videos import access
from videos import actions as deeds
from videos.models import (
    Collection,
    CollectionItem,
    Comment,
    CommentLike,
    Like,
    Part,
    Save,
    Sound,
    Upload,
    Video,
)
from videos.search.finding import find

pytestmark = pytest.mark.django_db
NOBODY = AnonymousUser()


def pks(rows):
    return {row.pk for row in rows}


# --- Clips ----------------------------------------------------------------------------------------------------


@pytest.fixture
def of_alice(cast, make_video):
    """A clip of every audience and every state by alice, and one by bob that is never meant."""
    made = {
        audience: make_video(cast.alice, audience=audience)
        for audience in ("public", "followers", "friends", "only_me")
    }
    made["unpublished"] = make_video(cast.alice, published_at=None)
    made["unplayable"] = make_video(cast.alice, playlist="")
    made["held"] = make_video(cast.alice, held_for="term")
    made["early"] = make_video(cast.alice, state="processing")
    for state in ("draft", "failed", "removed"):
        made[state] = make_video(cast.alice, state=state)
    return made


SEEN = {
    "anonymous": {"public", "early"},
    "dave": {"public", "early"},
    "mod": {"public", "early"},
    "bob": {"public", "early", "followers"},
    "carol": {"public", "early", "followers", "friends"},
    "mallory": set(),
    "alice": {
        "public",
        "followers",
        "friends",
        "only_me",
        "unpublished",
        "unplayable",
        "held",
        "early",
        "draft",
        "failed",
    },
}
SEEN_PRIVATE = SEEN | {"anonymous": set(), "dave": set(), "mod": set()}


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("who", SEEN)
def test_who_sees_which_clip_in_sql_and_by_row(cast, of_alice, who, private):
    privacy.update_privacy(cast.alice, is_private=private)
    viewer = NOBODY if who == "anonymous" else getattr(cast, who)
    expected = (SEEN_PRIVATE if private else SEEN)[who]
    by_sql = pks(access.visible_videos(viewer))
    assert {name for name, clip in of_alice.items() if clip.pk in by_sql} == expected
    rows = access.with_people(Video.objects.filter(pk__in=[c.pk for c in of_alice.values()]))
    by_row = {clip.pk for clip in rows if access.sees_video(viewer, clip)}
    assert {name for name, clip in of_alice.items() if clip.pk in by_row} == expected
    published = expected - {"unpublished"}
    profile = pks(access.videos_of(viewer, cast.alice))
    assert {name for name, clip in of_alice.items() if clip.pk in profile} == published


@pytest.mark.parametrize("gone", [{"is_active": False}, {"deactivated_at": timezone.now()}])
@pytest.mark.parametrize("who", ["anonymous", "dave", "bob", "carol", "mod"])
def test_nobody_sees_clips_of_who_is_away(cast, of_alice, gone, who):
    User.objects.filter(pk=cast.alice.pk).update(**gone)
    viewer = NOBODY if who == "anonymous" else getattr(cast, who)
    assert not access.visible_videos(viewer).filter(author=cast.alice).exists()
    clip = access.with_people(Video.objects.filter(pk=of_alice["public"].pk)).get()
    assert not access.sees_video(viewer, clip)


def test_clips_of_others_are_not_ones_own(cast, of_alice, make_video):
    other = make_video(cast.bob)
    assert other.pk in pks(access.visible_videos(cast.alice))
    assert other.pk not in pks(access.own_videos(cast.alice))
    assert of_alice["removed"].pk not in pks(access.own_videos(cast.alice))
    assert not access.own_videos(NOBODY).exists()
    assert pks(access.videos_of(cast.alice, cast.bob)) == {other.pk}


def test_one_clip_is_the_one_that_was_asked_for(cast, make_video):
    first, second = make_video(cast.alice), make_video(cast.alice)
    assert access.get_video(cast.dave, first.pk) == first
    assert access.get_video(cast.dave, str(second.pk)) == second


def test_an_open_clip_is_open_to_everybody(cast, of_alice):
    rows = access.with_people(Video.objects.filter(author=cast.alice))
    assert {c.pk for c in rows if access.is_open(c)} == {of_alice["public"].pk, of_alice["early"].pk}
    privacy.update_privacy(cast.alice, is_private=True)
    assert not any(access.is_open(c) for c in access.with_people(Video.objects.filter(author=cast.alice)))
    privacy.update_privacy(cast.alice, is_private=False)
    User.objects.filter(pk=cast.alice.pk).update(is_active=False)
    assert not any(access.is_open(c) for c in access.with_people(Video.objects.filter(author=cast.alice)))


# --- Likes, saves, uploads, quota -------------------------------------------------------------------------------


def test_marks_are_those_of_one_person(cast, make_video):
    clip, other = make_video(cast.carol), make_video(cast.carol)
    deeds.like(cast.alice, clip)
    deeds.like(cast.bob, other)
    deeds.save(cast.alice, clip)
    deeds.save(cast.bob, other)
    assert [row.video for row in access.likes_of(cast.alice, cast.alice)] == [clip]
    assert [row.video for row in access.saves_of(cast.alice)] == [clip]
    assert access.liked_ids(cast.alice, [clip, other]) == {clip.pk}
    assert access.liked_ids(cast.alice, [other]) == set()
    assert access.saved_ids(cast.alice, [clip, other]) == {clip.pk}
    assert access.saved_ids(cast.alice, [other]) == set()
    assert access.liked_ids(NOBODY, [clip]) == access.saved_ids(NOBODY, [clip]) == set()
    with pytest.raises(NotFound):
        access.saves_of(NOBODY)
    Video.objects.filter(pk=clip.pk).update(audience="only_me")
    assert not access.saves_of(cast.alice).exists()


def test_uploads_are_ones_own_and_wait(cast):
    soon = timezone.now() + timezone.timedelta(days=1)
    mine = Upload.objects.create(owner=cast.alice, length=10, expires_at=soon)
    used = Upload.objects.create(owner=cast.alice, length=10, expires_at=soon, state="used")
    Upload.objects.create(owner=cast.bob, length=10, expires_at=soon)
    assert access.get_uploads(cast.alice) == [mine]
    assert access.get_upload(cast.alice, used.pk) == used
    for viewer, upload_id in (
        (cast.bob, mine.pk),
        (NOBODY, mine.pk),
        (cast.alice, "../x"),
        (cast.alice, "x" * 24),
    ):
        with pytest.raises(NotFound):
            access.get_upload(viewer, upload_id)
    with pytest.raises(NotFound):
        access.get_uploads(NOBODY)


def test_the_parts_of_a_clip_are_its_authors(cast, make_video):
    clip = make_video(cast.alice)
    part = Part.objects.create(video=clip, role="clip", position=0)
    assert access.parts_of(cast.alice, clip) == [part]
    for viewer in (cast.bob, NOBODY):
        with pytest.raises(NotFound):
            access.parts_of(viewer, clip)


def test_room_counts_ones_own_files_once(cast, make_video):
    soon = timezone.now() + timezone.timedelta(days=1)
    clip = make_video(cast.alice, original_bytes=1000)  # its rendition has 62,500
    make_video(cast.bob, original_bytes=50_000)
    Upload.objects.create(owner=cast.bob, length=7, expires_at=soon)
    assert access.stored_bytes(cast.alice) == 63_500
    Upload.objects.create(owner=cast.alice, length=7, expires_at=soon)
    assert access.stored_bytes(cast.alice) == 63_507
    bound = Upload.objects.create(owner=cast.alice, length=1_000_000, expires_at=soon)
    Video.objects.filter(pk=clip.pk).update(upload=bound)
    voice = Upload.objects.create(owner=cast.alice, length=1_000_000, expires_at=soon)
    Part.objects.create(video=clip, role="voice", upload=voice)
    assert access.stored_bytes(cast.alice) == 63_507
    assert access.stored_bytes(NOBODY) == 0


def test_without_a_quota_there_is_no_limit(cast, settings):
    settings.UPLOAD_QUOTA_MB = 0
    assert access.quota(cast.alice) == {"used": 0, "limit": None}
    settings.UPLOAD_QUOTA_MB = 3
    assert access.quota(cast.alice) == {"used": 0, "limit": 3 << 20}


# --- Remixing, commenting -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["duet", "stitch", "download"])
def test_the_stricter_of_clip_and_author_counts(cast, make_video, what):
    may = {"duet": access.may_duet, "stitch": access.may_stitch, "download": access.may_download}[what]

    def allowed(clip_says, author_says):
        privacy.update_privacy(cast.alice, **{f"{what}_audience": author_says})
        clip = access.get_video(cast.alice, make_video(cast.alice, **{what: clip_says}).pk)
        return [may(person, clip) for person in (cast.carol, cast.bob, cast.dave)]

    assert allowed("everyone", "everyone") == [True, True, True]
    assert allowed("friends", "everyone") == [True, False, False]
    assert allowed("everyone", "friends") == [True, False, False]
    assert allowed("nobody", "everyone") == allowed("everyone", "nobody") == [False, False, False]
    clip = access.get_video(cast.alice, make_video(cast.alice).pk)
    assert not may(NOBODY, clip)


def test_a_remix_and_what_does_not_play_are_not_remixed(cast, make_video):
    remix = access.get_video(cast.alice, make_video(cast.alice, remix_kind="duet").pk)
    assert not access.may_duet(cast.dave, remix)
    assert not access.may_stitch(cast.alice, remix)
    assert access.may_download(cast.dave, remix)
    unplayable = access.get_video(cast.alice, make_video(cast.alice, playlist="").pk)
    assert not access.may_download(cast.alice, unplayable)
    for_friends = access.get_video(cast.alice, make_video(cast.alice, audience="friends").pk)
    assert not access.may_duet(cast.carol, for_friends)
    assert access.may_duet(cast.alice, for_friends)


def test_remixes_and_their_sources_are_shown_to_who_sees_them(cast, make_video):
    source = make_video(cast.alice)
    shown = make_video(cast.bob, remix_kind="duet", remix_of=source)
    make_video(cast.bob, remix_kind="duet", remix_of=source, audience="friends")
    own = make_video(cast.dave, remix_kind="duet", remix_of=source, published_at=None)
    make_video(cast.bob)
    assert pks(access.remixes_of(cast.dave, source)) == {shown.pk}
    assert access.credits_of(cast.dave, [shown, own]) == {source.pk: source}
    assert access.credits_of(cast.dave, [source]) == {}
    Video.objects.filter(pk=source.pk).update(published_at=None)
    assert access.credits_of(cast.alice, [shown]) == {}


def test_the_stricter_of_clip_and_author_lets_comment(cast, make_video):
    def allowed(clip_says, author_says):
        privacy.update_privacy(cast.alice, comment_audience=author_says)
        clip = access.get_video(cast.alice, make_video(cast.alice, comments=clip_says).pk)
        return [access.may_comment(person, clip) for person in (cast.carol, cast.dave, NOBODY)]

    assert allowed("everyone", "everyone") == [True, True, False]
    assert allowed("friends", "everyone") == [True, False, False]
    assert allowed("everyone", "friends") == [True, False, False]


# --- Comments -----------------------------------------------------------------------------------------------------


@pytest.fixture
def talk(cast, make_video, make_person):
    """A clip of alice: bob's remark with dave's answer, and others in every state; and one under another clip."""
    clip, other = make_video(cast.alice), make_video(cast.alice)
    erin = make_person("erin")

    def say(author, **fields):
        return Comment.objects.create(video=fields.pop("video", clip), author=author, text="x", **fields)

    made = {"remark": say(cast.bob)}
    made["answer"] = say(cast.dave, parent=made["remark"])
    made["held"] = say(cast.dave, held_for="spam")
    made["hidden"] = say(cast.dave, hidden_at=timezone.now())
    made["removed"] = say(cast.dave, removed_at=timezone.now())
    made["site"] = say(cast.dave, held_for="site")
    made["below held"] = say(cast.bob, parent=made["held"])
    made["below removed"] = say(cast.bob, parent=made["removed"])
    made["elsewhere"] = say(cast.bob, video=other)
    made["blocked"] = say(cast.mallory)
    made["of erin"] = say(erin)
    return clip, made, erin


def told(viewer, clip, made):
    clip = access.get_video(viewer, clip.pk)
    found = pks(access.comments_of(viewer, clip))
    return {name for name, row in made.items() if row.pk in found}


def test_each_state_of_a_comment_for_each_viewer(cast, talk):
    clip, made, _erin = talk
    everybody = {"remark", "answer", "of erin"}
    assert told(NOBODY, clip, made) == told(cast.carol, clip, made) == everybody
    assert told(cast.bob, clip, made) == everybody
    assert told(cast.dave, clip, made) == everybody | {"held", "hidden", "below held", "site"}
    assert told(cast.alice, clip, made) == everybody | {"held", "hidden", "below held"}


def test_comments_of_who_is_away_or_shut_out_are_not_there(cast, talk):
    clip, made, erin = talk
    User.objects.filter(pk=erin.pk).update(is_active=False)
    assert "of erin" not in told(NOBODY, clip, made)
    User.objects.filter(pk=erin.pk).update(is_active=True, deactivated_at=timezone.now())
    assert "of erin" not in told(NOBODY, clip, made)
    User.objects.filter(pk=erin.pk).update(deactivated_at=None)
    Block.objects.create(blocker=cast.carol, blocked=erin)
    assert "of erin" not in told(cast.carol, clip, made)
    assert "of erin" in told(cast.dave, clip, made)
    User.objects.filter(pk=cast.bob.pk).update(is_active=False)
    assert "answer" not in told(cast.dave, clip, made)


def test_one_comment_is_asked_for_with_its_clip(cast, talk):
    clip, made, _erin = talk
    assert access.get_comment(cast.carol, str(made["remark"].pk)) == made["remark"]
    assert access.get_comment(cast.carol, made["answer"].pk) == made["answer"]
    assert access.get_comment(cast.carol, made["elsewhere"].pk).video.pk != clip.pk
    for name in ("held", "site", "hidden", "removed", "blocked", "below held"):
        with pytest.raises(NotFound):
            access.get_comment(cast.carol, made[name].pk)
    Video.objects.filter(pk=clip.pk).update(audience="only_me")
    with pytest.raises(NotFound):
        access.get_comment(cast.carol, made["remark"].pk)
    with pytest.raises(NotFound):
        access.get_comment(cast.carol, "1")


def test_a_thread_has_its_levels_pins_and_orders(cast, talk):
    clip, made, erin = talk
    seen = access.get_video(cast.carol, clip.pk)
    assert pks(access.thread(cast.carol, seen).items) == {made["remark"].pk, made["of erin"].pk}
    assert access.thread(cast.carol, seen, parent=str(made["remark"].pk)).items == [made["answer"]]
    for parent in (made["held"], made["answer"], made["elsewhere"]):
        with pytest.raises(NotFound):
            access.thread(cast.carol, seen, parent=str(parent.pk))
    with pytest.raises(Invalid):
        access.thread(cast.carol, seen, sort="worst")
    Comment.objects.filter(pk=made["remark"].pk).update(pinned_at=timezone.now())
    assert access.thread(cast.carol, seen).items == [made["remark"], made["of erin"]]
    for number in range(25):
        Comment.objects.create(video=clip, author=erin, text=str(number))
    first = access.thread(cast.carol, seen)
    assert made["remark"] not in access.thread(cast.carol, seen, cursor=first.next_cursor).items


def test_review_lists_ones_own_clips_only(cast, talk, make_video):
    clip, made, erin = talk
    foreign = make_video(cast.bob)
    Comment.objects.create(video=foreign, author=erin, text="x", held_for="spam")
    both = Comment.objects.create(
        video=clip, author=erin, text="x", held_for="spam", hidden_at=timezone.now()
    )
    Comment.objects.create(video=clip, author=erin, text="x", held_for="spam", removed_at=timezone.now())
    Comment.objects.create(video=clip, author=cast.mallory, text="x", held_for="spam")
    assert pks(access.to_review(cast.alice, "held")) == {made["held"].pk}
    assert pks(access.to_review(cast.alice, "hidden")) == {made["hidden"].pk, both.pk}
    assert access.review_counts(cast.alice) == {"held": 1, "hidden": 2}
    assert not access.to_review(cast.alice, "held", make_video(cast.alice)).exists()
    assert not access.to_review(cast.alice, "held", foreign).exists()
    with pytest.raises(NotFound):
        access.to_review(NOBODY, "held")
    with pytest.raises(Invalid):
        access.to_review(cast.alice, "shown")
    User.objects.filter(pk=cast.dave.pk).update(is_active=False)
    assert not access.to_review(cast.alice, "held").exists()


def test_bulk_review_takes_only_what_stands_under_ones_own_clips(cast, talk, make_video):
    _clip, made, erin = talk
    foreign = Comment.objects.create(video=make_video(cast.bob), author=erin, text="x")
    chosen = [made["held"].pk, made["removed"].pk, made["site"].pk, foreign.pk]
    assert pks(access.comments_under_own(cast.alice, chosen)) == {made["held"].pk}
    assert not access.comments_under_own(NOBODY, chosen).exists()


def test_liked_comments_are_the_viewers(cast, talk):
    _clip, made, _erin = talk
    CommentLike.objects.create(comment=made["remark"], person=cast.carol)
    CommentLike.objects.create(comment=made["answer"], person=cast.dave)
    assert access.liked_comment_ids(cast.carol, [made["remark"], made["answer"]]) == {made["remark"].pk}
    assert access.liked_comment_ids(cast.carol, [made["answer"]]) == set()
    assert access.liked_comment_ids(NOBODY, [made["remark"]]) == set()


# --- Collections ----------------------------------------------------------------------------------------------------


def test_collections_are_for_their_owner_and_count_what_they_see(cast, make_video):
    shown, secret = make_video(cast.carol), make_video(cast.carol, audience="friends")
    mine = Collection.objects.create(owner=cast.bob, name="Sea")
    empty = Collection.objects.create(owner=cast.bob, name="Sky")
    theirs = Collection.objects.create(owner=cast.dave, name="Sea")
    for collection, person, clip in (
        (mine, cast.bob, shown),
        (mine, cast.bob, secret),
        (theirs, cast.dave, shown),
    ):
        save = Save.objects.get_or_create(person=person, video=clip)[0]
        CollectionItem.objects.create(collection=collection, save_row=save)
    found = {row.name: (row.clips, row.latest) for row in access.collections_of(cast.bob)}
    assert found == {"Sea": (1, shown.pk), "Sky": (0, None)}
    assert access.get_collection(cast.bob, str(mine.pk)) == mine
    assert access.get_collection(cast.bob, empty.pk) == empty
    for viewer, row_id in ((cast.bob, theirs.pk), (cast.bob, "1")):
        with pytest.raises(NotFound):
            access.get_collection(viewer, row_id)
    with pytest.raises(NotFound):
        access.collections_of(NOBODY)
    assert access.collection_clips(cast.bob, mine).items == [shown]
    assert access.collection_clips(cast.bob, empty).items == []
    assert access.collection_clips(cast.bob, theirs).items == []
    assert access.holding_ids(cast.bob, shown) == {mine.pk}
    assert access.holding_ids(cast.dave, secret) == set()
    assert access.holding_ids(NOBODY, shown) == set()
    rows = list(access.collections_of(cast.bob))
    assert {clip.pk for clip in access.covers_of(cast.bob, rows).values()} == {shown.pk}
    assert access.covers_of(cast.bob, [row for row in rows if row.name == "Sky"]) == {}


# --- Sounds and names ----------------------------------------------------------------------------------------------


def test_a_sound_is_known_by_a_published_clip_whose_owner_lets_one_in(cast, make_video):
    sound = Sound.objects.create(title="Waves", owner=cast.carol, file="a.m4a")
    library = Sound.objects.create(title="Library", file="b.m4a")
    clip = make_video(cast.carol, sound=sound)

    def hears(viewer):
        try:
            return access.get_sound(viewer, sound.pk) == sound
        except NotFound:
            return False

    assert hears(cast.dave)
    assert hears(NOBODY)
    assert access.get_sound(NOBODY, str(library.pk)) == library
    Video.objects.filter(pk=clip.pk).update(published_at=None)
    assert not hears(cast.dave)
    assert hears(cast.carol)
    Video.objects.filter(pk=clip.pk).update(published_at=timezone.now())
    privacy.update_privacy(cast.carol, is_private=True)
    other = make_video(cast.bob, sound=sound)
    assert not hears(cast.dave)
    assert not hears(NOBODY)
    assert hears(cast.alice)
    privacy.update_privacy(cast.carol, is_private=False)
    Block.objects.create(blocker=cast.carol, blocked=cast.dave)
    assert not hears(cast.dave)
    User.objects.filter(pk=cast.carol.pk).update(is_active=False)
    assert not hears(NOBODY)
    assert other.sound_id == sound.pk
    Sound.objects.filter(pk=library.pk).update(removed_at=timezone.now())
    with pytest.raises(NotFound):
        access.get_sound(NOBODY, library.pk)


def test_borrowed_sounds_are_asked_for_by_their_owners_rules(cast, make_video):
    sound = Sound.objects.create(title="Waves", owner=cast.carol, file="a.m4a")
    unasked = Sound.objects.create(title="Wind", owner=cast.carol, file="a.m4a")
    borrowed = make_video(cast.bob, sound=sound)
    own = make_video(cast.carol, sound=unasked)
    library = make_video(cast.bob, sound=Sound.objects.create(title="L"))
    silent = make_video(cast.bob)
    assert list(access.borrowed(cast.dave, [borrowed, own, library, silent])) == [sound]
    assert not access.borrowed(cast.dave, [own, library, silent]).exists()
    privacy.update_privacy(cast.carol, is_private=True)
    assert not access.borrowed(cast.dave, [borrowed]).exists()
    assert not access.borrowed(NOBODY, [borrowed]).exists()
    assert access.borrowed(cast.carol, [borrowed]).exists()


def test_a_sound_under_ones_own_draft_is_not_known_by_it(cast, make_video):
    sound = Sound.objects.create(title="Waves", owner=cast.carol, file="a.m4a")
    make_video(cast.bob, sound=sound, published_at=None)
    with pytest.raises(NotFound):
        access.get_sound(cast.bob, sound.pk)


def test_whether_a_picked_sound_may_be_used_is_known_already(cast, django_assert_num_queries):
    Sound.objects.create(title="Library", file="a.m4a")
    (picked,) = access.pick_sounds(cast.alice, "").items
    with django_assert_num_queries(0):
        assert access.may_use_sound(cast.alice, picked)


def test_usable_sounds_are_the_librarys_ones_own_and_those_open_to_all(cast, make_video):
    def sound(title, owner, **fields):
        return Sound.objects.create(title=title, owner=owner, **({"file": "a.m4a"} | fields))

    library, own = sound("Library", None), sound("Own", cast.alice)
    sound("Silent", cast.alice, file="")
    opened, circle, unused, closed = (
        sound(title, cast.carol) for title in ("Open", "Circle", "Unused", "Closed")
    )
    make_video(cast.carol, sound=opened)
    make_video(cast.carol, sound=circle, audience="friends")
    make_video(cast.carol, sound=closed, published_at=None)
    assert set(access.usable_sounds(cast.alice)) == {library, own, opened}
    assert not access.usable_sounds(NOBODY).exists()
    assert access.get_usable_sound(cast.alice, str(opened.pk)) == opened
    for refused in (circle, unused, closed):
        with pytest.raises(NotFound):
            access.get_usable_sound(cast.alice, refused.pk)
        assert not access.may_use_sound(cast.alice, refused)
    assert access.may_use_sound(cast.alice, opened)
    assert access.pick_sounds(cast.alice, "").items[0] == library
    assert access.pick_sounds(cast.alice, "ope").items == [opened]
    privacy.update_privacy(cast.carol, is_private=True)
    assert set(access.usable_sounds(cast.alice)) == {library, own}


def test_sounds_and_tags_list_their_own_published_clips(cast, make_video):
    from videos.hashtags import apply_tags

    sound = Sound.objects.create(title="Waves", owner=cast.alice)
    clip = make_video(cast.alice, sound=sound, caption="#sea")
    hidden = make_video(cast.alice, sound=sound, caption="#sea #secret", published_at=None)
    make_video(cast.alice, caption="#sky")
    make_video(cast.alice, caption="no tag")
    for row in Video.objects.all():
        apply_tags(row)
    assert list(access.sound_videos(cast.alice, sound)) == [clip]
    assert list(access.tag_videos(cast.alice, "SEA")) == [clip]
    assert not access.tag_videos(cast.alice, "nothing").exists()
    assert [row["name"] for row in access.suggest_tags(cast.alice, "se")] == ["sea"]
    assert access.suggest_tags(cast.alice, "") == []
    assert hidden.published_at is None
    assert find(cast.alice, "videos", "sea").page.items == [clip]
    assert find(cast.dave, "sounds", "wav").page.items == [sound]
    assert find(cast.dave, "sounds", "wind").page.items == []


def test_mention_suggestions_are_people_one_may_mention(cast, make_person):
    ann = make_person("carlo")
    assert {card["username"] for card in access.suggest_people(cast.alice, "@Car")} == {"carol", "carlo"}
    assert access.suggest_people(cast.alice, "car")[0]["username"] == "carol"
    assert access.suggest_people(cast.carol, "carol") == []
    for nothing in ("", "@", "a\x00", "zzz"):
        assert access.suggest_people(cast.alice, nothing) == []
    assert access.suggest_people(NOBODY, "car") == []
    privacy.update_privacy(ann, findable=False)
    privacy.update_privacy(cast.carol, findable=False)
    assert {card["username"] for card in access.suggest_people(cast.alice, "car")} == {"carol"}
    privacy.update_privacy(cast.carol, mention_audience="nobody")
    assert access.suggest_people(cast.alice, "car") == []
    assert access.suggest_people(cast.mallory, "ali") == []


def test_people_are_searched_who_allow_it(cast, make_person):
    erin = make_person("erin", display_name="Erin of the Sea")
    assert erin in access.findable_people(NOBODY)
    assert erin in access.findable_people(cast.alice)
    assert cast.alice not in access.findable_people(cast.mallory)
    User.objects.filter(pk=erin.pk).update(is_limited=True)
    assert erin not in access.findable_people(NOBODY)
    assert erin in access.findable_people(erin)
    User.objects.filter(pk=cast.carol.pk).update(is_limited=True)
    assert cast.carol in access.findable_people(cast.alice)
    assert cast.carol not in access.findable_people(cast.dave)
    User.objects.filter(pk=erin.pk).update(is_limited=False)
    privacy.update_privacy(erin, findable=False)
    assert erin not in access.findable_people(cast.alice)


def test_captions_are_those_of_the_clip_and_language(cast, make_video):
    from videos.models import Captions

    clip, other = make_video(cast.alice), make_video(cast.alice)
    Captions.objects.create(video=other, language="en", vtt="WEBVTT other")
    Captions.objects.create(video=clip, language="fr", vtt="WEBVTT fr")
    Captions.objects.create(video=clip, language="en", vtt="WEBVTT en")
    assert access.captions_text(cast.dave, clip, "EN")["vtt"] == "WEBVTT en"
    assert access.captions_text(cast.dave, clip, "fr")["vtt"] == "WEBVTT fr"
    for language in ("de", "", "../x"):
        with pytest.raises(NotFound):
            access.captions_text(cast.dave, clip, language)


def test_likes_stay_in_the_list_of_who_lets_it_be_read(cast, make_video):
    clip = make_video(cast.carol)
    Like.objects.create(person=cast.alice, video=clip)
    Like.objects.create(person=cast.bob, video=clip)
    privacy.update_privacy(cast.alice, likes_audience="public")
    assert [row.person for row in access.likes_of(cast.dave, cast.alice)] == [cast.alice]
    with pytest.raises(NotFound):
        access.likes_of(cast.dave, cast.bob)
    Video.objects.filter(pk=clip.pk).update(audience="friends")
    assert not access.likes_of(cast.dave, cast.alice).exists()


# --- What costs nothing ----------------------------------------------------------------------------------------------


def nothing(call):
    """What a read answers, taken whole; "not found" when it raises."""
    try:
        found = call()
    except NotFound:
        return "not found"
    return list(found) if hasattr(found, "query") else found


OF_NOBODY = {
    "own_videos": lambda clip, comment: access.own_videos(NOBODY),
    "saves_of": lambda clip, comment: access.saves_of(NOBODY),
    "get_upload": lambda clip, comment: access.get_upload(NOBODY, "x" * 24),
    "get_uploads": lambda clip, comment: access.get_uploads(NOBODY),
    "parts_of": lambda clip, comment: access.parts_of(NOBODY, clip),
    "stored_bytes": lambda clip, comment: access.stored_bytes(NOBODY),
    "liked_ids": lambda clip, comment: access.liked_ids(NOBODY, [clip]),
    "saved_ids": lambda clip, comment: access.saved_ids(NOBODY, [clip]),
    "may_duet": lambda clip, comment: access.may_duet(NOBODY, clip),
    "may_stitch": lambda clip, comment: access.may_stitch(NOBODY, clip),
    "may_download": lambda clip, comment: access.may_download(NOBODY, clip),
    "may_comment": lambda clip, comment: access.may_comment(NOBODY, clip),
    "to_review": lambda clip, comment: access.to_review(NOBODY, "held"),
    "liked_comment_ids": lambda clip, comment: access.liked_comment_ids(NOBODY, [comment]),
    "collections_of": lambda clip, comment: access.collections_of(NOBODY),
    "holding_ids": lambda clip, comment: access.holding_ids(NOBODY, clip),
    "usable_sounds": lambda clip, comment: access.usable_sounds(NOBODY),
    "suggest_people": lambda clip, comment: access.suggest_people(NOBODY, "a"),
    "credits_of": lambda clip, comment: access.credits_of(NOBODY, [clip]),
    "borrowed": lambda clip, comment: access.borrowed(NOBODY, [clip]),
    "covers_of": lambda clip, comment: access.covers_of(NOBODY, []),
}


@pytest.mark.parametrize("read", OF_NOBODY)
def test_what_is_a_persons_own_is_not_looked_for_when_nobody_is_there(
    cast, make_video, read, django_assert_num_queries
):
    clip = access.get_video(cast.alice, make_video(cast.alice).pk)
    comment = Comment.objects.create(video=clip, author=cast.bob, text="x")
    with django_assert_num_queries(0):
        assert nothing(lambda: OF_NOBODY[read](clip, comment)) in ("not found", [], {}, set(), 0, False)


def test_a_page_without_remixes_and_borrowed_sounds_does_not_weigh_who_may_have_them(
    cast, make_video, monkeypatch
):
    own = make_video(cast.bob, sound=Sound.objects.create(title="Waves", owner=cast.bob))
    monkeypatch.setattr(access.remixing, "visible_videos", lambda viewer: pytest.fail("nobody asked"))
    monkeypatch.setattr(access.sounds, "_may_hear", lambda viewer: pytest.fail("nobody asked"))
    assert access.credits_of(cast.dave, [own]) == {}
    assert not access.borrowed(cast.dave, [own]).exists()


def test_no_query_is_asked_for_what_cannot_be(cast, django_assert_num_queries):
    with django_assert_num_queries(0):
        for upload_id in ("../x", "", "a b"):
            assert (
                nothing(lambda upload_id=upload_id: access.get_upload(cast.alice, upload_id)) == "not found"
            )
        assert access.suggest_people(cast.alice, "a\x00") == access.suggest_tags(cast.alice, " ") == []


@pytest.mark.parametrize("row_id", ["x", "-1", "1.5", "9" * 30])
def test_what_is_no_id_is_nothing(cast, row_id):
    for read in (
        access.get_video,
        access.get_comment,
        access.get_sound,
        access.get_usable_sound,
        access.get_collection,
    ):
        with pytest.raises(NotFound):
            read(cast.alice, row_id)


def test_the_anonymous_are_not_looked_up_among_follows_and_blocks():
    for rows in (
        access.visible_videos(NOBODY),
        access.findable_sounds(NOBODY),
        access.findable_videos(NOBODY),
    ):
        assert "accounts_follow" not in str(rows.query)
        assert "privacy_block" not in str(rows.query)
        # Nor clips "of theirs": the "or" would cost the index.
        assert 'author_id" IS' not in str(rows.query)
