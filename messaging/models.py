"""Tables of conversations and notifications."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from privacy.models import Report
from socialapp.lib.ids import new_id
from videos.models import Comment, Video

PERSON = settings.AUTH_USER_MODEL


class Conversation(models.Model):
    """`last_seq` is the number of the newest message, handed out under this row's lock: no gap, no repeat."""

    id = models.BigIntegerField(primary_key=True, default=new_id, editable=False)
    # "<smaller id>:<larger id>" for a conversation of two, so that there is never a second one; null for groups.
    direct_key = models.CharField(max_length=41, unique=True, null=True, editable=False)
    is_group = models.BooleanField(default=False)
    name = models.CharField(max_length=60, blank=True)
    last_seq = models.PositiveBigIntegerField(default=0)
    # Grows with every new and every changed message; who asks for what changed after it misses nothing.
    last_change = models.PositiveBigIntegerField(default=0)
    last_message_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("conversation"), _("conversations")

    def __str__(self) -> str:
        return self.name or self.direct_key or str(self.pk)


class Participant(models.Model):
    """One person's view of a conversation."""

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        REQUEST = "request", _("Request")
        LEFT = "left", _("Left")

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="participants")
    person = models.ForeignKey(PERSON, models.CASCADE, related_name="participations")
    state = models.CharField(max_length=8, choices=State.choices, default=State.ACTIVE)
    read_seq = models.PositiveBigIntegerField(default=0)
    # A copy of the conversation's newest number and time, so that the inbox and the badge are one indexed read.
    last_seq = models.PositiveBigIntegerField(default=0)
    last_message_at = models.DateTimeField(null=True, blank=True)
    cleared_seq = models.PositiveBigIntegerField(
        default=0
    )  # messages up to here are deleted for this person only
    muted = models.BooleanField(default=False)
    announcements_muted = models.BooleanField(default=False)
    archived_at = models.DateTimeField(null=True, blank=True)
    pinned_at = models.DateTimeField(null=True, blank=True)
    is_admin = models.BooleanField(default=False)  # of a group
    added_by = models.ForeignKey(PERSON, models.SET_NULL, null=True, blank=True, related_name="+")
    # Since when this person owes an answer; empty when the last word is theirs.
    waiting_since = models.DateTimeField(null=True, blank=True)
    away_told_at = models.DateTimeField(null=True, blank=True)  # when their away message last went out here
    # When this person first wrote or said yes here: from then on the limits for strangers no longer apply to the others.
    accepted_at = models.DateTimeField(null=True, blank=True)
    joined_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("participant"), _("participants")
        constraints = [models.UniqueConstraint(fields=["conversation", "person"], name="participant_once")]
        indexes = [models.Index(fields=["person", "state", "-last_message_at"], name="participant_inbox")]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.conversation_id}"


class Announcement(models.Model):
    """A clip that its author tells followers or friends of. The row is the queue: `reached` is the last Follow served."""

    class Audience(models.TextChoices):
        FOLLOWERS = "followers", _("Followers")
        FRIENDS = "friends", _("Friends")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("Sent")
        STOPPED = "stopped", _("Stopped")
        UNDOING = "undoing", _("Being taken back")
        UNDONE = "undone", _("Taken back")

    id = models.BigIntegerField(primary_key=True, default=new_id, editable=False)
    author = models.ForeignKey(PERSON, models.CASCADE, related_name="announcements")
    video = models.ForeignKey(Video, models.CASCADE, related_name="announcements")
    text = models.CharField(max_length=500, blank=True)
    audience = models.CharField(max_length=10, choices=Audience.choices)
    is_preview = models.BooleanField(default=False)  # of a clip that is not published yet
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    reached = models.BigIntegerField(default=0)
    sent_count = models.PositiveIntegerField(default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("announcement"), _("announcements")
        indexes = [
            models.Index(fields=["author", "-created_at"], name="announcement_of_author"),
            models.Index(
                fields=["leased_until"],
                condition=Q(state__in=["waiting", "undoing"]),
                name="announcement_to_do",
            ),
        ]

    def __str__(self) -> str:
        return f"announcement of {self.video_id}"


class Message(models.Model):
    """`seq` orders a conversation; `client_id` is the sender's own name for it, so sending twice sends once."""

    class Kind(models.TextChoices):
        TEXT = "text", _("Message")
        EVENT = "event", _("Event")  # something that happened to a group; `text` says what, `subject` to whom
        ANNOUNCEMENT = "announcement", _("Announcement")
        AWAY = "away", _("Away message")

    class Held(models.TextChoices):
        REPEATED = "repeated", _("The same words to many")
        TERM = "term", _("A blocked term")

    id = models.BigIntegerField(primary_key=True, default=new_id, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="messages")
    sender = models.ForeignKey(PERSON, models.SET_NULL, null=True, related_name="messages_sent")
    seq = models.PositiveBigIntegerField()
    # The conversation's `last_change` when this was written or changed last.
    change = models.PositiveBigIntegerField(default=0)
    client_id = models.CharField(max_length=64)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.TEXT)
    text = models.CharField(max_length=2000, blank=True)
    # The text as search compares it (socialapp.lib.disguise.fold): always changed together with it.
    search_text = models.TextField(blank=True)
    subject = models.ForeignKey(PERSON, models.SET_NULL, null=True, blank=True, related_name="+")
    announcement = models.ForeignKey(
        Announcement, models.SET_NULL, null=True, blank=True, related_name="messages"
    )
    # A moderator looks first: until then only its sender reads it.
    held_for = models.CharField(max_length=8, choices=Held.choices, blank=True)
    # Seconds that the first unanswered message of the other waited for this one; empty where nothing waited.
    answered_after = models.PositiveIntegerField(null=True, blank=True)
    video = models.ForeignKey(Video, models.SET_NULL, null=True, blank=True, related_name="+")
    reply_to = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    taken_down_at = models.DateTimeField(
        null=True, blank=True
    )  # by a moderator; its words stay for an appeal

    class Meta:
        verbose_name, verbose_name_plural = _("message"), _("messages")
        constraints = [
            models.UniqueConstraint(fields=["conversation", "seq"], name="message_seq_once"),
            models.UniqueConstraint(fields=["sender", "client_id"], name="message_client_id_once"),
        ]
        indexes = [
            models.Index(fields=["conversation", "change"], name="message_change"),
            models.Index(fields=["sender", "-created_at"], name="message_of_sender"),
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id} #{self.seq}"

    @property
    def is_gone(self) -> bool:
        """Whether nobody in the conversation reads it any more: taken back, or taken down by a moderator."""
        return self.removed_at is not None or self.taken_down_at is not None


class MessageImage(models.Model):
    """A picture, uploaded before the message that carries it; without one it is forgotten after a day."""

    id = models.BigIntegerField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(PERSON, models.SET_NULL, null=True, related_name="+")
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="images")
    message = models.OneToOneField(Message, models.CASCADE, null=True, blank=True, related_name="image")
    file = models.CharField(max_length=120)  # the storage key
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField()  # bytes
    blurhash = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("picture of a message"), _("pictures of messages")
        indexes = [
            models.Index(fields=["created_at"], condition=Q(message=None), name="image_without_message")
        ]

    def __str__(self) -> str:
        return self.file


class HiddenMessage(models.Model):
    """A message that one person deleted for themselves only."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="hidden")
    person = models.ForeignKey(PERSON, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("hidden message"), _("hidden messages")
        constraints = [models.UniqueConstraint(fields=["person", "message"], name="hidden_message_once")]

    def __str__(self) -> str:
        return f"{self.message_id} for {self.person_id}"


class ReportedMessage(models.Model):
    """What of a reported conversation moderators may read: nothing else of it."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="+")
    message = models.ForeignKey(Message, models.CASCADE, related_name="+")

    class Meta:
        verbose_name, verbose_name_plural = _("reported message"), _("reported messages")
        constraints = [models.UniqueConstraint(fields=["report", "message"], name="reported_message_once")]

    def __str__(self) -> str:
        return f"{self.message_id} of {self.report_id}"


class QuickReply(models.Model):
    """An answer that a person keeps to send again."""

    id = models.BigIntegerField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(PERSON, models.CASCADE, related_name="quick_replies")
    text = models.CharField(max_length=500)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("quick reply"), _("quick replies")

    def __str__(self) -> str:
        return self.text


class AwayMessage(models.Model):
    """What answers for a person while they are away."""

    owner = models.OneToOneField(PERSON, models.CASCADE, related_name="away_message", primary_key=True)
    text = models.CharField(max_length=500)
    is_on = models.BooleanField(default=False)
    until = models.DateTimeField(null=True, blank=True)  # empty: until it is turned off
    turned_on_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("away message"), _("away messages")

    def __str__(self) -> str:
        return self.text


class Reaction(models.Model):
    message = models.ForeignKey(Message, models.CASCADE, related_name="reactions")
    person = models.ForeignKey(PERSON, models.CASCADE, related_name="+")
    emoji = models.CharField(max_length=16)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("reaction"), _("reactions")
        constraints = [models.UniqueConstraint(fields=["message", "person"], name="reaction_once")]

    def __str__(self) -> str:
        return self.emoji


class Notification(models.Model):
    """Something a person should know. While unread, one `group_key` is one row: "alice and 12 others".

    `actor` is the latest of them, `NotificationActor` holds all, `actors_count` their number.
    """

    class Kind(models.TextChoices):
        FOLLOW = "follow", _("Follow")
        FOLLOW_REQUEST = "follow_request", _("Follow request")
        FOLLOW_ACCEPTED = "follow_accepted", _("Request accepted")
        INVITE_ACCEPTED = "invite_accepted", _("Invite accepted")
        LIKE = "like", _("Like")
        COMMENT = "comment", _("Comment")
        COMMENT_HELD = "comment_held", _("Comment to review")
        REPLY = "reply", _("Reply")
        MENTION = "mention", _("Mention")
        REMIX = "remix", _("Duet or stitch")
        MESSAGE_REQUEST = "message_request", _("Message request")
        CLIP_READY = "clip_ready", _("Clip ready")
        CLIP_FAILED = "clip_failed", _("Clip failed")
        MODERATION = "moderation", _("Moderation")
        REPORT_HANDLED = "report_handled", _("Report handled")
        EXPORT_READY = "export_ready", _("Download ready")

    id = models.BigIntegerField(primary_key=True, default=new_id, editable=False)
    recipient = models.ForeignKey(PERSON, models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    group_key = models.CharField(max_length=60)
    actor = models.ForeignKey(PERSON, models.CASCADE, null=True, blank=True, related_name="+")
    actors_count = models.PositiveIntegerField(default=1)
    video = models.ForeignKey(Video, models.CASCADE, null=True, blank=True, related_name="+")
    # The latest of the comments; each person's own is in NotificationActor.
    comment = models.ForeignKey(Comment, models.SET_NULL, null=True, blank=True, related_name="+")
    text = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("notification"), _("notifications")
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "group_key"],
                condition=Q(read_at=None),
                name="notification_group_once_unread",
            )
        ]
        indexes = [models.Index(fields=["recipient", "-updated_at", "-id"], name="notification_inbox")]

    def __str__(self) -> str:
        return f"{self.kind} for {self.recipient_id}"


class NotificationActor(models.Model):
    """One of the people a grouped notification is about, so that nobody counts twice and hidden people drop out."""

    notification = models.ForeignKey(Notification, models.CASCADE, related_name="actors")
    person = models.ForeignKey(PERSON, models.CASCADE, related_name="+")
    comment = models.ForeignKey(Comment, models.CASCADE, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("person of a notification"), _("people of a notification")
        constraints = [
            models.UniqueConstraint(fields=["notification", "person"], name="notification_actor_once")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.notification_id}"


class NotificationSettings(models.Model):
    """How a person wants to be told. Made when they are first told something, or first choose."""

    class Digest(models.TextChoices):
        OFF = "off", _("Never")
        DAILY = "daily", _("Once a day")
        WEEKLY = "weekly", _("Once a week")

    person = models.OneToOneField(
        PERSON, models.CASCADE, related_name="notification_settings", primary_key=True
    )
    # {group of kinds: {channel: on}}, only where it differs from the defaults of messaging/channels.py.
    channels = models.JSONField(default=dict, blank=True)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_to = models.TimeField(null=True, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)  # IANA name; empty: the site's
    digest = models.CharField(max_length=6, choices=Digest.choices, default=Digest.WEEKLY)
    digest_due_at = models.DateTimeField(null=True, blank=True)  # empty while there is nothing to tell
    digest_leased_until = models.DateTimeField(null=True, blank=True)
    digest_sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("notification settings")
        indexes = [
            models.Index(
                fields=["digest_due_at"], condition=Q(digest_due_at__isnull=False), name="digest_due"
            )
        ]

    def __str__(self) -> str:
        return f"notification settings of {self.person_id}"


class PushSubscription(models.Model):
    """One browser that shows notifications (Web Push, RFC 8030). Ends with the session in which it was made."""

    id = models.BigIntegerField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(PERSON, models.CASCADE, related_name="push_subscriptions")
    session = models.CharField(max_length=32, db_index=True)  # messaging.sockets.session_hash
    endpoint = models.TextField()
    endpoint_hash = models.CharField(max_length=64, unique=True)
    p256dh = models.CharField(max_length=120)
    auth = models.CharField(max_length=40)
    browser = models.CharField(max_length=60, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    last_sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("push subscription"), _("push subscriptions")

    def __str__(self) -> str:
        return f"{self.browser} of {self.person_id}"


class Push(models.Model):
    """Something to push to a person's browsers: the row is the queue, what it says is asked and made when it is sent."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("Sent")
        DROPPED = "dropped", _("Dropped")

    id = models.BigIntegerField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(PERSON, models.CASCADE, related_name="+")
    notification = models.ForeignKey(Notification, models.CASCADE, null=True, blank=True, related_name="+")
    conversation = models.ForeignKey(Conversation, models.CASCADE, null=True, blank=True, related_name="+")
    # The conversation's newest message; for a notification how often it grew. Who sends compares it with what they sent.
    seq = models.PositiveBigIntegerField(default=0)
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Ids of the subscriptions that have it: another try goes to the others only.
    reached = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("push"), _("pushes")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "notification"], condition=Q(state="waiting"), name="push_notification_once"
            ),
            models.UniqueConstraint(
                fields=["person", "conversation"], condition=Q(state="waiting"), name="push_conversation_once"
            ),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(state="waiting"), name="push_waiting")]

    def __str__(self) -> str:
        return f"push to {self.person_id}"
