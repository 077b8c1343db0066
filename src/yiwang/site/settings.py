"""Django's settings; what differs between installations comes from the environment and var/secrets."""

import os

from csp.constants import NONE, SELF

from yiwang.site import database, logs, paths, secrets

DEBUG = False
SECRET_KEY = secrets.read("django-key")
SECRET_KEY_FALLBACKS = secrets.retired("django-key")[:2]
YIWANG_SEALING_KEY_FILE = str(secrets.file("sealing-key"))
YIWANG_LEDGER_KEY_FILE = str(secrets.file("ledger-key"))
# A folder kept by another machine, or an address that takes checkpoints by POST.
YIWANG_LEDGER_ANCHOR = os.environ.get("YIWANG_LEDGER_ANCHOR", "")
YIWANG_HOME = paths.HOME
YIWANG_PACKS = paths.ROOT / "packs"
YIWANG_FILES = paths.HOME / "files"
YIWANG_LAKE = paths.HOME / "lake"
# The address under which others reach this site: goes into certificates, so that their readers find revocation lists.
YIWANG_PUBLIC_URL = os.environ.get("YIWANG_PUBLIC_URL", "")
# Where new keys of seals are made: "software", or the name of a store that was registered (docs/how-to/seals.md).
YIWANG_KEY_STORE = os.environ.get("YIWANG_KEY_STORE", "software")
# A font with Chinese characters for drawn seals; empty for the system's.
YIWANG_SEAL_FONT = os.environ.get("YIWANG_SEAL_FONT", "")
# A virus scanner: `host:port` or the path of clamd's socket; empty for none.
YIWANG_CLAMD = os.environ.get("YIWANG_CLAMD", "")
# Calls of the JSON API by one account, or one address, in a minute and a process.
YIWANG_API_PER_MINUTE = int(os.environ.get("YIWANG_API_PER_MINUTE") or 10_000)
# The place that this installation serves, with those below it; without it the one that its packs call the default.
YIWANG_PLACE = os.environ.get("YIWANG_PLACE", "")

# The made-up region codes 99xxxx exist only where the demo place may.
YIWANG_DEMO = os.environ.get("YIWANG_DEMO", "1") != "0"

ALLOWED_HOSTS = os.environ.get("YIWANG_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
BEHIND_TLS = os.environ.get("YIWANG_TLS") == "1"

# One line each, rings from the bottom up, alphabetical within a ring: everybody adds here.
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "csp",
    "ninja",
    "oauth2_provider",
    "procrastinate.contrib.django",
    "yiwang.kernel.access",
    "yiwang.kernel.audit",
    "yiwang.kernel.base",
    "yiwang.kernel.cases",
    "yiwang.kernel.design",
    "yiwang.kernel.elements",
    "yiwang.kernel.files",
    "yiwang.kernel.forms",
    "yiwang.kernel.ledger",
    "yiwang.kernel.orgs",
    "yiwang.kernel.packs",
    "yiwang.kernel.people",
    "yiwang.kernel.retention",
    "yiwang.kernel.rules",
    "yiwang.kernel.workdays",
    "yiwang.data.catalogue",
    "yiwang.data.engine",
    "yiwang.data.entities",
    "yiwang.data.ingest",
    "yiwang.data.places",
    "yiwang.data.quality",
    "yiwang.data.registries",
    "yiwang.data.scans",
    "yiwang.data.standards",
    "yiwang.data.transform",
    "yiwang.support.codes",
    "yiwang.support.connectors",
    "yiwang.support.credit",
    "yiwang.support.delivery",
    "yiwang.support.licences",
    "yiwang.support.login",
    "yiwang.support.notify",
    "yiwang.support.oidc",
    "yiwang.support.payments",
    "yiwang.support.seals",
    "yiwang.governance.incidents",
    "yiwang.office.supervision",
    "yiwang.services.applications",
    "yiwang.services.feedback",
    "yiwang.services.hotline",
    "yiwang.services.journeys",
    "yiwang.services.matters",
    "yiwang.services.verdicts",
    "yiwang.command.boards",
    "yiwang.demo.place",
    "yiwang.portal.citizen",
    "yiwang.portal.staff",
]

MIDDLEWARE = [
    "yiwang.site.watch.middleware.Measured",
    "yiwang.site.edge.Edge",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Outside of all that may find the database away, so that this answer too says how long it is.
    "django.middleware.common.CommonMiddleware",
    "yiwang.site.edge.Visit",
    "yiwang.site.edge.ToldAtOnce",
    "yiwang.support.login.middleware.ActorMiddleware",
    "yiwang.kernel.design.middleware.ErrorPages",
]

ROOT_URLCONF = "yiwang.site.urls"
WSGI_APPLICATION = "yiwang.site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "yiwang.kernel.design.context.chrome",
            ],
        },
    },
]

DATABASES = {"default": database.settings()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "people.Account"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]
LOGIN_URL = "login"
SESSION_ENGINE = "yiwang.support.login.sessions"
SESSION_COOKIE_AGE = 24 * 60 * 60  # support.login ends sittings earlier, by rest and by kind of account
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
PROCRASTINATE_IMPORT_PATHS = ["yiwang.kernel.base.events", "yiwang.site.jobs"]

# django-oauth-toolkit runs on the tables of support.oidc; what it may do is held tight (RFC 9700).
OAUTH2_PROVIDER_APPLICATION_MODEL = "oidc.Client"
OAUTH2_PROVIDER_GRANT_MODEL = "oidc.Code"
OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL = "oidc.AccessToken"  # noqa: S105 (a table)
OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL = "oidc.RefreshToken"  # noqa: S105 (a table)
OAUTH2_PROVIDER = {
    "OIDC_ENABLED": True,
    "OAUTH2_VALIDATOR_CLASS": "yiwang.support.oidc._validator.Validator",
    "SCOPES_BACKEND_CLASS": "yiwang.support.oidc._scopes.PackScopes",
    "ACCESS_TOKEN_EXPIRE_SECONDS": 600,
    "ACCESS_TOKEN_GENERATOR": "yiwang.support.oidc._tokens.new_token",
    "REFRESH_TOKEN_GENERATOR": "yiwang.support.oidc._tokens.new_token",
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [paths.HOME / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

STATIC_URL = "static/"
STATIC_ROOT = paths.HOME / "static"
STATICFILES_DIRS = [("vendor", paths.folder("static-vendor"))]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = paths.HOME / "files"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "worker-src": [SELF, "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = BEHIND_TLS
# A browser takes these names from this host only, over TLS only, for all of it.
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = ("__Host-session", "__Host-csrf") if BEHIND_TLS else ("sessionid", "csrftoken")
LANGUAGE_COOKIE_SECURE = BEHIND_TLS
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"

LOGGING_CONFIG = None
logs.configure(level=os.environ.get("YIWANG_LOG_LEVEL", "INFO"))
