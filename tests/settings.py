"""Settings of the test run: the product's own, on the forgetful cluster, with cheap passwords and plain static files."""

import os

os.environ["YIWANG_CLUSTER"] = "test"

from yiwang.site.settings import *  # noqa: F403

ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
