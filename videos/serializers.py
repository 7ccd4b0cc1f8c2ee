"""Shapes of what people do with clips, for the API's schema and for checking requests. Uploads have their own."""

from django.utils.translation import gettext as _
from rest_framework import serializers

from accounts.serializers import CardShape, ReasonShape, RelationShape
from privacy.rules import Audience, WhoMay
from privacy.serializers import Body

from .actions.engaging import CHANNELS
from .models import Promotion, Video
from .publication import CAPTION_LENGTH, LABELS, PRODUCT_LENGTH, URL_LENGTH


class AuthorShape(CardShape):
    relation = RelationShape()


class ProgressShape(serializers.Serializer):
    stage = serializers.CharField()
    percent = serializers.IntegerField()


class ErrorShape(serializers.Serializer):
    code = serializers.CharField()
    message = serializers.CharField()


class FileShape(serializers.Serializer):
    height = serializers.IntegerField()
    url = serializers.CharField()
    bitrate = serializers.IntegerField()


class TrackShape(serializers.Serializer):
    language = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # one of DRF's own names too
    url = serializers.CharField()
    automatic = serializers.BooleanField()


class PlaybackShape(serializers.Serializer):
    hls = serializers.CharField(allow_null=True)
    mp4 = FileShape(many=True)
    captions = TrackShape(many=True)


class ProductShape(serializers.Serializer):
    title = serializers.CharField()
    url = serializers.CharField()


class CreditShape(serializers.Serializer):
    id = serializers.CharField()
    url = serializers.CharField()
    username = serializers.CharField()
    cover = serializers.CharField(allow_null=True)


class RemixShape(serializers.Serializer):
    """`video` is null when the original is gone, was detached, or is not for this viewer."""

    kind = serializers.ChoiceField(Video.Remix.choices)
    video = CreditShape(allow_null=True)


class SoundShape(serializers.Serializer):
    id = serializers.CharField()
    title = serializers.CharField()
    artist = serializers.CharField(allow_blank=True)
    duration = serializers.FloatField()
    url = serializers.CharField()


class SoundDetails(SoundShape):
    """A sound as it is picked: `preview` is an address to listen to, `peaks` its waveform (0 to 100), `uses` of clips."""

    library = serializers.BooleanField()
    own = serializers.BooleanField()
    usable = serializers.BooleanField()
    preview = serializers.CharField(allow_null=True)
    peaks = serializers.ListField(child=serializers.IntegerField())
    uses = serializers.IntegerField()


class ClipCounts(serializers.Serializer):
    views = serializers.IntegerField()
    likes = serializers.IntegerField()
    comments = serializers.IntegerField()
    shares = serializers.IntegerField()
    saves = serializers.IntegerField()


class ClipViewer(serializers.Serializer):
    liked = serializers.BooleanField()
    saved = serializers.BooleanField()
    own = serializers.BooleanField()
    may_comment = serializers.BooleanField()
    may_duet = serializers.BooleanField()
    may_stitch = serializers.BooleanField()
    may_download = serializers.BooleanField()
    may_invite = serializers.BooleanField()
    may_use_sound = serializers.BooleanField()


class PromotionMark(serializers.Serializer):
    """That a clip is shown as an ad: which promotion, the word that must label it, and what it is to bring: a button to follow
    for `followers`, one to the profile for `profile`."""

    id = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    goal = serializers.ChoiceField(Promotion.Goal.choices)


class VideoShape(serializers.Serializer):
    """A clip. Times in seconds, sizes in pixels; `progress`, `error`, `publish_at` and `edit` only for its author."""

    id = serializers.CharField()
    url = serializers.CharField()
    share_url = serializers.CharField()
    author = AuthorShape()
    caption = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField())
    audience = serializers.ChoiceField(Audience.choices)
    audience_label = serializers.CharField()
    comments = serializers.ChoiceField(WhoMay.choices)
    duet = serializers.ChoiceField(WhoMay.choices)
    stitch = serializers.ChoiceField(WhoMay.choices)
    download = serializers.ChoiceField(WhoMay.choices)
    labels = serializers.ListField(child=serializers.ChoiceField([(name, name) for name in LABELS]))
    product = ProductShape(allow_null=True)
    promotion = PromotionMark(allow_null=True)
    remix = RemixShape(allow_null=True)
    state = serializers.ChoiceField(Video.State.choices)
    progress = ProgressShape(allow_null=True)
    held = serializers.BooleanField(help_text="It waits for a moderator; only its author is told.")
    error = ErrorShape(allow_null=True)
    duration = serializers.FloatField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    cover = serializers.CharField(allow_null=True)
    blurhash = serializers.CharField(allow_null=True)
    color = serializers.CharField(allow_null=True)
    preview = serializers.CharField(allow_null=True)
    playback = PlaybackShape()
    sound = SoundShape(allow_null=True)
    counts = ClipCounts()
    viewer = ClipViewer()
    publish_at = serializers.DateTimeField(allow_null=True)
    published_at = serializers.DateTimeField(allow_null=True)
    edit = serializers.DictField(allow_null=True)


class ProductBody(serializers.Serializer):
    title = serializers.CharField(required=False, allow_blank=True, max_length=PRODUCT_LENGTH)
    url = serializers.CharField(max_length=URL_LENGTH)


class SettingsBody(Body):
    """What may be said of a clip when it is published and afterwards."""

    caption = serializers.CharField(required=False, allow_blank=True, max_length=CAPTION_LENGTH)
    audience = serializers.ChoiceField(Audience.choices, required=False)
    comments = serializers.ChoiceField(WhoMay.choices, required=False)
    duet = serializers.ChoiceField(WhoMay.choices, required=False)
    stitch = serializers.ChoiceField(WhoMay.choices, required=False)
    download = serializers.ChoiceField(WhoMay.choices, required=False)
    labels = serializers.ListField(
        child=serializers.ChoiceField([(name, name) for name in LABELS]), required=False, max_length=10
    )
    product = ProductBody(
        required=False, allow_null=True, help_text="For business accounts; null takes the link away."
    )
    publish_at = serializers.DateTimeField(
        required=False,
        allow_null=True,
        help_text="When a draft shows by itself; null takes the schedule off.",
    )
    edit = serializers.DictField(
        required=False, help_text="The edit list, whole. `parts` and `voice` name further uploads."
    )


class StitchBody(serializers.Serializer):
    id = serializers.CharField(max_length=40)
    start = serializers.FloatField()
    end = serializers.FloatField()


class Publication(SettingsBody):
    """What is said when a clip is published."""

    upload = serializers.CharField(
        max_length=64, help_text="The last part of the upload's address. Its bytes may still travel."
    )
    draft = serializers.BooleanField(required=False)
    duet_of = serializers.CharField(required=False, allow_null=True, max_length=40)
    stitch_of = StitchBody(required=False, allow_null=True)


class VideoChange(SettingsBody):
    """Any of what was said at publishing. With `edit` the clip is made again, and plays as it was until then."""

    draft = serializers.BooleanField(required=False, help_text="False publishes a draft.")
    upload = serializers.CharField(
        required=False, max_length=64, help_text="In place of a first file that never arrived."
    )

    def validate_draft(self, value: bool) -> bool:
        if value:
            raise serializers.ValidationError(
                _("A clip cannot become a draft again. Let only yourself watch it instead.")
            )
        return value


class LikeAnswer(serializers.Serializer):
    liked = serializers.BooleanField()
    likes = serializers.IntegerField()


class SaveAnswer(serializers.Serializer):
    saved = serializers.BooleanField()
    saves = serializers.IntegerField()


class ShareBody(Body):
    channel = serializers.ChoiceField([(name, name) for name in CHANNELS])


class ShareAnswer(serializers.Serializer):
    url = serializers.CharField()


class WhyReasonShape(ReasonShape):
    clip = serializers.CharField(
        required=False,
        help_text="The address of a clip one watched that this one is like; one may still see it.",
    )


class WhyAnswer(serializers.Serializer):
    reasons = WhyReasonShape(many=True)


class _Page(serializers.Serializer):
    next = serializers.CharField(allow_null=True)


class VideosPage(_Page):
    results = VideoShape(many=True)
