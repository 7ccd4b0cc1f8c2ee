"""The download of one's data: what stands in it and what does not, who may fetch it, and how it is made."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.models import User
from messaging.models import Notification
from privacy import actions
from privacy.actions import exporting
from privacy.exports import labels_without_rows
from privacy.models import DataExport
from privacy.personal_data import declared
from tests.privacy.leaver import CANARY, RECEIVED, make_leaver

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engines]


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    monkeypatch.setattr(exporting, "_nudge", lambda: None)


@pytest.fixture
def leaver(make_person, make_video, cast):
    person = make_leaver(make_person, make_video, cast)
    DataExport.objects.all().delete()
    return person


def made(person):
    """The person's archive, as it is fetched."""
    row = actions.ask_export(person)
    assert actions.make_export()
    row.refresh_from_db()
    assert row.state == "ready", row.stage
    return zipfile.ZipFile(io.BytesIO(default_storage.open(row.file).read()))


def table(archive, label):
    return json.loads(archive.read(f"data/{label.lower().replace('.', '-')}.json"))


# --- What stands in it ----------------------------------------------------------------------------------------


def test_every_exported_table_says_what_it_gives():
    assert list(labels_without_rows()) == []


def test_it_contains_every_exported_table_with_rows(leaver):
    archive = made(leaver)
    tables = json.loads(archive.read("data/manifest.json"))["tables"]
    exported = {entry.label for entry in declared().values() if entry.exported}
    assert set(tables) == exported
    # A deletion ends every log-in, so nobody who asked for one can ask for a download.
    assert {label for label, said in tables.items() if not said["rows"]} <= {"accounts.Deletion"}
    for said in tables.values():
        assert len(json.loads(archive.read(said["file"]))) == said["rows"]


def test_every_clip_is_there_in_its_original_and_its_best_quality(leaver):
    archive = made(leaver)
    (clip,) = table(archive, "videos.Video")
    assert archive.read(clip["files"]["original"]).decode() == CANARY
    assert archive.read(clip["files"]["best"]).decode() == f"{CANARY} 360.mp4"
    assert archive.read(clip["files"]["clip-1"]).decode() == CANARY
    assert archive.read(clip["files"]["cover"]).decode() == f"{CANARY} cover.webp"
    assert archive.read("picture.webp").decode() == f"{CANARY} avatar"
    (sound,) = table(archive, "videos.Sound")
    assert archive.read(sound["files"]["sound"]).decode() == CANARY


def test_pictures_one_sent_are_there_and_those_of_others_are_not(leaver, cast):
    from messaging.models import Message, MessageImage

    name = default_storage.save("messages/other.webp", ContentFile(b"somebody else's"))
    theirs = Message.objects.get(sender=cast.alice, text="An answer")
    MessageImage.objects.create(
        owner=cast.alice,
        conversation=theirs.conversation,
        message=theirs,
        file=name,
        width=1,
        height=1,
        size=1,
    )
    archive = made(leaver)
    files = [row["picture"] for row in table(archive, "messaging.MessageImage")]
    assert sorted(archive.read(file).decode() for file in files) == sorted([RECEIVED, CANARY, CANARY])
    everything = b"".join(archive.read(one) for one in archive.namelist())
    assert b"somebody else's" not in everything


def test_of_a_group_it_has_what_its_person_may_read(leaver, cast):
    from messaging import actions
    from privacy.models import Block

    def texts():
        return [row["text"] for row in table(made(leaver), "messaging.Message")]

    cast.bob.refresh_from_db()
    group = actions.start_group(cast.bob, ["alice", CANARY]).pk
    for one in (cast.bob, cast.alice):
        if one == cast.alice:
            actions.accept_request(one, group)
        actions.send_message(one, group, client_id="g", text=f"{one.username} in the group")
    assert not {"bob in the group", "alice in the group"} & set(texts()), "they have not said yes yet"
    DataExport.objects.all().delete()
    actions.accept_request(leaver, group)
    Block.objects.create(blocker=cast.bob, blocked=leaver)
    said = texts()
    assert "alice in the group" in said
    assert "bob in the group" not in said


def test_messages_are_there_both_ways_and_others_are_user_names_only(leaver, cast):
    for other in (cast.alice, cast.bob, cast.dave, cast.mod):
        User.objects.filter(pk=other.pk).update(
            display_name=f"Display {other.username}", bio=f"Bio {other.username}"
        )
        other.refresh_from_db()
    archive = made(leaver)
    said = [(row["sender"], row["text"]) for row in table(archive, "messaging.Message")]
    at = said.index((CANARY, RECEIVED))
    assert said[at + 1] == ("alice", "An answer"), "in the order in which they were written"
    everything = b"".join(archive.read(name) for name in archive.namelist()).decode(errors="ignore")
    for other in (cast.alice, cast.bob, cast.dave, cast.mod):
        assert other.email not in everything
        assert other.display_name not in everything
        assert other.bio not in everything
    assert "alice's clip" not in everything, "captions of other people's clips are theirs"
    for unreported in (cast.alice, cast.dave, cast.mod):
        assert str(unreported.pk) not in everything


def test_it_says_nothing_of_what_others_hid(leaver, cast):
    """Not that a comment was held or hidden, who restricts or blocks them, who reported them, or which moderator decided."""
    from privacy.models import Block, Restriction
    from videos.models import Comment

    Comment.objects.filter(author=leaver).update(held_for="restrict", hidden_at=timezone.now())
    Restriction.objects.create(restricter=cast.alice, restricted=leaver)
    Block.objects.create(blocker=cast.mod, blocked=leaver)
    archive = made(leaver)
    (comment,) = table(archive, "videos.Comment")
    assert comment["text"] == f"{CANARY} comment"
    assert not {"held_for", "hidden_at"} & set(comment)
    assert [row["person"] for row in table(archive, "privacy.Restriction")] == ["bob"]
    assert [row["person"] for row in table(archive, "privacy.Block")] == ["dave"]
    assert [row["note"] for row in table(archive, "privacy.Report")] == [CANARY]
    assert not {"moderator", "before", "case"} & set(table(archive, "privacy.Decision")[0])


def test_a_clip_that_is_hidden_by_now_is_an_id_and_no_more(leaver, cast):
    from videos.models import Video

    Video.objects.filter(author=cast.alice).update(audience="only_me")
    (like,) = table(made(leaver), "videos.Like")
    assert (like["by"], like["url"]) == (None, None)


def test_whoever_blocked_them_has_no_name_and_their_messages_are_out_of_reach(leaver, cast):
    from privacy.models import Block

    Block.objects.create(blocker=cast.alice, blocked=leaver)
    archive = made(leaver)
    assert "alice" not in [row["person"] for row in table(archive, "accounts.Follow")]
    texts = [row["text"] for row in table(archive, "messaging.Message")]
    assert RECEIVED in texts
    assert "An answer" not in texts


def test_what_they_deleted_for_themselves_stays_deleted(leaver):
    from messaging.models import Participant

    Participant.objects.filter(person=leaver).update(cleared_seq=2)
    assert "An answer" not in [row["text"] for row in table(made(leaver), "messaging.Message")]


def test_no_secret_is_in_it(leaver):
    archive = made(leaver)
    everything = b"".join(archive.read(name) for name in archive.namelist()).decode(errors="ignore")
    assert leaver.password not in everything
    assert f"{CANARY}-key" not in everything
    assert "secret" not in json.dumps(table(archive, "mfa.Authenticator"))


def test_words_of_people_run_nothing_in_its_pages(leaver):
    from videos.models import Video

    Video.objects.filter(author=leaver).update(caption="<script>alert(1)</script>")
    page = made(leaver).read("pages/videos-video.html").decode()
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_a_long_table_is_read_on_several_pages(leaver, monkeypatch):
    monkeypatch.setattr("privacy.exports.ROWS_A_PAGE", 1)
    archive = made(leaver)
    assert "pages/messaging-message-2.html" in archive.namelist()
    assert b"messaging-message-2.html" in archive.read("pages/messaging-message.html")


# --- How it is made -------------------------------------------------------------------------------------------


def test_one_at_a_time(cast):
    first = actions.ask_export(cast.alice)
    assert actions.ask_export(cast.alice).pk == first.pk
    assert DataExport.objects.count() == 1


def test_asking_often_is_refused(api, cast, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "export": "1/60"}
    client = api.as_(cast.alice)
    first = client.post("/api/v1/exports/").json()
    assert client.delete(f"/api/v1/exports/{first['id']}/").status_code == 204
    refused = client.post("/api/v1/exports/")
    assert (refused.status_code, "Retry-After" in refused) == (429, True)


def test_its_person_is_told_when_it_is_ready(api, leaver):
    made(leaver)
    told = Notification.objects.get(recipient=leaver, kind="export_ready")
    shown = api.as_(leaver).get("/api/v1/notifications/").json()["results"]
    assert [(one["text"], one["url"]) for one in shown if one["id"] == str(told.pk)] == [
        ("The download of your data is ready", "/settings/data/")
    ]


def test_a_worker_that_was_killed_is_replaced_when_its_lease_is_over(leaver):
    actions.ask_export(leaver)
    dead = exporting.claim_export()
    assert exporting.claim_export() is None
    DataExport.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert actions.make_export()
    row = DataExport.objects.get()
    assert (row.state, row.attempts) == ("ready", 2)
    with pytest.raises(exporting.LeaseLost):  # the dead one comes back and changes nothing
        exporting._end(dead, "ready", file="other.zip")


def test_what_goes_wrong_is_tried_again_and_then_said(leaver, monkeypatch, api):
    def broken(self):
        raise RuntimeError("a table is broken")

    monkeypatch.setattr("privacy.exports.Builder.build", broken)
    actions.ask_export(leaver)
    for attempt in range(1, 4):
        assert actions.make_export()
        assert DataExport.objects.get().attempts == attempt
        DataExport.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    row = api.as_(leaver).get("/api/v1/exports/").json()["results"][0]
    assert (row["state"], row["message"]) == (
        "failed",
        "It could not be made. Ask again; if it fails again, write to the site's administrators.",
    )
    assert actions.make_export() is False


def test_a_full_disk_is_said(leaver, monkeypatch, api):
    monkeypatch.setattr("privacy.exports.SPARE", 1 << 60)
    actions.ask_export(leaver)
    actions.make_export()
    row = api.as_(leaver).get("/api/v1/exports/").json()["results"][0]
    assert (row["state"], row["message"]) == (
        "failed",
        "The server had no room for it. Ask again in a few hours.",
    )


def test_a_file_that_is_gone_is_named_and_stops_nothing(leaver):
    from videos.models import Video

    video = Video.objects.get(author=leaver)
    default_storage.delete(f"clips/{video.folder}/360.mp4")
    archive = made(leaver)
    assert json.loads(archive.read("data/manifest.json"))["missing"] == [f"clips/{video.pk}/best-360p.mp4"]


def test_it_is_gone_after_seven_days(leaver, api):
    made(leaver)
    row = DataExport.objects.get()
    assert timedelta(days=6.9) < row.expires_at - timezone.now() < timedelta(days=7.1)
    DataExport.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    client = api.as_(leaver)
    assert client.get(f"/api/v1/exports/{row.pk}/file/").status_code == 404
    assert actions.expire_exports() == 1
    assert not default_storage.exists(row.file)
    assert client.get("/api/v1/exports/").json()["results"][0]["state"] == "expired"


# --- Who may have it ------------------------------------------------------------------------------------------


@pytest.fixture
def ready(cast):
    name = default_storage.save(f"exports/{cast.alice.pk}/x.zip", ContentFile(b"0123456789"))
    return DataExport.objects.create(
        person=cast.alice, state="ready", file=name, size=10, expires_at=timezone.now() + timedelta(days=1)
    )


@pytest.mark.parametrize("address", ["/api/v1/exports/{}/file/", "/settings/data/{}/file/"])
def test_only_its_person_fetches_it_whole_or_in_ranges(api, cast, ready, address):
    address = address.format(ready.pk)
    whole = api.as_(cast.alice).get(address)
    assert (whole.status_code, b"".join(whole.streaming_content)) == (200, b"0123456789")
    assert whole["Content-Disposition"].startswith("attachment")
    assert "no-store" in whole["Cache-Control"]
    part = api.as_(cast.alice).get(address, HTTP_RANGE="bytes=2-4")
    assert (part.status_code, b"".join(part.streaming_content)) == (206, b"234")
    for other in (cast.bob, cast.mod):
        assert api.as_(other).get(address).status_code == 404
    assert api.get(address).status_code in (302, 401)


def test_nobody_else_sees_that_there_is_one(api, cast, ready):
    for other in (cast.bob, cast.mod):
        client = api.as_(other)
        assert client.get("/api/v1/exports/").json()["results"] == []
        assert client.get(f"/api/v1/exports/{ready.pk}/").status_code == 404
        assert client.delete(f"/api/v1/exports/{ready.pk}/").status_code == 404
    assert DataExport.objects.exists()


def test_no_media_address_leads_to_it(browser, cast, ready):
    for address in (f"/media/{ready.file}", f"/{ready.file}", f"/static/{ready.file}"):
        assert browser.as_(cast.alice).get(address).status_code == 404


def test_whoever_is_suspended_does_not_fetch_it(api, cast, ready):
    client = api.as_(cast.alice)
    cast.alice.is_active = False
    cast.alice.save()
    assert client.get(f"/api/v1/exports/{ready.pk}/file/").status_code == 401


# --- The page -------------------------------------------------------------------------------------------------


def test_the_page_asks_for_one_and_shows_how_far_it_is(browser, cast):
    client = browser.as_(cast.alice)
    assert client.post("/settings/data/").status_code == 302
    page = client.get("/settings/data/").content.decode()
    assert "It waits its turn." in page
    row = DataExport.objects.get()
    assert client.post(f"/settings/data/{row.pk}/delete/").status_code == 302
    assert not DataExport.objects.exists()


def test_somebody_elses_is_not_deleted_on_the_page(browser, cast, ready):
    assert browser.as_(cast.bob).post(f"/settings/data/{ready.pk}/delete/").status_code == 404
    assert default_storage.exists(ready.file)
