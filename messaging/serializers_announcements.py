"""Shapes of announcements, quick replies, the away message and response times."""

from rest_framework import serializers

from privacy.serializers import Body
from videos.serializers import VideoShape

from .models import Announcement


class AnnouncementShape(serializers.Serializer):
    """`sent` have received it, at most `waiting` are still to; `opened` is null until five have."""

    id = serializers.CharField()
    video = VideoShape(allow_null=True)
    text = serializers.CharField(allow_blank=True)
    audience = serializers.ChoiceField(Announcement.Audience.choices)
    preview = serializers.BooleanField()
    state = serializers.ChoiceField(Announcement.State.choices)
    sent = serializers.IntegerField()
    waiting = serializers.IntegerField()
    opened = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class AnnouncementsPage(serializers.Serializer):
    results = AnnouncementShape(many=True)
    next = serializers.URLField(allow_null=True)


class AnnouncementBody(Body):
    video = serializers.CharField(max_length=40)
    audience = serializers.ChoiceField(Announcement.Audience.choices)
    # Longer than it may be, here and below, so that the refusal is the action's own sentence.
    text = serializers.CharField(required=False, allow_blank=True, max_length=5000, default="")
    preview = serializers.BooleanField(required=False, default=False)


class StopBody(Body):
    take_back = serializers.BooleanField(required=False, default=False)


class MuteAnnouncementsBody(Body):
    muted = serializers.BooleanField(required=False, default=True)


class MuteAnnouncementsAnswer(serializers.Serializer):
    muted = serializers.BooleanField()


class QuickReplyShape(serializers.Serializer):
    id = serializers.CharField()
    text = serializers.CharField()


class QuickRepliesList(serializers.Serializer):
    results = QuickReplyShape(many=True)
    next = serializers.CharField(allow_null=True)


class QuickReplyBody(Body):
    text = serializers.CharField(allow_blank=True, max_length=5000)


class AwayShape(serializers.Serializer):
    """`until` is null when it answers until it is turned off."""

    text = serializers.CharField(allow_blank=True)
    on = serializers.BooleanField()
    until = serializers.DateTimeField(allow_null=True)


class AwayBody(Body):
    text = serializers.CharField(allow_blank=True, max_length=5000)
    on = serializers.BooleanField()
    until = serializers.DateTimeField(required=False, allow_null=True, default=None)


class ResponseTimeShape(serializers.Serializer):
    """`median_seconds` over `answers` in the last `days`; null without any."""

    median_seconds = serializers.IntegerField(allow_null=True)
    answers = serializers.IntegerField()
    days = serializers.IntegerField()
