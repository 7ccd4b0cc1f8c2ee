"""Shapes of promotions, for the API's schema and for checking requests."""

from django.conf import settings
from rest_framework import serializers

from accounts.interests import INTERESTS
from accounts.serializers import ReasonShape
from privacy.serializers import Body

from .models import Promotion
from .promotions import LEAST_BUDGET, MOST_COUNTRIES
from .serializers import VideoShape

_LANGUAGES = [code for code, _name in settings.LANGUAGES]


class MayShape(serializers.Serializer):
    """What can be done with it now; `change` names the fields that can be changed, "*" for all."""

    change = serializers.ListField(child=serializers.CharField())
    submit = serializers.BooleanField()
    withdraw = serializers.BooleanField()
    pause = serializers.BooleanField()
    resume = serializers.BooleanField()
    end = serializers.BooleanField()
    delete = serializers.BooleanField()


class PromotionShape(serializers.Serializer):
    """A promotion of your own. `spent` are impressions so far, `budget` those of all its days. Days are UTC."""

    id = serializers.CharField()
    url = serializers.CharField()
    video = VideoShape()
    goal = serializers.ChoiceField(Promotion.Goal.choices)
    goal_label = serializers.CharField()
    countries = serializers.ListField(child=serializers.CharField())
    languages = serializers.ListField(child=serializers.CharField())
    interests = serializers.ListField(child=serializers.CharField())
    audience_label = serializers.CharField()
    daily_budget = serializers.IntegerField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    state = serializers.ChoiceField(Promotion.State.choices)
    state_label = serializers.CharField()
    reason = serializers.ChoiceField(Promotion.Reason.choices, allow_blank=True)
    reason_label = serializers.CharField(allow_blank=True)
    note = serializers.CharField(allow_blank=True)
    spent = serializers.IntegerField()
    budget = serializers.IntegerField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    may = MayShape()


class PromotionDayShape(serializers.Serializer):
    day = serializers.DateField()
    spent = serializers.IntegerField()
    reach = serializers.IntegerField(allow_null=True, help_text="Different people that day; null below five.")


class PromotionDetails(PromotionShape):
    days = PromotionDayShape(many=True)


class PromotionsPage(serializers.Serializer):
    next = serializers.CharField(allow_null=True)
    results = PromotionShape(many=True)


class PromotionChange(Body):
    """Any of it. Lists that are empty are for everybody."""

    goal = serializers.ChoiceField(Promotion.Goal.choices, required=False)
    countries = serializers.ListField(
        child=serializers.CharField(max_length=2), required=False, max_length=MOST_COUNTRIES
    )
    languages = serializers.ListField(child=serializers.ChoiceField(_LANGUAGES), required=False)
    interests = serializers.ListField(child=serializers.ChoiceField(sorted(INTERESTS)), required=False)
    daily_budget = serializers.IntegerField(required=False, min_value=LEAST_BUDGET)
    starts_on = serializers.DateField(required=False)
    ends_on = serializers.DateField(required=False)


class PromotionBody(PromotionChange):
    """A new promotion. It begins as a draft unless `submit` is true."""

    video = serializers.CharField(max_length=40)
    goal = serializers.ChoiceField(Promotion.Goal.choices)
    daily_budget = serializers.IntegerField(min_value=LEAST_BUDGET)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    submit = serializers.BooleanField(required=False)


class EstimateAnswer(serializers.Serializer):
    people = serializers.IntegerField(
        help_text="About: 50, 100, 200, 500 and so on, rounded down; 0 when there are fewer than 50."
    )
    text = serializers.CharField()


class WhyAdAnswer(serializers.Serializer):
    reasons = ReasonShape(many=True)
