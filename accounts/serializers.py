"""Shapes of accounts's part of the API: what may be sent and what is answered."""

from rest_framework import serializers

from privacy.serializers import Body

from .models import Follow


class RelationShape(serializers.Serializer):
    following = serializers.ChoiceField(["no", "pending", "yes"])
    follows_me = serializers.BooleanField()
    blocked = serializers.BooleanField()


class CountsShape(serializers.Serializer):
    followers = serializers.IntegerField()
    following = serializers.IntegerField()
    likes = serializers.IntegerField()
    videos = serializers.IntegerField()


class CardShape(serializers.Serializer):
    """What stands beside a name everywhere."""

    id = serializers.CharField()
    username = serializers.CharField()
    display_name = serializers.CharField()
    avatar = serializers.CharField(allow_null=True)
    url = serializers.CharField()


class FollowersCount(serializers.Serializer):
    followers = serializers.IntegerField()


class PersonRowShape(CardShape):
    bio = serializers.CharField()
    counts = FollowersCount()
    is_me = serializers.BooleanField()
    relation = RelationShape()


class ReasonShape(serializers.Serializer):
    kind = serializers.CharField()
    text = serializers.CharField()


class SuggestionShape(PersonRowShape):
    reasons = ReasonShape(many=True)


class ProfileShape(CardShape):
    bio = serializers.CharField()
    pronouns = serializers.CharField()
    is_private = serializers.BooleanField()
    is_business = serializers.BooleanField()
    is_me = serializers.BooleanField()
    muted = serializers.BooleanField()
    counts = CountsShape()
    relation = RelationShape()
    can_see_clips = serializers.BooleanField()
    can_see_lists = serializers.BooleanField()
    can_message = serializers.BooleanField()


class MeShape(CardShape):
    bio = serializers.CharField()
    pronouns = serializers.CharField()
    language = serializers.CharField()
    country = serializers.CharField()
    email = serializers.EmailField()
    email_verified = serializers.BooleanField()
    birth_date = serializers.DateField(allow_null=True)
    is_private = serializers.BooleanField()
    is_business = serializers.BooleanField()
    counts = CountsShape()
    joined_at = serializers.DateTimeField()


class MeChange(Body):
    """Any of the fields; lengths and values are judged by `accounts.actions.update_profile`."""

    username = serializers.CharField(required=False)
    display_name = serializers.CharField(required=False, allow_blank=True)
    bio = serializers.CharField(required=False, allow_blank=True)
    pronouns = serializers.CharField(required=False, allow_blank=True)
    language = serializers.CharField(required=False, allow_blank=True)
    country = serializers.CharField(required=False, allow_blank=True)


class AvatarBody(serializers.Serializer):
    avatar = serializers.FileField()


class AvatarAnswer(serializers.Serializer):
    avatar = serializers.CharField(allow_null=True)


class FollowAnswer(serializers.Serializer):
    state = serializers.ChoiceField(Follow.State.choices)


class BlockAnswer(serializers.Serializer):
    blocked = serializers.BooleanField()


class MuteAnswer(serializers.Serializer):
    muted = serializers.BooleanField()


class RequestShape(serializers.Serializer):
    id = serializers.CharField()
    person = CardShape()
    created_at = serializers.DateTimeField()


class _Page(serializers.Serializer):
    next = serializers.CharField(allow_null=True)


class PeoplePage(_Page):
    results = PersonRowShape(many=True)


class CardsPage(_Page):
    results = CardShape(many=True)


class RequestsPage(_Page):
    results = RequestShape(many=True)


class SuggestionsPage(_Page):
    results = SuggestionShape(many=True)
