"""Erasure leaves nothing but received messages, from a deleted account: in the database, in files, in caches."""

import base64
import shutil
import zlib
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection as database
from django.utils import timezone

from accounts import leaving
from accounts.models import Deletion, User
from privacy.models import AuditEntry, Report
from privacy.personal_data import declared
from socialapp.lib.redis import connection
from tests.privacy.leaver import CANARY, RECEIVED, make_leaver
from videos.search import indexing

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engines]


def everything_stored():
    """Every row of every table as text, with sessions opened."""
    with database.cursor() as cursor:
        for table in database.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                yield table, f"{row} {opened(table, row)}"


def opened(table, row):
    return "".join(map(decoded, map(str, row))) if table == "django_session" else ""


def decoded(text):
    """What a signed session says."""
    part = text.lstrip(".").partition(":")[0]
    try:
        raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
        return (zlib.decompress(raw) if text.startswith(".") else raw).decode(errors="replace")
    except (ValueError, zlib.error):
        return ""


def everything_cached():
    redis = connection()
    for key in redis.scan_iter("*"):
        match redis.type(key):
            case b"string":
                value = redis.get(key)
            case b"hash":
                value = redis.hgetall(key)
            case b"zset":
                value = redis.zrange(key, 0, -1)
            case b"list":
                value = redis.lrange(key, 0, -1)
            case _:
                value = redis.smembers(key)
        yield key.decode(), f"{key!r} {value!r}"


def every_file():
    for root in roots():
        for path in root.rglob("*"):
            if path.is_file():
                yield str(path), f"{path} {path.read_bytes()!r}"


def traces(words):
    found = [*everything_stored(), *everything_cached(), *every_file()]
    return {place for place, text in found if any(word in text.lower() for word in words)}


@pytest.fixture(autouse=True)
def _no_files():
    for root in roots():
        shutil.rmtree(root, ignore_errors=True)


def roots():
    return {Path(default_storage.location), Path(settings.WORK_DIR)}


@pytest.fixture
def leaver(make_person, make_video, cast):
    return make_leaver(make_person, make_video, cast)


def due(person):
    now = timezone.now()
    User.objects.filter(pk=person.pk).update(deactivated_at=now)
    Deletion.objects.create(person=person, erase_at=now - timedelta(seconds=1))


def test_the_canary_sits_in_every_table_that_is_erased(leaver):
    due(leaver)
    elsewhere = {
        "videos.DoomedFolder",  # appears while files are erased, and goes
        "videos.Rendition",  # has nothing but numbers; make_video made one
    }
    empty = {
        label
        for label, declaration in declared().items()
        if declaration.erased != "kept" and not apps.get_model(label)._default_manager.exists()
    }
    assert empty <= elsewhere


def test_erasure_leaves_no_canary(leaver):
    due(leaver)
    assert traces([CANARY])
    assert leaving.erase_due() == 1
    indexing.index_due()  # as the sweep does within seconds
    assert traces([CANARY, "33612345678"]) == set()
    assert not User.objects.filter(pk=leaver.pk).exists()


def test_what_remains_of_the_id_is_the_audit_log(leaver):
    due(leaver)
    leaving.erase_due()
    indexing.index_due()
    assert traces([str(leaver.pk)]) == {AuditEntry._meta.db_table}
    about = AuditEntry.objects.filter(target_type="person", target_id=leaver.pk)
    assert about.order_by("-pk").first().verb == "erase"
    assert all(entry.detail == {} for entry in about)


def test_received_messages_stay_from_a_deleted_account(leaver, cast, api):
    due(leaver)
    leaving.erase_due()
    client = api.as_(cast.alice)
    talk = client.get("/api/v1/conversations/").json()["results"][0]
    assert talk["people"][0]["username"] is None
    first = client.get(f"/api/v1/conversations/{talk['id']}/messages/").json()["results"][0]
    assert (first["text"], first["sender"]) == (RECEIVED, None)


def test_a_group_goes_on_with_somebody_else_to_look_after_it(leaver, cast):
    from messaging.models import Message, MessageImage, Participant

    due(leaver)
    leaving.erase_due()
    there = dict(Participant.objects.filter(conversation__is_group=True).values_list("person", "is_admin"))
    assert there == {cast.bob.pk: True, cast.carol.pk: False}
    said = Message.objects.filter(conversation__is_group=True).order_by("seq")
    assert [m.text for m in said] == ["admin", RECEIVED, "", "", "admin"]
    assert [m.seq for m in said] == [1, 2, 3, 4, 5]
    picture = MessageImage.objects.get()
    assert (picture.owner, default_storage.open(picture.file).read().decode()) == (None, RECEIVED)


def test_what_others_count_is_right_afterwards(leaver, cast):
    from videos.models import Comment, Video

    due(leaver)
    leaving.erase_due()
    clip = Video.objects.get()
    assert (clip.likes_count, clip.saves_count, clip.shares_count, clip.comments_count) == (1, 0, 0, 1)
    assert Comment.objects.get().likes_count == 0
    alice = User.objects.get(username="alice")
    assert (alice.likes_count, alice.followers_count) == (1, 2)
    assert User.objects.get(username="bob").following_count == 0


def test_a_grouped_notification_goes_on_without_them(leaver, cast):
    from messaging.models import Notification

    due(leaver)
    leaving.erase_due()
    row = Notification.objects.get()
    assert (row.recipient, row.actor, row.actors_count) == (cast.alice, cast.bob, 1)


def test_a_report_stays_without_name_and_note(leaver):
    due(leaver)
    leaving.erase_due()
    report = Report.objects.get()
    assert (report.reporter, report.note, report.reason) == (None, "", "spam")


def test_an_erasure_that_was_killed_goes_on(leaver, monkeypatch):
    """Killed at each of its signs of life, one after the other; the next worker takes over when the lease is over."""
    due(leaver)
    real = leaving.erase
    kills = 0

    class Killed(BaseException):
        pass

    def dying_at(limit):
        def erase(who):
            left = limit

            def alive():
                nonlocal left
                who.alive()
                left -= 1
                if left < 0:
                    raise Killed

            real(leaving.Leaver(who.id, who.names, alive))

        return erase

    for limit in range(0, 60, 4):
        monkeypatch.setattr(leaving, "erase", dying_at(limit))
        try:
            assert leaving.erase_next()
        except Killed:
            kills += 1
            assert leaving.erase_next() is False, "its lease still holds"
            Deletion.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        else:
            break
    assert kills > 5
    indexing.index_due()
    assert traces([CANARY]) == set()


def test_a_worker_that_lost_its_lease_stops(leaver, monkeypatch):
    due(leaver)
    row = leaving.claim()
    Deletion.objects.update(lease_token="another")
    monkeypatch.setattr(leaving, "claim", lambda: row)
    leaving.erase_next()
    assert User.objects.filter(pk=leaver.pk).exists()
    assert traces([f"{CANARY} caption"])


def test_nobody_is_erased_before_their_day(leaver):
    Deletion.objects.create(person=leaver, erase_at=timezone.now() + timedelta(days=1))
    assert leaving.erase_due() == 0
    assert User.objects.filter(pk=leaver.pk).exists()
