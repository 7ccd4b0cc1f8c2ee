"""Pictures in messages: who may send and see them, what is left of the file, and that none outlives its row."""

import io
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image, PngImagePlugin

from messaging import access, actions
from messaging.models import Message, MessageImage
from messaging.pictures import SIDE, prepare
from privacy import actions as privacy
from socialapp.lib.errors import Forbidden, Invalid, NotFound, TooMany

pytestmark = [pytest.mark.django_db, pytest.mark.engines]
BASE = "/api/v1/conversations/"


def file(size=(60, 40), kind="JPEG", name="beach.jpg", **save):
    out = io.BytesIO()
    Image.new("RGB", size, "orange").save(out, kind, **save)
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/jpeg")


@pytest.fixture
def room(cast, talk):
    room = talk("alice", "carol")
    talk.say(cast.alice, room)
    return room


@pytest.fixture
def sent(cast, talk, room):
    """A message of alice with a picture."""
    image = actions.upload_picture(cast.alice, room, file())
    return talk.say(cast.alice, room, "", image_id=image.pk)


def address(message):
    return f"/messages/{message.conversation_id}/images/{message.image.pk}/"


def fetch(client_of, person, where):
    return client_of(person).get(where).status_code


@pytest.fixture
def client_of(client):
    def make(person):
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return make


# --- What is stored -------------------------------------------------------------------------------------------------


def test_nothing_but_pixels_is_kept_of_a_file():
    exif = Image.Exif()
    exif[0x010E] = "a secret place"
    exif[0x0112] = 6  # turned by a quarter
    stored = prepare(file((60, 40), exif=exif.tobytes(), comment=b"a secret comment"))
    assert (stored.width, stored.height) == (40, 60)
    assert stored.blurhash
    assert b"secret" not in stored.data
    with Image.open(io.BytesIO(stored.data)) as picture:
        assert (picture.format, picture.size) == ("WEBP", (40, 60))
        assert not picture.getexif()
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", "a secret comment")
    assert b"secret" not in prepare(file(kind="PNG", pnginfo=texts)).data


def test_a_large_picture_becomes_smaller_and_a_small_one_stays():
    assert (prepare(file((3000, 1500))).width, prepare(file((3000, 1500))).height) == (SIDE, SIDE // 2)
    assert prepare(file((60, 40))).width == 60


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not_a_picture"),
        (b"%PDF-1.4", "not_a_picture"),
        (file().read()[:300], "damaged_picture"),
    ],
)
def test_what_is_no_picture_is_refused_by_its_content(content, code):
    with pytest.raises(Invalid) as refusal:
        prepare(SimpleUploadedFile("a.jpg", content, content_type="image/jpeg"))
    assert refusal.value.code == code
    assert "image" in refusal.value.fields


def test_too_many_pixels_are_refused_before_they_are_decoded(monkeypatch):
    monkeypatch.setattr("socialapp.lib.pictures.MAX_PIXELS", 1000)
    with pytest.raises(Invalid) as refusal:
        prepare(file((60, 40)))
    assert refusal.value.code == "too_many_pixels"


# --- Who may send ----------------------------------------------------------------------------------------------------


def test_a_picture_is_sent_once_where_it_was_uploaded_by_who_uploaded_it(cast, talk, room):
    image = actions.upload_picture(cast.alice, room, file())
    other = talk("alice", "bob")
    for person, where in ((cast.carol, room), (cast.alice, other)):
        with pytest.raises(Invalid):
            talk.say(person, where, "", image_id=image.pk)
    message = talk.say(cast.alice, room, "", image_id=str(image.pk))
    assert (
        access.message_cards(cast.carol, [access.get_message(cast.carol, message.pk)[0]])[0]["image"]["width"]
        == 60
    )
    with pytest.raises(Invalid):
        talk.say(cast.alice, room, "", image_id=image.pk)
    for nonsense in ("x", "1", "9" * 30):
        with pytest.raises(Invalid):
            talk.say(cast.alice, room, "", image_id=nonsense)


def test_a_first_message_to_a_stranger_carries_no_picture(cast, talk):
    room = talk("dave", "alice")
    image = actions.upload_picture(cast.dave, room, file())
    with pytest.raises(Forbidden) as refusal:
        talk.say(cast.dave, room, "look", image_id=image.pk)
    assert refusal.value.code == "first_message_plain"
    talk.say(cast.dave, room, "hello")
    talk.say(cast.alice, room, "yes?")
    talk.say(cast.dave, room, "look", image_id=image.pk)


def test_nothing_is_uploaded_where_nothing_may_be_written(cast, talk, room):
    with pytest.raises(NotFound):
        actions.upload_picture(cast.dave, room, file())
    privacy.update_privacy(cast.carol, message_audience="nobody")
    with pytest.raises(Forbidden):
        actions.upload_picture(cast.alice, room, file())
    assert not MessageImage.objects.exists()


def test_pictures_that_wait_are_few(cast, room, monkeypatch):
    monkeypatch.setattr("messaging.actions.picturing.WAITING", 2)
    for _number in range(2):
        actions.upload_picture(cast.alice, room, file())
    with pytest.raises(TooMany):
        actions.upload_picture(cast.alice, room, file())


# --- Who may see -----------------------------------------------------------------------------------------------------


def test_those_who_read_the_message_see_it_and_nobody_else(cast, sent, client_of):
    answer = client_of(cast.carol).get(address(sent))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/webp"
    assert "no-store" in answer["Cache-Control"]
    assert b"".join(answer.streaming_content)[:4] == b"RIFF"
    for person in (cast.dave, cast.mallory, cast.mod):
        assert fetch(client_of, person, address(sent)) == 404


def test_before_it_is_sent_only_its_owner_sees_it(cast, room, client_of):
    image = actions.upload_picture(cast.alice, room, file())
    where = f"/messages/{room}/images/{image.pk}/"
    assert fetch(client_of, cast.alice, where) == 200
    assert fetch(client_of, cast.carol, where) == 404


def lose_by_deleting_for_oneself(cast, message):
    actions.hide_message(cast.carol, message.pk)


def lose_by_deleting_the_conversation(cast, message):
    actions.leave_conversation(cast.carol, message.conversation_id)


def lose_by_block(cast, message):
    privacy.block(cast.alice, cast.carol)


def lose_by_taking_back(cast, message):
    actions.unsend(cast.alice, message.pk)


@pytest.mark.parametrize(
    "lose",
    [
        lose_by_deleting_for_oneself,
        lose_by_deleting_the_conversation,
        lose_by_block,
        lose_by_taking_back,
    ],
)
def test_the_right_to_see_it_ends_at_once(cast, sent, client_of, lose):
    assert fetch(client_of, cast.carol, address(sent)) == 200
    lose(cast, sent)
    assert fetch(client_of, cast.carol, address(sent)) == 404


def test_another_conversations_address_does_not_lead_to_it(cast, talk, sent, client_of):
    other = talk("carol", "bob")
    assert fetch(client_of, cast.carol, f"/messages/{other}/images/{sent.image.pk}/") == 404


def test_a_removed_one_is_kept_for_the_appeal_out_of_reach(cast, sent, client_of):
    privacy.report(cast.carol, "message", str(sent.pk), "sexual")
    from privacy.models import Case

    privacy.decide(cast.mod, Case.objects.get(), "remove", reason="sexual")
    assert fetch(client_of, cast.carol, address(sent)) == 404
    assert fetch(client_of, cast.alice, address(sent)) == 404
    assert fetch(client_of, cast.mod, address(sent)) == 200
    assert default_storage.exists(MessageImage.objects.get().file)


# --- What becomes of files -------------------------------------------------------------------------------------------


def test_taking_a_message_back_takes_the_file_away(cast, sent, django_capture_on_commit_callbacks):
    stored = sent.image.file
    assert default_storage.exists(stored)
    with django_capture_on_commit_callbacks(execute=True):
        actions.unsend(cast.alice, sent.pk)
    assert not default_storage.exists(stored)
    assert not MessageImage.objects.exists()


def test_a_picture_that_was_never_sent_is_forgotten_after_a_day(
    cast, room, sent, django_capture_on_commit_callbacks
):
    old, new = (actions.upload_picture(cast.alice, room, file()) for _number in range(2))
    long_ago = timezone.now() - timedelta(days=2)
    MessageImage.objects.filter(pk__in=[old.pk, sent.image.pk]).update(created_at=long_ago)
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.sweep_pictures() == 1
    assert set(MessageImage.objects.values_list("pk", flat=True)) == {new.pk, sent.image.pk}
    assert not default_storage.exists(old.file)
    assert default_storage.exists(sent.image.file)


def test_no_file_is_left_when_its_row_could_not_be_written(cast, room, monkeypatch):
    saved = []

    class Noting:
        delete = staticmethod(default_storage.delete)

        @staticmethod
        def save(*args, **more):
            saved.append(default_storage.save(*args, **more))
            return saved[-1]

    monkeypatch.setattr("messaging.actions.picturing.default_storage", Noting)

    def fail(**values):
        raise RuntimeError

    monkeypatch.setattr("messaging.models.MessageImage.objects.create", fail)
    with pytest.raises(RuntimeError):
        actions.upload_picture(cast.alice, room, file())
    assert saved
    assert not default_storage.exists(saved[0])


# --- The API ---------------------------------------------------------------------------------------------------------


def test_uploading_and_sending_by_api(api, cast, room):
    alice = api.as_(cast.alice)
    answer = alice.post(f"{BASE}{room}/images/", {"image": file()}, format="multipart")
    assert answer.status_code == 201
    image = answer.json()
    assert {"id", "url", "width", "height", "blurhash"} == set(image)
    body = {"client_id": "c9", "image": image["id"]}
    message = alice.post(f"{BASE}{room}/messages/", body, format="json")
    assert message.status_code == 201
    assert message.json()["image"] == image
    again = alice.post(f"{BASE}{room}/messages/", body, format="json")
    assert (again.status_code, again.json()["id"]) == (201, message.json()["id"])
    assert Message.objects.filter(client_id="c9").count() == 1


def test_a_wrong_upload_is_a_sentence(api, cast, room, monkeypatch):
    alice = api.as_(cast.alice)
    nothing = alice.post(f"{BASE}{room}/images/", {}, format="multipart")
    assert (nothing.status_code, nothing.json()["error"]["code"]) == (400, "empty_picture")
    monkeypatch.setattr("socialapp.lib.pictures.MAX_BYTES", 100)
    large = alice.post(f"{BASE}{room}/images/", {"image": file()}, format="multipart")
    assert (large.status_code, large.json()["error"]["code"]) == (413, "too_large")
    assert api.as_(cast.dave).post(f"{BASE}{room}/images/", {"image": file()}).status_code == 404
