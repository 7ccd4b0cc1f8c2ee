"""What publishing needs besides the upload, as JSON: sounds, suggestions, captions, remixes, downloads, drawn texts."""

import hashlib
import io
from typing import Any

import orjson
from django.core.cache import cache
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers as shapes
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from privacy.serializers import Body
from socialapp.lib.pagination import Page
from socialapp.lib.ratelimit import limit
from socialapp.lib.rest import page_response

from . import access, actions, edits, failures, feed, lettering, media, serializers
from .api import CURSOR, GONE, _cursor, _videos
from .api_uploads import AnyAccept
from .captions import MAX_BYTES
from .cards import captions_cards, card, sound_details
from .models import MediaJob, Video

SEARCH = OpenApiParameter(
    "q", str, description="A part of the title or artist; empty for all, the library first."
)
LETTERS = OpenApiParameter("q", str, description="The first letters, with or without # or @.")
KIND = OpenApiParameter("type", str, enum=["tags", "people"], default="tags")
LAYER_SIDE = 1920  # pixels: the longest side of a drawn text; larger than any phone shows the editor's stage
LAYER_SECONDS = 3600  # how long a drawn text is kept for whoever asks for the same again


# --- Sounds -----------------------------------------------------------------------------------------------------------


class SoundsPage(shapes.Serializer):
    results = serializers.SoundDetails(many=True)
    next = shapes.CharField(allow_null=True)


class SoundChange(Body):
    title = shapes.CharField(max_length=120)


class Sounds(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="sounds", parameters=[SEARCH, CURSOR], responses=SoundsPage)
    def get(self, request: Request) -> Response:
        """Sounds to put under a clip of yours: the library's, your own, and those of clips that everybody may watch."""
        page = access.pick_sounds(request.user, request.query_params.get("q", "")[:100], _cursor(request))
        return page_response(request, page, [sound_details(request.user, sound) for sound in page.items])


class SoundDetail(APIView):
    @extend_schema(operation_id="sound", responses=serializers.SoundDetails)
    def get(self, request: Request, sound_id: str) -> Response:
        return Response(sound_details(request.user, access.get_sound(request.user, sound_id)))

    @extend_schema(operation_id="sound_change", request=SoundChange, responses=serializers.SoundDetails)
    def patch(self, request: Request, sound_id: str) -> Response:
        """Give a sound of your own another title."""
        sound = access.get_sound(request.user, sound_id)
        sound = actions.rename_sound(request.user, sound, **SoundChange.read(request))
        return Response(sound_details(request.user, sound))


# --- Suggestions while somebody writes --------------------------------------------------------------------------------


class Suggestions(shapes.Serializer):
    """`{name, url}` for tags; cards of people."""

    results = shapes.ListField(child=shapes.DictField())
    next = shapes.CharField(allow_null=True)


class Autocomplete(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="autocomplete", parameters=[LETTERS, KIND], responses=Suggestions)
    def get(self, request: Request) -> Response:
        """The likeliest tags or people. Only tags of clips you may see, and people whom you may mention."""
        limit("suggest", request.user.pk)
        text = request.query_params.get("q", "").strip()[:60]
        people = request.query_params.get("type", "tags") == "people"
        found = (
            access.suggest_people(request.user, text) if people else access.suggest_tags(request.user, text)
        )
        return Response({"results": found, "next": None})


# --- Captions -----------------------------------------------------------------------------------------------------------


class CaptionsShape(serializers.TrackShape):
    """`check`: the clip was edited since, so the times may be off; told to its author only."""

    check = shapes.BooleanField()


class CaptionsText(shapes.Serializer):
    language = shapes.CharField()
    label = shapes.CharField()  # type: ignore[assignment]  # the contract's name, and one of DRF's fields' own
    automatic = shapes.BooleanField()
    vtt = shapes.CharField()
    updated_at = shapes.DateTimeField()


class CaptionsList(shapes.Serializer):
    results = CaptionsShape(many=True)
    next = shapes.CharField(allow_null=True)


class CaptionsBody(Body):
    # Nothing is trimmed and any sign may come: videos.captions says what is wrong, and in which line.
    vtt = shapes.CharField(max_length=MAX_BYTES, trim_whitespace=False, allow_blank=True)


class JobShape(shapes.Serializer):
    state = shapes.ChoiceField(MediaJob.State.choices)
    percent = shapes.IntegerField()
    error = serializers.ErrorShape(allow_null=True)


class DownloadShape(JobShape):
    """`url` once the copy is there; `filename` is a good name for it."""

    url = shapes.CharField(allow_null=True)
    filename = shapes.CharField(allow_null=True)


def _job(job: MediaJob) -> dict[str, Any]:
    message = str(failures.sentence(job.error_code, {})) if job.error_code else ""
    return {
        "state": job.state,
        "percent": job.percent,
        "error": {"code": job.error_code, "message": message} if job.error_code else None,
    }


class VideoCaptions(APIView):
    @extend_schema(operation_id="captions", responses=CaptionsList)
    def get(self, request: Request, video_id: str) -> Response:
        video = access.get_video(request.user, video_id)
        own = video.author_id == request.user.pk
        stale = {track["language"] for track in video.captions_tracks if own and track.get("check")}
        found = [one | {"check": one["language"] in stale} for one in captions_cards(video)]
        return Response({"results": found, "next": None})


class VideoCaptionsLanguage(APIView):
    @extend_schema(operation_id="captions_read", responses=CaptionsText)
    def get(self, request: Request, video_id: str, language: str) -> Response:
        video = access.get_video(request.user, video_id)
        return Response(access.captions_text(request.user, video, language))

    @extend_schema(operation_id="captions_write", request=CaptionsBody, responses=CaptionsText)
    def put(self, request: Request, video_id: str, language: str) -> Response:
        """WebVTT of your own clip. Only cues are kept: no styles, positions or notes."""
        video = access.get_video(request.user, video_id)
        row = actions.set_captions(request.user, video, language, **CaptionsBody.read(request))
        return Response(access.captions_text(request.user, video, row.language))

    @extend_schema(operation_id="captions_delete", responses={204: GONE})
    def delete(self, request: Request, video_id: str, language: str) -> Response:
        actions.delete_captions(request.user, access.get_video(request.user, video_id), language)
        return Response(status=204)


class VideoCaptionsAutomatic(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="captions_ask", request=None, responses={200: JobShape})
    def post(self, request: Request, video_id: str, language: str) -> Response:
        """Have a model write captions of your own clip, where the site has one. Ask again to see how far it is."""
        video = access.get_video(request.user, video_id)
        return Response(_job(actions.ask_captions(request.user, video, language)))


# --- Remixes and downloads ----------------------------------------------------------------------------------------------


class VideoRemixes(APIView):
    @extend_schema(operation_id="video_remixes", parameters=[CURSOR], responses=serializers.VideosPage)
    def get(self, request: Request, video_id: str) -> Response:
        """Duets with this clip and stitches of it that you may see, newest first."""
        video = access.get_video(request.user, video_id)
        page: Page[Video] = feed.newest(access.remixes_of(request.user, video), _cursor(request))
        return _videos(request, page)


class VideoDetach(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="video_detach", request=None, responses={200: serializers.VideoShape})
    def post(self, request: Request, video_id: str) -> Response:
        """Take the link to your clip off a duet or stitch of somebody else's, for good."""
        actions.detach_remix(request.user, access.get_video(request.user, video_id))
        return Response(card(request.user, access.get_video(request.user, video_id)))


class VideoDownload(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="video_download", request=None, responses={200: DownloadShape})
    def post(self, request: Request, video_id: str) -> Response:
        """A copy with its author's name on it, where they allow it. Ask again until `url` is there."""
        video = access.get_video(request.user, video_id)
        job = actions.ask_download(request.user, video)
        done = job.state == MediaJob.State.DONE and bool(job.result)
        name = f"{video.author.username}-{video.pk}.mp4" if done else None
        url = media.media_url(video, job.result) if done else None
        return Response({**_job(job), "url": url, "filename": name})


# --- Drawn texts --------------------------------------------------------------------------------------------------------


class LayerBody(Body):
    """A text of an edit list, and the size of the frame that it stands in."""

    text = shapes.CharField(max_length=1000, trim_whitespace=False)
    x = shapes.FloatField(required=False)
    y = shapes.FloatField(required=False)
    size = shapes.FloatField(required=False)
    color = shapes.CharField(required=False, max_length=7)
    font = shapes.ChoiceField([(name, name) for name in edits.FONTS], required=False)
    background = shapes.ChoiceField([(name, name) for name in edits.BACKGROUNDS], required=False)
    align = shapes.ChoiceField([(name, name) for name in edits.ALIGNS], required=False)
    width = shapes.IntegerField(min_value=16, max_value=LAYER_SIDE)
    height = shapes.IntegerField(min_value=16, max_value=LAYER_SIDE)


class TextLayers(APIView):
    permission_classes = [IsAuthenticated]
    content_negotiation_class = AnyAccept

    @extend_schema(
        operation_id="text_layer",
        request=LayerBody,
        responses={
            (200, "image/png"): OpenApiResponse(OpenApiTypes.BINARY, description="As large as the frame.")
        },
    )
    def post(self, request: Request) -> HttpResponse:
        """The text as the finished clip will show it, drawn by the same code, on a transparent frame."""
        limit("text_layer", request.user.pk)
        body = LayerBody.read(request)
        width, height = body.pop("width"), body.pop("height")
        text = edits.parse_text(body)
        said = orjson.dumps([vars(text), width, height], default=str, option=orjson.OPT_SORT_KEYS)
        key = f"layer:{hashlib.blake2b(said, digest_size=16).hexdigest()}"
        picture = cache.get(key)
        if picture is None:
            picture = _picture(text, width, height)
            cache.set(key, picture, LAYER_SECONDS)
        return HttpResponse(
            picture, content_type="image/png", headers={"Cache-Control": "private, max-age=3600"}
        )


def _picture(text: edits.Text, width: int, height: int) -> bytes:
    from PIL import Image

    layer = lettering.draw(text, width, height)
    frame = Image.new("RGBA", (width, height))
    frame.paste(layer.image, (layer.left, layer.top))
    made = io.BytesIO()
    frame.save(made, "PNG", compress_level=3)
    return made.getvalue()
