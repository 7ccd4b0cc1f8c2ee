"""A flusher that comes back the moment it was killed: `python -m tests.reliability.flusher PIDFILE`.

Django is set up once, here; the one that flushes is a child of it and writes its number into the file.
"""

import os
import sys
import time
from pathlib import Path

import django


def flush_for_ever():
    from analytics import rollups

    while True:
        if not rollups.flush(limit=1):
            time.sleep(0.02)


def main(told):
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "socialapp.settings")
    django.setup()
    while True:
        child = os.fork()
        if not child:
            told.with_suffix(".new").write_text(str(os.getpid()))
            told.with_suffix(".new").rename(told)
            flush_for_ever()
        os.waitpid(child, 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
