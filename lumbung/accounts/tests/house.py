"""A small OpenID Connect provider on this machine: discovery, keys, token."""

import hashlib
import json
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "lumbung", "rahasia klien"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class House:
    """The provider. `claims` go into the next token; `key` signs it."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.key = KEY
        self.challenge = ""
        self.said_issuer = ""
        self.lacks = ""
        self.asked: list[dict[str, str]] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"

    def handler(self) -> type[BaseHTTPRequestHandler]:
        house = self

        class Door(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # noqa: N802  # the library's name
                if self.path.startswith("/.well-known/"):
                    self.say(house.about())
                else:
                    self.say({"keys": [house.public()]})

            def do_POST(self) -> None:  # noqa: N802
                length = int(self.headers["Content-Length"])
                sent = parse_qs(self.rfile.read(length).decode())
                self.say(house.token({k: v[0] for k, v in sent.items()}))

            def say(self, answer: dict[str, Any]) -> None:
                body = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                """Tests are quiet."""

        return Door

    def about(self) -> dict[str, Any]:
        about = {
            "issuer": self.said_issuer or self.issuer,
            "authorization_endpoint": f"{self.issuer}/auth",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }
        about.pop(self.lacks, None)
        return about

    def public(self) -> dict[str, Any]:
        found = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
        return {**found, "kid": "one", "alg": "RS256", "use": "sig"}

    def token(self, sent: dict[str, str]) -> dict[str, Any]:
        """A token for who knows the client's secret and the verifier of the question."""
        self.asked.append(sent)
        hashed = hashlib.sha256(sent["code_verifier"].encode()).digest()
        proof = urlsafe_b64encode(hashed).rstrip(b"=").decode()
        if sent["client_secret"] != SECRET or proof != self.challenge:
            return {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "pegawai-17",
            "iat": now,
            "exp": now + 300,
        }
        token = jwt.encode(
            claims | self.claims, self.key, algorithm="RS256", headers={"kid": "one"}
        )
        return {"id_token": token, "access_token": "x", "token_type": "Bearer"}


@contextmanager
def open_house() -> Iterator[House]:
    house = House()
    thread = threading.Thread(target=house.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield house
    finally:
        house.server.shutdown()
        house.server.server_close()
        thread.join()
