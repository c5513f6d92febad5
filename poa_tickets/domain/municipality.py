"""What is true of any Mexican municipality: its state, its time zone, the form of its folios."""

import re

from poa_tickets.domain.vocabulary import N_

STATES = (
    "Aguascalientes",
    "Baja California",
    "Baja California Sur",
    "Campeche",
    "Chiapas",
    "Chihuahua",
    "Ciudad de México",
    "Coahuila",
    "Colima",
    "Durango",
    "Estado de México",
    "Guanajuato",
    "Guerrero",
    "Hidalgo",
    "Jalisco",
    "Michoacán",
    "Morelos",
    "Nayarit",
    "Nuevo León",
    "Oaxaca",
    "Puebla",
    "Querétaro",
    "Quintana Roo",
    "San Luis Potosí",
    "Sinaloa",
    "Sonora",
    "Tabasco",
    "Tamaulipas",
    "Tlaxcala",
    "Veracruz",
    "Yucatán",
    "Zacatecas",
)

# The zones of the Ley de los Husos Horarios of 2022; those of the northern border keep summer time.
ZONES = {
    "America/Mexico_City": N_("Centro (Ciudad de México)"),
    "America/Monterrey": N_("Centro (Monterrey)"),
    "America/Merida": N_("Centro (Mérida)"),
    "America/Bahia_Banderas": N_("Centro (Bahía de Banderas)"),
    "America/Chihuahua": N_("Centro (Chihuahua)"),
    "America/Cancun": N_("Sureste (Quintana Roo)"),
    "America/Hermosillo": N_("Pacífico (Sonora)"),
    "America/Mazatlan": N_("Pacífico (Sinaloa, Nayarit y Baja California Sur)"),
    "America/Tijuana": N_("Noroeste (Baja California)"),
    "America/Ciudad_Juarez": N_("Frontera (Ciudad Juárez)"),
    "America/Ojinaga": N_("Frontera (Ojinaga)"),
    "America/Matamoros": N_("Frontera (Matamoros, Reynosa, Nuevo Laredo)"),
}

PREFIX = re.compile(r"[A-Z][A-Z0-9]{0,11}")


def is_prefix(text: str) -> bool:
    """Whether folios may begin with ``text``: capitals and figures, so that it can be said by telephone."""
    return PREFIX.fullmatch(text) is not None
