"""The scenes and the music of the demo: worth looking at, the same every time, without clipping."""

import hashlib

import numpy as np
import pytest

from socialapp.demo import sound
from socialapp.demo.catalogue import CLIPS, scene_of

by_slug = pytest.mark.parametrize("clip", CLIPS, ids=lambda clip: clip.slug)


def test_there_are_enough_clips_of_enough_people_and_kinds():
    assert len(CLIPS) >= 24
    assert sum(clip.audience == "public" for clip in CLIPS) >= 24
    assert len({clip.author for clip in CLIPS}) >= 14
    assert len({clip.scene for clip in CLIPS}) >= 24
    assert len({clip.slug for clip in CLIPS}) == len(CLIPS)
    assert all(5 <= clip.seconds <= 9 for clip in CLIPS)


def test_the_first_six_come_from_six_people():
    assert len({clip.author for clip in CLIPS[:6]}) == 6


@by_slug
def test_a_scene_moves_and_is_not_flat(clip):
    frames = list(scene_of(clip, 12))
    assert len(frames) == 12
    for frame in frames:
        assert frame.dtype == np.uint8
        assert abs(frame.shape[1] / frame.shape[0] - 9 / 16) < 0.01
        assert frame.std() > 8
    assert any(np.abs(frames[0].astype(int) - frame).mean() > 0.2 for frame in frames[1:])


@pytest.mark.parametrize("clip", CLIPS[:8], ids=lambda clip: clip.slug)
def test_a_scene_is_the_same_every_time(clip):
    first, second = (
        hashlib.sha256(b"".join(f.tobytes() for f in scene_of(clip, 2))).digest() for _ in range(2)
    )
    assert first == second


def test_every_music_is_as_loud_as_the_others_and_never_clips():
    centroids = []
    for clip in {clip.music[0]: clip for clip in CLIPS}.values():
        made = sound.compose(*clip.music, clip.beats, clip.seed)
        assert np.isfinite(made).all()
        assert abs(made.shape[1] / sound.RATE - clip.seconds) < 0.05
        assert np.abs(made).max() < 10 ** (-1 / 20)
        assert abs(sound.loudness(made) + 16) < 0.8
        power = np.abs(np.fft.rfft(made.mean(0))) ** 2
        centroids.append((power * np.fft.rfftfreq(made.shape[1], 1 / sound.RATE)).sum() / power.sum())
    assert max(centroids) > 3 * min(centroids)  # not one timbre for all


def test_the_loudness_meter_reads_the_reference_tone():
    """EBU Tech 3341, case 1: a stereo sine of 1 kHz at −23 dBFS reads −23 LUFS."""
    t = np.arange(sound.RATE * 3) / sound.RATE
    tone = np.sin(2 * np.pi * 1000 * t) * 10 ** (-23 / 20)
    assert abs(sound.loudness(np.stack([tone, tone]).astype(np.float32)) + 23) < 0.2
