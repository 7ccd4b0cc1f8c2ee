"""Addresses of accounts's part of the API."""

from django.urls import path

from . import api

urlpatterns = [
    path("me/", api.Me.as_view(), name="me"),
    path("me/avatar/", api.MyAvatar.as_view(), name="me-avatar"),
    path("me/deactivate/", api.Deactivate.as_view(), name="me-deactivate"),
    path("me/blocks/", api.Blocks.as_view(), name="me-blocks"),
    path("me/mutes/", api.Mutes.as_view(), name="me-mutes"),
    path("users/<str:username>/", api.Person.as_view(), name="person"),
    path("users/<str:username>/follow/", api.FollowPerson.as_view(), name="follow"),
    path("users/<str:username>/follower/", api.Follower.as_view(), name="follower"),
    path("users/<str:username>/block/", api.BlockPerson.as_view(), name="block"),
    path("users/<str:username>/mute/", api.MutePerson.as_view(), name="mute"),
    path("users/<str:username>/followers/", api.Followers.as_view(), name="followers"),
    path("users/<str:username>/following/", api.Following.as_view(), name="following"),
    path("follow-requests/", api.FollowRequests.as_view(), name="follow-requests"),
    path(
        "follow-requests/<str:follow_id>/accept/", api.AcceptRequest.as_view(), name="follow-request-accept"
    ),
    path(
        "follow-requests/<str:follow_id>/decline/",
        api.DeclineRequest.as_view(),
        name="follow-request-decline",
    ),
    path("suggestions/", api.Suggestions.as_view(), name="suggestions"),
]
