"""A data folder as a site's first start leaves it, with tables and page files, for tests of what comes after a first start.

Made once a test run, by whichever worker is first: it takes longer than all the rest of a start.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests import environment

ROOT = Path(__file__).resolve().parents[2]
# `python -m tests` gives its workers one folder for this.
FOLDER = Path(os.environ.get("PREPARED_SITE") or environment.ROOT / "prepared")
MAKE = "from socialapp import preparation as p; p.compile_translations(), p.migrate(), p.collect_static()"


def copy_to(data):
    """Fill the folder `data`, which is empty or not there yet."""
    with FOLDER.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not FOLDER.exists():
            making = FOLDER.with_suffix(".making")
            # Nothing of this test run's settings: the defaults are what sites start with.
            kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
            subprocess.run(
                [sys.executable, "manage.py", "shell", "-v", "0", "-c", MAKE],
                cwd=ROOT,
                env={**kept, "DATA_DIR": str(making)},
                stdin=subprocess.DEVNULL,
                check=True,
            )
            making.rename(FOLDER)
    shutil.copytree(FOLDER, data, dirs_exist_ok=True, ignore=shutil.ignore_patterns("secret_key"))
