"""What the demo's creators do with the editor and the studio, all by the real actions: sounds of the library, captions,
labels, collections, a comment that waits; and clips that the site's own worker renders: an edit, a duet, a stitch, drafts.
"""

import wave
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.files.storage import default_storage

from privacy.actions import update_privacy
from videos import actions, media, sounds, uploads
from videos.models import Captions, Collection, Comment, Sound, Upload, Video
from videos.publication import Product

from . import sound
from .catalogue import CLIPS
from .society import People
from .story import find

ARTIST = "Glint Library"
# Title, style, key in semitones from A, tempo, beats: fifteen to thirty seconds each.
LIBRARY = (
    ("Morning pages", "pluck", 3, 84, 32),
    ("Paper lanterns", "kalimba", 5, 92, 32),
    ("Blue hour", "rhodes", -2, 76, 24),
    ("Night bus", "bass", 0, 100, 40),
    ("Glass stairs", "arp", 2, 112, 40),
    ("Snow on the line", "bells", -4, 70, 24),
)
CAPTIONS = {
    "silk": {
        "en": ("[slow pads]", "Noise folded into noise,", "until it looks like cloth."),
        "fr": ("[nappes lentes]", "Du bruit plié dans du bruit,", "jusqu’à ressembler à une étoffe."),
    },
    "pendulums": {"en": ("[each ball has its own note]", "Fifteen of them,", "and then all together again.")},
}
COLLECTIONS = {"Slow things": ("silk", "pond", "ridges"), "For the kitchen": ("lava", "rain")}
WAITS = ("silk", "dave", "Free giveaway for everyone who follows me back today")
SENSITIVE = ("rings",)  # it flickers
PRODUCT: tuple[str, Product] = (
    "lamps",
    {"title": "Evening lamp, brass", "url": "https://example.org/lamps/evening"},
)


def seed_library(quick: bool = False) -> None:
    """Sounds that everybody may use. Those that are there are not composed again."""
    for title, style, key, tempo, beats in LIBRARY[:1] if quick else LIBRARY:
        if Sound.objects.filter(owner=None, title=title).exists():
            continue
        samples = sound.compose(style, key, tempo, 4 if quick else beats, len(title))
        with TemporaryDirectory(prefix="demo-sound-") as folder:
            path = Path(folder) / "sound.wav"
            with wave.open(str(path), "wb") as file:
                file.setnchannels(2)
                file.setsampwidth(2)
                file.setframerate(sound.RATE)
                file.writeframes((samples.T * 32767).astype("<i2").tobytes())
            sounds.add_to_library(title, ARTIST, path)


def seed_workshop(people: People, now: datetime) -> None:
    """Everything else, as far as its clips are there. Running it again changes nothing."""
    clips = {clip.slug: video for clip in CLIPS if (video := find(clip, people)) is not None}
    _say(clips)
    _collect(people, clips)
    _hold_a_comment(people, clips)
    _make(people, clips, now)


def _say(clips: dict[str, Video]) -> None:
    for slug, tracks in CAPTIONS.items():
        video = clips.get(slug)
        if video is None or Captions.objects.filter(video=video).exists():
            continue
        for language, lines in tracks.items():
            actions.set_captions(video.author, video, language, _vtt(lines, video.duration_ms / 1000))
    for slug in SENSITIVE:
        if slug in clips and not clips[slug].is_sensitive:
            actions.update_video(clips[slug].author, clips[slug], labels=["sensitive"])
    slug, product = PRODUCT
    if slug in clips and not clips[slug].product_url:
        actions.update_video(clips[slug].author, clips[slug], product=product, labels=["paid"])


def _vtt(lines: tuple[str, ...], seconds: float) -> str:
    """The lines spread evenly over the clip, with a breath between them."""
    step = seconds / len(lines)
    cues = (
        f"{_clock(step * k)} --> {_clock(step * (k + 1) - min(0.2, step / 4))}\n{line}\n"
        for k, line in enumerate(lines)
    )
    return "WEBVTT\n\n" + "\n".join(cues)


def _clock(seconds: float) -> str:
    return f"00:{int(seconds // 60):02d}:{seconds % 60:06.3f}"


def _collect(people: People, clips: dict[str, Video]) -> None:
    bob = people["bob"]
    if Collection.objects.filter(owner=bob).exists():
        return
    for name, slugs in COLLECTIONS.items():
        collection = actions.create_collection(bob, name)
        for video in (clips[slug] for slug in slugs if slug in clips):
            actions.save(bob, video)
            actions.collect(bob, collection, video)


def _hold_a_comment(people: People, clips: dict[str, Video]) -> None:
    slug, name, text = WAITS
    if slug not in clips or Comment.objects.filter(author=people[name], text=text).exists():
        return
    update_privacy(clips[slug].author, comment_keywords=["giveaway"])
    actions.comment(people[name], clips[slug], text)


def _make(people: People, clips: dict[str, Video], now: datetime) -> None:
    """Clips with an edit list, made of the demo's own files; the worker renders them once the site runs."""
    alice, bob, carol = people["alice"], people["bob"], people["carol"]
    silk, contours, train, fireflies = (clips.get(n) for n in ("silk", "contours", "train", "fireflies"))
    song = Sound.objects.filter(owner=None, title=LIBRARY[0][0]).first()
    if silk and contours and song:
        edit = {
            "trim": {"start": 0.5, "end": 4.0},
            "speed": 0.9,
            "filter": "warm",
            "sound": {
                "id": str(song.pk),
                "start": 2.0,
                "volume": 1.0,
                "original_volume": 0.25,
                "fade_out": 1.5,
            },
            "texts": [
                {
                    "text": "Two ways to fold noise",
                    "x": 0.5,
                    "y": 0.2,
                    "size": 0.045,
                    "font": "serif",
                    "end": 3.6,
                },
                {
                    "text": "and a map of it 🗺️",
                    "x": 0.5,
                    "y": 0.8,
                    "size": 0.04,
                    "background": "box",
                    "start": 3.9,
                },
            ],
        }
        _publish(
            alice,
            silk,
            "Cut together on the train: cloth, then contours. #generative #edit",
            edit=edit,
            then=contours,
        )
    if (source := clips.get("pendulums")) and fireflies:
        edit = {"layout": "side", "remix_volume": 0.8, "volume": 0.6}
        _publish(
            carol, fireflies, "My woods keep time with @alice's pendulums #duet", edit=edit, duet_of=source
        )
    if (source := clips.get("spirals")) and train:
        _publish(
            bob,
            train,
            "Everyone eats someone. I only eat on the last train #stitch",
            stitch_of=(source, 0.5, 3.0),
        )
    if sketch := clips.get("harmonograph"):
        tomorrow = (now + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
        _publish(
            alice, sketch, "Sketch 42, drawn slower. #harmonograph", edit={"speed": 0.75}, publish_at=tomorrow
        )
    if current := clips.get("current"):
        _publish(
            alice, current, "Undertow, black and white. Not sure yet.", edit={"filter": "noir"}, draft=True
        )


def _publish(
    author: Any,
    of: Video,
    caption: str,
    *,
    edit: dict[str, Any] | None = None,
    then: Video | None = None,
    **how: Any,
) -> None:
    """A clip of `author` from their clip `of`, with three seconds of `then` joined to it; once."""
    if Video.objects.filter(author=author, caption=caption).exists():
        return
    parts = [{"upload": _upload(then).pk, "trim": {"start": 0.0, "end": 3.0}}] if then else []
    edit = (edit or {}) | {"parts": parts}
    actions.publish_video(author, upload=_upload(of), caption=caption, edit=edit, **how)


def _upload(of: Video) -> Upload:
    """The original of one's own clip, sent again."""
    with default_storage.open(media.original_key(of)) as file:
        content = file.read()
    upload = actions.create_upload(
        of.author, length=len(content), filename=f"{of.pk}.mp4", filetype="video/mp4"
    )
    with uploads.Writer(upload, 0, len(content)) as writer:
        writer.write([content])
        writer.finish()
    return actions.keep_upload(upload)
