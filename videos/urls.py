"""Addresses of videos's pages."""

from django.urls import path

from . import (
    originals,
    serving,
    views,
    views_challenges,
    views_collections,
    views_comments,
    views_exploring,
    views_feed_settings,
    views_onlooker,
    views_promotions,
    views_search,
)

urlpatterns = [
    path("media/<str:expires>/<str:signature>/<str:folder>/<str:name>", serving.serve, name="media"),
    path("", views.for_you, name="for-you"),
    path("following/", views.following, name="following"),
    path("friends/", views.friends, name="friends"),
    path("explore/", views_exploring.explore, name="explore"),
    path("search/", views_search.search_page, name="search"),
    path("challenges/", views_challenges.challenges, name="challenges"),
    path("challenges/<str:slug>/", views_challenges.challenge, name="challenge"),
    path("studio/challenges/", views_challenges.studio_challenges, name="studio-challenges"),
    path("studio/challenges/new/", views_challenges.studio_challenge_new, name="studio-challenge-new"),
    path("studio/challenges/<str:slug>/", views_challenges.studio_challenge, name="studio-challenge"),
    path(
        "studio/challenges/<str:slug>/edit/",
        views_challenges.studio_challenge_edit,
        name="studio-challenge-edit",
    ),
    path("studio/promotions/", views_promotions.studio_promotions, name="studio-promotions"),
    path("studio/promotions/new/", views_promotions.studio_promotion_new, name="studio-promotion-new"),
    path("studio/promotions/<str:promotion_id>/", views_promotions.studio_promotion, name="studio-promotion"),
    path(
        "studio/promotions/<str:promotion_id>/edit/",
        views_promotions.studio_promotion_edit,
        name="studio-promotion-edit",
    ),
    path("tags/<str:tag>/", views_exploring.tag, name="tag"),
    path("sounds/<str:sound_id>/", views_exploring.sound, name="sound"),
    path("@<str:username>/", views.profile, name="profile"),
    path("@<str:username>/video/<str:video_id>/", views.video, name="video"),
    path("@<str:username>/video/<str:video_id>/comments/", views_comments.comments, name="video-comments"),
    path("settings/feed/", views_feed_settings.feed_settings, name="settings-feed"),
    path("settings/privacy/as/<str:relation>/", views_onlooker.profile_as, name="profile-as"),
    path("upload/", views.upload, name="upload"),
    path("upload/files/<str:video_id>/", originals.files, name="originals"),
    path("upload/files/<str:video_id>/<str:place>/", originals.file, name="original"),
    path("studio/", views.studio, name="studio"),
    path("studio/comments/", views_comments.studio_comments, name="studio-comments"),
    path("collections/<str:collection_id>/", views_collections.collection, name="collection"),
    path("studio/videos/<str:video_id>/edit/", views.studio_edit, name="studio-edit"),
]
