"""A person with a row in every table that holds something of people, and a file in every place that keeps files.

CANARY stands in every text of theirs. What alice, bob and carol did to them is theirs as well, as it goes with them.
"""

from datetime import date, timedelta

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.backends.cached_db import SessionStore
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from videos.search import indexing

CANARY = "kanarienvogel"
RECEIVED = "These words were received and stay."


def make_leaver(make_person, make_video, cast):
    """Everything there can be of a person called CANARY, who stands beside the cast."""
    person = make_person(
        CANARY,
        display_name=f"{CANARY} name",
        bio=f"{CANARY} bio",
        pronouns=f"{CANARY}/it",
        phone="+33612345678",
        phone_verified_at=timezone.now(),
        birth_date=date(1990, 1, 1),
    )
    person.avatar.save("a.webp", ContentFile(f"{CANARY} avatar".encode()))
    _account(person, cast)
    clip, theirs = _clips(person, cast, make_video)
    _safety(person, cast, clip)
    _messages(person, cast, theirs)
    _group(person, cast, clip)
    _told(person, cast)
    _statistics(person, clip, theirs)
    _caches(person)
    indexing.index_due()
    return person


def _account(person, cast):
    from allauth.account.models import EmailAddress, EmailConfirmation
    from allauth.usersessions.models import UserSession
    from axes.models import AccessAttempt
    from django.contrib.auth.models import Group, Permission

    from accounts.models import (
        BusinessProfile,
        Follow,
        FollowBackSettings,
        FollowerScore,
        FormerUsername,
        OneTimeCode,
        User,
    )

    BusinessProfile.objects.create(
        person=person, category="food", email=f"{CANARY}@example.com", website=f"https://{CANARY}.example"
    )
    FollowBackSettings.objects.create(person=person, topics=[CANARY])
    FollowerScore.objects.create(creator=person, person=cast.bob, likes=1, score=3)
    FollowerScore.objects.create(creator=cast.alice, person=person, likes=1, score=3)
    address = EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    EmailConfirmation.objects.create(email_address=address, key=f"{CANARY}-key", sent=timezone.now())
    later = timezone.now() + timedelta(days=20)
    FormerUsername.objects.create(person=person, username=f"{CANARY}_old", until=later)
    OneTimeCode.objects.create(
        person=person, purpose="delete", sent_to=CANARY, digest="d", flow="f", expires_at=later
    )
    for follower, followed in ((person, cast.alice), (cast.bob, person)):
        Follow.objects.create(
            follower=follower, followed=followed, state="accepted", accepted_at=timezone.now()
        )
        User.objects.filter(pk=follower.pk).update(following_count=1)
    User.objects.filter(pk=cast.alice.pk).update(followers_count=3)
    Follow.objects.create(follower=cast.dave, followed=person, state="pending")
    store = SessionStore()
    store["_auth_user_id"], store["word"] = str(person.pk), CANARY
    store.save()
    UserSession.objects.create(
        user=person,
        ip="192.0.2.1",
        session_key=store.session_key,
        user_agent=CANARY,
        created_at=timezone.now(),
    )
    for name in (person.username, person.email.upper()):
        AccessAttempt.objects.create(
            username=name,
            ip_address="192.0.2.1",
            failures_since_start=1,
            get_data="",
            post_data="",
            user_agent="",
        )
    LogEntry.objects.create(
        user=cast.mod,
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(person.pk),
        object_repr=CANARY,
        action_flag=2,
    )
    LogEntry.objects.create(user=person, object_repr=CANARY, action_flag=2)
    person.groups.add(Group.objects.create(name="a group"))
    person.user_permissions.add(Permission.objects.first())
    _second_factor(person)


def _second_factor(person):
    from django.apps import apps

    if apps.is_installed("allauth.mfa"):
        apps.get_model("mfa", "Authenticator").objects.create(
            user=person, type="totp", data={"secret": CANARY}
        )


def _clips(person, cast, make_video):
    from videos.media import original_key_of
    from videos.models import (
        Captions,
        Challenge,
        ChallengeMark,
        Collection,
        CollectionItem,
        Comment,
        CommentLike,
        Contact,
        FeedSettings,
        Fingerprint,
        FirstAudience,
        Invite,
        Like,
        MediaJob,
        Part,
        Preference,
        Preview,
        RecentSearch,
        Save,
        Share,
        Sound,
        Tag,
        Transcode,
        Upload,
        Video,
        Watch,
    )

    sound = Sound.objects.create(title=f"{CANARY} sound", owner=person, file="sound.m4a")
    clip = make_video(
        person,
        caption=f"{CANARY} caption #tagged",
        product_title=CANARY,
        original="original.mp4",
        sound=sound,
        likes_count=1,
    )
    clip.tags.add(Tag.objects.create(name="tagged", videos_count=1))
    for name in ("360.mp4", "master.m3u8", "cover.webp"):
        default_storage.save(f"clips/{clip.folder}/{name}", ContentFile(f"{CANARY} {name}".encode()))
    default_storage.save(original_key_of(clip.folder, "original.mp4"), ContentFile(CANARY.encode()))
    default_storage.save(original_key_of(clip.folder, "part.mp4"), ContentFile(CANARY.encode()))
    default_storage.save(f"clips/{sound.folder}/sound.m4a", ContentFile(CANARY.encode()))
    Part.objects.create(video=clip, role="clip", position=1, original="part.mp4")
    Transcode.objects.create(video=clip, state="done")
    MediaJob.objects.create(video=clip, kind="watermark", state="done")
    Captions.objects.create(video=clip, language="en", vtt=f"WEBVTT\n\n{CANARY}")
    Fingerprint.objects.create(video=clip, position=0, bits=1, band0=1, band1=1, band2=1, band3=1)
    upload = Upload.objects.create(
        owner=person, filename=f"{CANARY}.mp4", length=5, expires_at=timezone.now() + timedelta(days=1)
    )
    (settings.WORK_DIR / "uploads").mkdir(parents=True, exist_ok=True)
    (settings.WORK_DIR / "uploads" / upload.pk).write_text(CANARY)

    theirs = make_video(cast.alice, caption="alice's clip", comments_count=2, likes_count=2, saves_count=1)
    Video.objects.filter(pk=theirs.pk).update(shares_count=1)
    comment = Comment.objects.create(video=theirs, author=person, text=f"{CANARY} comment", replies_count=1)
    Comment.objects.create(video=theirs, author=cast.bob, parent=comment, text="a reply")
    other = Comment.objects.create(video=theirs, author=cast.bob, text="bob's words", likes_count=1)
    Video.objects.filter(pk=theirs.pk).update(comments_count=3)
    CommentLike.objects.create(comment=other, person=person)
    Like.objects.create(video=theirs, person=person)
    Like.objects.create(video=theirs, person=cast.bob)
    Like.objects.create(video=clip, person=cast.bob)
    save = Save.objects.create(video=theirs, person=person)
    Share.objects.create(video=theirs, person=person, channel="link")
    Preference.objects.create(video=theirs, person=person, stance="hide")
    Preference.objects.create(author=person, person=cast.bob, stance="less")
    Watch.objects.create(person=person, video=theirs, first_at=timezone.now(), last_at=timezone.now())
    Watch.objects.create(person=cast.bob, video=clip, first_at=timezone.now(), last_at=timezone.now())
    FeedSettings.objects.create(person=person, chronological=True)
    RecentSearch.objects.create(person=person, text=f"{CANARY} search")
    FirstAudience.objects.create(video=clip, shown=3)
    challenge = Challenge.objects.create(
        slug="canary",
        host=person,
        tag=Tag.objects.get(name="tagged"),
        title=f"{CANARY} challenge",
        brief=CANARY,
        banner="banner.webp",
        starts_at=timezone.now(),
        ends_at=timezone.now() + timedelta(days=7),
    )
    ChallengeMark.objects.create(challenge=challenge, video=theirs, verdict="winner", place=1)
    default_storage.save(f"clips/{challenge.folder}/banner.webp", ContentFile(CANARY.encode()))
    _promotions(person, cast, clip, theirs)
    Preview.objects.create(video=theirs, person=person)
    contact = Contact.objects.create(
        owner=person, name=f"{CANARY} contact", channel="email", address=f"{CANARY}@example.org"
    )
    soon = timezone.now() + timedelta(days=14)
    Invite.objects.create(inviter=person, video=theirs, contact=contact, channel="email", expires_at=soon)
    Invite.objects.create(
        inviter=cast.alice,
        video=theirs,
        channel="copy",
        expires_at=soon,
        accepted_by=person,
        accepted_at=timezone.now(),
    )
    collection = Collection.objects.create(owner=person, name=f"{CANARY} collection")
    CollectionItem.objects.create(collection=collection, save_row=save)
    from accounts.models import User

    User.objects.filter(pk=cast.alice.pk).update(likes_count=2)
    for row in (clip, comment):
        LogEntry.objects.create(
            user=cast.mod,
            content_type=ContentType.objects.get_for_model(type(row)),
            object_id=str(row.pk),
            object_repr=str(row),
            action_flag=2,
        )
    return clip, theirs


def _promotions(person, cast, clip, theirs):
    """One of theirs that bob was shown, and one of alice's that they were shown."""
    from videos.models import Promotion, PromotionDay, PromotionShowing

    now = timezone.now()
    for row_of, video, seen_by in ((person, clip, cast.bob), (cast.alice, theirs, person)):
        row = Promotion.objects.create(
            owner=row_of,
            video=video,
            goal="views",
            daily_budget=10,
            starts_on=now.date(),
            ends_on=now.date(),
            note=CANARY if row_of == person else "",
        )
        PromotionDay.objects.create(promotion=row, day=now.date(), spent=1, reach=1)
        PromotionShowing.objects.create(
            promotion=row, person=seen_by, day=now.date(), number=1, nth=1, slot=seen_by.username, at=now
        )


def _safety(person, cast, clip):
    from privacy.actions import audit
    from privacy.models import (
        Appeal,
        Block,
        BlockedTerm,
        Case,
        DataExport,
        Decision,
        Mute,
        Report,
        Restriction,
    )

    Block.objects.create(blocker=person, blocked=cast.dave)
    Mute.objects.create(muter=person, muted=cast.carol)
    Restriction.objects.create(restricter=person, restricted=cast.bob)
    BlockedTerm.objects.create(term="word", folded="word", added_by=person)
    case = Case.objects.create(target_type="video", target_id=clip.pk, person=person, detail={"text": CANARY})
    Report.objects.create(
        reporter=cast.bob,
        target_type="video",
        target_id=clip.pk,
        target_person=person,
        reason="spam",
        case=case,
    )
    Report.objects.create(
        reporter=person,
        target_type="person",
        target_id=cast.bob.pk,
        target_person=cast.bob,
        reason="spam",
        note=CANARY,
    )
    decision = Decision.objects.create(
        case=case, person=person, moderator=cast.mod, act="warn", statement=CANARY, excerpt=CANARY
    )
    Appeal.objects.create(decision=decision, text=CANARY)
    audit(person, "username.change", "person", person.pk, before=CANARY, after=f"{CANARY}2")
    audit(cast.mod, "suspend", "person", person.pk, reason=CANARY)
    name = default_storage.save(f"exports/{person.pk}/one.zip", ContentFile(CANARY.encode()))
    DataExport.objects.create(person=person, state="ready", file=name, size=6)


def _messages(person, cast, theirs):
    from messaging.models import (
        Conversation,
        Message,
        Notification,
        NotificationActor,
        Participant,
        Reaction,
    )

    low, high = sorted((person.pk, cast.alice.pk))
    talk = Conversation.objects.create(direct_key=f"{low}:{high}", last_seq=3, last_message_at=timezone.now())
    for one in (person, cast.alice):
        Participant.objects.create(conversation=talk, person=one, last_seq=3, last_message_at=timezone.now())
    Message.objects.create(conversation=talk, sender=person, seq=1, client_id=f"{CANARY}1", text=RECEIVED)
    answer = Message.objects.create(
        conversation=talk, sender=cast.alice, seq=2, client_id="a", text="An answer"
    )
    Message.objects.create(
        conversation=talk,
        sender=person,
        seq=3,
        client_id=f"{CANARY}3",
        text=CANARY,
        taken_down_at=timezone.now(),
    )
    Reaction.objects.create(message=answer, person=person, emoji="🐦")
    alone = Conversation.objects.create(name=CANARY, last_seq=1)
    Participant.objects.create(conversation=alone, person=person)
    Message.objects.create(conversation=alone, sender=person, seq=1, client_id=f"{CANARY}4", text=CANARY)
    note = Notification.objects.create(
        recipient=cast.alice, kind="like", group_key="like:1", actor=person, actors_count=2, video=theirs
    )
    for one in (cast.bob, person):
        NotificationActor.objects.create(notification=note, person=one)
    Notification.objects.create(
        recipient=cast.bob, kind="follow", group_key="follow", actor=person, text=CANARY
    )
    mine = Notification.objects.create(
        recipient=person, kind="follow", group_key="follow", actor=cast.alice, text=CANARY
    )
    NotificationActor.objects.create(notification=mine, person=cast.alice)


def _group(person, cast, clip):
    """A group that the person looks after, with pictures, an announced clip and messages nobody reads any more."""
    from messaging.models import Announcement, Conversation, HiddenMessage, Message, MessageImage, Participant

    now = timezone.now()
    group = Conversation.objects.create(
        is_group=True, name="Trip", last_seq=4, last_change=4, last_message_at=now
    )
    for one in (person, cast.bob, cast.carol):
        Participant.objects.create(
            conversation=group, person=one, added_by=person, is_admin=one == person, last_seq=4
        )
    news = Announcement.objects.create(author=person, video=clip, text=CANARY, audience="followers")
    said = [
        Message(sender=cast.bob, kind="event", text="admin", subject=person),
        Message(sender=person, text=RECEIVED, announcement=news),
        Message(sender=person, text=CANARY, search_text=CANARY, removed_at=now),
        Message(sender=person, text=CANARY, search_text=CANARY, held_for="repeated"),
    ]
    for number, message in enumerate(said, 1):
        message.conversation, message.seq, message.change = group, number, number
        message.client_id = f"{message.sender.username}g{number}"
        message.save()
    HiddenMessage.objects.create(message=said[0], person=person)
    for number, message in enumerate((said[1], said[2], None)):
        text = RECEIVED if message is said[1] else CANARY
        file = default_storage.save(f"messages/p{number}.webp", ContentFile(text.encode()))
        MessageImage.objects.create(
            owner=person, conversation=group, message=message, file=file, width=1, height=1, size=1
        )


def _told(person, cast):
    """How the person is told of things, and what answers for them."""
    from messaging.models import (
        AwayMessage,
        Message,
        NotificationSettings,
        Push,
        PushSubscription,
        QuickReply,
        ReportedMessage,
    )
    from privacy.models import Report

    QuickReply.objects.create(owner=person, text=CANARY)
    AwayMessage.objects.create(owner=person, text=CANARY)
    NotificationSettings.objects.create(person=person, time_zone="Europe/Paris")
    PushSubscription.objects.create(
        person=person, session=CANARY, endpoint=CANARY, endpoint_hash=CANARY, p256dh=CANARY, auth=CANARY
    )
    Push.objects.create(person=person, due_at=timezone.now())
    said = Message.objects.get(sender=cast.alice, text="An answer")
    ReportedMessage.objects.create(report=Report.objects.filter(reporter=person).first(), message=said)


def _statistics(person, clip, theirs):
    from analytics.models import (
        CountryDay,
        CreatorDay,
        EngagementDue,
        EngagementWeek,
        Event,
        HourDay,
        PromotedDay,
        Report,
        RetentionDay,
        Sketch,
        SourceDay,
        VideoDay,
    )
    from videos.models import Promotion

    for video, viewer in ((theirs, person), (clip, None)):
        Event.objects.create(
            creator=video.author,
            video=video,
            viewer=viewer,
            session=CANARY,
            watched_ms=900,
            duration_ms=1000,
            at=timezone.now(),
        )
    CreatorDay.objects.create(creator=person, day=date(2026, 1, 2), views=3)
    clips_day = {"video": clip, "creator": person, "day": date(2026, 1, 2)}
    VideoDay.objects.create(**clips_day, views=3)
    SourceDay.objects.create(**clips_day, source="profile", views=3)
    PromotedDay.objects.create(
        promotion=Promotion.objects.get(owner=person), creator=person, day=date(2026, 1, 2), views=3
    )
    CountryDay.objects.create(**clips_day, country="FR", views=3)
    RetentionDay.objects.create(**clips_day, reached=b"\1\0\0\0", replays=b"\0\0\0\0", skips=b"\0\0\0\0")
    HourDay.objects.create(creator=person, day=date(2026, 1, 2), hour=9, views=3)
    Sketch.objects.create(
        kind=Sketch.Kind.CREATOR, subject=person.pk, creator=person, day=date(2026, 1, 2), registers=b"1"
    )
    EngagementWeek.objects.create(creator=theirs.author, person=person, week=date(2026, 1, 5), views=2)
    EngagementWeek.objects.create(creator=person, person=theirs.author, week=date(2026, 1, 5), views=2)
    EngagementDue.objects.create(creator=person, due_on=date(2026, 1, 12))
    Report.objects.create(creator=person, kind=Report.Kind.AUDIENCE, body={"canary": CANARY})
    Report.objects.create(creator=person, kind=Report.Kind.FOLLOW_BACK, body={"canary": CANARY})


def _caches(person):
    from socialapp.lib.realtime import push
    from socialapp.lib.redis import connection

    push([person.pk], "message.new", {"text": CANARY})
    connection().hset(f"feed:seen:{person.pk}:abc", "0", b"12345678")
