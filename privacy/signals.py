"""What privacy tells the apps above it. Handlers take `**kwargs`; the sender is always None."""

from django.dispatch import Signal

# After commit. blocker_id, blocked_id
person_blocked = Signal()
# After commit: muted or restricted, or that was taken back. Only for whoever did it. by_id, person_id
person_quieted = Signal()
# After commit. person_id, changes: {field: new value}
privacy_changed = Signal()
# INSIDE the transaction of a block, with both people locked: what has to vanish together with it. blocker_id, blocked_id
block_placed = Signal()
# After commit. A moderator decided a case: its person and who reported are to be told. decision_id
decided = Signal()
# After commit. A decision was taken back, by a moderator or by an appeal that was granted. decision_id
decision_undone = Signal()
# After commit. An appeal was refused. decision_id, appeal_id
appeal_answered = Signal()
# After commit. The download of one's data is ready. person_id, export_id
export_ready = Signal()
