"""View my profile as…: what the rules table draws is what people who really stand so are given."""

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.access import may_see
from privacy import actions
from privacy.rules import Audience, Deed, Relation, Verdict
from socialapp.lib.errors import NotFound, NotSignedIn
from videos import access, onlooker

pytestmark = pytest.mark.django_db

SETTINGS = [
    {},
    {"is_private": True},
    {"followers_audience": "friends", "likes_audience": "public", "message_audience": "friends"},
    {
        "is_private": True,
        "likes_audience": "public",
        "download_audience": "following",
        "friends_audience": "only_me",
    },
    {"comment_audience": "friends", "duet_audience": "friends", "stitch_audience": "nobody"},
]


@pytest.fixture
def clips(cast, make_video):
    made = [make_video(cast.alice, audience=audience) for audience in Audience]
    made += [make_video(cast.alice, state=state) for state in ("draft", "failed", "removed", "processing")]
    made += [
        make_video(cast.alice, published_at=None),
        make_video(cast.alice, playlist=""),
        make_video(cast.alice, held_for="term"),
        make_video(cast.bob),
    ]
    return made


@pytest.mark.parametrize("wishes", SETTINGS)
def test_it_shows_what_they_really_get(cast, clips, wishes):
    actions.update_privacy(cast.alice, **wishes)
    real = {"anonymous": AnonymousUser(), "stranger": cast.dave, "follower": cast.bob, "friend": cast.carol}
    for relation, person in real.items():
        seen = onlooker.as_seen_by(cast.alice, relation)
        assert set(seen.clips) == set(access.videos_of(person, cast.alice))
        assert seen.lists == {name: may_see(person, cast.alice, name) for name in onlooker.LISTS}
        for clip in access.with_people(seen.clips.filter(audience="public")):
            assert (seen.may[Deed.COMMENT] == Verdict.YES) == access.may_comment(person, clip)
            assert (seen.may[Deed.DUET] == Verdict.YES) == access.may_duet(person, clip)
            assert (seen.may[Deed.STITCH] == Verdict.YES) == access.may_stitch(person, clip)
            assert (seen.may[Deed.DOWNLOAD] == Verdict.YES) == access.may_download(person, clip)


def test_a_message_may_be_a_request(cast):
    actions.update_privacy(cast.alice, message_audience="friends")
    assert onlooker.as_seen_by(cast.alice, "follower").may[Deed.MESSAGE] == Verdict.REQUEST
    texts = {
        line["text"]: line["open"] for line in onlooker.sentences(onlooker.as_seen_by(cast.alice, "follower"))
    }
    assert texts["Writes to you; it waits under Requests"]
    assert onlooker.as_seen_by(cast.alice, "friend").may[Deed.MESSAGE] == Verdict.YES


@pytest.mark.parametrize("relation", ["self", "blocked", "pending", "nonsense", ""])
def test_other_relations_have_no_page(cast, relation):
    with pytest.raises(NotFound):
        onlooker.as_seen_by(cast.alice, relation)


def test_it_needs_a_log_in(browser):
    with pytest.raises(NotSignedIn):
        onlooker.as_seen_by(AnonymousUser(), Relation.STRANGER)
    assert browser.get("/settings/privacy/as/stranger/").status_code == 302


@pytest.mark.parametrize("relation", onlooker.ONLOOKERS)
def test_the_page_opens_for_each(browser, cast, clips, relation):
    actions.update_privacy(cast.alice, is_private=True)
    answer = browser.as_(cast.alice).get(f"/settings/privacy/as/{relation}/")
    assert answer.status_code == 200
    private = "They see that your account is private" in answer.content.decode()
    assert private == (relation in ("anonymous", "stranger"))
