"""What happened to clips, told to the apps above. Every signal is sent after commit, with the keyword arguments named here."""

from django.dispatch import Signal

video_ready = Signal()  # video_id
video_failed = Signal()  # video_id
video_held = Signal()  # video_id; it waits for a moderator
video_deleted = Signal()  # video_id
video_liked = Signal()  # video_id, person_id
video_unliked = Signal()  # video_id, person_id
video_saved = Signal()  # video_id, person_id
video_unsaved = Signal()  # video_id, person_id
video_commented = Signal()  # comment_id; when everybody may read it: at once, or once it was approved
comment_held = Signal()  # comment_id; it waits for the clip's author
comment_settled = Signal()  # video_id, person_id (who wrote it); it no longer waits
comment_removed = Signal()  # video_id, count (the comment and the replies that went out of sight with it)
comments_shown = Signal()  # video_id, count (comments that are in sight again); nobody is told of them
video_shared = Signal()  # video_id, person_id (None for a visitor), channel
feed_changed = Signal()  # person_id; they told their feed something (a preference, its settings, start over)
invite_opened = Signal()  # invite_id, video_id, creator_id; the first time
invite_accepted = Signal()  # invite_id, video_id, creator_id, person_id; who follows the creator by it
invite_undone = Signal()  # invite_id, video_id, creator_id, person_id; they thought better of it
challenge_moderated = Signal()  # challenge_id, removed (by a moderator; False: brought back)
challenge_changed = Signal()  # challenge_id; published, changed, ended, removed, back, or deleted by now
promotion_decided = (
    Signal()
)  # promotion_id; a moderator approved or refused it, or its clip changed so that it waits again
challenge_sponsored = Signal()  # challenge_id; a moderator approved or refused its sponsor
