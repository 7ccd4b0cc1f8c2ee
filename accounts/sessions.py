"""Ending log-ins: which sessions a person has is kept by allauth's usersessions."""

from allauth.usersessions.models import UserSession


def end_sessions(person_id: int) -> int:
    """End every log-in of a person, on every device and token; how many there were."""
    rows = list(UserSession.objects.filter(user=person_id))
    for row in rows:
        row.end()
    return len(rows)
