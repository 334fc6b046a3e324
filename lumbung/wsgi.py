"""The application that a server such as granian serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lumbung.settings")
application = get_wsgi_application()
