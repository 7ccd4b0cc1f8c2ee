"""Tells a disk that takes nothing more from a file that is bad: the one passes by itself, the other never does."""

import errno

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
AWAY = frozenset({errno.EROFS, errno.EIO})  # a disk with errors is often mounted anew for reading only


def takes_nothing(error: BaseException) -> bool:
    """Whether this says that nothing can be written at the moment, whatever it is."""
    return isinstance(error, OSError) and error.errno in FULL | AWAY
