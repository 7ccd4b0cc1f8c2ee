"""The form of the privacy page: a plain sentence of consequence beside every choice."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .rules import Audience, WhoMay, open_to_teens

# What each choice means for whoever makes it, in one plain sentence.
MEANS: dict[str, dict[str, Any]] = {
    "followers_audience": {
        Audience.PUBLIC: _("Everybody can read who follows you."),
        Audience.FOLLOWERS: _("Your followers can read who else follows you."),
        Audience.FRIENDS: _("Only people you follow back can read who follows you."),
        Audience.ONLY_ME: _("Nobody else can read the list. The number stays visible."),
    },
    "following_audience": {
        Audience.PUBLIC: _("Everybody can read whom you follow."),
        Audience.FOLLOWERS: _("Your followers can read whom you follow."),
        Audience.FRIENDS: _("Only people you follow back can read whom you follow."),
        Audience.ONLY_ME: _("Nobody else can read the list. The number stays visible."),
    },
    "friends_audience": {
        Audience.PUBLIC: _("Everybody can read who your friends are."),
        Audience.FOLLOWERS: _("Your followers can read who your friends are."),
        Audience.FRIENDS: _("Only your friends can read who the others are."),
        Audience.ONLY_ME: _("Nobody else can read the list."),
    },
    "likes_audience": {
        Audience.PUBLIC: _("Everybody can open the clips you liked on your profile."),
        Audience.FOLLOWERS: _("Your followers can open the clips you liked."),
        Audience.FRIENDS: _("Only your friends can open the clips you liked."),
        Audience.ONLY_ME: _("Only you see them. A clip's author is still told that you liked it."),
    },
    "message_audience": {
        WhoMay.EVERYONE: _("Whoever has an account writes straight to your inbox."),
        WhoMay.FOLLOWING: _("Everybody else's messages wait under Requests until you accept."),
        WhoMay.FRIENDS: _("Only friends reach your inbox. The others wait under Requests until you accept."),
        WhoMay.NOBODY: _("Nobody can write to you, in conversations you have neither."),
    },
    "mention_audience": {
        WhoMay.EVERYONE: _("You are told whenever somebody writes your name."),
        WhoMay.FOLLOWING: _("You are told when somebody you follow writes your name."),
        WhoMay.FRIENDS: _("You are told when a friend writes your name."),
        WhoMay.NOBODY: _("Others can still write your name, but you are never told."),
    },
    "comment_audience": {
        WhoMay.EVERYONE: _("Whoever sees a clip and has an account can write below it."),
        WhoMay.FOLLOWING: _("Only people you follow can write below your clips. What is there stays."),
        WhoMay.FRIENDS: _("Only friends can write below your clips. What is there stays."),
        WhoMay.NOBODY: _("Only you can write below your clips. What is there stays."),
    },
    "duet_audience": {
        WhoMay.EVERYONE: _("Everybody can put a clip of theirs beside one of yours."),
        WhoMay.FOLLOWING: _("Only people you follow can make duets with you."),
        WhoMay.FRIENDS: _("Only friends can make duets with you."),
        WhoMay.NOBODY: _("Nobody can make duets with you. Those that exist stay until you detach them."),
    },
    "stitch_audience": {
        WhoMay.EVERYONE: _("Everybody can begin a clip with up to five seconds of one of yours."),
        WhoMay.FOLLOWING: _("Only people you follow can begin a clip with a part of yours."),
        WhoMay.FRIENDS: _("Only friends can begin a clip with a part of yours."),
        WhoMay.NOBODY: _(
            "Nobody can begin a clip with a part of yours. Those that exist stay until you detach them."
        ),
    },
    "download_audience": {
        WhoMay.EVERYONE: _(
            "Everybody who is logged in gets a download button, with your name in the picture."
        ),
        WhoMay.FOLLOWING: _("Only people you follow get a download button."),
        WhoMay.FRIENDS: _("Only friends get a download button."),
        WhoMay.NOBODY: _("There is no download button. Nobody can be kept from recording their screen."),
    },
}
HELP = {
    "is_private": _(
        "Only followers you accept see your clips and lists, and nobody makes duets with you. Who follows you now stays. "
        "When you open the account again, whoever asked to follow is accepted at once."
    ),
    "findable": _(
        "Off: you are suggested to nobody and not found by search. Your profile still opens for who has its address."
    ),
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
    "read_receipts": _("Off: others do not see that you read a message, and you do not see it of them."),
    "show_activity": _(
        "Whoever you write with sees a dot while you are here. Off: they do not see it of you, nor you of them."
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
}
# What the page shows, in its groups. Settings that nothing acts on yet are not on it.
GROUPS: tuple[tuple[Any, str, tuple[str, ...]], ...] = (
    (_("Your account"), "lock", ("is_private", "findable")),
    (
        _("Your lists"),
        "users",
        ("followers_audience", "following_audience", "friends_audience", "likes_audience"),
    ),
    (
        _("Who reaches you"),
        "message-circle",
        ("message_audience", "mention_audience", "read_receipts", "show_activity"),
    ),
    (
        _("Your clips"),
        "film",
        ("comment_audience", "duet_audience", "stitch_audience", "download_audience"),
    ),
    (
        _("Comments you want to see first"),
        "shield-check",
        ("filter_spam", "approve_comments", "comment_keywords"),
    ),
)
SHOWN = tuple(name for _title, _icon, names in GROUPS for name in names)


class Choices(forms.RadioSelect):
    """Radio buttons, each with the sentence that says what it means."""

    def __init__(self, means: dict[str, Any]) -> None:
        super().__init__()
        self.means = means

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(*args, **kwargs)
        return option | {"means": self.means.get(str(option["value"]), "")}


class LinesField(forms.CharField):
    """A list of texts, written one a line."""

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in (super().to_python(value) or "").splitlines() if line.strip()]

    def validate(self, value: Any) -> None:
        """What fits is decided by the action."""


class PrivacyForm(forms.Form):
    """Each setting of `SHOWN` as a switch or a choice. `teen` leaves out what is not open yet at that age."""

    def __init__(self, *args: Any, teen: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in SHOWN:
            field: forms.Field
            if name == "comment_keywords":
                field = LinesField(required=False, widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}))
            elif name in MEANS:
                choices = Audience.choices if next(iter(MEANS[name])) in Audience else WhoMay.choices
                kept = [
                    choice
                    for choice in choices
                    if not teen or open_to_teens(name, choice[0]) or choice[0] == self.initial.get(name)
                ]
                field = forms.ChoiceField(choices=kept, widget=Choices(MEANS[name]))
            else:
                field = forms.BooleanField(required=False)
            field.label, field.help_text = LABELS[name], HELP.get(name, "")
            self.fields[name] = field

    @property
    def groups(self) -> list[dict[str, Any]]:
        """The fields as the page shows them: groups with title, icon and rows; a choice's row knows what is chosen now."""
        return [
            {"title": title, "icon": icon, "rows": [self._row(name) for name in names]}
            for title, icon, names in GROUPS
        ]

    def _row(self, name: str) -> dict[str, Any]:
        field = self[name]
        chosen = dict(getattr(self.fields[name], "choices", ())).get(field.value()) if name in MEANS else None
        return {"field": field, "choices": name in MEANS, "chosen": chosen}
