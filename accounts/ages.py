"""How old somebody is, and what that opens: the minimum age and the careful defaults of the young."""

from datetime import date

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from privacy.rules import TEEN_AGE

# Older than anybody has been; a date beyond it is a slip of the finger.
OLDEST = 123


def age_on(birth_date: date, day: date) -> int:
    """Full years of age; somebody born on 29 February has their birthday on 1 March in common years."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def is_teen(birth_date: date | None) -> bool:
    """Whether the careful rules for the young hold (privacy.rules.TEENS). Unknown: they do not."""
    return birth_date is not None and age_on(birth_date, timezone.now().date()) < TEEN_AGE


def check_age(birth_date: date) -> None:
    """Raise ValidationError when this date is impossible or too young for this site (settings.MINIMUM_AGE)."""
    today = timezone.now().date()
    if birth_date > today:
        raise ValidationError(
            _("This date is in the future. Enter the day you were born."), code="birth_date_future"
        )
    age = age_on(birth_date, today)
    if age > OLDEST:
        raise ValidationError(_("Check the year. Enter the day you were born."), code="birth_date_past")
    if age < settings.MINIMUM_AGE:
        raise ValidationError(
            _("You have to be at least %(age)s years old to have an account here."),
            params={"age": settings.MINIMUM_AGE},
            code="too_young",
        )
