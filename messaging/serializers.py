"""Shapes of messaging's part of the API: what may be sent and what is answered."""

from rest_framework import serializers

from privacy.serializers import Body
from videos.serializers import VideoShape

from .models import Message, Participant


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
    seq = serializers.IntegerField(allow_null=True)


class ReactionShape(serializers.Serializer):
    emoji = serializers.CharField()
    username = serializers.CharField()


class MemberShape(PersonShape):
    is_admin = serializers.BooleanField(required=False, help_text="In groups only.")
    invited = serializers.BooleanField(
        required=False, help_text="In groups only: asked, and has not said yes yet."
    )


class EventShape(serializers.Serializer):
    """What happened to a group, by the message's sender: `subject` to whom, `text` the new name."""

    what = serializers.ChoiceField(["created", "added", "removed", "left", "renamed", "admin"])
    subject = serializers.CharField(allow_null=True)
    text = serializers.CharField(allow_blank=True)


class ImageShape(serializers.Serializer):
    """A picture; `url` answers those only who may read its message at that moment."""

    id = serializers.CharField()
    url = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    blurhash = serializers.CharField(allow_blank=True)


class MessageShape(serializers.Serializer):
    """`seq` grows by one with every message of a conversation, `change` with every message and every change of one;
    `request` while the receiver has not accepted. Of a `hidden` one only its place is known: draw nothing."""

    id = serializers.CharField()
    conversation = serializers.CharField()
    seq = serializers.IntegerField()
    change = serializers.IntegerField()
    client_id = serializers.CharField(allow_blank=True)
    kind = serializers.ChoiceField(Message.Kind.choices)
    sender = serializers.CharField(allow_null=True)
    text = serializers.CharField(allow_blank=True)
    event = EventShape(allow_null=True)
    image = ImageShape(allow_null=True)
    video = VideoShape(allow_null=True)
    has_video = serializers.BooleanField()
    announcement = serializers.CharField(allow_null=True)
    preview = serializers.BooleanField(help_text="The clip is an exclusive preview.")
    reply_to = serializers.CharField(allow_null=True)
    quoted = QuotedShape(allow_null=True)
    reactions = ReactionShape(many=True)
    created_at = serializers.DateTimeField()
    hidden = serializers.BooleanField(
        help_text="Deleted for the asking person, waiting for a moderator, or written across a block in a group."
    )
    held = serializers.BooleanField(help_text="One's own that waits for a moderator; nobody else reads it.")
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
    is_group = serializers.BooleanField()
    people = MemberShape(many=True)
    state = serializers.ChoiceField(Participant.State.choices)
    restricted = serializers.BooleanField(help_text="The asking person restricts the other.")
    muted = serializers.BooleanField()
    announcements_muted = serializers.BooleanField()
    archived = serializers.BooleanField()
    pinned = serializers.BooleanField()
    is_admin = serializers.BooleanField(help_text="The asking person looks after this group.")
    added_by = serializers.CharField(allow_null=True, help_text="Who added the asking person to this group.")
    last_seq = serializers.IntegerField()
    last_change = serializers.IntegerField(help_text="The newest change of a message in it.")
    read_seq = serializers.IntegerField()
    unread = serializers.IntegerField()
    last_message = MessageShape(allow_null=True)
    read_by = ReadByShape(many=True)
    presence = serializers.ListField(
        child=serializers.CharField(), help_text="User names of those who are online and show it."
    )
    updated_at = serializers.DateTimeField(allow_null=True)


class WritingShape(serializers.Serializer):
    """Whether the asking person may write here now, and as what."""

    allowed = serializers.BooleanField()
    request = serializers.BooleanField()
    first = serializers.BooleanField(help_text="A first message to a stranger: no links, clips or pictures.")
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
        child=serializers.CharField(max_length=150), min_length=1, max_length=100
    )
    # Longer than a name may be, so that the refusal is the action's own sentence.
    name = serializers.CharField(
        required=False, allow_blank=True, max_length=500, default="", help_text="Of a group."
    )


class MessageBody(Body):
    client_id = serializers.CharField(max_length=64)
    # Longer than a message may be, so that the refusal is the action's own sentence.
    text = serializers.CharField(
        required=False, allow_blank=True, allow_null=True, max_length=20_000, default=""
    )
    video = serializers.CharField(required=False, allow_null=True, max_length=40)
    image = serializers.CharField(
        required=False, allow_null=True, max_length=40, help_text="The id of a picture uploaded here before."
    )
    reply_to = serializers.CharField(required=False, allow_null=True, max_length=40)


class ReadBody(Body):
    seq = serializers.IntegerField(required=False, min_value=0, max_value=2**62)


class MuteBody(Body):
    muted = serializers.BooleanField(required=False, default=True)


class ArchiveBody(Body):
    archived = serializers.BooleanField(required=False, default=True)


class ConversationArchiveAnswer(serializers.Serializer):
    archived = serializers.BooleanField()


class PinBody(Body):
    pinned = serializers.BooleanField(required=False, default=True)


class ConversationPinAnswer(serializers.Serializer):
    pinned = serializers.BooleanField()


class ImageBody(serializers.Serializer):
    """JPEG, PNG, WEBP or GIF, at most 15 MB and 40 megapixels."""

    image = serializers.ImageField()


class BriefShape(serializers.Serializer):
    """A conversation as far as one needs to know where something was written."""

    id = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    is_group = serializers.BooleanField()
    people = PersonShape(many=True)


class FoundShape(serializers.Serializer):
    message = MessageShape()
    conversation = BriefShape(allow_null=True)


class FoundPage(_Page):
    results = FoundShape(many=True)


class ReactionBody(Body):
    emoji = serializers.CharField(max_length=16)


class ConversationMuteAnswer(serializers.Serializer):
    muted = serializers.BooleanField()


class ReadAnswer(serializers.Serializer):
    read_seq = serializers.IntegerField()
