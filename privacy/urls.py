"""Addresses of privacy's pages."""

from django.urls import path

from . import views, views_status

urlpatterns = [
    path("settings/privacy/", views.settings_privacy, name="settings-privacy"),
    path("settings/status/", views_status.status, name="settings-status"),
    path("settings/status/<str:decision_id>/", views_status.own_decision, name="own-decision"),
    path("settings/reports/", views_status.own_reports, name="own-reports"),
    path("decisions/<str:token>/", views_status.linked_decision, name="linked-decision"),
    path("transparency/", views_status.public_counts, name="transparency"),
]
