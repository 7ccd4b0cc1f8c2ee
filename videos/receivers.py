"""What videos does when another app tells it something, and what it tells lower apps it can do. Connected by apps.py."""

from typing import Any

from accounts.models import User
from privacy.reports import register_target

from .access import get_comment, get_sound, get_video


def _video(viewer: Any, target_id: str) -> tuple[int, User | None]:
    video = get_video(viewer, target_id)
    return video.pk, video.author


def _comment(viewer: Any, target_id: str) -> tuple[int, User | None]:
    comment = get_comment(viewer, target_id)
    return comment.pk, comment.author


def _sound(viewer: Any, target_id: str) -> tuple[int, User | None]:
    sound = get_sound(viewer, target_id)
    return sound.pk, sound.owner


register_target("video", _video)
register_target("comment", _comment)
register_target("sound", _sound)
