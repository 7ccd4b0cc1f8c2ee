"""The rules as one table: who sees what, who may do what. Pure: no database, no request, no other app.

`accounts.access.relation` finds how a viewer stands to a person; the table here turns that into a verdict. The SQL
forms in accounts, videos and messaging say the same thing for many rows at once, and tests hold the two together.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Audience(models.TextChoices):
    """Who may see a thing."""

    PUBLIC = "public", _("Everyone")
    FOLLOWERS = "followers", _("Followers")
    FRIENDS = "friends", _("Friends")
    ONLY_ME = "only_me", _("Only me")


class WhoMay(models.TextChoices):
    """Who may do a thing to a person or their clip. `following` = the people that this person follows."""

    EVERYONE = "everyone", _("Everyone")
    FOLLOWING = "following", _("People I follow")
    FRIENDS = "friends", _("Friends")
    NOBODY = "nobody", _("Nobody")


class Relation(models.TextChoices):
    """How a viewer stands to a person, the closest word that fits."""

    SELF = "self", _("Yourself")
    BLOCKED = "blocked", _("Blocked, in either direction")
    FRIEND = "friend", _("Friend: you follow each other")
    FOLLOWER = "follower", _("You follow them")
    FOLLOWED = "followed", _("They follow you")
    PENDING = "pending", _("You asked to follow")
    STRANGER = "stranger", _("No relation")
    ANONYMOUS = "anonymous", _("Not logged in")


class Deed(models.TextChoices):
    """What somebody does with a person or with a thing of theirs."""

    SEE = "see", _("See a clip")
    LIST = "list", _("Read the lists of followers, followed, friends and likes")
    COMMENT = "comment", _("Comment")
    MESSAGE = "message", _("Write a message")
    MENTION = "mention", _("Mention, so that they are told")
    DUET = "duet", _("Make a duet")
    STITCH = "stitch", _("Make a stitch")
    DOWNLOAD = "download", _("Download")


class Verdict(models.TextChoices):
    """What becomes of it. `held`: only the two see it until it is let through. `request`: waits for a yes, unread."""

    YES = "yes", _("Yes")
    HELD = "held", _("Waits for approval")
    REQUEST = "request", _("Arrives as a request")
    NO = "no", _("No")


# The whole of it. A setting with a star counts while the person's account is private. The last column: what a "yes" is for
# somebody whom the person restricts, whatever else they are to them (they do not notice: to themselves it looks like a yes).
TABLE = """
deed      setting    | self friend follower followed pending stranger anonymous blocked | restricted

see       public     | yes  yes    yes      yes      yes     yes      yes       no      | yes
see       public*    | yes  yes    yes      no       no      no       no        no      | yes
see       followers  | yes  yes    yes      no       no      no       no        no      | yes
see       friends    | yes  yes    no       no       no      no       no        no      | yes
see       only_me    | yes  no     no       no       no      no       no        no      | yes

list      public     | yes  yes    yes      yes      yes     yes      yes       no      | yes
list      public*    | yes  yes    yes      no       no      no       no        no      | yes
list      followers  | yes  yes    yes      no       no      no       no        no      | yes
list      friends    | yes  yes    no       no       no      no       no        no      | yes
list      only_me    | yes  no     no       no       no      no       no        no      | yes

comment   everyone   | yes  yes    yes      yes      yes     yes      no        no      | held
comment   following  | yes  yes    no       yes      no      no       no        no      | held
comment   friends    | yes  yes    no       no       no      no       no        no      | held
comment   nobody     | yes  no     no       no       no      no       no        no      | held

message   everyone   | yes  yes    yes      yes      yes     yes      no        no      | request
message   following  | yes  yes    request  yes      request request  no        no      | request
message   friends    | yes  yes    request  request  request request  no        no      | request
message   nobody     | yes  no     no       no       no      no       no        no      | request

mention   everyone   | yes  yes    yes      yes      yes     yes      no        no      | no
mention   following  | yes  yes    no       yes      no      no       no        no      | no
mention   friends    | yes  yes    no       no       no      no       no        no      | no
mention   nobody     | yes  no     no       no       no      no       no        no      | no

duet      everyone   | yes  yes    yes      yes      yes     yes      no        no      | yes
duet      everyone*  | yes  no     no       no       no      no       no        no      | yes
duet      following  | yes  yes    no       yes      no      no       no        no      | yes
duet      following* | yes  no     no       no       no      no       no        no      | yes
duet      friends    | yes  yes    no       no       no      no       no        no      | yes
duet      friends*   | yes  no     no       no       no      no       no        no      | yes
duet      nobody     | yes  no     no       no       no      no       no        no      | yes

stitch    everyone   | yes  yes    yes      yes      yes     yes      no        no      | yes
stitch    everyone*  | yes  no     no       no       no      no       no        no      | yes
stitch    following  | yes  yes    no       yes      no      no       no        no      | yes
stitch    following* | yes  no     no       no       no      no       no        no      | yes
stitch    friends    | yes  yes    no       no       no      no       no        no      | yes
stitch    friends*   | yes  no     no       no       no      no       no        no      | yes
stitch    nobody     | yes  no     no       no       no      no       no        no      | yes

download  everyone   | yes  yes    yes      yes      yes     yes      no        no      | yes
download  following  | yes  yes    no       yes      no      no       no        no      | yes
download  friends    | yes  yes    no       no       no      no       no        no      | yes
download  nobody     | yes  no     no       no       no      no       no        no      | yes
"""


def _read(table: str) -> tuple[dict[tuple[str, str], dict[str, Verdict]], dict[tuple[str, str], Verdict]]:
    """The rows by deed and setting: the verdict of each relation, and what a "yes" is for the restricted."""
    rows = [[part.split() for part in line.split("|")] for line in table.splitlines() if line]
    (_names, relations, _last), *body = rows
    verdicts, restricted = {}, {}
    for (deed, setting), cells, (instead,) in body:
        key = (Deed(deed).value, setting)
        verdicts[key] = {
            Relation(name).value: Verdict(cell) for name, cell in zip(relations, cells, strict=True)
        }
        restricted[key] = Verdict(instead)
    return verdicts, restricted


VERDICTS, IF_RESTRICTED = _read(TABLE)


def verdict(
    deed: str, setting: str, relation: str, *, private: bool = False, restricted: bool = False
) -> Verdict:
    """What becomes of a deed towards a person who set `setting` for it, by somebody who stands so to them.

    `private`: the person's account is. `restricted`: the person restricts whoever does it. KeyError for a setting that
    the deed does not know.
    """
    deed, setting, relation = str(deed), str(setting), str(relation)
    starred = (deed, f"{setting}*")
    row = starred if private and starred in VERDICTS else (deed, setting)
    found = VERDICTS[row][relation]
    return IF_RESTRICTED[row] if restricted and found == Verdict.YES and relation != Relation.SELF else found


def sees(audience: str, relation: str, *, account_private: bool) -> bool:
    """Whether a viewer of this relation sees a thing of this audience."""
    return verdict(Deed.SEE, audience, relation, private=account_private) == Verdict.YES


def lists(audience: str, relation: str, *, account_private: bool) -> bool:
    """Whether a viewer of this relation may read a list that is for this audience."""
    return verdict(Deed.LIST, audience, relation, private=account_private) == Verdict.YES


def may(deed: str, setting: str, relation: str, *, private: bool = False) -> bool:
    """Whether somebody of this relation may do the deed outright, by this setting alone."""
    return verdict(deed, setting, relation, private=private) == Verdict.YES


# --- Figures about others ---------------------------------------------------------------------------------------------

# No figure tells of fewer people, nor of fewer deeds where people are not kept: it would say who.
SMALLEST_GROUP = 5


# --- The young ------------------------------------------------------------------------------------------------------

TEEN_AGE = 16

# What an account under TEEN_AGE starts with, and the most open that its person may choose. What is not named here starts as
# everybody's does. Every default is as strict as the grown-ups' or stricter (a test compares them).
TEENS: dict[str, tuple[object, object]] = {
    "is_private": (True, False),
    "findable": (False, True),
    "message_audience": (WhoMay.FRIENDS, WhoMay.FOLLOWING),
    "comment_audience": (WhoMay.FRIENDS, WhoMay.EVERYONE),
    "mention_audience": (WhoMay.FRIENDS, WhoMay.EVERYONE),
    "duet_audience": (WhoMay.FRIENDS, WhoMay.EVERYONE),
    "stitch_audience": (WhoMay.FRIENDS, WhoMay.EVERYONE),
    "download_audience": (WhoMay.NOBODY, WhoMay.FRIENDS),
    "followers_audience": (Audience.FOLLOWERS, Audience.PUBLIC),
    "following_audience": (Audience.FOLLOWERS, Audience.PUBLIC),
    "friends_audience": (Audience.FRIENDS, Audience.PUBLIC),
}

TEEN_DEFAULTS = {name: default for name, (default, _loosest) in TEENS.items()}
_WIDTH = [WhoMay.NOBODY, WhoMay.FRIENDS, WhoMay.FOLLOWING, WhoMay.EVERYONE]


def open_to_teens(name: str, value: object) -> bool:
    """Whether somebody under TEEN_AGE may choose this value of a setting."""
    loosest = TEENS[name][1] if name in TEENS else None
    if not isinstance(loosest, WhoMay):
        return True
    return _WIDTH.index(WhoMay(str(value))) <= _WIDTH.index(loosest)
