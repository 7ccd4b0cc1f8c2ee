"""What the people of the demo write to each other: comments below clips, and conversations."""

# Below each clip: (author, text), or (author, text, number of the comment it answers).
COMMENTS: dict[str, list[tuple[str, str] | tuple[str, str, int]]] = {
    "silk": [
        ("carol", "I put this on the big screen and the cat came to watch."),
        ("theo.paper", "Is the light part of the noise or painted on top?"),
        ("alice", "It is the slope of the noise itself, pretending to be cloth.", 1),
        ("mika.ito", "きれい… 火みたいなのに静か。"),
        ("bob", "slow fire is the right name"),
    ],
    "horizon": [
        ("alice", "The second where the stars come out. Every time."),
        ("amara.sahel", "Chez nous le soleil va encore plus vite."),
        ("lena.type", "Six seconds and I already feel a day older."),
    ],
    "starlings": [
        ("petri.dish", "Seven neighbours each, that is all a starling watches."),
        ("kavya.moves", "Mine watch none. They only know where they will be.", 0),
        ("tomas.mar", "Lembra-me o Tejo em novembro."),
        ("nour.draws", "سرب واحد، فكرة واحدة."),
    ],
    "lava": [
        ("lena.type", "Volume up, lights off, thank me later."),
        ("bob", "that bassline lives in my kitchen now"),
        ("hyun.wav", "부엌에서 들으면 더 좋아요 😄", 1),
    ],
    "stars": [
        ("alice", "I have been trying to find the angle where it stops being a star. There is none."),
        ("nour.draws", "There is one, at 90°. Then it is only a wall.", 0),
        ("kavya.moves", "So calm. Saved for bad days."),
        ("sam.orbits", "Showing this to my planetarium kids tomorrow."),
    ],
    "rain": [
        ("carol", "You can hear which drop is going to run next."),
        ("hyun.wav", "창밖이 거꾸로 있는 게 좋다."),
        ("lucia.luz", "En Sevilla esto es ciencia ficción."),
    ],
    "current": [
        ("sam.orbits", "Two dipoles and a bit of turbulence?"),
        ("alice", "Close! No dipoles, only the curl of a noise field.", 0),
        ("petri.dish", "Looks like ocean currents seen from above."),
    ],
    "contours": [
        ("theo.paper", "Jag vill vandra där."),
        ("bob", "moving in on the orange bit too, we can be neighbours"),
        ("alice", "Rent is due in isolines.", 1),
    ],
    "pendulums": [
        ("sam.orbits", "The moment at four seconds when it splits in two. Goosebumps."),
        ("kavya.moves", "Each ball has its own note! Took me five loops."),
        ("alice", "You are the first to notice.", 1),
        ("carol", "I use this as a metronome now, badly."),
        ("dave", "how is it never off beat"),
    ],
    "sunflower": [
        ("carol", "De rien! The idea was a sunflower on my balcony."),
        ("alice", "It knows more mathematics than I do.", 0),
    ],
    "pond": [
        ("tomas.mar", "A segunda gota, mesmo no meio. Perfeita."),
        ("carol", "Missing the frog, not missing the frog."),
        ("mika.ito", "かえるは休みです。", 1),
    ],
    "sea": [
        ("alice", "Nine sheets of paper and I can smell the salt."),
        ("lucia.luz", "Quiero vivir en la cuarta hoja."),
        ("tomas.mar", "A quarta está ocupada, mas a sexta está livre.", 1),
    ],
    "tiles": [
        ("nour.draws", "The path never breaks. Beautiful rule."),
        ("petri.dish", "Someone please tile my lab with this."),
    ],
    "kaleidoscope": [
        ("lucia.luz", "Con auriculares es otra cosa, gracias."),
        ("hyun.wav", "눈을 뗄 수가 없네요"),
    ],
    "ribbon": [
        ("bob", "and again and again and"),
        ("alice", "The red AND is the hero here."),
        ("mika.ito", "文字が布みたい!"),
    ],
    "beats": [
        ("lucia.luz", "Leído en voz alta. El gato me mira raro."),
        ("sam.orbits", "I could not stop. Which is the joke, I suppose."),
        ("lena.type", "Which is the joke 🙂", 1),
    ],
    "orbits": [
        ("petri.dish", "Stable for how long?"),
        ("sam.orbits", "Forever, I cheated: whole numbers of turns.", 0),
        ("dave", "this made my lunch break"),
        ("kavya.moves", "The backwards ones!"),
    ],
    "galaxy": [
        ("alice", "Which one is ours?"),
        ("sam.orbits", "Second arm, a bit left of the dust. You cannot miss it.", 0),
        ("theo.paper", "Tyst och enormt."),
    ],
    "coral": [
        ("nour.draws", "أربعة أسطر فقط؟ مذهل."),
        ("amara.sahel", "On dirait le récif de Gorée."),
        ("petri.dish", "Merci! Same equations as zebra stripes.", 1),
    ],
    "spirals": [
        ("hyun.wav", "소리까지 8비트라니 완벽하다"),
        ("bob", "rock paper scissors but with fifteen fists"),
    ],
    "petals": [
        ("lena.type", "The colours!! Happy Diwali."),
        ("mika.ito", "お祭りの音がする。"),
        ("kavya.moves", "धन्यवाद! The tabla is doing most of the work.", 1),
    ],
    "ridges": [
        ("carol", "I would like to be in that balloon, with a sandwich."),
        ("tomas.mar", "E eu no vale, a dormir."),
    ],
    "stained": [
        ("alice", "The moment the sun crosses the yellow pane."),
        ("nour.draws", "Light is the best material."),
        ("lucia.luz", "Y el más barato.", 1),
    ],
    "caustics": [
        ("tomas.mar", "Ouvi o mergulho."),
        ("dave", "I can smell the chlorine"),
        ("amara.sahel", "Midi pile, on y est."),
    ],
    "rings": [
        ("petri.dish", "My eyes did the rest and now they want overtime."),
        ("lena.type", "The four on the floor makes the circles breathe."),
    ],
    "dunes": [
        ("alice", "Merci pour la kora. Who plays?"),
        ("amara.sahel", "Mon oncle, en vrai. Ici, un ordinateur qui l’imite mal.", 0),
        ("theo.paper", "Samma vind, annan sand."),
    ],
    "fireflies": [
        ("alice", "Remember the one that followed us to the car?"),
        ("carol", "It had plans.", 0),
        ("kavya.moves", "We call them jugnu. Same magic."),
    ],
    "train": [
        ("alice", "The conductor waves at 0:04. He does not, but I believe it."),
        ("carol", "All the lit windows have someone who cannot sleep."),
        ("bob", "that is exactly who they are for", 1),
    ],
    "lamps": [
        ("theo.paper", "Is the big one coming in smoke glass?"),
        ("brand", "In October. We are still arguing about the shade of smoke.", 0),
        ("carol", "That dimmer curve is lovely."),
    ],
    "neon": [
        ("hyun.wav", "소등 직전의 깜빡임까지 완벽."),
        ("brand", "감사합니다! The flicker is a real one: tube number three, 1994.", 0),
    ],
    "garden": [("carol", "The wind knows them by name."), ("kavya.moves", "फूल भी साँस लेते हैं।")],
}

# (sender, text, clip to share or "", minutes ago). Conversations are between the first sender and the named person.
CONVERSATIONS: dict[tuple[str, str], list[tuple[str, str, str, int]]] = {
    ("alice", "bob"): [
        (
            "bob",
            "hey, the pendulum one: did you tune the notes to the swings or the other way round?",
            "",
            4400,
        ),
        ("alice", "Other way round. I picked the chord first and let the swings follow.", "", 4392),
        ("bob", "that explains why it never sounds wrong", "", 4390),
        ("alice", "It sounds wrong at 7 s if you listen for it. Please do not listen for it.", "", 4384),
        ("bob", "too late", "", 4383),
        ("alice", "You were warned.", "", 4371),
        ("bob", "i made the train thing, does the sky need more stars or fewer", "train", 1500),
        ("alice", "Fewer stars, one more lit window. Somebody has to be awake.", "", 1466),
        ("bob", "one more window it is. thanks", "", 1464),
    ],
    ("alice", "carol"): [
        ("carol", "Balcony update: the sunflower is taller than me now.", "", 2980),
        ("alice", "So I owe it royalties.", "sunflower", 2890),
        ("carol", "It accepts water. This is so beautiful, Alice.", "", 2884),
        ("alice", "Friends only for now. Should I make it public?", "", 2880),
        ("carol", "Keep it a week. It is nice to have something small.", "", 2871),
        ("alice", "A week, then.", "", 2862),
        ("carol", "And this one made me think of your fireflies story", "fireflies", 340),
        (
            "alice",
            "Watching it for the fourth time. Are you free on Sunday? Quai de Saône, the usual bench?",
            "",
            322,
        ),
        ("carol", "Sunday, bench, coffee. Oui 🙂", "", 300),
    ],
    ("dave", "alice"): [
        (
            "dave",
            "Hi Alice, we have not met. Your pendulums got me through a very long meeting. Thank you!",
            "",
            130,
        )
    ],
    ("alice", "sam.orbits"): [
        (
            "sam.orbits",
            "May I show Undertow in the dome on Friday? With your name as large as you like.",
            "",
            700,
        ),
        ("alice", "Yes please! Small name, large dome.", "", 655),
    ],
}

# What alice is asked by people who do not follow her, and what she answers; then the same once more, some hours later.
FAN_MAIL: tuple[tuple[str, str, str, str], ...] = (
    (
        "Which program do you draw these with?",
        "My own. A few hundred lines of Python.",
        "And the waiting?",
        "The waiting is the expensive part.",
    ),
    (
        "May I use the pendulums in a school play?",
        "Please do. Which class?",
        "Fourth year. They will be the tide.",
        "Then I want a photograph.",
    ),
    (
        "How long does one second of silk take?",
        "About two minutes.",
        "On what machine?",
        "A laptop that has seen better days.",
    ),
    (
        "Do you sell prints?",
        "Not yet. You are the fourth this month.",
        "Count me as the fifth too.",
        "Noted, twice.",
    ),
    (
        "My daughter asks what happens after the end.",
        "It begins again.",
        "She says she knew.",
        "She is right more often than I am.",
    ),
    (
        "Is the sound recorded or made?",
        "Made. Eleven sine waves.",
        "I counted ten.",
        "The eleventh is there for dogs.",
    ),
    (
        "Could you do one with snow?",
        "I have tried for three winters.",
        "What goes wrong?",
        "It keeps looking like static.",
    ),
    (
        "I learnt what a harmonograph is because of you.",
        "Then it was worth every crooked line.",
        "I am building one!",
        "Send me its first drawing, please.",
    ),
    (
        "Would you teach a workshop in Ghent?",
        "In spring, gladly.",
        "April?",
        "The second weekend, and I bring the pendulums.",
    ),
    (
        "Is there a palette for the tides?",
        "Five blues and one that is not.",
        "Which one is not?",
        "The third.",
    ),
    (
        "Does it bother you when people loop it without sound?",
        "Not at all.",
        "I do it on the train.",
        "I draw it on the train.",
    ),
)
# Whom alice wrote to first, and what came back.
FIRST_LINES: dict[str, tuple[str, str]] = {
    "nour.draws": ("Your ink clip stopped me on the stairs. How wet is the paper?", "Very. I tape it down."),
    "theo.paper": ("Do you still have the blue tissue from the lantern?", "A whole drawer. Come by."),
}
