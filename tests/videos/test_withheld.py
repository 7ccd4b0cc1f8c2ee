"""Whether what a clip is made of is still open to its author: check by check. What becomes of such a clip is in test_remixing."""

import pytest

from privacy import actions as privacy
from videos import access
from videos.models import Sound, Video

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(cast, make_video):
    """A clip of alice, made before and after others that anybody may remix."""
    make_video(cast.carol)
    clip = make_video(cast.alice)
    make_video(cast.carol)
    return clip


@pytest.fixture
def draft(cast, make_video):
    def draft(**fields):
        return make_video(cast.bob, published_at=None, **fields)

    return draft


def test_a_clip_that_uses_nothing_of_others_asks_nothing(draft, django_assert_num_queries):
    clip = draft()
    with django_assert_num_queries(0):
        assert access.closed(clip) == ""


@pytest.mark.parametrize(("kind", "other"), [("duet", "stitch"), ("stitch", "duet")])
def test_a_remix_asks_for_its_own_source_and_its_own_kind(source, draft, kind, other):
    remix = draft(remix_kind=kind, remix_of=source)
    assert access.closed(remix) == ""
    Video.objects.filter(pk=source.pk).update(**{other: "nobody"})
    assert access.closed(remix) == ""
    Video.objects.filter(pk=source.pk).update(**{kind: "nobody"})
    assert access.closed(remix) == "remix_closed"


@pytest.mark.parametrize("kind", ["duet", "stitch"])
def test_a_remix_whose_source_is_hidden_or_gone_is_closed(source, draft, kind):
    remix = draft(remix_kind=kind, remix_of=source)
    Video.objects.filter(pk=source.pk).update(audience="only_me")
    assert access.closed(remix) == "remix_closed"
    Video.objects.filter(pk=source.pk).update(audience="public", published_at=None)
    assert access.closed(remix) == "remix_closed"
    assert access.closed(draft(remix_kind=kind)) == "remix_closed"


def test_a_sound_is_asked_for_by_itself(cast, make_video, draft):
    Sound.objects.create(title="Library", file="a.m4a")
    sound = Sound.objects.create(title="Waves", owner=cast.carol, file="b.m4a")
    make_video(cast.carol, sound=sound)
    clip = draft(edit={"sound": {"id": str(sound.pk)}})
    assert access.closed(clip) == ""
    privacy.update_privacy(cast.carol, is_private=True)
    assert access.closed(clip) == "sound_gone"


def test_a_remix_with_a_sound_needs_both(cast, source, draft):
    library = Sound.objects.create(title="Library", file="a.m4a")
    remix = draft(remix_kind="duet", remix_of=source, edit={"sound": {"id": str(library.pk)}})
    assert access.closed(remix) == ""
    Sound.objects.filter(pk=library.pk).update(file="")
    assert access.closed(remix) == "sound_gone"
    assert access.closed(draft(remix_kind="duet", remix_of=source)) == ""


def test_what_has_appeared_once_is_not_withheld(cast, source, make_video):
    remix = make_video(cast.bob, remix_kind="duet", remix_of=source)
    Video.objects.filter(pk=source.pk).update(audience="only_me")
    assert access.withheld(remix) == ""
    remix.published_at = None
    assert access.withheld(remix) == "remix_closed"
