"""Every setting, read from the environment once. Nothing here decides a rule of the product.

With no environment at all this is the embedded default: SQLite, an embedded Redis-protocol server and a
local folder, all under DATA_DIR. `socialapp/checks.py` refuses combinations that would be unsafe or broken.
"""

import os
import secrets
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONCE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from .admin_settings import unfold
from .environment import Env

env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env("DATA_DIR", default=str(BASE_DIR / "data"))).resolve()

# The embedded default is "nobody said which database": one machine, one folder, one command.
EMBEDDED = not env("DATABASE_URL", default="")


def _embedded_secret(name: str) -> str:
    """A random secret kept in DATA_DIR, made on first use and readable by its owner only."""
    path = DATA_DIR / name
    if not path.exists():
        try:
            DATA_DIR.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ImproperlyConfigured(f"DATA_DIR={DATA_DIR} cannot be made: {error.strerror}.") from error
        if not os.access(DATA_DIR, os.W_OK):
            raise ImproperlyConfigured(f"DATA_DIR={DATA_DIR} cannot be written to by this user.")
        # O_EXCL through a private temporary name: two processes that start together agree on one secret.
        candidate = DATA_DIR / f".{name}.{secrets.token_hex(4)}"
        candidate.touch(mode=0o600)
        candidate.write_text(secrets.token_urlsafe(48))
        try:
            path.hardlink_to(candidate)
        except FileExistsError:
            pass
        finally:
            candidate.unlink()
    return path.read_text().strip()


SITE_NAME = env("SITE_NAME", default="Glint")
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env("SECRET_KEY", default="") or (_embedded_secret("secret_key") if EMBEDDED else "")
HOST = env("HOST", default="127.0.0.1")  # where the embedded default listens
PORT = env.int("PORT", default=8000)
DEMO = env.choice(
    "DEMO", ("", "0", "1"), default=""
)  # 1 or 0; empty: demo people only where nobody but this machine can reach them
BASE_URL = env.address("BASE_URL", default=f"http://127.0.0.1:{PORT}").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"] if EMBEDDED else [])
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])
COUNTRY_HEADER = env(
    "COUNTRY_HEADER", default=""
)  # in which a trusted proxy says a caller's country: CF-IPCountry
METRICS_FROM = env.list("METRICS_FROM", default=["127.0.0.0/8", "::1/128"])  # who may read /metrics
SERVES_HTTPS = BASE_URL.startswith("https://")

AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "socialapp.urls"
ASGI_APPLICATION = "socialapp.asgi.application"
WSGI_APPLICATION = "socialapp.wsgi.application"

INSTALLED_APPS = [
    "socialapp",
    "privacy",
    "accounts",
    "videos",
    "messaging",
    "analytics",
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "allauth.usersessions",
    "allauth.mfa",
    "axes",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "lucide",
    "csp",
    "django_prometheus",
    "phonenumber_field",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "socialapp.lib.clientip.ClientAddressMiddleware",
    "csp.middleware.CSPMiddleware",
    "socialapp.admin_dashboard.AdminPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "socialapp.lib.errors.ProblemMiddleware",
    "socialapp.limits.LimitsMiddleware",
    "accounts.renames.RenamedPeopleMiddleware",
    "axes.middleware.AxesMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "socialapp.context.site",
                "messaging.context.badges",
                "analytics.context.visit",
            ],
        },
    }
]

# --- Engines -----------------------------------------------------------------------------------------------

DATABASES: dict[str, dict[str, Any]]
if EMBEDDED:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(DATA_DIR / "db.sqlite3"),
            # Tests use a file too: an in-memory database cannot be shared by threads that wait for each other's locks.
            "TEST": {"NAME": str(DATA_DIR / "test.sqlite3")},
            "OPTIONS": {
                # IMMEDIATE takes the write lock at BEGIN, so a transaction waits its turn instead of failing half-way.
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; "
                "PRAGMA cache_size=-16000;",
            },
        }
    }
else:
    DATABASES = {"default": env.db("DATABASE_URL")}
    if DATABASES["default"]["ENGINE"].endswith("postgresql"):
        # A connection per request costs five times a pooled one.
        DATABASES["default"]["OPTIONS"] = {
            "pool": {"min_size": 1, "max_size": env.int("DATABASE_POOL", default=12), "timeout": 10}
        }
        DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True

REDIS_URL = env.address("REDIS_URL", default=f"unix://{DATA_DIR / 'redis.sock'}?db=0")
# Nothing asked of it takes longer than milliseconds, and a page asks several times: one that hangs must not hang pages.
REDIS_OPTIONS = {"socket_timeout": 2, "socket_connect_timeout": 1, "health_check_interval": 30}
CACHES = {
    "default": {
        "BACKEND": "socialapp.lib.cache.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "cache",
        "OPTIONS": REDIS_OPTIONS,
    }
}

# --- Celery: the nudge. The rows in the database are the queue (architecture.md, rule 5). ---------------------
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "videos.tasks.transcode*": {"queue": "media"},
    # Reads gigabytes; nothing that is quick waits behind it.
    "privacy.tasks.build_export": {"queue": "media"},
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    # Of whoever sends a nudge, once more at once; a worker's patience is its own and has no end.
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.1,
}
# A request must not hang on a broker that is away: the sweep finds the row anyway.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"

# --- Files ---------------------------------------------------------------------------------------------------
STORAGE_URL = env.address("STORAGE_URL", default=f"file://{DATA_DIR / 'files'}")
MEDIA_BASE_URL = env.address("MEDIA_BASE_URL", default="").rstrip("/")
# What signs media addresses; a proxy that checks them itself needs the same words. Empty: derived from SECRET_KEY.
MEDIA_SECRET = env("MEDIA_SECRET", default="")
# Work that must be on a local disk: uploads as they arrive and ffmpeg's job folders.
WORK_DIR = DATA_DIR / "work"
STATIC_URL = "/static/"
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(DATA_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(DATA_DIR / "files")},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if STORAGE_URL.startswith("s3://"):
    _s3 = environ.urlparse(STORAGE_URL)
    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "access_key": _s3.username,
            "secret_key": _s3.password,
            "endpoint_url": f"{env.choice('STORAGE_SCHEME', ('https', 'http'), default='https')}://{_s3.hostname}"
            + (f":{_s3.port}" if _s3.port else ""),
            "bucket_name": _s3.path.strip("/"),
            "addressing_style": "path",
        },
    }
elif STORAGE_URL.startswith("file://"):
    STORAGES["default"]["OPTIONS"]["location"] = STORAGE_URL.removeprefix("file://")
WHITENOISE_MAX_AGE = 31_536_000 if not DEBUG else 0

# --- The product's limits ----------------------------------------------------------------------------------
MAX_CLIP_SECONDS = env.int("MAX_CLIP_SECONDS", default=180)
MAX_UPLOAD_MB = env.int("MAX_UPLOAD_MB", default=500)
MINIMUM_AGE = env.int("MINIMUM_AGE", default=13)
INVITE_LIFETIME = timedelta(days=env.int("INVITE_DAYS", default=14))
# Browsers that one invite shows a clip to which is not everybody's: a phone, a desk, the app that asked for a look first.
INVITE_BROWSERS = env.int("INVITE_BROWSERS", default=5)
FFMPEG_BINARY = env("FFMPEG_BINARY", default="")
# A worker that shows no sign of life for this long is taken for dead, and its clip for waiting.
TRANSCODE_LEASE_SECONDS = env.int("TRANSCODE_LEASE_SECONDS", default=30)
# Clips and extras that one machine works on at a time, however many worker processes it has; each keeps two cores busy.
CONVERSIONS_AT_ONCE = env.int("CONVERSIONS_AT_ONCE", default=max(1, (os.cpu_count() or 2) // 2))
# The folder of a faster-whisper model for automatic captions; empty: pocketsphinx, where requirements/captions.txt is installed.
CAPTIONS_MODEL = env("CAPTIONS_MODEL", default="")
# Uploads that are not finished, or not published, are thrown away after this long; the same for a failed clip's original.
UPLOAD_HOURS = env.int("UPLOAD_HOURS", default=48)
UPLOADS_WAITING = env.int("UPLOADS_WAITING", default=20)  # unpublished uploads one person may have at a time
# What the originals and renditions of one person's clips may take, with the uploads they announced; 0 is no limit.
UPLOAD_QUOTA_MB = env.int("UPLOAD_QUOTA_MB", default=0)
# How many events a person may cause; "count/seconds". Read by socialapp.lib.ratelimit.
RATE_LIMITS = {
    "sign_up": "20/3600",
    "follow": "200/3600",
    "answer_requests": "120/3600",
    "tidy_up": "20/3600",  # times that somebody stops following up to a hundred at once
    "comment": "60/300",
    "review": "1200/3600",
    "like": "600/3600",
    "message": "300/60",
    "message_to_stranger": "20/86400",  # and strangers put into groups
    "group": "20/86400",  # groups that somebody starts
    "group_add": "120/3600",  # times that somebody adds people to one
    "picture": "200/3600",  # of messages, uploaded
    "upload": "60/3600",
    "report": "30/3600",
    "push_test": "10/600",  # pushes that a person sends to their own browser
    "share": "120/3600",
    "invite": "20/86400",  # invites that a person makes; counted by their rows
    "invite_open": "120/600",  # invites that are opened
    "edit": "600/3600",  # the editor saves a draft whenever somebody pauses
    "events": "600/60",
    "visit": "600/3600",  # signed visits that an address asks for, or sends events under without being logged in
    "profile": "60/3600",
    "username": "20/3600",  # tries, of which these may succeed:
    "username_change": "3/2592000",
    "avatar": "30/3600",
    "suggest": "300/60",  # tags and people while somebody types
    "text_layer": "240/60",  # pictures of texts while somebody edits
    "download": "60/3600",  # copies with a watermark that must be made
    "captions": "30/3600",  # clips that a model listens to
    "write": "600/60",  # everything else that changes something (socialapp.limits)
    "block": "1200/3600",  # and mute, restrict; a list of 500 people may be brought along
    "appeal": "10/86400",
    "export": "3/86400",  # archives of one's data; each reads everything there is of a person
    # One-time codes and texts: strict, in any stretch of that length (socialapp.lib.caps), and closed while uncounted.
    "code": "5/3600",  # of one kind, a person
    "code_address": "30/3600",
    "code_guess": "15/3600",  # of codes that guard a deed, a person
    "code_try": "3/600",  # of codes that log somebody in or confirm a number, a code
    "log_in": "200/600",  # tries from one address, whether they worked or not
    "log_in_admin": "20/900",  # tries at the admin's own log-in page, a user name
    "mail_to": "10/3600",  # mails that somebody caused without being logged in, to one address
    "mail_address": "60/3600",
    "sms_number": "5/3600",
    "sms_number_day": "10/86400",
    "sms_prefix": "60/3600",  # numbers that differ in their last four digits
    "sms_address": "15/3600",
    "sms_day": "2000/86400",  # the whole site
}
RATE_LIMITS |= {
    name: limit for name, _eq, limit in (pair.partition("=") for pair in env.list("RATE_LIMITS", default=[]))
}

# What one address may cause, in times of what one person may: homes, schools and phone networks share addresses.
ADDRESS_FACTOR = env.int("ADDRESS_FACTOR", default=20)
# What the site holds for a moderator (videos.holds): more than "count" of something within so many "seconds", or "off".
HOLDS = {
    "links": "3/600",  # captions and comments with a link, by one person
    "copies": "2/86400",  # clips whose footage others published first; of removed clips the first copy is held
    "clips_of_new_account": "20/3600",
    "comments_of_new_account": "40/600",
    "repeated": "5/86400",  # strangers to whom one person says much the same first
}
HOLDS |= {name: said for name, _eq, said in (pair.partition("=") for pair in env.list("HOLDS", default=[]))}
NEW_ACCOUNT_HOURS = env.int("NEW_ACCOUNT_HOURS", default=24)

# How often a day (UTC) a promotion is shown to one person, and the most impressions a day that one may ask for.
PROMOTION_CAP_A_DAY = env.int("PROMOTION_CAP_A_DAY", default=2)
PROMOTION_MOST_A_DAY = env.int("PROMOTION_MOST_A_DAY", default=1_000_000)

# --- People: django-allauth ---------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_SIGNUP_REDIRECT_URL = "/welcome/"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email", "phone"}
# An address or a number: accounts.forms asks for one of them.
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "phone", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignupForm"
EMAIL_VERIFICATION = env.choice(
    "EMAIL_VERIFICATION", ("optional", "mandatory"), default="optional" if EMBEDDED else "mandatory"
)
ACCOUNT_EMAIL_VERIFICATION = EMAIL_VERIFICATION
# Where addresses must be confirmed before the first log-in, so must numbers.
ACCOUNT_PHONE_VERIFICATION_ENABLED = EMAIL_VERIFICATION == "mandatory"
_CODE = {"numeric": True, "length": 6, "dashed": False}
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_FORMAT = ACCOUNT_PHONE_VERIFICATION_CODE_FORMAT = _CODE
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = ACCOUNT_PHONE_VERIFICATION_TIMEOUT = 600
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = ACCOUNT_PHONE_VERIFICATION_MAX_ATTEMPTS = 3
ACCOUNT_PHONE_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_USERNAME_VALIDATORS = "accounts.usernames.validators"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_FORMS = {
    "signup": "accounts.log_in_form.SignUpForm",
    "login": "accounts.log_in_form.LogInForm",
    "request_login_code": "accounts.log_in_form.CodeRequestForm",
    "confirm_login_code": "accounts.log_in_form.LogInCodeForm",
    "verify_phone": "accounts.log_in_form.NumberCodeForm",
}
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_CHANGE_EMAIL = True  # one address a person, changed by confirming the new one
ACCOUNT_EMAIL_NOTIFICATIONS = True  # somebody who changes a password or an address is not doing it unnoticed
ACCOUNT_EMAIL_SUBJECT_PREFIX = f"[{SITE_NAME}] "
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SERVES_HTTPS else "http"
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # for a new address or number; an open screen must not be enough
MFA_ADAPTER = "accounts.second_factor.SecondFactorAdapter"
MFA_FORMS = {
    "add_webauthn": "accounts.passkey_forms.AddPasskeyForm",
    "login_webauthn": "accounts.passkey_forms.LogInPasskeyForm",
    "authenticate_webauthn": "accounts.passkey_forms.SecondPasskeyForm",
    "reauthenticate_webauthn": "accounts.passkey_forms.ProvePasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = SITE_NAME
MFA_TOTP_TOLERANCE = 1  # clocks of phones differ by some seconds
# Who has only a number, or has not confirmed the address yet, may protect the account too.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SERVES_HTTPS
HEADLESS_ENABLED = True
HEADLESS_CLIENTS = ("app",)
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SERVES_HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [BASE_URL]
CSRF_FAILURE_VIEW = "socialapp.pages.csrf_failure"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "socialapp.lib.clientip.client_address"
AXES_LOCKOUT_CALLABLE = "socialapp.pages.locked_out"
AXES_USERNAME_CALLABLE = "accounts.adapter.login_name"
AXES_DISABLE_ACCESS_LOG = True  # who logged in when is kept as sessions, not a second time
AXES_VERBOSE = False

EMAIL_CONFIG = env.email("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default=f"{SITE_NAME} <no-reply@localhost>")
SMS_URL = env.address("SMS_URL", default="console://")
# Codes and mails for people who are not logged in leave after the answer, so that its time tells nothing. 0: before it.
SEND_IN_BACKGROUND = env.bool("SEND_IN_BACKGROUND", default=True)

# --- Web push (messaging/vapid.py, push_service.py) ----------------------------------------------------------
# The key that browsers' push services know this site by (RFC 8292), as 32 bytes in base64url. Empty: made on first start
# and kept in DATA_DIR/vapid_private_key. Another key silences every browser until its person comes back to the site.
VAPID_PRIVATE_KEY = env("VAPID_PRIVATE_KEY", default="")
# Whom a push service turns to when our pushes trouble it: mailto: or https:. Empty: BASE_URL, or DEFAULT_FROM_EMAIL.
VAPID_SUBJECT = env("VAPID_SUBJECT", default="") or (
    BASE_URL if SERVES_HTTPS else f"mailto:{parseaddr(DEFAULT_FROM_EMAIL)[1]}"
)
# The only hosts pushes are sent to, because a browser's program names the address; "*." stands for names below.
WEB_PUSH_HOSTS = env.list(
    "WEB_PUSH_HOSTS",
    default=[
        "fcm.googleapis.com",  # Chrome, Edge on Android, Opera, Samsung Internet, Brave
        "*.push.services.mozilla.com",
        "*.push.apple.com",
        "*.notify.windows.com",
    ],
)
PUSHES_AT_ONCE = env.int(
    "PUSHES_AT_ONCE", default=8
)  # answers of push services that one worker waits for at a time

# --- Search (videos/search) ------------------------------------------------------------------------------------
# opensearch://user:password@host:9200/prefix (or opensearch+http://): a cluster beside the database's own index.
SEARCH_URL = env.address("SEARCH_URL", default="")
if SEARCH_URL:
    INSTALLED_APPS += ["modelsearch"]
    _cluster = environ.urlparse(SEARCH_URL)
    MODELSEARCH_BACKENDS = {
        "default": {
            "BACKEND": "modelsearch.backends.opensearch3",
            "URLS": [f"{'http' if _cluster.scheme.endswith('http') else 'https'}://{_cluster.netloc}"],
            "INDEX_PREFIX": f"{_cluster.path.strip('/') or 'glint'}_",
            "TIMEOUT": 2,  # the database answers where the cluster does not
            "AUTO_UPDATE": False,
        }
    }
# A worker brings the index up to date within a second. 0: each search does it first, for tests that read what they wrote.
SEARCH_IN_BACKGROUND = env.bool("SEARCH_IN_BACKGROUND", default=True)

# --- HTTP --------------------------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if SERVES_HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:", *([MEDIA_BASE_URL] if MEDIA_BASE_URL else [])],
        "media-src": [SELF, "blob:", *([MEDIA_BASE_URL] if MEDIA_BASE_URL else [])],
        "connect-src": [SELF],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": [SELF],
        "frame-ancestors": ["'none'"],
    }
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "socialapp.lib.rest.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_THROTTLE_CLASSES": ["socialapp.limits.PersonThrottle"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticatedOrReadOnly"],
    "DEFAULT_RENDERER_CLASSES": ["socialapp.lib.rest.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "socialapp.lib.rest.OrjsonParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "EXCEPTION_HANDLER": "socialapp.lib.rest.exception_handler",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": f"{SITE_NAME} API",
    "DESCRIPTION": "Everything the pages do, as JSON. Authentication: session cookie with CSRF, or X-Session-Token.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "socialapp.error_answers.document_errors",
    ],
    "ENUM_NAME_OVERRIDES": {
        "WhoMay": "privacy.rules.WhoMay",
        "Audience": "privacy.rules.Audience",
        "AnnouncementAudience": "messaging.models.Announcement.Audience",
        "ClipState": "videos.models.Video.State",
        "CommentState": "videos.serializers_comments.STATES",
        "MediaJobState": "videos.models.MediaJob.State",
        "ReportState": "privacy.models.Report.State",
        "ContactKind": "accounts.api_leaving.CONTACTS",
        "ContactChannel": "videos.models.Channel",
        "InviteState": "videos.cards_invites.STATES",
        "InvitationState": "videos.serializers_invites.GONE_OR_MET",
        "ReportTargetType": "privacy.models.Report.Target",
        "ReportReason": "privacy.models.Report.Reason",
        "DecisionAct": "privacy.models.Decision.Act",
        "CaseState": "privacy.models.Case.State",
        "AppealState": "privacy.models.Appeal.State",
        "FeedStance": "videos.models.Preference.Stance",
        "FollowState": "accounts.models.Follow.State",
        "SeatState": "messaging.models.Participant.State",
        "PromotionState": "videos.models.Promotion.State",
        "PromotionReason": "videos.models.Promotion.Reason",
    },
}

# --- The admin ---
UNFOLD = unfold(SITE_NAME)
AXES_ENABLE_ADMIN = False  # its tables are plain; failed log-ins are in the log

# --- Language, time, logs ------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": "socialapp.lib.logs.formatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {
        "handlers": ["console"],
        "level": env.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), default="INFO"),
    },
    "loggers": {
        "django.request": {"level": "ERROR"},
        "axes": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
    },
}
SENTRY_DSN = env("SENTRY_DSN", default="")
if SENTRY_DSN:
    import sentry_sdk

    try:
        sentry_sdk.init(dsn=SENTRY_DSN, send_default_pii=False)
    except ValueError as error:
        raise ImproperlyConfigured(f"SENTRY_DSN cannot be used ({error}).") from None
