"""What messaging keeps about people."""

from privacy.erasure import register_step
from privacy.personal_data import register

from . import erasure

register(
    "messaging",
    "Conversation",
    exported=True,
    erased="kept",
    why="Belongs to everybody in it; what it holds of one person is in Participant and Message.",
)
register("messaging", "Participant", exported=True, erased="cascade")
register(
    "messaging",
    "Message",
    exported=True,
    erased="null",
    why="Sent messages stay readable for their receivers, from a deleted account.",
)
register("messaging", "Reaction", exported=True, erased="cascade")
register("messaging", "Notification", exported=True, erased="cascade")
register(
    "messaging",
    "NotificationActor",
    exported=False,
    erased="cascade",
    why="Who did it is shown in the notification; the deed itself (like, follow, comment) is exported by its own table.",
)

register_step("messaging", erasure.forget_person)
