"""A fresh machine: the link that the first start prints, the set-up, the head, and a director's own password."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.browsing import accessibility_violations
from tests.journeys.someone import PASSWORD, Someone

ROOT = Path(__file__).parents[2]
OURS = ("SECRET_KEY", "DATABASE_URL", "PUBLIC_URL", "MAIL_SERVER", "POA_DEVELOPMENT")


@pytest.fixture
def printed_link(tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Start the program as ``make run`` does, on an empty folder, and read what it prints."""
    started: list[subprocess.Popen[str]] = []

    def start() -> str:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        environment = {name: value for name, value in os.environ.items() if name not in OURS}
        environment |= {"PORT": str(port), "INSTANCE_PATH": str(tmp_path / "instance")}
        program = subprocess.Popen(
            [sys.executable, "-m", "poa_tickets.server"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(program)
        assert program.stdout is not None
        link = ""
        for line in program.stdout:  # the last line says that it serves
            found = re.search(r"http://\S+/configurar/\S+", line)
            link = found[0] if found else link
            if line.strip() == f"http://127.0.0.1:{port}":
                return link
        raise AssertionError("the program ended before it served")

    yield start
    for program in started:
        program.terminate()
        assert program.wait(timeout=30) == 0


def keeps_nobody_out(person: Someone, scripts: bool) -> None:
    """What axe-core says of a page that only a new machine shows; it is itself a script."""
    if scripts:
        assert accessibility_violations(person.page) == []
        person.page.emulate_media(color_scheme="light")


def test_a_fresh_machine_is_set_up_and_a_director_comes_in(printed_link, open_site, journey, scripts):
    link = printed_link()
    site, _slash, token = link.partition("/configurar/")
    head = journey(open_site(site, f"/configurar/{token}", javascript=scripts), keeps_pictures=scripts)
    head.looks("configurar")
    keeps_nobody_out(head, scripts)
    head.writes("Municipio", "San Aurelio del Monte")
    head.chooses("Entidad federativa", "Jalisco")
    head.writes("Su nombre", "Noemí Cárdenas")
    head.writes("Su correo", "jefatura@example.org")
    head.writes("Contraseña", PASSWORD)
    head.writes("Repita la contraseña", "otra cosa")
    head.writes("Dependencias", "Dirección de Salud; salud@example.org; Elvira Montaño\nArchivo")
    head.takes_the_step("Crear la oficina")
    head.reads("Las dos contraseñas no son iguales.")
    head.looks("contrasenas-distintas")
    keeps_nobody_out(head, scripts)
    head.writes("Contraseña", PASSWORD)
    head.writes("Repita la contraseña", PASSWORD)
    head.takes_the_step("Crear la oficina")
    head.reads("La oficina está lista", "Invitaciones para entregar")
    head.looks("lista")
    keeps_nobody_out(head, scripts)
    invitation = head.value_of("Enlace de Elvira Montaño")
    head.takes_the_step("Ir a la página de inicio")
    head.reads("Noemí")
    head.looks("inicio")

    director = journey(open_site(site, invitation.removeprefix(site), width=360, javascript=scripts))
    director.writes("Contraseña", PASSWORD)
    director.writes("Repita la contraseña", PASSWORD)
    director.takes_the_step("Guardar y entrar")
    director.reads("Aún no tiene solicitudes.")
    director.goes_to("/cuenta")
    director.presses("Salir")
    director.signs_in("salud@example.org")
    director.takes_the_step("Nueva solicitud")
    director.reads("Dirección de Salud · Elvira Montaño")

    again = journey(open_site(site, f"/configurar/{token}", javascript=scripts))
    again.reads("No encontramos esa página")
    keeps_nobody_out(again, scripts)
