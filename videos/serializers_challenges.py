"""Shapes of challenges, for the API's schema and for checking requests."""

from rest_framework import serializers

from accounts.serializers import CardShape
from privacy.serializers import Body

from .challenges import LENGTHS, PLACES, SLUG_LENGTH, SPONSOR_URL_LENGTH, Phase
from .hashtags import MAX_TAG_LENGTH
from .models import Challenge, ChallengeMark
from .serializers import VideoShape


class TagShape(serializers.Serializer):
    name = serializers.CharField()
    url = serializers.CharField()


class SponsorShape(serializers.Serializer):
    """Who pays for a challenge; wherever it is shown it is labelled as sponsored."""

    name = serializers.CharField()
    url = serializers.CharField(allow_blank=True)


class ChallengeShape(serializers.Serializer):
    """A challenge as lists show it. `country` is empty for everywhere; `left` says in words how long until it starts or ends."""

    id = serializers.CharField()
    slug = serializers.CharField(max_length=SLUG_LENGTH)
    url = serializers.CharField()
    share_url = serializers.CharField()
    title = serializers.CharField()
    brief = serializers.CharField()
    rules = serializers.CharField(allow_blank=True)
    tag = TagShape()
    country = serializers.CharField(allow_blank=True)
    banner = serializers.CharField(allow_null=True)
    host = CardShape()
    phase = serializers.ChoiceField(Phase.choices)
    left = serializers.CharField(allow_blank=True)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    published_at = serializers.DateTimeField(allow_null=True)
    own = serializers.BooleanField()
    sponsor = SponsorShape(allow_null=True)
    sponsorship = serializers.ChoiceField(
        Challenge.Sponsorship.choices, allow_blank=True, help_text="For its host."
    )
    sponsor_note = serializers.CharField(allow_blank=True, help_text="What staff said to its host.")


class ChallengeCounts(serializers.Serializer):
    """Of the entries that you may see. With `more` there are more than were counted."""

    entries = serializers.IntegerField()
    people = serializers.IntegerField()
    more = serializers.BooleanField()


class StandingShape(serializers.Serializer):
    """A clip at its place. A winner without a place has null."""

    place = serializers.IntegerField(allow_null=True)
    likes = serializers.IntegerField()
    video = VideoShape()


class ChallengeFigures(serializers.Serializer):
    entries = serializers.IntegerField()
    people = serializers.IntegerField()
    views = serializers.IntegerField()
    likes = serializers.IntegerField()


class ChallengeDetails(ChallengeShape):
    """A challenge whole. `winners` are empty before it has ended, `join_url` null when it does not run, `figures` its host's."""

    example = VideoShape(allow_null=True)
    winners = StandingShape(many=True)
    counts = ChallengeCounts()
    entered = serializers.BooleanField()
    join_url = serializers.CharField(allow_null=True)
    figures = ChallengeFigures(allow_null=True)


class ChallengesPage(serializers.Serializer):
    next = serializers.CharField(allow_null=True)
    results = ChallengeShape(many=True)


class StandingsPage(serializers.Serializer):
    next = serializers.CharField(allow_null=True)
    results = StandingShape(many=True)


class EntryShape(serializers.Serializer):
    """An entry as its host judges it; `verdict` is null while nothing was said."""

    verdict = serializers.ChoiceField(ChallengeMark.Verdict.choices, allow_null=True)
    place = serializers.IntegerField(allow_null=True)
    video = VideoShape()


class EntriesPage(serializers.Serializer):
    next = serializers.CharField(allow_null=True)
    results = EntryShape(many=True)


class _Texts(Body):
    rules = serializers.CharField(required=False, allow_blank=True, max_length=LENGTHS["rules"])
    country = serializers.CharField(
        required=False, allow_blank=True, max_length=2, help_text="Two letters; empty for everywhere."
    )
    sponsor = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=LENGTHS["sponsor"],
        help_text="Who pays for it. Publishing hands it in for approval then.",
    )
    sponsor_url = serializers.CharField(
        required=False, allow_blank=True, max_length=SPONSOR_URL_LENGTH, help_text="Their product, by https."
    )
    example = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=40,
        help_text="Id of a clip that everybody may watch.",
    )


class ChallengeBody(_Texts):
    """A new challenge. It begins as a draft unless `publish` is true."""

    title = serializers.CharField(max_length=LENGTHS["title"])
    brief = serializers.CharField(max_length=LENGTHS["brief"])
    tag = serializers.CharField(max_length=MAX_TAG_LENGTH + 1)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    publish = serializers.BooleanField(required=False)


class ChallengeChange(_Texts):
    """Any of it. `publish` lets everybody see a draft, `end` ends a running one now."""

    title = serializers.CharField(required=False, max_length=LENGTHS["title"])
    brief = serializers.CharField(required=False, max_length=LENGTHS["brief"])
    tag = serializers.CharField(required=False, max_length=MAX_TAG_LENGTH + 1)
    starts_at = serializers.DateTimeField(required=False)
    ends_at = serializers.DateTimeField(required=False)
    publish = serializers.BooleanField(required=False)
    end = serializers.BooleanField(required=False)


class BannerBody(serializers.Serializer):
    banner = serializers.FileField()


class BannerAnswer(serializers.Serializer):
    banner = serializers.CharField(allow_null=True)


class VerdictBody(Body):
    verdict = serializers.ChoiceField(ChallengeMark.Verdict.choices)
    place = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=PLACES)


class VerdictAnswer(serializers.Serializer):
    verdict = serializers.ChoiceField(ChallengeMark.Verdict.choices)
    place = serializers.IntegerField(allow_null=True)
