"""Addresses of privacy's part of the API."""

from django.urls import path

from . import api, api_desk

urlpatterns = [
    path("me/privacy/", api.MyPrivacy.as_view(), name="me-privacy"),
    path("reports/", api.Reports.as_view(), name="reports"),
    # The moderators' desk
    path("moderation/queue/", api_desk.Queue.as_view(), name="moderation-queue"),
    path("moderation/cases/<str:case_id>/", api_desk.CaseDetail.as_view(), name="moderation-case"),
    path("moderation/cases/<str:case_id>/look/", api_desk.CaseLook.as_view(), name="moderation-look"),
    path("moderation/cases/<str:case_id>/decide/", api_desk.CaseDecide.as_view(), name="moderation-decide"),
    path(
        "moderation/cases/<str:case_id>/statement/",
        api_desk.CaseStatement.as_view(),
        name="moderation-statement",
    ),
    path("moderation/decisions/", api_desk.Decisions.as_view(), name="moderation-decisions"),
    path(
        "moderation/decisions/<str:decision_id>/undo/",
        api_desk.DecisionUndo.as_view(),
        name="moderation-undo",
    ),
    path("moderation/appeals/", api_desk.Appeals.as_view(), name="moderation-appeals"),
    path(
        "moderation/appeals/<str:appeal_id>/answer/",
        api_desk.AppealAnswer.as_view(),
        name="moderation-answer",
    ),
]
