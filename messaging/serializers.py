"""Shapes of messaging's part of the API: what may be sent and what is answered."""

from rest_framework import serializers

from privacy.serializers import Body
from videos.serializers import VideoShape

from .models import Notification, Participant


class PersonShape(serializers.Serializer):
    """A card; of somebody who is gone only `display_name` is left."""

    id = serializers.CharField(allow_null=True)
    username = serializers.CharField(allow_null=True)
    display_name = serializers.CharField()
    avatar = serializers.CharField(allow_null=True)
    url = serializers.CharField(allow_null=True)


class QuotedShape(serializers.Serializer):
    sender = serializers.CharField(allow_null=True)
    text = serializers.CharField(allow_blank=True)


class ReactionShape(serializers.Serializer):
    emoji = serializers.CharField()
    username = serializers.CharField()


class MessageShape(serializers.Serializer):
    """`seq` grows by one with every message of a conversation; `request` while the receiver has not accepted."""

    id = serializers.CharField()
    conversation = serializers.CharField()
    seq = serializers.IntegerField()
    client_id = serializers.CharField()
    sender = serializers.CharField(allow_null=True)
    text = serializers.CharField(allow_blank=True)
    video = VideoShape(allow_null=True)
    has_video = serializers.BooleanField()
    reply_to = serializers.CharField(allow_null=True)
    quoted = QuotedShape(allow_null=True)
    reactions = ReactionShape(many=True)
    created_at = serializers.DateTimeField()
    removed = serializers.BooleanField()
    taken_down = serializers.BooleanField()
    request = serializers.BooleanField()


class ReadByShape(serializers.Serializer):
    username = serializers.CharField()
    seq = serializers.IntegerField()


class ConversationShape(serializers.Serializer):
    """`read_by` is there only when both sides let read receipts through and the request is accepted."""

    id = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    people = PersonShape(many=True)
    state = serializers.ChoiceField(Participant.State.choices)
    restricted = serializers.BooleanField(help_text="The asking person restricts the other.")
    muted = serializers.BooleanField()
    last_seq = serializers.IntegerField()
    read_seq = serializers.IntegerField()
    unread = serializers.IntegerField()
    last_message = MessageShape(allow_null=True)
    read_by = ReadByShape(many=True)
    updated_at = serializers.DateTimeField(allow_null=True)


class WritingShape(serializers.Serializer):
    """Whether the asking person may write here now, and as what."""

    allowed = serializers.BooleanField()
    request = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True)


class ConversationDetailShape(ConversationShape):
    writing = WritingShape()


class _Page(serializers.Serializer):
    next = serializers.URLField(allow_null=True)


class ConversationsPage(_Page):
    results = ConversationShape(many=True)


class MessagesPage(_Page):
    results = MessageShape(many=True)


class ConversationBody(Body):
    usernames = serializers.ListField(
        child=serializers.CharField(max_length=150), min_length=1, max_length=32
    )


class MessageBody(Body):
    client_id = serializers.CharField(max_length=64)
    # Longer than a message may be, so that the refusal is the action's own sentence.
    text = serializers.CharField(
        required=False, allow_blank=True, allow_null=True, max_length=20_000, default=""
    )
    video = serializers.CharField(required=False, allow_null=True, max_length=40)
    reply_to = serializers.CharField(required=False, allow_null=True, max_length=40)


class ReadBody(Body):
    seq = serializers.IntegerField(required=False, min_value=0, max_value=2**62)


class MuteBody(Body):
    muted = serializers.BooleanField(required=False, default=True)


class ReactionBody(Body):
    emoji = serializers.CharField(max_length=16)


class ConversationMuteAnswer(serializers.Serializer):
    muted = serializers.BooleanField()


class ReadAnswer(serializers.Serializer):
    read_seq = serializers.IntegerField()


class NotifiedVideo(serializers.Serializer):
    id = serializers.CharField()
    url = serializers.CharField()
    cover = serializers.CharField(allow_null=True)


class NotifiedComment(serializers.Serializer):
    id = serializers.CharField()
    text = serializers.CharField()


class NotificationShape(serializers.Serializer):
    """`people` holds up to three of the `count` who did it, the latest first."""

    id = serializers.CharField()
    kind = serializers.ChoiceField(Notification.Kind.choices)
    text = serializers.CharField()
    people = PersonShape(many=True)
    count = serializers.IntegerField()
    video = NotifiedVideo(allow_null=True)
    comment = NotifiedComment(allow_null=True)
    url = serializers.CharField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    read = serializers.BooleanField()


class NotificationsPage(_Page):
    results = NotificationShape(many=True)


class NotificationsReadBody(Body):
    ids = serializers.ListField(child=serializers.CharField(max_length=40), required=False, max_length=200)


class NotificationsReadAnswer(serializers.Serializer):
    read = serializers.IntegerField()


class BadgesShape(serializers.Serializer):
    messages = serializers.IntegerField()
    notifications = serializers.IntegerField()
