"""What accounts, and the libraries behind log-in, keep about people."""

from privacy.personal_data import register

_NOT_PERSONAL = "Not about a person: the site's own tables."

register("accounts", "User", exported=True, erased="cascade")
register("accounts", "Follow", exported=True, erased="cascade")
register("accounts", "FormerUsername", exported=True, erased="cascade")
register("accounts", "Deletion", exported=True, erased="cascade")
register(
    "accounts",
    "OneTimeCode",
    exported=False,
    erased="cascade",
    why="A secret that was sent to the person and holds for minutes; only its hash is kept.",
)
register("account", "EmailAddress", exported=True, erased="cascade")
register(
    "account",
    "EmailConfirmation",
    exported=False,
    erased="cascade",
    why="A one-time key in a mail that was sent; the address itself is exported with EmailAddress.",
)
register("usersessions", "UserSession", exported=True, erased="cascade")
register(
    "sessions",
    "Session",
    exported=False,
    erased="cascade",
    why="Keys that log a person in: a secret, so not in a download. Erasure ends every session first.",
)
register(
    "axes",
    "AccessAttempt",
    exported=False,
    erased="kept",
    why="Name and address of log-ins that failed, against guessing; written before anybody is known, gone by age.",
)
register(
    "axes",
    "AccessAttemptExpiration",
    exported=False,
    erased="kept",
    why="When an AccessAttempt is forgotten.",
)
register(
    "axes",
    "AccessFailureLog",
    exported=False,
    erased="kept",
    why="As AccessAttempt; off unless AXES_ENABLE_ACCESS_FAILURE_LOG is set.",
)
register(
    "axes",
    "AccessLog",
    exported=False,
    erased="kept",
    why="Log-ins and log-outs by user name. Off by AXES_DISABLE_ACCESS_LOG, so empty.",
)
register(
    "admin",
    "LogEntry",
    exported=False,
    erased="cascade",
    why="What staff changed in the admin; about the site's work, and it may name other people.",
)
register(
    "accounts", "User_groups", exported=False, erased="cascade", why="Which staff groups a moderator is in."
)
register(
    "accounts", "User_user_permissions", exported=False, erased="cascade", why="What a moderator may do."
)
for _model in ("Permission", "Group", "Group_permissions"):
    register("auth", _model, exported=False, erased="kept", why=_NOT_PERSONAL)
register("contenttypes", "ContentType", exported=False, erased="kept", why=_NOT_PERSONAL)
