"""The application that a server such as granian serves."""

import gc
import os

from django.core.checks.urls import check_url_config
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lumbung.settings")
application = get_wsgi_application()

# What is loaded now stays for good: walking through it again at each full collection
# would hold up one page in twenty for a tenth of a second. Reading all addresses
# loads every view. The rest is young, and less often worth a look.
check_url_config(None)
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 10, 50)
