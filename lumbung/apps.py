"""The root application: it fills the registries once, when all packages are there."""

from django.apps import AppConfig


class Lumbung(AppConfig):
    name = "lumbung"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import lumbung.registry  # noqa: F401, PLC0415  # models must be loaded first
