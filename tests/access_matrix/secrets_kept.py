"""A world full of canaries: each private thing carries a word of its own, and says which kinds of people may read it.

Every outsider once could see most of it: they liked, saved, collected, remixed and commented the clips, were told of them
and were sent them in messages. What they still find of it afterwards is a leak.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from types import SimpleNamespace

from django.utils import timezone

# Nine kinds of outsider, and the owner's restricted follower. A suspended person's session counts as nobody's.
OUTSIDERS = (
    "anonymous",
    "stranger",
    "follower",
    "friend",
    "pending",
    "blocked",
    "blocker",
    "suspended",
    "moderator",
    "restricted",
)
PEOPLE = OUTSIDERS[1:]
FOLLOWERS = {"follower", "friend", "restricted"}
NOT_BLOCKED = set(OUTSIDERS) - {"blocked", "blocker"}

# State → the outsiders who see the clip; by hand from product.md, not from the code.
CLIPS = {
    "public": NOT_BLOCKED,
    "followers": FOLLOWERS,
    "friends": {"friend"},
    "only_me": set(),
    "draft": set(),
    "scheduled": set(),
    "processing": set(),
    "failed": set(),
    "removed": set(),
    "held": set(),
    "private": FOLLOWERS,
    "private_friends": {"friend"},
    "left": set(),
    "banned": set(),
}
OWNER_OF = {"private": "closed", "private_friends": "closed", "left": "gone", "banned": "banned"}


@dataclass
class Secret:
    """A word, and who among the outsiders may read it."""

    word: str
    readers: set
    about: str


@dataclass
class World:
    people: dict = field(default_factory=dict)  # kind of outsider → person
    owners: dict = field(default_factory=dict)
    clips: dict = field(default_factory=dict)  # state → clip
    comments: dict = field(default_factory=dict)  # (state, how) → comment
    secrets: list = field(default_factory=list)
    talks: dict = field(default_factory=dict)
    numbers: int = 0

    def secret(self, about, readers):
        """A new word that only these may read."""
        self.numbers += 1
        word = f"canary{self.numbers:03d}q"
        self.secrets.append(Secret(word, set(readers), about))
        return word

    def know(self, word, about, readers):
        """A word that exists anyway (a folder of files, an address) and only these may read."""
        self.secrets.append(Secret(str(word), set(readers), about))

    def found(self, kind, text):
        """What in a text this outsider must not read."""
        lower = text.lower()
        return [s.about for s in self.secrets if kind not in s.readers and s.word.lower() in lower]

    def state_owner(self, state):
        return self.owners[OWNER_OF.get(state, "keeper")]


def make_secrets(make_person, make_video):
    """The world, whole."""
    world = World()
    make_people(world, make_person)
    for state in CLIPS:
        make_clip(world, make_video, state)
    for state in CLIPS:
        leave_traces(world, make_video, state)
    make_talk(world)
    make_personal(world)
    settle(world)
    return world


def make_people(world, make_person):
    from accounts.models import Follow
    from privacy.models import Block, Restriction

    now = timezone.now()
    world.owners["keeper"] = make_person("keeper")
    world.owners["closed"] = make_person("closed", privacy={"is_private": True})
    for name in ("gone", "banned"):
        world.owners[name] = make_person(
            name,
            bio=world.secret(f"bio of {name}", ()),
            # Who blocked them finds them in the list of blocks, to take it back.
            display_name=world.secret(f"name of {name}", {"blocker"}),
        )
    for kind in PEOPLE:
        staff = {"is_staff": True, "is_superuser": True} if kind == "moderator" else {}
        world.people[kind] = make_person(f"p_{kind}", **staff)
    world.people["anonymous"] = None
    for owner in world.owners.values():
        for kind in ("follower", "friend", "pending", "restricted", "suspended"):
            accepted = kind != "pending"
            Follow.objects.create(
                follower=world.people[kind],
                followed=owner,
                state="accepted" if accepted else "pending",
                accepted_at=now if accepted else None,
            )
        Follow.objects.create(
            follower=owner, followed=world.people["friend"], state="accepted", accepted_at=now
        )
        Block.objects.create(blocker=owner, blocked=world.people["blocked"])
        Block.objects.create(blocker=world.people["blocker"], blocked=owner)
        Restriction.objects.create(restricter=owner, restricted=world.people["restricted"])


def make_clip(world, make_video, state):
    """The clip and everything that hangs on it, each with a word: caption, tag, sound, captions, product, texts, files."""
    from videos.models import Captions, Sound, Tag, Upload

    now = timezone.now()
    owner, readers = world.state_owner(state), CLIPS[state]

    def word(what):
        return world.secret(f"{what} of {state}", readers)

    # A sound outlives its clip: outsiders made clips of their own with it. Who may not look at its owner's account hears
    # nothing of it all the same.
    hearers = {"keeper": NOT_BLOCKED, "closed": FOLLOWERS}.get(owner.username, set())
    tag = Tag.objects.create(name=word("tag"), videos_count=1)
    sound = Sound.objects.create(
        title=world.secret(f"sound of {state}", hearers), owner=owner, file="sound.m4a", duration_ms=1000
    )
    fields = {
        "followers": {"audience": "followers"},
        "friends": {"audience": "friends"},
        "private_friends": {"audience": "friends"},
        "only_me": {"audience": "only_me"},
        "draft": {"state": "draft", "published_at": None},
        "scheduled": {"state": "draft", "published_at": None, "publish_at": now + timedelta(days=1)},
        "processing": {"state": "processing", "published_at": None, "playlist": ""},
        "failed": {"state": "failed", "published_at": None, "playlist": "", "error_code": "unreadable"},
        "removed": {"state": "removed", "removed_at": now},
        "held": {"held_for": "term"},
    }.get(state, {})
    # One file's name is for its author alone, also where others see the clip.
    upload = Upload.objects.create(
        pk=world.secret(f"upload of {state}", ()).ljust(32, "0"),
        owner=owner,
        filename=world.secret(f"file name of {state}", ()),
        length=10,
        expires_at=now + timedelta(days=1),
    )
    clip = make_video(
        owner,
        caption=f"{word('caption')} #{tag.name}",
        sound=sound,
        upload=upload,
        product_title=word("product"),
        product_url=f"https://shop.example/{word('product link')}",
        edit={"texts": [{"text": world.secret(f"edit of {state}", ())}]},
        preview="preview.webp",
        original=f"{world.secret(f'original of {state}', ())}.mp4",
        score=50,
        likes_count=20,
        **fields,
    )
    clip.tags.add(tag)
    world.clips[state] = clip
    world.know(clip.folder, f"files of {state}", readers)
    world.know(sound.folder, f"sound file of {state}", hearers)
    vtt = f"WEBVTT\n\n00:00.000 --> 00:00.500\n{word('captions')}\n"
    Captions.objects.create(video=clip, language="en", vtt=vtt)


def leave_traces(world, make_video, state):
    """What outsiders did while they could see the clip, and were told about it."""
    from messaging.models import Notification, NotificationActor
    from videos.models import Collection, CollectionItem, Comment, CommentLike, Contact, Invite, Like, Save

    clip, owner, readers = world.clips[state], world.state_owner(state), CLIPS[state]
    friend, now = world.people["friend"], timezone.now()

    def remark(how, author, readers, **fields):
        text = world.secret(f"{how} comment under {state}", readers)
        world.comments[state, how] = Comment.objects.create(video=clip, author=author, text=text, **fields)
        return world.comments[state, how]

    said = remark("owner's", owner, readers)
    # What waits, or was hidden, is for who wrote it and for the clip's author.
    remark("waiting", friend, readers & {"friend"}, held_for="keyword")
    hidden = remark("hidden", friend, readers & {"friend"}, hidden_at=now)
    remark("answer below hidden", owner, readers & {"friend"}, parent=hidden)
    remark("taken down", friend, (), removed_at=now)
    remark("site-held", friend, readers & {"friend"}, held_for="site")
    remark("restricted", world.people["restricted"], readers & {"restricted"}, held_for="restrict")
    remark("blocked person's", world.people["blocked"], ())
    for kind in PEOPLE:
        person = world.people[kind]
        kept = Save.objects.create(person=person, video=clip)
        place, _new = Collection.objects.get_or_create(
            owner=person, name=world_name(world, kind), defaults={}
        )
        CollectionItem.objects.create(collection=place, save_row=kept)
        Like.objects.create(person=person, video=clip)
        called = world.secret(f"contact of {kind} for {state}", {kind})
        contact = Contact.objects.create(owner=person, name=called, channel="copy")
        ends = now + timedelta(days=7)
        Invite.objects.create(inviter=person, video=clip, contact=contact, channel="copy", expires_at=ends)
        CommentLike.objects.create(person=person, comment=said)
        make_video(person, caption=f"remix of {state}", remix_kind="duet", remix_of=clip)
        make_video(person, caption=f"same sound as {state}", sound=clip.sound)
        for number, comment in enumerate((None, *[c for (s, _h), c in world.comments.items() if s == state])):
            row = Notification.objects.create(
                recipient=person,
                kind="mention" if comment is None else "reply",
                group_key=f"{state}:{number}",
                actor=comment.author if comment else owner,
                video=clip,
                comment=comment,
            )
            NotificationActor.objects.create(notification=row, person=row.actor, comment=comment)


def world_name(world, kind):
    """The name of this outsider's collection: theirs alone."""
    if ("collection", kind) not in world.talks:
        world.talks["collection", kind] = world.secret(f"collection of {kind}", {kind})
    return world.talks["collection", kind]


def make_talk(world):
    """The keeper wrote to every outsider before, and sent each the clips. Blocked people keep nothing of it."""
    from django.db.models import F

    from messaging.actions import open_conversation
    from messaging.models import Conversation, Message, Participant

    keeper, now = world.owners["keeper"], timezone.now()
    for kind in PEOPLE:
        person = world.people[kind]
        pair = sorted((keeper.pk, person.pk))
        talk = Conversation.objects.create(direct_key=f"{pair[0]}:{pair[1]}", last_message_at=now)
        for who in (keeper, person):
            Participant.objects.create(conversation=talk, person=who, last_message_at=now, accepted_at=now)
        readers = {kind} - {"blocked", "blocker", "suspended"}
        rows = [
            Message(
                conversation=talk,
                sender=keeper,
                seq=1,
                client_id=f"{kind}-text",
                text=world.secret(f"message to {kind}", readers),
            ),
            Message(
                conversation=talk,
                sender=keeper,
                seq=2,
                client_id=f"{kind}-unsent",
                text=world.secret(f"unsent message to {kind}", ()),
                removed_at=now,
            ),
        ]
        for number, (state, clip) in enumerate(world.clips.items(), 3):
            rows.append(
                Message(conversation=talk, sender=keeper, seq=number, client_id=f"{kind}-{state}", video=clip)
            )
        Message.objects.bulk_create(rows)
        Conversation.objects.filter(pk=talk.pk).update(last_seq=len(rows))
        Participant.objects.filter(conversation=talk).update(last_seq=F("conversation_id") * 0 + len(rows))
        world.talks[kind] = talk
    # A conversation that is nobody's here: between two owners.
    other, _new = open_conversation(keeper, ["closed"])
    Message.objects.create(
        conversation=other, sender=keeper, seq=1, client_id="two", text=world.secret("message of others", ())
    )
    world.talks["others"] = other


def make_personal(world):
    """What is about a person and for nobody else: address, phone, birthday, settings, reports, decisions."""
    from privacy.models import AuditEntry, Case, Decision, PrivacySettings, Report
    from videos.models import Collection, CollectionItem, Save

    keeper = world.owners["keeper"]
    keeper.email = f"{world.secret('e-mail address', ())}@example.com"
    keeper.phone = "+33612345678"
    keeper.birth_date = date(1987, 3, 14)
    keeper.save()
    world.know("612345678", "phone", ())
    world.know("1987-03-14", "birthday", ())
    PrivacySettings.objects.filter(person=keeper).update(
        comment_keywords=[world.secret("filtered word", ())], approve_comments=False
    )
    place = Collection.objects.create(owner=keeper, name=world.secret("keeper's collection", ()))
    CollectionItem.objects.create(
        collection=place, save_row=Save.objects.create(person=keeper, video=world.clips["public"])
    )
    clip = world.clips["public"]
    case = Case.objects.create(
        target_type="video", target_id=clip.pk, person=keeper, detail={"term": world.secret("case", ())}
    )
    Report.objects.create(
        case=case,
        reporter=world.owners["closed"],
        target_type="video",
        target_id=clip.pk,
        target_person=keeper,
        reason="spam",
        note=world.secret("report's note", ()),
    )
    Decision.objects.create(
        case=case,
        person=keeper,
        moderator=world.people["moderator"],
        act="warn",
        reason="spam",
        statement=world.secret("statement of reasons", ()),
        excerpt=world.secret("excerpt of a decision", ()),
    )
    AuditEntry.objects.create(
        actor=world.people["moderator"],
        verb="warn",
        target_type="person",
        target_id=keeper.pk,
        detail={"note": world.secret("audit entry", ())},
    )


def settle(world):
    """From here on: one left, one was banned, one outsider was suspended."""
    from accounts.models import User

    User.objects.filter(pk=world.owners["gone"].pk).update(deactivated_at=timezone.now())
    User.objects.filter(pk=world.owners["banned"].pk).update(is_active=False)
    User.objects.filter(pk=world.people["suspended"].pk).update(is_active=False)
    for state, clip in world.clips.items():
        clip.author = world.state_owner(state)


def subjects(world):
    """Something to fill every address with, for each clip of the world."""
    for state, clip in world.clips.items():
        yield SimpleNamespace(
            state=state,
            clip=clip,
            owner=world.state_owner(state),
            comments=[c for (s, _how), c in world.comments.items() if s == state],
        )
