"""Other people's clients sign somebody in with this place's login: npm openid-client, authlib, Apache mod_auth_openidc."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from runpy import run_path
from tempfile import TemporaryDirectory
from threading import Thread
from urllib.parse import urlencode, urljoin

import httpx
import pytest
from authlib.oauth2.rfc6749.errors import MismatchingStateException
from django.utils import timezone

from tests import world as w
from tests.patience import PATIENCE_SECONDS, free_port, until
from tests.world import World
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.site import assets, paths
from yiwang.support.oidc import actions
from yiwang.support.oidc.contracts import ClientKind, Credentials, Ground, NewClient

SCRIPT = Path(__file__).with_name("openid_client.mjs")
SAMPLES = paths.ROOT / "src/yiwang/support/oidc/samples"
MODULES = "/usr/lib/apache2/modules"
HOPS_MAX = 25


def let_in(
    world: World,
    *redirect_uris: str,
    bye: str = "",
    kind: ClientKind = ClientKind.WEB,
    scopes: tuple[str, ...] = ("profile",),
) -> Credentials:
    new = NewClient(
        title="安澜市图书馆",
        kind=kind,
        org_id=world.org("service-centre").id,
        ground=Ground.CONSENT,
        purpose="借书还书",
        authority="安澜市图书馆读者服务规则第三条",
        audiences=("person",),
        scopes=scopes,
        redirect_uris=redirect_uris,
        post_logout_redirect_uris=(bye,) if bye else (),
    )
    asked = actions.ask_client(new=new, grounds="接入", by=SYSTEM, at=timezone.now())
    return actions.confirm_client(client_id=asked.id, grounds="已核对", by=SYSTEM, at=timezone.now())


def walk(browser: httpx.Client, address: str) -> httpx.Response:
    """Follow a browser's way from a client through signing in and consent, back to the client."""
    answer = browser.get(address)
    for _ in range(HOPS_MAX):
        assert answer.status_code < 400, (str(answer.url), re.sub(r"<[^>]+>|\s+", " ", answer.text)[-3000:])
        onward = re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', answer.text)
        if answer.is_redirect:
            answer = browser.get(urljoin(str(answer.url), answer.headers["Location"]))
        elif onward:
            answer = browser.get(urljoin(str(answer.url), unescape(onward[1])))
        elif 'name="identifier"' in answer.text:
            answer = _send(browser, answer, {"identifier": "13900000001", "password": w.PASSWORD})
        elif 'value="yes"' in answer.text:
            answer = _send(browser, answer, {"answer": "yes"})
        else:
            return answer
    raise AssertionError(f"the way does not end: {answer.url}")


def _send(browser: httpx.Client, page: httpx.Response, typed: dict[str, str]) -> httpx.Response:
    main = page.text.split("<main")[1].split("</main>")[0]
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', main))
    form = {name: unescape(value) for name, value in hidden.items()} | typed
    return browser.post(str(page.url), data=form, headers={"Referer": str(page.url)})


@pytest.fixture
def browser() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=PATIENCE_SECONDS, trust_env=False) as found:
        yield found


def test_real_clients_sign_somebody_in(live_site: str, world: World, browser: httpx.Client) -> None:
    """One after the other in one browser: each with its own library, over real connections."""
    _openid_client(live_site, world, browser)
    _authlib(live_site, world, browser)
    _service(live_site, world)
    _apache(live_site, world, browser)


def _openid_client(site: str, world: World, browser: httpx.Client) -> None:
    with TemporaryDirectory(dir=assets.test_folder()) as folder, _node(Path(folder), site) as here:
        given = let_in(world, f"{here}/callback", f"{here}/sampled")
        start = urlencode({"issuer": site, "id": given.client_id, "secret": given.secret})
        sampled = walk(browser, f"{here}/sample?{start}")
        answer = walk(browser, f"{here}/start?{start}")
    assert sampled.json()["name"] == world.mother.name
    found = answer.json()
    assert found["person"] == sampled.json() == {"sub": found["claims"]["sub"], "name": world.mother.name}
    assert found["claims"]["acr"] == "urn:yiwang:acr:1"
    assert (found["before"], found["reused"], found["after"]) == (True, "invalid_grant", False)
    assert found["leave"].startswith(f"{site}/oidc/logout?")


@contextmanager
def _node(folder: Path, site: str) -> Iterator[str]:
    sample = (SAMPLES / "web.mjs").read_text(encoding="utf-8").replace("ISSUER", site)
    secret = "process.env.CLIENT_SECRET"
    # Only the loopback of a test may do without TLS.
    loose = sample.replace(f"{secret})", f"{secret}, undefined, {{ execute: [client.allowInsecureRequests] }})")
    assert loose != sample
    (folder / "web.mjs").write_text(loose, encoding="utf-8")
    command: list[str | Path] = [assets.node(), SCRIPT, folder / "web.mjs"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            yield f"http://127.0.0.1:{int(running.stdout.readline())}"
        finally:
            running.terminate()


def _authlib(site: str, world: World, browser: httpx.Client) -> None:
    with _listening() as server:
        here = f"http://127.0.0.1:{server.server_address[1]}/callback"
        given = let_in(world, here)
        login = run_path(str(SAMPLES / "web.py"))["Login"](site, given.client_id, given.secret, here)
        address, kept = login.begin()
        assert walk(browser, address).status_code == 200
        person = login.finish(server.heard[-1], kept)
        assert person["name"] == world.mother.name
        about, before = login.about, login.session.token["refresh_token"]
        assert login.session.refresh_token(about["token_endpoint"])["refresh_token"] != before
        assert login.session.revoke_token(about["revocation_endpoint"]).status_code == 200
        assert login.session.get(about["userinfo_endpoint"]).status_code == 401
        with pytest.raises(MismatchingStateException):
            login.finish(server.heard[-1], kept | {"state": "another"})


def _service(site: str, world: World) -> None:
    given = let_in(world, kind=ClientKind.SERVICE, scopes=("introspection",))
    sample = run_path(str(SAMPLES / "service.py"))
    found = sample["call"](site, "login/whoami", sample["token"](site, given.client_id, given.secret))
    assert found["kind"] == "machine"


class _Callback(HTTPServer):
    heard: list[str]


class _Hears(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server: _Callback = self.server  # type: ignore[assignment]
        server.heard.append(f"http://127.0.0.1:{server.server_address[1]}{self.path}")
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def _listening() -> Iterator[_Callback]:
    with _Callback(("127.0.0.1", 0), _Hears) as server:
        server.heard = []
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def _apache(site: str, world: World, browser: httpx.Client) -> None:
    here = f"http://127.0.0.1:{free_port()}"
    given = let_in(world, f"{here}/inside/callback", bye=f"{here}/bye.txt")
    with TemporaryDirectory() as name, _apache_running(site, here, given, Path(name)):
        answer = walk(browser, f"{here}/inside/page.txt")
        assert answer.status_code == 200, answer.text
        assert answer.text == "inside\n"
        assert answer.headers["X-Name"] == world.mother.name
        assert httpx.get(f"{here}/inside/page.txt", trust_env=False).status_code == 302
        left = walk(browser, f"{here}/inside/callback?{urlencode({'logout': f'{here}/bye.txt'})}")
        assert left.text == "bye\n"
        whoami = browser.get(f"{site}/api/login/whoami").json()
        assert whoami["kind"] == "anonymous"


@contextmanager
def _apache_running(site: str, here: str, given: Credentials, folder: Path) -> Iterator[None]:
    program = shutil.which("apache2", path="/usr/sbin:/usr/bin:/sbin:/bin")
    if program is None or not Path(MODULES, "mod_auth_openidc.so").exists():
        pytest.skip("mod_auth_openidc is not installed (apt-get install apache2-bin libapache2-mod-auth-openidc)")
    # Started as root, Apache reads as somebody else.
    folder.chmod(0o755)
    (folder / "inside").mkdir()
    (folder / "inside" / "page.txt").write_text("inside\n")
    (folder / "bye.txt").write_text("bye\n")
    (folder / "apache.conf").write_text(_configuration(site, here, given, folder))
    command = [program, "-f", str(folder / "apache.conf"), "-DFOREGROUND"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as running:
        try:
            until(lambda: _answers(here, running, folder), "apache did not start")
            yield
        finally:
            running.terminate()
            running.wait(PATIENCE_SECONDS)


def _answers(here: str, running: "subprocess.Popen[str]", folder: Path) -> bool:
    log = folder / "error.log"
    assert running.poll() is None, log.read_text() if log.exists() else running.stderr and running.stderr.read()
    try:
        return httpx.get(f"{here}/bye.txt", trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def _configuration(site: str, here: str, given: Credentials, folder: Path) -> str:
    modules = ("mpm_event", "authn_core", "authz_core", "authz_user", "mime", "headers", "auth_openidc")
    loaded = "\n".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in modules)
    sample = (SAMPLES / "apache.conf").read_text(encoding="utf-8")
    told = {
        "ISSUER": site,
        "CLIENT_ID": given.client_id,
        "CLIENT_SECRET": given.secret,
        "CALLBACK": f"{here}/inside/callback",
        "exec:/etc/apache2/oidc-passphrase": "of-a-test",
    }
    for mark, value in told.items():
        assert mark in sample
        sample = sample.replace(mark, value)
    return f"""
ServerRoot {folder}
ServerName {here}
Listen {here.removeprefix("http://")}
PidFile {folder}/pid
ErrorLog {folder}/error.log
DefaultRuntimeDir {folder}
{loaded}
User www-data
Group www-data
TypesConfig /dev/null
DocumentRoot {folder}
{sample}
"""
