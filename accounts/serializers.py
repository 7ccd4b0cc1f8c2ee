"""Shapes of accounts's part of the API: what may be sent and what is answered."""

from rest_framework import serializers

from privacy.serializers import Body

from .interests import INTERESTS
from .models import BusinessProfile, Follow
from .name_lists import LISTS, MAX_NAMES


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


class ListsShape(serializers.Serializer):
    """Which of the person's lists are open to the viewer."""

    followers = serializers.BooleanField()
    following = serializers.BooleanField()
    friends = serializers.BooleanField()


class BusinessShape(serializers.Serializer):
    """What a business account says of itself; texts are empty where it says nothing."""

    category = serializers.ChoiceField(BusinessProfile.Category.choices)
    category_label = serializers.CharField()
    email = serializers.CharField(allow_blank=True)
    phone = serializers.CharField(allow_blank=True)
    website = serializers.CharField(allow_blank=True)
    website_label = serializers.CharField(allow_blank=True)


class ProfileShape(CardShape):
    bio = serializers.CharField()
    pronouns = serializers.CharField()
    is_private = serializers.BooleanField()
    is_business = serializers.BooleanField()
    business = BusinessShape(allow_null=True)
    is_me = serializers.BooleanField()
    muted = serializers.BooleanField()
    restricted = serializers.BooleanField()
    counts = CountsShape()
    relation = RelationShape()
    can_see_clips = serializers.BooleanField()
    can_see_lists = serializers.BooleanField()
    lists = ListsShape()
    can_message = serializers.BooleanField()


class MeShape(CardShape):
    bio = serializers.CharField()
    pronouns = serializers.CharField()
    language = serializers.CharField()
    country = serializers.CharField()
    interests = serializers.ListField(child=serializers.ChoiceField(sorted(INTERESTS)))
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
    interests = serializers.ListField(
        child=serializers.CharField(max_length=20), max_length=len(INTERESTS), required=False
    )


class AvatarBody(serializers.Serializer):
    """The square to keep: edges as parts of the upright picture's width and height, side as a part of the shorter one."""

    avatar = serializers.FileField()
    crop_x = serializers.FloatField(required=False, min_value=0, max_value=1)
    crop_y = serializers.FloatField(required=False, min_value=0, max_value=1)
    crop_side = serializers.FloatField(required=False, min_value=0, max_value=1)


class AvatarAnswer(serializers.Serializer):
    avatar = serializers.CharField(allow_null=True)


class FollowAnswer(serializers.Serializer):
    state = serializers.ChoiceField(Follow.State.choices)


class BlockAnswer(serializers.Serializer):
    blocked = serializers.BooleanField()


class MuteAnswer(serializers.Serializer):
    muted = serializers.BooleanField()


class RestrictAnswer(serializers.Serializer):
    restricted = serializers.BooleanField()


class RemovedAnswer(serializers.Serializer):
    undo_seconds = serializers.IntegerField(
        help_text="How long a POST here takes the removal back; 0: nothing to undo."
    )


class InterestShape(serializers.Serializer):
    key = serializers.CharField()
    name = serializers.CharField()


class MyBusiness(serializers.Serializer):
    """One's own: `allowed` is whether one may have one, `categories` what can be chosen, `since` null before the first time."""

    category = serializers.CharField(allow_blank=True)
    category_label = serializers.CharField(allow_blank=True)
    email = serializers.CharField(allow_blank=True)
    phone = serializers.CharField(allow_blank=True)
    website = serializers.CharField(allow_blank=True)
    website_label = serializers.CharField(allow_blank=True)
    is_business = serializers.BooleanField()
    allowed = serializers.BooleanField()
    since = serializers.DateTimeField(allow_null=True)
    categories = InterestShape(many=True)


class BusinessBody(Body):
    """What is absent stays as it was; values are judged by `accounts.actions.set_business`."""

    category = serializers.CharField(required=False, max_length=10)
    email = serializers.CharField(required=False, allow_blank=True, max_length=254)
    phone = serializers.CharField(required=False, allow_blank=True, max_length=40)
    website = serializers.CharField(required=False, allow_blank=True, max_length=200)


class InterestsAnswer(serializers.Serializer):
    results = InterestShape(many=True)


class RequestsAnswer(Body):
    """These requests, or all with `all: true`."""

    ids = serializers.ListField(child=serializers.CharField(max_length=32), required=False, max_length=1000)
    all = serializers.BooleanField(required=False, default=False)


class RequestsAnswered(serializers.Serializer):
    answered = serializers.IntegerField()
    waiting = serializers.IntegerField(help_text="Of those that were asked about; ask again when not 0.")


class Names(Body):
    usernames = serializers.ListField(
        child=serializers.CharField(max_length=200), min_length=1, max_length=MAX_NAMES
    )


class NamesOutcome(serializers.Serializer):
    done = serializers.ListField(child=serializers.CharField())
    unknown = serializers.ListField(child=serializers.CharField())
    left = serializers.ListField(
        child=serializers.CharField(), help_text="Not done because of the limit; send them again later."
    )
    retry_after = serializers.IntegerField(allow_null=True, help_text="Seconds.")


class NamesFile(serializers.Serializer):
    file = serializers.FileField(help_text="CSV, JSON, or one user name a line.")


class ListEntry(serializers.Serializer):
    username = serializers.CharField()
    since = serializers.DateTimeField()


class ListExport(serializers.Serializer):
    list = serializers.ChoiceField(sorted(LISTS))
    people = ListEntry(many=True)


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
