"""The people of the demo: names, words about themselves, faces made of plain shapes, and a crowd that watches."""

import hashlib
import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from .canvas import ramp, rgb


@dataclass(frozen=True)
class Person:
    """A person of the demo. `pull` is how many views a clip of theirs gets on its first day."""

    username: str
    name: str
    bio: str
    language: str
    country: str
    colours: tuple[str, str, str]
    pull: int = 60
    joined: int = 62  # days ago
    pronouns: str = ""
    business: bool = False
    private: bool = False
    messages: str = "everyone"


PEOPLE: tuple[Person, ...] = (
    Person(
        "alice",
        "Alice Moreau",
        "Slow mathematics in warm colours. One loop a week, drawn with numbers in Lyon. Bonjour.",
        "en",
        "FR",
        ("#0d0e12", "#ff5a36", "#ffb27a"),
        150,
        174,  # she began before the others, so that there are followers of half a year
        "she/her",
        messages="friends",
    ),
    Person(
        "bob",
        "Bob Achterberg",
        "night trains, cheap synths, patience",
        "en",
        "NL",
        ("#171a35", "#ffd98a", "#ff5a36"),
        35,
        61,
    ),
    Person(
        "carol",
        "Carol Nguyen",
        "Walks at dusk, notebooks, one good microphone. Montréal.",
        "en",
        "CA",
        ("#0b1a24", "#e8ff8a", "#3f8f6a"),
        45,
        61,
        "she/her",
    ),
    Person(
        "dave", "Dave Whitlock", "just looking around", "en", "GB", ("#2c3038", "#9aa3b5", "#e9e4d8"), 0, 60
    ),
    Person(
        "brand",
        "Northlight",
        "Lamps, made by hand in Aarhus since 1987. Opal glass, brass, one dimmer. Ask us anything.",
        "en",
        "DK",
        ("#14100e", "#ff9a4a", "#fff0d2"),
        80,
        60,
        business=True,
    ),
    Person(
        "mika.ito",
        "伊藤 未来",
        "水と光の小さな動画。Tokyo / 東京",
        "ja",
        "JP",
        ("#0a1024", "#5fd0ff", "#ff7fa8"),
        95,
        59,
        "she/they",
    ),
    Person(
        "tomas.mar",
        "Tomás Ribeiro",
        "Mar, papel e azulejos. Lisboa de costas para o trânsito.",
        "pt",
        "PT",
        ("#ffd9a0", "#17508a", "#e2a33b"),
        85,
        58,
    ),
    Person(
        "nour.draws",
        "نور الأمين",
        "هندسة، صبر، وقهوة. Geometry, patience and coffee from Amman.",
        "ar",
        "JO",
        ("#0b3b3c", "#d9a441", "#f4e6c3"),
        105,
        60,
    ),
    Person(
        "lena.type",
        "Lena Kowalska",
        "Litery w ruchu. I make letters misbehave.",
        "pl",
        "PL",
        ("#2b3cff", "#fbe34c", "#ff5a36"),
        90,
        57,
        "she/her",
    ),
    Person(
        "sam.orbits",
        "Sam Okafor",
        "Planetarium guide by day. Lagos. Everything here goes round.",
        "en",
        "NG",
        ("#070a1a", "#ffd27a", "#7fd4ff"),
        88,
        60,
        "he/him",
    ),
    Person(
        "petri.dish",
        "Ingrid Solberg",
        "Biologist who codes. Life from four lines of rules. Bergen.",
        "no",
        "NO",
        ("#06121c", "#f25f5c", "#8fd8b0"),
        70,
        58,
    ),
    Person(
        "kavya.moves",
        "काव्या राव",
        "Flocks, festivals and things that turn. Pune.",
        "hi",
        "IN",
        ("#5a0f3c", "#ff9a1f", "#1fa88f"),
        98,
        59,
        "she/her",
    ),
    Person(
        "theo.paper",
        "Théo Lindqvist",
        "Landskap av papper och tålamod. Göteborg.",
        "sv",
        "SE",
        ("#8fb7d6", "#e8552f", "#1d3347"),
        92,
        60,
    ),
    Person(
        "lucia.luz",
        "Lucía Herrera",
        "Colecciono luz. Sevilla, casi siempre a la sombra.",
        "es",
        "ES",
        ("#1b6ca8", "#f2a541", "#d7263d"),
        80,
        57,
    ),
    Person(
        "hyun.wav",
        "박현우",
        "소리를 그리고, 그림을 듣습니다. Seoul.",
        "ko",
        "KR",
        ("#190a2e", "#ff3d7f", "#ffe9a8"),
        100,
        58,
    ),
    Person(
        "amara.sahel",
        "Amara Diallo",
        "Le sable, le vent, la kora de mon oncle. Dakar – Nouakchott.",
        "fr",
        "SN",
        ("#e0853f", "#fff6e2", "#7a3a2c"),
        75,
        56,
        "elle",
    ),
    Person(
        "wen.garden",
        "文丽",
        "给朋友看的小花园。 A small garden for friends.",
        "zh",
        "CN",
        ("#f3f1e7", "#d9485f", "#2f5a48"),
        20,
        55,
        private=True,
    ),
)

# The crowd: who likes, follows and watches. Names from many places, no words about themselves.
_FIRST = (
    "Aiko Anders Anya Arif Beatriz Bilal Camille Chidi Chiara Dalia Davi Ebba Elif Emeka Esra Farid Fiona Goran Greta Hanna Hugo "
    "Ines Isak Ivana Jamal Jana Jonas Kaito Kamila Karim Keiko Lars Layla Leila Liam Linh Luca Maja Malik Mara Mateo Mina "
    "Nadia Nils Noor Olga Omar Otis Paula Priya Quentin Rana Ravi Rosa Sami Sana Sofia Taro Tess Uma Vera Wim Yara Yusuf Zoe Zuri"
).split()
_LAST = (
    "Abbas Adeyemi Baker Bianchi Cohen Costa Dahl Duarte Endo Fischer Garcia Haddad Ivanova Jansen Kim Kaya Laurent Lopez "
    "Mbeki Mori Nakamura Novak Olsen Park Petit Quist Rossi Sato Silva Tanaka Tran Usman Varga Weber Yilmaz Zhou"
).split()
_COUNTRIES = "FR DE US BR JP NG IN GB ES PL TR CA KR SE IT MX NL MA VN ZA".split()
_LANGUAGES = dict(
    zip(_COUNTRIES, "fr de en pt ja en en en es pl tr en ko sv it es nl fr vi en".split(), strict=True)
)
CROWD_SIZE = 300  # so many that alice's report of follow-backs finds an effect at every hour (tests/demo)


def crowd(size: int = CROWD_SIZE) -> list[Person]:
    """People with a name and a country, the same every time."""
    rng, other = np.random.default_rng(7), np.random.default_rng(11)
    found: dict[str, Person] = {}
    while len(found) < size:
        first, last = _FIRST[rng.integers(len(_FIRST))], _LAST[rng.integers(len(_LAST))]
        pattern = ("{0}.{1}", "{0}_{1}", "{0}{1}", "{1}.{0}")[rng.integers(4)]
        username = pattern.format(first, last).lower()[:24]
        if username not in found and username not in {p.username for p in PEOPLE}:
            country = _COUNTRIES[int(len(_COUNTRIES) * rng.random() ** 1.6)]
            joined = int(rng.integers(58, 63))
            if other.random() < 0.75:  # early ones, who may have followed alice for long
                joined += int(other.integers(30, 112))
            language = _LANGUAGES[country] if other.random() < 0.8 else "en"
            found[username] = Person(
                username, f"{first} {last}", "", language, country, ("", "", ""), 0, joined
            )
    return list(found.values())


def avatar(person: Person, side: int = 512) -> bytes:
    """A face for a person: a few plain shapes in their colours, laid out by their name. PNG."""
    digest = hashlib.sha256(person.username.encode()).digest()
    ground, main, other = person.colours
    double = side * 2
    base = ramp([ground, _mix(ground, main, 0.22)], double)
    picture = Image.fromarray(np.repeat(base[:, None], double, 1))
    draw = ImageDraw.Draw(picture)
    half = double // 2
    match digest[0] % 5:
        case 0:  # a sun over folded land
            draw.ellipse((half - 270, 190, half + 270, 730), fill=main)
            for k, y in enumerate((600, 720, 840)):
                colour = _mix(ground, other, 0.35 + 0.3 * k)
                draw.ellipse((-400 + 130 * k, y, double + 260 - 90 * k, y + 900), fill=colour)
        case 1:  # quarter rounds, as tiles
            cell = double // 3
            for row in range(3):
                for column in range(3):
                    turn = digest[1 + row * 3 + column] % 4
                    x, y = column * cell, row * cell
                    box = (x - cell * (turn in (1, 2)), y - cell * (turn in (2, 3)))
                    colour = (main, other, _mix(main, ground, 0.5))[digest[10 + row * 3 + column] % 3]
                    tile = Image.new("L", (cell, cell))
                    ImageDraw.Draw(tile).ellipse(
                        (box[0] - x, box[1] - y, box[0] - x + 2 * cell, box[1] - y + 2 * cell), fill=255
                    )
                    picture.paste(colour, (x, y), tile)
        case 2:  # rings with a bite
            for k in range(5):
                reach = 440 - 84 * k
                draw.ellipse(
                    (half - reach, half - reach, half + reach, half + reach),
                    fill=(main, ground, other, ground, main)[k],
                )
            draw.pieslice(
                (half - 460, half - 460, half + 460, half + 460),
                digest[2] % 360,
                digest[2] % 360 + 70,
                fill=ground,
            )
        case 3:  # a flower
            petals = 6 + digest[3] % 4
            for k in range(petals):
                angle = 2 * np.pi * (k / petals + digest[4] / 255)
                x, y = half + 235 * np.cos(angle), half + 235 * np.sin(angle)
                draw.ellipse(
                    (x - 165, y - 165, x + 165, y + 165), fill=main if k % 2 else _mix(main, other, 0.45)
                )
            draw.ellipse((half - 125, half - 125, half + 125, half + 125), fill=other)
        case _:  # two moons
            shift = 60 + digest[5] % 110
            draw.ellipse((half - 380, half - 380, half + 380, half + 380), fill=main)
            draw.ellipse(
                (half - 380 + shift, half - 380 - shift // 2, half + 380 + shift, half + 380 - shift // 2),
                fill=_mix(ground, main, 0.16),
            )
            draw.ellipse((half + 90, half - 110, half + 290, half + 90), fill=other)
    out = io.BytesIO()
    picture.reduce(2).save(out, "PNG")
    return out.getvalue()


def _mix(one: str, two: str, part: float) -> str:
    a, b = rgb(one), rgb(two)
    return "#{:02x}{:02x}{:02x}".format(*(int(x + (y - x) * part) for x, y in zip(a, b, strict=True)))
