"""Addresses of videos's part of the API."""

from django.urls import path

from . import (
    api,
    api_challenges,
    api_collections,
    api_comments,
    api_exploring,
    api_preferences,
    api_promotions,
    api_publishing,
    api_search,
    api_uploads,
)

urlpatterns = [
    # First what clients ask for over and over: addresses are tried in this order.
    path("feeds/for-you/", api.FeedForYou.as_view(), name="feed-for-you"),
    path("feeds/following/", api.FeedFollowing.as_view(), name="feed-following"),
    path("feeds/friends/", api.FeedFriends.as_view(), name="feed-friends"),
    path("feeds/explore/", api_exploring.FeedExplore.as_view(), name="feed-explore"),
    path("uploads/", api_uploads.Uploads.as_view(), name="uploads"),
    path("uploads/<str:upload_id>", api_uploads.UploadDetail.as_view(), name="upload"),
    path("videos/", api_uploads.Videos.as_view(), name="videos"),
    path("videos/<str:video_id>/retry/", api_uploads.VideoRetry.as_view(), name="video-retry"),
    path("videos/<str:video_id>/", api.VideoDetail.as_view(), name="video"),
    path("videos/<str:video_id>/like/", api.VideoLike.as_view(), name="video-like"),
    path("videos/<str:video_id>/save/", api.VideoSave.as_view(), name="video-save"),
    path(
        "videos/<str:video_id>/not-interested/",
        api_preferences.VideoNotInterested.as_view(),
        name="video-not-interested",
    ),
    path("videos/<str:video_id>/more/", api_preferences.VideoMore.as_view(), name="video-more"),
    path("videos/<str:video_id>/less/", api_preferences.VideoLess.as_view(), name="video-less"),
    path("preferences/", api_preferences.Preferences.as_view(), name="preferences"),
    path("preferences/<str:preference_id>/", api_preferences.PreferenceDetail.as_view(), name="preference"),
    path("me/feed/", api_preferences.MyFeed.as_view(), name="me-feed"),
    path("me/feed/interests/", api_preferences.MyFeedInterests.as_view(), name="me-feed-interests"),
    path("me/feed/start-over/", api_preferences.MyFeedStartOver.as_view(), name="me-feed-start-over"),
    path("videos/<str:video_id>/comments/", api_comments.VideoComments.as_view(), name="video-comments"),
    path("videos/<str:video_id>/share/", api.VideoShare.as_view(), name="video-share"),
    path("videos/<str:video_id>/why/", api.VideoWhy.as_view(), name="video-why"),
    path("videos/<str:video_id>/captions/", api_publishing.VideoCaptions.as_view(), name="video-captions"),
    path(
        "videos/<str:video_id>/captions/<str:language>/",
        api_publishing.VideoCaptionsLanguage.as_view(),
        name="video-captions-language",
    ),
    path(
        "videos/<str:video_id>/captions/<str:language>/automatic/",
        api_publishing.VideoCaptionsAutomatic.as_view(),
        name="video-captions-automatic",
    ),
    path("videos/<str:video_id>/remixes/", api_publishing.VideoRemixes.as_view(), name="video-remixes"),
    path("videos/<str:video_id>/detach/", api_publishing.VideoDetach.as_view(), name="video-detach"),
    path("videos/<str:video_id>/download/", api_publishing.VideoDownload.as_view(), name="video-download"),
    path("text-layers/", api_publishing.TextLayers.as_view(), name="text-layers"),
    path("autocomplete/", api_publishing.Autocomplete.as_view(), name="autocomplete"),
    path("sounds/", api_publishing.Sounds.as_view(), name="sounds"),
    path("sounds/<str:sound_id>/", api_publishing.SoundDetail.as_view(), name="sound-detail"),
    path("comments/review/", api_comments.CommentsReview.as_view(), name="comments-review"),
    path("comments/<str:comment_id>/", api_comments.CommentDetail.as_view(), name="comment"),
    path("comments/<str:comment_id>/like/", api_comments.CommentLike.as_view(), name="comment-like"),
    path("comments/<str:comment_id>/pin/", api_comments.CommentPin.as_view(), name="comment-pin"),
    path("comments/<str:comment_id>/hide/", api_comments.CommentHide.as_view(), name="comment-hide"),
    path("comments/<str:comment_id>/approve/", api_comments.CommentApprove.as_view(), name="comment-approve"),
    path("comments/<str:comment_id>/decline/", api_comments.CommentDecline.as_view(), name="comment-decline"),
    path("collections/", api_collections.Collections.as_view(), name="collections"),
    path("collections/<str:collection_id>/", api_collections.CollectionDetail.as_view(), name="collection"),
    path(
        "collections/<str:collection_id>/videos/",
        api_collections.CollectionVideos.as_view(),
        name="collection-videos",
    ),
    path(
        "collections/<str:collection_id>/videos/<str:video_id>/",
        api_collections.CollectionVideo.as_view(),
        name="collection-video",
    ),
    path("promotions/", api_promotions.Promotions.as_view(), name="promotions"),
    path("promotions/estimate/", api_promotions.PromotionEstimate.as_view(), name="promotion-estimate"),
    path("promotions/<str:promotion_id>/", api_promotions.PromotionDetail.as_view(), name="promotion"),
    path("promotions/<str:promotion_id>/why/", api_promotions.PromotionWhy.as_view(), name="promotion-why"),
    path(
        "promotions/<str:promotion_id>/hide/", api_promotions.PromotionHide.as_view(), name="promotion-hide"
    ),
    *(
        path(f"promotions/<str:promotion_id>/{name}/", view, name=f"promotion-{name}")
        for name, view in api_promotions.ACTS.items()
    ),
    path("challenges/", api_challenges.Challenges.as_view(), name="challenges-list"),
    path("challenges/<str:slug>/", api_challenges.ChallengeDetail.as_view(), name="challenge-detail"),
    path("challenges/<str:slug>/videos/", api_challenges.ChallengeVideos.as_view(), name="challenge-videos"),
    path(
        "challenges/<str:slug>/leaderboard/",
        api_challenges.ChallengeLeaderboard.as_view(),
        name="challenge-leaderboard",
    ),
    path("challenges/<str:slug>/banner/", api_challenges.ChallengeBanner.as_view(), name="challenge-banner"),
    path(
        "challenges/<str:slug>/entries/", api_challenges.ChallengeEntries.as_view(), name="challenge-entries"
    ),
    path(
        "challenges/<str:slug>/entries/<str:video_id>/",
        api_challenges.ChallengeEntry.as_view(),
        name="challenge-entry",
    ),
    path("users/<str:username>/videos/", api.PersonVideos.as_view(), name="person-videos"),
    path("explore/", api_exploring.Explore.as_view(), name="explore-rails"),
    path("tags/<str:tag>/", api_exploring.TagDetail.as_view(), name="tag-detail"),
    path("tags/<str:tag>/videos/", api_exploring.TagVideos.as_view(), name="tag-videos"),
    path("sounds/<str:sound_id>/videos/", api_exploring.SoundVideos.as_view(), name="sound-videos"),
    path("search/", api_search.Search.as_view(), name="search"),
    path("search/suggestions/", api_search.SearchSuggestions.as_view(), name="search-suggestions"),
    path("search/recent/", api_search.RecentSearches.as_view(), name="search-recent"),
    path("search/recent/<str:search_id>/", api_search.RecentSearchDetail.as_view(), name="search-recent-one"),
]
