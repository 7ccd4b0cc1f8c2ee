"""What analytics keeps about people, and what becomes of it."""

from privacy.erasure import register_step
from privacy.personal_data import register

from . import erasure

register(
    "analytics",
    "ViewEvent",
    exported=True,
    erased="cascade",
    why="What this person watched in the last 30 days. No address is stored; after 30 days only sums without viewers remain.",
)
register(
    "analytics", "CreatorDay", exported=True, erased="cascade", why="The creator's own daily statistics."
)
register(
    "analytics",
    "VideoDay",
    exported=True,
    erased="cascade",
    why="Daily statistics of the creator's own clips.",
)
register(
    "analytics", "EventBatch", exported=False, erased="kept", why="Which batches were counted; names nobody."
)
register(
    "analytics",
    "DroppedDay",
    exported=False,
    erased="kept",
    why="How many events were not believed, by reason; names nobody.",
)

register_step("analytics", erasure.forget_person)
