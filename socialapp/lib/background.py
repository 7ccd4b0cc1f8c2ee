"""Work that an answer must not wait for, because how long it took would tell something. Lost when the process ends:
what must happen is a row (docs/where-things-go.md), this is for what a person asks for again.
"""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings

from .errors import Problem

log = logging.getLogger(__name__)
_threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="background")


def run(work: Callable[..., Any], *args: Any) -> None:
    """Call `work(*args)` soon, elsewhere; what goes wrong is a line in the log. `work` touches no database."""
    if settings.SEND_IN_BACKGROUND:
        _threads.submit(_logged, work, args)
    else:
        _logged(work, args)


def _logged(work: Callable[..., Any], args: tuple[Any, ...]) -> None:
    try:
        work(*args)
    except Problem as problem:
        log.error("%s failed in the background: %s", work.__name__, problem.code)
    except Exception as error:  # a thread has nobody above it to tell
        log.error("%s failed in the background: %s", work.__name__, type(error).__name__, exc_info=error)
