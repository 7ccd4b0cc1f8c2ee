"""Uploads by tus, and clips made of them: the JSON skin. The protocol itself is in videos.tus."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers as shapes
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from socialapp.lib.rest import idempotent

from . import access, actions, serializers, tus, uploads
from .models import Upload

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


class Published(shapes.Serializer):
    id = shapes.CharField()
    state = shapes.CharField()
    url = shapes.CharField()


class UploadShape(shapes.Serializer):
    """An upload that is not in the queue yet; `video` is the clip that waits for it, or null.

    `part` is null for a clip's first file, else its number among the joined ones, 0 for a voice.
    """

    id = shapes.CharField()
    url = shapes.CharField()
    filename = shapes.CharField(allow_blank=True)
    filetype = shapes.CharField(allow_blank=True)
    length = shapes.IntegerField()
    offset = shapes.IntegerField()
    expires_at = shapes.DateTimeField()
    video = shapes.CharField(allow_null=True)
    part = shapes.IntegerField(allow_null=True)


class Quota(shapes.Serializer):
    """Bytes: what the person's clips and uploads take, and what they may; null without a quota."""

    used = shapes.IntegerField()
    limit = shapes.IntegerField(allow_null=True)


class UploadsList(shapes.Serializer):
    results = UploadShape(many=True)
    next = shapes.CharField(allow_null=True)
    quota = Quota()


def _published(video: Any) -> dict[str, str]:
    return {"id": str(video.pk), "state": str(video.state), "url": video.get_absolute_url()}


class AnyAccept(BaseContentNegotiation):
    """tus clients say all kinds of things in Accept; answers have no body but errors, and those are JSON."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]


class _TusView(APIView):
    """What all verbs of tus share: the version in every answer, and an OPTIONS that anybody may ask."""

    permission_classes = [IsAuthenticated]
    content_negotiation_class = AnyAccept

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


def _shown(request: Request, upload: Upload) -> dict[str, Any]:
    waiting = getattr(upload, "video", None) or getattr(upload, "part", None)
    video_id = getattr(waiting, "video_id", None) or getattr(waiting, "pk", None)
    return {
        "id": upload.pk,
        "url": f"{request.path.rstrip('/')}/{upload.pk}",
        "filename": upload.filename,
        "filetype": upload.filetype,
        "length": upload.length,
        "offset": uploads.received(upload),
        "expires_at": upload.expires_at,
        "video": str(video_id) if video_id else None,
        "part": getattr(waiting, "position", None),
    }


class Uploads(_TusView):
    @extend_schema(operation_id="uploads", responses=UploadsList)
    def get(self, request: Request) -> Response:
        """Your uploads that are not finished or not published yet, to go on with in another browser. Needs no tus header."""
        found = [_shown(request, upload) for upload in access.get_uploads(request.user)]
        return Response({"results": found, "next": None, "quota": access.quota(request.user)})

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

    @extend_schema(operation_id="video_publish", request=serializers.Publication, responses={201: Published})
    @idempotent
    def post(self, request: Request) -> Response:
        """Make a clip of an upload. It plays, and shows to its audience, within seconds of the last byte; watch `progress`."""
        body = serializers.Publication.read(request)
        body["upload"] = access.get_upload(request.user, body["upload"])
        if duet_of := body.pop("duet_of", None):
            body["duet_of"] = access.get_video(request.user, duet_of)
        if stitch := body.pop("stitch_of", None):
            source = access.get_video(request.user, stitch["id"])
            body["stitch_of"] = (source, stitch["start"], stitch["end"])
        return Response(_published(actions.publish_video(request.user, **body)), status=201)


class VideoRetry(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="video_retry", request=None, responses={200: Published})
    def post(self, request: Request, video_id: str) -> Response:
        """Try a failed clip again."""
        video = access.get_video(request.user, video_id)
        return Response(_published(actions.retry_video(request.user, video)))
