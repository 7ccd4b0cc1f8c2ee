"""What happened to clips, told to the apps above. Every signal is sent after commit, with the keyword arguments named here."""

from django.dispatch import Signal

video_ready = Signal()  # video_id
video_failed = Signal()  # video_id
video_deleted = Signal()  # video_id
video_liked = Signal()  # video_id, person_id
video_unliked = Signal()  # video_id, person_id
video_saved = Signal()  # video_id, person_id
video_unsaved = Signal()  # video_id, person_id
video_commented = Signal()  # comment_id
comment_removed = Signal()  # video_id, count (the comment and the replies that went with it)
video_shared = Signal()  # video_id, person_id (None for a visitor), channel
