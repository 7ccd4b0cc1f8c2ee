"""Where a For You session stands, as the cursor that a page hands on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from socialapp.lib.errors import Invalid
from socialapp.lib.pagination import decode_cursor, encode_cursor

# "blend": clips the viewer never watched, composed; "again": watched ones as well; "newest": everybody's by time; then "rest",
# whatever else is visible; "own", one's own clips.
STAGES = ("blend", "again", "newest", "rest", "own")


@dataclass(frozen=True)
class Position:
    """What the session showed stays in Redis under `session`; `after` is the last row of the stages that go by time."""

    session: str
    page: int = 0
    stage: str = "blend"
    last_author: int = 0
    after: tuple[datetime, int] | None = None

    def cursor(self) -> str:
        """Opaque text."""
        values: list[Any] = [self.session, self.page, self.stage, self.last_author]
        return encode_cursor([*values, *(self.after or ("", 0))])

    @classmethod
    def parse(cls, cursor: str) -> "Position":
        """The position of a cursor made by `cursor`; Invalid for anything else."""
        session, page, stage, last_author, value, pk = decode_cursor(cursor, 6)
        valid = isinstance(session, str) and len(session) <= 32 and session.isascii() and stage in STAGES
        valid = valid and type(page) is int and 0 <= page < 2**31
        valid = valid and type(last_author) is int and type(pk) is int
        valid = valid and (value == "" or (isinstance(value, datetime) and value.tzinfo is not None))
        if not valid:
            raise Invalid(
                _("This link to the next page is not valid. Start from the first page."), code="bad_cursor"
            )
        return cls(session, page, stage, last_author, None if value == "" else (value, pk))
