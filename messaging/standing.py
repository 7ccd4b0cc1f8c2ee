"""What the gate said a moment ago about one person's seat, so that a lively conversation does not ask it for every frame.

Kept in the process that serves the sockets, for at most KEPT_SECONDS. Whatever takes a right away (a block, a restriction, a
suspension) also sends a nudge that forgets at once; should the nudge be lost, what was known runs out by itself.
"""

import time
from collections.abc import Callable, Iterable

KEPT_SECONDS = 1.0  # a right that is taken away must be gone within two seconds, with a lost nudge too
STALE_SECONDS = (
    0.5  # older than this and still used: ask again in the background, so that nobody waits for the answer
)
MOST = 50_000  # seats known at once; a process that reaches this starts anew rather than growing


class Standing:
    """The seats (person, conversation) that were undisturbed when last asked. Used by one event loop only."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[int, dict[int, float]] = {}
        self._count = 0
        # Grows with each forgetting: an answer that was asked for before must not be remembered after it.
        self.generation = 0

    def holds(self, person: int, conversation: int) -> bool:
        """Whether the seat was undisturbed within the last KEPT_SECONDS."""
        asked = self._known.get(person, {}).get(conversation)
        return asked is not None and self._clock() - asked <= KEPT_SECONDS

    def is_stale(self, person: int, conversation: int) -> bool:
        """Whether a seat that holds should be asked about again soon."""
        asked = self._known.get(person, {}).get(conversation)
        return asked is not None and self._clock() - asked > STALE_SECONDS

    def learn(self, pairs: Iterable[tuple[int, int]], *, asked: float, generation: int) -> None:
        """Remember seats that the gate called undisturbed; `asked` and `generation` are of before the question."""
        if generation != self.generation:
            return
        for person, conversation in pairs:
            seats = self._known.setdefault(person, {})
            self._count += conversation not in seats
            seats[conversation] = asked
        if self._count > MOST:
            self._known.clear()
            self._count = 0

    def forget(self, person: int) -> None:
        """Know nothing about this person any more."""
        self.generation += 1
        self._count -= len(self._known.pop(person, ()))

    def now(self) -> float:
        """The clock that `asked` is read from."""
        return self._clock()
