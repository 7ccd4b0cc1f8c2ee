"""`python -m tests`: the whole suite on the embedded engines, then what depends on engines on PostgreSQL and Redis.

Arguments go to both pytest runs. Fails if either failed; a second run in which nothing was selected is not a failure.
"""

import os
import subprocess
import sys
import tempfile

from tests.stack import servers

NOTHING_COLLECTED = 5


def pytest(arguments, **environment):
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.run(command, env={**os.environ, **environment}, stdin=subprocess.DEVNULL).returncode


def workers():
    """Two processes where there are two cores; more would only fight over ffmpeg and the browser."""
    return ["-n", "2", "--dist", "loadgroup"] if (os.cpu_count() or 1) > 1 else []


def main():
    with tempfile.TemporaryDirectory(prefix="glint-prepared-") as prepared:
        os.environ["PREPARED_SITE"] = f"{prepared}/site"
        return run(sys.argv[1:])


def run(given):
    """Both runs with these arguments; the exit code of the worse."""
    print("— the whole suite: SQLite and the embedded Redis-protocol server —", flush=True)
    embedded = pytest([*workers(), *given])
    if not (servers.postgres_programs() and servers.has_redis()):
        print("— PostgreSQL is not installed here, so nothing was run on it —", flush=True)
        return embedded
    if embedded:
        print(f"— the first run ended with {embedded}; see above —", flush=True)
    print("— again on PostgreSQL and Redis: what depends on them —", flush=True)
    with (
        tempfile.TemporaryDirectory(prefix="glint-engines-") as folder,
        servers.postgres(folder) as database,
        servers.redis_server(folder) as broker,
    ):
        engines = pytest(
            [*workers(), "-m", "engines", *given],
            DATABASE_URL=database,
            TEST_REDIS_URL=broker,
            ALLOWED_HOSTS="127.0.0.1,localhost",  # the rest as in the embedded default
            EMAIL_VERIFICATION="optional",
        )
    if engines == NOTHING_COLLECTED and not embedded:
        return 0
    return embedded or engines


if __name__ == "__main__":
    sys.exit(main())
