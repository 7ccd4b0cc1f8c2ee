"""Addresses of accounts's pages. allauth's own are below /accounts/; the profile page is videos' (it lists clips)."""

from django.urls import path

from . import views

urlpatterns = [
    path("settings/", views.settings_home, name="settings"),
    path("settings/profile/", views.settings_profile, name="settings-profile"),
    path("settings/avatar/", views.settings_avatar, name="settings-avatar"),
    path("settings/account/", views.settings_account, name="settings-account"),
    path("settings/account/deactivate/", views.deactivate, name="deactivate"),
    path("settings/privacy/unblock/", views.unblock, name="unblock"),
    path("settings/privacy/unmute/", views.unmute, name="unmute"),
    path("follow-requests/", views.follow_requests, name="follow-requests"),
    path("follow-requests/<str:follow_id>/", views.answer_request, name="answer-request"),
    path("@<str:username>/followers/", views.followers, name="followers"),
    path("@<str:username>/following/", views.following, name="following-of"),
    path("avatars/<int:person_id>/<str:name>", views.avatar, name="avatar"),
]
