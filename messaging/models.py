"""Tables of conversations and notifications."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from socialapp.lib.ids import new_id
from videos.models import Comment, Video

PERSON = settings.AUTH_USER_MODEL


class Conversation(models.Model):
    """`last_seq` is the number of the newest message, handed out under this row's lock: no gap, no repeat."""

    id = models.BigIntegerField(primary_key=True, default=new_id, editable=False)
    # "<smaller id>:<larger id>" for a conversation of two, so that there is never a second one; null for groups.
    direct_key = models.CharField(max_length=41, unique=True, null=True, editable=False)
    name = models.CharField(max_length=60, blank=True)
    last_seq = models.PositiveBigIntegerField(default=0)
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
    # When this person first wrote or said yes here: from then on the limits for strangers no longer apply to the others.
    accepted_at = models.DateTimeField(null=True, blank=True)
    joined_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("participant"), _("participants")
        constraints = [models.UniqueConstraint(fields=["conversation", "person"], name="participant_once")]
        indexes = [models.Index(fields=["person", "state", "-last_message_at"], name="participant_inbox")]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.conversation_id}"


class Message(models.Model):
    """`seq` orders a conversation; `client_id` is the sender's own name for it, so sending twice sends once."""

    id = models.BigIntegerField(primary_key=True, default=new_id, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="messages")
    sender = models.ForeignKey(PERSON, models.SET_NULL, null=True, related_name="messages_sent")
    seq = models.PositiveBigIntegerField()
    client_id = models.CharField(max_length=64)
    text = models.CharField(max_length=2000, blank=True)
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

    def __str__(self) -> str:
        return f"{self.conversation_id} #{self.seq}"

    @property
    def is_gone(self) -> bool:
        """Whether nobody in the conversation reads it any more: taken back, or taken down by a moderator."""
        return self.removed_at is not None or self.taken_down_at is not None


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
        LIKE = "like", _("Like")
        COMMENT = "comment", _("Comment")
        COMMENT_HELD = "comment_held", _("Comment to review")
        REPLY = "reply", _("Reply")
        MENTION = "mention", _("Mention")
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
    comment = models.ForeignKey(Comment, models.CASCADE, null=True, blank=True, related_name="+")
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
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("person of a notification"), _("people of a notification")
        constraints = [
            models.UniqueConstraint(fields=["notification", "person"], name="notification_actor_once")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.notification_id}"
