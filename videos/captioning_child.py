"""Understands the words in one sound file and prints each as a line of JSON. Started by videos.captioning in a process of
its own, without network and with limits. Imports nothing of ours.

Usage: captioning_child.py sphinx|whisper <16 kHz mono WAV> <language> <model folder>
"""

import json
import sys
import wave
from collections.abc import Iterator
from typing import Any

FRAMES_A_SECOND = 100  # of pocketsphinx's search
SEGMENT_SECONDS = 20  # longest stretch that is searched at once: the search's cost grows with it


def say(**fact: Any) -> None:
    sys.stdout.write(json.dumps(fact) + "\n")
    sys.stdout.flush()


def speech(path: str) -> Iterator[tuple[float, bytes]]:
    """The stretches in which somebody may be speaking: when each begins (seconds) and its samples."""
    from pocketsphinx import Endpointer

    detector = Endpointer(sample_rate=16_000)
    with wave.open(path) as file:
        began, kept = 0.0, b""
        while True:
            frame = file.readframes(detector.frame_bytes // 2)
            if len(frame) < detector.frame_bytes:
                heard = detector.end_stream(frame) if frame else None
            else:
                heard = detector.process(frame)
            if heard is not None:
                if not kept:
                    began = detector.speech_start
                kept += heard
            ended = not detector.in_speech or len(frame) < detector.frame_bytes
            if kept and (ended or len(kept) > SEGMENT_SECONDS * 32_000):
                yield began, kept
                kept = b""
            if len(frame) < detector.frame_bytes:
                return


def sphinx(path: str, language: str, model: str) -> None:
    from pocketsphinx import Decoder

    decoder = Decoder(loglevel="FATAL")
    for began, samples in speech(path):
        decoder.start_utt()
        decoder.process_raw(samples, full_utt=True)
        decoder.end_utt()
        for part in decoder.seg() or ():
            word = part.word.partition("(")[0]
            if word and word[0] not in "<[+" and word.strip():
                start, end = part.start_frame / FRAMES_A_SECOND, (part.end_frame + 1) / FRAMES_A_SECOND
                say(word=word, start=round(began + start, 3), end=round(began + end, 3))
        say(at=began + len(samples) / 32_000)


def whisper(path: str, language: str, model: str) -> None:
    from faster_whisper import WhisperModel

    loaded = WhisperModel(model, device="cpu", compute_type="int8", cpu_threads=2, local_files_only=True)
    segments, _info = loaded.transcribe(
        path, language=language or None, word_timestamps=True, vad_filter=True
    )
    for segment in segments:
        for part in segment.words or ():
            if part.word.strip():
                say(word=part.word.strip(), start=round(float(part.start), 3), end=round(float(part.end), 3))
        say(at=float(segment.end))


if __name__ == "__main__":
    {"sphinx": sphinx, "whisper": whisper}[sys.argv[1]](*sys.argv[2:5])
