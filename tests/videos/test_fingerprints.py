"""Footage is known again after what copiers do to it, and different footage is not taken for the same."""

import subprocess
from itertools import combinations

import numpy as np
import pytest

from socialapp.demo.catalogue import CLIPS, scene_of
from socialapp.lib.ffmpeg import binary
from tests.environment import ROOT
from videos import fingerprints
from videos.models import Fingerprint

SCENES = {clip.slug: clip for clip in CLIPS}
FILMED = ("silk", "contours", "ribbon")  # one each of soft, lined and moving pictures


def film(slug, *options):
    """A scene as a small clip, encoded with these options of ffmpeg."""
    folder = ROOT / "films"
    folder.mkdir(exist_ok=True)
    source = folder / f"{slug}.mp4"
    if not source.exists():
        frames = list(scene_of(SCENES[slug], 24))
        height, width = frames[0].shape[:2]
        raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", "6", "-i", "-"]
        _ffmpeg(
            [*raw, "-vf", "scale=360:640", "-r", "24", source],
            b"".join(frame.astype("uint8").tobytes() for frame in frames),
        )
    if not options:
        return source
    made = folder / f"{slug}-{abs(hash(options))}.mp4"
    _ffmpeg(["-i", source, *options, made])
    return made


def _ffmpeg(arguments, stdin=None):
    encoder = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
    *rest, target = arguments
    subprocess.run(
        [binary(), "-v", "error", "-y", *map(str, rest), *encoder, str(target)],
        input=stdin,
        check=True,
        timeout=120,
    )


@pytest.fixture
def hashes(tmp_path):
    def read(path):
        folder = tmp_path / path.stem
        folder.mkdir()
        return [bits for _at, bits in fingerprints.read(path, folder)]

    return read


COPIES = {
    "encoded anew, badly": ("-crf", "38"),
    "half the size": ("-vf", "scale=180:320", "-crf", "28"),
    "cropped by 4 %": ("-vf", "crop=iw*0.96:ih*0.96,scale=360:640"),
    "mirrored": ("-vf", "hflip"),
    "brighter": ("-vf", "eq=brightness=0.06:contrast=1.1"),
    "without colour": ("-vf", "hue=s=0"),
    "without its end": ("-t", "2.5"),
    "between black bars": ("-vf", "pad=640:640:140:0:black"),
}


@pytest.mark.parametrize("slug", FILMED)
@pytest.mark.parametrize("how", COPIES)
def test_a_copy_is_known_again(make_video, cast, hashes, slug, how):
    original, copy = make_video(cast.alice), make_video(cast.bob)
    for clip, path in ((original, film(slug)), (copy, film(slug, *COPIES[how]))):
        rows = [fingerprints.row(clip.pk, at, bits) for at, bits in enumerate(hashes(path))]
        Fingerprint.objects.bulk_create(rows)
    found = fingerprints.alike(fingerprints.of(copy.pk), besides=copy.pk)
    assert [like.video_id for like in found] == [original.pk]
    assert found[0].mirrored is (how == "mirrored")


def test_different_scenes_are_not_taken_for_each_other():
    known = {}
    for clip in CLIPS:
        grey = [np.asarray(frame[..., :3].mean(axis=2), dtype=np.uint8) for frame in scene_of(clip, 8)]
        known[clip.slug] = [bits for _at, bits in fingerprints.distinct(map(small, grey))]
    assert sum(map(bool, known.values())) >= 24
    for one, other in combinations(known, 2):
        for turned in (0, fingerprints.MIRROR):
            asked = [bits ^ turned for bits in known[one]]
            assert fingerprints.likeness(asked, known[other]) < fingerprints.SHARE, (one, other, turned)


def small(picture):
    """As ffmpeg hands pictures over."""
    from PIL import Image

    side = fingerprints.GRAB
    return np.asarray(Image.fromarray(picture).resize((side, side), Image.Resampling.BOX))


def test_pictures_that_show_nothing_have_no_hash():
    black = np.zeros((96, 96), dtype=np.uint8)
    fog = np.full((96, 96), 200, dtype=np.uint8)
    assert fingerprints.distinct([black, fog]) == []


def test_a_picture_that_stands_still_is_kept_once():
    chance = np.random.default_rng(1)
    picture = np.kron(chance.integers(0, 255, (8, 8)), np.ones((12, 12))).astype(np.uint8)
    assert len(fingerprints.distinct([picture] * 5)) == 1


def test_the_mirrored_picture_has_the_same_hash_turned():
    chance = np.random.default_rng(2)
    picture = np.kron(chance.integers(0, 255, (8, 8)), np.ones((12, 12))).astype(np.uint8)
    turned = np.ascontiguousarray(picture[:, ::-1])
    assert fingerprints.bits_of(turned) == fingerprints.bits_of(picture) ^ fingerprints.MIRROR


@pytest.mark.engines
def test_bits_survive_the_database(make_video, cast):
    clip = make_video(cast.alice)
    bits = [0, 1, (1 << 63) | 5, (1 << 64) - 1]
    Fingerprint.objects.bulk_create(fingerprints.row(clip.pk, at, number) for at, number in enumerate(bits))
    assert fingerprints.of(clip.pk) == bits


def test_a_title_card_inside_a_clip_makes_no_copy():
    card, film_of_ten = [7], [7, *(1 << n | 0xF0F0 << 20 for n in range(9))]
    assert fingerprints.likeness(card, film_of_ten) < fingerprints.SHARE
