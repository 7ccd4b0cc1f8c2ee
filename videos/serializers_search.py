"""Shapes of searching, for the API's schema."""

from rest_framework import serializers

KINDS = ("recent", "person", "tag", "sound", "challenge")


class SearchPage(serializers.Serializer):
    """`results` have the shape of their type: clips, people (as in suggestions), sounds, `{name, url}` for tags,
    `{slug, title, tag, url}` for challenges. `meant`: the words that would have found the first result as written, where
    only a typing error away was found; else empty."""

    results = serializers.ListField(child=serializers.DictField())
    next = serializers.CharField(allow_null=True)
    meant = serializers.CharField(allow_blank=True)


class SearchSuggestionShape(serializers.Serializer):
    """`text` is what would be searched for, `url` where it leads. More by kind: a person's card, a tag's or challenge's row."""

    kind = serializers.ChoiceField(KINDS)
    text = serializers.CharField()
    url = serializers.CharField()
    id = serializers.CharField(required=False)


class SearchSuggestionsAnswer(serializers.Serializer):
    results = SearchSuggestionShape(many=True)
    next = serializers.CharField(allow_null=True)


class RecentSearchShape(serializers.Serializer):
    kind = serializers.ChoiceField(("recent",))
    id = serializers.CharField()
    text = serializers.CharField()
    url = serializers.CharField()


class RecentSearchesAnswer(serializers.Serializer):
    results = RecentSearchShape(many=True)
    next = serializers.CharField(allow_null=True)
