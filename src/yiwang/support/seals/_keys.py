"""The keys of the house: in the software store of this installation, or in the KMS or HSM that was registered."""

from datetime import datetime

from django.conf import settings

from yiwang.support.seals import _signing
from yiwang.support.seals.contracts import KEY_STORES, Algorithm, KeyGone, KeyRef, KeyStore
from yiwang.support.seals.models import Key

SOFTWARE = "software"


class SoftwareStore:
    """Private halves in the database, sealed with SM4-GCM under the installation's key (var/secrets); `yiwang secrets reseal` seals anew."""

    def generate(self, algorithm: Algorithm) -> tuple[bytes, str | None]:
        private, public = _signing.generate(algorithm)
        return public, private.hex()

    def sign(self, key: KeyRef, private: str | None, message: bytes) -> bytes:
        if private is None:
            raise KeyGone("这把私钥已经销毁。", hint="请改用有效的印章。")
        return _signing.sign(key.algorithm, bytes.fromhex(private), key.public_key, message)


KEY_STORES.setdefault(SOFTWARE, SoftwareStore())


def generate(algorithm: Algorithm, *, at: datetime) -> Key:
    """A new key in the store in use. Raises KeyGone for a store nobody registered, NoSm2."""
    name = settings.YIWANG_KEY_STORE
    public, private = _store(name).generate(algorithm)
    return Key.objects.create(algorithm=algorithm.value, store=name, public=public.hex(), private=private, made_at=at)


def sign(key: Key, message: bytes) -> bytes:
    """Raises KeyGone, NoSm2."""
    private = None if key.private is None else str(key.private)
    return _store(key.store).sign(as_ref(key), private, message)


def destroy(key: Key) -> None:
    """Erase the private half that stands here; what another store holds is destroyed there."""
    key.private = None
    key.save(update_fields=["private"])


def as_ref(key: Key) -> KeyRef:
    return KeyRef(key.pk, Algorithm(key.algorithm), bytes.fromhex(key.public))


def _store(name: str) -> KeyStore:
    found = KEY_STORES.get(name)
    if found is None:
        raise KeyGone("保存这把私钥的密码设备没有接入。", hint=f"请管理员接入名为 {name} 的密钥库后重试。")
    return found
