"""Shapes of analytics's JSON for the OpenAPI schema. Nothing here checks or writes."""

from rest_framework import serializers as s

from videos.models import Promotion

from .incoming import KINDS, MAX_EVENTS, MAX_PARTS, VERSION
from .models import Source


class Event(s.Serializer):
    kind = s.ChoiceField([(kind, kind) for kind in KINDS], default="view")
    video = s.CharField(
        required=False, help_text="The clip's id. Of a follow: the clip that led to it, if any."
    )
    profile = s.CharField(required=False, help_text="Of a look at a profile: whose, a user name.")
    follow = s.CharField(required=False, help_text="Of a follow that has just been made: whom, a user name.")
    session = s.RegexField(
        r"^[A-Za-z0-9_-]{1,40}$",
        required=False,
        help_text="Random, the same during one visit. Required without `visit`, otherwise the visit's own counts.",
    )
    watched_ms = s.IntegerField(
        min_value=0, required=False, help_text="Time spent playing. Required of a viewing."
    )
    duration_ms = s.IntegerField(
        min_value=0, required=False, help_text="The clip's length by the player. Required of a viewing."
    )
    loops = s.IntegerField(min_value=0, required=False)
    played = s.ListField(
        child=s.ListField(child=s.IntegerField(min_value=0), min_length=2, max_length=2),
        max_length=MAX_PARTS,
        required=False,
        help_text="The parts that were played, [from, to] in milliseconds of the clip, in that order.",
    )
    skipped = s.BooleanField(required=False, help_text="Left for another clip before it was a view.")
    source = s.ChoiceField(Source.choices, required=False)  # type: ignore[assignment]
    promotion = s.CharField(required=False, help_text="The promotion that showed the clip.")


class Events(s.Serializer):
    v = s.IntegerField(
        required=False, min_value=VERSION, max_value=VERSION, help_text="Version of this schema."
    )
    visit = s.CharField(required=False, help_text="A signed visit. Required of who is not logged in.")
    batch = s.RegexField(
        r"^[A-Za-z0-9_-]{1,40}$",
        required=False,
        help_text="The client's name for this batch, to send it again safely.",
    )
    events = s.ListField(child=Event(), min_length=1, max_length=MAX_EVENTS)
    csrf = s.CharField(required=False, help_text="The CSRF token, for a beacon of a logged-in page.")


class Visit(s.Serializer):
    visit = s.CharField()
    expires_in = s.IntegerField(help_text="Seconds.")


class EventsAnswer(s.Serializer):
    accepted = s.IntegerField()
    dropped = s.IntegerField()


class VideoSums(s.Serializer):
    impressions = s.IntegerField()
    views = s.IntegerField()
    watch_ms = s.IntegerField()
    completions = s.IntegerField()
    completion = s.FloatField(allow_null=True)
    click_through = s.FloatField(allow_null=True)
    skips = s.IntegerField()
    rewatches = s.IntegerField()
    average_ms = s.IntegerField(allow_null=True)
    likes = s.IntegerField()
    comments = s.IntegerField()
    shares = s.IntegerField()
    saves = s.IntegerField()
    followers_won = s.IntegerField()
    engagement = s.FloatField(allow_null=True)


class CreatorSums(s.Serializer):
    impressions = s.IntegerField()
    viewers = s.IntegerField()
    views = s.IntegerField()
    watch_ms = s.IntegerField()
    average_ms = s.IntegerField(allow_null=True)
    profile_views = s.IntegerField()
    followers_new = s.IntegerField()
    followers_lost = s.IntegerField()
    followers_net = s.IntegerField()
    likes = s.IntegerField()
    comments = s.IntegerField()
    shares = s.IntegerField()
    saves = s.IntegerField()
    engagement = s.FloatField(allow_null=True)


class CreatorDaySums(CreatorSums):
    day = s.DateField()


class OneClipSums(VideoSums):
    viewers = s.IntegerField()


class VideoDaySums(OneClipSums):
    day = s.DateField()


class Clip(s.Serializer):
    id = s.CharField()
    caption = s.CharField()
    cover = s.CharField(allow_null=True)
    url = s.CharField()
    studio_url = s.CharField()
    state = s.CharField()
    audience = s.CharField()
    duration = s.FloatField(help_text="Seconds.")
    published_at = s.DateTimeField(allow_null=True)


class ClipLine(Clip, VideoSums):
    pass


class ClipPage(s.Serializer):
    results = ClipLine(many=True)
    next = s.CharField(allow_null=True)


class Definition(s.Serializer):
    label = s.CharField()  # type: ignore[assignment]
    meaning = s.CharField()


class Compared(s.Serializer):
    days = s.IntegerField()
    start = s.DateField()
    end = s.DateField()
    delta = s.DictField(
        child=s.FloatField(allow_null=True), help_text="Relative change; null without a period before."
    )
    updated_at = s.DateTimeField(allow_null=True)
    definitions = s.DictField(child=Definition())


class HourRow(s.Serializer):
    hour_of_week = s.IntegerField(
        help_text="0 is Monday 0:00 UTC, 167 Sunday 23:00; those without views are left out."
    )
    views = s.IntegerField()


class Overview(Compared):
    totals = CreatorSums()
    before = CreatorSums()
    series = CreatorDaySums(many=True)
    series_before = CreatorDaySums(many=True)
    hours = HourRow(many=True)
    top = ClipLine(many=True)


class SourceRow(s.Serializer):
    source = s.ChoiceField(Source.choices)  # type: ignore[assignment]
    label = s.CharField()  # type: ignore[assignment]
    impressions = s.IntegerField()
    views = s.IntegerField()
    watch_ms = s.IntegerField()
    followers_won = s.IntegerField()
    before = s.IntegerField(help_text="Views of the period before.")


class CountryRow(s.Serializer):
    country = s.CharField(
        help_text="ISO 3166-1 alpha-2, named from five views on (of whom is not kept); empty for all others."
    )
    views = s.IntegerField()
    watch_ms = s.IntegerField()


class Second(s.Serializer):
    second = s.IntegerField()
    watching = s.FloatField(allow_null=True, help_text="Share of the viewings that began at the start.")
    reached = s.IntegerField()
    replays = s.IntegerField()
    jumps = s.IntegerField()


class Retention(s.Serializer):
    viewings = s.IntegerField(help_text="Those that began at the start.")
    seconds = Second(many=True, help_text="Empty below five viewings.")
    half_until = s.IntegerField(allow_null=True, help_text="The first second that fewer than half played.")
    steepest = s.IntegerField(allow_null=True, help_text="The second before which most left.")
    most_replayed = s.IntegerField(allow_null=True)


class VideoFigures(Compared):
    video = Clip()
    totals = OneClipSums()
    before = OneClipSums()
    series = VideoDaySums(many=True)
    series_before = VideoDaySums(many=True)
    sources = SourceRow(many=True)
    countries = CountryRow(many=True)
    retention = Retention()


class LiveSums(s.Serializer):
    views = s.IntegerField()
    watch_ms = s.IntegerField()
    impressions = s.IntegerField()


class LiveTotals(LiveSums):
    visits = s.IntegerField()


class LiveMinute(LiveSums):
    minute = s.DateTimeField()


class LiveClip(Clip, LiveSums):
    pass


class Live(s.Serializer):
    start = s.DateTimeField()
    end = s.DateTimeField()
    totals = LiveTotals()
    series = LiveMinute(many=True)
    top = LiveClip(many=True)
    updated_at = s.DateTimeField(allow_null=True)
    definitions = s.DictField(child=Definition())


class PromotionSums(s.Serializer):
    """`results` is what each promotion is for, `cost` the impressions paid for each of them."""

    spent = s.IntegerField()
    seen = s.IntegerField()
    promoted_views = s.IntegerField()
    organic_views = s.IntegerField()
    visits = s.IntegerField()
    organic_visits = s.IntegerField(
        help_text="Of the whole account: other looks at the profile on the same days."
    )
    followers_won = s.IntegerField()
    organic_followers = s.IntegerField()
    results = s.IntegerField()
    cost = s.IntegerField(allow_null=True)


class PromotionDaySums(PromotionSums):
    day = s.DateField()


class PromotionLine(PromotionSums):
    id = s.CharField()
    url = s.CharField()
    video = Clip()
    goal = s.ChoiceField(Promotion.Goal.choices)
    goal_label = s.CharField()
    audience_label = s.CharField()
    state = s.ChoiceField(Promotion.State.choices)
    state_label = s.CharField()
    starts_on = s.DateField()
    ends_on = s.DateField()
    daily_budget = s.IntegerField()
    reach = s.IntegerField(allow_null=True, help_text="Different people; null below five.")
    organic_results = s.IntegerField(help_text="The organic figure of the same kind as `results`.")


class PromotionsFigures(Compared):
    totals = PromotionSums()
    before = PromotionSums()
    series = PromotionDaySums(many=True)
    series_before = PromotionDaySums(many=True)
    promotions = PromotionLine(many=True)
