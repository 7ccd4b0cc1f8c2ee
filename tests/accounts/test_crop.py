"""A picture keeps the square that its person chose; whatever was sent is cropped and encoded anew by the server."""

import io

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.avatars import Crop, square_webp
from accounts.models import User
from socialapp.lib.errors import Invalid

RED, GREEN, BLUE = (220, 20, 20), (20, 200, 20), (20, 20, 220)


def thirds(kind="PNG", width=900, height=300, **options):
    """Three squares side by side: red, green, blue."""
    picture = Image.new("RGB", (width, height), RED)
    picture.paste(GREEN, (width // 3, 0, 2 * width // 3, height))
    picture.paste(BLUE, (2 * width // 3, 0, width, height))
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def colour(data):
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.width == picture.height
        return max(
            range(3), key=lambda channel: picture.convert("RGB").getpixel((picture.width // 2,) * 2)[channel]
        )


def stored(person):
    return default_storage.open(User.objects.get(pk=person.pk).avatar.name).read()


def a_file(data=None):
    return SimpleUploadedFile("p.png", data or thirds(), "image/png")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize(("x", "channel"), [(0, 0), (1 / 3, 1), (2 / 3, 2)])
def test_the_chosen_square_is_kept(kind, x, channel):
    assert colour(square_webp(io.BytesIO(thirds(kind)), Crop(x, 0, 1))) == channel


def test_without_a_choice_the_middle_is_kept():
    assert colour(square_webp(io.BytesIO(thirds()))) == 1


def test_the_choice_counts_on_the_upright_picture():
    exif = Image.Exif()
    exif[0x0112] = 6  # stored lying, shown turned by a quarter: the left third is at the top
    data = thirds("JPEG", exif=exif)
    assert colour(square_webp(io.BytesIO(data), Crop(0, 0, 1))) == 0
    assert colour(square_webp(io.BytesIO(data), Crop(0, 2 / 3, 1))) == 2


def test_a_small_part_of_a_large_jpeg_stays_sharp():
    data = thirds("JPEG", width=3000, height=1000)
    with Image.open(io.BytesIO(square_webp(io.BytesIO(data), Crop(0.4, 0.2, 0.5)))) as picture:
        assert picture.size == (500, 500)


@pytest.mark.parametrize(
    ("size", "crop", "box"),
    [
        ((100, 50), Crop(0, 0, 1), (0, 0, 50, 50)),
        ((100, 50), Crop(0.9, 0.9, 1), (50, 0, 100, 50)),  # sticks out: moved inwards
        ((100, 50), Crop(0.999, 0.999, 0.0001), (99, 49, 100, 50)),
        ((1, 1), Crop(0.5, 0.5, 0.5), (0, 0, 1, 1)),
        ((3, 7000), Crop(0, 0.5, 1), (0, 3500, 3, 3503)),
    ],
)
def test_a_square_never_leaves_the_picture(size, crop, box):
    assert crop.box(*size) == box


@pytest.mark.parametrize(
    "sent",
    [
        {"crop_x": "-0.1", "crop_y": "0", "crop_side": "1"},
        {"crop_x": "0", "crop_y": "0", "crop_side": "0"},
        {"crop_x": "0", "crop_y": "0", "crop_side": "1.1"},
        {"crop_x": "nan", "crop_y": "0", "crop_side": "1"},
        {"crop_x": "inf", "crop_y": "0", "crop_side": "1"},
        {"crop_x": "0", "crop_y": "0"},
        {"crop_x": "left", "crop_y": "0", "crop_side": "1"},
    ],
)
def test_a_square_outside_of_the_picture_is_refused(api, cast, sent):
    with pytest.raises(Invalid):
        Crop.read(sent)
    answer = api.as_(cast.alice).put("/api/v1/me/avatar/", {"avatar": a_file(), **sent}, format="multipart")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_crop")
    assert not User.objects.get(pk=cast.alice.pk).avatar


def test_the_api_takes_the_square_in_a_form_and_in_the_address(api, cast):
    client = api.as_(cast.alice)
    square = {"crop_x": "0", "crop_y": "0", "crop_side": "1"}
    assert (
        client.put("/api/v1/me/avatar/", {"avatar": a_file(), **square}, format="multipart").status_code
        == 200
    )
    assert colour(stored(cast.alice)) == 0
    path = "/api/v1/me/avatar/?crop_x=0.667&crop_y=0&crop_side=1"
    assert client.put(path, thirds(), content_type="image/png").status_code == 200
    assert colour(stored(cast.alice)) == 2


def test_the_page_takes_the_square(browser, cast):
    page = browser.as_(cast.alice)
    page.post("/settings/avatar/", {"avatar": a_file(), "crop_x": "0.6667", "crop_y": "0", "crop_side": "1"})
    assert colour(stored(cast.alice)) == 2
    page.post("/settings/avatar/", {"avatar": a_file(), "crop_x": "", "crop_y": "", "crop_side": ""})
    assert colour(stored(cast.alice)) == 1


def test_nothing_but_pixels_is_left_of_a_cropped_picture(cast):
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    data = square_webp(io.BytesIO(thirds("JPEG", exif=exif)), Crop(0, 0, 0.5))
    assert b"home" not in data
    with Image.open(io.BytesIO(data)) as picture:
        assert not picture.getexif()
