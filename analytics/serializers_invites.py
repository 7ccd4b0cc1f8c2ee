"""Shapes of the figures of invites for the OpenAPI schema."""

from rest_framework import serializers as s

from videos.models import Channel

from .serializers import Clip


class InviteSums(s.Serializer):
    sent = s.IntegerField()
    opened = s.IntegerField()
    watched = s.IntegerField()
    follows = s.IntegerField()


class InviteDay(InviteSums):
    day = s.DateField()


class InviteChannel(InviteSums):
    channel = s.ChoiceField(Channel.choices)
    label = s.CharField()  # type: ignore[assignment]


class InviteClip(Clip, InviteSums):
    """A clip with the invites to it."""


class InviteDelta(s.Serializer):
    sent = s.FloatField(allow_null=True)
    opened = s.FloatField(allow_null=True)
    watched = s.FloatField(allow_null=True)
    follows = s.FloatField(allow_null=True)


class InviteMeaning(s.Serializer):
    label = s.CharField()  # type: ignore[assignment]
    meaning = s.CharField()


class InviteFigures(s.Serializer):
    days = s.IntegerField()
    start = s.DateField()
    end = s.DateField()
    totals = InviteSums()
    before = InviteSums()
    delta = InviteDelta()
    series = InviteDay(many=True)
    series_before = InviteDay(many=True)
    channels = InviteChannel(many=True)
    clips = InviteClip(many=True)
    updated_at = s.DateTimeField(help_text="Now: invites are counted as they stand.")
    definitions = s.DictField(child=InviteMeaning())
