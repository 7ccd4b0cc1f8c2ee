"""Shapes of what people do with clips, for the API's schema and for checking requests. Uploads have their own."""

from django.utils.translation import gettext as _
from rest_framework import serializers

from accounts.serializers import CardShape, ReasonShape, RelationShape
from privacy.rules import Audience, WhoMay
from privacy.serializers import Body

from .actions.commenting import COMMENT_LENGTH
from .actions.engaging import CAPTION_LENGTH, CHANNELS
from .models import Video


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


class PlaybackShape(serializers.Serializer):
    hls = serializers.CharField(allow_null=True)
    mp4 = FileShape(many=True)
    captions = serializers.ListField(child=serializers.DictField())


class SoundShape(serializers.Serializer):
    id = serializers.CharField()
    title = serializers.CharField()
    duration = serializers.FloatField()
    url = serializers.CharField()


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


class VideoShape(serializers.Serializer):
    """A clip. Times in seconds, sizes in pixels; `progress` and `error` only for its author."""

    id = serializers.CharField()
    url = serializers.CharField()
    share_url = serializers.CharField()
    author = AuthorShape()
    caption = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField())
    audience = serializers.ChoiceField(Audience.choices)
    audience_label = serializers.CharField()
    comments = serializers.ChoiceField(WhoMay.choices)
    state = serializers.ChoiceField(Video.State.choices)
    progress = ProgressShape(allow_null=True)
    error = ErrorShape(allow_null=True)
    duration = serializers.FloatField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    cover = serializers.CharField(allow_null=True)
    blurhash = serializers.CharField(allow_null=True)
    color = serializers.CharField(allow_null=True)
    playback = PlaybackShape()
    sound = SoundShape(allow_null=True)
    counts = ClipCounts()
    viewer = ClipViewer()
    published_at = serializers.DateTimeField(allow_null=True)


class VideoChange(Body):
    """Any of what was said at publishing."""

    caption = serializers.CharField(required=False, allow_blank=True, max_length=CAPTION_LENGTH)
    audience = serializers.ChoiceField(Audience.choices, required=False)
    comments = serializers.ChoiceField(WhoMay.choices, required=False)
    draft = serializers.BooleanField(required=False, help_text="False publishes a draft.")

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


class NotInterestedAnswer(serializers.Serializer):
    not_interested = serializers.BooleanField()


class PinAnswer(serializers.Serializer):
    pinned = serializers.BooleanField()


class CommentAuthor(CardShape):
    is_creator = serializers.BooleanField()


class CommentCounts(serializers.Serializer):
    likes = serializers.IntegerField()
    replies = serializers.IntegerField()


class CommentViewer(serializers.Serializer):
    liked = serializers.BooleanField()
    own = serializers.BooleanField()
    may_delete = serializers.BooleanField()
    may_pin = serializers.BooleanField()


class CommentShape(serializers.Serializer):
    id = serializers.CharField()
    video = serializers.CharField()
    reply_to = serializers.CharField(allow_null=True)
    author = CommentAuthor()
    text = serializers.CharField()
    counts = CommentCounts()
    pinned = serializers.BooleanField()
    edited = serializers.BooleanField()
    viewer = CommentViewer()
    created_at = serializers.DateTimeField()


class CommentBody(Body):
    text = serializers.CharField(max_length=COMMENT_LENGTH)
    reply_to = serializers.CharField(required=False, allow_null=True, max_length=40)


class CommentChange(Body):
    text = serializers.CharField(max_length=COMMENT_LENGTH)


class ShareBody(Body):
    channel = serializers.ChoiceField([(name, name) for name in CHANNELS])


class ShareAnswer(serializers.Serializer):
    url = serializers.CharField()


class WhyAnswer(serializers.Serializer):
    reasons = ReasonShape(many=True)


class _Page(serializers.Serializer):
    next = serializers.CharField(allow_null=True)


class VideosPage(_Page):
    results = VideoShape(many=True)


class CommentsPage(_Page):
    results = CommentShape(many=True)


class SearchPage(_Page):
    """`results` have the shape of their type: clips, people (as in suggestions), `{name, url}` for tags, sounds."""

    results = serializers.ListField(child=serializers.DictField())
