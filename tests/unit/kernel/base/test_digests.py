"""Keyed digests are Django's own, with the key derived once."""

from django.utils.crypto import salted_hmac

from yiwang.kernel.base import digests


def test_a_digest_is_djangos_under_every_secret() -> None:
    for secret in ("one", "another", "密"):
        for value in ("", "办结"):
            expected = salted_hmac("salt", value, secret, algorithm="sha256").digest()
            assert digests.salted("salt", value, secret=secret) == expected
