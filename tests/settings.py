"""Settings of the test run: the product's own, on the forgetful cluster, with cheap passwords and plain static files."""

import os

os.environ["YIWANG_CLUSTER"] = "test"
# Playwright keeps an event loop in the test's thread; our code stays synchronous beside it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

from yiwang.site.settings import *  # noqa: F403

ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
