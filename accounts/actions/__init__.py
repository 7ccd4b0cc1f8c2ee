"""Every write about people, split by subject: following, profiles, pictures, leaving, moderating, counting."""

from .business import end_business, set_business
from .counting import (
    add_likes,
    add_videos,
    reconcile_counters,
)
from .following import (
    accept_request,
    accept_waiting,
    answer_requests,
    decline_request,
    end_follows_between,
    follow,
    keep_follower,
    people_with_waiting_requests,
    remove_follower,
    unfollow,
)
from .leaving import (
    GRACE,
    ask_deletion,
    deactivate,
    restore,
    send_deletion_code,
)
from .listing import Outcome, add_named, remove_named
from .moderating import (
    change_rights,
    lift_suspensions,
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
    choose_interests,
    forget_former_usernames,
    update_profile,
)

__all__ = [
    "GRACE",
    "PROFILE_FIELDS",
    "Outcome",
    "accept_request",
    "accept_waiting",
    "add_likes",
    "add_named",
    "add_videos",
    "answer_requests",
    "ask_deletion",
    "begin",
    "change_account",
    "change_rights",
    "change_username",
    "choose_interests",
    "deactivate",
    "decline_request",
    "end_business",
    "end_follows_between",
    "follow",
    "forget_former_usernames",
    "keep_follower",
    "lift_suspensions",
    "people_with_waiting_requests",
    "reconcile_counters",
    "reinstate",
    "remove_avatar",
    "remove_follower",
    "remove_named",
    "restore",
    "send_deletion_code",
    "set_avatar",
    "set_business",
    "suspend",
    "unfollow",
    "update_profile",
]
