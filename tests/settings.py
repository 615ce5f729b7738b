"""The product's settings in the tests' world: a real PostgreSQL, a home and secrets apart."""

import os

from tests.support.environment import environment_for_tests

for _name, _value in environment_for_tests().items():
    os.environ.setdefault(_name, _value)

from liaison.config.settings import *  # noqa: E402, F403 (the environment comes first)

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {  # noqa: F405
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
DATABASES["default"]["TEST"] = {"NAME": f"test_liaison_{os.getpid()}"}  # noqa: F405 (two runs side by side never meet)
DATABASES["default"]["CONN_MAX_AGE"] = 0  # noqa: F405 (a worker's threads leave no connection behind)
