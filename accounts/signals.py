"""What accounts tells the apps above it, always after commit. Handlers take `**kwargs`; the sender is always None."""

from django.dispatch import Signal

# Somebody follows, accepted from the start. follower_id, followed_id
followed = Signal()
# Somebody asks to follow a private account. follow_id, follower_id, followed_id
follow_requested = Signal()
# A request was accepted. follow_id, follower_id, followed_id
follow_accepted = Signal()
# A request vanished unaccepted: declined, taken back, or blocked. follow_id, follower_id, followed_id
follow_request_gone = Signal()
# An accepted follow ended: unfollowed, removed or blocked. follower_id, followed_id
unfollowed = Signal()
# A removed follower was kept after all; nobody is told, only what counts follows. follower_id, followed_id
follower_kept = Signal()
# The person hid or suspended (visible=False), or came back (True). person_id, visible
visibility_changed = Signal()
# A business account became a personal one again. person_id
business_ended = Signal()
