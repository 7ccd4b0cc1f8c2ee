"""The form of an appeal."""

from django import forms
from django.utils.translation import gettext_lazy as _

from .actions.appealing import APPEAL_LENGTH


class AppealForm(forms.Form):
    """Why the decision should be looked at again."""

    text = forms.CharField(
        label=_("Why should we look at it again?"),
        max_length=APPEAL_LENGTH,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
        help_text=_(
            "A moderator reads this, with everything we know; not the one who decided, if there is another. You can appeal once."
        ),
    )
