"""Which browsers are pushed to, as JSON. What is pushed is not asked for here: it comes by itself (RFC 8030)."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import sessions
from privacy.serializers import Body
from socialapp.lib.errors import Problem
from socialapp.lib.rest import TokenAuthentication, idempotent

from . import access, actions, push_service, vapid
from .api import GONE, SignedIn
from .sockets import session_hash

_BASE64 = r"^[A-Za-z0-9_-]+=*$"


class NotPushed(Problem):
    """503: the browser's push service did not take it."""

    status, code, message = (
        503,
        "not_pushed",
        _("Your browser's push service did not take it. Turn notifications off and on again, or try later."),
    )


class PushShape(serializers.Serializer):
    public_key = serializers.CharField(
        help_text="`applicationServerKey` of PushManager.subscribe(), base64url."
    )


class SubscriptionShape(serializers.Serializer):
    """A browser that is pushed to until the log-in ends in which it was let; `this`: the one that asks."""

    id = serializers.CharField()
    browser = serializers.CharField()
    this = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    last_sent_at = serializers.DateTimeField(allow_null=True)


class SubscriptionsShape(serializers.Serializer):
    results = SubscriptionShape(many=True)


class KeysBody(serializers.Serializer):
    p256dh = serializers.RegexField(_BASE64, max_length=120, help_text="The browser's key, base64url.")
    auth = serializers.RegexField(_BASE64, max_length=40, help_text="The shared secret, base64url.")


class SubscriptionBody(Body):
    """As PushSubscription.toJSON() gives it."""

    endpoint = serializers.CharField(max_length=push_service.ENDPOINT_LENGTH)
    keys = KeysBody()
    expirationTime = serializers.FloatField(  # as browsers name it
        required=False, allow_null=True, help_text="Ignored: an address that is over says so when it is used."
    )


class PushTestShape(serializers.Serializer):
    sent = serializers.BooleanField(
        help_text="Whether the push service took it; when it arrives is up to it."
    )


def _session(request: Request) -> str:
    """The name of the log-in that asks, by cookie or by token."""
    if isinstance(request.successful_authenticator, TokenAuthentication):
        return session_hash(request.headers.get("X-Session-Token", ""))
    key = request.session.session_key
    return session_hash(key) if key else ""


class PushKey(SignedIn):
    @extend_schema(operation_id="push_key", responses=PushShape)
    def get(self, request: Request) -> Response:
        """What a browser needs to subscribe. The same for everybody; it changes only when the site's key does."""
        return Response({"public_key": vapid.public_key()})


class PushSubscriptions(SignedIn):
    @extend_schema(operation_id="push_subscriptions", responses=SubscriptionsShape)
    def get(self, request: Request) -> Response:
        """The asking person's browsers, newest first; at most 20."""
        return Response({"results": access.push_subscriptions(request.user, _session(request))})

    @extend_schema(
        operation_id="push_subscribe",
        request=SubscriptionBody,
        responses={200: SubscriptionShape, 201: SubscriptionShape},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Push to this browser while this log-in lasts. The same address again renews it."""
        body = SubscriptionBody.read(request)
        session = _session(request)
        if not isinstance(request.successful_authenticator, TokenAuthentication):
            sessions.note(request._request)
        row, created = actions.subscribe_browser(
            request.user,
            session,
            endpoint=body["endpoint"],
            p256dh=body["keys"]["p256dh"].rstrip("="),
            auth=body["keys"]["auth"].rstrip("="),
            user_agent=request.headers.get("User-Agent", ""),
        )
        return Response(access.subscription_card(row, session), status=201 if created else 200)


class OneSubscription(SignedIn):
    @extend_schema(operation_id="push_unsubscribe", responses={204: GONE})
    def delete(self, request: Request, subscription_id: str) -> Response:
        actions.unsubscribe_browser(request.user, subscription_id)
        return Response(status=204)


class PushTest(SignedIn):
    @extend_schema(operation_id="push_test", request=None, responses=PushTestShape)
    def post(self, request: Request) -> Response:
        """Push one to the browser of this log-in, now. 404 when it is not subscribed, 503 when its push service refuses."""
        answer = actions.try_push(request.user, _session(request))
        if answer.outcome is not push_service.Outcome.SENT:
            raise NotPushed(retry_after=answer.retry_after or None)
        return Response({"sent": True})
