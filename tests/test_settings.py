"""The environment is read once, and whatever is wrong in it is told by the variable's name."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from poa_tickets import create_app
from poa_tickets.server import settings_for_this_machine
from poa_tickets.settings import SAMPLE_SECRETS, MissingSetting, Settings, own_secret

ROOT = Path(__file__).parent.parent
OWN = "h6Zr1n0qKx8vW3bT5yUe7Ls9Dc2Fa4Gj"
assert len(OWN) == 32


def read(**environ: str) -> Settings:
    return Settings.from_env({"SECRET_KEY": OWN, **environ})


# The secret


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "short",
        OWN[:31],
        "x" * 64,
        "abcdefg" * 10,
        *sorted(SAMPLE_SECRETS),
        "Please-Change-This-Secret-Key",
    ],
)
def test_a_missing_short_or_sample_secret_stops_the_start_and_names_its_variable(secret):
    with pytest.raises(MissingSetting, match=r"^SECRET_KEY is (missing|too short or a sample)\. Set it to"):
        read(SECRET_KEY=secret)


def test_the_hint_it_gives_makes_a_secret_that_is_accepted():
    with pytest.raises(MissingSetting) as refused:
        read(SECRET_KEY="")
    command = re.search(r"python3 -c '(.+)'", str(refused.value))[1]
    made = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)
    assert read(SECRET_KEY=made.stdout.strip()).secret_key


def test_in_development_any_secret_will_do():
    assert read(SECRET_KEY="dev", POA_DEVELOPMENT="1").development
    with pytest.raises(MissingSetting, match="SECRET_KEY"):
        read(SECRET_KEY="dev", POA_DEVELOPMENT="0")


def test_the_program_that_is_started_by_hand_makes_its_own_secret_once(tmp_path):
    folder = tmp_path / "instance"
    first = settings_for_this_machine({"INSTANCE_PATH": str(folder)})
    again = settings_for_this_machine({"INSTANCE_PATH": str(folder), "SECRET_KEY": ""})
    assert first.secret_key == again.secret_key == (folder / "secret_key").read_text()
    assert not first.development
    assert stat.S_IMODE((folder / "secret_key").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert len(list(folder.iterdir())) == 1
    elsewhere = settings_for_this_machine({"INSTANCE_PATH": str(tmp_path / "other")})
    assert elsewhere.secret_key != first.secret_key


def test_many_that_start_at_once_share_one_secret(tmp_path):
    found: list[str] = []
    barrier = threading.Barrier(8)

    def start() -> None:
        barrier.wait()
        found.append(own_secret(tmp_path))

    starting = [threading.Thread(target=start) for _ in range(8)]
    for thread in starting:
        thread.start()
    for thread in starting:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_a_secret_that_others_could_read_is_closed_to_them(tmp_path):
    path = tmp_path / "secret_key"
    path.write_text(OWN)
    path.chmod(0o644)
    assert own_secret(tmp_path) == OWN
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_secret_that_was_cut_off_is_told_and_not_replaced(tmp_path):
    (tmp_path / "secret_key").write_text("")
    with pytest.raises(MissingSetting, match="secret_key holds no secret"):
        own_secret(tmp_path)
    assert (tmp_path / "secret_key").read_text() == ""


# Everything else


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "ochenta"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("PORT", "８０００"),
        ("PORT", "8000 "),
        ("THREADS", "0"),
        ("PROXIES", "many"),
        ("MAIL_PORT", "99999"),
        ("NOTICE_DELAY_SECONDS", "3 min"),
        ("MAX_FILE_MB", "0"),
        ("MAX_FILE_MB", "25MB"),
        ("DATABASE_URL", "mysql://root@localhost/poa"),
        ("DATABASE_URL", "postgres://poa@localhost/poa"),
        ("DATABASE_URL", "postgresql://poa@localhost:port/poa"),
        ("DATABASE_URL", "postgresql://poa@localhost"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("DATABASE_URL", "instance/poa.sqlite3"),
        ("PUBLIC_URL", "cs.example.org"),
        ("PUBLIC_URL", "ftp://cs.example.org"),
        ("PUBLIC_URL", "https://"),
        ("PUBLIC_URL", "https://cs.example.org:port"),
        ("MAIL_SENDER", "Comunicación Social"),
        ("MAIL_SENDER", "cs@example.org\nBcc: todos@example.org"),
        ("MAIL_USE_TLS", "quizá"),
        ("MAIL_USE_SSL", "2"),
        ("POA_DEVELOPMENT", "maybe"),
        ("IMAP_PORT", "0"),
        ("IMAP_USE_SSL", "tal vez"),
        ("IMAP_DONE_FOLDER", "INBOX"),
        ("REPLY_ADDRESS", "Comunicación Social <cs@example.org>"),
        ("REPLY_ADDRESS", "cs+1@example.org"),
        ("REPLY_ADDRESS", "comunicación@example.org"),
        ("REPLY_ADDRESS", "un-nombre-tan-largo-que-no-deja-lugar@example.org"),
        ("RATE_LIMIT_STORAGE", "redis"),
        ("RATE_LIMIT_STORAGE", "file:///tmp/limits"),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_name(name, value):
    with pytest.raises(MissingSetting, match=rf"\b{name}\b"):
        read(**{name: value})


def test_a_wrong_database_is_told_without_its_password():
    with pytest.raises(MissingSetting) as refused:
        read(DATABASE_URL="mysql://root:hunter2@localhost/poa")
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("kind", ["MAIL", "IMAP"])
def test_two_ways_to_encrypt_the_mail_exclude_each_other(kind):
    with pytest.raises(MissingSetting, match=f"{kind}_USE_TLS and {kind}_USE_SSL"):
        read(**{f"{kind}_USE_TLS": "1", f"{kind}_USE_SSL": "1"})


def test_a_mailbox_is_read_in_tls_from_the_start_unless_told_otherwise():
    account = {"IMAP_SERVER": "imap.example.org", "IMAP_USERNAME": "cs", "IMAP_PASSWORD": "clave"}
    account |= {"REPLY_ADDRESS": "cs@example.org"}
    usual, later = read(**account), read(**account, IMAP_USE_TLS="1")
    assert (usual.imap_use_ssl, usual.imap_use_tls, usual.imap_port) == (True, False, 993)
    assert (later.imap_use_ssl, later.imap_use_tls, later.imap_port) == (False, True, 143)


@pytest.mark.parametrize("missing", ["IMAP_USERNAME", "IMAP_PASSWORD", "REPLY_ADDRESS"])
def test_a_mailbox_needs_its_account_and_its_address(missing):
    whole = {
        "IMAP_SERVER": "imap.example.org",
        "IMAP_USERNAME": "cs",
        "IMAP_PASSWORD": "clave",
        "REPLY_ADDRESS": "cs@example.org",
    }
    assert read(**whole).imap_port == 993
    with pytest.raises(MissingSetting, match=missing):
        read(**{**whole, missing: " "})


def test_what_is_empty_is_what_it_would_be_unset():
    names = re.findall(r'env(?:\.get\(|, )"([A-Z_]+)"', (ROOT / "poa_tickets/settings.py").read_text())
    assert len(names) > 15
    empty = dict.fromkeys(names, "") | {"SECRET_KEY": OWN}
    assert Settings.from_env(empty) == Settings.from_env({"SECRET_KEY": OWN})


def test_everything_set_is_read(tmp_path):
    settings = read(
        INSTANCE_PATH=str(tmp_path),
        DATABASE_URL="postgresql://poa:secreto@db.example.org/poa",
        PUBLIC_URL="https://cs.example.org/",
        HOST="0.0.0.0",
        PORT="8443",
        THREADS="16",
        PROXIES="1",
        MAIL_SERVER="smtp.example.org",
        MAIL_PORT="587",
        MAIL_USERNAME="cs",
        MAIL_PASSWORD="clave",
        MAIL_USE_TLS="yes",
        MAIL_SENDER="Comunicación Social <cs@example.org>",
        IMAP_SERVER="imap.example.org",
        IMAP_USERNAME="cs",
        IMAP_PASSWORD="clave",
        IMAP_USE_SSL="no",
        IMAP_FOLDER="Solicitudes",
        IMAP_DONE_FOLDER="Leídos",
        REPLY_ADDRESS="CS@example.org",
        NOTICE_DELAY_SECONDS="60",
        MAX_FILE_MB="50",
        RATE_LIMIT_STORAGE="redis://127.0.0.1:6379",
    )
    assert settings == Settings(
        secret_key=OWN,
        instance_path=tmp_path,
        database_url="postgresql://poa:secreto@db.example.org/poa",
        public_url="https://cs.example.org",
        host="0.0.0.0",
        port=8443,
        threads=16,
        proxies=1,
        mail_server="smtp.example.org",
        mail_port=587,
        mail_username="cs",
        mail_password="clave",
        mail_use_tls=True,
        mail_sender="Comunicación Social <cs@example.org>",
        imap_server="imap.example.org",
        imap_port=143,
        imap_username="cs",
        imap_password="clave",
        imap_use_ssl=False,
        imap_folder="Solicitudes",
        imap_done_folder="Leídos",
        reply_address="cs@example.org",
        notice_delay_seconds=60,
        max_file_mb=50,
        rate_limit_storage="redis://127.0.0.1:6379",
    )


def test_a_folder_that_cannot_be_made_is_told_by_the_variables_name():
    nowhere = Path("/dev/null/instance")
    with pytest.raises(MissingSetting, match="INSTANCE_PATH: /dev/null/instance/secret_key can't be used"):
        own_secret(nowhere)
    with pytest.raises(MissingSetting, match="INSTANCE_PATH: /dev/null/instance can't be used"):
        create_app(Settings(secret_key=OWN, instance_path=nowhere))


# The program, started


@pytest.mark.slow
@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({"SECRET_KEY": "changeme"}, "SECRET_KEY is too short or a sample"),
        (
            {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"},
            "DATABASE_URL: the database can't be used",
        ),
    ],
    ids=["secret", "database"],
)
def test_a_start_that_is_refused_says_one_line_and_no_traceback(tmp_path, environ, says):
    clean = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    ended = subprocess.run(
        [sys.executable, "-m", "poa_tickets.server"],
        cwd=ROOT,
        env=clean | {"INSTANCE_PATH": str(tmp_path / "instance"), **environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr.strip().startswith(says)
    assert len(ended.stderr.strip().splitlines()) == 1
