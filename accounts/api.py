"""People as JSON: one's own account, profiles, following, requests, suggestions."""

from collections.abc import Mapping
from typing import Any

from django.core.files.base import ContentFile
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from socialapp.lib.errors import TooLarge
from socialapp.lib.pagination import keyset_page
from socialapp.lib.pictures import MAX_BYTES
from socialapp.lib.rest import idempotent, page_response

from . import access, actions, interests, removals, serializers, suggestions
from .avatars import Crop

CURSOR = OpenApiParameter("cursor", str, description="From the `next` of the page before.")
GONE = OpenApiResponse(description="Done. There is no body.")


class Me(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="me", responses=serializers.MeShape)
    def get(self, request: Request) -> Response:
        return Response(access.me(request.user))

    @extend_schema(operation_id="me_change", request=serializers.MeChange, responses=serializers.MeShape)
    def patch(self, request: Request) -> Response:
        actions.change_account(request.user, **serializers.MeChange.read(request))
        return Response(access.me(request.user))


class MyBusiness(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="me_business", responses=serializers.MyBusiness)
    def get(self, request: Request) -> Response:
        """Whether yours is a business account, and what it says; kept while it is none."""
        return Response(access.my_business(request.user))

    @extend_schema(
        operation_id="me_business_set", request=serializers.BusinessBody, responses=serializers.MyBusiness
    )
    def put(self, request: Request) -> Response:
        """Make it a business account, or change what it says."""
        actions.set_business(request.user, **serializers.BusinessBody.read(request))
        return Response(access.my_business(request.user))

    @extend_schema(operation_id="me_business_end", responses={204: GONE})
    def delete(self, request: Request) -> Response:
        """Make it a personal account again. Its promotions end; what it said is kept for the next time."""
        actions.end_business(request.user)
        return Response(status=204)


class Interests(APIView):
    @extend_schema(operation_id="interests", responses=serializers.InterestsAnswer)
    def get(self, request: Request) -> Response:
        """What people can say they like to see, in the reader's language; `me/` takes and gives the keys."""
        return Response({"results": interests.names()})


class ImageParser(BaseParser):
    """A picture as the whole body: `Content-Type: image/…`. At most one byte more than allowed is read."""

    media_type = "image/*"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Mapping[str, Any]:
        return {"avatar": ContentFile(stream.read(MAX_BYTES + 1))}


class MyAvatar(APIView):
    permission_classes = [IsAuthenticated]
    parser_classes = [MultiPartParser, ImageParser]

    @extend_schema(
        operation_id="me_avatar_set",
        request={"multipart/form-data": serializers.AvatarBody, "image/*": bytes},
        parameters=[
            OpenApiParameter(name, float, description="As in the form, for a picture that is the whole body.")
            for name in ("crop_x", "crop_y", "crop_side")
        ],
        responses=serializers.AvatarAnswer,
    )
    def put(self, request: Request) -> Response:
        """A new picture. Without a crop its middle is kept."""
        # Refused before the body is read. The multipart wrapping takes less than 64 kB.
        if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BYTES + 65_536:
            raise TooLarge()
        sent: Any = request.data
        picture = sent.get("avatar")
        whole = request.content_type.startswith("image/")
        crop = Crop.read(request.query_params if whole else sent)
        file = picture if hasattr(picture, "read") else ContentFile(b"")
        person = actions.set_avatar(request.user, file, crop)
        return Response({"avatar": access.avatar_url(person)})

    @extend_schema(operation_id="me_avatar_remove", responses={204: GONE})
    def delete(self, request: Request) -> Response:
        actions.remove_avatar(request.user)
        return Response(status=204)


class Deactivate(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="me_deactivate", request=None, responses={204: GONE})
    def post(self, request: Request) -> Response:
        """Hide the account until its person logs in again. Every session and token ends."""
        actions.deactivate(request.user)
        return Response(status=204)


class Person(APIView):
    @extend_schema(operation_id="person", responses=serializers.ProfileShape)
    def get(self, request: Request, username: str) -> Response:
        profile = access.profile(request.user, username)
        return Response({name: value for name, value in profile.items() if name != "person"})


class FollowPerson(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="follow", request=None, responses=serializers.FollowAnswer)
    @idempotent
    def post(self, request: Request, username: str) -> Response:
        row = actions.follow(request.user, access.get_person(request.user, username))
        return Response({"state": row.state})

    @extend_schema(operation_id="unfollow", responses={204: GONE})
    def delete(self, request: Request, username: str) -> Response:
        actions.unfollow(request.user, access.get_person(request.user, username))
        return Response(status=204)


class Follower(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="follower_remove", responses={200: serializers.RemovedAnswer})
    def delete(self, request: Request, username: str) -> Response:
        """Make this person no longer follow you. They are not told."""
        removed = actions.remove_follower(request.user, access.get_person(request.user, username))
        return Response({"undo_seconds": removals.SECONDS if removed else 0})

    @extend_schema(operation_id="follower_keep", request=None, responses=serializers.FollowAnswer)
    @idempotent
    def post(self, request: Request, username: str) -> Response:
        """Take a removal back. 409 when it is too late or they left by themselves."""
        row = actions.keep_follower(request.user, access.get_person(request.user, username))
        return Response({"state": row.state})


def _people(request: Request, rows: QuerySet[Any], who: str) -> Response:
    page = keyset_page(rows, request.query_params.get("cursor"))
    return page_response(
        request, page, access.people_cards(request.user, [getattr(row, who) for row in page.items])
    )


class Followers(APIView):
    @extend_schema(operation_id="followers", parameters=[CURSOR], responses=serializers.PeoplePage)
    def get(self, request: Request, username: str) -> Response:
        person = access.get_person(request.user, username)
        return _people(request, access.followers(request.user, person), "follower")


class Following(APIView):
    @extend_schema(operation_id="following", parameters=[CURSOR], responses=serializers.PeoplePage)
    def get(self, request: Request, username: str) -> Response:
        person = access.get_person(request.user, username)
        return _people(request, access.following(request.user, person), "followed")


class Friends(APIView):
    @extend_schema(operation_id="friends_of", parameters=[CURSOR], responses=serializers.PeoplePage)
    def get(self, request: Request, username: str) -> Response:
        """Whom the person follows and who follows them back."""
        person = access.get_person(request.user, username)
        return _people(request, access.friends(request.user, person), "followed")


class FollowRequests(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="follow_requests", parameters=[CURSOR], responses=serializers.RequestsPage)
    def get(self, request: Request) -> Response:
        page = keyset_page(access.follow_requests(request.user), request.query_params.get("cursor"))
        results = [
            {
                "id": str(row.pk),
                "person": access.person_card(request.user, row.follower),
                "created_at": row.created_at,
            }
            for row in page.items
        ]
        return page_response(request, page, results)


class AcceptRequest(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="follow_request_accept", request=None, responses=serializers.FollowAnswer)
    @idempotent
    def post(self, request: Request, follow_id: str) -> Response:
        return Response({"state": actions.accept_request(request.user, follow_id).state})


class DeclineRequest(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="follow_request_decline", request=None, responses={204: GONE})
    @idempotent
    def post(self, request: Request, follow_id: str) -> Response:
        actions.decline_request(request.user, follow_id)
        return Response(status=204)


class AnswerRequests(APIView):
    """Many requests at once."""

    permission_classes = [IsAuthenticated]
    accept = True

    @extend_schema(request=serializers.RequestsAnswer, responses=serializers.RequestsAnswered)
    @idempotent
    def post(self, request: Request) -> Response:
        """These requests, or all that wait, oldest first. Those that are not there for you are passed over."""
        sent = serializers.RequestsAnswer.read(request)
        chosen = None if sent["all"] else sent.get("ids", [])
        answered, waiting = actions.answer_requests(request.user, chosen, accept=self.accept)
        return Response({"answered": answered, "waiting": waiting})


@extend_schema_view(post=extend_schema(operation_id="follow_requests_accept"))
class AcceptRequests(AnswerRequests):
    accept = True


@extend_schema_view(post=extend_schema(operation_id="follow_requests_decline"))
class DeclineRequests(AnswerRequests):
    accept = False


class Suggestions(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="suggestions", responses=serializers.SuggestionsPage)
    def get(self, request: Request) -> Response:
        """People to follow, each with the reasons why. One page; `next` is null."""
        return Response({"results": suggestions.suggestions(request.user), "next": None})
