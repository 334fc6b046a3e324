"""What the frame of every page needs."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from lumbung.words import language


def frame(request: HttpRequest) -> dict[str, Any]:
    return {"language": language(), "demo": settings.DEMO}
