"""Rows that tests begin with: a person, a clip. Importing this starts nothing, so the shell of a running site may, too."""

PASSWORD = "demo-password"


def person(username, **fields):
    """Make a person by user name; other fields as given."""
    from accounts.models import User

    privacy = fields.pop("privacy", {})
    user = User.objects.create_user(username, f"{username}@example.com", PASSWORD, **fields)
    if privacy:
        for name, value in privacy.items():
            setattr(user.privacy, name, value)
        user.privacy.save()
    return user


def video(author, **fields):
    """Make a ready clip by a person, without files; other fields as given."""
    from django.utils import timezone

    from videos.models import Rendition, Video

    fields = {
        "caption": "A clip",
        "state": "ready",
        "duration_ms": 1000,
        "width": 360,
        "height": 640,
        "cover": "cover.webp",
        "playlist": "master.m3u8",
        "published_at": timezone.now(),
        **fields,
    }
    clip = Video.objects.create(author=author, **fields)
    if clip.state == "ready":
        Rendition.objects.create(
            video=clip,
            name="360.mp4",
            width=360,
            height=640,
            short_side=360,
            bitrate=500_000,
            size=62_500,
            codecs="avc1.64001e,mp4a.40.2",
        )
    return clip
