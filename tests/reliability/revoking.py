"""The hand inside a live site, for tests/reliability/test_revocation.py: does what no address offers to a test, told by lines
of JSON on stdin, and answers on stdout. Run by the test as a process with the site's own environment.
"""

import json
import sys
import time
from unittest import mock

import django


def main():
    django.setup()
    from allauth.usersessions.models import UserSession
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage
    from django.test import Client
    from django.utils import timezone

    from accounts import actions as accounts
    from accounts.models import Follow, User
    from messaging import actions as messaging
    from privacy import actions as privacy
    from videos import media
    from videos.models import Rendition, Video

    def person(name):
        return User.objects.get(username=name)

    def session(name):
        client = Client()
        client.force_login(person(name), backend="allauth.account.auth_backends.AuthenticationBackend")
        key = client.session.session_key
        UserSession.objects.create(
            user=person(name), session_key=key, ip="127.0.0.1", user_agent=""
        )  # as logging in does
        return key

    def clip(name, audience="public"):
        video = Video.objects.create(
            author=person(name),
            caption="A clip",
            audience=audience,
            state="ready",
            duration_ms=1000,
            width=360,
            height=640,
            cover="cover.webp",
            playlist="master.m3u8",
            published_at=timezone.now(),
        )
        Rendition.objects.create(
            video=video,
            name="360.mp4",
            width=360,
            height=640,
            short_side=360,
            bitrate=1,
            size=1,
            codecs="avc1",
        )
        for file in ("360.mp4", "cover.webp", "master.m3u8"):
            default_storage.save(media.key_of(video.folder, file), ContentFile(b"clip" * 100))
        return str(video.pk)

    def talk(one, other):
        room, _new = messaging.open_conversation(person(one), [other])
        for number, name in enumerate((one, other)):  # both wrote: no request stands between them
            messaging.send_message(person(name), room.pk, client_id=f"{one}-{other}-{number}", text="hello")
        return str(room.pk)

    def follows(one, other):
        Follow.objects.get_or_create(
            follower=person(one),
            followed=person(other),
            defaults={"state": "accepted", "accepted_at": timezone.now()},
        )

    def ban(name):
        accounts.suspend(person("mod"), person(name), "For the drill.")

    def reinstate(name):
        accounts.reinstate(person("mod"), person(name))

    def delete(name):
        # The one-time code has tests of its own; what follows on it is what is measured.
        with mock.patch("accounts.codes.check_code"):
            accounts.ask_deletion(person(name), "", request=None)

    def restore(name):
        accounts.restore(person(name))

    def unblock(one, other):
        privacy.unblock(person(one), person(other))

    def staff(name):
        User.objects.filter(username=name).update(is_staff=True, is_superuser=True)

    deeds = {
        deed.__name__: deed
        for deed in (session, clip, talk, follows, ban, reinstate, delete, restore, unblock, staff)
    }
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        try:
            answer = deeds[name](*arguments)
        except Exception as error:
            sys.stdout.write(json.dumps({"error": f"{type(error).__name__}: {error}"}) + "\n")
        else:
            sys.stdout.write(json.dumps({"answer": answer, "at": time.time()}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
