"""Nobody twice in a row."""

from collections.abc import Callable, Hashable, Sequence
from itertools import pairwise
from math import ceil
from typing import TypeVar

T = TypeVar("T")


def spread(items: Sequence[T], *, key: Callable[[T], Hashable], previous: Hashable = None) -> list[T]:
    """The same items with no two of one key in a row (nor after `previous`) whenever that is possible at all.

    Keeps the order otherwise: takes the earliest item after which the rest can still be spread. The rest of n items can
    when no key has more than half of it, rounded up. O(n²), for a page.
    """
    keys = [previous, *map(key, items)]
    if all(one != other for one, other in pairwise(keys)):
        return list(items)  # what is spread already stays as it is
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
