"""Somebody who calls the API with a personal key, as a program would."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.test import Client
from django.utils import timezone

from lumbung.accounts.actions import make_token
from lumbung.accounts.models import User

ROOT = "/api/v1"


class Caller:
    """One person's program. Paths are below `/api/v1`."""

    def __init__(self, user: User, language: str = "en") -> None:
        now = timezone.now()
        self.token, secret = make_token(
            label="test", until=now + timedelta(days=9), by=user, now=now
        )
        self.client = Client(raise_request_exception=False)
        self.headers = {
            "Authorization": f"Bearer {secret}",
            "Accept-Language": language,
        }

    def get(self, path: str, **query: Any) -> Any:
        path = path if path.startswith("http") else ROOT + path
        return self.client.get(path, query or None, headers=self.headers)

    def post(
        self, path: str, body: Any = None, *, key: str = "", **headers: str
    ) -> Any:
        """Send JSON under `key`, or under a new one."""
        return self.client.post(
            ROOT + path,
            json.dumps({} if body is None else body),
            content_type="application/json",
            headers=self.headers | {"Idempotency-Key": key or str(uuid4())} | headers,
        )

    def send(self, path: str, key: str = "", **fields: Any) -> Any:
        """Send fields and files as a browser's form would."""
        named = {"Idempotency-Key": key or str(uuid4())}
        return self.client.post(ROOT + path, fields, headers=self.headers | named)


def code_of(response: Any) -> tuple[int, str]:
    """Status and code of a problem; it must be one."""
    assert response.headers["Content-Type"] == "application/problem+json"
    body = json.loads(response.content)
    assert body["status"] == response.status_code
    assert body["type"] == f"urn:lumbung:problem:{body['code']}"
    assert body["detail"]
    return response.status_code, body["code"]
