"""What a search finds, in which order, and what it must never show."""

import orjson
import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from privacy.actions import block
from privacy.models import Mute
from socialapp.lib.errors import Invalid
from socialapp.lib.rest import as_json
from videos.access.passed import passing
from videos.hashtags import apply_tags
from videos.models import Challenge, Preference, Sound, Tag, Video
from videos.search import indexing
from videos.search.finding import find

pytestmark = [pytest.mark.django_db, pytest.mark.engines]
NOBODY = AnonymousUser()


def captions(viewer, text, **more):
    return [video.caption for video in find(viewer, "videos", text, **more).page.items]


def names(viewer, text):
    return [person.username for person in find(viewer, "people", text).page.items]


# --- One typing error ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("caption", "asked"),
    [
        ("Dancing in the kitchen", "dnacing kitchen"),  # swapped
        ("Dancing in the kitchen", "dancing kichen"),  # missing
        ("Dancing in the kitchen", "danncing kitchen"),  # too many
        ("Dancing in the kitchen", "cancing kitchen"),  # wrong, the first
        ("Un café près de la mer", "cafa"),
        ("Прогулка у моря", "прагулка"),
        ("مرحبا بالعالم الجميل", "مرحيا"),
        ("مرحبا بالعالم الجميل", "العالم الجمل"),
        ("أغنية جديدة", "اغنيه جديد"),
        ("夜の東京タワーを歩く", "東京夕ワー"),
        ("夜の東京タワーを歩く", "京東タワー"),
        ("夜の東京タワーを歩く", "東京タアワー"),
        ("上海迪士尼乐园一日游", "迪士泥乐园"),
        ("부산 바다 여행", "바다여헹"),
        ("เที่ยวทะเลภูเก็ต", "ทะเลภูเกต"),
    ],
)
def test_a_clip_is_found_with_one_error(cast, make_video, caption, asked):
    make_video(cast.alice, caption=caption.replace("بالعالم", "العالم").replace("바다 여행", "바다여행"))
    make_video(cast.alice, caption="Something else 別の話 شيء آخر")
    found = find(NOBODY, "videos", asked)
    assert [video.caption[:3] for video in found.page.items] == [caption[:3]]


@pytest.mark.parametrize(
    ("username", "name", "asked"),
    [
        ("harbourfox", "Lena Meyer", "habrourfox"),
        ("harbourfox", "Lena Meyer", "lena mayer"),
        ("harbour.fox", "Lena Meyer", "harborfox"),
        ("fatima7", "فاطمة الزهراء", "فاطمه الزهرا"),
        ("fatima7", "محمد علي", "محمود"),
        ("tanaka8", "田中健一", "田中建一"),
        ("tanaka8", "田中健", "田中建"),
        ("minsu9", "김민수민", "김민주민"),
        ("olga5", "Ольга Соколова", "саколова"),
    ],
)
def test_a_person_is_found_with_one_error(cast, make_person, username, name, asked):
    make_person(username, display_name=name)
    assert names(cast.dave, asked) == [username]


def test_who_mistyped_is_asked_what_they_meant(cast, make_video):
    make_video(cast.alice, caption="Dancing in the kitchen")
    make_video(cast.alice, caption="夜の東京タワー")
    assert find(NOBODY, "videos", "dnacing kitchen").meant == "dancing kitchen"
    assert find(NOBODY, "videos", "東京夕ワー").meant == "東京たわー"
    assert find(NOBODY, "videos", "dancing").meant == ""
    assert find(NOBODY, "videos", "dan").meant == ""


def test_what_was_meant_is_never_a_word_of_something_hidden(cast, make_video):
    make_video(cast.alice, caption="secretplace", audience="only_me")
    found = find(cast.dave, "videos", "secretplacd")
    assert (found.page.items, found.meant) == ([], "")
    assert find(cast.alice, "videos", "secretplacd").meant == "secretplace"


def test_two_errors_and_short_words_are_not_forgiven(cast, make_video):
    make_video(cast.alice, caption="dancing sea")
    for asked in ("dnacign", "see", "dancing see", "sky"):
        assert captions(NOBODY, asked) == []


# --- Order ---------------------------------------------------------------------------------------------------------------


def test_words_as_written_come_first_then_beginnings_then_errors(cast, make_video):
    for caption, views in (("marbel", 5000), ("marbles", 900), ("marble", 0), ("marble run", 80)):
        make_video(cast.alice, caption=caption, views_count=views)
    assert captions(NOBODY, "marble") == ["marble run", "marble", "marbles", "marbel"]


def test_the_popular_come_first_then_the_newest(cast, make_video):
    for caption, views in (("sea one", 3), ("sea two", 1000), ("sea three", 3)):
        make_video(cast.alice, caption=caption, views_count=views)
    assert captions(NOBODY, "sea") == ["sea two", "sea three", "sea one"]


def test_every_word_must_occur(cast, make_video):
    make_video(cast.alice, caption="harbour at dusk")
    make_video(cast.alice, caption="harbour at noon")
    assert captions(NOBODY, "DUSK harbour") == ["harbour at dusk"]
    assert captions(NOBODY, "dus harbour") == []
    assert captions(NOBODY, "harbour dus") == ["harbour at dusk"]
    assert captions(NOBODY, "") == captions(NOBODY, "# @ …") == captions(NOBODY, "\x00") == []


def test_pages_follow_one_another_without_gap_or_repeat(cast, make_video):
    for n in range(30):
        make_video(cast.alice, caption=f"wave {n}", views_count=n % 3)
    for n in range(15):
        make_video(cast.alice, caption=f"waves {n}")
    for n in range(15):
        make_video(cast.mallory, caption=f"wave hidden {n}", audience="friends", views_count=99)
    seen, cursor = [], None
    while True:
        found = find(cast.dave, "videos", "wave", cursor)
        seen += [video.pk for video in found.page.items]
        cursor = found.page.next_cursor
        if cursor is None:
            break
        assert len(found.page.items) == 20
    assert len(seen) == len(set(seen)) == 45


@pytest.mark.parametrize("cursor", ["x", "WzEsMl0", "WyJhIiwiYiIsImMiXQ", "Wy05OSwxLDFd", "WzMsMSwxXQ"])
def test_a_cursor_of_something_else_is_refused(cast, cursor):
    with pytest.raises(Invalid):
        find(cast.dave, "videos", "sea", cursor)


# --- All kinds -------------------------------------------------------------------------------------------------------------


def test_each_kind_is_found_by_its_own_words(cast, make_video):
    from datetime import timedelta

    from django.utils import timezone

    sound = Sound.objects.create(title="Ocean Waves", artist="The Tides", owner=None)
    clip = make_video(cast.alice, caption="At last #nightswim")
    apply_tags(clip)
    now = timezone.now()
    challenge = Challenge.objects.create(
        slug="swim", tag=Tag.objects.get(), host=cast.alice, title="Night swim week", brief="Swim", starts_at=now,
        ends_at=now + timedelta(days=7), published_at=now,
    )  # fmt: skip
    assert find(NOBODY, "sounds", "tids ocean").page.items == [sound]
    assert find(NOBODY, "tags", "#nigthswim").results == [{"name": "nightswim", "url": "/tags/nightswim/"}]
    assert find(NOBODY, "tags", "night").page.items == [Tag.objects.get()]
    assert find(NOBODY, "challenges", "nihgt swim").page.items == [challenge]
    assert find(NOBODY, "people", "alcie").page.items == [cast.alice]
    Challenge.objects.update(published_at=None)
    assert find(NOBODY, "challenges", "night swim").page.items == []
    with pytest.raises(Invalid):
        find(NOBODY, "ships", "sea")


# --- The gate ----------------------------------------------------------------------------------------------------------------


def test_a_search_finds_only_what_the_gate_shows(cast, make_video):
    shown = make_video(cast.alice, caption="canary open")
    friends = make_video(cast.alice, caption="canary friends", audience="friends")
    make_video(cast.alice, caption="canary draft", state="draft", published_at=None)
    make_video(cast.alice, caption="canary removed", state="removed")
    make_video(cast.alice, caption="canary held", held_for="words")
    limited = make_video(cast.alice, caption="canary limited", is_limited=True)
    for asked in ("canary", "canar", "cannary"):
        assert find(cast.dave, "videos", asked).page.items == [shown]
        assert find(cast.mallory, "videos", asked).page.items == []
        # Made within a millisecond, so in any order.
        assert set(find(cast.carol, "videos", asked).page.items) == {limited, friends, shown}
    User.objects.filter(pk=cast.alice.pk).update(is_active=False)
    assert find(cast.carol, "videos", "canary").page.items == []


def test_people_find_what_their_feed_leaves_out(cast, make_video):
    """Muting and "not interested" are for feeds; who searches for it finds it."""
    muted = make_video(cast.bob, caption="canary muted")
    sound = Sound.objects.create(title="Hum", owner=None)
    refused = make_video(cast.alice, caption="canary refused", sound=sound)
    Mute.objects.create(muter=cast.dave, muted=cast.bob)
    for subject in ({"video": refused}, {"author": cast.alice}, {"sound": sound}):
        Preference.objects.create(person=cast.dave, stance="hide", **subject)
    assert passing(cast.dave, [muted.pk, refused.pk]) == {}
    assert find(cast.dave, "videos", "canary").page.items == [refused, muted]


def test_the_api_shows_the_cards_of_the_page(api, cast, make_video):
    open_to_all = make_video(cast.alice, caption="canary", views_count=90)
    make_video(cast.carol, caption="canary", remix_kind="duet", remix_of=open_to_all)
    make_video(cast.dave, caption="canary own")
    indexing.catch_up()
    found = find(cast.dave, "videos", "canary").results
    assert len(found) == 3
    answer = api.as_(cast.dave).get("/api/v1/search/?q=canary").json()
    assert answer == {"results": orjson.loads(as_json(found)), "next": None, "meant": ""}


def test_people_are_found_who_allow_it(cast, make_person):
    make_person("erin", display_name="Erin of the Sea", privacy={"findable": False})
    assert names(cast.dave, "erin") == names(cast.dave, "erinn") == []
    block(cast.dave, cast.bob)
    assert names(cast.dave, "bob") == names(cast.bob, "dave") == []
    assert names(cast.mallory, "alice") == []


def test_a_page_is_full_though_much_before_it_is_hidden(cast, make_video):
    """The gate lets hardly anything through: the walk goes on instead of showing a short page."""
    from django.utils import timezone

    Video.objects.bulk_create(
        Video(author=cast.alice, caption="tide", audience="only_me", state="ready", playlist="m", views_count=10**6,
              folder=f"f{n}", published_at=timezone.now())
        for n in range(400)
    )  # fmt: skip
    for n in range(25):
        make_video(cast.bob, caption=f"tide {n}")
    first = find(cast.dave, "videos", "tide")
    assert len(first.page.items) == 20
    assert len(find(cast.dave, "videos", "tide", first.page.next_cursor).page.items) == 5


def test_a_search_costs_few_queries(cast, make_video, django_assert_num_queries, settings):
    for n in range(40):
        make_video(cast.alice, caption=f"dance {n}")
    captions(NOBODY, "dance")
    settings.SEARCH_IN_BACKGROUND = True
    with django_assert_num_queries(3):  # words, matches, the gate with all that the cards say
        find(cast.dave, "videos", "dance")
