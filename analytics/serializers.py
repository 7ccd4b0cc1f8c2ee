"""Shapes of analytics's JSON for the OpenAPI schema. Nothing here checks or writes."""

from rest_framework import serializers as s

from .actions import MAX_EVENTS
from .models import Source


class Event(s.Serializer):
    video = s.CharField(required=False, help_text="The clip's id. Either this or `profile`.")
    profile = s.CharField(required=False, help_text="The user name of a profile that was opened.")
    session = s.RegexField(r"^[A-Za-z0-9_-]{1,40}$", help_text="Random, the same during one visit.")
    watched_ms = s.IntegerField(
        min_value=0, required=False, help_text="Time spent playing. Required with `video`."
    )
    duration_ms = s.IntegerField(
        min_value=0, required=False, help_text="The clip's length by the player. Required with `video`."
    )
    loops = s.IntegerField(min_value=0, required=False)
    source = s.ChoiceField(Source.choices, required=False)  # type: ignore[assignment]


class Events(s.Serializer):
    events = s.ListField(child=Event(), min_length=1, max_length=MAX_EVENTS)
    csrf = s.CharField(required=False, help_text="The CSRF token, for a beacon of a logged-in page.")


class EventsAnswer(s.Serializer):
    accepted = s.IntegerField()
    dropped = s.IntegerField()


class VideoSums(s.Serializer):
    views = s.IntegerField()
    watch_ms = s.IntegerField()
    completions = s.IntegerField()
    completion = s.FloatField(allow_null=True)
    average_ms = s.IntegerField(allow_null=True)
    likes = s.IntegerField()
    comments = s.IntegerField()
    shares = s.IntegerField()
    saves = s.IntegerField()
    engagement = s.FloatField(allow_null=True)


class CreatorSums(s.Serializer):
    views = s.IntegerField()
    watch_ms = s.IntegerField()
    average_ms = s.IntegerField(allow_null=True)
    profile_views = s.IntegerField()
    followers_new = s.IntegerField()
    followers_lost = s.IntegerField()
    followers_net = s.IntegerField()
    likes = s.IntegerField()
    comments = s.IntegerField()
    shares = s.IntegerField()
    saves = s.IntegerField()
    engagement = s.FloatField(allow_null=True)


class CreatorDaySums(CreatorSums):
    day = s.DateField()


class VideoDaySums(VideoSums):
    day = s.DateField()


class Clip(s.Serializer):
    id = s.CharField()
    caption = s.CharField()
    cover = s.CharField(allow_null=True)
    url = s.CharField()
    studio_url = s.CharField()
    state = s.CharField()
    audience = s.CharField()
    duration = s.FloatField(help_text="Seconds.")
    published_at = s.DateTimeField(allow_null=True)


class ClipLine(Clip, VideoSums):
    pass


class ClipPage(s.Serializer):
    results = ClipLine(many=True)
    next = s.CharField(allow_null=True)


class Definition(s.Serializer):
    label = s.CharField()  # type: ignore[assignment]
    meaning = s.CharField()


class Compared(s.Serializer):
    days = s.IntegerField()
    start = s.DateField()
    end = s.DateField()
    delta = s.DictField(
        child=s.FloatField(allow_null=True), help_text="Relative change; null without a period before."
    )
    updated_at = s.DateTimeField(allow_null=True)
    definitions = s.DictField(child=Definition())


class Overview(Compared):
    totals = CreatorSums()
    before = CreatorSums()
    series = CreatorDaySums(many=True)
    series_before = CreatorDaySums(many=True)
    top = ClipLine(many=True)


class VideoFigures(Compared):
    video = Clip()
    totals = VideoSums()
    before = VideoSums()
    series = VideoDaySums(many=True)
    series_before = VideoDaySums(many=True)
