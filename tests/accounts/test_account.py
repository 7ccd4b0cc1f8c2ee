"""One's own account: profile, user name, picture; by API and on the settings pages."""

import io

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.models import User


def picture(size=(640, 480), kind="JPEG", colour=(200, 40, 40), **options):
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind, **options)
    return SimpleUploadedFile(f"p.{kind.lower()}", out.getvalue(), "text/plain")


def send(client, file):
    return client.put("/api/v1/me/avatar/", {"avatar": file}, format="multipart")


def test_a_profile_is_changed_field_by_field(api, cast):
    client = api.as_(cast.alice)
    answer = client.patch(
        "/api/v1/me/", {"bio": "Hi \u202eevil\nthere ", "display_name": "  Alice   A. "}, format="json"
    )
    assert answer.status_code == 200
    assert (answer.json()["display_name"], answer.json()["bio"]) == ("Alice A.", "Hi evil\nthere")
    assert client.get("/api/v1/me/").json()["bio"] == "Hi evil\nthere"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"display_name": "x" * 51}, "display_name"),
        ({"bio": "x" * 301}, "bio"),
        ({"language": "xx"}, "language"),
        ({"country": "fra"}, "country"),
        ({"username": "admin"}, "username"),
        ({"username": "BOB"}, "username"),
        ({"username": "no spaces"}, "username"),
        ({"birth_date": "1990-01-01"}, "birth_date"),
        ({"is_staff": True}, "is_staff"),
        ({"bio": ["a", "b"]}, "bio"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_written(api, cast, change, field):
    answer = api.as_(cast.alice).patch("/api/v1/me/", {"pronouns": "she/her", **change}, format="json")
    assert answer.status_code == 400
    assert field in answer.json()["error"]["fields"]
    cast.alice.refresh_from_db()
    assert (cast.alice.pronouns, cast.alice.username) == ("", "alice")


def test_a_user_name_changes_in_case_and_in_full(api, cast):
    assert (
        api.as_(cast.alice).patch("/api/v1/me/", {"username": "Alice"}, format="json").json()["username"]
        == "Alice"
    )
    assert (
        api.as_(cast.alice).patch("/api/v1/me/", {"username": "anna"}, format="json").json()["url"]
        == "/@anna/"
    )
    assert api.get("/api/v1/users/alice/")["Location"] == "/api/v1/users/anna/"


def test_a_list_instead_of_an_object_is_refused(api, cast):
    assert api.as_(cast.alice).patch("/api/v1/me/", [1], format="json").status_code == 400


# --- Pictures -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_picture_becomes_a_small_square_webp(api, browser, cast, kind):
    answer = send(api.as_(cast.alice), picture(size=(900, 1200), kind=kind))
    url = answer.json()["avatar"]
    assert url.startswith(f"/avatars/{cast.alice.pk}/")
    served = browser.get(url)
    assert (served["Content-Type"], "immutable" in served["Cache-Control"]) == ("image/webp", True)
    image = Image.open(io.BytesIO(served.getvalue()))
    assert (image.format, image.size) == ("WEBP", (512, 512))
    assert api.get("/api/v1/users/alice/").json()["avatar"] == url


def test_a_picture_may_be_the_body_itself(api, cast):
    answer = api.as_(cast.alice).put("/api/v1/me/avatar/", picture().read(), content_type="image/jpeg")
    assert answer.json()["avatar"].endswith(".webp")


def test_a_picture_is_upright_and_says_nothing_of_its_camera(api, browser, cast):
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "CANARY-CAMERA"
    left_red = Image.new("RGB", (400, 400), (0, 0, 255))
    left_red.paste((255, 0, 0), (0, 0, 200, 400))
    out = io.BytesIO()
    left_red.save(out, "JPEG", exif=exif, comment=b"CANARY-COMMENT")
    url = send(api.as_(cast.alice), SimpleUploadedFile("p.jpg", out.getvalue())).json()["avatar"]
    data = browser.get(url).getvalue()
    assert b"CANARY" not in data
    red, _green, blue = Image.open(io.BytesIO(data)).convert("RGB").getpixel((200, 50))
    assert red > 200
    assert blue < 60  # turned by 90 degrees: what was left is on top


def bomb():
    """A PNG whose header promises 30,000 × 30,000 pixels."""
    import struct
    import zlib

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    data = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    data += struct.pack(">I", 1) + b"IDAT\x00" + struct.pack(">I", zlib.crc32(b"IDAT\x00"))
    return SimpleUploadedFile("bomb.png", data)


@pytest.mark.parametrize(
    ("file", "code", "words"),
    [
        (lambda: SimpleUploadedFile("a.jpg", b"<svg onload=alert(1)>"), "not_a_picture", "not a picture"),
        (lambda: SimpleUploadedFile("a.jpg", b""), "empty_picture", "empty"),
        (lambda: picture(kind="BMP"), "not_a_picture", "JPEG, PNG, WEBP or GIF"),
        (lambda: picture(kind="TIFF"), "not_a_picture", "JPEG, PNG, WEBP or GIF"),
        (bomb, "too_many_pixels", "40 megapixels"),
        (
            lambda: SimpleUploadedFile("a.jpg", picture((2000, 2000)).read()[:900]),
            "damaged_picture",
            "damaged",
        ),
    ],
)
def test_a_bad_file_gets_a_sentence_and_changes_nothing(api, cast, file, code, words):
    client = api.as_(cast.alice)
    before = send(client, picture()).json()["avatar"]
    answer = send(client, file())
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
    assert words in answer.json()["error"]["message"]
    assert client.get("/api/v1/me/").json()["avatar"] == before


def test_a_file_that_is_too_large_is_refused(api, cast, monkeypatch):
    monkeypatch.setattr("socialapp.lib.pictures.MAX_BYTES", 1000)
    answer = send(api.as_(cast.alice), SimpleUploadedFile("a.jpg", b"x" * 2000))
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")


def test_a_request_without_a_file_is_a_sentence(api, cast):
    assert (
        api.as_(cast.alice).put("/api/v1/me/avatar/", {"avatar": "text"}, format="multipart").status_code
        == 400
    )
    assert api.as_(cast.alice).put("/api/v1/me/avatar/", {}, format="multipart").status_code == 400
    assert api.put("/api/v1/me/avatar/", {}, format="multipart").status_code == 401


def test_the_old_file_goes_when_the_new_one_is_safe(api, browser, cast, django_capture_on_commit_callbacks):
    client = api.as_(cast.alice)
    first = send(client, picture()).json()["avatar"]
    with django_capture_on_commit_callbacks(execute=True):
        second = send(client, picture(colour=(0, 90, 0))).json()["avatar"]
    assert not default_storage.exists(first[1:])
    assert default_storage.exists(second[1:])
    assert browser.get(first).status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        assert client.delete("/api/v1/me/avatar/").status_code == 204
    assert client.get("/api/v1/me/").json()["avatar"] is None
    assert not default_storage.exists(second[1:])


def test_a_picture_goes_with_its_person_and_names_are_not_guessed(api, browser, cast):
    url = send(api.as_(cast.alice), picture()).json()["avatar"]
    assert browser.get(f"/avatars/{cast.alice.pk}/other.webp").status_code == 404
    assert browser.get(f"/avatars/{cast.bob.pk}/{url.rsplit('/', 1)[1]}").status_code == 404
    assert browser.get(f"/avatars/{10**30}/x.webp").status_code == 404
    User.objects.filter(pk=cast.alice.pk).update(is_active=False)
    assert browser.get(url).status_code == 404


# --- Settings pages -------------------------------------------------------------------------------------------

PAGES = ["/settings/profile/", "/settings/account/", "/settings/privacy/", "/follow-requests/"]


@pytest.mark.parametrize("path", PAGES)
def test_a_settings_page_opens_for_its_person_only(browser, cast, path):
    assert browser.as_(cast.alice).get(path).status_code == 200
    answer = browser.get(path)
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={path}")


def test_settings_lead_to_the_profile(browser, cast):
    assert browser.as_(cast.alice).get("/settings/")["Location"] == "/settings/profile/"


def test_the_profile_page_saves_and_speaks_the_language(browser, cast):
    page = browser.as_(cast.alice)
    answer = page.post(
        "/settings/profile/", {"display_name": "Ålice", "bio": "b", "language": "fr", "country": "fr"}
    )
    assert answer.status_code == 302
    assert answer.cookies["django_language"].value == "fr"
    cast.alice.refresh_from_db()
    assert (cast.alice.display_name, cast.alice.country, cast.alice.language) == ("Ålice", "FR", "fr")


def test_the_profile_page_says_what_is_wrong(browser, cast):
    answer = browser.as_(cast.alice).post("/settings/profile/", {"country": "1!"})
    assert answer.status_code == 400
    assert "two capital letters" in answer.content.decode()


def test_a_picture_is_set_and_removed_on_the_page(browser, cast):
    page = browser.as_(cast.alice)
    page.post("/settings/avatar/", {"avatar": picture()})
    cast.alice.refresh_from_db()
    assert cast.alice.avatar
    bad = page.post("/settings/avatar/", {"avatar": SimpleUploadedFile("x.png", b"nonsense")})
    assert (bad.status_code, "not a picture" in bad.content.decode()) == (400, True)
    page.post("/settings/avatar/", {"remove": "1"})
    cast.alice.refresh_from_db()
    assert not cast.alice.avatar


def test_a_user_name_is_changed_on_the_page(browser, cast):
    page = browser.as_(cast.alice)
    assert "taken" in page.post("/settings/account/", {"username": "bob"}).content.decode()
    assert page.post("/settings/account/", {"username": "anna"}).status_code == 302
    assert page.get("/@anna/followers/").status_code == 200


@pytest.mark.parametrize("path", ["/settings/profile/", "/settings/avatar/", "/settings/account/deactivate/"])
def test_a_forged_post_is_refused(cast, path):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.alice, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.post(path, {}).status_code == 403
    cast.alice.refresh_from_db()
    assert cast.alice.deactivated_at is None


# --- Bios -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (
            "see https://www.a.example/x?y=1&z.",
            'href="https://www.a.example/x?y=1&amp;z" rel="nofollow ugc noopener"',
        ),
        ("hi @bob!", 'hi <a href="/@bob/">@bob</a>!'),
        ("mail me@bob.example", "mail me@bob.example"),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
        ('https://a.example/"onmouseover="x', 'href="https://a.example/" rel'),
    ],
)
def test_a_bio_makes_links_and_nothing_else(text, html):
    from accounts.templatetags.people import bio

    assert html in bio(text)
    assert "<img" not in bio(text)
