"""Settings. What an installation may choose comes from the environment:

LUMBUNG_HOME          folder of keys, database and files (default ./lumbung-data)
DATABASE_URL          postgresql://USER:PASSWORD@HOST/NAME (default SQLite in the home)
LUMBUNG_HOSTS         host names it answers to, by comma (default localhost)
LUMBUNG_HTTPS         1 when it stands behind TLS: secure cookies, HSTS
LUMBUNG_PROXIES       how many proxies stand before it (default 1 with HTTPS, else 0)
LUMBUNG_DEMO          1 shows the one-tap demo people at the door
LUMBUNG_SYNCHRONOUS   SQLite's `synchronous` (default FULL)
LUMBUNG_OIDC_ISSUER   an OpenID Connect provider; with _CLIENT, _SECRET and _NAME (its
                      name on the sign-in page); it lets in only who was invited
LUMBUNG_BACKUPS       so many daily backups `lumbung work` keeps (default 0: none)
LUMBUNG_SESSION_HOURS hours until a sign-in must be repeated (default 12)
"""

import os
from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from lumbung.database import database
from lumbung.home import home, keys, whole

PACKAGE = Path(__file__).parent
HOME = home()
SECRET_KEY = keys(HOME)["django"]
DEMO = os.environ.get("LUMBUNG_DEMO") == "1"
HTTPS = os.environ.get("LUMBUNG_HTTPS") == "1"
DEBUG = False
ALLOWED_HOSTS = os.environ.get("LUMBUNG_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if HTTPS else []

INSTALLED_APPS = [
    "lumbung.desk",
    "lumbung.verify",
    "lumbung.archive",
    "lumbung.measures",
    "lumbung.programmes",
    "lumbung.evidence",
    "lumbung.imports",
    "lumbung.work",
    "lumbung.accounts",
    "lumbung.places",
    "lumbung.pages",
    "lumbung.apps.Lumbung",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "csp",
]
MIDDLEWARE = [
    "lumbung.pages.middleware.RequestNumber",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "lumbung.pages.middleware.Compression",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "lumbung.pages.middleware.Language",
    "lumbung.pages.middleware.Problems",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "lumbung.accounts.middleware.SharedComputer",
    "lumbung.accounts.middleware.FormsAgain",
    "django_htmx.middleware.HtmxMiddleware",
    "lumbung.pages.middleware.NoNul",
    "lumbung.pages.middleware.Unsent",
]
CSRF_FAILURE_VIEW = "lumbung.pages.views.stale"
ROOT_URLCONF = "lumbung.urls"
WSGI_APPLICATION = "lumbung.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "lumbung.pages.context.frame",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "lumbung.pages.templatetags.lumbung",
            ],
        },
    }
]

DATABASES = {
    "default": database(
        os.environ.get("DATABASE_URL", ""),
        home=HOME,
        synchronous=os.environ.get("LUMBUNG_SYNCHRONOUS", "FULL"),
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Counters of failed sign-ins are shared by all worker processes.
CACHES = {
    "default": {
        "BACKEND": "lumbung.pages.caching.FolderCache",
        "LOCATION": HOME / "cache",
        "OPTIONS": {"MAX_ENTRIES": 5000},
    },
    # Apart, so that many pages never push a counter out: desk/kept.py.
    "pages": {
        "BACKEND": "lumbung.pages.caching.FolderCache",
        "LOCATION": HOME / "cache" / "pages",
        "OPTIONS": {"MAX_ENTRIES": 2000},
    },
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["username", "name", "email"]},
    },
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "desk:home"
LOGOUT_REDIRECT_URL = "account_login"

SESSION_COOKIE_AGE = whole("LUMBUNG_SESSION_HOURS", 12, least=1) * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "id"
LANGUAGES = [("id", _("Indonesian")), ("en", _("English"))]
LANGUAGE_COOKIE_NAME = "language"
LOCALE_PATHS = [PACKAGE / "locale"]
TIME_ZONE = "Asia/Jakarta"
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {
        "BACKEND": "lumbung.evidence.storage.DurableStorage",
        "OPTIONS": {"location": HOME / "evidence"},
    },
    # Rows that runs read and labels they gave, named by their digest.
    "snapshots": {
        "BACKEND": "lumbung.evidence.storage.DurableStorage",
        "OPTIONS": {"location": HOME / "snapshots"},
    },
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
EVIDENCE_MAX_BYTES = 20_000_000
EVIDENCE_MAX_PIXELS = 64_000_000
BACKUPS_KEPT = whole("LUMBUNG_BACKUPS", 0)
IMPORT_MAX_BYTES = 200_000_000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "lumbung.pages.logs.Line"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"lumbung": {"level": "INFO"}, "django.server": {"propagate": False}},
}

ACCOUNT_ADAPTER = "lumbung.accounts.adapter.Adapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]  # nobody signs up
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True  # unless the computer is shared: accounts/entrance.py
ACCOUNT_FORMS = {
    "login": "lumbung.accounts.entrance.SignInForm",
    "change_password": "lumbung.accounts.entrance.PasswordForm",
    "reauthenticate": "lumbung.accounts.entrance.PasswordAgainForm",
}
MFA_ADAPTER = "lumbung.accounts.adapter.SecondFactor"
MFA_FORMS = {
    "authenticate": "lumbung.accounts.entrance.CodeForm",
    "reauthenticate": "lumbung.accounts.entrance.CodeAgain",
    "activate_totp": "lumbung.accounts.entrance.TotpForm",
    "authenticate_webauthn": "lumbung.accounts.entrance.KeyForm",
    "add_webauthn": "lumbung.accounts.entrance.AddKeyForm",
    "edit_webauthn": "lumbung.accounts.entrance.NameKeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True  # bound to HTTPS, or to localhost for a demonstration
MFA_TOTP_ISSUER = "Lumbung"
MFA_TOTP_TOLERANCE = 1  # phones in villages are a little late
USERSESSIONS_TRACK_ACTIVITY = False
OIDC_ISSUER = os.environ.get("LUMBUNG_OIDC_ISSUER", "")
OIDC_CLIENT = os.environ.get("LUMBUNG_OIDC_CLIENT", "")
OIDC_SECRET = os.environ.get("LUMBUNG_OIDC_SECRET", "")
OIDC_NAME = os.environ.get("LUMBUNG_OIDC_NAME", "OpenID")
# Behind a proxy the limits on tries count the caller, not the proxy.
ALLAUTH_TRUSTED_PROXY_COUNT = whole("LUMBUNG_PROXIES", int(HTTPS))
