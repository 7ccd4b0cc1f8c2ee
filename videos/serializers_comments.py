"""Shapes of comments and of their review, for the API's schema and for checking requests."""

from rest_framework import serializers

from accounts.serializers import CardShape
from privacy.serializers import Body

from .actions.commenting import COMMENT_LENGTH
from .actions.reviewing import DEEDS, REVIEW_LIMIT
from .models import Comment

STATES = (("shown", "shown"), ("held", "held"), ("waiting", "waiting"), ("hidden", "hidden"))


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
    may_hide = serializers.BooleanField()
    may_approve = serializers.BooleanField()


class CommentShape(serializers.Serializer):
    """A comment. Others than its author and the clip's only ever get those whose `state` is "shown"."""

    id = serializers.CharField()
    video = serializers.CharField()
    reply_to = serializers.CharField(allow_null=True)
    author = CommentAuthor()
    text = serializers.CharField()
    counts = CommentCounts()
    pinned = serializers.BooleanField()
    edited = serializers.BooleanField()
    state = serializers.ChoiceField(STATES)
    held_for = serializers.ChoiceField(
        Comment.Held.choices, allow_null=True, help_text="For the clip's author; null for everybody else."
    )
    held_label = serializers.CharField(allow_null=True)
    viewer = CommentViewer()
    created_at = serializers.DateTimeField()


class ReviewClip(serializers.Serializer):
    id = serializers.CharField()
    url = serializers.CharField()
    caption = serializers.CharField()
    cover = serializers.CharField(allow_null=True)


class ReviewAnswered(serializers.Serializer):
    author = CardShape()
    text = serializers.CharField()


class ReviewedComment(CommentShape):
    clip = ReviewClip()
    answers = ReviewAnswered(allow_null=True)


class CommentBody(Body):
    text = serializers.CharField(max_length=COMMENT_LENGTH)
    reply_to = serializers.CharField(required=False, allow_null=True, max_length=40)


class CommentChange(Body):
    text = serializers.CharField(max_length=COMMENT_LENGTH)


class ReviewBody(Body):
    do = serializers.ChoiceField([(name, name) for name in DEEDS])
    comments = serializers.ListField(
        child=serializers.CharField(max_length=40), min_length=1, max_length=REVIEW_LIMIT
    )


class ReviewAnswer(serializers.Serializer):
    done = serializers.ListField(child=serializers.CharField())


class CommentsPage(serializers.Serializer):
    next = serializers.CharField(allow_null=True)
    results = CommentShape(many=True)


class ReviewPage(serializers.Serializer):
    next = serializers.CharField(allow_null=True)
    results = ReviewedComment(many=True)
