"""Where a For You session stands, as the cursor that a page hands on."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from socialapp.lib.errors import Invalid
from socialapp.lib.pagination import decode_cursor, encode_cursor

from .candidates import COLUMNS

STAGES = ("blend", "rest", "own")


@dataclass(frozen=True)
class Position:
    """Where a For You session stands: the last candidate consumed of each stream, and whose clip came last.

    `stage` is "blend"; when the streams are dry "rest", everything else that is visible; then "own", one's own clips.
    """

    session: str
    page: int = 0
    stage: str = "blend"
    last_author: int = 0
    after: dict[str, tuple[Any, int]] = field(default_factory=dict)

    def cursor(self) -> str:
        """Opaque text; the session's seen clips stay in Redis under `session`."""
        values: list[Any] = [self.session, self.page, self.stage, self.last_author]
        for name in COLUMNS:
            values += self.after.get(name, ("", 0))
        return encode_cursor(values)

    @classmethod
    def parse(cls, cursor: str) -> "Position":
        """The position of a cursor made by `cursor`; Invalid for anything else."""
        values = decode_cursor(cursor, 4 + 2 * len(COLUMNS))
        session, page, stage, last_author = values[:4]
        after = {}
        valid = isinstance(session, str) and len(session) <= 32 and session.isascii() and stage in STAGES
        valid = valid and type(page) is int and type(last_author) is int
        for index, (name, (_column, kind)) in enumerate(COLUMNS.items()):
            value, pk = values[4 + 2 * index : 6 + 2 * index]
            valid = valid and type(pk) is int
            if value != "":
                valid = (
                    valid
                    and isinstance(value, kind)
                    and not (isinstance(value, datetime) and value.tzinfo is None)
                )
                after[name] = (value, pk)
        if not valid:
            raise Invalid(
                _("This link to the next page is not valid. Start from the first page."), code="bad_cursor"
            )
        return cls(session, page, stage, last_author, after)
