"""The environment of a test run, set before Django reads its settings: pytest loads this first (`-p tests.environment`).

A private data folder and a real Redis-protocol server, one of each a worker.
"""

import os
import tempfile
from pathlib import Path

from tests import redis_server

_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
ROOT = Path(tempfile.mkdtemp(prefix=f"glint-test-{_WORKER}-"))
os.environ["DATA_DIR"] = str(ROOT)
os.environ.setdefault("SEND_IN_BACKGROUND", "0")  # a test reads the mail right after the answer
os.environ.setdefault("SEARCH_IN_BACKGROUND", "0")  # a test finds what it wrote
os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 40)

if os.environ.get("TEST_REDIS_URL"):  # a server that runs already (the second run, on the other engines)
    REDIS = None
    os.environ["REDIS_URL"] = f"{os.environ['TEST_REDIS_URL']}/{int(_WORKER.removeprefix('gw')) + 1}"
else:
    REDIS, _url = redis_server.start(ROOT / "redis")
    os.environ["REDIS_URL"] = f"{_url}?db=0"
