"""Addresses of videos's part of the API."""

from django.urls import path

from . import api, api_comments, api_uploads

urlpatterns = [
    path("uploads/", api_uploads.Uploads.as_view(), name="uploads"),
    path("uploads/<str:upload_id>", api_uploads.UploadDetail.as_view(), name="upload"),
    path("videos/", api_uploads.Videos.as_view(), name="videos"),
    path("videos/<str:video_id>/retry/", api_uploads.VideoRetry.as_view(), name="video-retry"),
    path("videos/<str:video_id>/", api.VideoDetail.as_view(), name="video"),
    path("videos/<str:video_id>/like/", api.VideoLike.as_view(), name="video-like"),
    path("videos/<str:video_id>/save/", api.VideoSave.as_view(), name="video-save"),
    path(
        "videos/<str:video_id>/not-interested/", api.VideoNotInterested.as_view(), name="video-not-interested"
    ),
    path("videos/<str:video_id>/comments/", api_comments.VideoComments.as_view(), name="video-comments"),
    path("videos/<str:video_id>/share/", api.VideoShare.as_view(), name="video-share"),
    path("videos/<str:video_id>/why/", api.VideoWhy.as_view(), name="video-why"),
    path("comments/<str:comment_id>/", api_comments.CommentDetail.as_view(), name="comment"),
    path("comments/<str:comment_id>/like/", api_comments.CommentLike.as_view(), name="comment-like"),
    path("comments/<str:comment_id>/pin/", api_comments.CommentPin.as_view(), name="comment-pin"),
    path("feeds/for-you/", api.FeedForYou.as_view(), name="feed-for-you"),
    path("feeds/following/", api.FeedFollowing.as_view(), name="feed-following"),
    path("feeds/friends/", api.FeedFriends.as_view(), name="feed-friends"),
    path("feeds/explore/", api.FeedExplore.as_view(), name="feed-explore"),
    path("users/<str:username>/videos/", api.PersonVideos.as_view(), name="person-videos"),
    path("tags/<str:tag>/videos/", api.TagVideos.as_view(), name="tag-videos"),
    path("sounds/<str:sound_id>/videos/", api.SoundVideos.as_view(), name="sound-videos"),
    path("search/", api.Search.as_view(), name="search"),
]
