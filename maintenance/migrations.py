"""Fail where a model changed and no migration says so: `python -m maintenance.migrations`."""

import os

import django
from django.core.management import call_command

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    call_command("makemigrations", check_changes=True, dry_run=True)
