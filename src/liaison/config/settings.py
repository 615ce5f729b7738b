"""Settings. Each comes from the environment under a name of its own, with its type checked: an error stops the start.

``LIAISON_DOOR`` says by which door this process came in. A process at the web door sees no row of any site until a
request opens its user's scope (row-level security); the others (worker, watch, command line) see all sites.
"""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environs import Env
from xstatic.pkg import bootstrap

env = Env()

PACKAGE = Path(__file__).resolve().parent.parent
HOME = Path(env.str("LIAISON_HOME", str(PACKAGE.parent.parent / "var")))
DOOR = env.str("LIAISON_DOOR", "command")
if DOOR not in {"web", "command"}:
    raise ImproperlyConfigured("LIAISON_DOOR is 'web' or 'command'.")

DEBUG = env.bool("LIAISON_DEBUG", False)
SECRET_KEY = env.str("LIAISON_SECRET_KEY")
BLOB_KEY = env.str("LIAISON_BLOB_KEY")
ALLOWED_HOSTS = env.list("LIAISON_ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("LIAISON_TRUSTED_ORIGINS", [])
HTTPS = env.bool("LIAISON_HTTPS", False)

ACCEPT_TEST_INS = env.bool("LIAISON_ACCEPT_TEST_INS", False)
"""Test and demonstration roots (…213.1.4.10 and .11) identify nobody in production: refused unless this is set."""

PRODUCT_REFERENCE = env.str("LIAISON_PRODUCT_REFERENCE", "LIAISON-0.1")
"""The product reference sent as X-MSS-NIL (ECO.2.4.3)."""

PUBLIC_URL = env.str("LIAISON_PUBLIC_URL", "")
"""Where doctors reach this server (https://…): their messages carry a link to answer; empty, they carry none."""

MAIL_TIMEOUT_SECONDS = env.float("LIAISON_MAIL_TIMEOUT_SECONDS", 30.0)
POLL_SECONDS = env.float("LIAISON_POLL_SECONDS", 60.0)
METRICS_TOKEN = env.str("LIAISON_METRICS_TOKEN", "")
"""What a monitoring system shows to read /metrics (Authorization: Bearer …); empty: there is no such page."""

TRUSTED_SIGNATURE_FOLDER = env.str("LIAISON_TRUSTED_SIGNATURE_FOLDER", "")
"""A folder of PEM certificate authorities whose PAdES signatures are shown as trusted; empty: none is."""

DIRECTORY_MOST_SHRINKING = env.float("LIAISON_DIRECTORY_MOST_SHRINKING", 0.1)
"""A national file smaller than the copy in service by more than this share is refused."""
if not 0 <= DIRECTORY_MOST_SHRINKING < 1:
    raise ImproperlyConfigured("LIAISON_DIRECTORY_MOST_SHRINKING is a share, from 0 up to 1.")

ANNUAIRE_SANTE_KEY = env.str("LIAISON_ANNUAIRE_SANTE_KEY", "")
"""The key of the Annuaire Santé FHIR API; empty: it is not asked."""
ANNUAIRE_SANTE_URL = env.str("LIAISON_ANNUAIRE_SANTE_URL", "https://gateway.api.esante.gouv.fr/fhir/v2")
ANNUAIRE_SANTE_AUTHORITY = env.str("LIAISON_ANNUAIRE_SANTE_AUTHORITY", "")
_directory_server = urlsplit(ANNUAIRE_SANTE_URL)
if _directory_server.scheme != "https" and _directory_server.hostname not in {"127.0.0.1", "localhost"}:
    raise ImproperlyConfigured("LIAISON_ANNUAIRE_SANTE_URL is an https:// address: the key goes with every call.")
if ANNUAIRE_SANTE_AUTHORITY and not Path(ANNUAIRE_SANTE_AUTHORITY).is_file():
    raise ImproperlyConfigured("LIAISON_ANNUAIRE_SANTE_AUTHORITY names no file.")

PSC_CLIENT_ID = env.str("LIAISON_PSC_CLIENT_ID", "")
"""The client of Pro Santé Connect this installation is registered as; empty: nobody identifies himself that way."""
PSC_CLIENT_SECRET = env.str("LIAISON_PSC_CLIENT_SECRET", "")
PSC_ISSUER = env.str("LIAISON_PSC_ISSUER", "https://auth.esw.esante.gouv.fr/auth/realms/esante-wallet").rstrip("/")
PSC_AUTHORIZATION_URL = env.str("LIAISON_PSC_AUTHORIZATION_URL", "https://wallet.esw.esante.gouv.fr/auth")
PSC_AUTHORITY = env.str("LIAISON_PSC_AUTHORITY", "")
PSC_NAME = env.str("LIAISON_PSC_NAME", "Pro Santé Connect")
"""What the screens call it: a stand-in says so."""
if bool(PSC_CLIENT_ID) != bool(PSC_CLIENT_SECRET):
    raise ImproperlyConfigured("LIAISON_PSC_CLIENT_ID and LIAISON_PSC_CLIENT_SECRET go together.")
if PSC_CLIENT_ID and not PUBLIC_URL:
    raise ImproperlyConfigured("Pro Santé Connect sends people back to LIAISON_PUBLIC_URL: give it too.")
for _address in (PSC_ISSUER, PSC_AUTHORIZATION_URL):
    if urlsplit(_address).scheme != "https" and urlsplit(_address).hostname not in {"127.0.0.1", "localhost"}:
        raise ImproperlyConfigured("LIAISON_PSC_ISSUER and LIAISON_PSC_AUTHORIZATION_URL are https:// addresses.")
if PSC_AUTHORITY and not Path(PSC_AUTHORITY).is_file():
    raise ImproperlyConfigured("LIAISON_PSC_AUTHORITY names no file.")

INSTALLED_APPS = [
    "liaison.apps.organisations",
    "liaison.apps.directory",
    "liaison.apps.mailboxes",
    "liaison.apps.intake",
    "liaison.apps.residents",
    "liaison.apps.filing",
    "liaison.apps.treatments",
    "liaison.apps.exchanges",
    "liaison.apps.audit",
    "liaison.apps.search",
    "liaison.apps.operations",
    "liaison.web",
    "procrastinate.contrib.django",
    "axes",
    "csp",
    "django_htmx",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "liaison.web.session.PresenceMiddleware",
    "liaison.web.scope.ScopeMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "liaison.web.urls"
WSGI_APPLICATION = "liaison.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "liaison.web.navigation.counts",
            ],
        },
    }
]


def database(url: str) -> dict[str, object]:
    """The Django settings of a ``postgresql://user:password@host:port/name`` URL."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("DATABASE_URL must be a postgresql:// URL.")
    scope = "" if DOOR == "web" else "*"
    limits = "-c statement_timeout=30000 -c lock_timeout=10000 -c idle_in_transaction_session_timeout=60000"
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"options": f"-c liaison.sites={scope} {limits}", "connect_timeout": 10},
    }


DATABASES = {"default": database(env.str("DATABASE_URL"))}
PROCRASTINATE_IMPORT_PATHS = [
    "liaison.apps.intake.jobs",
    "liaison.apps.filing.jobs",
    "liaison.apps.exchanges.jobs",
    "liaison.apps.treatments.jobs",
    "liaison.apps.mailboxes.jobs",
    "liaison.apps.operations.jobs",
    "liaison.connectors.jobs",
]

AUTH_USER_MODEL = "organisations.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "inbox"
LOGOUT_REDIRECT_URL = "sign-in"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "locked.html"
AXES_VERBOSE = False

SESSION_COOKIE_AGE = 2 * 60 * 60
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
        "img-src": [SELF, "data:"],
    }
}

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS = [("bootstrap", Path(bootstrap.BASE_DIR) / "css")]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
TIME_ZONE = "Europe/Paris"
USE_TZ = True
USE_I18N = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "class": "liaison.config.logs.DiscreetFormatter",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "procrastinate": {"level": "WARNING"},
        "imapclient": {"level": "WARNING"},
        "django.server": {"level": "WARNING"},
        "pyhanko": {"level": "ERROR"},
        "pyhanko_certvalidator": {"level": "CRITICAL"},
    },
}
