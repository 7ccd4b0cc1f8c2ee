"""How many different people: HyperLogLog sketches of a day, merged over any days (Flajolet et al. 2007; datasketches' HLL).

A sketch holds no person. Theirs goes in by a keyed hash, so that nobody without SECRET_KEY can ask a sketch for one; when
that key changes, everybody counts as new from that day on. 16,384 registers: 0.8 % standard error, up to 8 kB a day.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from datasketches import hll_sketch, hll_union, tgt_hll_type
from django.conf import settings

from socialapp.lib import rows

from .models import Sketch

LG_K = 14
# Kind of sketch, what it is of, the day.
Key = tuple[int, int, date]


def fingerprint(who: int | str) -> int:
    """64 bits for a person's id or a visit's session."""
    return fingerprints([who])[who]


def fingerprints(people: Iterable[int | str]) -> dict[int | str, int]:
    """The same for many."""
    key = hashlib.blake2b(settings.SECRET_KEY.encode(), digest_size=32, person=b"uniques").digest()
    return {who: _with(key, who) for who in people}


def _with(key: bytes, who: int | str) -> int:
    kind = b"person" if isinstance(who, int) else b"visit"
    digest = hashlib.blake2b(str(who).encode(), digest_size=8, key=key, person=kind).digest()
    return int.from_bytes(digest, "little", signed=True)


def add(found: Mapping[Key, tuple[int | None, set[int]]]) -> None:
    """Put fingerprints into the sketches of these keys, each with its creator (none for the site's). In the caller's
    transaction; 3 queries for each kind and day at most.

    Rows are made first and locked in the order of their keys, so that two writers at once neither deadlock nor lose a person.
    """
    if not found:
        return
    rows.make_missing(
        Sketch,
        ("kind", "subject", "day", "creator_id"),
        [(*key, creator) for key, (creator, _people) in found.items()],
        empty=b"",
        unique=("kind", "subject", "day"),
    )
    by_group: dict[tuple[int, date], list[int]] = defaultdict(list)
    for kind, subject, day in sorted(found):
        by_group[kind, day].append(subject)
    fresh = []
    for (kind, day), subjects in sorted(by_group.items()):
        held = Sketch.objects.select_for_update().filter(kind=kind, day=day, subject__in=subjects)
        for pk, subject, registers in held.order_by("subject").values_list("pk", "subject", "registers"):
            sketch = _read(registers)
            for person in found[kind, subject, day][1]:
                sketch.update(person)
            fresh.append((pk, sketch.serialize_compact()))
    rows.replace(Sketch, ("registers",), fresh)


def _read(registers: bytes | memoryview) -> hll_sketch:
    return hll_sketch.deserialize(bytes(registers)) if registers else hll_sketch(LG_K, tgt_hll_type.HLL_4)


def merged(kind: int, subjects: Iterable[int], first: date, last: date) -> dict[int, int]:
    """About how many different people there were for each subject from `first` to `last`, both included.

    One query; a sketch of at most 8 kB a subject and day is read, however many events there were. Subjects without anybody
    are 0.
    """
    unions: dict[int, hll_union] = {subject: hll_union(LG_K) for subject in subjects}
    held = Sketch.objects.filter(kind=kind, subject__in=list(unions), day__gte=first, day__lte=last)
    for subject, registers in held.values_list("subject", "registers").iterator():
        if registers:
            unions[subject].update(_read(registers))
    return {subject: round(union.get_estimate()) for subject, union in unions.items()}
