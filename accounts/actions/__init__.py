"""Every write about people, split by subject: following, profiles, pictures, leaving, moderating, counting."""

from .counting import (
    add_likes,
    add_videos,
    reconcile_counters,
)
from .following import (
    accept_request,
    accept_waiting,
    decline_request,
    end_follows_between,
    follow,
    people_with_waiting_requests,
    remove_follower,
    unfollow,
)
from .leaving import (
    ask_deletion,
    deactivate,
    restore,
    send_deletion_code,
)
from .moderating import (
    change_rights,
    reinstate,
    suspend,
)
from .pictures import (
    remove_avatar,
    set_avatar,
)
from .profiles import (
    PROFILE_FIELDS,
    begin,
    change_account,
    change_username,
    update_profile,
)

__all__ = [
    "PROFILE_FIELDS",
    "accept_request",
    "accept_waiting",
    "add_likes",
    "add_videos",
    "ask_deletion",
    "begin",
    "change_account",
    "change_rights",
    "change_username",
    "deactivate",
    "decline_request",
    "end_follows_between",
    "follow",
    "people_with_waiting_requests",
    "reconcile_counters",
    "reinstate",
    "remove_avatar",
    "remove_follower",
    "restore",
    "send_deletion_code",
    "set_avatar",
    "suspend",
    "unfollow",
    "update_profile",
]
