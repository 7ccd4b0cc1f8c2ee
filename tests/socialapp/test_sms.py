"""Text messages over real HTTP to a gateway on this machine: what it is told, and what its failures become."""

import base64
import json
import logging
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

import pytest

from socialapp.lib import sms

NUMBER, TEXT = "+33612345678", "123456 is your code — é"


class Gateway:
    """An HTTP server that answers as told and keeps what it was sent."""

    def __init__(self):
        self.status, self.answer, self.headers, self.asked, self.wait = 200, b"{}", {}, [], None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.asked.append((self.path, dict(self.headers), body))
                if outer.wait is not None:
                    outer.wait.wait(5)
                self.send_response(outer.status)
                for name, value in outer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(outer.answer)))
                self.end_headers()
                self.wfile.write(outer.answer)

            def log_message(self, *args):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()

    def close(self):
        if self.wait is not None:
            self.wait.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def gateway():
    gateway = Gateway()
    yield gateway
    gateway.close()


@pytest.fixture
def webhook(gateway, settings):
    settings.SMS_URL = f"webhook+http://who:se%40cret@127.0.0.1:{gateway.port}/texts?site=1"
    return gateway


@pytest.fixture
def twilio(gateway, settings):
    settings.SMS_URL = f"twilio://AC123:token@127.0.0.1:{gateway.port}/+15550001111"
    return gateway


def test_the_console_is_a_line_in_the_log(settings, caplog):
    settings.SMS_URL = "console://"
    with caplog.at_level(logging.INFO):
        sms.send(NUMBER, TEXT)
    assert f"{NUMBER}: {TEXT}" in caplog.text


def test_a_webhook_gets_json_and_the_password(webhook):
    sms.send(NUMBER, TEXT)
    path, headers, body = webhook.asked[0]
    assert path == "/texts?site=1"
    assert json.loads(body) == {"to": NUMBER, "text": TEXT}
    assert headers["Authorization"] == "Basic " + base64.b64encode(b"who:se@cret").decode()


def test_twilios_api_gets_a_form(twilio):
    twilio.status = 201
    sms.send(NUMBER, TEXT)
    path, headers, body = twilio.asked[0]
    assert path == "/2010-04-01/Accounts/AC123/Messages.json"
    assert parse_qs(body.decode()) == {"To": [NUMBER], "From": ["+15550001111"], "Body": [TEXT]}
    assert headers["Authorization"] == "Basic " + base64.b64encode(b"AC123:token").decode()


def test_a_messaging_service_can_send(twilio, settings):
    settings.SMS_URL = settings.SMS_URL.replace("+15550001111", "MG77")
    sms.send(NUMBER, TEXT)
    assert parse_qs(twilio.asked[0][2].decode())["MessagingServiceSid"] == ["MG77"]


@pytest.mark.parametrize("status", [301, 302, 307, 401, 403, 404, 429, 500, 503])
def test_a_refusal_is_a_sentence(webhook, status):
    webhook.status = status
    with pytest.raises(sms.NotSent) as refusal:
        sms.send(NUMBER, TEXT)
    assert (refusal.value.status, refusal.value.code) == (503, "text_not_sent")
    assert "few minutes" in str(refusal.value.message)


def test_a_refusal_leaves_no_number_and_no_code_in_the_log(webhook, caplog):
    webhook.status, webhook.answer = 500, f"no: {NUMBER} {TEXT}".encode()
    with pytest.raises(sms.NotSent):
        sms.send(NUMBER, TEXT)
    assert "500" in caplog.text
    assert NUMBER not in caplog.text
    assert "123456" not in caplog.text


@pytest.mark.parametrize("code", [21211, 21610, 21614, 21408])
def test_a_number_that_cannot_be_reached_is_said_beside_the_number(twilio, code):
    twilio.status, twilio.answer = 400, json.dumps({"code": code, "message": "…"}).encode()
    with pytest.raises(sms.CannotReceive) as refusal:
        sms.send(NUMBER, TEXT)
    assert "another" in str(refusal.value.fields["phone"])


@pytest.mark.parametrize("answer", [b"", b"[]", b"no", b'{"code": 20003}', b"\xff"])
def test_other_answers_of_400_are_the_gateways_trouble(twilio, answer):
    twilio.status, twilio.answer = 400, answer
    with pytest.raises(sms.NotSent):
        sms.send(NUMBER, TEXT)


def test_a_gateway_that_does_not_answer_is_not_waited_for(webhook, monkeypatch):
    monkeypatch.setattr(sms, "SECONDS", 0.2)
    webhook.wait = threading.Event()
    with pytest.raises(sms.NotSent):
        sms.send(NUMBER, TEXT)


def test_a_gateway_that_is_away_is_a_sentence(webhook):
    webhook.server.server_close()
    with pytest.raises(sms.NotSent):
        sms.send(NUMBER, TEXT)


def test_a_redirect_is_not_followed(webhook):
    webhook.status = 307
    webhook.headers = {"Location": f"http://127.0.0.1:{webhook.port}/elsewhere"}
    with pytest.raises(sms.NotSent):
        sms.send(NUMBER, TEXT)
    assert len(webhook.asked) == 1
