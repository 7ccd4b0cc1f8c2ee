"""Groups: starting one, who is in it, who looks after it, what it is called.

Every member may add people, within what those allow the member; who looks after the group renames it, removes people and
names others to look after it with them. What happened is written down as a message, so it has its place in the order.
Everything happens under the locks of ground.py: the members and whoever is added, lowest id first, then the conversation.
"""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Case, F, PositiveBigIntegerField, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import people_named, relations
from accounts.models import User
from privacy import terms
from privacy.access import is_blocked, privacy_of
from privacy.actions import audit, lock_people
from privacy.models import Block, Restriction
from privacy.rules import Relation
from socialapp.lib.errors import Forbidden, Invalid, NotFound
from socialapp.lib.ids import new_id
from socialapp.lib.ratelimit import limit
from socialapp.lib.realtime import push_on_commit

from .. import access
from ..models import Conversation, Message, Notification, Participant
from ..rules import GROUP_NAME_LENGTH, GROUP_PEOPLE, STRANGERS, Verdict, joining
from .ground import ACTIVE, LEFT, REQUEST, Actor, locked_seat, push_badges, reference, signed_in
from .notices import notify, withdraw


def start_group(actor: Actor, usernames: Iterable[str], name: str = "") -> Conversation:
    """A new group of the actor, who looks after it, and these people. All of them or none.

    Who would take the actor's words as a message is in at once, who would take them as a request is asked. Invalid for an
    unknown person and for more than GROUP_PEOPLE, Forbidden when somebody's settings refuse, TooMany. About 15 queries.
    """
    me = signed_in(actor)
    name = _clean_name(name)
    people = [person for person in _named(me, usernames) if person.pk != me.pk]
    if not people:
        raise _invalid_people(_("Choose who should be in the group."))
    _check_room(1 + len(people))
    limit("group", me.pk)
    with transaction.atomic():
        lock_people(me.pk, *(person.pk for person in people))
        states = _arrivals(me, people)
        group = Conversation.objects.create(is_group=True, name=name)
        Participant.objects.create(
            conversation=group, person=me, is_admin=True, accepted_at=timezone.now(), state=ACTIVE
        )
        _seat(group, me, states)
        record(group, me, "created")
        _tell_newcomers(group, me, states)
    return group


def add_people(actor: Actor, conversation_id: str | int, usernames: Iterable[str]) -> Participant:
    """Put people into a group: those who would take the actor's words as a message are in, others are asked, and so is
    whoever left it before. All of them or none; who is there already stays. They read what is written from now on.

    Forbidden when somebody's settings refuse; Invalid for an unknown person and when the group is full; TooMany.
    """
    me = signed_in(actor)
    _group_seat(me, conversation_id)  # before any name is looked at
    people = _named(me, usernames)
    limit("group_add", me.pk)
    with transaction.atomic():
        seat, others = _locked_group(me, conversation_id, also=[person.pk for person in people])
        present = {me.pk, *(other.person_id for other in others)}
        coming = [person for person in people if person.pk not in present]
        if coming:
            _check_room(len(present) + len(coming))
            states = _arrivals(me, coming)
            _seat(seat.conversation, me, states)
            record(seat.conversation, me, "added", [person.pk for person in coming])
            _tell_newcomers(seat.conversation, me, states)
    return seat


def remove_person(actor: Actor, conversation_id: str | int, username: str) -> None:
    """Take somebody out of a group that the actor looks after. Nothing is delivered to them from this moment on."""
    me = signed_in(actor)
    with transaction.atomic():
        seat, others = _locked_group(me, conversation_id)
        other = _member(me, others, username)
        _needs_admin(seat)
        _vacate(other)
        record(seat.conversation, me, "removed", [other.person_id])
        audit(me, "group.remove", "person", other.person_id, conversation=str(seat.conversation_id))


def rename_group(actor: Actor, conversation_id: str | int, name: str) -> Participant:
    """Give a group that the actor looks after another name; "" for none. Idempotent."""
    me = signed_in(actor)
    name = _clean_name(name)
    with transaction.atomic():
        seat, _others = _locked_group(me, conversation_id)
        _needs_admin(seat)
        if seat.conversation.name != name:
            Conversation.objects.filter(pk=seat.conversation_id).update(name=name)
            seat.conversation.name = name
            record(seat.conversation, me, "renamed", words=name)
    return seat


def set_admin(actor: Actor, conversation_id: str | int, username: str, is_admin: bool) -> None:
    """Let somebody look after the group with the actor, or no longer. Idempotent.

    Who stops doing so themselves, as the last, passes it on as if they left.
    """
    me = signed_in(actor)
    with transaction.atomic():
        seat, others = _locked_group(me, conversation_id)
        mine = username.lower() == me.username.lower()
        chosen = seat if mine else _member(me, others, username)
        _needs_admin(seat)
        if chosen.is_admin == is_admin:
            return
        if chosen.state != ACTIVE:
            raise Forbidden(_("They have not said yes to this group yet."), code="not_in_yet")
        if mine and not any(other.state == ACTIVE for other in others):
            raise Forbidden(_("Nobody else is here to look after the group."), code="last_admin")
        Participant.objects.filter(pk=chosen.pk).update(is_admin=is_admin)
        chosen.is_admin = is_admin
        audit(
            me, "group.admin", "person", chosen.person_id, conversation=str(seat.conversation_id), on=is_admin
        )
        if is_admin:
            record(seat.conversation, me, "admin", [chosen.person_id])
        else:
            tell_members(seat.conversation_id)
            if mine:
                pass_on(seat.conversation, others)


# --- What leaving, accepting and writing do in a group: conversations.py and writing.py call these, under the locks ------


def leave(seat: Participant, others: list[Participant]) -> None:
    """The person is out of the group, or declined it; what they wrote stays. They come back only by being added."""
    group, was_admin, was_in = seat.conversation, seat.is_admin, seat.state == ACTIVE
    _vacate(seat)
    if was_in:
        record(group, seat.person, "left")
    else:
        tell_members(group.pk)
    if was_admin:
        pass_on(group, others)


def joined(seat: Participant, others: list[Participant]) -> None:
    """Who was asked said yes: they can be named now, and look after the group when nobody else is left to."""
    _forget_asking(seat)
    if not any(other.is_admin for other in others):
        pass_on(seat.conversation, [seat])
    tell_members(seat.conversation_id)


def check_writing(seat: Participant, others: list[Participant]) -> None:
    """Forbidden for who has not said yes to the group, and when there is nobody to read it.

    Settings of the members do not matter here: who is in a group takes what is written in it, or leaves.
    """
    if seat.state != ACTIVE:
        raise Forbidden(_("Accept the request first."), code="accept_first")
    if not others:
        raise Forbidden(_("Nobody else is in this group any more."), code="alone")


def pass_on(group: Conversation, present: Sequence[Participant]) -> None:
    """When nobody looks after the group any more, who has been in it longest does."""
    members = [seat for seat in present if seat.state == ACTIVE]
    if not members or any(seat.is_admin for seat in members):
        return
    heir = min(members, key=lambda seat: (not seat.person.is_visible, seat.joined_at, seat.pk))
    Participant.objects.filter(pk=heir.pk).update(is_admin=True)
    heir.is_admin = True
    record(group, None, "admin", [heir.person_id])


# --- Parts -----------------------------------------------------------------------------------------------------------


def _clean_name(name: str) -> str:
    name = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    if len(name) > GROUP_NAME_LENGTH:
        sentence = _("Keep the name under %(count)s characters.") % {"count": GROUP_NAME_LENGTH + 1}
        raise Invalid(sentence, fields={"name": sentence})
    terms.refuse(name=name)
    return name


def _invalid_people(sentence: str, code: str | None = None) -> Invalid:
    return Invalid(sentence, fields={"usernames": sentence}, code=code)


def _nobody(username: str) -> Invalid:
    # The same words for who is not there and who is in a block with the actor.
    return _invalid_people(_("There is nobody called @%(name)s.") % {"name": username}, code="nobody")


def _named(me: User, usernames: Iterable[str]) -> list[User]:
    """The people of these names, each once, in the order of the names. One query."""
    names = list(dict.fromkeys(username.lower() for username in usernames))
    if len(names) > GROUP_PEOPLE:
        _check_room(len(names))
    found = people_named(me, names)
    for name in names:
        if name not in found:
            raise _nobody(name)
    return [found[name] for name in names]


def _check_room(people: int) -> None:
    if people > GROUP_PEOPLE:
        raise _invalid_people(
            _("A group has room for %(count)s people.") % {"count": GROUP_PEOPLE}, code="group_full"
        )


def _arrivals(me: User, people: list[User]) -> dict[int, str]:
    """By person, the state of the seat that `me` can give them. Read under the locks; six queries.

    Raises for all when one of them refuses: nobody is added half.
    """
    ids = [person.pk for person in people]
    fresh = User.objects.select_related("privacy").in_bulk(ids)
    stands = relations(me, ids)
    quiet = set(
        Restriction.objects.filter(restricter__in=ids, restricted=me).values_list("restricter_id", flat=True)
    )
    known = _who_accepted(me, ids)
    states: dict[int, str] = {}
    strangers = 0
    for person in people:
        now = fresh.get(person.pk)
        if now is None or not now.is_visible or stands[person.pk] == Relation.BLOCKED:
            raise _nobody(person.username)
        said = joining(
            privacy_of(now).message_audience,
            stands[person.pk],
            accepted=person.pk in known,
            restricted=person.pk in quiet,
        )
        if said is Verdict.REFUSED:
            sentence = _("%(name)s does not take messages at the moment.") % {"name": now.get_full_name()}
            raise Forbidden(sentence, code="messages_refused")
        states[person.pk] = ACTIVE if said is Verdict.MESSAGE else REQUEST
        strangers += stands[person.pk] in STRANGERS and person.pk not in known
    for _each in range(strangers):
        limit("message_to_stranger", me.pk)
    return states


def _who_accepted(me: User, ids: list[int]) -> set[int]:
    """Of these people, those who wrote to `me` or accepted what `me` wrote, in their conversation of two. One query."""
    keys = [":".join(map(str, sorted((me.pk, pk)))) for pk in ids]
    seats = Participant.objects.filter(conversation__direct_key__in=keys, accepted_at__isnull=False)
    return set(seats.exclude(person=me).values_list("person_id", flat=True))


def _seat(group: Conversation, by: User, states: dict[int, str]) -> None:
    """Give these people seats from which they read what is written after now. Who sat here before is asked."""
    now, newest = timezone.now(), group.last_seq
    back = Participant.objects.filter(conversation=group, person__in=states)
    returning = set(back.values_list("person_id", flat=True))
    if returning:
        states |= dict.fromkeys(returning, REQUEST.value)
        back.update(
            state=REQUEST,
            cleared_seq=newest,
            read_seq=newest,
            last_seq=newest,
            added_by=by,
            joined_at=now,
            accepted_at=None,
            muted=False,
            archived_at=None,
            pinned_at=None,
        )
    Participant.objects.bulk_create(
        Participant(
            conversation=group, person_id=pk, state=state, added_by=by, cleared_seq=newest, read_seq=newest
        )
        for pk, state in states.items()
        if pk not in returning
    )


def _tell_newcomers(group: Conversation, by: User, states: dict[int, str]) -> None:
    for person_id, state in states.items():
        if state == REQUEST:
            kind = Notification.Kind.MESSAGE_REQUEST
            notify(person_id, kind, actor_id=by.pk, group_key="message_request")
    push_badges(states)


def _group_seat(me: User, conversation_id: str | int) -> Participant:
    seat = access.get_seat(me, conversation_id)
    if not seat.conversation.is_group:
        raise NotFound()
    return seat


def _locked_group(
    me: User, conversation_id: str | int, also: Iterable[int] = ()
) -> tuple[Participant, list[Participant]]:
    """The actor's seat in a group they are in, and the others', locked. NotFound for anything else."""
    seat = _group_seat(me, conversation_id)
    seat, others = locked_seat(me, seat, also=also)
    if seat.state != ACTIVE:
        raise Forbidden(_("Accept the request first."), code="accept_first")
    return seat, others


def _needs_admin(seat: Participant) -> None:
    if not seat.is_admin:
        raise Forbidden(_("Only who looks after this group can do that."), code="admins_only")


def _member(me: User, others: list[Participant], username: str) -> Participant:
    """The member of this name. NotFound when there is none, and when they blocked `me`, to whom they are not there."""
    for other in others:
        if other.person.username.lower() == username.lower():
            if (
                is_blocked(me, other.person)
                and not Block.objects.filter(blocker=me, blocked=other.person).exists()
            ):
                break
            return other
    raise NotFound()


def _vacate(seat: Participant) -> None:
    """The seat is empty at once: nothing more is delivered, and their tabs let go of the conversation."""
    Participant.objects.filter(pk=seat.pk).update(
        state=LEFT, is_admin=False, archived_at=None, pinned_at=None, waiting_since=None
    )
    if seat.state == REQUEST:
        _forget_asking(seat)
    seat.state, seat.is_admin = LEFT, False
    gone = {"conversation": str(seat.conversation_id), "gone": True}
    push_on_commit([seat.person_id], "conversation.updated", gone)
    push_badges([seat.person_id])


def _forget_asking(seat: Participant) -> None:
    """Take the request out of the person's notifications, unless whoever added them waits elsewhere as well."""
    if seat.added_by_id is None:
        return
    waiting = Participant.objects.filter(person=seat.person_id, state=REQUEST).exclude(pk=seat.pk)
    low_high = ":".join(map(str, sorted((seat.person_id, seat.added_by_id))))
    asked = Q(added_by=seat.added_by_id) | Q(conversation__direct_key=low_high)
    if not waiting.filter(asked).exists():
        withdraw(seat.person_id, "message_request", actor_id=seat.added_by_id)


def tell_members(conversation_id: int) -> None:
    """After commit, let everybody's tabs fetch the group's card again."""
    seats = Participant.objects.filter(conversation=conversation_id).exclude(state=LEFT)
    push_on_commit(
        list(seats.values_list("person_id", flat=True)),
        "conversation.updated",
        {"conversation": str(conversation_id)},
    )


def refresh_shared_groups(one: int, other: int) -> None:
    """Two people shut each other out: the tabs of both fetch the groups anew that they share. Two queries."""
    theirs = Participant.objects.filter(person=other, conversation__is_group=True).exclude(state=LEFT)
    mine = Participant.objects.filter(person=one, conversation__in=theirs.values("conversation"))
    for conversation in mine.exclude(state=LEFT).values_list("conversation_id", flat=True):
        push_on_commit([one, other], "conversation.updated", {"conversation": str(conversation)})


def record(
    group: Conversation,
    actor: User | None,
    what: str,
    subjects: Sequence[int | None] = (None,),
    words: str = "",
) -> None:
    """Write down what happened, a message for each subject. The group must be locked and as fresh as the lock.

    To those who had read everything it is read as well: nobody is called for a new name. Five queries.
    """
    now, before = timezone.now(), group.last_seq
    rows = [
        Message(
            id=new_id(),
            conversation=group,
            sender=actor,
            seq=before + number,
            change=group.last_change + number,
            client_id=f"event:{new_id()}",
            kind=Message.Kind.EVENT,
            text=f"{what}:{words}" if words else what,
            subject_id=subject,
        )
        for number, subject in enumerate(subjects, 1)
    ]
    Message.objects.bulk_create(rows)
    group.last_seq, group.last_change, group.last_message_at = rows[-1].seq, rows[-1].change, now
    group.save(update_fields=["last_seq", "last_change", "last_message_at"])
    seats = Participant.objects.filter(conversation=group).exclude(state=LEFT)
    was_read = When(read_seq__gte=before, cleared_seq__lt=before, then=Value(group.last_seq))
    mine = When(person=actor.pk if actor else 0, then=Value(group.last_seq))
    seats.update(
        last_seq=group.last_seq,
        last_message_at=now,
        read_seq=Case(was_read, mine, default=F("read_seq"), output_field=PositiveBigIntegerField()),
    )
    inside = list(seats.filter(state=ACTIVE).values_list("person_id", flat=True))
    for row in rows:
        push_on_commit(inside, "message.new", reference(row))
    tell_members(group.pk)
