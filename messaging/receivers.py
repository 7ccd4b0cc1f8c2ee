"""What messaging does when another app tells it something. Connected by apps.py."""

import functools
import logging
from collections.abc import Callable
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from accounts import signals as accounts
from accounts.models import User
from privacy import signals as privacy
from privacy.reports import register_target
from socialapp.lib.realtime import push_unlogged
from videos import signals as videos

from . import access, actions, moderating, notifying, presence
from .hub import SESSION_CHECK, SESSION_ENDED, STANDING_CHANGED
from .models import Notification
from .sockets import session_hash

log = logging.getLogger(__name__)
_K = Notification.Kind


def _aside(handler: Callable[..., None]) -> Callable[..., None]:
    """What happened has happened: a notification that fails must not turn a like into an error page."""

    @functools.wraps(handler)
    def wrapper(*args: Any, **kwargs: Any) -> None:
        try:
            handler(*args, **kwargs)
        except Exception:
            log.exception("%s failed", handler.__name__)

    return wrapper


# --- People ---------------------------------------------------------------------------------------------------


@receiver(accounts.followed)
@_aside
def on_followed(follower_id: int, followed_id: int, **kwargs: Any) -> None:
    actions.notify(followed_id, _K.FOLLOW, actor_id=follower_id, group_key="follow")


@receiver(accounts.unfollowed)
@_aside
def on_unfollowed(follower_id: int, followed_id: int, **kwargs: Any) -> None:
    actions.withdraw(followed_id, "follow", actor_id=follower_id)


@receiver(accounts.follow_requested)
@_aside
def on_follow_requested(follower_id: int, followed_id: int, **kwargs: Any) -> None:
    actions.notify(followed_id, _K.FOLLOW_REQUEST, actor_id=follower_id, group_key="follow_request")


@receiver(accounts.follow_request_gone)
@_aside
def on_follow_request_gone(follower_id: int, followed_id: int, **kwargs: Any) -> None:
    actions.withdraw(followed_id, "follow_request", actor_id=follower_id)


@receiver(accounts.follow_accepted)
@_aside
def on_follow_accepted(follower_id: int, followed_id: int, **kwargs: Any) -> None:
    actions.withdraw(followed_id, "follow_request", actor_id=follower_id)
    actions.notify(follower_id, _K.FOLLOW_ACCEPTED, actor_id=followed_id, group_key="follow_accepted")


@receiver(privacy.person_blocked)
@_aside
def on_person_blocked(blocker_id: int, blocked_id: int, **kwargs: Any) -> None:
    push_unlogged([blocker_id, blocked_id], STANDING_CHANGED, {})
    actions.refresh_shared_groups(blocker_id, blocked_id)
    # What the gate hides from now on may have been counted until now.
    actions.push_badges([blocker_id, blocked_id])


@receiver(privacy.person_quieted)
@_aside
def on_person_quieted(by_id: int, person_id: int, **kwargs: Any) -> None:
    push_unlogged([by_id, person_id], STANDING_CHANGED, {})
    actions.part(by_id, person_id)
    # What is kept apart from now on counted until now, or the other way round. Nobody else's tabs change.
    actions.push_badges([by_id])


@receiver(privacy.privacy_changed)
@_aside
def on_privacy_changed(person_id: int, changes: dict[str, Any], **kwargs: Any) -> None:
    if changes.get("show_activity") is False:
        actions.hide_presence(person_id)
    elif "show_activity" in changes and presence.online([person_id]):
        actions.tell_presence([person_id], online=True)


# --- Clips ----------------------------------------------------------------------------------------------------


@receiver(videos.video_liked)
@_aside
def on_liked(video_id: int, person_id: int, **kwargs: Any) -> None:
    notifying.liked(video_id, person_id)


@receiver(videos.video_unliked)
@_aside
def on_unliked(video_id: int, person_id: int, **kwargs: Any) -> None:
    notifying.unliked(video_id, person_id)


@receiver(videos.video_commented)
@_aside
def on_commented(comment_id: int, **kwargs: Any) -> None:
    notifying.commented(comment_id)


@receiver(videos.comment_held)
@_aside
def on_comment_held(comment_id: int, **kwargs: Any) -> None:
    notifying.comment_held(comment_id)


@receiver(videos.comment_settled)
@_aside
def on_comment_settled(video_id: int, person_id: int, **kwargs: Any) -> None:
    notifying.comment_settled(video_id, person_id)


@receiver(videos.video_ready)
@_aside
def on_clip_ready(video_id: int, **kwargs: Any) -> None:
    notifying.clip_ready(video_id)


@receiver(videos.video_held)
@_aside
def on_clip_held(video_id: int, **kwargs: Any) -> None:
    notifying.clip_held(video_id)


@receiver(videos.video_failed)
@_aside
def on_clip_failed(video_id: int, **kwargs: Any) -> None:
    notifying.clip_failed(video_id)


@receiver(videos.invite_accepted)
@_aside
def on_invite_accepted(invite_id: int, person_id: int, **kwargs: Any) -> None:
    notifying.invite_accepted(invite_id, person_id)


@receiver(videos.invite_undone)
@_aside
def on_invite_undone(invite_id: int, person_id: int, **kwargs: Any) -> None:
    notifying.invite_undone(invite_id, person_id)


@receiver(videos.challenge_moderated)
@_aside
def on_challenge_moderated(challenge_id: int, removed: bool, **kwargs: Any) -> None:
    notifying.challenge_moderated(challenge_id, removed=removed)


@receiver(videos.promotion_decided)
@_aside
def on_promotion_decided(promotion_id: int, **kwargs: Any) -> None:
    notifying.promotion_decided(promotion_id)


@receiver(videos.challenge_sponsored)
@_aside
def on_challenge_sponsored(challenge_id: int, **kwargs: Any) -> None:
    notifying.challenge_sponsored(challenge_id)


# --- Sessions: open sockets follow them within two seconds ------------------------------------------------------


@receiver(post_delete, sender=Session)
@_aside
def on_session_deleted(instance: Session, **kwargs: Any) -> None:
    """Log-out, "end this session", a changed password's own session: all delete the row."""
    person_id = instance.get_decoded().get(SESSION_KEY)
    if person_id:
        data = {"session": session_hash(instance.session_key)}
        transaction.on_commit(lambda: push_unlogged([int(person_id)], SESSION_ENDED, data))


@receiver(post_save, sender=User)
@_aside
def on_person_saved(instance: User, created: bool, update_fields: Any = None, **kwargs: Any) -> None:
    """Suspended, or a new password that ends the other sessions: the sockets look whether they still hold."""
    if not created and (update_fields is None or {"is_active", "password"} & set(update_fields)):
        transaction.on_commit(lambda: push_unlogged([instance.pk], SESSION_CHECK, {}))


@receiver(accounts.visibility_changed)
@_aside
def on_visibility_changed(person_id: int, **kwargs: Any) -> None:
    push_unlogged([person_id], SESSION_CHECK, {})


# --- Moderation -----------------------------------------------------------------------------------------------


@receiver(privacy.decided)
@_aside
def on_decided(decision_id: int, **kwargs: Any) -> None:
    moderating.tell_decided(decision_id)
    moderating.after_warning(decision_id)


@receiver(privacy.decision_undone)
@_aside
def on_decision_undone(decision_id: int, **kwargs: Any) -> None:
    moderating.tell_undone(decision_id)


@receiver(privacy.appeal_answered)
@_aside
def on_appeal_answered(decision_id: int, **kwargs: Any) -> None:
    moderating.tell_answered(decision_id)


@receiver(privacy.export_ready)
@_aside
def on_export_ready(person_id: int, export_id: int, **kwargs: Any) -> None:
    actions.notify(person_id, _K.EXPORT_READY, group_key=f"export:{export_id}")


# --- Reports --------------------------------------------------------------------------------------------------


def _reported_message(viewer: Any, target_id: str) -> tuple[int, Any]:
    message, _seat = access.get_message(viewer, target_id)
    return message.pk, message.sender


register_target("message", _reported_message)
moderating.register()
