"""What protects an account, gathered for the page that shows it: how its person is reached, second factors, log-ins."""

from dataclasses import dataclass

from allauth.account.models import EmailAddress

from . import second_factor, sessions
from .access import Viewer
from .models import User


@dataclass(frozen=True)
class Protection:
    """All of one person's own, as it is now."""

    email: str
    email_confirmed: bool
    phone: str
    phone_confirmed: bool
    has_password: bool
    factor: second_factor.State
    log_ins: list[sessions.LogIn]


def protection(viewer: Viewer) -> Protection:
    """What protects the viewer's own account. Three queries, and one a log-in to see whether it still holds."""
    person = User.objects.get(pk=viewer.pk or 0)
    address = EmailAddress.objects.filter(user=person).order_by("-primary", "-verified").first()
    return Protection(
        email=address.email if address else person.email,
        email_confirmed=bool(address and address.verified),
        phone=person.phone.as_international if person.phone else "",
        phone_confirmed=person.phone_verified_at is not None,
        has_password=person.has_usable_password(),
        factor=second_factor.state(person),
        log_ins=sessions.log_ins(person),
    )
