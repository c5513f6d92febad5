"""Lists of departments, typed, pasted or sent, as offices have them."""

import pytest

from poa_tickets.services.department_lists import from_file, from_text

CULTURE = ("Dirección de Cultura", "cultura@example.org", "Ana Ruiz")
SPORTS = ("Deportes", "deportes@example.org", "Beto Luna")


def cells(entries):
    return [(one.name, one.director_email, one.director_name) for one in entries]


def test_what_is_pasted_under_what_was_typed_is_cut_by_its_own_mark():
    typed, pasted = "; ".join(CULTURE), "\t".join(SPORTS)
    assert cells(from_text(f"{typed}\n{pasted}\n")) == [CULTURE, SPORTS]


@pytest.mark.parametrize("mark", ["\t", ";", ","])
def test_one_mark_serves_a_whole_list(mark):
    assert cells(from_text(f"{mark.join(CULTURE)}\n\n{mark.join(SPORTS)}")) == [CULTURE, SPORTS]


def test_a_comma_within_a_name_divides_nothing_where_semicolons_do():
    assert cells(from_text(f"Parques, Jardines y Panteones\n{';'.join(SPORTS)}")) == [
        ("Parques, Jardines y Panteones", "", ""),
        SPORTS,
    ]


def test_a_name_on_two_lines_of_a_cell_is_one_name():
    data = '"Dirección\nde Cultura";cultura@example.org;Ana Ruiz\n'.encode()
    assert cells(from_file(data, "lista.csv")) == [CULTURE]
