"""What the sample's people say, and of what it can be said."""

import random
from collections.abc import Container, Sequence
from dataclasses import dataclass

from poa_tickets.domain.vocabulary import Cause

EVENT = "event"


@dataclass(frozen=True)
class Line:
    """Something said: of a kind of product, of an event, or of anything. ``on`` is who must do it, if a third party."""

    text: str
    of: str = ""
    answer: str = ""
    cause: Cause = Cause.OTHER
    on: str = ""


def pick(dice: random.Random, lines: Sequence[Line], of: Container[str]) -> Line:
    """One that fits; there is always one that fits anything."""
    return dice.choice([line for line in lines if not line.of or line.of in of])


QUESTIONS = (
    Line(
        "¿Me ayudan con que salga desde temprano? La gente se entera por el perifoneo.",
        "loudspeaker",
        "Con gusto. El primer recorrido es a las 9 horas.",
    ),
    Line(
        "Les mando la lista de calles en cuanto la confirme el delegado.",
        "loudspeaker",
        "Recibido. Con eso armamos el recorrido.",
    ),
    Line(
        "¿Puede ir alguien media hora antes? Va a estar presente el cabildo.",
        EVENT,
        "Sí hay espacio ese día. Confirmo con quien cubre.",
    ),
    Line(
        "Por favor, que diga a qué teléfono llamar; siempre preguntan.",
        "social_post",
        "Anotado; va al final del texto.",
    ),
    Line("¿El cartel puede llevar el logotipo de la dirección?", "design", "Sí; va junto al escudo."),
    Line(
        "¿Cuándo podremos ver cómo queda?",
        "",
        "Mañana a primera hora le comparto el texto para que lo acepte.",
    ),
)
NOTES = (
    Line("@foto ese día ya hay otra cobertura cerca; conviene salir juntos.", EVENT),
    Line(
        "Cuidar que no se vean rostros de niñas y niños en las fotos que se publiquen.",
        "photos",
    ),
    Line("La batería del carro de sonido quedó baja; cargarla hoy.", "loudspeaker"),
    Line("@prensa revisar la ortografía del cartel antes de mandarlo a imprenta.", "design"),
    Line("Piden que se comparta también en el grupo de delegados."),
)
THANKS = (
    Line("Gracias, llegó mucha gente.", EVENT),
    Line("Muy buen trabajo, como siempre."),
    Line("Se enteraron hasta en las rancherías.", "loudspeaker"),
)
COMPLAINTS = (
    Line("El perifoneo no pasó por la parte alta.", "loudspeaker"),
    Line("Faltaron fotos del final.", "photos"),
    Line("Esperábamos que saliera antes."),
)
NOTHING_CAME = "Entendemos el motivo, pero no se hizo nada de lo que pedimos."
STILL_MISSING = (
    Line("En la publicación quedó mal la hora.", "social_post"),
    Line("El recorrido no llegó a la última calle.", "loudspeaker"),
    Line("Faltan las fotos del final.", "photos"),
    Line("El nombre de la dirección quedó incompleto."),
)
DECLINED = (
    Line(
        "Ese día todo el equipo cubre el informe. Puede enviarnos fotos y las publicamos.",
        EVENT,
        cause=Cause.NO_STAFF,
    ),
    Line(
        "El carro de sonido está en el taller toda la semana. Podemos publicarlo en redes: preséntela así.",
        "loudspeaker",
        cause=Cause.NO_VEHICLE,
    ),
    Line(
        "Este mes ya no hay partida para impresos. Podemos hacer la imagen para redes.",
        "design",
        cause=Cause.NO_BUDGET,
    ),
    Line(
        "Falta la autorización de la presidencia. Preséntela de nuevo cuando la tenga.",
        cause=Cause.MISSING_INFORMATION,
    ),
)
OUT_OF_CATALOGUE = "El préstamo de sillas y sonido lo atiende Servicios Generales, extensión 118."
DROPPED = (
    Line("El carro de sonido está en el taller.", "loudspeaker", cause=Cause.NO_VEHICLE),
    Line("La cámara de video no está disponible.", "video", cause=Cause.NO_EQUIPMENT),
    Line("La imprenta no entregó por falta de pago.", "design", cause=Cause.NO_BUDGET),
    Line("No alcanzó el tiempo para hacerlo bien.", cause=Cause.LATE_NOTICE),
    Line("Una persona del equipo está incapacitada.", cause=Cause.NO_STAFF),
)
WAITS = (
    Line(
        "lista definitiva de calles", "loudspeaker", "Son la calle principal y las dos que bajan al arroyo."
    ),
    Line(
        "logotipo de la dependencia federal",
        "design",
        "Ya lo mandaron; se lo reenviamos por correo.",
        on="Delegación federal",
    ),
    Line(
        "confirmación de la hora",
        EVENT,
        "Confirmado: es a la hora que pedimos.",
        on="Agenda de la presidencia",
    ),
    Line("oficio firmado por la dirección", "", "Ya se firmó; lo dejamos en su oficina, con sello."),
    Line("teléfono para informes", "", "Es el 33 0000 2200, de 9 a 15 horas."),
)
POSTPONEMENTS = (
    "Se pronostica lluvia fuerte.",
    "Cambió la agenda de quien encabeza el acto.",
    "El lugar no estará disponible ese día.",
)
READY = {
    "loudspeaker": "Anuncio grabado; dura 40 segundos.",
    "photos": "Se eligieron las que no muestran rostros de niñas ni niños.",
    "video": "Un minuto, con subtítulos.",
    "design": "Tamaño carta y cuadrado para redes.",
    "media_insertion": "Cápsula de 30 segundos.",
}
