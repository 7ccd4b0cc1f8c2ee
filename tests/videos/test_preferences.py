"""What people tell their feeds about clips, authors, sounds and tags: who may, what it replaces, how it is taken back."""

import threading

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection

from privacy.models import Block
from socialapp.lib.errors import Invalid, NotFound, NotSignedIn, TooMany
from videos import access, actions, feed, signals
from videos.hashtags import apply_tags
from videos.models import Preference, Sound, Tag

STANCES = ("more", "less", "hide")


@pytest.fixture
def clip(cast, make_video):
    """alice's public clip with a sound and the tag "sea"."""
    sound = Sound.objects.create(owner=cast.alice, title="Waves")
    video = make_video(cast.alice, caption="Morning #sea", sound=sound)
    apply_tags(video)
    return video


def things(clip):
    return {
        "video": clip,
        "author": clip.author,
        "sound": clip.sound,
        "tag": Tag.objects.get(name="sea"),
    }


@pytest.mark.engines
@pytest.mark.django_db
@pytest.mark.parametrize("stance", STANCES)
@pytest.mark.parametrize("about", ["video", "author", "sound", "tag"])
def test_each_can_be_said_of_each(cast, clip, stance, about):
    row = actions.prefer(cast.dave, stance, **{about: things(clip)[about]})
    kept = Preference.objects.get()
    assert (kept.pk, kept.person, kept.stance) == (row.pk, cast.dave, stance)
    assert getattr(kept, about) == things(clip)[about]


@pytest.mark.engines
@pytest.mark.django_db
def test_the_last_word_about_a_thing_holds_and_keeps_its_id(cast, clip):
    first = actions.prefer(cast.dave, "more", video=clip)
    second = actions.prefer(cast.dave, "hide", video=clip)
    assert (Preference.objects.count(), first.pk, second.stance) == (1, second.pk, "hide")


@pytest.mark.engines
@pytest.mark.django_db
def test_an_undo_brings_back_the_word_that_stood_before(cast, clip):
    first = actions.prefer(cast.dave, "more", author=clip.author)
    second = actions.prefer(cast.dave, "hide", author=clip.author)
    assert (first.before, second.before) == ("", "more")
    Block.objects.create(blocker=cast.alice, blocked=cast.dave)  # as well when the thing is hidden by now
    actions.forget_preference(cast.dave, second.pk, back_to=second.before)
    assert Preference.objects.get().stance == "more"
    actions.forget_preference(cast.dave, first.pk, back_to=first.before)
    assert not Preference.objects.exists()


@pytest.mark.django_db
def test_an_undo_is_refused_for_no_stance_and_for_what_is_anothers(cast, clip):
    row = actions.prefer(cast.dave, "more", video=clip)
    with pytest.raises(Invalid):
        actions.forget_preference(cast.dave, row.pk, back_to="never")
    with pytest.raises(NotFound):
        actions.forget_preference(cast.carol, row.pk, back_to="less")
    assert Preference.objects.get().stance == "more"


@pytest.mark.django_db
def test_exactly_one_thing_is_named(cast, clip):
    for given in ({}, {"video": clip, "author": cast.alice}):
        with pytest.raises(Invalid):
            actions.prefer(cast.dave, "more", **given)
        with pytest.raises(Invalid):
            actions.take_back(cast.dave, "more", **given)


@pytest.mark.django_db
def test_an_unknown_stance_is_refused(cast, clip):
    with pytest.raises(Invalid):
        actions.prefer(cast.dave, "never", video=clip)


@pytest.mark.django_db
def test_nobody_says_it_of_themselves(cast):
    with pytest.raises(Invalid):
        actions.prefer(cast.dave, "more", author=cast.dave)


@pytest.mark.django_db
def test_visitors_must_log_in(clip):
    nobody = AnonymousUser()
    for deed in (
        lambda: actions.prefer(nobody, "more", video=clip),
        lambda: actions.take_back(nobody, "more", video=clip),
        lambda: actions.forget_preference(nobody, 1),
        lambda: actions.change_feed(nobody, personal=False),
        lambda: actions.start_over(nobody),
    ):
        with pytest.raises(NotSignedIn):
            deed()


@pytest.mark.engines
@pytest.mark.django_db
@pytest.mark.parametrize("about", ["video", "author", "sound", "tag"])
def test_what_one_does_not_see_takes_no_word(cast, clip, about):
    with pytest.raises(NotFound):
        actions.prefer(cast.mallory, "hide", **{about: things(clip)[about]})
    assert not Preference.objects.exists()


@pytest.mark.engines
@pytest.mark.django_db
@pytest.mark.parametrize("about", ["video", "author", "sound", "tag"])
def test_it_can_be_taken_back_after_the_thing_was_hidden(cast, clip, about):
    thing = things(clip)[about]
    actions.prefer(cast.dave, "hide", **{about: thing})
    Block.objects.create(blocker=cast.alice, blocked=cast.dave)
    actions.take_back(cast.dave, "hide", **{about: thing})
    assert not Preference.objects.exists()


@pytest.mark.django_db
def test_taking_back_one_word_leaves_another(cast, clip):
    actions.prefer(cast.dave, "more", video=clip)
    actions.interested(cast.dave, clip)
    assert Preference.objects.get().stance == "more"


@pytest.mark.django_db
def test_only_ones_own_word_is_forgotten(cast, clip):
    row = actions.prefer(cast.dave, "more", video=clip)
    with pytest.raises(NotFound):
        actions.forget_preference(cast.bob, row.pk)
    actions.forget_preference(cast.dave, str(row.pk))
    with pytest.raises(NotFound):
        actions.forget_preference(cast.dave, row.pk)


@pytest.mark.django_db
def test_nobody_sees_what_others_said(cast, clip):
    actions.prefer(cast.dave, "more", video=clip)
    assert not access.preferences_of(cast.alice).exists()
    assert not access.preferences_of(AnonymousUser()).exists()
    assert access.preferences_of(cast.dave).count() == 1


@pytest.mark.django_db
def test_words_are_limited(cast, clip, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "like": "2/60"}
    actions.prefer(cast.dave, "more", video=clip)
    actions.prefer(cast.dave, "less", video=clip)
    with pytest.raises(TooMany):
        actions.prefer(cast.dave, "more", video=clip)


@pytest.mark.django_db
def test_the_feed_is_told_after_the_commit(cast, clip, django_capture_on_commit_callbacks):
    told = []

    def hear(sender, person_id, **_facts):
        told.append(person_id)

    signals.feed_changed.connect(hear)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            row = actions.prefer(cast.dave, "more", video=clip)
            assert told == []
        with django_capture_on_commit_callbacks(execute=True):
            actions.forget_preference(cast.dave, row.pk)
            actions.take_back(cast.dave, "more", video=clip)  # nothing left to take back
    finally:
        signals.feed_changed.disconnect(hear)
    assert told == [cast.dave.pk, cast.dave.pk]


@pytest.mark.engines
@pytest.mark.django_db
@pytest.mark.parametrize("about", ["video", "author", "sound", "tag"])
def test_what_is_hidden_leaves_the_next_page_and_comes_back_with_the_undo(cast, clip, about):
    row = actions.prefer(cast.dave, "hide", **{about: things(clip)[about]})
    assert clip not in feed.for_you(cast.dave).items
    actions.forget_preference(cast.dave, row.pk)
    assert clip in feed.for_you(cast.dave).items


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_the_same_word_twice_at_once_is_one_row(cast, clip):
    wrong = []

    def say(stance):
        try:
            actions.prefer(cast.dave, stance, video=clip)
        except Exception as error:
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=say, args=[stance]) for stance in STANCES]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (wrong, Preference.objects.count()) == ([], 1)
