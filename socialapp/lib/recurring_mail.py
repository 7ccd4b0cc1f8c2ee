"""A mail that comes again and again until one click ends it, plain and as HTML in the frame of templates/email/frame.html.

The click is RFC 2369 (List-Unsubscribe) and RFC 8058 (One-Click). Who gets such a mail, and when, is its app's affair.
"""

from typing import Any

from django.conf import settings as site
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation


def recurring_mail(
    to: str, subject: str, template: str, context: dict[str, Any], *, unsubscribe_path: str
) -> EmailMultiAlternatives:
    """The mail, in the active language, from `template`.txt and `template`.html; `context` holds what is theirs, and `person`."""
    leave = site.BASE_URL + unsubscribe_path
    context = {
        "base": site.BASE_URL,
        "site_name": site.SITE_NAME,
        "unsubscribe_url": leave,
        "language": translation.get_language(),
        "rtl": translation.get_language_bidi(),
        **context,
    }
    message = EmailMultiAlternatives(
        site.ACCOUNT_EMAIL_SUBJECT_PREFIX + subject,
        render_to_string(f"{template}.txt", context),
        to=[to],
        headers={
            "List-Unsubscribe": f"<{leave}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",  # RFC 3834: nobody's out-of-office answers it
        },
    )
    message.attach_alternative(render_to_string(f"{template}.html", context), "text/html")
    return message
