"""What the demo's moderators have to decide about: accounts that exist for nothing else, what they said and did, and what
people told about it. Mild on purpose. Nothing is written here; socialapp.demo.queue does that."""

from dataclasses import dataclass

from .cast import Person

_GREY = ("#2c3038", "#9aa3b5", "#e9e4d8")

# Accounts that are there to be reported. Nobody is suggested them.
ACCOUNTS: tuple[Person, ...] = (
    Person("deal.hunter99", "Deals Deals Deals", "70 % off. Today only.", "en", "US", ("#5a0f3c", "#ff9a1f", "#fbe34c")),
    Person("quick.coins", "Coin Doubler", "Send one, get two back.", "en", "GB", ("#0b3b3c", "#ffd27a", "#7fd4ff")),
    Person("mean.comet", "comet", "not here to be nice", "en", "US", ("#190a2e", "#f25f5c", "#8fd8b0")),
    Person("loud.wolf", "Loud Wolf", "says what nobody asked", "en", "GB", _GREY),
    Person("clip.vault", "The Vault", "The best clips, all in one place.", "en", "DE", ("#0a1024", "#5fd0ff", "#ff7fa8")),
    Person("facts.first", "Facts First", "What they do not tell you.", "fr", "FR", ("#ffd9a0", "#17508a", "#e2a33b")),
    Person("thrill.seeker", "Thrill", "Roofs, trains, no ropes.", "en", "PL", ("#2b3cff", "#fbe34c", "#ff5a36")),
    Person("late.show", "Late Show", "after midnight", "es", "ES", ("#1b6ca8", "#f2a541", "#d7263d")),
    Person("northl1ght.help", "Northlight Help", "The help desk of Northlight.", "en", "DK", ("#14100e", "#ff9a4a", "#fff0d2")),
    Person("follow4follow", "F4F", "I follow back. Always. At once.", "pt", "BR", ("#06121c", "#8fd8b0", "#f25f5c")),
    Person("anon.7741", "", "", "en", "", _GREY),
    Person("glow.tablets", "Glow Tablets", "Clear skin in three days.", "fr", "FR", ("#f3f1e7", "#d9485f", "#2f5a48")),
    Person("fresh.start2", "Fresh Start", "", "en", "CA", _GREY, joined=-4),
    Person("tape.copy", "Tape Copy", "", "en", "NL", _GREY),
)  # fmt: skip


@dataclass(frozen=True)
class Complaint:
    """One thing by one of the accounts above. `words` is its caption, text or title; an account itself has none.

    `told` is (reason, note) of each who reported it; or `rule` and `detail` say what held it.
    """

    kind: str
    by: str
    words: str
    told: tuple[tuple[str, str], ...]
    rule: str = ""
    detail: tuple[tuple[str, int | str], ...] = ()


# A thing a line, "kind account: words"; below it who told what, "- reason: note", or the rule, "= rule fact=value …".
_TEXT = """
video thrill.seeker: Roof to roof before the last train. Try it. #norope
    - violence: Kids in my class copy this.
    - self_harm
    - violence: No warning, no rope
    - minor: The boy in it is about twelve.
video clip.vault: Calm fire loop. Follow for more
    - rights: This is my clip with my name cut off. The first one is on my profile since spring.
    - rights
video facts.first: Ils vous cachent tout : l’eau du robinet efface la mémoire
    - false: Aucune source, et des gens y croient.
    - false
video glow.tablets: Clear skin in three days, doctors hate it. Order by message
    - spam
    - false: My sister got a rash from these.
video late.show: Versión sin cortes, solo por mensaje
    - sexual
video quick.coins: I doubled 0.5 coins in front of you. Your turn
    - spam: He took 200 from me.
    - spam
    - spam: Same video under five names
video tape.copy: Pond at dusk
    = duplicate
video fresh.start2: hello number 9
    = velocity published=9 minutes=10 account_hours=4
video deal.hunter99: Shoes, bags, phones: example.com/a example.com/b example.com/c
    = links links=6 minutes=10
video quick.coins: Free c0ins for the first hundred
    = term term=free_coins
sound clip.vault: Slow pads (full album rip)
    - rights: I made this. It is on my page.
sound late.show: Suspiros
    - sexual
sound thrill.seeker: Scream at 0:04
    - other: It hurts in headphones.
sound facts.first: Message secret à l’envers
    - false
person northl1ght.help
    - false: This is not us. They ask our customers for card numbers.
    - spam: Asked for my card
    - false
person deal.hunter99
    - spam
    - spam: Every comment section
person mean.comet
    - harassment: Comes back under every clip of mine.
person follow4follow
    - spam
person quick.coins
    - spam: Scam
person anon.7741
    - harassment: I think I know who this is.
message quick.coins: Hi! Your account was chosen. Send 50 and I send back 100 within the hour.
    - spam
message northl1ght.help: Your lamp order is on hold. Please confirm your card number here.
    - spam: I never ordered a lamp.
message anon.7741: I know which bus you take home.
    - violence: Please do something. I am scared.
message mean.comet: Delete that clip or I make sure everyone laughs at you.
    - harassment
message late.show: Send me a picture and I send you mine
    - sexual
message deal.hunter99: 70 % off everything, only for you, only today
    - spam
message glow.tablets: Une cure gratuite contre votre adresse ?
    - spam
message follow4follow: follow back or I unfollow in 1 h
    - spam
comment deal.hunter99: 70 % off on my page, hurry
    - spam
    - spam
    - spam: Again
comment deal.hunter99: Who wants these shoes? Write me
    - spam
    - spam
comment deal.hunter99: Nice. Also nice: my shop
    - spam
comment quick.coins: I made 900 this week, ask me how
    - spam
    - spam: Third time today
comment quick.coins: Thank you Mr. Doubler, I got paid
    - spam: Same person, other name
comment mean.comet: With that voice you should stay silent for good
    - harassment
    - harassment: She has not posted since.
comment mean.comet: Look at this face and laugh with me, people
    - harassment
comment mean.comet: Boring. Next.
    - harassment: Rude
comment loud.wolf: Your kind should not be allowed to post here
    - hate
    - hate: About where she comes from
    - harassment
comment loud.wolf: Speak properly or go home
    - hate
comment loud.wolf: I disagree with every word of this
    - other: I do not like his tone.
comment facts.first: Regardez mon profil, la vérité est là
    - false
comment facts.first: Les médecins mentent, arrêtez vos traitements
    - false: C’est dangereux.
    - self_harm
comment thrill.seeker: Do it without the railing, coward
    - violence
comment late.show: Más en mi perfil, solo adultos
    - sexual
comment follow4follow: f4f? f4f? f4f?
    - spam
comment follow4follow: first
    - spam
comment anon.7741: nobody would miss you
    - self_harm: He writes this under everything.
    - harassment
comment glow.tablets: Votre peau mérite mieux, écrivez-moi
    - spam
comment clip.vault: Reposted this, thanks
    - rights: Without asking
comment tape.copy: example.com/x example.com/y example.com/z
    = links links=6 minutes=10
comment fresh.start2: fr33 c0ins here
    = term term=free_coins
"""


def _read(entry: list[str]) -> Complaint:
    head, _colon, words = entry[0].partition(": ")
    kind, by = head.split()
    told = [line[2:].partition(": ") for line in entry[1:] if line.startswith("- ")]
    rule, *facts = next((line[2:] for line in entry[1:] if line.startswith("= ")), " ").split(" ")
    pairs = [fact.split("=") for fact in facts if fact]
    return Complaint(
        kind,
        by,
        words,
        tuple((reason, note) for reason, _sign, note in told),
        rule,
        tuple((name, int(value) if value.isdigit() else value.replace("_", " ")) for name, value in pairs),
    )


def _complaints() -> tuple[Complaint, ...]:
    entries: list[list[str]] = []
    for line in _TEXT.strip().splitlines():
        if line.startswith(" "):
            entries[-1].append(line.strip())
        else:
            entries.append([line])
    return tuple(_read(entry) for entry in entries)


COMPLAINTS = _complaints()
