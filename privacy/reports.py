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

from .models import Report

Resolver = Callable[[Any, str], tuple[int, Any]]
# keep(reporter, report, the id as it came, the parts that were named)
Keep = Callable[[Any, Report, str, list[str]], None]

_resolvers: dict[str, Resolver] = {}
_keeps: dict[str, Keep] = {}


def register_target(target_type: str, resolver: Resolver, keep: Keep | None = None) -> None:
    """Let things of `target_type` (a value of `Report.Target`) be reported. Registering again replaces.

    `keep` writes down which parts of a thing moderators may see, in the transaction of the report.
    """
    _resolvers[target_type] = resolver
    if keep is not None:
        _keeps[target_type] = keep


def keep_parts(viewer: Any, report: Report, target_id: str, parts: list[str]) -> None:
    """Write down what of the reported thing the report reveals, where its kind has parts."""
    keep = _keeps.get(report.target_type)
    if keep is not None:
        keep(viewer, report, target_id, parts)


def resolve(viewer: Any, target_type: str, target_id: str) -> tuple[int, Any]:
    """The row's id and the responsible person (None when there is none); raises NotFound for what `viewer` cannot see."""
    resolver = _resolvers.get(target_type)
    if resolver is None:
        raise NotFound()
    return resolver(viewer, target_id)
