"""Files: an address is told only to whoever may see the clip, opens one folder for a short time, and is never guessed."""

import re
import time

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from videos import media

from .secrets_kept import CLIPS, OUTSIDERS

_ADDRESS = re.compile(r"/media/(\d+)/([\w-]+)/([\w-]+)/([\w.-]+)")


def test_addresses_are_told_to_whoever_may_see_the_clip(secrets, api):
    wrong = []
    for kind in OUTSIDERS:
        person = secrets.people[kind]
        client = api.as_(person) if person is not None and kind != "suspended" else api
        for state, clip in secrets.clips.items():
            text = client.get(f"/api/v1/videos/{clip.pk}/").content.decode()
            told = {match[3] for match in _ADDRESS.finditer(text)}
            if (clip.folder in told) != (kind in CLIPS[state]):
                wrong.append((kind, state, told))
            for match in _ADDRESS.finditer(text):
                lives = int(match[1]) - time.time()
                if lives > (3600 if state == "public" else 60):
                    wrong.append((kind, state, lives))
    assert wrong == []


def test_one_folders_signature_opens_no_other(secrets, browser):
    """Every folder of the world behind the signature of the public clip's; unsigned; with somebody's guess of an original."""
    open_clip = secrets.clips["public"]
    _empty, _media, expires, signature, _folder, name = media.media_url(open_clip, "360.mp4").split("/")
    for state, clip in secrets.clips.items():
        default_storage.save(media.key_of(clip.folder, "360.mp4"), ContentFile(state.encode()))
        default_storage.save(media.original_key(clip), ContentFile(b"original"))
        tries = [
            f"/media/{expires}/{signature}/{clip.folder}/{clip.original}",
            f"/media/{expires}/{signature}/{clip.folder}/../{clip.folder}/{name}",
            f"/media/{clip.folder}/{name}",
            f"/media/{int(time.time()) + 10**6}/{'A' * 22}/{clip.folder}/{name}",
            f"/media/originals/{clip.folder}/{clip.original}",
        ]
        if clip != open_clip:
            tries.append(f"/media/{expires}/{signature}/{clip.folder}/{name}")
        assert {browser.get(address).status_code for address in tries} == {404}, state
    assert browser.get(media.media_url(open_clip, "360.mp4")).status_code == 200


def test_the_picture_of_whoever_is_hidden_is_hidden(secrets, browser):
    """Asked for nobody in particular: a picture is public, at an address that nobody guesses, until its person is not."""
    for name, expected in (("keeper", 200), ("closed", 200), ("gone", 404), ("banned", 404)):
        person = secrets.owners[name]
        stored = default_storage.save(f"avatars/{person.pk}/face.webp", ContentFile(b"RIFFWEBP"))
        type(person).objects.filter(pk=person.pk).update(avatar=stored)
        assert browser.get(f"/{stored}").status_code == expected
