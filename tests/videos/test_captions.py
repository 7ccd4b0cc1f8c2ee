"""Captions: strict WebVTT in, nothing but cues out, files that follow their rows, and who may read or write them."""

import pytest
from django.core.files.storage import default_storage
from hypothesis import given, settings
from hypothesis import strategies as st

from socialapp.lib.errors import Invalid
from videos import actions, captions, media
from videos.captions import Cue
from videos.models import Captions, MediaJob, Transcode, Video

from .clips import clip

VTT = "WEBVTT\n\n00:00.000 --> 00:00.400\nHello\n\n00:00.400 --> 00:00.900\nWorld\n"


def parse(text, duration_ms=60_000):
    return captions.parse(text, duration_ms=duration_ms)


# --- Reading ------------------------------------------------------------------------------------------------------------


def test_cues_are_read_with_their_times_in_order():
    text = (
        "\ufeffWEBVTT - a title\r\nKind: captions\r\n\r\n2\r\n00:00:05.000 --> 00:00:06.500 align:start line:0\r\nlater\r\n\r\n"
        "1\r\n00:01.000 --> 00:02.250\r\nfirst\r\nsecond line\r\n"
    )
    assert parse(text) == [Cue(1000, 2250, "first\nsecond line"), Cue(5000, 6500, "later")]


def test_everything_but_words_is_dropped():
    text = (
        "WEBVTT\n\nSTYLE\n::cue { background: url(https://evil.example/) }\n\nREGION\nid:x width:100%\n\n"
        "NOTE nobody reads\nthis\n\n00:00.000 --> 00:01.000\n<v Bob><c.red>Hi</c> <00:00.500><i>there</i> "
        "&amp; &lt;b&gt; 1 < 2 &nbsp;x\n\n00:01.000 --> 00:02.000\n<b></b>\n"
    )
    assert [cue.text for cue in parse(text)] == ["Hi there & <b> 1"]
    assert "STYLE" not in captions.write(parse(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1\n00:00.000 --> 00:01.000\nHello",
        "WEBVTTX\n\n00:00.000 --> 00:01.000\nHello",
        "WEBVTT\n\n",
        "WEBVTT\n\nNOTE only\n",
        "WEBVTT\n\n00:00,000 --> 00:01,000\nHello",
        "WEBVTT\n\n00:00.000-->00:01.000\nHello",
        "WEBVTT\n\n00:00.000 --> 00:61.000\nHello",
        "WEBVTT\n\n00:02.000 --> 00:01.000\nHello",
        "WEBVTT\n\n00:01.000 --> 00:01.000\nHello",
        "WEBVTT\n\nan id\nHello",
        "WEBVTT\n\nonly words",
        "WEBVTT\n\n01:01.000 --> 01:02.000\nafter the end",
        "WEBVTT\n\n00:01.000 --> 01:02.000\nreaches past the end",
        "WEBVTT\n\n00:01.000 --> 00:02.000\n" + "x" * 501,
        "WEBVTT\n\n" + "00:01.000 --> 00:02.000\nx\n\n" * 4,
        "WEBVTT\n\n" + "00:01.000 --> 00:01.001\nx\n\n" * 2001,
        "WEBVTT\n\nNOTE " + "x" * 200_000,
    ],
)
def test_what_is_not_webvtt_or_too_much_is_refused_with_a_sentence(text):
    with pytest.raises(Invalid) as refused:
        parse(text)
    assert refused.value.code == "bad_captions"
    assert str(refused.value.fields["vtt"])


def test_the_wrong_line_is_named():
    with pytest.raises(Invalid) as refused:
        parse("WEBVTT\n\n00:00.000 --> 00:01.000\nfine\n\nthird\n00:00.000 -> 00:01.000\nnot\n")
    assert "Line 7" in str(refused.value.message)


def test_a_last_cue_may_reach_a_little_past_the_end():
    assert parse("WEBVTT\n\n00:00.500 --> 00:01.400\nx", 1000) == [Cue(500, 1000, "x")]


def test_three_at_once_are_fine():
    assert len(parse("WEBVTT\n\n" + "00:01.000 --> 00:02.000\nx\n\n" * 3)) == 3


words = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)


@given(st.lists(st.tuples(st.integers(0, 50_000), st.integers(1, 900), words), min_size=1, max_size=20))
@settings(max_examples=150, deadline=None)
def test_what_was_written_reads_as_the_same_cues(rows):
    """Any words at all: markup in them is theirs and stays words."""
    from videos.text import clean

    plain = ["\n".join(part for part in (x.strip() for x in clean(t).split("\n")) if part) for *_x, t in rows]
    times = sorted((start * 3, start * 3 + length) for start, length, _text in rows)
    cues = [Cue(a, b, text) for (a, b), text in zip(times, plain, strict=True) if text]
    crowded = any(sum(c.start <= cue.start < c.end for c in cues) > captions.MAX_AT_ONCE for cue in cues)
    if crowded or not cues:
        with pytest.raises(Invalid):
            parse(captions.write(cues), 200_000)
    else:
        assert parse(captions.write(cues), 200_000) == sorted(cues)


@given(st.text(max_size=300))
@settings(max_examples=300, deadline=None)
def test_no_text_upsets_the_reader(text):
    for start in ("", "WEBVTT\n\n", "WEBVTT\n\n00:00.000 --> 00:01.000\n"):
        try:
            cues = parse(start + text)
        except Invalid:
            continue
        assert parse(captions.write(cues)) == cues


@pytest.mark.parametrize(
    ("code", "name"), [("en", "English"), ("fr", "Français"), ("pt-br", "Português Brasileiro"), ("xx", "xx")]
)
def test_a_language_is_called_as_its_speakers_do(code, name):
    assert captions.language_name(code) == name


# --- Writing and reading by the API ---------------------------------------------------------------------------------------


@pytest.fixture
def video(cast, make_video):
    return make_video(cast.alice)


@pytest.fixture
def alice(cast, api):
    return api.as_(cast.alice)


def address(video, *more):
    return "/".join([f"/api/v1/videos/{video.pk}/captions", *more, ""])


def put(client, video, language="en", vtt=VTT):
    return client.put(address(video, language), {"vtt": vtt}, format="json")


def test_the_author_writes_captions_and_everybody_who_sees_the_clip_reads_them(alice, api, cast, video):
    said = put(alice, video, "EN")
    assert said.status_code == 200, said.json()
    assert (said.json()["language"], said.json()["label"], said.json()["automatic"]) == (
        "en",
        "English",
        False,
    )
    track = api.get(f"/api/v1/videos/{video.pk}/").json()["playback"]["captions"][0]
    assert (track["language"], track["label"], track["automatic"]) == ("en", "English", False)
    served = api.get(track["url"])
    assert (served.status_code, served["Content-Type"]) == (200, "text/vtt; charset=utf-8")
    assert b"".join(served.streaming_content).decode() == said.json()["vtt"]
    assert api.get(address(video, "en")).json()["vtt"] == said.json()["vtt"]
    assert [row["language"] for row in api.get(address(video)).json()["results"]] == ["en"]
    assert api.get(address(video, "fr")).status_code == 404


def test_new_words_have_a_new_address_and_the_old_file_goes(alice, video, django_capture_on_commit_callbacks):
    put(alice, video)
    video.refresh_from_db()
    old = video.captions_tracks[0]["name"]
    with django_capture_on_commit_callbacks(execute=True):
        put(alice, video, vtt=VTT.replace("World", "Everyone"))
    video.refresh_from_db()
    new = video.captions_tracks[0]["name"]
    assert new != old
    assert default_storage.exists(media.key_of(video.folder, new))
    assert not default_storage.exists(media.key_of(video.folder, old))


def test_deleted_captions_are_gone_everywhere(alice, api, video, django_capture_on_commit_callbacks):
    put(alice, video)
    put(alice, video, "fr")
    video.refresh_from_db()
    name = next(t["name"] for t in video.captions_tracks if t["language"] == "en")
    with django_capture_on_commit_callbacks(execute=True):
        assert alice.delete(address(video, "en")).status_code == 204
    assert not default_storage.exists(media.key_of(video.folder, name))
    tracks = api.get(f"/api/v1/videos/{video.pk}/").json()["playback"]["captions"]
    assert [track["language"] for track in tracks] == ["fr"]
    assert alice.delete(address(video, "en")).status_code == 404


def test_captions_move_with_the_clip(alice, api, cast, publish, work, django_capture_on_commit_callbacks):
    video = work(publish(cast.alice, clip(seconds=1)))
    put(alice, video)
    old = video.folder
    with django_capture_on_commit_callbacks(execute=True):
        alice.patch(f"/api/v1/videos/{video.pk}/", {"audience": "friends"}, format="json")
    video.refresh_from_db()
    assert video.folder != old
    url = api.as_(cast.carol).get(f"/api/v1/videos/{video.pk}/").json()["playback"]["captions"][0]["url"]
    assert api.get(url).status_code == 200


def test_captions_survive_a_new_edit_and_the_author_is_told_to_look(alice, api, cast, publish, work):
    video = work(publish(cast.alice, clip(seconds=2)))
    put(alice, video)
    assert not alice.get(address(video)).json()["results"][0]["check"]
    alice.patch(f"/api/v1/videos/{video.pk}/", {"edit": {"filter": "mono"}}, format="json")
    assert not alice.get(address(video)).json()["results"][0]["check"]
    alice.patch(f"/api/v1/videos/{video.pk}/", {"edit": {"speed": 2}}, format="json")
    work(video)
    assert alice.get(address(video)).json()["results"][0]["check"]
    assert not api.get(address(video)).json()["results"][0]["check"]
    url = api.get(f"/api/v1/videos/{video.pk}/").json()["playback"]["captions"][0]["url"]
    assert api.get(url).status_code == 200
    put(alice, video)
    assert not alice.get(address(video)).json()["results"][0]["check"]


@pytest.mark.parametrize("language", ["english", "e", "en_US_x", "..", "1", "en-" + "x" * 9])
def test_a_language_that_is_none_is_refused(alice, video, language):
    assert put(alice, video, language).status_code in {400, 404}
    assert not Captions.objects.exists()


@pytest.mark.parametrize("vtt", ["", "Hello", "WEBVTT\n\n00:30.000 --> 00:31.000\nlate"])
def test_captions_that_cannot_be_used_say_why_and_change_nothing(alice, video, vtt):
    put(alice, video)
    refused = put(alice, video, vtt=vtt)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "bad_captions")
    assert refused.json()["error"]["fields"]["vtt"]
    assert "World" in Captions.objects.get().vtt


def test_only_the_author_changes_captions(alice, api, cast, video):
    put(alice, video)
    for person, status in ((None, 401), (cast.bob, 403), (cast.mallory, 404)):
        client = api.as_(person) if person else api
        assert put(client, video).status_code == status
        assert client.delete(address(video, "en")).status_code == status
        assert client.post(address(video, "en", "automatic")).status_code == status


def test_languages_are_limited(alice, video, monkeypatch):
    monkeypatch.setattr("videos.actions.captions.MAX_LANGUAGES", 1)
    assert put(alice, video).status_code == 200
    assert put(alice, video, "fr").status_code == 400
    assert put(alice, video).status_code == 200


def test_a_draft_has_captions_before_it_plays(alice, cast, make_video):
    video = make_video(cast.alice, state="draft", published_at=None, playlist="", duration_ms=0)
    assert put(alice, video).status_code == 200
    assert alice.get(f"/api/v1/videos/{video.pk}/").json()["playback"]["captions"] == []
    Video.objects.filter(pk=video.pk).update(playlist="master.m3u8")
    assert alice.get(f"/api/v1/videos/{video.pk}/").json()["playback"]["captions"]


def test_nothing_in_the_words_becomes_markup(alice, api, video):
    text = "WEBVTT\n\n00:00.000 --> 00:00.500\n&lt;img src=x onerror=alert(1)&gt; --&gt; &amp;amp;\n"
    said = put(alice, video, vtt=text).json()["vtt"]
    body = said.partition("00:00:00.500\n")[2]
    assert "<" not in body
    assert "-->" not in body


# --- By a model -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def model(monkeypatch):
    """As if something on this machine could listen to English."""
    from videos import captioning
    from videos.failures import Unusable

    def engine(language):
        if language != "en":
            raise Unusable("captions_language")
        return "sphinx", ""

    monkeypatch.setattr(captioning, "engine", engine)


def test_automatic_captions_are_asked_for_once(alice, video, model):
    first = alice.post(address(video, "en", "automatic"))
    assert first.json() == {"state": "queued", "percent": 0, "error": None}
    assert alice.post(address(video, "en", "automatic")).json() == first.json()
    assert MediaJob.objects.get().key == "en"


def test_listening_is_limited_and_waiting_for_it_is_not(alice, cast, make_video, model, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "captions": "2/3600"}
    clips = [make_video(cast.alice) for _n in range(3)]
    answers = [alice.post(address(clip, "en", "automatic")) for clip in clips]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2]["Retry-After"]) > 0
    assert {alice.post(address(clips[0], "en", "automatic")).status_code for _n in range(5)} == {200}
    assert MediaJob.objects.count() == 2


def test_a_language_may_be_written_as_programs_do(alice, api, video):
    said = alice.put(
        address(video, "pt_BR"), {"vtt": "WEBVTT\n\n00:00.000 --> 00:00.500\nOlá"}, format="json"
    )
    assert (said.status_code, said.json()["language"]) == (200, "pt-br")


def test_a_site_without_a_model_says_so(alice, video, monkeypatch):
    from videos import captioning
    from videos.failures import Unusable

    def nothing(language):
        raise Unusable("captions_extra")

    monkeypatch.setattr(captioning, "engine", nothing)
    refused = alice.post(address(video, "en", "automatic"))
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "captions_extra")
    assert not MediaJob.objects.exists()


def test_a_model_never_writes_over_a_person(alice, api, video, model):
    cues = [Cue(0, 500, "heard")]
    assert actions.keep_automatic(video.pk, "en", cues)
    assert api.get(address(video, "en")).json()["automatic"]
    put(alice, video)
    assert not actions.keep_automatic(video.pk, "en", cues)
    assert not api.get(address(video, "en")).json()["automatic"]
    refused = alice.post(address(video, "en", "automatic"))
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "captions_there")
    assert alice.post(address(video, "fr", "automatic")).status_code == 400


def test_a_clip_that_does_not_play_is_not_listened_to(alice, cast, make_video, model):
    video = make_video(cast.alice, state="draft", published_at=None, playlist="")
    Transcode.objects.create(video=video)
    assert alice.post(address(video, "en", "automatic")).json()["error"]["code"] == "not_playable"


def test_what_was_heard_for_a_clip_that_is_gone_is_dropped(video):
    Video.objects.all().delete()
    assert not actions.keep_automatic(1, "en", [Cue(0, 500, "heard")])
