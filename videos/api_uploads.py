"""Uploads by tus, and clips made of them: the JSON skin. The protocol itself is in videos.tus."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from privacy.rules import Audience, WhoMay
from privacy.serializers import Body
from socialapp.lib.rest import idempotent

from . import access, actions, tus, uploads
from .actions.engaging import CAPTION_LENGTH

VERSION = OpenApiParameter("Tus-Resumable", str, OpenApiParameter.HEADER, required=True, enum=[tus.VERSION])
LENGTH = OpenApiParameter("Upload-Length", int, OpenApiParameter.HEADER, required=True)
OFFSET = OpenApiParameter("Upload-Offset", int, OpenApiParameter.HEADER, required=True)
METADATA = OpenApiParameter(
    "Upload-Metadata", str, OpenApiParameter.HEADER, description="`filename <base64>,filetype <base64>`"
)
CHECKSUM = OpenApiParameter(
    "Upload-Checksum", str, OpenApiParameter.HEADER, description="`sha1|sha256|md5 <base64>`"
)
BYTES = {tus.CONTENT_TYPE: OpenApiTypes.BINARY}


def _said(text: str) -> OpenApiResponse:
    return OpenApiResponse(description=text)


class Publication(Body):
    """What is said when a clip is published."""

    upload = serializers.CharField(max_length=64, help_text="The last part of the upload's address.")
    caption = serializers.CharField(required=False, allow_blank=True, max_length=CAPTION_LENGTH)
    audience = serializers.ChoiceField(Audience.choices, required=False)
    comments = serializers.ChoiceField(WhoMay.choices, required=False)
    draft = serializers.BooleanField(required=False)


class Published(serializers.Serializer):
    id = serializers.CharField()
    state = serializers.CharField()
    url = serializers.CharField()


def _published(video: Any) -> dict[str, str]:
    return {"id": str(video.pk), "state": str(video.state), "url": video.get_absolute_url()}


class _AnyAccept(BaseContentNegotiation):
    """tus clients say all kinds of things in Accept; answers have no body but errors, and those are JSON."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]


class _TusView(APIView):
    """What all verbs of tus share: the version in every answer, and an OPTIONS that anybody may ask."""

    permission_classes = [IsAuthenticated]
    content_negotiation_class = _AnyAccept

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        for name, value in tus.own_headers().items():
            response.headers.setdefault(name, value)
        if response.status_code == 412:
            response["Tus-Version"] = tus.VERSION
        return response

    def get_permissions(self) -> list[Any]:
        return [] if self.request.method == "OPTIONS" else list(super().get_permissions())

    @extend_schema(exclude=True)
    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        return Response(status=204, headers=tus.options_headers())


class Uploads(_TusView):
    @extend_schema(
        operation_id="upload_create",
        parameters=[VERSION, LENGTH, METADATA, CHECKSUM],
        request=BYTES,
        responses={
            201: _said("Created; `Location` is the upload's address. Bytes in the body are its beginning.")
        },
    )
    def post(self, request: Request) -> Response:
        """Announce an upload (tus creation, creation-with-upload)."""
        upload = tus.create(request.user, request.headers)
        if request.content_type and request.content_type.startswith(tus.CONTENT_TYPE):
            writer = tus.open_writer(upload, request.headers, claimed=0)
            tus.receive(upload, writer, request._request.read)
        elif not upload.length:
            actions.keep_upload(upload)
        place = request.build_absolute_uri(f"{request.path.rstrip('/')}/{upload.pk}")
        headers = tus.own_headers(upload, uploads.offset(upload)) | {"Location": place}
        return Response(status=201, headers=headers)


class UploadDetail(_TusView):
    @extend_schema(
        operation_id="upload_offset",
        parameters=[VERSION],
        responses={200: _said("`Upload-Offset` says where to go on.")},
    )
    def head(self, request: Request, upload_id: str) -> Response:
        tus.check_version(request.headers)
        upload = access.get_upload(request.user, upload_id)
        headers = tus.own_headers(upload, uploads.offset(upload)) | {"Upload-Length": str(upload.length)}
        if told := tus.metadata(upload):
            headers["Upload-Metadata"] = told
        return Response(status=200, headers=headers)

    @extend_schema(
        operation_id="upload_append",
        parameters=[VERSION, OFFSET, CHECKSUM],
        request=BYTES,
        responses={204: _said("Appended; `Upload-Offset` says how far it is.")},
    )
    def patch(self, request: Request, upload_id: str) -> Response:
        """Append bytes. Under ASGI the application in videos.tus answers this instead, without holding the body."""
        tus.check_version(request.headers)
        upload = access.get_upload(request.user, upload_id)
        upload = tus.receive(upload, tus.open_writer(upload, request.headers), request._request.read)
        return Response(status=204, headers=tus.own_headers(upload, uploads.offset(upload)))

    @extend_schema(
        operation_id="upload_cancel",
        parameters=[VERSION],
        responses={204: _said("Cancelled; its bytes are gone.")},
    )
    def delete(self, request: Request, upload_id: str) -> Response:
        tus.check_version(request.headers)
        actions.delete_upload(request.user, access.get_upload(request.user, upload_id))
        return Response(status=204)

    @extend_schema(exclude=True)
    def post(self, request: Request, upload_id: str) -> Response:
        """For networks that let no PATCH through: the verb in X-HTTP-Method-Override, as the protocol has it."""
        match request.headers.get("X-HTTP-Method-Override", "").upper():
            case "PATCH":
                return self.patch(request, upload_id)
            case "DELETE":
                return self.delete(request, upload_id)
        return self.http_method_not_allowed(request, upload_id)


class Videos(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="video_publish", request=Publication, responses={201: Published})
    @idempotent
    def post(self, request: Request) -> Response:
        """Make a clip of a complete upload. It plays, and shows to its audience, within seconds; watch `progress`."""
        body = Publication.read(request)
        upload = access.get_upload(request.user, body.pop("upload"))
        return Response(_published(actions.publish_video(request.user, upload=upload, **body)), status=201)


class VideoRetry(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="video_retry", request=None, responses={200: Published})
    def post(self, request: Request, video_id: str) -> Response:
        """Try a failed clip again."""
        video = access.get_video(request.user, video_id)
        return Response(_published(actions.retry_video(request.user, video)))
