"""Shapes of privacy's part of the API: what may be sent and what is answered."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from socialapp.lib.errors import Invalid

from .actions import KEYWORD_LENGTH, KEYWORDS
from .models import PrivacySettings, Report
from .rules import Audience, WhoMay


class Body(serializers.Serializer):
    """A request's body. A field it does not know is refused rather than silently dropped."""

    @classmethod
    def read(cls, request: Request) -> dict[str, Any]:
        """The checked values; raises DRF's ValidationError or Invalid."""
        body = cls(data=request.data)
        body.is_valid(raise_exception=True)
        unknown = set(request.data) - set(body.fields) - {"csrfmiddlewaretoken"}
        if unknown:
            raise Invalid(fields={name: _("There is no such field.") for name in sorted(unknown)})
        return dict(body.validated_data)


class PrivacyFields(serializers.ModelSerializer):
    """The contract's `me/privacy/`."""

    comment_keywords = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = PrivacySettings
        exclude = ("person", "changed_at")


class PrivacyChange(Body):
    """Any of the settings."""

    is_private = serializers.BooleanField(required=False)
    findable = serializers.BooleanField(required=False)
    read_receipts = serializers.BooleanField(required=False)
    show_activity = serializers.BooleanField(required=False)
    filter_spam = serializers.BooleanField(required=False)
    approve_comments = serializers.BooleanField(required=False)
    comment_keywords = serializers.ListField(
        child=serializers.CharField(max_length=KEYWORD_LENGTH), max_length=KEYWORDS, required=False
    )
    message_audience = serializers.ChoiceField(WhoMay.choices, required=False)
    comment_audience = serializers.ChoiceField(WhoMay.choices, required=False)
    duet_audience = serializers.ChoiceField(WhoMay.choices, required=False)
    stitch_audience = serializers.ChoiceField(WhoMay.choices, required=False)
    download_audience = serializers.ChoiceField(WhoMay.choices, required=False)
    mention_audience = serializers.ChoiceField(WhoMay.choices, required=False)
    following_audience = serializers.ChoiceField(Audience.choices, required=False)
    followers_audience = serializers.ChoiceField(Audience.choices, required=False)
    friends_audience = serializers.ChoiceField(Audience.choices, required=False)
    likes_audience = serializers.ChoiceField(Audience.choices, required=False)


class ReportTarget(serializers.Serializer):
    type = serializers.ChoiceField(Report.Target.choices)
    id = serializers.CharField(max_length=40)


class ReportBody(Body):
    target = ReportTarget()
    reason = serializers.ChoiceField(Report.Reason.choices)
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    messages = serializers.ListField(
        child=serializers.CharField(max_length=40),
        required=False,
        max_length=20,
        help_text="Of a conversation: which of its messages moderators see. Without them the last 20.",
    )


class ReportAnswer(serializers.Serializer):
    id = serializers.CharField()
    state = serializers.ChoiceField(Report.State.choices)
    message = serializers.CharField()
