"""A push service for tests, over real HTTP on loopback: checks who pushes (RFC 8292) and reads what is pushed (RFC 8291).

It decrypts by itself, from the RFCs and `cryptography` alone, so that a fault of our encrypting library would be seen.
"""

import base64
import json
import os
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def text(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def raw(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def point(key):
    return key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )


class Browser:
    """The keys of one browser, as PushManager.subscribe() makes them."""

    def __init__(self, service, name):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.auth = os.urandom(16)
        self.name = name
        self.service = service

    @property
    def subscription(self):
        return {
            "endpoint": f"{self.service.address}/push/{self.name}",
            "expirationTime": None,
            "keys": {"p256dh": text(point(self.key)), "auth": text(self.auth)},
        }

    @property
    def received(self):
        """What arrived for this browser, decrypted."""
        return [json.loads(self.read(push["body"])) for push in self.pushes]

    @property
    def pushes(self):
        return [push for push in self.service.pushes if push["path"] == f"/push/{self.name}"]

    def read(self, body):
        """RFC 8291, section 3.4, and RFC 8188, section 2, for one record."""
        salt, (size, length) = body[:16], struct.unpack("!LB", body[16:21])
        theirs, sealed = body[21 : 21 + length], body[21 + length :]
        assert len(sealed) <= size
        peer = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs)
        info = b"WebPush: info\0" + point(self.key) + theirs
        secret = derive(self.auth, self.key.exchange(ec.ECDH(), peer), info, 32)
        key = derive(salt, secret, b"Content-Encoding: aes128gcm\0", 16)
        nonce = derive(salt, secret, b"Content-Encoding: nonce\0", 12)
        plain = AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\0")
        assert plain[-1:] == b"\2"  # the last record's delimiter
        return plain[:-1]


def derive(salt, secret, info, length):
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)


class PushService(ThreadingHTTPServer):
    """`answers` maps a browser's name to the (status, headers) it gets next; the last of a list stays."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.pushes, self.answers, self.slow, self.public_key = [], {}, 0.0, None
        self.busy, self.busiest, self.lock = 0, 0, threading.Lock()
        self.address = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def browser(self, name):
        return Browser(self, name)

    def check_vapid(self, header):
        """The audience, the end and the signature of a word (RFC 8292, sections 2 and 3); its claims."""
        scheme, _space, rest = header.partition(" ")
        assert scheme == "vapid"
        fields = dict(part.strip().split("=", 1) for part in rest.split(","))
        signed, _dot, signature = fields["t"].rpartition(".")
        first, claims = (json.loads(raw(part)) for part in signed.split("."))
        assert first == {"typ": "JWT", "alg": "ES256"}
        assert claims["aud"] == self.address
        assert time.time() < claims["exp"] <= time.time() + 86_400
        assert claims["sub"].startswith(("mailto:", "https:"))
        if self.public_key:
            assert fields["k"] == self.public_key
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw(fields["k"]))
        sign = raw(signature)
        whole = utils.encode_dss_signature(*(int.from_bytes(half, "big") for half in (sign[:32], sign[32:])))
        key.verify(whole, signed.encode(), ec.ECDSA(hashes.SHA256()))
        return claims


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        service = self.server
        with service.lock:
            service.busy += 1
            service.busiest = max(service.busiest, service.busy)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(service.slow)
        status, headers = self.verdict()
        if status == 201:
            service.pushes.append({"path": self.path, "headers": dict(self.headers), "body": body})
        with service.lock:
            service.busy -= 1
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def verdict(self):
        try:
            self.server.check_vapid(self.headers["Authorization"])
            assert self.headers["Content-Encoding"] == "aes128gcm"
            assert int(self.headers["TTL"]) > 0
        except Exception as error:
            self.server.pushes.append({"path": "/wrong", "headers": {}, "body": repr(error).encode()})
            return 403, {}
        waiting = self.server.answers.get(self.path.rpartition("/")[2], [(201, {})])
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    do_GET = do_POST

    def log_message(self, *args):
        pass
