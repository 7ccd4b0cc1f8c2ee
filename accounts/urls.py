"""Addresses of accounts's pages. allauth's own are below /accounts/; the profile page is videos' (it lists clips)."""

from django.urls import path

from . import (
    views,
    views_business,
    views_follow_back,
    views_leaving,
    views_people,
    views_security,
    views_shut_out,
)
from .name_lists import LISTS

urlpatterns = [
    path("settings/", views.settings_home, name="settings"),
    path("settings/profile/", views.settings_profile, name="settings-profile"),
    path("settings/avatar/", views.settings_avatar, name="settings-avatar"),
    path("settings/security/", views_security.security, name="settings-security"),
    path("settings/security/phone/remove/", views_security.remove_phone, name="remove-phone"),
    path("settings/security/log-ins/end-others/", views_security.end_other_log_ins, name="end-other-log-ins"),
    path("settings/security/log-ins/<int:log_in_id>/end/", views_security.end_log_in, name="end-log-in"),
    path("settings/account/", views.settings_account, name="settings-account"),
    path("settings/business/", views_business.settings_business, name="settings-business"),
    path("settings/account/deactivate/", views.deactivate, name="deactivate"),
    path("settings/account/leave/", views_leaving.leave, name="leave"),
    path("settings/account/delete/", views_leaving.delete_account, name="delete-account"),
    path("welcome/", views.welcome, name="welcome"),
    path("settings/privacy/unblock/", views_shut_out.unblock, name="unblock"),
    path("settings/privacy/unmute/", views_shut_out.unmute, name="unmute"),
    path("people/", views_people.people, name="people"),
    path("people/follow-back/", views_follow_back.follow_back, name="follow-back"),
    path("people/follow-back/criteria/", views_follow_back.criteria, name="follow-back-criteria"),
    path(
        "people/follow-back/stop/<str:token>/", views_follow_back.unsubscribe, name="follow-back-unsubscribe"
    ),
    path("people/tidy-up/", views_follow_back.tidy_up, name="tidy-up"),
    path("follow-requests/", views_people.follow_requests, name="follow-requests"),
    path("follow-requests/answer/", views_people.answer_requests, name="answer-requests"),
    path("follow-requests/<str:follow_id>/", views_people.answer_request, name="answer-request"),
    path("@<str:username>/followers/", views_people.followers, name="followers"),
    path("@<str:username>/following/", views_people.following, name="following-of"),
    path("@<str:username>/friends/", views_people.friends, name="friends-of"),
    path("avatars/<int:person_id>/<str:name>", views.avatar, name="avatar"),
]

for deed, home in (("follow", "people/follow-back/"), ("unfollow", "people/tidy-up/")):
    urlpatterns += [
        path(f"{home}review/", views_follow_back.review, {"deed": deed}, name=f"{deed}-many-review"),
        path(f"{home}do/", views_follow_back.do, {"deed": deed}, name=f"{deed}-many"),
        path(f"{home}undo/", views_follow_back.undo, {"deed": deed}, name=f"{deed}-many-undo"),
    ]

for key in LISTS:
    urlpatterns += [
        path(f"settings/privacy/{key}/", views_shut_out.shut_out, {"key": key}, name=f"settings-{key}"),
        path(
            f"settings/privacy/{key}/export.csv",
            views_shut_out.export,
            {"key": key, "kind": "csv"},
            name=f"export-{key}-csv",
        ),
        path(
            f"settings/privacy/{key}/export.json",
            views_shut_out.export,
            {"key": key, "kind": "json"},
            name=f"export-{key}-json",
        ),
    ]
