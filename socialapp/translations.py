"""Compiles `.po` catalogues to the `.mo` files that gettext reads, without GNU gettext installed.

The format is gettext's own (its manual, "The Format of GNU MO Files"). Compiled files are never committed.
"""

import ast
import struct
from collections.abc import Iterator
from pathlib import Path

MAGIC = 0x950412DE


def compile_all(folder: Path) -> int:
    """Compile every catalogue below `folder` that is newer than its result; returns how many were."""
    done = 0
    for source in sorted(folder.rglob("*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        written = target.with_suffix(".mo.new")
        written.write_bytes(compiled(dict(messages(source.read_text(encoding="utf-8")))))
        written.replace(target)  # whole or not at all: a process may be reading the old one
        done += 1
    return done


def messages(text: str) -> Iterator[tuple[str, str]]:
    """(key, translation) of each message that is translated and not fuzzy. Raises ValueError with the line's number."""
    entry: dict[str, str] = {}
    current, fuzzy = "", False
    for number, raw in enumerate([*text.splitlines(), ""], 1):
        line = raw.strip()
        keyword, _space, rest = line.partition(" ")
        starts_entry = not line or line.startswith("#") or keyword in ("msgctxt", "msgid")
        if starts_entry and any(name.startswith("msgstr") for name in entry):
            if not fuzzy:
                yield from _message(entry)
            entry, fuzzy = {}, False
        if line.startswith("#,") and "fuzzy" in line:
            fuzzy = True
        if not line or line.startswith("#"):
            continue
        try:
            if line.startswith('"'):
                entry[current] += ast.literal_eval(line)
            else:
                current = keyword
                entry[current] = ast.literal_eval(rest)
        except (SyntaxError, ValueError, KeyError) as error:
            raise ValueError(f"line {number}: {line[:60]}") from error


def _message(entry: dict[str, str]) -> Iterator[tuple[str, str]]:
    key = entry.get("msgid", "")
    if "msgid_plural" in entry:
        forms = [entry[name] for name in sorted(entry) if name.startswith("msgstr[")]
        key, translation = f"{key}\0{entry['msgid_plural']}", "\0".join(forms)
        complete = all(forms)
    else:
        translation = entry.get("msgstr", "")
        complete = bool(translation)
    if "msgctxt" in entry:
        key = f"{entry['msgctxt']}\x04{key}"
    if complete:
        yield key, translation


def compiled(catalogue: dict[str, str]) -> bytes:
    """The bytes of an `.mo` file: two tables of (length, offset), sorted by key, then the zero-ended texts."""
    pairs = sorted((key.encode(), text.encode()) for key, text in catalogue.items())
    start = 7 * 4 + len(pairs) * 16
    keys, texts = b"".join(key + b"\0" for key, _ in pairs), b"".join(text + b"\0" for _, text in pairs)
    tables, offset = [b"", b""], [start, start + len(keys)]
    for pair in pairs:
        for side, text in enumerate(pair):
            tables[side] += struct.pack("<II", len(text), offset[side])
            offset[side] += len(text) + 1
    header = struct.pack("<7I", MAGIC, 0, len(pairs), 28, 28 + len(pairs) * 8, 0, 0)
    return header + tables[0] + tables[1] + keys + texts
