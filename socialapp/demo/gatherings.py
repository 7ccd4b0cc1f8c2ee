"""What the demo's people do in messages beyond writing to one another: a group, an announcement, an exclusive preview,
kept answers, an away message. By the real actions, then dated back; each step runs once."""

import time
from datetime import datetime, timedelta

from accounts.models import User
from messaging import actions
from messaging.models import Announcement, AwayMessage, Conversation, Message, Participant, QuickReply
from videos.models import Video

from .catalogue import CLIPS
from .letters import time_answers
from .queue import copy_clip
from .society import People
from .story import find

GROUP = "Slow loops club"
MEMBERS = ("carol", "bob", "sam.orbits", "kavya.moves")
# Who, what, which clip, how many minutes ago.
LINES: tuple[tuple[str, str, str, int], ...] = (
    ("alice", "One rule: nothing here is faster than a walk.", "", 1510),
    ("sam.orbits", "Define walk. Planets walk.", "", 1504),
    ("kavya.moves", "Planets absolutely do not walk 😄", "", 1503),
    ("carol", "Mine this week. Two takes, one neighbour, no wind.", "fireflies", 960),
    ("bob", "the neighbour makes it", "", 955),
    ("kavya.moves", "I would watch an hour of this", "", 610),
    ("alice", "Sunday, same place, everybody brings one loop?", "", 84),
    ("carol", "In. I bring coffee.", "", 61),
    ("bob", "in", "", 58),
)
REACTIONS = ((3, "alice", "❤️"), (3, "bob", "🔥"), (3, "sam.orbits", "❤️"), (1, "alice", "😂"))
# Before anything else that the two of a conversation wrote: numbers and times rise together.
ANNOUNCED = ("alice", "silk", "New one. Headphones help, patience helps more.", 6 * 24 * 60)
PREVIEWED = (
    "kavya.moves",
    "kavya.moves",
    "Rehearsal, one take. It comes out on Friday; you are first.",
    "For friends: tell me honestly whether the end works.",
    190,
)
REPLIES = (
    "Thank you. That made my day.",
    "It is drawn with numbers: a few hundred lines of code and a lot of waiting.",
    "Yes, use it with a credit. A link to the clip is enough.",
)
PATIENCE = 120  # seconds
AWAY = "Thank you for writing. We answer on weekdays between nine and four, Aarhus time."


def seed_announcement(people: People, now: datetime) -> None:
    """A clip that alice told her followers of. Comes before the conversations."""
    author, slug, words, minutes = ANNOUNCED
    video = next((video for clip in CLIPS if clip.slug == slug and (video := find(clip, people))), None)
    if video is not None:
        _send(people[author], video, words, "followers", now - timedelta(minutes=minutes))


def seed_gatherings(people: People, now: datetime) -> None:
    """The rest; what is there stays as it is."""
    _kept_answers(people)
    if not Conversation.objects.filter(is_group=True, name=GROUP).exists():
        _group(people, now)
    _preview(people, now)


def _kept_answers(people: People) -> None:
    if not QuickReply.objects.filter(owner=people["alice"]).exists():
        for text in REPLIES:
            actions.add_quick_reply(people["alice"], text)
    if not AwayMessage.objects.filter(owner=people["brand"]).exists():
        actions.set_away(people["brand"], text=AWAY, on=True)


def _group(people: People, now: datetime) -> None:
    group = actions.start_group(people["alice"], MEMBERS, GROUP)
    clips = {clip.slug: clip for clip in CLIPS}
    written = []
    for number, (sender, text, slug, minutes) in enumerate(LINES):
        video = find(clips[slug], people) if slug else None
        message = actions.send_message(
            people[sender],
            group.pk,
            client_id=f"demo-group-{number}",
            text=text,
            video_id=video.pk if video else None,
        )
        written.append((message, now - timedelta(minutes=minutes)))
    for number, name, emoji in REACTIONS:
        actions.react(people[name], written[number][0].pk, emoji)
    for name in ("alice", *MEMBERS):
        # alice has not read the last two.
        upto = written[-3][0].seq if name == "alice" else None
        actions.mark_read(people[name], group.pk, upto)
    _date_back(group, {message.pk: moment for message, moment in written}, written[0][1])


def _date_back(conversation: Conversation, moments: dict[int, datetime], first: datetime) -> None:
    """Give messages their time; what has none (events of the group) comes right before the first."""
    for message in Message.objects.filter(conversation=conversation):
        moment = moments.get(message.pk, first - timedelta(minutes=2))
        Message.objects.filter(pk=message.pk).update(created_at=moment)
    last = max(moments.values())
    seats = Participant.objects.filter(conversation=conversation)
    seats.update(joined_at=first - timedelta(minutes=2), last_message_at=last, waiting_since=None)
    Conversation.objects.filter(pk=conversation.pk).update(
        created_at=first - timedelta(minutes=2), last_message_at=last
    )
    time_answers(conversation)


def _preview(people: People, now: datetime) -> None:
    author, owner, caption, words, minutes = PREVIEWED
    source = next((video for clip in CLIPS if clip.author == owner and (video := find(clip, people))), None)
    moment = now - timedelta(minutes=minutes)
    if source is None or Announcement.objects.filter(author=people[author]).exists():
        return
    clip = copy_clip(source, people[author], caption, moment)
    Video.objects.filter(pk=clip.pk).update(state=Video.State.DRAFT, published_at=None)
    _send(people[author], clip, words, "friends", moment, preview=True)


def _send(
    author: User, video: Video, words: str, audience: str, moment: datetime, *, preview: bool = False
) -> None:
    """Announce, have it sent here and now, and date it back. Nothing when the author announced something already."""
    if Announcement.objects.filter(author=author).exists():
        return
    row = actions.announce(author, video_id=video.pk, text=words, audience=audience, preview=preview)
    until = time.monotonic() + PATIENCE
    waiting = Announcement.objects.filter(pk=row.pk, state=Announcement.State.WAITING)
    while waiting.exists() and time.monotonic() < until:
        if not actions.serve_announcements(PATIENCE):
            time.sleep(0.2)  # the site's own worker was quicker, and is at it
    sent = Message.objects.filter(announcement=row)
    seats = Participant.objects.filter(conversation__in=sent.values("conversation"))
    seats.exclude(person=author).update(last_message_at=moment)
    Conversation.objects.filter(pk__in=sent.values("conversation")).update(last_message_at=moment)
    sent.update(created_at=moment)
    Announcement.objects.filter(pk=row.pk).update(created_at=moment, finished_at=moment)
