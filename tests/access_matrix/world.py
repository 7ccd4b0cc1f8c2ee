"""One small world with every kind of viewer and one clip in every state, for the access matrix."""

from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace

from django.utils import timezone

VIEWERS = (
    "anonymous",
    "stranger",
    "follower",
    "friend",
    "pending",
    "blocked",
    "blocker",
    "owner",
    "suspended",
    "moderator",
)
STATES = (
    "public",
    "followers",
    "friends",
    "only_me",
    "private_account",
    "draft",
    "scheduled",
    "preview",
    "waiting",
    "remix",
    "processing",
    "removed",
    "deactivated",
)

# Spelled out by hand from the product's words, not computed from the code under test.
EVERYONE = {"anonymous", "stranger", "follower", "friend", "pending", "owner", "suspended", "moderator"}
SEES_CLIP = {
    "public": EVERYONE,
    "followers": {"follower", "friend", "owner"},
    "friends": {"friend", "owner"},
    "only_me": {"owner"},
    "private_account": {"follower", "friend", "owner"},
    "draft": {"owner"},
    "scheduled": {"owner"},
    "preview": {"follower", "owner"},  # a draft that was sent to the follower, and once to the blocked ones
    "waiting": {"owner"},  # a rule of the site keeps it for a moderator
    "remix": EVERYONE,
    "processing": {"owner"},
    "removed": set(),
    "deactivated": {"owner"},
}
# A private account is met by everyone: the page says that it is private and offers to ask.
SEES_PERSON = {"normal": EVERYONE, "private": EVERYONE, "deactivated": {"owner"}}
# A suspended person's session counts as nobody's.
NOBODY = {"anonymous", "suspended"}


@dataclass
class Account:
    """A creator of one kind, the people who stand to them in every relation, and their clips."""

    owner: object
    viewers: dict
    clips: dict
    comments: dict
    held: dict  # a comment by the friend that waits for the owner, under each clip
    hidden: dict  # one that the owner hid; the follower answered it
    collection: object  # the owner's, with the first clip in it
    request: object
    conversation: object = None
    message: object = None


def make_account(make_person, make_video, prefix, states, **privacy):
    """An owner called `prefix`, ten viewers, and a clip for each of `states`."""
    from accounts.models import Follow
    from privacy.models import Block
    from videos.models import Captions, Comment, Invite, Preview, Video

    def person(kind, **fields):
        return make_person(f"{prefix}_{kind}", **fields)

    owner = make_person(prefix, privacy=privacy)
    viewers = {
        kind: person(kind) for kind in ("stranger", "follower", "friend", "pending", "blocked", "blocker")
    }
    viewers["owner"] = owner
    viewers["suspended"] = person("suspended")
    viewers["moderator"] = person("moderator", is_staff=True, is_superuser=True)
    viewers["anonymous"] = None
    now = timezone.now()

    def follows(follower, followed, state="accepted"):
        return Follow.objects.create(
            follower=follower,
            followed=followed,
            state=state,
            accepted_at=now if state == "accepted" else None,
        )

    follows(viewers["follower"], owner)
    follows(viewers["friend"], owner)
    follows(owner, viewers["friend"])
    follows(viewers["suspended"], owner)
    request = follows(viewers["pending"], owner, "pending")
    Block.objects.create(blocker=owner, blocked=viewers["blocked"])
    Block.objects.create(blocker=viewers["blocker"], blocked=owner)

    fields = {
        "public": {},
        "followers": {"audience": "followers"},
        "friends": {"audience": "friends"},
        "only_me": {"audience": "only_me"},
        "private_account": {},
        "draft": {"state": "draft", "published_at": None},
        "scheduled": {"state": "draft", "published_at": None, "publish_at": now + timedelta(days=1)},
        "preview": {"state": "draft", "published_at": None},
        "waiting": {"held_for": "term"},
        "remix": {"remix_kind": "duet"},
        "processing": {"state": "processing", "published_at": None, "playlist": ""},
        "removed": {"state": "removed", "removed_at": now},
        "deactivated": {},
    }
    clips = {state: make_video(owner, caption=f"canary-{state}", **fields[state]) for state in states}
    if "remix" in clips:  # everybody may see the duet, few the clip that it was made with
        Video.objects.filter(pk=clips["remix"].pk).update(remix_of=clips["friends"])
    if "preview" in clips:  # whoever may not meet its author does not watch it, whatever was sent before
        for kind in ("follower", "blocked", "blocker", "pending", "suspended"):
            Preview.objects.create(video=clips["preview"], person=viewers[kind])
    # Everybody invited somebody to every clip, when they could: having done so keeps nobody in.
    Invite.objects.bulk_create(
        Invite(inviter=viewer, video=clip, channel="copy", expires_at=now + timedelta(days=7))
        for viewer in viewers.values()
        if viewer is not None
        for clip in clips.values()
    )
    for state, clip in clips.items():
        vtt = f"WEBVTT\n\n00:00.000 --> 00:00.500\ncanary-{state}\n"
        Captions.objects.create(video=clip, language="en", vtt=vtt)
    comments = {
        state: Comment.objects.create(video=clip, author=owner, text=f"canary-{state}")
        for state, clip in clips.items()
    }
    Video.objects.filter(pk__in=[clip.pk for clip in clips.values()]).update(comments_count=1)
    held = {
        state: remark(clip, viewers["friend"], f"canary-held-{state}", held_for="keyword")
        for state, clip in clips.items()
    }
    hidden = {
        state: remark(clip, viewers["friend"], f"canary-hidden-{state}", hidden_at=now)
        for state, clip in clips.items()
    }
    for state, clip in clips.items():
        remark(clip, viewers["follower"], f"canary-under-{state}", parent=hidden[state])
    account = Account(owner, viewers, clips, comments, held, hidden, collect(owner, clips), request)
    talk(account)
    return account


def remark(clip, author, text, **fields):
    from videos.models import Comment

    return Comment.objects.create(video=clip, author=author, text=text, **fields)


def collect(owner, clips):
    """A collection of the owner's with one clip of their own in it."""
    from videos.models import Collection, CollectionItem, Save

    place = Collection.objects.create(owner=owner, name="canary-collection")
    kept = Save.objects.create(person=owner, video=next(iter(clips.values())))
    CollectionItem.objects.create(collection=place, save_row=kept)
    return place


# Whose eyes the comments that wait or are hidden are for, and what answers them.
SEES_WAITING = {"owner", "friend"}


def talk(account):
    """The owner and the friend have a conversation of one message."""
    from messaging.actions import open_conversation, send_message

    friend = account.viewers["friend"]
    account.conversation, _new = open_conversation(friend, [account.owner.username])
    account.message = send_message(
        friend, account.conversation.pk, client_id=account.owner.username, text="canary-talk"
    )


def make_world(make_person, make_video):
    """Three accounts: an ordinary one, a private one, and one that its owner has deactivated."""
    ordinary = [s for s in STATES if s not in ("private_account", "deactivated")]
    world = SimpleNamespace(
        normal=make_account(make_person, make_video, "normal", ordinary),
        private=make_account(make_person, make_video, "private", ["private_account"], is_private=True),
        deactivated=make_account(make_person, make_video, "gone", ["deactivated"]),
    )
    world.challenge = gather(make_person, world)
    return world


def gather(make_person, world):
    """A challenge of somebody whom nobody here knows, with every clip of this world among its winners; it is over."""
    from videos.models import Challenge, ChallengeMark, Tag

    now = timezone.now()
    challenge = Challenge.objects.create(
        slug="gathering",
        host=make_person("gatherer", is_business=True),
        tag=Tag.objects.create(name="gathering"),
        title="Gathering",
        brief="Everything there is.",
        starts_at=now - timedelta(days=1),
        ends_at=now,
        published_at=now,
    )
    for account in (world.normal, world.private, world.deactivated):
        for clip in account.clips.values():
            clip.tags.add(challenge.tag)
            ChallengeMark.objects.create(challenge=challenge, video=clip, verdict="winner")
    return challenge


def account_of(world, state):
    """Whose clip a state's clip is."""
    return {"private_account": world.private, "deactivated": world.deactivated}.get(state, world.normal)
