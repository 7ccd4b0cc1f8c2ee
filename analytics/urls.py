"""Addresses of analytics's pages."""

from django.urls import path

from . import views

urlpatterns = [
    path("studio/analytics/", views.overview, name="studio-analytics"),
    path("studio/analytics/content/", views.content, name="studio-analytics-content"),
    path("studio/analytics/live/", views.live, name="studio-analytics-live"),
    path("studio/analytics/promotions/", views.promotions, name="studio-analytics-promotions"),
    path("studio/videos/<str:video_id>/", views.video, name="studio-video"),
]
