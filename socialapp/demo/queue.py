"""Fifty things for moderators to decide about: clips, comments, messages, sounds and accounts that people reported, and
some that a rule of the site held. The demo has them, and the tests of the queue clear them.

What is reported is mild on purpose, comes from accounts that exist for nothing else, and its clips are for followers
only, so that no feed of the demo shows them.
"""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile
from django.db import transaction

from accounts import actions as accounts
from accounts.models import User
from messaging import actions as messaging
from privacy import actions as privacy
from privacy.cases import open_case
from privacy.models import Case, PrivacySettings, Report
from privacy.rules import Audience
from videos import actions as videos
from videos import media
from videos.actions.showing import hold
from videos.holds import Found
from videos.models import Comment, Rendition, Sound, Transcode, Video, new_folder

from .cast import PEOPLE, avatar
from .complaints import ACCOUNTS, COMPLAINTS, Complaint
from .moments import dice, id_at, own_times
from .society import PASSWORD, People, user_row


def seed_queue(people: People, now: datetime) -> int:
    """Make the accounts, what they did and what was said about it, once; returns how many cases are open.

    Needs clips of the demo's people to write under and to copy the pictures of.
    """
    if User.objects.filter(username=ACCOUNTS[0].username).exists():
        return Case.objects.filter(state=Case.State.OPEN).count()
    named = {person.username for person in PEOPLE}
    stage = _Stage(_accounts(now), [person for name, person in people.items() if name not in named], now)
    for number, complaint in enumerate(COMPLAINTS):
        target = getattr(stage, complaint.kind)(number, complaint)
        _complain(stage, number, complaint, target)
    return Case.objects.filter(state=Case.State.OPEN).count()


def _accounts(now: datetime) -> People:
    hashed = make_password(PASSWORD)
    made = [user_row(person, hashed, now) for person in ACCOUNTS]
    with transaction.atomic():
        User.objects.bulk_create(made)
        PrivacySettings.objects.bulk_create(PrivacySettings(person=user, findable=False) for user in made)
    users = {
        user.username: user
        for user in User.objects.filter(pk__in=[u.pk for u in made]).select_related("privacy")
    }
    for person in ACCOUNTS:
        if person.bio:
            accounts.set_avatar(users[person.username], ContentFile(avatar(person), "avatar.png"))
    return users


class _Stage:
    """What the complaints are about, made one by one; each method returns the row and who may report it."""

    def __init__(self, culprits: People, crowd: list[User], now: datetime) -> None:
        self.culprits, self.crowd, self.now = culprits, crowd, now
        public = Video.objects.filter(
            state=Video.State.READY,
            audience=Audience.PUBLIC,
            author__in=_authors(),
            author__privacy__is_private=False,
        )
        self.clips = list(
            public.select_related("author", "sound").prefetch_related("renditions").order_by("-id")
        )

    def reporters(self, number: int, count: int) -> list[User]:
        """Different people for each complaint, so that nobody reports more than a person may."""
        return [self.crowd[(number * 3 + k) % len(self.crowd)] for k in range(count)]

    def when(self, number: int, k: int = 0) -> datetime:
        """When it was reported: spread over three days, the last a few minutes ago."""
        hours = float(dice("complaint", number).uniform(0.1, 70))
        return self.now - timedelta(hours=hours, minutes=-7 * k)

    def video(self, number: int, complaint: Complaint) -> Video:
        author, source = self.culprits[complaint.by], self.clips[number % len(self.clips)]
        clip = copy_clip(source, author, complaint.words, self.when(number) - timedelta(hours=5))
        if complaint.rule:
            detail: dict[str, Any] = dict(complaint.detail)
            if complaint.rule == Case.Rule.DUPLICATE:
                detail |= {"clips": [str(source.pk)], "share": 0.94}
            hold(clip, Found(complaint.rule, detail))
        self._follow(number, complaint, author)
        return clip

    def sound(self, number: int, complaint: Complaint) -> Sound:
        clip = self.video(number, Complaint("video", complaint.by, f"♪ {complaint.words}", complaint.told))
        source = self.clips[number % len(self.clips)].sound
        moment = self.when(number) - timedelta(hours=5)
        sound = Sound(
            id=id_at(moment, "complaint-sound", number),
            title=complaint.words,
            owner=self.culprits[complaint.by],
            uses_count=1,
        )
        if source is not None:
            sound.duration_ms, sound.file, sound.peaks = source.duration_ms, source.file, source.peaks
            media.copy_folder(source.folder, sound.folder)
        sound.save(force_insert=True)
        Video.objects.filter(pk=clip.pk).update(sound=sound)
        return sound

    def person(self, number: int, complaint: Complaint) -> User:
        return self.culprits[complaint.by]

    def comment(self, number: int, complaint: Complaint) -> Comment:
        clip = self.clips[number % len(self.clips)]
        author = self.culprits[complaint.by]
        if complaint.rule:  # it waits: seen by its writer, counted nowhere
            row = Comment.objects.create(
                video=clip, author=author, text=complaint.words, held_for=Comment.Held.SITE
            )
            open_case("comment", row.pk, author, rule=complaint.rule, detail=dict(complaint.detail))
            return row
        return videos.comment(author, clip, complaint.words)

    def message(self, number: int, complaint: Complaint) -> Any:
        sender, (reader, *_others) = self.culprits[complaint.by], self.reporters(number, 1)
        conversation, _new = messaging.open_conversation(sender, [reader.username])
        return messaging.send_message(
            sender, conversation.pk, client_id=f"complaint-{number}", text=complaint.words
        )

    def _follow(self, number: int, complaint: Complaint, author: User) -> None:
        for person in self.reporters(number, len(complaint.told)):
            accounts.follow(person, author)


def _authors() -> Any:
    """Whose clips are written under and copied: not those who log in to the demo, whose inboxes stay pleasant."""
    shown = ("alice", "bob", "carol", "dave", "brand")
    quiet = User.objects.filter(username__in=[p.username for p in PEOPLE if p.username not in shown])
    return (
        quiet
        if Video.objects.filter(author__in=quiet, audience=Audience.PUBLIC).exists()
        else User.objects.all()
    )


def copy_clip(source: Video, author: User, caption: str, moment: datetime) -> Video:
    """Another row with the same pictures, for the author's followers."""
    clip = Video(
        id=id_at(moment, "copied-clip", caption),
        author=author,
        caption=caption,
        audience=Audience.FOLLOWERS,
        state=Video.State.READY,
        folder=new_folder(),
        created_at=moment,
        published_at=moment,
        **{name: getattr(source, name) for name in _COPIED},
    )
    media.copy_folder(source.folder, clip.folder)
    with transaction.atomic(), own_times(Video):
        clip.save(force_insert=True)
        Rendition.objects.bulk_create(
            Rendition(video=clip, **{name: getattr(row, name) for name in _RENDITION})
            for row in source.renditions.all()
        )
        Transcode.objects.create(
            video=clip,
            state=Transcode.State.DONE,
            stage=Transcode.Stage.DONE,
            percent=100,
            queued_at=moment,
            finished_at=moment,
        )
        accounts.add_videos(author.pk, 1)
    return clip


_COPIED = tuple(
    "original original_bytes cover preview playlist blurhash dominant_color duration_ms width height language".split()
)
_RENDITION = ("name", "width", "height", "short_side", "bitrate", "size", "codecs")


def _complain(stage: _Stage, number: int, complaint: Complaint, target: Any) -> None:
    """The reports, by people who may see the thing, and the rule's own case; dated back."""
    for k, (reason, note) in enumerate(complaint.told if not complaint.rule else ()):
        reporter = stage.reporters(number, len(complaint.told))[k]
        row = privacy.report(reporter, complaint.kind, str(target.pk), reason, note)
        Report.objects.filter(pk=row.pk).update(created_at=stage.when(number, k))
    found = Case.objects.filter(target_type=complaint.kind, target_id=target.pk, state=Case.State.OPEN)
    found.update(created_at=stage.when(number))
