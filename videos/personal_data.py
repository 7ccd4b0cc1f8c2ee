"""What videos keeps about people: their clips, and what they did with other people's."""

from privacy.erasure import register_step
from privacy.personal_data import register

from . import erasure

register("videos", "Upload", exported=True, erased="cascade")
register("videos", "Video", exported=True, erased="cascade")
register("videos", "Sound", exported=True, erased="cascade")
register("videos", "Comment", exported=True, erased="cascade")
register("videos", "Like", exported=True, erased="cascade")
register("videos", "Save", exported=True, erased="cascade")
register("videos", "CommentLike", exported=True, erased="cascade")
register("videos", "Share", exported=True, erased="cascade")
register("videos", "Captions", exported=True, erased="cascade")
register("videos", "Collection", exported=True, erased="cascade")
register("videos", "CollectionItem", exported=True, erased="cascade")
register(
    "videos",
    "Part",
    exported=False,
    erased="cascade",
    why="Says which file a clip was joined from; the files themselves are in the download as originals.",
)
register(
    "videos",
    "MediaJob",
    exported=False,
    erased="cascade",
    why="The state of our own work on a clip; says nothing about its author that the clip does not.",
)
register("videos", "NotInterested", exported=True, erased="cascade")
register(
    "videos",
    "Rendition",
    exported=False,
    erased="cascade",
    why="Encodings of a clip, made from the original, which is in the download.",
)
register(
    "videos",
    "Transcode",
    exported=False,
    erased="cascade",
    why="The state of our own work on a clip; says nothing about its author that the clip does not.",
)
register(
    "videos",
    "Tag",
    exported=False,
    erased="kept",
    why="A word that many people use; whose clips carried it goes with the clips.",
)
register(
    "videos",
    "Video_tags",
    exported=False,
    erased="cascade",
    why="Derived from the captions, which are in the download.",
)
register(
    "videos",
    "DoomedFolder",
    exported=False,
    erased="cascade",
    why="The name of a folder that is being erased; goes as soon as its files are gone and names nobody.",
)
register(
    "videos",
    "Fingerprint",
    exported=False,
    erased="cascade",
    why="Numbers made from a clip's pictures to know the same footage again; the clip is in the download.",
)

register_step("videos", erasure.forget_person)
