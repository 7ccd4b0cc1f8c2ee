"""What must be done once before the site serves: translations, tables, page files, keys, the admin. Each is safe to repeat.

`manage.py up` and `manage.py prepare` call these in this order.
"""

import contextlib
import hashlib
import secrets
import time
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from messaging import vapid

from . import translations

ADMIN = "admin"
# The last commit with each migration of the first version by itself.
BEFORE_THE_FOLD = "8eddef1"


def compile_translations() -> int:
    """Catalogues compiled now; 0 when all were in step."""
    return sum(
        translations.compile_all(Path(folder)) for folder in settings.LOCALE_PATHS if Path(folder).is_dir()
    )


def migrate() -> int:
    """Migrations applied now; 0 when the tables were in step. CommandError when they are older than what was folded."""
    executor = MigrationExecutor(connection)
    for folded in executor.loader.replacements.values():
        applied = [key in executor.loader.applied_migrations for key in folded.replaces]
        if any(applied) and not all(applied):
            raise CommandError(
                f"The tables of {folded.app_label} are those of an older version, from which this one cannot go on. "
                f"Start version {BEFORE_THE_FOLD} once, then this one: nothing was changed."
            )
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if waiting:
        call_command("migrate", verbosity=0, interactive=False)
    else:
        executor.check_replacements()  # `migrate` does it, too: what was folded is known by its new name
    return waiting


def wait_for_tables() -> None:
    """Returns when another process has made the tables."""
    while not _has_tables():
        time.sleep(0.2)


def _has_tables() -> bool:
    try:
        executor = MigrationExecutor(connection)
    except OperationalError:  # the other one is making the database itself
        return False
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def collect_static() -> int:
    """Page files gathered and compressed now; 0 when no source changed since the last time."""
    files = [(storage, name) for finder in get_finders() for name, storage in finder.list(None)]
    digest = hashlib.sha256()
    for storage, name in files:
        state = Path(storage.path(name)).stat()
        digest.update(f"{name}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    stamp = Path(settings.STATIC_ROOT) / ".sources"
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return 0
    call_command("collectstatic", verbosity=0, interactive=False)
    stamp.write_text(digest.hexdigest())
    return len(files)


def ensure_bucket() -> bool:
    """Makes the object store's bucket if there is none; whether it did. Nothing to do for a folder."""
    if not settings.STORAGE_URL.startswith("s3://"):
        return False
    client = default_storage.connection.meta.client  # type: ignore[attr-defined]
    name = default_storage.bucket_name  # type: ignore[attr-defined]
    try:
        client.head_bucket(Bucket=name)
    except client.exceptions.ClientError as error:
        if error.response["Error"]["Code"] not in ("404", "NoSuchBucket"):
            raise
        client.create_bucket(Bucket=name)
        return True
    return False


def ensure_push_key() -> bool:
    """Makes the key that browsers' push services know this site by, if there is none; whether it did."""
    return vapid.ensure_key()


def ensure_admin() -> tuple[str | None, bool]:
    """The admin's password and whether it was made now. None: an admin exists whose password only they know."""
    people = get_user_model()
    kept = settings.DATA_DIR / "admin_password"
    admin = people._default_manager.filter(username=ADMIN).first()
    if admin is not None:
        password = kept.read_text().strip() if kept.exists() else ""
        return (password, False) if password and admin.check_password(password) else (None, False)
    password = secrets.token_urlsafe(12)
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        kept.unlink()
    kept.touch(mode=0o600)
    kept.write_text(password + "\n")
    people._default_manager.create_superuser(ADMIN, f"{ADMIN}@localhost.localdomain", password)
    return password, True
