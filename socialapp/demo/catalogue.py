"""The list of clips: which scene, in which colours, to which music, by whom, with which words. Nothing is drawn here."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from . import fields, lettering, life, scapes, shapes, swarms
from .canvas import Frames

INK, PAPER, EMBER, TIDE = "#0d0e12", "#fbfaf7", "#ff5a36", "#1f54d8"
RATE = 24


@dataclass(frozen=True)
class Clip:
    """One clip of the demo. `music` is (style, key as semitones from A, tempo in beats a minute)."""

    slug: str
    author: str
    scene: Callable[..., Frames]
    colours: tuple[str, ...]
    music: tuple[str, int, float]
    sound: str
    caption: str
    language: str = "en"
    beats: int = 8  # the clip lasts a whole number of beats, so that picture and music loop together
    days_ago: float = 5
    audience: str = "public"
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def frames(self) -> int:
        return round(self.beats * 60 / self.music[2] * RATE)

    @property
    def seconds(self) -> float:
        return self.frames / RATE

    @property
    def seed(self) -> int:
        return zlib.crc32(self.slug.encode())


def scene_of(clip: Clip, frames: int | None = None) -> Frames:
    """The clip's pictures, the same bytes every time."""
    rng = np.random.default_rng(clip.seed)
    return clip.scene(frames or clip.frames, rng, list(clip.colours), **clip.options)


# The first six are what a visitor of a fresh installation sees while the rest is being made: six creators, six kinds.
CLIPS: tuple[Clip, ...] = (
    Clip(
        "silk",
        "alice",
        fields.silk,
        (INK, "#2a1524", "#7d2233", EMBER, "#ffb27a", PAPER),
        ("pads", 3, 80),
        "Slow fire",
        "Noise folded into noise, until it looks like cloth. No camera, only arithmetic. #generative #slowart #loop",
        days_ago=0.15,
    ),
    Clip(
        "horizon",
        "theo.paper",
        scapes.horizon,
        ("#7fa36b", "#2c4a3c"),
        ("pluck", 5, 76),
        "A day in six seconds",
        "En hel dag på sex sekunder ☀️ #paper #daynight #loop",
        "sv",
        days_ago=0.4,
    ),
    Clip(
        "starlings",
        "kavya.moves",
        swarms.starlings,
        ("#2b3566", "#7a5a86", "#e98a63", "#ffd08a", "#1a1420"),
        ("drone", 0, 72),
        "Murmuration",
        "5,200 birds, one body. Nobody leads. #murmuration #flock #dusk #lateglow",
        days_ago=0.7,
    ),
    Clip(
        "lava",
        "hyun.wav",
        fields.lava,
        ("#190a2e", "#3a1060", "#7a1f8a", "#ff3d7f", "#ff9a5c", "#ffe9a8"),
        ("bass", -2, 96),
        "라바",
        "라바 램프 하나면 충분해. One lamp is enough. #lavalamp #메타볼 #lofi #lateglow",
        "ko",
        beats=10,
        days_ago=1.1,
    ),
    Clip(
        "stars",
        "nour.draws",
        shapes.stars,
        ("#0b3b3c", "#11605c", "#d9a441", "#f4e6c3", "#0a2a33"),
        ("oud", 5, 84),
        "زهرة",
        "نجمة ثمانية تتفتّح ثم تنغلق. كل خط يعود إلى بدايته. #هندسة #زخرفة #geometry #lateglow",
        "ar",
        days_ago=1.6,
    ),
    Clip(
        "rain",
        "mika.ito",
        fields.rain,
        ("#0a1024", "#1c2240", "#ff5a36", "#ffb347", "#5fd0ff", "#b98cff", "#ff7fa8"),
        ("rhodes", 0, 72),
        "雨の窓",
        "雨の夜、窓の中に街がさかさまに住んでいる。 #雨 #夜 #tokyo #lateglow",
        "ja",
        days_ago=2.2,
    ),
    Clip(
        "current",
        "alice",
        swarms.current,
        (INK, EMBER, "#8fb0ff", "#ffd9c2"),
        ("arp", -5, 88),
        "Undertow",
        "5,200 drops of ink, each lives exactly as long as this loop. @sam.orbits guess the field? #generative #longlook",
        days_ago=23,
    ),
    Clip(
        "contours",
        "alice",
        fields.contours,
        (PAPER, "#1b1d26", "#e8552f", "#cfd8cf"),
        ("marimba", 2, 100),
        "High ground",
        "A map of nowhere, rising. I would live on the orange bit. #maps #topography #loop",
        beats=10,
        days_ago=54,
    ),
    Clip(
        "pendulums",
        "alice",
        shapes.pendulums,
        (INK, EMBER, "#ffb27a", "#8fb0ff", TIDE),
        ("bells", 0, 120),
        "Fifteen pendulums",
        "Each swings once more than its neighbour. Wait for the moment they agree. #pendulum #maths #satisfying",
        beats=16,
        days_ago=166,
    ),
    Clip(
        "sunflower",
        "alice",
        shapes.sunflower,
        ("#16201c", "#fff1b8", "#ffb52e", EMBER, "#7a2a3a"),
        ("harp", 4, 90),
        "Golden angle",
        "For my friends first: 137.5°, over and over. Merci @carol pour l'idée 🌻 #phyllotaxis",
        days_ago=9,
        audience="friends",
    ),
    Clip(
        "harmonograph",
        "alice",
        swarms.harmonograph,
        (INK, EMBER, "#8fb0ff"),
        ("drone", 5, 80),
        "Sketch 41",
        "Sketch, not sure yet. Maybe slower? #wip",
        days_ago=1.0,
        audience="only_me",
    ),
    Clip(
        "pond",
        "mika.ito",
        fields.pond,
        ("#062a36", "#0d5560", "#2f9a92", "#e8fff4", "#3f8f4a"),
        ("kalimba", 7, 84),
        "池",
        "古池や… 今日は蛙はいない。The old pond, no frog today. #haiku #水 #ripples",
        "ja",
        days_ago=8,
    ),
    Clip(
        "sea",
        "tomas.mar",
        scapes.sea,
        ("#ffd9a0", "#ff9c6e", "#fff2d0", "#7fd0d6", "#2c8fb0", "#17508a", "#0d2a5c"),
        ("guitar", 0, 92),
        "Maré cheia",
        "Nove folhas de papel e um mar inteiro 🌊 #mar #papel #portugal",
        "pt",
        days_ago=3,
    ),
    Clip(
        "tiles",
        "tomas.mar",
        shapes.tiles,
        ("#f3efe4", "#17508a", "#f3efe4", "#e2a33b"),
        ("marimba", 5, 108),
        "Azulejo",
        "Cada azulejo roda um quarto e o caminho nunca se parte. #azulejo #lisboa #truchet",
        "pt",
        beats=10,
        days_ago=12,
    ),
    Clip(
        "kaleidoscope",
        "nour.draws",
        fields.kaleidoscope,
        ("#04161c", "#0b3b3c", "#15796f", "#d9a441", "#fff3d0"),
        ("oud", 0, 80),
        "مرآة",
        "مرآة داخل مرآة. اسمعوها بالسماعات 🎧 #kaleidoscope #زخرفة #longlook",
        "ar",
        days_ago=14,
    ),
    Clip(
        "ribbon",
        "lena.type",
        lettering.ribbon,
        ("#f4d8e4", "#1c1230", "#e0245e"),
        ("drums", 0, 112),
        "Again and again",
        "Litery też potrafią tańczyć. Letters can dance too. #typography #kinetictype #plakat",
        "pl",
        beats=12,
        days_ago=2.7,
        options={"words": ("again", "and", "again")},
    ),
    Clip(
        "beats",
        "lena.type",
        lettering.beats,
        ("#ff5a36", "#160b12", "#fbe34c", "#161404", "#2b3cff", "#f2f2ff", "#0f0f14", "#fbfaf7"),
        ("drums", 5, 84),
        "Slow down",
        "Przeczytaj na głos. Read it out loud. @lucia.luz #type #poster #motion",
        "pl",
        days_ago=10,
        options={"words": ("you", "can", "stop", "now", "or", "watch", "once", "more")},
    ),
    Clip(
        "orbits",
        "sam.orbits",
        swarms.orbits,
        ("#070a1a", "#ffd27a", "#ff7a4d", "#7fd4ff", "#b892ff", "#8fffc9"),
        ("space", 3, 76),
        "Nine bodies",
        "Made a tiny solar system before breakfast. Nobody collides, I checked. #space #orbits #lagos",
        days_ago=3.6,
    ),
    Clip(
        "galaxy",
        "sam.orbits",
        swarms.galaxy,
        ("#05060f", "#ffd9a0", "#8fb8ff", "#b05cff"),
        ("space", -4, 80),
        "Thirty thousand suns",
        "30,000 suns and one of them has a good playlist. Best in the dark. #galaxy #space #particles #longlook",
        days_ago=19,
    ),
    Clip(
        "coral",
        "petri.dish",
        life.coral,
        ("#06121c", "#0e3a4a", "#f25f5c", "#ffd9b8", "#fff6e8"),
        ("drone", 2, 84),
        "Gray & Scott",
        "To kjemikalier, én regel. It grows like coral, and it is only subtraction. #reactiondiffusion #science",
        "no",
        days_ago=4.4,
    ),
    Clip(
        "spirals",
        "petri.dish",
        life.spirals,
        ("#12122b", "#2b2a6b", "#5b3fa8", "#b04fb0", "#ff6f91", "#ffb56b", "#ffe89a", "#8fd8b0", "#2f8f9f"),
        ("chip", 0, 120),
        "Everyone eats someone",
        "15 colours. Each one eats the one before it. Spirals always win. #cellularautomata #emergence #longlook",
        beats=12,
        days_ago=21,
    ),
    Clip(
        "petals",
        "kavya.moves",
        shapes.petals,
        ("#5a0f3c", "#fff3d6", "#ff9a1f", "#f2305f", "#ffd23f", "#1fa88f"),
        ("tabla", 0, 100),
        "Rangoli",
        "Rangoli that my floor would never allow. दीवाली की शुभकामनाएँ 🪔 #rangoli #diwali #symmetry",
        "hi",
        beats=10,
        days_ago=11,
    ),
    Clip(
        "ridges",
        "theo.paper",
        scapes.ridges,
        ("#8fb7d6", "#f6e3cf", "#9fb4c7", "#4f7690", "#1d3347", "#fff4dc", "#e8552f", "#fbe9c8"),
        ("guitar", 7, 80),
        "Above the fog",
        "Papper, dimma och en ballong. Vart är den på väg? #mountains #paperart #longlook",
        "sv",
        days_ago=15,
    ),
    Clip(
        "stained",
        "lucia.luz",
        fields.stained_glass,
        ("#120d12", "#d7263d", "#f2a541", "#1b6ca8", "#2a9d6f", "#f4d35e", "#7b2d8b", "#e9724c"),
        ("organ", 0, 72),
        "Vitral",
        "La luz de las seis entrando por un vitral que no existe. #vitral #luz #voronoi #lateglow",
        "es",
        days_ago=2.0,
    ),
    Clip(
        "caustics",
        "lucia.luz",
        fields.caustics,
        ("#03364a", "#0a6a86", "#27a9b8", "#8fe3dc", "#f4fff4"),
        ("pads", 7, 84),
        "Piscina, mediodía",
        "Mediodía en el fondo de la piscina. Casi se oye. #agua #luz #verano #longlook",
        "es",
        days_ago=13,
    ),
    Clip(
        "rings",
        "hyun.wav",
        fields.rings,
        ("#0d0e12", "#ff4f6d", "#3fd0ff", "#fff6e0"),
        ("techno", 0, 124),
        "간섭",
        "동심원 세 개. 나머지는 당신의 눈이 만든다. Your eyes do the rest. #moire #착시 #techno",
        "ko",
        beats=12,
        days_ago=7,
    ),
    Clip(
        "dunes",
        "amara.sahel",
        scapes.dunes,
        ("#9cc3cf", "#f4dcb4", "#f0b878", "#e0853f", "#b87a5a", "#7a3a2c"),
        ("kora", 2, 88),
        "Harmattan",
        "Le vent dessine, le vent efface. Pensée pour Dakar. #dunes #harmattan #sahel",
        "fr",
        days_ago=5.2,
    ),
    Clip(
        "fireflies",
        "carol",
        swarms.fireflies,
        ("#0b1a24", "#12303a", "#0c1c18", "#e8ff8a"),
        ("kalimba", 0, 76),
        "June woods",
        "They were out again last night. Filmed nothing, remembered everything. #fireflies #juin #lateglow",
        days_ago=4,
    ),
    Clip(
        "train",
        "bob",
        scapes.night_train,
        ("#171a35", "#3a2d5c", "#8a4a6b", "#2a2850", "#1d1c3c", "#121228", "#ffd98a", "#c9cbd6", "#ff5a36"),
        ("chip", 3, 104),
        "Last train",
        "last train home. pixel by pixel. cc @alice #pixelart #citypop #nighttrain #lateglow",
        beats=12,
        days_ago=6.5,
    ),
    Clip(
        "lamps",
        "brand",
        shapes.lamps,
        ("#14100e", "#241a15", "#ff9a4a", "#fff0d2"),
        ("rhodes", 5, 80),
        "Evening, five lamps",
        "Opal, brass and one dimmer for all five. The new Evening family is here. #northlight #lighting #design",
        days_ago=2.4,
    ),
    Clip(
        "neon",
        "brand",
        lettering.neon,
        ("#241a26", "#ff5a36", "#ffe3c4", "#8a2f5a"),
        ("techno", 5, 104),
        "Sign on",
        "We still bend every tube by hand. #neon #handmade #northlight",
        beats=10,
        days_ago=20,
    ),
    Clip(
        "garden",
        "wen.garden",
        scapes.garden,
        ("#f3f1e7", "#2f5a48", "#d9485f", "#ef8e5b", "#6f7fd8", "#b65fa8"),
        ("guzheng", 0, 84),
        "风",
        "风来了，花先知道。 #花园 #garden",
        "zh",
        days_ago=6,
    ),
)
