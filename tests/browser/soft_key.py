"""A passkey without a browser: what one would have sent when it was made."""

import os
from base64 import urlsafe_b64encode

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import WebAuthn
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from lumbung.accounts.models import User


def give_key(user: User, name: str) -> Authenticator:
    """Register a key made here, as `WebAuthn.add` stores one from a browser."""
    public = ES256.from_cryptography_key(  # type: ignore[no-untyped-call]
        ec.generate_private_key(ec.SECP256R1()).public_key()
    )
    data = AttestedCredentialData.create(b"\0" * 16, os.urandom(16), public)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.AT
    auth = AuthenticatorData.create(b"\0" * 32, flags, 0, data)
    credential = {
        "id": text(data.credential_id),
        "rawId": text(data.credential_id),
        "type": "public-key",
        "response": {
            "attestationObject": text(AttestationObject.create("none", auth, {})),
            "clientDataJSON": text(
                CollectedClientData.create("webauthn.create", b"x", "http://localhost")
            ),
        },
        "clientExtensionResults": {"credProps": {"rk": True}},
    }
    return WebAuthn.add(user, name, credential).instance


def text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
