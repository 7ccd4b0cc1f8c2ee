"""The index in an OpenSearch cluster instead of the database, where SEARCH_URL names one. Without it nothing here acts."""

from collections.abc import Sequence

from ..models import SearchDocument


def follow(kept: Sequence[SearchDocument], gone: Sequence[SearchDocument]) -> None:
    """Tell the cluster what changed."""


def reset() -> None:
    """Empty the cluster's index."""
