"""From streams of candidates to one order: turns by the table MIX, few of one author, nobody twice in a row."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from math import ceil
from typing import Any, TypeVar

from .candidates import Candidate

T = TypeVar("T")

# How many of each ten clips come from which stream, and why. A stream that is dry gives its turn to the next.
MIX = {
    "fresh": 4,  # every clip is owed a first audience, and the newest are what a returning person has not seen
    "popular": 4,  # the safest guess about somebody of whom nothing is known
    "followed": 2,  # enough to meet one's people here; all of them are in the Following feed
}  # Of one page at most this many clips by one author, while others are to be had.
PER_AUTHOR = 3


def pick(streams: dict[str, list[Candidate]]) -> tuple[list[Candidate], list[Candidate]]:
    """All candidates once, from the streams in turn as MIX says; apart, what exceeds PER_AUTHOR clips of an author."""
    queues = {name: iter(found) for name, found in streams.items()}
    chosen: dict[int, Candidate] = {}
    held: dict[int, Candidate] = {}
    of_author: dict[int, int] = {}
    for name in _turns(queues):
        for candidate in queues[name]:
            if candidate.id in chosen or candidate.id in held:
                continue
            if of_author.get(candidate.author_id, 0) >= PER_AUTHOR:
                held[candidate.id] = candidate
                continue
            of_author[candidate.author_id] = of_author.get(candidate.author_id, 0) + 1
            chosen[candidate.id] = candidate
            break
        else:
            del queues[name]
    return list(chosen.values()), list(held.values())


def _turns(queues: dict[str, Any]) -> Iterable[str]:
    """Names of the streams that still have clips, each as often as MIX says, evenly mixed; ends when all are dry."""
    credit = dict.fromkeys(queues, 0.0)
    while queues:
        alive = [name for name in MIX if name in queues]
        total = sum(MIX[name] for name in alive)
        for name in alive:
            credit[name] += MIX[name] / total
        turn = max(alive, key=lambda name: credit[name])
        credit[turn] -= 1
        yield turn


def spread(items: Sequence[T], *, key: Callable[[T], Hashable], previous: Hashable = None) -> list[T]:
    """The same items with no two of one key in a row (nor after `previous`) whenever that is possible at all.

    Keeps the order otherwise: takes the earliest item after which the rest can still be spread. The rest of n items can
    when no key has more than half of it, rounded up. O(n²), for a page.
    """
    left = list(items)
    counts: dict[Hashable, int] = {}
    for item in left:
        counts[key(item)] = counts.get(key(item), 0) + 1
    found: list[T] = []
    while left:
        choice = next(
            (
                index
                for index, item in enumerate(left)
                if key(item) != previous and _spreads(counts, key(item), len(left) - 1)
            ),
            None,
        )
        if choice is None:
            # Impossible without a pair; lose as few places to it as can be: the most frequent that differs, else the first.
            others = [index for index, item in enumerate(left) if key(item) != previous]
            choice = max(others, key=lambda index: (counts[key(left[index])], -index)) if others else 0
        item = left.pop(choice)
        previous = key(item)
        counts[previous] -= 1
        found.append(item)
    return found


def _spreads(counts: dict[Hashable, int], taken: Hashable, left: int) -> bool:
    """Whether `left` items can be spread after one of `taken` was just placed."""
    for name, count in counts.items():
        remaining = count - (name == taken)
        if remaining > (left // 2 if name == taken else ceil(left / 2)):
            return False
    return True
