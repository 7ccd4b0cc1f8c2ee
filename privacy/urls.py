"""Addresses of privacy's pages."""

from django.urls import path

from . import views, views_data, views_status

urlpatterns = [
    path("settings/privacy/", views.settings_privacy, name="settings-privacy"),
    path("settings/data/", views_data.settings_data, name="settings-data"),
    path("settings/data/<str:export_id>/file/", views_data.data_file, name="data-file"),
    path("settings/data/<str:export_id>/delete/", views_data.delete_data, name="data-delete"),
    path("settings/status/", views_status.status, name="settings-status"),
    path("settings/status/<str:decision_id>/", views_status.own_decision, name="own-decision"),
    path("settings/reports/", views_status.own_reports, name="own-reports"),
    path("decisions/<str:token>/", views_status.linked_decision, name="linked-decision"),
    path("transparency/", views_status.public_counts, name="transparency"),
]
