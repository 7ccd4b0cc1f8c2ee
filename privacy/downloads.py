"""Reads of downloads of one's data: only the person they are about sees that there are any."""

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from socialapp.lib.errors import NotFound
from socialapp.lib.ids import parse_id

from .models import DataExport

Viewer = AbstractBaseUser | AnonymousUser


def exports(viewer: Viewer) -> "QuerySet[DataExport]":
    """The downloads of their data that `viewer` asked for, newest first. Empty for the anonymous."""
    if not viewer.is_authenticated:
        return DataExport.objects.none()
    return DataExport.objects.filter(person=viewer.pk).order_by("-id")


def get_export(viewer: Viewer, export_id: str | int) -> DataExport:
    """One of them; NotFound for other people's, whatever their rights."""
    row_id = parse_id(export_id) if isinstance(export_id, str) else export_id
    row = exports(viewer).filter(pk=row_id).first()
    if row is None:
        raise NotFound()
    return row


def export_key(viewer: Viewer, export_id: str | int) -> str:
    """Where a ready archive lies in the storage, asked each time it is fetched; NotFound once its time is over."""
    row = get_export(viewer, export_id)
    fetchable = row.state == DataExport.State.READY and row.expires_at and row.expires_at > timezone.now()
    if not fetchable or not row.file:
        raise NotFound()
    return row.file


def stage_sentence(row: DataExport) -> str:
    """How far a download is, or why it failed and what to do, in the active language."""
    match row.state, row.stage:
        case DataExport.State.FAILED, "no_room":
            return _("The server had no room for it. Ask again in a few hours.")
        case DataExport.State.FAILED, _stage:
            return _(
                "It could not be made. Ask again; if it fails again, write to the site's administrators."
            )
        case DataExport.State.QUEUED, _stage:
            return _("It waits its turn.")
        case DataExport.State.RUNNING, "files":
            return _("Your films and pictures are being packed.")
        case DataExport.State.RUNNING, "closing":
            return _("It is nearly ready.")
        case DataExport.State.RUNNING, _stage:
            return _("Your data is being gathered.")
        case DataExport.State.EXPIRED, _stage:
            return _("Its time is over. Ask for a new one.")
    return _("It is ready.")
