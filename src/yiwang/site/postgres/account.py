"""Which system account runs the server: ourselves, or, because PostgreSQL refuses root, an account without rights."""

import os
import pwd
import shutil
import stat
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

from yiwang.site.failures import Failed

NAME = "yiwang-pg"
_ACL = "system.posix_acl_access"
_USER_OBJ, _USER, _GROUP_OBJ, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
_UNDEFINED = 0xFFFFFFFF


class Unreachable(Failed):
    """The server's account may not enter a folder on the way to its data."""


@dataclass(frozen=True)
class Account:
    """A system account by number."""

    name: str
    uid: int
    gid: int


def server_account() -> Account | None:
    """The account to switch to before starting the server; None when we may run it as we are."""
    if os.geteuid() != 0:
        return None
    entry = _entry(NAME) or _create() or pwd.getpwnam("nobody")
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def let_in(account: Account | None, target: Path) -> None:
    """Let the account pass through the folders above `target`, and change nothing else about them."""
    if account is None:
        return
    for folder in reversed(target.absolute().parents):
        if not folder.stat().st_mode & stat.S_IXOTH:
            _grant_passage(account, folder)


def give(account: Account | None, path: Path) -> None:
    """Make the account the owner of one file or folder."""
    if account is not None:
        os.chown(path, account.uid, account.gid)


def let_read(account: Account | None, tree: Path) -> None:
    """Make a tree of programs readable for the account (an umask of 077 at installation would hide it)."""
    if account is None:
        return
    let_in(account, tree)
    for path in [tree, *tree.rglob("*")]:
        mode = path.stat().st_mode
        wanted = mode | 0o044 | (0o011 if mode & stat.S_IXUSR else 0)
        if wanted != mode:
            path.chmod(stat.S_IMODE(wanted))


def _entry(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _create() -> pwd.struct_passwd | None:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd:
        command = [
            useradd,
            "--system",
            "--no-create-home",
            "--home-dir",
            "/nonexistent",
            "--shell",
            "/usr/sbin/nologin",
            NAME,
        ]
        # Another start may be creating it at the same moment; what counts is that it exists afterwards.
        subprocess.run(command, capture_output=True, check=False)
    return _entry(NAME)


def _grant_passage(account: Account, folder: Path) -> None:
    # An access list entry opens a private folder (such as /root) to this one account, to pass and not to list.
    entries = _read_acl(folder)
    named = {(tag, ident): perm for tag, perm, ident in entries}
    if named.get((_USER, account.uid), 0) & 1 and named.get((_MASK, _UNDEFINED), 7) & 1:
        return
    named[(_USER, account.uid)] = 1
    named[(_MASK, _UNDEFINED)] = named.get((_MASK, _UNDEFINED), named[(_GROUP_OBJ, _UNDEFINED)]) | 1
    packed = b"".join(struct.pack("<HHI", tag, perm, ident) for (tag, ident), perm in sorted(named.items()))
    try:
        os.setxattr(folder, _ACL, struct.pack("<I", 2) + packed)
    except OSError as error:
        raise Unreachable(
            f"{folder} is closed to the account {account.name} that runs PostgreSQL. Run `chmod o+x {folder}`, "
            "set YIWANG_HOME to another folder, or start as an ordinary user."
        ) from error


def _read_acl(folder: Path) -> list[tuple[int, int, int]]:
    try:
        raw = os.getxattr(folder, _ACL)[4:]
        return [struct.unpack("<HHI", raw[at : at + 8]) for at in range(0, len(raw), 8)]
    except OSError:
        mode = folder.stat().st_mode
        bits = ((_USER_OBJ, mode >> 6), (_GROUP_OBJ, mode >> 3), (_OTHER, mode))
        return [(tag, bit & 7, _UNDEFINED) for tag, bit in bits]
