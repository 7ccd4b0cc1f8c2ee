"""Shapes of Explore and of tags, for the API's schema."""

from rest_framework import serializers

from accounts.serializers import SuggestionShape

from .serializers import SoundShape, VideosPage
from .serializers_challenges import ChallengeShape, TagShape


class ExploreTag(TagShape):
    """`covers` are addresses of pictures, up to three."""

    covers = serializers.ListField(child=serializers.CharField())


class ExploreSound(SoundShape):
    cover = serializers.CharField(allow_null=True)


class ExploreAnswer(serializers.Serializer):
    """`country` is what is shown, empty for everywhere; `countries` are those with lists of their own."""

    country = serializers.CharField(allow_blank=True)
    countries = serializers.ListField(child=serializers.CharField())
    challenges = ChallengeShape(many=True)
    tags = ExploreTag(many=True)
    sounds = ExploreSound(many=True)
    people = SuggestionShape(many=True)
    clips = VideosPage()


class TagDetails(TagShape):
    """`clips` of those that you may see; with `more` there are more than were counted."""

    clips = serializers.IntegerField()
    more = serializers.BooleanField()
    challenge = ChallengeShape(allow_null=True)
