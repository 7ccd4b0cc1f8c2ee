"""Shapes of what people tell their feeds, and of what their feeds believe of them."""

from rest_framework import serializers

from accounts.interests import INTERESTS
from accounts.serializers import ReasonShape
from privacy.serializers import Body

from .access import ABOUT
from .models import Preference


class AboutBody(Body):
    """What a word said on a clip is about: the clip itself unless it says otherwise."""

    of = serializers.ChoiceField(ABOUT, default="clip")
    tag = serializers.CharField(
        default="", allow_blank=True, max_length=100, help_text="Which tag of the clip, with of=tag."
    )


class PreferenceBody(Body):
    stance = serializers.ChoiceField(Preference.Stance.choices)
    of = serializers.ChoiceField(ABOUT)
    subject = serializers.CharField(
        max_length=100, help_text="Id of the clip, the person or the sound; the name of a tag."
    )


class PreferenceShape(serializers.Serializer):
    """A word of one's own. What is hidden by now has no subject, name, address or cover."""

    id = serializers.CharField()
    stance = serializers.ChoiceField(Preference.Stance.choices)
    of = serializers.ChoiceField(ABOUT)
    subject = serializers.CharField(allow_null=True)
    name = serializers.CharField(allow_blank=True)
    url = serializers.CharField(allow_null=True)
    cover = serializers.CharField(allow_null=True)
    text = serializers.CharField(help_text="The word as a sentence in the reader's language.")
    created_at = serializers.DateTimeField()


class PreferenceAnswer(serializers.Serializer):
    """`before`: what was said of the thing until now; an undo hands it back as `back_to`."""

    preference = PreferenceShape()
    before = serializers.ChoiceField(Preference.Stance.choices, allow_null=True)


class NotInterestedAnswer(serializers.Serializer):
    not_interested = serializers.BooleanField()
    preference = PreferenceShape(required=False, help_text="What was kept: for an undo by its id.")
    before = serializers.ChoiceField(Preference.Stance.choices, required=False, allow_null=True)


class PreferencesPage(serializers.Serializer):
    next = serializers.CharField(allow_null=True)
    results = PreferenceShape(many=True)


class FeedSettingsShape(serializers.Serializer):
    chronological = serializers.BooleanField()
    personal = serializers.BooleanField()
    started_over_at = serializers.DateTimeField(allow_null=True)


class FeedSettingsBody(Body):
    """Either, or both. `personal` false: what one watched, liked and asked for is not used, nor learned from."""

    chronological = serializers.BooleanField(required=False)
    personal = serializers.BooleanField(required=False)


class EvidenceShape(serializers.Serializer):
    id = serializers.CharField()
    url = serializers.CharField()
    cover = serializers.CharField(allow_null=True)
    caption = serializers.CharField(allow_blank=True)


class BeliefShape(serializers.Serializer):
    """One liking that the feed goes by. `subject` is what preferences/ takes; `stance` what one said of it oneself."""

    of = serializers.ChoiceField(ABOUT)
    subject = serializers.CharField()
    name = serializers.CharField()
    url = serializers.CharField()
    picture = serializers.CharField(allow_null=True)
    strength = serializers.FloatField(min_value=-1, max_value=1)
    percent = serializers.IntegerField(min_value=0, max_value=100)
    word = serializers.CharField()
    stance = serializers.ChoiceField(Preference.Stance.choices, allow_null=True)
    preference = serializers.CharField(allow_null=True)
    reasons = ReasonShape(many=True)
    clips = EvidenceShape(many=True)


class ChosenInterestShape(serializers.Serializer):
    key = serializers.CharField()
    name = serializers.CharField()
    chosen = serializers.BooleanField()


class FeedInterestsAnswer(serializers.Serializer):
    """What one chose, and what the feed believes from `clips` clips."""

    interests = ChosenInterestShape(many=True)
    clips = serializers.IntegerField()
    tags = BeliefShape(many=True)
    authors = BeliefShape(many=True)
    sounds = BeliefShape(many=True)


class FeedInterestsBody(Body):
    interests = serializers.ListField(
        child=serializers.ChoiceField(sorted(INTERESTS)), max_length=len(INTERESTS)
    )
