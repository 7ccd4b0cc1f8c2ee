"""A notification asks the gate again each time it is shown: what was told once may be hidden by now."""

import pytest
from django.utils import timezone

from messaging import access
from messaging.models import Notification, NotificationActor

from .secrets_kept import PEOPLE


def test_the_list_the_page_and_the_number_agree_and_tell_nothing(secrets, api, browser):
    assert api.as_(secrets.people["suspended"]).get("/api/v1/notifications/").status_code == 401
    leaks = {}
    for kind in PEOPLE:
        if kind == "suspended":
            continue
        person = secrets.people[kind]
        client, cards, url = api.as_(person), [], "/api/v1/notifications/"
        texts = [browser.as_(person).get("/inbox/").content.decode()]
        while url:
            answer = client.get(url)
            texts.append(answer.content.decode())
            cards += answer.json()["results"]
            url = answer.json()["next"]
        if found := secrets.found(kind, "\n".join(texts)):
            leaks[kind] = found
        unread = sum(not card["read"] for card in cards)
        assert access.badges(person)["notifications"] == min(unread, access.BADGE_LIMIT), kind
    assert leaks == {}


@pytest.fixture
def told(cast, make_video):
    """bob is told that carol answered him under a followers' clip of alice's."""
    from videos.models import Comment

    clip = make_video(cast.alice, audience="followers", caption="canary-clip")
    asked = Comment.objects.create(video=clip, author=cast.bob, text="canary-question")
    said = Comment.objects.create(video=clip, author=cast.carol, text="canary-answer", parent=asked)
    row = Notification.objects.create(
        recipient=cast.bob, kind="reply", group_key="r", actor=cast.carol, video=clip, comment=said
    )
    NotificationActor.objects.create(notification=row, person=cast.carol, comment=said)
    return row


def block(one, other):
    from privacy.actions import block as shut_out

    shut_out(one, other)


HIDING = {
    "the clip is for nobody now": lambda c, n: change(n.video, audience="only_me"),
    "the clip is for friends now": lambda c, n: change(n.video, audience="friends"),
    "the clip is a draft again": lambda c, n: change(n.video, state="draft", published_at=None),
    "the clip was removed": lambda c, n: change(n.video, state="removed", removed_at=timezone.now()),
    "the clip waits for a moderator": lambda c, n: change(n.video, held_for="term"),
    "the comment was removed": lambda c, n: change(n.comment, removed_at=timezone.now()),
    "the comment waits": lambda c, n: change(n.comment, held_for="keyword"),
    "the comment was hidden": lambda c, n: change(n.comment, hidden_at=timezone.now()),
    "what it answers was removed": lambda c, n: change(n.comment.parent, removed_at=timezone.now()),
    "the clip's author blocked the reader": lambda c, n: block(c.alice, c.bob),
    "the reader blocked the clip's author": lambda c, n: block(c.bob, c.alice),
    "the writer blocked the reader": lambda c, n: block(c.carol, c.bob),
    "the clip's author blocked the writer": lambda c, n: block(c.alice, c.carol),
    "the clip's author left": lambda c, n: change(c.alice, deactivated_at=timezone.now()),
    "the writer left": lambda c, n: change(c.carol, deactivated_at=timezone.now()),
    "the writer was banned": lambda c, n: change(c.carol, is_active=False),
}


def change(row, **fields):
    type(row)._base_manager.filter(pk=row.pk).update(**fields)


def test_it_is_shown_before(told, cast, api):
    assert b"canary-answer" in api.as_(cast.bob).get("/api/v1/notifications/").content


@pytest.mark.parametrize("what", HIDING)
def test_it_is_gone_once_something_is_hidden(what, told, cast, api):
    HIDING[what](cast, told)
    text = api.as_(cast.bob).get("/api/v1/notifications/").content.decode()
    assert "canary" not in text
    assert access.badges(cast.bob)["notifications"] == 0
