"""Addresses of privacy's part of the API."""

from django.urls import path

from . import api, api_desk, api_exports, api_status

urlpatterns = [
    path("me/privacy/", api.MyPrivacy.as_view(), name="me-privacy"),
    path("reports/", api.Reports.as_view(), name="reports"),
    path("exports/", api_exports.Exports.as_view(), name="exports"),
    path("exports/<str:export_id>/", api_exports.Export.as_view(), name="export"),
    path("exports/<str:export_id>/file/", api_exports.ExportFile.as_view(), name="export-file"),
    path("me/status/", api_status.MyStatus.as_view(), name="me-status"),
    path("me/decisions/", api_status.MyDecisions.as_view(), name="me-decisions"),
    path("me/decisions/<str:decision_id>/", api_status.MyDecision.as_view(), name="me-decision"),
    path("me/decisions/<str:decision_id>/appeal/", api_status.MyAppeal.as_view(), name="me-appeal"),
    path("decisions/<str:token>/", api_status.LinkedDecision.as_view(), name="linked-decision"),
    path("decisions/<str:token>/appeal/", api_status.LinkedAppeal.as_view(), name="linked-appeal"),
    path("transparency/", api_status.Transparency.as_view(), name="transparency"),
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
