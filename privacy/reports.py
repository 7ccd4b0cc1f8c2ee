"""Which things can be reported, and how each is found by somebody who may see it.

Every app registers its own kinds when it is ready (from its receivers.py), because privacy knows none of them:

    from privacy.reports import register_target
    def _video(viewer, target_id):
        video = get_video(viewer, target_id)
        return video.pk, video.author
    register_target("video", _video)

The resolver gets the reporter and the id as the API got it (opaque text) and returns `(id of the row, person who is
responsible for it or None)`; it raises NotFound when the reporter cannot see the thing.
"""

from collections.abc import Callable
from typing import Any

from socialapp.lib.errors import NotFound

Resolver = Callable[[Any, str], tuple[int, Any]]

_resolvers: dict[str, Resolver] = {}


def register_target(target_type: str, resolver: Resolver) -> None:
    """Let things of `target_type` (a value of `Report.Target`) be reported. Registering again replaces."""
    _resolvers[target_type] = resolver


def resolve(viewer: Any, target_type: str, target_id: str) -> tuple[int, Any]:
    """The row's id and the responsible person (None when there is none); raises NotFound for what `viewer` cannot see."""
    resolver = _resolvers.get(target_type)
    if resolver is None:
        raise NotFound()
    return resolver(viewer, target_id)
