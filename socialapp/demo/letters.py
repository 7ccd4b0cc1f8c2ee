"""Conversations and notifications of the demo, written by the real actions and then dated back."""

from datetime import datetime, timedelta

from accounts.models import Follow, User
from messaging import actions as messaging
from messaging.models import Conversation, Message, Notification, NotificationActor, Participant
from videos.models import Comment, Like, Video

from .cast import PEOPLE
from .catalogue import CLIPS
from .moments import dice
from .society import ASKS, People
from .story import find
from .words import CONVERSATIONS, FAN_MAIL, FIRST_LINES

_K = Notification.Kind


def seed_conversations(people: People, now: datetime) -> None:
    """Every conversation of the words, once: a message has the demo's own client id, and sending it twice sends it once."""
    clips = {clip.slug: clip for clip in CLIPS}
    for pair, lines in CONVERSATIONS.items():
        first = lines[0][0]
        other = pair[1] if pair[0] == first else pair[0]
        if Message.objects.filter(sender=people[first], client_id=f"demo-{pair[0]}-{pair[1]}-0").exists():
            continue
        conversation, _new = messaging.open_conversation(people[first], [other])
        for number, (sender, text, slug, _minutes) in enumerate(lines):
            video = find(clips[slug], people) if slug else None
            messaging.send_message(
                people[sender],
                conversation.pk,
                client_id=f"demo-{pair[0]}-{pair[1]}-{number}",
                text=text,
                video_id=video.pk if video else None,
            )
        for name in pair:
            # The other one of a request has not looked yet, and alice has not read carol's last line.
            unread = (name == "alice" and len(lines) == 1) or (name == "alice" and "carol" in pair)
            if not unread:
                messaging.mark_read(people[name], conversation.pk)
            elif len(lines) > 1:
                conversation.refresh_from_db(fields=["last_seq"])
                messaging.mark_read(people[name], conversation.pk, conversation.last_seq - 1)
        _date_back(conversation, lines, now, f"demo-{pair[0]}-{pair[1]}-")
    favourite = Message.objects.filter(client_id="demo-alice-carol-2").first()
    if favourite is not None and not favourite.reactions.exists():
        messaging.react(people["alice"], favourite.pk, "🌻")


def _date_back(
    conversation: Conversation, lines: list[tuple[str, str, str, int]], now: datetime, prefix: str
) -> None:
    for message in Message.objects.filter(conversation=conversation, client_id__startswith=prefix):
        moment = now - timedelta(minutes=lines[int(message.client_id.removeprefix(prefix))][3])
        Message.objects.filter(pk=message.pk).update(created_at=moment)
    first, last = now - timedelta(minutes=lines[0][3]), now - timedelta(minutes=lines[-1][3])
    Conversation.objects.filter(pk=conversation.pk).update(created_at=first, last_message_at=last)
    Participant.objects.filter(conversation=conversation).update(joined_at=first, last_message_at=last)
    Participant.objects.filter(conversation=conversation).exclude(accepted_at=None).update(accepted_at=first)
    time_answers(conversation)


def time_answers(conversation: Conversation) -> None:
    """Let each answer have taken as long as the dates of the messages say: they were all written within a second."""
    seats = list(Participant.objects.filter(conversation=conversation))
    waiting: dict[int, datetime] = {}
    for message in Message.objects.filter(conversation=conversation).order_by("seq"):
        since = waiting.pop(message.sender_id, None) if message.sender_id else None
        if since is not None and message.answered_after is not None:
            took = int((message.created_at - since).total_seconds())
            Message.objects.filter(pk=message.pk).update(answered_after=max(0, took))
        for seat in seats:
            if seat.person_id != message.sender_id:
                waiting.setdefault(seat.person_id, message.created_at)
    for seat in seats:
        if seat.waiting_since is not None:
            Participant.objects.filter(pk=seat.pk).update(waiting_since=waiting.get(seat.person_id))


def seed_fan_mail(people: People, now: datetime) -> None:
    """Two months of questions to alice and her answers. Comes before the announcement: numbers and times rise together."""
    alice = people["alice"]
    if Message.objects.filter(client_id__startswith="demo-fan-").exists():
        return
    named = {person.username for person in PEOPLE}
    known = set(Follow.objects.filter(followed=alice).values_list("follower_id", flat=True))
    askers = [person for name, person in people.items() if name not in named and person.pk not in known]
    letters: list[tuple[User, User, tuple[str, ...]]] = [
        (asker, alice, words) for asker, words in zip(askers, FAN_MAIL, strict=False)
    ]
    letters += [(alice, people[name], words) for name, words in FIRST_LINES.items()]
    rng = dice("fan mail")
    for number, (first, second, words) in enumerate(letters):
        began = (7 + 4 * number) * 24 * 60 - float(rng.uniform(0, 600))
        conversation, _new = messaging.open_conversation(first, [second.username])
        lines, ago = [], began
        for line, text in enumerate(words):
            sender = (first, second)[line % 2]
            messaging.send_message(sender, conversation.pk, client_id=f"demo-fan-{number}-{line}", text=text)
            lines.append((sender.username, text, "", int(ago)))
            # Half of the answers come within 37 minutes; the other one writes again after hours.
            ago -= float(rng.lognormal(3.6, 1.2) if line % 2 == 0 else rng.uniform(200, 1000))
        for reader in (first, second):
            messaging.mark_read(reader, conversation.pk)
        _date_back(conversation, lines, now, f"demo-fan-{number}-")


def seed_notifications(people: People, now: datetime) -> None:
    """What the people of the demo were told lately; alice has some that she has not read. Once, before she has other ones."""
    if Notification.objects.filter(recipient=people["alice"]).exclude(kind=_K.MESSAGE_REQUEST).exists():
        return
    alice = people["alice"]
    clips = {clip.slug: video for clip in CLIPS if (video := find(clip, people)) is not None}
    for name, other in ASKS:
        messaging.notify(
            people[other].pk, _K.FOLLOW_REQUEST, actor_id=people[name].pk, group_key="follow_request"
        )
    for slug in ("contours", "pendulums", "current"):
        if slug in clips:
            _tell_of_likes(clips[slug], 24)
    messaging.mark_notifications_read(alice)
    Notification.objects.filter(recipient=alice).update(read_at=now - timedelta(hours=20))
    for name in ("theo.paper", "kavya.moves", "sam.orbits"):
        messaging.notify(alice.pk, _K.FOLLOW, actor_id=people[name].pk, group_key="follow")
    for slug, hours in (("silk", 1.0), ("current", 30.0)):
        if slug in clips:
            _tell_of_likes(clips[slug], 9)
            _tell_of_comments(clips[slug], people, hours)
    for slug in ("train", "fireflies", "lamps"):
        if slug in clips:
            _tell_of_likes(clips[slug], 12)
            _tell_of_comments(clips[slug], people, 20.0)
    if "train" in clips:
        messaging.notify(
            alice.pk,
            _K.MENTION,
            actor_id=people["bob"].pk,
            video_id=clips["train"].pk,
            group_key=f"mention:clip:{clips['train'].pk}",
        )
    for age, row in enumerate(
        Notification.objects.filter(recipient__in=[p.pk for p in people.values()]).order_by("-id")
    ):
        moment = (
            now - timedelta(minutes=14 + 47 * age)
            if row.read_at is None
            else now - timedelta(days=2, hours=3 * age)
        )
        Notification.objects.filter(pk=row.pk).update(created_at=moment, updated_at=moment)
        NotificationActor.objects.filter(notification=row).update(created_at=moment)


def _tell_of_likes(video: Video, count: int) -> None:
    people = (
        Like.objects.filter(video=video).order_by("-created_at").values_list("person_id", flat=True)[:count]
    )
    for person in people:
        messaging.notify(
            video.author_id, _K.LIKE, actor_id=person, video_id=video.pk, group_key=f"like:{video.pk}"
        )


def _tell_of_comments(video: Video, people: People, hours: float) -> None:
    for comment in Comment.objects.filter(video=video, parent=None).order_by("id"):
        messaging.notify(
            video.author_id,
            _K.COMMENT,
            actor_id=comment.author_id,
            video_id=video.pk,
            comment_id=comment.pk,
            group_key=f"comment:{video.pk}",
        )
