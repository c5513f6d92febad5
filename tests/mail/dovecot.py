"""A real IMAP server on a free port, run by nobody in particular; each test has a mailbox of its own."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from tests.mail.authority import certificate
from tests.mail.server import free_port

PASSWORD = "clave"
BINARIES = ("dovecot", "/usr/sbin/dovecot")
CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{folder}/certificate.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
auth_failure_delay = 0
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_location = maildir:{folder}/mails/%u
mail_max_userip_connections = 100
first_valid_uid = 1
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mails/%u
}}
# A wrong password costs whoever comes from the same address no seconds here.
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
namespace inbox {{
  inbox = yes
}}
"""
serial = itertools.count(1)


def find_dovecot() -> str | None:
    return next(filter(None, map(shutil.which, BINARIES)), None)


class Dovecot:
    """The server; ``stop`` and ``start`` make an outage of it."""

    def __init__(self, binary: str) -> None:
        self.binary, self.port, self.tls_port = binary, free_port(), free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
        self.user = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        (self.folder / "mails").mkdir()
        (self.folder / "run").mkdir()
        names = {"user": self.user.pw_name, "uid": self.user.pw_uid, "gid": self.user.pw_gid}
        group = subprocess.check_output(["id", "-gn", self.user.pw_name], text=True).strip()
        text = CONFIGURATION.format(
            folder=self.folder,
            port=self.port,
            tls_port=self.tls_port,
            group=group,
            password=PASSWORD,
            **names,
        )
        (self.folder / "dovecot.conf").write_text(text)
        certificate().cert_chain_pems[0].write_to_path(self.folder / "certificate.pem")
        certificate().private_key_pem.write_to_path(self.folder / "key.pem")
        for place in (self.folder, self.folder / "mails", self.folder / "run"):
            self._give(place)
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def _give(self, place: Path) -> None:
        if os.getuid() == 0:
            os.chown(place, self.user.pw_uid, self.user.pw_gid)

    def start(self) -> None:
        who = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}
        self.process = subprocess.Popen(
            [self.binary, "-F", "-c", str(self.folder / "dovecot.conf")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **(who if os.getuid() == 0 else {}),
        )
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1) as line:
                    line.settimeout(2)
                    if line.recv(10).startswith(b"* OK"):
                        return
            except OSError:
                time.sleep(0.05)
        log = self.folder / "log"
        raise RuntimeError(f"dovecot does not answer: {log.read_text() if log.exists() else ''}")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)
        self.process = None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def mailbox(self) -> Mailbox:
        return Mailbox(self, f"buzon{os.getpid()}x{next(serial)}")


class Mailbox:
    """One person's mails on the server."""

    def __init__(self, server: Dovecot, name: str) -> None:
        self.server, self.name = server, name
        self.folder = server.folder / "mails" / name
        for place in (self.folder, *(self.folder / part for part in ("new", "cur", "tmp"))):
            place.mkdir()
            server._give(place)

    def put(self, *mails: bytes) -> None:
        """Deliver as a mail server does: whole files in order."""
        for mail in mails:
            name = f"{1_790_000_000 + next(serial)}.M{next(serial)}.aqui"
            arriving = self.folder / "tmp" / name
            arriving.write_bytes(mail)
            arriving.chmod(0o644)
            self.server._give(arriving)
            arriving.rename(self.folder / "new" / name)

    @property
    def settings(self) -> dict[str, object]:
        return {
            "imap_server": "127.0.0.1",
            "imap_port": self.server.port,
            "imap_use_ssl": False,
            "imap_username": self.name,
            "imap_password": PASSWORD,
        }

    def files(self, folder: str = "") -> list[str]:
        """What lies in a folder, by the flags in each file's name."""
        place = self.folder / folder if folder else self.folder
        return sorted(path.name for part in ("new", "cur") for path in (place / part).glob("*"))

    def unread(self) -> int:
        return sum(1 for name in self.files() if "S" not in name.partition(":2,")[2])
