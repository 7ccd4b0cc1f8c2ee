"""Shapes of collections, for the API's schema and for checking requests."""

from rest_framework import serializers

from privacy.serializers import Body

from .actions.collecting import NAME_LENGTH


class CollectionShape(serializers.Serializer):
    """A collection of one's own. `count` and `cover` are of the clips that one may see now."""

    id = serializers.CharField()
    name = serializers.CharField()
    url = serializers.CharField()
    count = serializers.IntegerField()
    cover = serializers.CharField(allow_null=True)
    color = serializers.CharField(allow_null=True)
    holds = serializers.BooleanField(allow_null=True, help_text="Whether it holds the clip of `?video=`.")
    created_at = serializers.DateTimeField()


class CollectionsPage(serializers.Serializer):
    next = serializers.CharField(allow_null=True)
    results = CollectionShape(many=True)


class CollectionBody(Body):
    name = serializers.CharField(max_length=NAME_LENGTH)


class CollectAnswer(serializers.Serializer):
    saved = serializers.BooleanField()
    saves = serializers.IntegerField()
