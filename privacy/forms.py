"""The form of the privacy page: a plain sentence of consequence beside every choice."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .rules import Audience, WhoMay

HELP = {
    "is_private": _(
        "Only followers you accept see your clips and lists. People who follow you now stay; those who asked are "
        "accepted when you open the account again."
    ),
    "findable": _("Off: you are not suggested to anybody. Your profile still opens for who has its address."),
    "message_audience": _(
        "What others write waits under Requests until you accept. Nobody: it is refused. Conversations you have go on."
    ),
    "comment_audience": _("Who may write below your clips. Comments that are there stay."),
    "filter_spam": _(
        "Comments with a link (from people you do not follow), a long row of one character, many mentions, or the same "
        "text for the third time in a day wait until you approve them. Until then only you and who wrote them see them."
    ),
    "approve_comments": _(
        "Nobody else sees a new or edited comment below your clips, and nobody is told of it, until you approve it."
    ),
    "comment_keywords": _(
        "One word or phrase a line, at most 100. Comments written from now on that have one of them wait until you "
        "approve them. Case, accents and digits for letters make no difference; their writers are not told which word it was."
    ),
    "mention_audience": _("Others can still write your name, but you are not told."),
    "duet_audience": _("Who may make a clip beside one of yours."),
    "stitch_audience": _("Who may start a clip with a part of one of yours."),
    "download_audience": _("Who gets a download button. Nobody can be kept from recording their screen."),
    "following_audience": _("Who sees the list of those you follow. The number stays visible."),
    "followers_audience": _("Who sees the list of your followers. The number stays visible."),
    "friends_audience": _("Who sees the list of those who follow you and whom you follow back."),
    "likes_audience": _("Who sees the clips you liked on your profile."),
    "read_receipts": _("Off: others do not see that you read a message, and you do not see it of them."),
    "show_activity": _("Off: nobody sees that you are online, and you do not see it of others."),
    "personalised": _(
        "Off: For You shows what is popular and whom you follow, not what fits what you watch."
    ),
}
LABELS = {
    "is_private": _("Private account"),
    "findable": _("Allow others to find me"),
    "message_audience": _("Who can message me"),
    "comment_audience": _("Who can comment"),
    "filter_spam": _("Hold comments that look like spam"),
    "approve_comments": _("Approve every comment"),
    "comment_keywords": _("Words to hold comments for"),
    "mention_audience": _("Who can mention me"),
    "duet_audience": _("Who can duet"),
    "stitch_audience": _("Who can stitch"),
    "download_audience": _("Who can download"),
    "following_audience": _("Who sees whom I follow"),
    "followers_audience": _("Who sees who follows me"),
    "friends_audience": _("Who sees my friends"),
    "likes_audience": _("Who sees what I like"),
    "read_receipts": _("Read receipts"),
    "show_activity": _("Show when I am online"),
    "personalised": _("Use what I watch for my feed"),
}
# What the pages of this release act on. The others join the form with the features they govern.
SHOWN = (
    "is_private",
    "findable",
    "following_audience",
    "followers_audience",
    "friends_audience",
    "likes_audience",
    "message_audience",
    "comment_audience",
    "filter_spam",
    "approve_comments",
    "comment_keywords",
    "duet_audience",
    "stitch_audience",
    "download_audience",
    "mention_audience",
    "read_receipts",
)


class LinesField(forms.CharField):
    """A list of texts, written one a line."""

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in (super().to_python(value) or "").splitlines() if line.strip()]

    def validate(self, value: Any) -> None:
        """What fits is decided by the action."""


class PrivacyForm(forms.Form):
    """Each setting of `SHOWN` as a switch or a choice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in SHOWN:
            field: forms.Field
            if name in ("following_audience", "followers_audience", "friends_audience", "likes_audience"):
                field = forms.ChoiceField(choices=Audience.choices)
            elif name == "comment_keywords":
                field = LinesField(required=False, widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}))
            elif name.endswith("_audience"):
                field = forms.ChoiceField(choices=WhoMay.choices)
            else:
                field = forms.BooleanField(required=False)
            field.label, field.help_text = LABELS[name], HELP[name]
            self.fields[name] = field
