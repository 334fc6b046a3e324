"""OpenID Connect, as a client: where to send somebody, and what to believe of the answer.

Authorization code with PKCE, state and nonce; the token's signature is checked with the
provider's keys (OpenID Connect Core 1.0, 3.1.3.7). Nothing is read but who it is.
"""

import hashlib
import json
import secrets
from base64 import urlsafe_b64encode
from dataclasses import asdict, dataclass
from http.client import HTTPException
from typing import Any
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

import jwt
from django.conf import settings

from lumbung.core.message import Message
from lumbung.core.refusal import Refusal

ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
ALGORITHMS = ["RS256", "ES256"]
PATIENCE_SECONDS = 10
LEEWAY_SECONDS = 60
LONGEST_ANSWER = 1_000_000


class NotReached(Refusal):
    code = "openid_not_reached"
    status = 502


class NotBelieved(Refusal):
    """The answer is not one to our question, or not the provider's."""

    code = "openid_not_believed"
    status = 403


@dataclass(frozen=True)
class Asked:
    """What the session keeps of a question until its answer comes back."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def anew(cls) -> "Asked":
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))

    def kept(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True)
class Somebody:
    """Whom the provider says it was; `email` only where it is verified there."""

    issuer: str
    subject: str
    email: str


def is_offered() -> bool:
    return bool(settings.OIDC_ISSUER and settings.OIDC_CLIENT)


def way_out(asked: Asked, back: str) -> str:
    """The provider's address that asks the person to sign in there."""
    challenge = urlsafe_b64encode(hashlib.sha256(asked.verifier.encode()).digest())
    query = {
        "response_type": "code",
        "client_id": settings.OIDC_CLIENT,
        "redirect_uri": back,
        "scope": "openid email",
        "state": asked.state,
        "nonce": asked.nonce,
        "code_challenge": challenge.rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    return f"{provider()['authorization_endpoint']}?{urlencode(query)}"


def answer(asked: Asked, code: str, back: str) -> Somebody:
    """Who signed in at the provider, or `NotBelieved`."""
    about = provider()
    sent = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "client_id": settings.OIDC_CLIENT,
        "client_secret": settings.OIDC_SECRET,
        "code_verifier": asked.verifier,
    }
    token = fetch(about["token_endpoint"], sent).get("id_token", "")
    claims = believed(token, about)
    if not secrets.compare_digest(str(claims.get("nonce", "")), asked.nonce):
        raise not_believed()
    verified = claims.get("email_verified") is True
    return Somebody(
        issuer=claims["iss"],
        subject=claims["sub"],
        email=str(claims.get("email", "")) if verified else "",
    )


def believed(token: str, about: dict[str, Any]) -> dict[str, Any]:
    """The token's claims, where it is signed by the provider and meant for us."""
    try:
        keys = jwt.PyJWKSet.from_dict(fetch(about["jwks_uri"]))
        kid = jwt.get_unverified_header(token).get("kid")
        key = next((k for k in keys.keys if k.key_id == kid), None)
        if key is None:
            raise not_believed()
        claims: dict[str, Any] = jwt.decode(
            token,
            key=key.key,
            algorithms=ALGORITHMS,
            audience=settings.OIDC_CLIENT,
            issuer=about["issuer"],
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )
    except jwt.PyJWTError as error:
        raise not_believed() from error
    if claims.get("azp", settings.OIDC_CLIENT) != settings.OIDC_CLIENT:
        raise not_believed()
    return claims


def not_believed() -> NotBelieved:
    return NotBelieved(
        Message(
            "The answer of %(name)s does not fit our question.", name=settings.OIDC_NAME
        ),
        mend=Message("Begin once more at the sign-in page."),
    )


def provider() -> dict[str, Any]:
    """What the provider says of itself, at the issuer that was configured.

    A slash at the end is written by some and left out by others: it leads to the same
    address, and the tokens carry what the provider itself says.
    """
    asked = settings.OIDC_ISSUER.rstrip("/")
    about = fetch(f"{asked}/.well-known/openid-configuration")
    said = str(about.get("issuer", ""))
    if said.rstrip("/") != asked:
        raise NotBelieved(
            Message(
                "%(name)s calls itself “%(said)s”, and is set up here as “%(asked)s”.",
                name=settings.OIDC_NAME,
                said=said,
                asked=settings.OIDC_ISSUER,
            ),
            mend=Message(
                "Tell your administrator: LUMBUNG_OIDC_ISSUER must be what it calls"
                " itself."
            ),
        )
    if not all(isinstance(about.get(name), str) for name in ENDPOINTS):
        raise not_reached()
    return about


def fetch(url: str, sent: dict[str, str] | None = None) -> dict[str, Any]:
    """JSON from the provider, over HTTPS alone (or from this very machine)."""
    data = urlencode(sent).encode() if sent else None
    try:
        parts = urlsplit(url)
        near = parts.hostname in {"localhost", "127.0.0.1"}
        if parts.scheme != "https" and not (near and parts.scheme == "http"):
            raise ValueError(url)
        request = Request(url, data, {"Accept": "application/json"})  # noqa: S310
        with urlopen(request, timeout=PATIENCE_SECONDS) as reply:  # noqa: S310
            found = json.loads(reply.read(LONGEST_ANSWER))
        if not isinstance(found, dict):
            raise ValueError(url)
    except (OSError, HTTPException, ValueError) as error:
        raise not_reached() from error
    return found


def not_reached() -> NotReached:
    return NotReached(
        Message("%(name)s does not answer as it should.", name=settings.OIDC_NAME),
        mend=Message("Sign in with your password, or try again later."),
    )
