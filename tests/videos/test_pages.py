"""The pages of clips: whole, as fragments, for visitors and for their owners; captions that carry no script."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from videos import actions
from videos.text import tokens

pytestmark = pytest.mark.django_db


@pytest.fixture
def clip(cast, make_video):
    return make_video(cast.alice, caption="Harbour at #dusk")


def test_visitors_watch_the_front_page(browser, clip):
    answer = browser.get("/")
    assert answer.status_code == 200
    assert [card["id"] for card in answer.context["cards"]] == [str(clip.pk)]
    assert answer.context["source"] == "for_you"


def test_a_fragment_is_only_the_next_cards(browser, cast, make_video):
    for _n in range(25):
        make_video(cast.alice)
    whole = browser.get("/")
    piece = browser.get("/", {"cursor": whole.context["next_cursor"], "fragment": 1})
    assert len(whole.context["cards"]) == 20
    assert len(piece.context["cards"]) == 5
    assert piece.context["fragment"]
    assert "<html" not in piece.content.decode()
    seen = {card["id"] for card in [*whole.context["cards"], *piece.context["cards"]]}
    assert len(seen) == 25


@pytest.mark.parametrize("address", ["/following/", "/friends/", "/upload/", "/studio/"])
def test_ones_own_pages_ask_to_log_in_and_come_back(browser, cast, address):
    answer = browser.get(address)
    assert answer.status_code == 302
    assert answer["Location"] == f"/accounts/login/?next={address}"
    assert browser.as_(cast.bob).get(address).status_code == 200


@pytest.mark.parametrize(
    "address", ["/", "/explore/", "/search/", "/search/?q=harbour", "/search/?q=ali&type=people", "/search/?q=du&type=tags",
                "/search/?q=x&type=sounds", "/tags/dusk/", "/tags/unheard/", "/@alice/"]
)  # fmt: skip
def test_public_pages_open_for_everybody(browser, cast, clip, address):
    for person in (browser, browser.as_(cast.bob), browser.as_(cast.mod)):
        assert person.get(address).status_code == 200


@pytest.mark.parametrize("address", ["/", "/explore/", "/search/?q=harbour", "/tags/dusk/"])
def test_public_pages_are_without_the_clips_of_who_blocked_one(browser, cast, clip, address):
    assert "Harbour" not in browser.as_(cast.mallory).get(address).content.decode()
    assert browser.as_(cast.mallory).get("/@alice/").status_code == 404


def test_a_clips_page_has_a_link_preview_only_when_public(browser, cast, make_video):
    public, friends = (
        make_video(cast.alice, caption="Everybody"),
        make_video(cast.alice, caption="Canary", audience="friends"),
    )
    page = browser.get(f"/@alice/video/{public.pk}/")
    assert page.context["preview"]
    assert 'property="og:title"' in page.content.decode()
    page = browser.as_(cast.carol).get(f"/@alice/video/{friends.pk}/")
    assert not page.context["preview"]
    assert "og:" not in page.content.decode()
    refused = browser.get(f"/@alice/video/{friends.pk}/")
    assert refused.status_code == 404
    assert "Canary" not in refused.content.decode()


def test_a_wrong_name_in_a_clips_address_leads_to_the_right_one(browser, cast, clip):
    for name in ("bob", "ALICE", "nobody"):
        assert browser.get(f"/@{name}/video/{clip.pk}/")["Location"] == f"/@alice/video/{clip.pk}/"
    assert browser.as_(cast.mallory).get(f"/@bob/video/{clip.pk}/").status_code == 404


def test_a_clips_page_goes_on_with_other_clips(browser, clip, make_video, cast):
    other = make_video(cast.bob)
    page = browser.get(f"/@alice/video/{clip.pk}/")
    cursor, seen = page.context["next_cursor"], []
    while cursor:
        piece = browser.get(f"/@alice/video/{clip.pk}/", {"cursor": cursor, "fragment": 1})
        seen += [card["id"] for card in piece.context["cards"]]
        cursor = piece.context["next_cursor"]
    assert seen == [str(other.pk)]


def test_comments_come_as_a_piece_of_html(browser, cast, clip):
    said = actions.comment(cast.bob, clip, "Hello <script>alert(1)</script> @carol")
    answer = browser.get(f"/@alice/video/{clip.pk}/comments/")
    text = answer.content.decode()
    assert [comment["id"] for comment in answer.context["comments"]] == [str(said.pk)]
    assert "<script>alert" not in text
    assert 'href="/@carol/"' in text
    assert "<html" not in text
    assert browser.get(f"/@bob/video/{clip.pk}/comments/").status_code == 404
    assert browser.as_(cast.mallory).get(f"/@alice/video/{clip.pk}/comments/").status_code == 404
    assert browser.get(f"/@alice/video/{clip.pk}/comments/", {"parent": said.pk}).status_code == 200


def test_a_profile_shows_clips_likes_and_saves_to_whom_it_should(browser, cast, clip, make_video):
    liked, saved = make_video(cast.carol), make_video(cast.carol)
    actions.like(cast.alice, liked)
    actions.save(cast.alice, saved)

    def ids(person, tab):
        answer = (browser.as_(person) if person else browser).get("/@alice/", {"tab": tab})
        return (
            answer.status_code
            if answer.status_code != 200
            else [card["id"] for card in answer.context["cards"]]
        )

    assert ids(None, "clips") == [str(clip.pk)]
    assert ids(cast.alice, "liked") == [str(liked.pk)]
    assert ids(cast.alice, "saved") == [str(saved.pk)]
    assert ids(cast.bob, "liked") == ids(cast.bob, "saved") == ids(cast.bob, "nonsense") == 404
    cast.alice.privacy.likes_audience = "followers"
    cast.alice.privacy.save()
    assert ids(cast.bob, "liked") == [str(liked.pk)]
    assert ids(cast.dave, "liked") == 404


def test_a_profile_in_other_letters_leads_to_the_real_one(browser, cast):
    assert browser.get("/@ALICE/")["Location"] == "/@alice/"
    assert browser.get("/@nobody/").status_code == 404


def test_a_private_profile_opens_without_its_clips(browser, cast, clip):
    cast.alice.privacy.is_private = True
    cast.alice.privacy.save()
    answer = browser.as_(cast.dave).get("/@alice/")
    assert answer.status_code == 200
    assert answer.context["cards"] == []
    assert len(browser.as_(cast.bob).get("/@alice/").context["cards"]) == 1


def test_the_studio_shows_ones_clips_in_every_state(browser, cast, make_video):
    for state in ("ready", "processing", "failed", "draft", "removed"):
        make_video(cast.alice, state=state, error_code="no_video" if state == "failed" else "")
    answer = browser.as_(cast.alice).get("/studio/")
    assert {card["state"] for card in answer.context["cards"]} == {"ready", "processing", "failed", "draft"}
    assert browser.as_(cast.bob).get("/studio/").context["cards"] == []


def test_a_sounds_page_needs_a_clip_one_sees(browser, cast, make_video):
    from videos.models import Sound

    sound = Sound.objects.create(title="Waves", owner=cast.alice)
    make_video(cast.alice, sound=sound, audience="friends")
    assert browser.as_(cast.carol).get(f"/sounds/{sound.pk}/").status_code == 200
    assert browser.as_(cast.dave).get(f"/sounds/{sound.pk}/").status_code == 404


def test_pages_take_no_posts(browser, cast):
    assert browser.as_(cast.bob).post("/").status_code == 405


def test_a_page_of_the_feed_costs_six_queries_and_the_badges(
    browser, cast, make_video, django_assert_max_num_queries
):
    for _n in range(30):
        make_video(cast.carol)
    client = browser.as_(cast.bob)
    client.get("/explore/")
    # The six of the feed (test_feed.py) and up to three of messaging's badges in the page's frame.
    with django_assert_max_num_queries(9):
        client.get("/")


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("plain", ["text"]),
        ("#a b", ["tag", "text"]),
        ("a@b.c", ["text"]),
        ("https://x.y/#frag", ["text"]),
        ("#1", ["text"]),
        ("(@bob, #été!)", ["text", "mention", "text", "tag", "text"]),
        ("#سلام #日本語 #हिन्दी", ["tag", "text", "tag", "text", "tag"]),
        ("##x #", ["text", "text"]),
        ("", []),
    ],
)
def test_text_is_cut_into_runs_that_join_again(text, kinds):
    found = tokens(text)
    assert "".join(token.text for token in found) == text
    assert [token.kind for token in found] == kinds or (
        text == "##x #" and {t.kind for t in found} == {"text"}
    )


@pytest.mark.parametrize(
    "payload",
    [
        "<script>1</script>",
        '"><img src=x onerror=1>',
        "#<b>",
        "@x'onclick=1",
        "&#60;script&#62;",
        "javascript:1 #ok",
    ],
)
def test_rich_text_carries_no_markup_of_its_writer(payload):
    from videos.templatetags.text import rich

    html = rich(payload)
    assert "<script" not in html
    assert "<img" not in html
    assert "<b>" not in html
    assert "&#60;" not in html


# --- The studio, one clip in it, sounds ---------------------------------------------------------------------------------


@pytest.fixture
def shelf(cast, make_video):
    """A clip of alice's in every state that the studio tells apart, by its kind."""
    soon = timezone.now() + timedelta(days=1)
    return {
        "live": make_video(cast.alice, caption="live one"),
        "scheduled": make_video(cast.alice, state="draft", publish_at=soon, published_at=None),
        "draft": make_video(cast.alice, state="draft", published_at=None),
        "processing": make_video(cast.alice, state="processing", published_at=None, playlist=""),
        "failed": make_video(
            cast.alice, state="failed", error_code="no_video", published_at=None, playlist=""
        ),
    }


def test_the_studio_narrows_its_list_to_a_kind_and_counts_each(browser, cast, shelf):
    client = browser.as_(cast.alice)
    for kind, clip in shelf.items():
        answer = client.get("/studio/", {"state": kind})
        assert [card["id"] for card in answer.context["cards"]] == [str(clip.pk)]
    tabs = {tab["kind"]: tab["count"] for tab in client.get("/studio/").context["kinds"]}
    assert tabs == {"": 5, **dict.fromkeys(shelf, 1)}
    assert len(client.get("/studio/", {"state": "nonsense"}).context["cards"]) == 5


@pytest.mark.parametrize(
    ("kind", "acts"),
    [
        ("live", {"delete"}),
        ("scheduled", {"publish", "schedule", "delete"}),
        ("draft", {"publish", "schedule", "delete"}),
        ("processing", {"delete"}),
        ("failed", {"retry", "delete"}),
    ],
)
def test_each_state_offers_what_can_be_done_about_it(browser, cast, shelf, kind, acts):
    page = browser.as_(cast.alice).get("/studio/", {"state": kind}).content.decode()
    assert set(re.findall(r'data-do="(\w+)"', page)) == acts
    assert f"/studio/videos/{shelf[kind].pk}/edit/" in page


def test_one_row_of_the_studio_is_drawn_again_by_itself(browser, cast, shelf):
    client = browser.as_(cast.alice)
    answer = client.get("/studio/", {"fragment": 1, "only": shelf["draft"].pk})
    assert [card["id"] for card in answer.context["cards"]] == [str(shelf["draft"].pk)]
    assert client.get("/studio/", {"fragment": 1, "only": "x"}).context["cards"] == []


def test_a_clip_whose_file_still_travels_leads_back_to_its_upload(browser, cast, shelf):
    from videos.models import Transcode

    Transcode.objects.create(video=shelf["processing"], state=Transcode.State.EXPECTED)
    answer = browser.as_(cast.alice).get("/studio/", {"state": "processing"})
    assert answer.context["cards"][0]["progress"] == {"stage": "upload", "percent": 0}
    assert '<a href="/upload/">Go on with the upload</a>' in answer.content.decode()


def test_the_studio_costs_as_much_for_many_clips_as_for_few(
    browser, cast, make_video, django_assert_max_num_queries
):
    for n in range(20):
        make_video(cast.alice, state="draft" if n % 2 else "ready")
    client = browser.as_(cast.alice)
    client.get("/explore/")
    # Session and person (2), clips, renditions, likes and saves, ties, progress (5), counts of kinds (1), badges (3).
    with django_assert_max_num_queries(11):
        client.get("/studio/")


def test_a_clips_own_page_in_the_studio_is_its_authors_alone(browser, cast, shelf):
    for clip in shelf.values():
        assert browser.as_(cast.alice).get(f"/studio/videos/{clip.pk}/edit/").status_code == 200
    live = shelf["live"].pk
    for person in (cast.bob, cast.carol, cast.mod, cast.mallory):
        assert browser.as_(person).get(f"/studio/videos/{live}/edit/").status_code == 404
    assert browser.get(f"/studio/videos/{live}/edit/").status_code == 302


def test_the_studio_page_of_a_clip_shows_its_settings_and_remixes(
    browser, cast, shelf, make_video, django_assert_max_num_queries
):
    live = shelf["live"]
    type(live).objects.filter(pk=live.pk).update(
        duet="friends",
        is_ai_made=True,
        captions_tracks=[{"language": "fr", "name": "c-fr.vtt", "automatic": False}],
    )
    make_video(cast.bob, remix_kind="duet", remix_of=live, caption="beside her")
    make_video(cast.bob, remix_kind="stitch", remix_of=live, audience="only_me", caption="canary")
    client = browser.as_(cast.alice)
    client.get("/explore/")
    # Session and person (2), the clip (1) and its card (3), its remixes (1) and their cards (4, with the credit), badges (3).
    with django_assert_max_num_queries(14):
        page = client.get(f"/studio/videos/{live.pk}/edit/").content.decode()
    assert re.search(r'<option value="friends" selected>', page.split('name="duet"')[1].split("</select>")[0])
    assert re.search(r'value="ai"\s+checked', page)
    assert 'data-language="fr"' in page
    assert "beside her" in page
    assert "canary" not in page
    assert 'name="publish_at"' not in page  # it is out already


def test_a_draft_can_be_scheduled_on_its_page_and_a_clip_that_does_not_play_has_no_captions_yet(
    browser, cast, shelf
):
    client = browser.as_(cast.alice)
    assert 'name="publish_at"' in client.get(f"/studio/videos/{shelf['draft'].pk}/edit/").content.decode()
    page = client.get(f"/studio/videos/{shelf['processing'].pk}/edit/").content.decode()
    assert "captions-editor" not in page
    assert "cover-picker" not in page


def test_a_sounds_page_plays_it_and_offers_what_the_viewer_may_do(browser, cast, make_video):
    from videos.models import Sound

    sound = Sound.objects.create(
        title="Waves", owner=cast.alice, file="sound.m4a", peaks=[10, 100, 40], duration_ms=2000
    )
    make_video(cast.alice, sound=sound)
    address = f"/sounds/{sound.pk}/"
    mine, theirs, visitor = (
        c.get(address).content.decode() for c in (browser.as_(cast.alice), browser.as_(cast.dave), browser)
    )
    for page in (mine, theirs, visitor):
        assert "sound.m4a" in page
        assert f"/upload/?sound={sound.pk}" in page
        assert '<path d="M' in page
    assert 'data-do="rename"' in mine
    assert 'data-do="report"' in theirs
    assert 'data-do="rename"' not in theirs


def test_a_sound_of_a_circle_is_heard_there_and_used_by_nobody_else(browser, cast, make_video):
    from videos.models import Sound

    sound = Sound.objects.create(title="Secret", owner=cast.alice, file="sound.m4a")
    make_video(cast.alice, sound=sound, audience="friends")
    assert "Use this sound" not in browser.as_(cast.carol).get(f"/sounds/{sound.pk}/").content.decode()
    assert "Use this sound" in browser.as_(cast.alice).get(f"/sounds/{sound.pk}/").content.decode()


def test_a_tags_page_invites_to_join(browser, cast, clip):
    assert 'href="/upload/?tag=dusk"' in browser.get("/tags/dusk/").content.decode()


# --- What stands on a clip ------------------------------------------------------------------------------------------------


def test_a_remix_names_the_clip_it_answers_only_to_whom_sees_that_clip(browser, cast, make_video):
    circle = make_video(cast.alice, audience="friends", caption="canary")
    duet = make_video(cast.carol, remix_kind="duet", remix_of=circle, caption="mine")
    address = f"/@carol/video/{duet.pk}/"
    friend, stranger = (
        browser.as_(person).get(address).content.decode() for person in (cast.alice, cast.dave)
    )
    assert "Duet with @alice" in friend
    assert circle.get_absolute_url() in friend
    assert "Duet with a clip that is not here" in stranger
    assert str(circle.pk) not in stranger
    assert "canary" not in stranger


def test_labels_and_a_product_are_on_the_stage(browser, cast, make_person, make_video):
    shop = make_person("shop", is_business=True)
    clip = make_video(
        shop,
        is_ai_made=True,
        is_paid_partnership=True,
        product_title="A mug",
        product_url="https://shop.example/mug?a=1&b=2",
    )
    page = browser.get(f"/@shop/video/{clip.pk}/").content.decode()
    assert "Made with AI" in page
    assert "Paid partnership" in page
    assert 'href="https://shop.example/mug?a=1&amp;b=2"' in page
    assert "nofollow noopener" in page


def test_a_sensitive_clip_hides_its_picture_in_feeds_and_grids_but_not_from_its_author(
    browser, cast, make_video
):
    clip = make_video(cast.alice, is_sensitive=True)
    page = browser.get(clip.get_absolute_url()).content.decode()
    video = re.search(r"<video.*?</video>", page, re.S)[0]
    assert "data-veiled" in page
    assert "src=" not in video
    tile = browser.get("/explore/").content.decode()
    assert "cover.webp" not in tile
    share = browser.as_(cast.bob).get("/messages/share/", {"video": clip.pk})
    assert "cover.webp" not in share.content.decode()
    own = browser.as_(cast.alice).get(clip.get_absolute_url()).content.decode()
    assert "data-veiled" not in own
    assert "Sensitive" in own


def test_the_options_know_what_a_viewer_may_do(browser, cast, make_video):
    clip = make_video(cast.alice, duet="friends", stitch="nobody", download="everyone")

    def may(person):
        page = (browser.as_(person) if person else browser).get(clip.get_absolute_url()).content.decode()
        return set(re.search(r'data-may="([^"]*)"', page)[1].split())

    assert may(cast.carol) == {"duet", "download", "invite"}
    assert may(cast.dave) == {"download", "invite"}
    assert may(cast.alice) == {"duet", "stitch", "download", "invite"}
    assert may(None) == set()


def test_a_waveform_is_one_path_of_at_most_eighty_strokes():
    from socialapp.templatetags.look import waveform

    assert waveform([]) == waveform(None) == ""
    assert waveform([0, 100]) == "M25.00 19.4V20.6M75.00 1.0V39.0"
    assert waveform(list(range(100)) * 10).count("M") == 80
