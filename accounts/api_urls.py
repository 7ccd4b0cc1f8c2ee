"""Addresses of accounts's part of the API."""

from django.urls import path

from . import api, api_follow_back, api_leaving, api_shut_out
from .api_shut_out import list_view

urlpatterns = [
    path("me/", api.Me.as_view(), name="me"),
    path("me/avatar/", api.MyAvatar.as_view(), name="me-avatar"),
    path("me/business/", api.MyBusiness.as_view(), name="me-business"),
    path("me/deactivate/", api.Deactivate.as_view(), name="me-deactivate"),
    path("me/delete/", api_leaving.DeleteAccount.as_view(), name="me-delete"),
    path("me/delete/code/", api_leaving.SendDeletionCode.as_view(), name="me-delete-code"),
    path("interests/", api.Interests.as_view(), name="interests"),
    path("users/<str:username>/", api.Person.as_view(), name="person"),
    path("users/<str:username>/follow/", api.FollowPerson.as_view(), name="follow"),
    path("users/<str:username>/follower/", api.Follower.as_view(), name="follower"),
    path("users/<str:username>/block/", api_shut_out.BlockPerson.as_view(), name="block"),
    path("users/<str:username>/mute/", api_shut_out.MutePerson.as_view(), name="mute"),
    path("users/<str:username>/restrict/", api_shut_out.RestrictPerson.as_view(), name="restrict"),
    path("users/<str:username>/friends/", api.Friends.as_view(), name="friends"),
    path("users/<str:username>/followers/", api.Followers.as_view(), name="followers"),
    path("users/<str:username>/following/", api.Following.as_view(), name="following"),
    path("follow-requests/", api.FollowRequests.as_view(), name="follow-requests"),
    path("follow-requests/accept/", api.AcceptRequests.as_view(), name="follow-requests-accept"),
    path("follow-requests/decline/", api.DeclineRequests.as_view(), name="follow-requests-decline"),
    path(
        "follow-requests/<str:follow_id>/accept/", api.AcceptRequest.as_view(), name="follow-request-accept"
    ),
    path(
        "follow-requests/<str:follow_id>/decline/",
        api.DeclineRequest.as_view(),
        name="follow-request-decline",
    ),
    path("follow-back/", api_follow_back.FollowBack.as_view(), name="follow-back"),
    path("follow-back/criteria/", api_follow_back.FollowBackCriteria.as_view(), name="follow-back-criteria"),
    path("follow-back/undo/", api_follow_back.FollowBackUndo.as_view(), name="follow-back-undo"),
    path("tidy-up/", api_follow_back.TidyUp.as_view(), name="tidy-up"),
    path("suggestions/", api.Suggestions.as_view(), name="suggestions"),
]

for name, key in (("blocks", "blocked"), ("mutes", "muted"), ("restrictions", "restricted")):
    urlpatterns += [
        path(
            f"me/{name}/",
            list_view(api_shut_out.Listed, key, get=name, post=f"{name}_add"),
            name=f"me-{name}",
        ),
        path(
            f"me/{name}/remove/",
            list_view(api_shut_out.Unlist, key, post=f"{name}_remove"),
            name=f"me-{name}-remove",
        ),
        path(
            f"me/{name}/import/",
            list_view(api_shut_out.ImportList, key, post=f"{name}_import"),
            name=f"me-{name}-import",
        ),
        path(
            f"me/{name}/export/",
            list_view(api_shut_out.ExportList, key, get=f"{name}_export"),
            name=f"me-{name}-export",
        ),
    ]
