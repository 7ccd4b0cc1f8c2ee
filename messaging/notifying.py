"""Facts of other rooms turned into notifications: who is told of what, and under which key it is grouped.

Only looks up whom a fact concerns; `actions.notify` decides whether they are told.
"""

import re

from accounts.access import get_person, may
from accounts.models import User
from socialapp.lib.errors import NotFound
from videos.access import get_video
from videos.models import Challenge, Comment, Invite, Promotion, Video

from . import actions
from .models import Notification

_K = Notification.Kind
_MENTION = re.compile(r"(?<![\w@])@([A-Za-z0-9_.]{2,24})")
MENTIONS = 5  # of one text; more is spam


def liked(video_id: int, person_id: int) -> None:
    """Tell the author."""
    author = Video.objects.filter(pk=video_id).values_list("author_id", flat=True).first()
    if author:
        actions.notify(author, _K.LIKE, actor_id=person_id, video_id=video_id, group_key=f"like:{video_id}")


def unliked(video_id: int, person_id: int) -> None:
    """Take it back while it is unread."""
    author = Video.objects.filter(pk=video_id).values_list("author_id", flat=True).first()
    if author:
        actions.withdraw(author, f"like:{video_id}", actor_id=person_id)


def commented(comment_id: int) -> None:
    """Tell whose comment it answers, the clip's author, and who is mentioned: each at most once."""
    comment = Comment.objects.select_related("video", "parent", "author").filter(pk=comment_id).first()
    if comment is None:
        return
    told = {comment.author_id}

    def tell(person_id: int, kind: str, key: str) -> None:
        if person_id not in told:
            told.add(person_id)
            actions.notify(
                person_id,
                kind,
                group_key=key,
                actor_id=comment.author_id,
                video_id=comment.video_id,
                comment_id=comment.pk,
            )

    if comment.parent:
        tell(comment.parent.author_id, _K.REPLY, f"reply:{comment.parent_id}")
    tell(comment.video.author_id, _K.COMMENT, f"comment:{comment.video_id}")
    for person in _mentioned(comment.author, comment.text):
        tell(person.pk, _K.MENTION, f"mention:{comment.pk}")


def comment_held(comment_id: int) -> None:
    """Tell the clip's author that a comment waits for them; nobody else is told anything yet."""
    comment = Comment.objects.select_related("video").filter(pk=comment_id).exclude(held_for="").first()
    if comment is not None:
        actions.notify(
            comment.video.author_id,
            _K.COMMENT_HELD,
            group_key=f"held:{comment.video_id}",
            actor_id=comment.author_id,
            video_id=comment.video_id,
            comment_id=comment.pk,
        )


def comment_settled(video_id: int, person_id: int) -> None:
    """Take that back while it is unread, once nothing by this person waits under the clip."""
    waiting = Comment.objects.filter(
        video=video_id, author=person_id, hidden_at=None, removed_at=None, held_for__gt=""
    )
    author = Video.objects.filter(pk=video_id).values_list("author_id", flat=True).first()
    if author and not waiting.exists():
        actions.withdraw(author, f"held:{video_id}", actor_id=person_id)


def _mentioned(author: User, text: str) -> list[User]:
    people = []
    for username in list(dict.fromkeys(_MENTION.findall(text)))[:MENTIONS]:
        try:
            person = get_person(author, username.rstrip("."))
        except NotFound:
            continue
        if may(author, person, "mention_audience"):
            people.append(person)
    return people


def clip_ready(video_id: int) -> None:
    """Tell the author; of a published clip also those whom its caption mentions, and whose clip it was made with."""
    video = Video.objects.select_related("author", "remix_of__author").filter(pk=video_id).first()
    if video is None:
        return
    actions.notify(video.author_id, _K.CLIP_READY, video_id=video_id, group_key=f"clip:{video_id}")
    if video.published_at is None:
        return
    for person in _mentioned(video.author, video.caption):
        key = f"mention:{video_id}"
        actions.notify(person.pk, _K.MENTION, actor_id=video.author_id, video_id=video_id, group_key=key)
    if video.remix_of is not None:
        _remixed(video, video.remix_of)


def _remixed(video: Video, source: Video) -> None:
    """Tell whose clip it was made with, as far as they may see it."""
    try:
        get_video(source.author, video.pk)
    except NotFound:
        return
    actions.notify(
        source.author_id,
        _K.REMIX,
        group_key=f"remix:{source.pk}",
        actor_id=video.author_id,
        video_id=source.pk,
        text=f"{video.remix_kind}:{video.pk}",
    )


def clip_held(video_id: int) -> None:
    """Tell the author that their clip waits for a moderator."""
    author = (
        Video.objects.filter(pk=video_id).exclude(held_for="").values_list("author_id", flat=True).first()
    )
    if author:
        key = f"held:{video_id}"
        actions.notify(author, _K.CLIP_READY, video_id=video_id, group_key=key, text="held")


def clip_failed(video_id: int) -> None:
    """Tell the author; why it failed is said by the clip itself, in the language it is read in."""
    author = Video.objects.filter(pk=video_id).values_list("author_id", flat=True).first()
    if author:
        actions.notify(author, _K.CLIP_FAILED, video_id=video_id, group_key=f"clip:{video_id}")


def promotion_decided(promotion_id: int) -> None:
    """Tell who pays how staff decided about their promotion, as it stands by now; or that it waits again."""
    row = Promotion.objects.filter(pk=promotion_id).first()
    said = {"approved": "approved", "rejected": "rejected", "submitted": "waits"}
    if row is not None and row.state in said:
        what = f"promotion_{said[row.state]}:{row.pk}"
        actions.notify(row.owner_id, _K.MODERATION, group_key=f"promotion:{row.pk}", text=what)


def challenge_sponsored(challenge_id: int) -> None:
    """Tell the host how staff decided about the sponsor of their challenge."""
    row = Challenge.objects.filter(pk=challenge_id).first()
    if row is not None and row.sponsorship in (Challenge.Sponsorship.APPROVED, Challenge.Sponsorship.REFUSED):
        what = f"challenge_{row.sponsorship}:{row.slug}"
        actions.notify(row.host_id, _K.MODERATION, group_key=f"challenge:{row.pk}", text=what)


def invite_accepted(invite_id: int, person_id: int) -> None:
    """Tell whoever made the invite. To the author it takes the place of "followed you": it was one deed."""
    row = (
        Invite.objects.filter(pk=invite_id).values_list("inviter_id", "video_id", "video__author_id").first()
    )
    if row is None:
        return
    inviter, video, author = row
    if inviter == author:
        actions.withdraw(author, "follow", actor_id=person_id)
    actions.notify(
        inviter, _K.INVITE_ACCEPTED, actor_id=person_id, video_id=video, group_key=f"invite:{video}"
    )


def invite_undone(invite_id: int, person_id: int) -> None:
    """Take it back while it is unread."""
    row = Invite.objects.filter(pk=invite_id).values_list("inviter_id", "video_id").first()
    if row is not None:
        actions.withdraw(row[0], f"invite:{row[1]}", actor_id=person_id)


def challenge_moderated(challenge_id: int, *, removed: bool) -> None:
    """Tell the host that a moderator removed their challenge or brought it back, unless it is otherwise by now."""
    row = Challenge.objects.filter(pk=challenge_id, removed_at__isnull=not removed).first()
    if row is not None:
        what = "challenge_removed" if removed else "challenge_back"
        actions.notify(row.host_id, _K.MODERATION, group_key=f"challenge:{row.pk}", text=f"{what}:{row.slug}")
