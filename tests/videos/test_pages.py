"""The pages of clips: whole, as fragments, for visitors and for their owners; captions that carry no script."""

import pytest

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
