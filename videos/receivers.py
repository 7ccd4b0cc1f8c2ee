"""What videos does when another app tells it something, and what it tells lower apps it can do. Connected by apps.py."""

import logging
from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.db.models.signals import post_delete, pre_delete
from django.dispatch import receiver

from accounts.actions import add_likes
from accounts.follow_back import register_clips
from accounts.models import User
from accounts.signals import business_ended, follow_accepted, followed, unfollowed, visibility_changed
from accounts.suggestions import register_topics
from privacy.reports import register_target
from privacy.signals import block_placed, decided, decision_undone, privacy_changed
from socialapp.lib.errors import Problem

from . import actions, evidence, invite_session, signals, uploads
from .access import get_comment, get_sound, get_video
from .actions import enforcing
from .feed import online
from .hashtags import apply_tags
from .models import Challenge, DoomedFolder, Part, Sound, Upload, Video
from .search import keeping  # noqa: F401  (connects the handlers)
from .topics import recent_of, topics_of

log = logging.getLogger(__name__)


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
register_topics(topics_of)
register_clips(recent_of)
enforcing.register()
evidence.register()


# Clips and uploads vanish in many ways: by their owner, in the admin, with their account. What lies outside of the
# database must follow every time, so these hang on the rows themselves.


@receiver(pre_delete, sender=Video)
def _clip_goes(instance: Video, **kwargs: Any) -> None:
    DoomedFolder.objects.get_or_create(folder=instance.folder)
    instance.caption = ""
    apply_tags(instance)
    if instance.published_at is not None and instance.state != Video.State.REMOVED:
        actions.count(instance, -1)
    add_likes(instance.author_id, -instance.likes_count)


@receiver(post_delete, sender=Video)
def _clip_gone(instance: Video, **kwargs: Any) -> None:
    video_id, folder = instance.pk, instance.folder
    if instance.upload_id:
        for upload in Upload.objects.filter(pk=instance.upload_id):
            upload.delete()
    # Its own sound goes with it, unless others use it by now.
    if instance.sound_id:
        for sound in Sound.objects.filter(pk=instance.sound_id, owner=instance.author_id, videos=None):
            sound.delete()
    transaction.on_commit(lambda: actions.erase_doomed([folder]), robust=True)
    transaction.on_commit(lambda: signals.video_deleted.send(None, video_id=video_id))


@receiver(post_delete, sender=Part)
def _part_gone(instance: Part, **kwargs: Any) -> None:
    if instance.upload_id:
        for upload in Upload.objects.filter(pk=instance.upload_id):
            upload.delete()


@receiver(post_delete, sender=Challenge)
@receiver(post_delete, sender=Sound)
def _folder_gone(instance: Sound | Challenge, **kwargs: Any) -> None:
    folder = instance.folder
    DoomedFolder.objects.get_or_create(folder=folder)
    transaction.on_commit(lambda: actions.erase_doomed([folder]), robust=True)


@receiver(post_delete, sender=Upload)
def _upload_gone(instance: Upload, **kwargs: Any) -> None:
    upload_id = instance.pk
    transaction.on_commit(lambda: uploads.discard(upload_id), robust=True)


@receiver(block_placed)
def _block_detaches(blocker_id: int, blocked_id: int, **kwargs: Any) -> None:
    actions.detach_blocked(blocker_id, blocked_id)
    actions.end_previews_between(blocker_id, blocked_id)


@receiver(decided)
def _decided(decision_id: int, **kwargs: Any) -> None:
    enforcing.after_warning(decision_id)
    enforcing.after_removal(decision_id)


@receiver(decision_undone)
def _warning_undone(decision_id: int, **kwargs: Any) -> None:
    enforcing.after_warning_undone(decision_id)


@receiver(signals.feed_changed)
@receiver(signals.video_liked)
@receiver(signals.video_unliked)
@receiver(signals.video_saved)
@receiver(signals.video_unsaved)
@receiver(signals.video_shared)
def _taste_changed(person_id: int | None, **kwargs: Any) -> None:
    if person_id:
        online.forget(person_id)


@receiver(followed)
@receiver(follow_accepted)
@receiver(unfollowed)
def _follows_changed(follower_id: int, **kwargs: Any) -> None:
    online.forget(follower_id)


@receiver(user_logged_in)
def _invite_goes_on(user: Any, request: Any = None, **kwargs: Any) -> None:
    """Signing up or logging in was asked for by an invite: it is used now. What came of it, its page says."""
    session = getattr(request, "session", None)
    token = invite_session.take_wanted(session) if session is not None else ""
    if token:
        try:
            actions.accept_invite(user, token)
        except Problem as problem:
            log.info("an invite was not accepted at log-in: %s", problem.code)


@receiver(privacy_changed)
def _account_became_private(person_id: int, changes: dict[str, Any], **kwargs: Any) -> None:
    if changes.get("is_private"):
        _move_folders(person_id)


@receiver(visibility_changed)
def _account_was_hidden_or_is_back(person_id: int, visible: bool, **kwargs: Any) -> None:
    if visible:
        enforcing.ask_again(person_id)
    else:
        _move_folders(person_id)
        actions.move_banners(person_id)


def _move_folders(person_id: int) -> None:
    """Addresses of public clips live up to an hour; they die now that not everybody may watch."""
    from .tasks import move_folders

    actions.ask_moves(person_id)
    try:
        move_folders.delay()
    except Exception as error:  # the broker is away: slower, but now
        log.warning("folders of %s are moved without the broker: %s", person_id, error)
        actions.move_asked()


@receiver(business_ended)
def _what_is_for_businesses_ends(person_id: int, **kwargs: Any) -> None:
    actions.end_promotions_of(person_id)
    actions.withdraw_sponsored_of(person_id)
