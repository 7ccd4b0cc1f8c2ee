"""Shapes of followers, the follow-back report and messages for the OpenAPI schema. Nothing here checks or writes."""

from rest_framework import serializers as s

from .serializers import Clip, Compared


class Growth(s.Serializer):
    followers_new = s.IntegerField()
    followers_lost = s.IntegerField()
    followers_net = s.IntegerField()


class GrowthDay(Growth):
    day = s.DateField()


class Group(s.Serializer):
    name = s.CharField(help_text="A country (ISO 3166-1 alpha-2) or a language; empty for unknown.")
    people = s.IntegerField()


class Groups(s.Serializer):
    groups = Group(many=True)
    rest = s.IntegerField(help_text="People in all other groups; 0 when there are fewer than five.")


class PopularClip(Clip):
    people = s.IntegerField()


class PopularSound(s.Serializer):
    id = s.CharField()
    title = s.CharField()
    artist = s.CharField()
    duration = s.FloatField()
    url = s.CharField()
    people = s.IntegerField()


class PopularCreator(s.Serializer):
    id = s.CharField()
    username = s.CharField()
    display_name = s.CharField()
    avatar = s.CharField(allow_null=True)
    url = s.CharField()
    people = s.IntegerField()


class FollowersAlike(s.Serializer):
    followers = s.IntegerField()
    sample = s.IntegerField(help_text="Of a very large following an even share is counted: so many.")
    countries = Groups()
    languages = Groups()
    hours = s.ListField(
        child=s.ListField(child=s.IntegerField()), help_text="[weekday (Monday 0), hour UTC, followers]"
    )
    clips = PopularClip(many=True)
    sounds = PopularSound(many=True)
    creators = PopularCreator(many=True)
    made_at = s.DateTimeField()


class Followers(Compared):
    totals = Growth()
    before = Growth()
    series = GrowthDay(many=True)
    series_before = GrowthDay(many=True)
    state = s.ChoiceField(["ready", "making", "too_few"])
    followers = s.IntegerField()
    missing = s.IntegerField(help_text="How many followers are missing to the hundred.")
    audience = FollowersAlike(allow_null=True)


class Effect(s.Serializer):
    figure = s.CharField(
        help_text="views, minutes, completions, reactions (a week) or retention (share of weeks)."
    )
    value = s.FloatField(help_text="Difference in differences, for one follower and week.")
    low = s.FloatField(help_text="Lower end of the 95 % interval.")
    high = s.FloatField()
    before = s.FloatField(help_text="Mean of those followed back, four weeks before.")
    after = s.FloatField()
    other_before = s.FloatField(help_text="The same of similar followers who were not.")
    other_after = s.FloatField()


class FollowBackReport(s.Serializer):
    state = s.ChoiceField(["ready", "missing", "making"])
    made_at = s.DateTimeField(allow_null=True)
    results = Effect(many=True)
    weeks = s.IntegerField(required=False)
    followed_back = s.IntegerField(required=False)
    compared = s.IntegerField(required=False)
    too_new = s.IntegerField(required=False)
    alone = s.IntegerField(required=False)


class MessageSums(s.Serializer):
    median_ms = s.IntegerField(allow_null=True)
    answers = s.IntegerField()
    started = s.IntegerField()
    received = s.IntegerField()


class MessageTotals(MessageSums):
    answered = s.IntegerField()


class MessageDay(MessageSums):
    day = s.DateField()


class AnnouncementFigures(s.Serializer):
    id = s.CharField()
    text = s.CharField()
    sent = s.IntegerField()
    opened = s.IntegerField(allow_null=True, help_text="Null below five readers who show that they read.")
    answers = s.IntegerField()
    created_at = s.DateTimeField()


class Messages(Compared):
    totals = MessageTotals()
    before = MessageTotals()
    series = MessageDay(many=True)
    series_before = MessageDay(many=True)
    announcements = AnnouncementFigures(many=True)
