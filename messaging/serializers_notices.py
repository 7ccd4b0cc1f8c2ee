"""Shapes of notifications in the API, and of how one wants to be told."""

from rest_framework import serializers

from privacy.serializers import Body

from .channels import GROUPS
from .models import Notification, NotificationSettings
from .serializers import PersonShape

GROUP_NAMES = [(name, group.title) for name, group in GROUPS.items()]
FOLLOWING = ["no", "pending", "yes"]


class NotifiedVideo(serializers.Serializer):
    id = serializers.CharField()
    url = serializers.CharField()
    cover = serializers.CharField(allow_null=True)


class NotifiedComment(serializers.Serializer):
    id = serializers.CharField()
    text = serializers.CharField()


class NotificationShape(serializers.Serializer):
    """`people` holds up to three of the `count` who did it, the latest first; `comment` is the latest of theirs.

    `following` says whether you follow the one person who followed you, else null.
    """

    id = serializers.CharField()
    kind = serializers.ChoiceField(Notification.Kind.choices)
    group = serializers.ChoiceField(GROUP_NAMES)
    text = serializers.CharField()
    people = PersonShape(many=True)
    count = serializers.IntegerField()
    video = NotifiedVideo(allow_null=True)
    comment = NotifiedComment(allow_null=True)
    following = serializers.ChoiceField(FOLLOWING, allow_null=True)
    url = serializers.CharField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    read = serializers.BooleanField()


class NotificationsPage(serializers.Serializer):
    results = NotificationShape(many=True)
    next = serializers.URLField(allow_null=True)


class NotificationsReadBody(Body):
    ids = serializers.ListField(child=serializers.CharField(max_length=40), required=False, max_length=200)


class NotificationsReadAnswer(serializers.Serializer):
    read = serializers.IntegerField()


class BadgesShape(serializers.Serializer):
    messages = serializers.IntegerField()
    notifications = serializers.IntegerField()


class SwitchesShape(serializers.Serializer):
    """Whether a group goes by a channel."""

    in_app = serializers.BooleanField()
    push = serializers.BooleanField()
    email = serializers.BooleanField()


ChannelsShape = type(
    "ChannelsShape",
    (serializers.Serializer,),
    {"__doc__": "The groups, in full.", **{name: SwitchesShape() for name in GROUPS}},
)


class NotificationSettingsShape(serializers.Serializer):
    """Quiet hours are of the clock in `time_zone`; empty means the site's."""

    channels = ChannelsShape()
    quiet_from = serializers.TimeField(format="%H:%M", allow_null=True)
    quiet_to = serializers.TimeField(format="%H:%M", allow_null=True)
    time_zone = serializers.CharField(allow_blank=True)
    digest = serializers.ChoiceField(NotificationSettings.Digest.choices)


class NotificationSettingsBody(Body):
    """Any of them; of the channels any group and any of its switches."""

    channels = serializers.DictField(
        required=False, child=serializers.DictField(child=serializers.BooleanField())
    )
    quiet_from = serializers.TimeField(required=False, allow_null=True)
    quiet_to = serializers.TimeField(required=False, allow_null=True)
    time_zone = serializers.CharField(required=False, allow_blank=True, max_length=64)
    digest = serializers.ChoiceField(NotificationSettings.Digest.choices, required=False)
