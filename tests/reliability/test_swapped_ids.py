"""Guessing: eve asks for everything that is alice's by its real id, with every verb, in addresses and in bodies. She gets
nothing, what she is told is what she is told about an id that never was, and nothing of alice's changed.
"""

import json
import re
from urllib.parse import urlencode

import pytest
from django.core import serializers
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from socialapp.lib.ids import new_id
from tests.access_matrix.routes import ROUTES

VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_NAME = re.compile(r"<(?:\w+:)?(\w+)>")
# Not an id: public names, and the signature of a media address (tests/access_matrix/test_media.py swaps those).
NOT_IDS = {
    "username",
    "tag",
    "language",
    "place",
    "expires",
    "signature",
    "folder",
    "name",
    "token",
    "relation",
}


@pytest.fixture
def settled(settings):
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, "1000000/1")


class Belongings:
    """One of everything that belongs to a person, by the name that addresses give its id."""

    def __init__(self, person, friend, asker, make_video):
        self.person, self.rows = person, []
        self.ids = self.make(person, friend, asker, make_video)
        self.rows.append(person)
        self.rows.append(person.privacy)

    def make(self, person, friend, asker, make_video):
        from accounts.models import Follow
        from messaging.actions import open_conversation, send_message
        from messaging.models import Notification
        from privacy.models import Appeal, Case, DataExport, Decision
        from videos.models import Collection, CollectionItem, Comment, Save, Sound, Upload

        def keep(row):
            self.rows.append(row)
            return str(row.pk)

        now = timezone.now()
        sound = Sound.objects.create(title="Mine", owner=person, file="sound.m4a")
        upload = Upload.objects.create(
            pk=f"{person.pk:x}".rjust(32, "0"),
            owner=person,
            length=10,
            expires_at=now + timezone.timedelta(1),
        )
        clip = make_video(person, audience="only_me", caption="Mine", original="original.mp4", sound=sound)
        comment = Comment.objects.create(video=clip, author=person, text="Mine")
        place = Collection.objects.create(owner=person, name="Mine")
        CollectionItem.objects.create(
            collection=place, save_row=Save.objects.create(person=person, video=clip)
        )
        talk, _new = open_conversation(friend, [person.username])
        message = send_message(friend, talk.pk, client_id=f"for {person}", text="Mine")
        request = Follow.objects.create(follower=asker, followed=person, state="pending")
        case = Case.objects.create(target_type="video", target_id=clip.pk, person=person)
        decision = Decision.objects.create(case=case, person=person, act="warn", statement="Mine")
        appealed = Decision.objects.create(case=case, person=person, act="warn", statement="Mine")
        appeal = Appeal.objects.create(decision=appealed, text="Mine")
        export = DataExport.objects.create(
            person=person,
            state="ready",
            file="export.zip",
            size=3,
            ready_at=now,
            expires_at=now + timezone.timedelta(7),
        )
        notification = Notification.objects.create(
            recipient=person, kind="moderation", group_key="n", actors_count=0
        )
        return {
            "video_id": keep(clip),
            "comment_id": keep(comment),
            "collection_id": keep(place),
            "conversation_id": keep(talk),
            "message_id": keep(message),
            "follow_id": keep(request),
            "sound_id": keep(sound),
            "upload_id": keep(upload),
            "case_id": keep(case),
            "decision_id": keep(decision),
            "appeal_id": keep(appeal),
            "export_id": keep(export),
            "notification_id": keep(notification),
            "log_in_id": str(self.log_in(person)),
            "person_id": str(person.pk),
            **{name: keep(row) for name, row in self.messaging(person, clip, talk, message).items()},
            **self.discovering(person, clip, keep),
            **{name: keep(row) for name, row in self.growing(person, clip).items()},
        }

    def discovering(self, person, clip, keep):
        """What they told their feed, what they searched for, and a challenge that is not out yet: its slug is its id."""
        from videos.models import Challenge, ChallengeMark, FeedSettings, Preference, RecentSearch, Tag

        now = timezone.now()
        challenge = Challenge.objects.create(
            slug=f"draft-of-{person}",
            host=person,
            tag=Tag.objects.create(name=f"draft{person}"),
            title="Mine",
            brief="Mine",
            starts_at=now - timezone.timedelta(1),
            ends_at=now + timezone.timedelta(1),
        )
        keep(challenge)
        keep(ChallengeMark.objects.create(challenge=challenge, video=clip, verdict="winner", place=1))
        keep(FeedSettings.objects.create(person=person))
        return {
            "slug": challenge.slug,
            "preference_id": keep(Preference.objects.create(person=person, stance="more", video=clip)),
            "search_id": keep(RecentSearch.objects.create(person=person, text="mine")),
        }

    def growing(self, person, clip):
        """Whom they know elsewhere, whom they invited, what they promote."""
        from videos.models import Contact, Invite, Promotion

        now = timezone.now()
        contact = Contact.objects.create(owner=person, name="Mine", channel="copy")
        return {
            "contact_id": contact,
            "invite_id": Invite.objects.create(
                inviter=person,
                video=clip,
                contact=contact,
                channel="copy",
                expires_at=now + timezone.timedelta(7),
            ),
            "promotion_id": Promotion.objects.create(
                owner=person,
                video=clip,
                goal=Promotion.Goal.VIEWS,
                daily_budget=1000,
                starts_on=now.date(),
                ends_on=now.date(),
            ),
        }

    def messaging(self, person, clip, talk, message):
        from messaging.models import Announcement, MessageImage, PushSubscription, QuickReply

        stored = default_storage.save(f"pictures/{person.pk}.webp", ContentFile(b"RIFF"))
        return {
            "announcement_id": Announcement.objects.create(
                author=person, video=clip, audience="followers", state="sent"
            ),
            "image_id": MessageImage.objects.create(
                owner=person, conversation=talk, message=message, file=stored, width=1, height=1, size=4
            ),
            "reply_id": QuickReply.objects.create(owner=person, text="Mine"),
            "subscription_id": PushSubscription.objects.create(
                person=person,
                session="mine",
                endpoint="https://fcm.googleapis.com/mine",
                endpoint_hash=str(person.pk),
                p256dh="x",
                auth="x",
            ),
        }

    def log_in(self, person):
        from allauth.usersessions.models import UserSession
        from django.contrib.sessions.backends.db import SessionStore

        session = SessionStore()
        session.create()
        row = UserSession.objects.create(
            user=person, ip="127.0.0.1", session_key=session.session_key, user_agent="", data={}
        )
        self.rows.append(row)
        return row.pk

    def state(self):
        """Everything as it stands in the database now."""
        found = []
        for row in self.rows:
            again = type(row)._base_manager.filter(pk=row.pk).first()
            assert again is not None, f"{row!r} is gone"
            found.append(json.loads(serializers.serialize("json", [again]))[0])
        return found


@pytest.fixture
def belongings(settled, make_person, make_video):
    """alice's and eve's own, and alice's friends, who are not eve's."""
    alice, eve = make_person("alice", is_business=True), make_person("eve", is_business=True)
    hers = Belongings(alice, make_person("frida"), make_person("asker"), make_video)
    mine = Belongings(eve, make_person("frank"), make_person("other_asker"), make_video)
    return hers, mine


def absent():
    """Ids that nobody has, of the same shapes."""

    class Nobody(dict):
        def __missing__(self, name):
            self[name] = (
                "f" * 32 if name == "upload_id" else "999999" if name == "log_in_id" else str(new_id())
            )
            return self[name]

    return Nobody()


def body_of(pattern, verb):
    """What the matrix sends here: a body that would be taken."""
    for call in ROUTES[pattern]:
        if call.method == verb and not callable(call.body):
            return call.body, call.form, call.headers
    return {}, False, {}


def ask(client, pattern, verb, values, extra=None):
    names = {
        "language": "en",
        "place": "0",
        "username": "eve",
        "tag": "sea",
        "token": "x",
        "relation": "follower",
    }
    url = "/" + _NAME.sub(
        lambda match: str({**names, **(extra or {})}.get(match[1]) or values[match[1]]), pattern
    )
    body, form, headers = body_of(pattern, verb)
    kind = "application/x-www-form-urlencoded" if form else "application/json"
    kind = headers.get("CONTENT_TYPE", kind)
    text = urlencode(body) if form else json.dumps(body)
    more = {name: value for name, value in headers.items() if name != "CONTENT_TYPE"}
    response = client.generic(verb, url, text, content_type=kind, **more)
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return response.status_code, plain(content.decode(errors="replace"), values), url


def plain(text, values):
    """The body without what differs between any two answers: nonces, tokens, the ids that were asked for."""
    text = re.sub(
        r'name="visit" content="[^"]+"|nonce="[^"]*"|content="[^"]{64}"|value="[^"]{64}"|"seconds":\s*\d+',
        "",
        text,
    )
    for value in values.values():
        if len(value) > 5:  # a 1 or 2 stands in many places
            text = text.replace(value, "ID")
    return text


IDENTIFIED = sorted(p for p in ROUTES if set(_NAME.findall(p)) - NOT_IDS and not p.startswith("avatars/"))


def test_there_is_much_to_guess():
    assert len(IDENTIFIED) > 40


def test_no_id_of_anothers_opens_with_any_verb(belongings, api):
    """One world for all addresses: what one guess changed, the end would show."""
    hers, mine = belongings
    client = api.as_(mine.person)
    before = hers.state()
    wrong, asked = [], 0
    for pattern in IDENTIFIED:
        for verb in VERBS:
            nobody = absent()
            status, text, url = ask(client, pattern, verb, hers.ids)
            other, other_text, _url = ask(client, pattern, verb, nobody)
            asked += 1
            if status < 400 and status not in {301, 302}:
                wrong.append(f"{verb} {url}: {status}")
            if (status, text) != (other, other_text):
                wrong.append(
                    f"{verb} {pattern}: {status} {text[:90]!r} for hers, {other} {other_text[:90]!r} for nobody's"
                )
    print(f"{asked} guesses in addresses")
    assert wrong == []
    assert hers.state() == before


def test_ones_own_beside_anothers_opens_nothing(belongings, api):
    """Addresses with two ids: one is eve's own, the other alice's."""
    hers, mine = belongings
    client = api.as_(mine.person)
    before, wrong = hers.state(), []
    for pattern in IDENTIFIED:
        names = [name for name in _NAME.findall(pattern) if name not in NOT_IDS]
        if len(names) < 2:
            continue
        for foreign in names:
            values = mine.ids | {foreign: hers.ids[foreign]}
            nobody = mine.ids | {foreign: absent()[foreign]}
            for verb in ("PUT", "DELETE", "GET", "POST", "PATCH"):
                status, text, url = ask(client, pattern, verb, values)
                other, other_text, _url = ask(client, pattern, verb, nobody)
                if (status, text) != (other, other_text):
                    wrong.append(f"{verb} {url}: {status} {text[:80]}, not {other}")
    assert wrong == []
    assert hers.state() == before


# (method, address, body or query by a function of ids): places where an id travels other than in the path.
CARRIED = {
    "a clip in a message": (
        "POST",
        "conversations/{conversation_id}/messages/",
        lambda i: {"client_id": "x", "video": i["video_id"]},
    ),
    "an answer to a message": (
        "POST",
        "conversations/{conversation_id}/messages/",
        lambda i: {"client_id": "x", "text": "a", "reply_to": i["message_id"]},
    ),
    "an answer to a comment": (
        "POST",
        "videos/{video_id}/comments/",
        lambda i: {"text": "a", "reply_to": i["comment_id"]},
    ),
    "a report of a clip": (
        "POST",
        "reports/",
        lambda i: {"target": {"type": "video", "id": i["video_id"]}, "reason": "spam"},
    ),
    "a report of a comment": (
        "POST",
        "reports/",
        lambda i: {"target": {"type": "comment", "id": i["comment_id"]}, "reason": "spam"},
    ),
    "a report of a message": (
        "POST",
        "reports/",
        lambda i: {"target": {"type": "message", "id": i["message_id"]}, "reason": "spam"},
    ),
    "a report of a sound": (
        "POST",
        "reports/",
        lambda i: {"target": {"type": "sound", "id": i["sound_id"]}, "reason": "spam"},
    ),
    "an upload to publish": (
        "POST",
        "videos/",
        lambda i: {"upload": i["upload_id"], "caption": "a", "audience": "public"},
    ),
    "a duet": ("POST", "videos/", lambda i: {"upload": i["upload_id"], "duet_of": i["video_id"]}),
    "comments to review": (
        "POST",
        "comments/review/",
        lambda i: {"do": "approve", "comments": [i["comment_id"]]},
    ),
    "requests to accept": ("POST", "follow-requests/accept/", lambda i: {"ids": [i["follow_id"]]}),
    "requests to decline": ("POST", "follow-requests/decline/", lambda i: {"ids": [i["follow_id"]]}),
    "notifications to read": ("POST", "notifications/read/", lambda i: {"ids": [i["notification_id"]]}),
    "a view": (
        "POST",
        "events/",
        lambda i: {
            "events": [
                {
                    "video": i["video_id"],
                    "session": "s",
                    "watched_ms": 900,
                    "duration_ms": 1000,
                    "source": "for_you",
                }
            ]
        },
    ),
    "a sound under a clip": (
        "PATCH",
        "videos/{video_id}/",
        lambda i: {"edit": {"sound": {"id": i["sound_id"]}}},
    ),
    "collections that hold a clip": ("GET", "collections/", lambda i: {"video": i["video_id"]}),
    "answers to a comment": ("GET", "videos/{video_id}/comments/", lambda i: {"parent": i["comment_id"]}),
    "comments of a clip to review": ("GET", "comments/review/", lambda i: {"video": i["video_id"]}),
    "a word to the feed": (
        "POST",
        "preferences/",
        lambda i: {"stance": "more", "of": "clip", "subject": i["video_id"]},
    ),
    "a word to the feed about a sound": (
        "POST",
        "preferences/",
        lambda i: {"stance": "less", "of": "sound", "subject": i["sound_id"]},
    ),
    "the example of a challenge": (
        "PATCH",
        "challenges/{slug}/",
        lambda i: {"example": i["video_id"]},
    ),
    "a clip to share": ("GET", "/messages/share/", lambda i: {"video": i["video_id"]}),
}


def test_no_id_of_anothers_is_taken_in_a_body(belongings, api):
    hers, mine = belongings
    client = api.as_(mine.person)
    before, wrong = hers.state(), []
    for what, (method, path, carry) in CARRIED.items():
        url = path if path.startswith("/") else f"/api/v1/{path.format(**mine.ids)}"
        answers = []
        for ids in (hers.ids, absent()):
            body = carry(ids)
            if method == "GET":
                response = client.get(url, body)
            else:
                response = client.generic(method, url, json.dumps(body), content_type="application/json")
            answers.append((response.status_code, plain(response.content.decode(), ids)))
        if answers[0] != answers[1]:
            wrong.append(f"{what}: {answers}")
    assert wrong == []
    assert hers.state() == before


def test_a_challenge_that_is_out_is_changed_by_its_host_alone(belongings, api):
    """Everybody may read it, so nothing but its being there can be guessed; no verb of anybody else's changes it."""
    from videos.models import Challenge

    hers, mine = belongings
    Challenge.objects.filter(slug=hers.ids["slug"]).update(published_at=timezone.now())
    client, before, wrong = api.as_(mine.person), hers.state(), []
    for pattern in (pattern for pattern in IDENTIFIED if "<str:slug>" in pattern):
        for verb in ("POST", "PUT", "PATCH", "DELETE"):
            status, text, url = ask(client, pattern, verb, hers.ids)
            if status not in {403, 404, 405}:
                wrong.append(f"{verb} {url}: {status} {text[:80]!r}")
    assert wrong == []
    assert hers.state() == before


def test_ones_own_ids_do_open(belongings, api):
    """What is refused above is refused for whose it is, not for how it is asked."""
    _hers, mine = belongings
    client = api.as_(mine.person)
    opened = [
        pattern
        for pattern in IDENTIFIED
        if any(call.method == "GET" for call in ROUTES[pattern])
        and ask(client, pattern, "GET", mine.ids)[0] == 200
    ]
    assert len(opened) >= 15, opened
