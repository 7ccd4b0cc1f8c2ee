"""What people tell their feeds, as JSON: more, less, not interested; how they want For You; start over."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actions import choose_interests
from socialapp.lib.pagination import keyset_page
from socialapp.lib.rest import page_response

from . import access, actions
from . import serializers_preferences as shapes
from .api import CURSOR, GONE, _cursor
from .beliefs import beliefs, interests_of
from .cards_preferences import preference_cards, settings_card
from .models import Preference

OF = OpenApiParameter("of", str, enum=access.ABOUT, description="What the word was about: the clip itself.")
TAG = OpenApiParameter("tag", str, description="Which tag of the clip, with of=tag.")
BACK_TO = OpenApiParameter(
    "back_to",
    str,
    enum=Preference.Stance.values,
    description="For an undo: what was said of the thing before, as the answer to the new word gave it.",
)


def _say(request: Request, video_id: str, stance: str) -> dict[str, Any]:
    body = shapes.AboutBody.read(request)
    video = access.get_video(request.user, video_id)
    subject = access.subject_of(request.user, video, body["of"], body["tag"])
    row = actions.prefer(request.user, stance, **subject)  # type: ignore[arg-type]
    return _said(request, row)


def _said(request: Request, row: Preference) -> dict[str, Any]:
    return {"preference": preference_cards(request.user, [row])[0], "before": row.before or None}


def _take_back(request: Request, video_id: str, stance: str) -> None:
    video = access.get_video(request.user, video_id)
    asked = request.query_params
    subject = access.subject_of(request.user, video, asked.get("of", "clip"), asked.get("tag", ""))
    actions.take_back(request.user, stance, **subject)  # type: ignore[arg-type]


class VideoMore(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="video_more", request=shapes.AboutBody, responses={200: shapes.PreferenceAnswer}
    )
    def post(self, request: Request, video_id: str) -> Response:
        """More like this clip, by its author, with its sound or of one of its tags. From the next page on."""
        return Response(_say(request, video_id, Preference.Stance.MORE))

    @extend_schema(operation_id="video_more_take_back", parameters=[OF, TAG], responses={204: GONE})
    def delete(self, request: Request, video_id: str) -> Response:
        _take_back(request, video_id, Preference.Stance.MORE)
        return Response(status=204)


class VideoLess(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="video_less", request=shapes.AboutBody, responses={200: shapes.PreferenceAnswer}
    )
    def post(self, request: Request, video_id: str) -> Response:
        """Less like this clip, by its author, with its sound or of one of its tags. From the next page on."""
        return Response(_say(request, video_id, Preference.Stance.LESS))

    @extend_schema(operation_id="video_less_take_back", parameters=[OF, TAG], responses={204: GONE})
    def delete(self, request: Request, video_id: str) -> Response:
        _take_back(request, video_id, Preference.Stance.LESS)
        return Response(status=204)


class VideoNotInterested(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="video_not_interested",
        request=shapes.AboutBody,
        responses={200: shapes.NotInterestedAnswer},
    )
    def post(self, request: Request, video_id: str) -> Response:
        """No feed shows it again: the clip, or all by its author, with its sound, of one of its tags."""
        kept = _say(request, video_id, Preference.Stance.HIDE)
        return Response({"not_interested": True, **kept})

    @extend_schema(
        operation_id="video_interested",
        parameters=[OF, TAG],
        responses={200: shapes.NotInterestedAnswer},
    )
    def delete(self, request: Request, video_id: str) -> Response:
        _take_back(request, video_id, Preference.Stance.HIDE)
        return Response({"not_interested": False})


class Preferences(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="preferences", parameters=[CURSOR], responses=shapes.PreferencesPage)
    def get(self, request: Request) -> Response:
        """What one told one's feeds, newest first. Nobody else sees it."""
        rows = access.preferences_of(request.user)
        page = keyset_page(rows, _cursor(request), order=("-created_at", "-id"))
        return page_response(request, page, preference_cards(request.user, page.items))

    @extend_schema(
        operation_id="preference_say",
        request=shapes.PreferenceBody,
        responses={200: shapes.PreferenceAnswer},
    )
    def post(self, request: Request) -> Response:
        """The same words without a clip at hand. What was said of the thing before is replaced."""
        body = shapes.PreferenceBody.read(request)
        subject = access.find_subject(request.user, body["of"], body["subject"])
        row = actions.prefer(request.user, body["stance"], **subject)  # type: ignore[arg-type]
        return Response(_said(request, row))


class PreferenceDetail(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="preference_forget", parameters=[BACK_TO], responses={204: GONE})
    def delete(self, request: Request, preference_id: str) -> Response:
        """Say it no longer. Works as well when the thing is hidden by now."""
        actions.forget_preference(request.user, preference_id, request.query_params.get("back_to", ""))
        return Response(status=204)


class MyFeed(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="me_feed", responses=shapes.FeedSettingsShape)
    def get(self, request: Request) -> Response:
        return Response(settings_card(access.feed_settings(request.user)))

    @extend_schema(
        operation_id="me_feed_change",
        request=shapes.FeedSettingsBody,
        responses=shapes.FeedSettingsShape,
    )
    def patch(self, request: Request) -> Response:
        """Newest first instead of chosen; with or without one's history. Holds from the next page on."""
        kept = actions.change_feed(request.user, **shapes.FeedSettingsBody.read(request))
        return Response(settings_card(kept))


class MyFeedInterests(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="me_feed_interests", responses=shapes.FeedInterestsAnswer)
    def get(self, request: Request) -> Response:
        """What one chose to like, and what the feed believes, each with its evidence. Nobody else sees it."""
        return Response({"interests": interests_of(request.user), **beliefs(request.user)})

    @extend_schema(
        operation_id="me_feed_interests_choose",
        request=shapes.FeedInterestsBody,
        responses=shapes.FeedInterestsAnswer,
    )
    def patch(self, request: Request) -> Response:
        """Choose interests, instead of those chosen before."""
        choose_interests(request.user, shapes.FeedInterestsBody.read(request)["interests"])
        return Response({"interests": interests_of(request.user), **beliefs(request.user)})


class MyFeedStartOver(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="me_feed_start_over", request=None, responses=shapes.FeedSettingsShape)
    def post(self, request: Request) -> Response:
        """What was watched, liked and asked for before now counts no more. Cannot be taken back.

        Likes, saves, follows, chosen interests and what one is not interested in stay.
        """
        return Response(settings_card(actions.start_over(request.user)))
