"""Uploads that try to make a media program fetch something: every way that a container or a playlist can name another file."""

import struct
from collections.abc import Callable
from pathlib import Path

from tests.videos.clips import clip

from .canaries import WORDS, Canaries
from .mutations import EXACT, H264, NESTED, SMALL, whole


def traps(canaries: Canaries) -> dict[str, bytes]:
    """Name → bytes. Each names the port, the file beside the upload, or the file far away."""
    goals = {
        "http": canaries.url,
        "beside": canaries.beside.name,
        "far": str(canaries.far),
        "file-far": f"file://{canaries.far}",
    }
    made: dict[str, bytes] = {}
    for goal, address in goals.items():
        for name, script in SCRIPTS.items():
            made[f"{name}, {goal}"] = script(address).encode()
        made[f"QuickTime reference movie, {goal}"] = reference_movie(address)
        made[f"MP4 whose samples lie in another file, {goal}"] = elsewhere(url_entry(address))
    made["MP4 whose samples lie in an aliased file"] = elsewhere(alias_entry(canaries.far, 0))
    made["MP4 whose samples lie in an aliased file beside"] = elsewhere(alias_entry(canaries.beside, 1))
    for name, address in CHAINED.items():
        text = address.format(
            url=canaries.url, port=canaries.port, far=canaries.far, beside=canaries.beside.name
        )
        made[f"HLS, {name}"] = hls(text).encode()
    made["HLS behind a byte order mark"] = b"\xef\xbb\xbf\r\n \t" + hls(canaries.url).encode()
    made["HLS behind an MP4's first box"] = struct.pack(">I4s", 8, b"free") + hls(canaries.url).encode()
    made["HLS in an MP4's first box"] = _box(b"free", hls(canaries.url).encode()) + whole("mp4")
    made["HLS behind a transport stream"] = whole("ts")[: 188 * 40] + hls(canaries.url).encode()
    made["HLS as an AVI's subtitles"] = with_subtitles(whole("avi"), hls(str(canaries.far)).encode())
    made["Matroska that continues in another file"] = linked(whole("mkv"), canaries.beside.name)
    return made


# --- Text -----------------------------------------------------------------------------------------------------------


def hls(address: str) -> str:
    return f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10.0,\n{address}\n#EXT-X-ENDLIST\n"


def _hls_master(address: str) -> str:
    return f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{address}\n"


def _hls_key(address: str) -> str:
    key = f'#EXT-X-KEY:METHOD=AES-128,URI="{address}"\n#EXT-X-MAP:URI="{address}"'
    return f"#EXTM3U\n{key}\n#EXTINF:1,\n{address}\n#EXT-X-ENDLIST\n"


def _ffconcat(address: str) -> str:
    return f"ffconcat version 1.0\nfile '{address}'\nduration 1\n"


def _dash(address: str) -> str:
    return (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT5S">'
        f'<Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>{address}</BaseURL>'
        "</Representation></AdaptationSet></Period></MPD>"
    )


def _svg(address: str) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="64" height="64">'
        f'<image xlink:href="{address}" width="64" height="64"/></svg>'
    )


SCRIPTS: dict[str, Callable[[str], str]] = {
    "HLS": hls,
    "HLS master": _hls_master,
    "HLS key and map": _hls_key,
    "ffconcat": _ffconcat,
    "concat without its first line": lambda address: f"file '{address}'\n",
    "DASH": _dash,
    "SVG": _svg,
    "PLS": lambda address: f"[playlist]\nFile1={address}\nNumberOfEntries=1\n",
    "ASX": lambda address: f'<asx version="3.0"><entry><ref href="{address}"/></entry></asx>',
    "SMIL": lambda address: f'<smil><body><video src="{address}"/></body></smil>',
    "QuickTime link": lambda address: (
        f'<?xml version="1.0"?><?quicktime type="application/x-quicktime-media-link"?><embed src="{address}"/>'
    ),
    "RTSP redirect": lambda address: f"RTSPtext\r\n{address}\r\n",
    "SDP": lambda address: (
        f"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nu={address}\nm=video 9 RTP/AVP 96\n"
    ),
    "AviSynth": lambda address: f'DirectShowSource("{address}")\n',
}
# Protocols of ffmpeg that wrap others.
CHAINED = {
    "concat:": "concat:{far}|{url}",
    "subfile": "subfile,,start,0,end,32,,:{far}",
    "crypto": "crypto+{url}",
    "async": "async:{url}",
    "cache": "cache:{url}",
    "httpproxy": "httpproxy://127.0.0.1:{port}/x",
    "tcp": "tcp://127.0.0.1:{port}",
    "tls": "https://127.0.0.1:{port}/",
    "ftp": "ftp://127.0.0.1:{port}/canary",
    "rtmp": "rtmp://127.0.0.1:{port}/a/b",
    "rtsp": "rtsp://127.0.0.1:{port}/a",
    "gopher": "gopher://127.0.0.1:{port}/_a",
    "parent folder": "../uploads/{beside}",
}


# --- Boxes ----------------------------------------------------------------------------------------------------------


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body


def url_entry(address: str) -> bytes:
    """A data reference to a URL (ISO/IEC 14496-12, 8.7.2): flags 0, so not this file."""
    return _box(b"url ", b"\0\0\0\0" + address.encode() + b"\0")


def alias_entry(path: Path, levels: int) -> bytes:
    """A data reference by a Macintosh alias record, as QuickTime writes them and ffmpeg can follow them.

    `levels` is how many folders the two files share from the end, 0 for an absolute path.
    """
    volume, name = b"Macintosh HD", path.name.encode()
    folders = str(path).encode()
    record = b"\0" * 10 + bytes([len(volume)]) + volume.ljust(27, b"\0") + b"\0" * 12
    record += bytes([len(name)]) + name.ljust(63, b"\0") + b"\0" * 16
    record += struct.pack(">hh", levels, levels) + b"\0" * 16
    mac = volume + folders.replace(b"/", b":")
    record += struct.pack(">hH", 2, len(mac)) + mac + b"\0" * (len(mac) % 2)
    record += struct.pack(">hH", 18, len(folders)) + folders + b"\0" * (len(folders) % 2)
    return _box(b"alis", b"\0\0\0\0" + record + struct.pack(">hH", -1, 0))


def elsewhere(entry: bytes) -> bytes:
    """A clip whose tracks point to another file for their samples."""

    def refer(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">II", 0, 1) + entry if kind == b"dref" else body

    return _rebuilt(whole("mp4"), refer)  # its moov comes last, so no offset changes


def reference_movie(address: str) -> bytes:
    """A QuickTime movie that is only a pointer (rmra, rmda, rdrf)."""
    pointer = _box(b"rdrf", struct.pack(">I4sI", 0, b"url ", len(address) + 1) + address.encode() + b"\0")
    return _box(b"ftyp", b"qt  \0\0\0\0qt  ") + _box(b"moov", _box(b"rmra", _box(b"rmda", pointer)))


def _rebuilt(data: bytes, change: Callable[[bytes, bytes], bytes]) -> bytes:
    made, at = b"", 0
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        size = size or len(data) - at
        body = data[at + 8 : at + size]
        made += _box(kind, _rebuilt(body, change) if kind in NESTED else change(kind, body))
        at += size
    return made


def with_subtitles(avi: bytes, text: bytes) -> bytes:
    """An AVI whose sound track says that it is subtitles in a file of their own (GAB2)."""
    changed = bytearray(avi.replace(b"auds", b"txts", 1))
    payload = b"GAB2\0" + struct.pack("<HIHHI", 2, 2, 0, 4, len(text)) + text
    at = changed.find(b"01wb", changed.find(b"movi"))
    while 0 <= at < len(changed) - 8:
        (size,) = struct.unpack_from("<I", changed, at + 4)
        if size >= len(payload):
            changed[at + 8 : at + 8 + size] = payload.ljust(size, b"\n")
        at = changed.find(b"01wb", at + 8 + size)
    return bytes(changed)


def linked(mkv: bytes, name: str) -> bytes:
    """A Matroska file whose segment names the file that it continues in (NextFilename), in its Info element."""
    info = mkv.find(b"\x15\x49\xa9\x66")
    length_at = info + 4
    width = 8 - mkv[length_at].bit_length() + 1
    size = int.from_bytes(mkv[length_at : length_at + width], "big") & ((1 << (7 * width)) - 1)
    element = b"\x3e\x83\xbb" + bytes([0x80 | len(name)]) + name.encode()
    body = mkv[length_at + width : length_at + width + size]
    grown = (len(body) + len(element)) | 1 << 56
    return mkv[:info] + mkv[info : info + 4] + grown.to_bytes(8, "big") + body + element


def clip_with_subtitles_and_data(folder: Path) -> bytes:
    """An ordinary clip that also carries subtitles with the canary's words."""
    words = folder / "words.srt"
    words.write_text(f"1\n00:00:00,000 --> 00:00:01,400\n{WORDS.decode()}\n")
    made = clip(
        "subtitled.mkv",
        **SMALL,
        video=(*("-i", str(words), "-map", "0:v", "-map", "1:a", "-map", "2:s", "-c:s", "ass"), *H264),
        extra=(*EXACT, "-attach", str(words), "-metadata:s:t", "mimetype=application/x-truetype-font"),
    )
    assert WORDS in made.read_bytes()
    return made.read_bytes()
