"""What people say they like to see: a short list to choose from, each with the tags by which clips name it.

What somebody chose is theirs: it is shown to nobody else, and no reason given to anybody tells it.
"""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

INTERESTS: dict[str, tuple[Any, frozenset[str]]] = {
    "animals": (_("Animals"), frozenset({"animals", "cat", "cats", "dog", "dogs", "pets", "birds"})),
    "art": (_("Art and drawing"), frozenset({"art", "drawing", "painting", "illustration", "sculpture"})),
    "beauty": (_("Beauty"), frozenset({"beauty", "makeup", "skincare", "hair", "nails"})),
    "books": (_("Books"), frozenset({"books", "booktok", "reading", "poetry", "writing"})),
    "cars": (_("Cars and bikes"), frozenset({"cars", "car", "motorcycle", "cycling", "bike", "bikes"})),
    "comedy": (_("Comedy"), frozenset({"comedy", "funny", "humor", "humour", "sketch", "memes"})),
    "crafts": (
        _("Crafts and making"),
        frozenset({"crafts", "diy", "making", "knitting", "pottery", "woodwork"}),
    ),
    "dance": (_("Dance"), frozenset({"dance", "dancing", "choreography", "ballet", "hiphop"})),
    "fashion": (_("Fashion"), frozenset({"fashion", "style", "outfit", "ootd", "sneakers"})),
    "film": (_("Film and television"), frozenset({"film", "movies", "cinema", "series", "tv", "anime"})),
    "fitness": (_("Fitness"), frozenset({"fitness", "workout", "gym", "yoga", "running"})),
    "food": (_("Food"), frozenset({"food", "cooking", "baking", "recipe", "recipes", "coffee"})),
    "games": (_("Games"), frozenset({"games", "gaming", "videogames", "boardgames", "chess"})),
    "garden": (_("Plants and gardens"), frozenset({"garden", "gardening", "plants", "flowers"})),
    "home": (_("Home"), frozenset({"home", "interior", "decor", "cleaning", "architecture"})),
    "learning": (_("Learning"), frozenset({"learning", "howto", "tutorial", "history", "language", "math"})),
    "music": (_("Music"), frozenset({"music", "song", "singing", "guitar", "piano", "cover", "dj"})),
    "nature": (_("Nature"), frozenset({"nature", "outdoors", "hiking", "sea", "mountains", "sky"})),
    "parents": (_("Family"), frozenset({"family", "parents", "kids", "baby", "mum", "dad"})),
    "photo": (_("Photo and video"), frozenset({"photo", "photography", "filmmaking", "video", "editing"})),
    "science": (_("Science"), frozenset({"science", "space", "physics", "biology", "chemistry"})),
    "sports": (_("Sports"), frozenset({"sports", "football", "soccer", "basketball", "skate", "surf"})),
    "tech": (_("Technology"), frozenset({"tech", "technology", "coding", "programming", "ai", "robots"})),
    "travel": (_("Travel"), frozenset({"travel", "city", "trip", "roadtrip", "places"})),
}


def known(chosen: Any) -> list[str]:
    """Those of the chosen that are still on offer, each once, in the order of the list. Anything else is left out."""
    wanted = {key for key in chosen if isinstance(key, str)} if isinstance(chosen, (list, tuple)) else set()
    return [key for key in INTERESTS if key in wanted]


def tags(chosen: Iterable[str]) -> dict[str, str]:
    """Each tag of these interests with its interest."""
    return {tag: key for key in chosen if key in INTERESTS for tag in INTERESTS[key][1]}


def names() -> list[dict[str, str]]:
    """All of them in the reader's language, as the API and the pages list them."""
    return [{"key": key, "name": str(name)} for key, (name, _tags) in INTERESTS.items()]
