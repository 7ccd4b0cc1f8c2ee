"""Every clip of the corpus really plays in Chromium: as MP4, rendition by rendition, and as HLS, which Chromium speaks itself.

FULL=1 plays all MP4s of each, otherwise the largest and the smallest.
"""

import pytest

from tests.e2e.conftest import chromium  # noqa: F401

from .conftest import EDITED, FULL, TOO_LONG, VALID

pytestmark = [pytest.mark.corpus, pytest.mark.e2e, pytest.mark.xdist_group("corpus")]

CLIPS = [*((name, "") for name in VALID), *EDITED, (TOO_LONG, "trimmed")]
HLS = "application/vnd.apple.mpegurl"
# Plays a little from the start, then from shortly before the end to the end; tells what it saw.
PLAY = """async ([source, kind]) => {
  const video = document.createElement('video')
  video.muted = true
  video.playsInline = true
  document.body.append(video)
  const happens = (name, ms) => new Promise((done, fail) => {
    video.addEventListener(name, done, { once: true })
    const stop = (why) => fail(new Error(`${name}: ${why}; readyState ${video.readyState}, at ${video.currentTime}`))
    video.addEventListener('error', () => stop(`error ${video.error.code} ${video.error.message}`), { once: true })
    setTimeout(() => stop(`not within ${ms} ms`), ms)
  })
  const able = video.canPlayType(kind)
  const ready = happens('loadeddata', 20000)
  video.src = source
  await ready
  const length = video.duration
  const moved = happens('timeupdate', 20000)
  await video.play()
  await moved
  if (length > 1.5) {
    video.pause()
    const there = happens('seeked', 20000)
    video.currentTime = length - 0.6
    video.playbackRate = 2
    await there
    await video.play()
  }
  if (!video.ended) await happens('ended', 20000)
  const seen = { able, length, at: video.currentTime, width: video.videoWidth, height: video.videoHeight,
    frames: video.getVideoPlaybackQuality().totalVideoFrames, sound: video.webkitAudioDecodedByteCount }
  video.removeAttribute('src')
  video.load()
  video.remove()
  return seen
}"""


@pytest.fixture(scope="module")
def tab(chromium, site):  # noqa: F811
    """A page of the site itself, so that its own rules on media hold."""
    page = chromium.new_page()
    page.goto(f"{site.url}/accounts/login/")
    yield page
    page.close()


@pytest.mark.parametrize(("name", "edit"), CLIPS)
def test_it_plays_in_chromium(every, site, tab, name, edit):
    clip = every[name, edit]
    assert clip["state"] == "ready", clip["error"]
    files = clip["playback"]["mp4"]
    for file in files if FULL else {files[0]["url"]: files[0], files[-1]["url"]: files[-1]}.values():
        seen = tab.evaluate(PLAY, [site.url + file["url"], "video/mp4"])
        judge(seen, clip, file["url"])
        assert seen["height"] == file["height"]
    seen = tab.evaluate(PLAY, [site.url + clip["playback"]["hls"], HLS])
    assert seen["able"], "this Chromium does not speak HLS"
    judge(seen, clip, "HLS")


def judge(seen, clip, what):
    assert seen["length"] == pytest.approx(clip["duration"], abs=0.1), what
    assert seen["length"] - 0.1 < seen["at"] < seen["length"] + 0.2, (
        what
    )  # its sound may go on after the picture
    assert seen["frames"] > 0, what
    assert (seen["height"] > seen["width"]) == (clip["height"] > clip["width"]), what
