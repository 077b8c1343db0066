"""The authority's certificates, lists and answers hold before OpenSSL, and before nobody else's keys."""

import base64
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import algos, core, crl, ocsp, pem
from django.test import Client

from tests.world import AT, World
from yiwang.kernel.access.contracts import NotPermitted
from yiwang.kernel.base.contracts import SYSTEM, Actor, ActorKind, PostRef
from yiwang.kernel.ledger.models import Leaf
from yiwang.support.seals import _authority, _keys, _revocation, _x509, actions, jobs, queries
from yiwang.support.seals.contracts import (
    KEY_STORES,
    Algorithm,
    AlreadyFounded,
    BadCertificate,
    CannotRevoke,
    CertificateStatus,
    CertificateView,
    KeyGone,
    KeyRef,
    NoAuthority,
    RevocationReason,
    Role,
    SealNotFound,
    SealRefused,
)
from yiwang.support.seals.models import Certificate, Key, RevocationList

pytestmark = pytest.mark.django_db
ID = ["-pkeyopt", "distid:1234567812345678"]


@pytest.fixture
def openssl(tmp_path: Path) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    def run(*arguments: str, **files: bytes | str) -> "subprocess.CompletedProcess[str]":
        for name, content in files.items():
            (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return subprocess.run(["openssl", *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)

    return run


def keeper(world: World, office: str = "city") -> Actor:
    org = world.org(office)
    post = PostRef(post_id=9, org_id=org.id, org_path=org.path, post_type="seal-keeper", title="印章管理员")
    return Actor(kind=ActorKind.STAFF, name="管理员", account_id=901, posts=(post,))


@pytest.mark.parametrize("algorithm", [Algorithm.SM2, Algorithm.P256])
def test_openssl_believes_the_chain_link_by_link(world, authority, openssl, algorithm) -> None:  # type: ignore[no-untyped-def]
    leaf = actions.issue_certificate(org_id=world.org("health").id, algorithm=algorithm, by=keeper(world), at=AT)
    root, issuing = authority[Role.ROOT, algorithm], authority[Role.ISSUING, algorithm]
    # The command line hands the identity of SM2 to one certificate of a chain only.
    identity = ["-vfyopt", "distid:1234567812345678"] if algorithm is Algorithm.SM2 else []
    at = ["-attime", str(int((AT + timedelta(days=1)).timestamp()))]
    for above, below in ((root, issuing), (issuing, leaf)):
        command = ["verify", *identity, *at, "-x509_strict", "-partial_chain", "-CAfile", "above"]
        said = openssl(*command, "below", above=above.pem, below=below.pem)
        assert said.returncode == 0, said.stderr
    said = openssl(
        "verify", *identity, *at, "-partial_chain", "-CAfile", "above", "below", above=root.pem, below=leaf.pem
    )
    assert said.returncode != 0
    assert leaf.org_id == world.org("health").id
    if algorithm is Algorithm.SM2:
        _verified_by_openssl(openssl, root, _parsed(root).signed, _parsed(root).signature)
    else:
        said = openssl("verify", *at, "-check_ss_sig", "-CAfile", "root", "root", root=root.pem)
        assert said.returncode == 0, said.stderr


def test_openssl_verifies_an_sm2_signature(world, authority, openssl) -> None:  # type: ignore[no-untyped-def]
    row = _authority.standing(Role.MAKER, Algorithm.SM2)
    openssl("x509", "-in", "maker", "-noout", "-pubkey", "-out", "key", maker=authority[Role.MAKER, Algorithm.SM2].pem)
    command = [
        "pkeyutl",
        "-verify",
        "-pubin",
        "-inkey",
        "key",
        "-rawin",
        "-digest",
        "sm3",
        *ID,
        "-sigfile",
        "signature",
    ]
    signature = _keys.sign(row.key, b"one")
    assert "Success" in openssl(*command, "-in", "message", signature=signature, message=b"one").stdout
    assert openssl(*command, "-in", "message", signature=signature, message=b"two").returncode != 0


def test_openssl_reads_the_list_of_p256_and_refuses_the_revoked(world, authority, openssl) -> None:  # type: ignore[no-untyped-def]
    health = world.org("health").id
    kept, gone = (
        actions.issue_certificate(org_id=health, algorithm=Algorithm.P256, by=keeper(world), at=AT) for _ in range(2)
    )
    actions.revoke_certificate(serial=gone.serial, reason=RevocationReason.KEY_COMPROMISE, by=keeper(world), at=AT)
    issuing = authority[Role.ISSUING, Algorithm.P256]
    listed = _x509.as_pem(queries.revocation_list(issuing.serial), "X509 CRL")
    command = ["verify", "-attime", str(int(AT.timestamp()) + 60), "-partial_chain", "-crl_check", "-CRLfile", "list"]
    command += ["-CAfile", "issuing"]
    assert openssl(*command, "leaf", list=listed, issuing=issuing.pem, leaf=kept.pem).returncode == 0
    assert "certificate revoked" in openssl(*command, "leaf", list=listed, issuing=issuing.pem, leaf=gone.pem).stderr


def test_openssl_verifies_the_list_of_sm2(authority, openssl) -> None:  # type: ignore[no-untyped-def]
    issuing = authority[Role.ISSUING, Algorithm.SM2]
    der = queries.revocation_list(issuing.serial)
    assert "SM2-with-SM3" in openssl("crl", "-inform", "DER", "-in", "list", "-noout", "-text", list=der).stdout
    read = crl.CertificateList.load(der)
    _verified_by_openssl(openssl, issuing, read["tbs_cert_list"].dump(), read["signature"].native)
    assert _revocation.is_listed_by(der, _parsed(issuing))
    assert not _revocation.is_listed_by(der, _parsed(authority[Role.ROOT, Algorithm.SM2]))
    assert not _revocation.is_listed_by(der[:-1], _parsed(issuing))


@pytest.mark.parametrize("algorithm", [Algorithm.SM2, Algorithm.P256])
def test_openssl_asks_for_the_status(world, authority, openssl, client: Client, algorithm, tmp_path) -> None:  # type: ignore[no-untyped-def]
    leaf = actions.issue_certificate(org_id=world.org("health").id, algorithm=algorithm, by=keeper(world), at=AT)
    issuing = authority[Role.ISSUING, algorithm]
    openssl("ocsp", "-issuer", "issuing", "-cert", "leaf", "-reqout", "asked", issuing=issuing.pem, leaf=leaf.pem)
    asked = (tmp_path / "asked").read_bytes()
    for expected in ("good", "revoked"):
        answer = client.post("/pki/ocsp", asked, content_type="application/ocsp-request")
        assert answer["Content-Type"] == "application/ocsp-response"
        by_address = client.get(f"/pki/ocsp/{base64.b64encode(asked).decode()}")
        assert _status(by_address.content) == expected
        said = openssl(
            "ocsp", "-reqin", "asked", "-respin", "answer", "-resp_text", "-VAfile", "issuing", answer=answer.content
        )
        assert f"Cert Status: {expected}" in said.stdout
        if algorithm is Algorithm.P256:
            assert "Response verify OK" in said.stderr
        else:
            basic = ocsp.OCSPResponse.load(answer.content).basic_ocsp_response
            _verified_by_openssl(openssl, issuing, basic["tbs_response_data"].dump(), basic["signature"].native)
        if expected == "good":
            actions.revoke_certificate(serial=leaf.serial, reason=RevocationReason.SUPERSEDED, by=SYSTEM, at=AT)


def test_status_of_strangers_and_of_nonsense(authority, client: Client) -> None:  # type: ignore[no-untyped-def]
    issuing = _parsed(authority[Role.ISSUING, Algorithm.SM2])
    asked = _asks("sm3", issuing, serial=12345)
    assert _status(client.post("/pki/ocsp", asked, content_type="application/ocsp-request").content) == "unknown"
    foreign = _asks("sha256", issuing, serial=1, key=b"\x00" * 20)
    for body, status in ((foreign, "unauthorized"), (b"", "malformed_request"), (asked[:-3], "malformed_request")):
        answer = client.post("/pki/ocsp", body, content_type="application/ocsp-request")
        assert ocsp.OCSPResponse.load(answer.content)["response_status"].native == status
    big = client.post("/pki/ocsp", b"\x30" * 9000, content_type="application/ocsp-request")
    assert ocsp.OCSPResponse.load(big.content)["response_status"].native == "malformed_request"
    assert ocsp.OCSPResponse.load(client.get("/pki/ocsp/!!").content)["response_status"].native == "malformed_request"


def test_authority_is_founded_once_and_by_the_operator(world, authority) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(AlreadyFounded):
        actions.found_authority(by=SYSTEM, at=AT)
    with pytest.raises(SealRefused):
        actions.found_authority(by=keeper(world), at=AT)
    assert [row.role for row in queries.authority(at=AT)] == [
        Role.ROOT, Role.ISSUING, Role.ROOT, Role.ISSUING, Role.MAKER,
    ]  # fmt: skip
    assert Leaf.objects.filter(kind="seals.certificate.issued").count() == 5


def test_without_an_authority_nothing_is_issued(world) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(NoAuthority):
        actions.issue_certificate(org_id=world.org("health").id, algorithm=Algorithm.SM2, by=keeper(world), at=AT)
    assert queries.authority() == []


def test_private_keys_are_sealed_and_can_be_destroyed(authority) -> None:  # type: ignore[no-untyped-def]
    from django.db import connection

    key = Key.objects.order_by("id").first()
    assert key is not None
    with connection.cursor() as cursor:
        cursor.execute("SELECT private FROM seals_key WHERE id = %s", [key.pk])
        stored = bytes(cursor.fetchone()[0])
    assert bytes.fromhex(str(key.private)) not in stored
    assert str(key.private).encode() not in stored
    _keys.destroy(key)
    with pytest.raises(KeyGone):
        _keys.sign(Key.objects.get(pk=key.pk), b"one")


def test_another_key_store_can_hold_the_keys(authority, settings, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    class Module:
        """As an HSM: hands out public halves only."""

        def __init__(self) -> None:
            self.inside: dict[str, str] = {}

        def generate(self, algorithm: Algorithm) -> tuple[bytes, str | None]:
            public, private = _keys.SoftwareStore().generate(algorithm)
            self.inside[public.hex()] = str(private)
            return public, None

        def sign(self, key: KeyRef, private: str | None, message: bytes) -> bytes:
            assert private is None
            return _keys.SoftwareStore().sign(key, self.inside[key.public_key.hex()], message)

    monkeypatch.setitem(KEY_STORES, "module", Module())
    settings.YIWANG_KEY_STORE = "module"
    org = Certificate.objects.select_related("key").get(role=Role.MAKER.value)
    key = _keys.generate(Algorithm.SM2, at=AT)
    assert Key.objects.get(pk=key.pk).private is None
    assert _keys.sign(key, b"one")
    assert _keys.as_ref(org.key).algorithm is Algorithm.SM2
    settings.YIWANG_KEY_STORE = "elsewhere"
    with pytest.raises(KeyGone):
        _keys.generate(Algorithm.SM2, at=AT)


def test_who_may_certify_and_revoke(world, authority) -> None:  # type: ignore[no-untyped-def]
    health = world.org("health").id
    with pytest.raises(NotPermitted):
        actions.issue_certificate(org_id=health, algorithm=Algorithm.SM2, by=keeper(world, "other-district"), at=AT)
    leaf = actions.issue_certificate(org_id=health, algorithm=Algorithm.SM2, by=keeper(world), at=AT)
    with pytest.raises(NotPermitted):
        actions.revoke_certificate(
            serial=leaf.serial, reason=RevocationReason.CESSATION, by=keeper(world, "other-district"), at=AT
        )
    root = authority[Role.ROOT, Algorithm.SM2]
    with pytest.raises(SealRefused):
        actions.revoke_certificate(serial=root.serial, reason=RevocationReason.CESSATION, by=keeper(world), at=AT)
    with pytest.raises(CannotRevoke):
        actions.revoke_certificate(serial=root.serial, reason=RevocationReason.CESSATION, by=SYSTEM, at=AT)
    gone = actions.revoke_certificate(serial=leaf.serial, reason=RevocationReason.CESSATION, by=keeper(world), at=AT)
    assert gone.status is CertificateStatus.REVOKED
    with pytest.raises(CannotRevoke):
        actions.revoke_certificate(serial=leaf.serial, reason=RevocationReason.CESSATION, by=keeper(world), at=AT)
    assert [row.serial for row in queries.certificates(keeper(world)).items] == [leaf.serial]
    assert queries.certificates(keeper(world, "other-district")).items == []


def test_a_persons_certificate_is_nobodys_to_look_up(world, authority) -> None:  # type: ignore[no-untyped-def]
    account = world.accounts["health.clerk"]
    org = world.org("health").id
    own = actions.issue_certificate(org_id=org, algorithm=Algorithm.SM2, account_id=account.id, by=keeper(world), at=AT)
    assert (own.role, own.subject) == (Role.PERSON, account.name)
    with pytest.raises(SealNotFound):
        queries.certificate(own.serial)


def test_lists_are_published_before_they_run_out(authority, client: Client, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> "datetime":
            return AT + timedelta(hours=30)

    monkeypatch.setattr(jobs, "datetime", Later)
    assert not queries.lists_due(at=AT)
    assert queries.lists_due(at=AT + timedelta(hours=30))
    before = RevocationList.objects.count()
    jobs.publish_lists(0)
    assert RevocationList.objects.count() == before + 4
    issuing = authority[Role.ISSUING, Algorithm.SM2].serial
    assert client.get(f"/pki/{issuing}.crl").content == queries.revocation_list(issuing)
    assert "BEGIN CERTIFICATE" in client.get(f"/pki/{issuing}.cer").content.decode()
    assert client.get("/pki/abc.crl").status_code == 503


def test_addresses_stand_in_certificates_of_a_place_that_has_one(world, authority, settings) -> None:  # type: ignore[no-untyped-def]
    settings.YIWANG_PUBLIC_URL = "https://an.example/"
    leaf = actions.issue_certificate(org_id=world.org("health").id, algorithm=Algorithm.SM2, by=SYSTEM, at=AT)
    read = _parsed(leaf).certificate
    issuing = authority[Role.ISSUING, Algorithm.SM2].serial
    assert read.crl_distribution_points[0].url == f"https://an.example/pki/{issuing}.crl"
    assert read.ocsp_urls == ["https://an.example/pki/ocsp"]


@pytest.mark.parametrize("cut", [0, 1, 40, 200, -1])
def test_a_broken_certificate_is_refused_in_words(authority, cut: int) -> None:  # type: ignore[no-untyped-def]
    whole = _parsed(authority[Role.ROOT, Algorithm.SM2]).der
    for broken in (whole[:cut], whole[:cut] + b"\xff" + whole[cut:][1:] if cut >= 0 else whole + b"\x00"):
        try:
            read = _x509.Parsed(broken)
        except BadCertificate:
            continue
        assert not read.is_signed_by(read)


def _parsed(view: CertificateView) -> _x509.Parsed:

    return _x509.Parsed(pem.unarmor(view.pem.encode())[2])


def _verified_by_openssl(openssl, issuer: CertificateView, body: bytes, signature: bytes) -> None:  # type: ignore[no-untyped-def]
    # The command line has no way to name the identity for lists and answers, so it gets the signed part alone.
    openssl("x509", "-in", "issuing", "-noout", "-pubkey", "-out", "key", issuing=issuer.pem)
    command = ["pkeyutl", "-verify", "-pubin", "-inkey", "key", "-rawin", "-digest", "sm3", *ID]
    said = openssl(*command, "-sigfile", "signature", "-in", "body", signature=bytes(signature), body=body)
    assert "Success" in said.stdout, said.stderr


def _status(answer: bytes) -> str:
    body = ocsp.OCSPResponse.load(answer).response_data
    return str(body["responses"][0]["cert_status"].name)


def _asks(digest: str, issuer: _x509.Parsed, *, serial: int, key: bytes | None = None) -> bytes:
    from yiwang.support.seals import _signing

    if digest == "sm3":
        algorithm = algos.DigestAlgorithm({"algorithm": _x509.SM3_OID})
        names = _signing.sm3(issuer.subject), _signing.sm3(b"\x04" + issuer.public)
    else:
        import hashlib

        algorithm = algos.DigestAlgorithm({"algorithm": digest})
        names = hashlib.sha256(issuer.subject).digest(), hashlib.sha256(b"\x04" + issuer.public).digest()
    asked = {
        "hash_algorithm": algorithm,
        "issuer_name_hash": core.OctetString(names[0]),
        "issuer_key_hash": core.OctetString(key or names[1]),
        "serial_number": serial,
    }
    return bytes(ocsp.OCSPRequest({"tbs_request": {"request_list": [{"req_cert": asked}]}}).dump())
