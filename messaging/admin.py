"""Conversations in the admin: who wrote to whom and when. What was written shows only where it was reported."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from privacy.access import reports_on
from socialapp.lib.backoffice import ReadOnlyAdmin, admin_link, person_link

from .models import Conversation, Message, Notification, Participant


class ParticipantInline(TabularInline):
    model = Participant
    fields = readonly_fields = ("person", "state", "muted", "joined_at")
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Participant]:
        return super().get_queryset(request).select_related("person")

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    list_display = ("id", "people", "messages_count", "last_message_at", "created_at")
    list_display_links = ("id",)
    search_fields = ("name", "participants__person__username", "=id")
    ordering = ("-id",)
    fields = ("name", "messages_count", "last_message_at", "created_at")
    readonly_fields = ("messages_count",)
    inlines = (ParticipantInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        return super().get_queryset(request).prefetch_related("participants__person")

    @display(description=_("People"))
    def people(self, conversation: Conversation) -> str:
        return ", ".join(f"@{row.person.username}" for row in conversation.participants.all())

    @display(description=_("Messages"), ordering="last_seq")
    def messages_count(self, conversation: Conversation) -> int:
        return conversation.last_seq


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """Metadata only. A message's words are read by its people, and by moderators once one of them reported it."""

    list_display = ("created_at", "sender_link", "conversation_link", "seq", "kind", "removed_at")
    list_display_links = ("created_at",)
    list_select_related = ("sender", "conversation")
    list_filter = (("created_at", RangeDateTimeFilter),)
    # Not by text: a search would read what the page hides.
    search_fields = ("sender__username", "=conversation__id", "=id")
    ordering = ("-id",)
    fields = ("sender_link", "conversation_link", "seq", "kind", "words", "created_at", "removed_at")
    readonly_fields = ("sender_link", "conversation_link", "kind", "words")

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Message | None:
        message: Message | None = super().get_object(request, object_id, from_field)
        if message is not None:
            message.seen_by = request.user  # type: ignore[attr-defined]
        return message

    @display(description=_("From"))
    def sender_link(self, message: Message) -> SafeString:
        return person_link(message.sender)

    @display(description=_("Conversation"))
    def conversation_link(self, message: Message) -> SafeString:
        return admin_link("messaging_conversation", message.conversation_id, message.conversation_id)

    @display(description=_("Kind"))
    def kind(self, message: Message) -> str:
        return str(_("Clip") if message.video_id else _("Text"))

    @display(description=_("Message"))
    def words(self, message: Message) -> SafeString:
        reports = reports_on(message.seen_by, "message", message.pk)  # type: ignore[attr-defined]
        if not reports.exists():
            return format_html("<em>{}</em>", _("Hidden: nobody reported this message."))
        return format_html("<blockquote>{}</blockquote>", message.text or "–")


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    list_display = ("updated_at", "recipient_link", "kind", "actor_link", "actors_count", "read_at")
    list_display_links = ("updated_at",)
    list_select_related = ("recipient", "actor")
    list_filter = ("kind", ("read_at", admin.EmptyFieldListFilter))
    search_fields = ("recipient__username", "actor__username")
    ordering = ("-updated_at", "-id")
    fields = ("recipient_link", "kind", "actor_link", "actors_count", "created_at", "updated_at", "read_at")
    readonly_fields = ("recipient_link", "actor_link")

    @display(description=_("For"))
    def recipient_link(self, row: Notification) -> SafeString:
        return person_link(row.recipient)

    @display(description=_("By"))
    def actor_link(self, row: Notification) -> SafeString:
        return person_link(row.actor)
