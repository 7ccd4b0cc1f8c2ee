"""What a history says of tags, authors and sounds. Pure: the feed and the simulator ask the same."""

from collections.abc import Iterable, Sequence

HALF_LIFE = 14 * 86_400.0  # seconds after which a clip says half as much about a taste
TRUST = 1.0  # a tag that one liked clip carries is liked half

# weight (-1 … 1), POSIX seconds, author, sound or 0, tags
Entry = tuple[float, float, int, int, Sequence[int]]


def leanings(
    entries: Iterable[Entry], now: float
) -> tuple[dict[int, float], dict[int, float], dict[int, float]]:
    """How much tags, authors and sounds are liked (-1 … 1): weights of the history, decayed, pulled towards nothing."""
    sums: tuple[dict[int, list[float]], ...] = ({}, {}, {})
    for weight, at, author, sound, tags in entries:
        decay = 0.5 ** (max(now - at, 0.0) / HALF_LIFE)
        for found, things in zip(sums, (tags, (author,), (sound,) if sound else ()), strict=True):
            for thing in things:
                row = found.setdefault(thing, [0.0, 0.0])
                row[0] += weight * decay
                row[1] += decay
    of_tags, of_authors, of_sounds = (
        {thing: total / (count + TRUST) for thing, (total, count) in found.items()} for found in sums
    )
    return of_tags, of_authors, of_sounds
