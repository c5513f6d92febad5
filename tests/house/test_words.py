"""One word per thing, formal and plain: what the glossary settled is not said otherwise on any page, in either language."""

from __future__ import annotations

import re

import pytest

from bin.translations import ENGLISH, read

SECURITY = [
    ENGLISH.parent.parent.parent / language / "LC_MESSAGES" / "flask_security.po" for language in ("es", "en")
]

# What not to write, and what to write in its place.
SPANISH = {
    r"\b(?:tú|te|tu|tus|ti|puedes|debes|tienes|quieres|haz|ingresa|revisa|usa|has)\b": "usted",
    r"\btickets?\b|\bcasos?\b": "solicitud",
    r"\bentregables?\b|\bítems?\b": "producto",
    r"\b(?:slug|token|timeline|brief|feedback|dashboard|default|backup|password|login|log|link|url|e-?mail)\b": "enlace, contraseña, correo, historial…",
    r"\b(?:clic|click|cliquear|checar|accesar|resetear|postear)\b": "oprimir, revisar, entrar, publicar",
    r"\b[Mm]and(?:ar|e|amos|arme|arle|ó|aron)\b": "enviar",
    r"\b[Mm]ire\b": "vea",
    r"\bno vale\b|\bdej(?:ó|a) de valer\b": "sin efecto",
    r"\binválid[oa]s?\b|\bexitosamente\b": "qué pasa y qué hacer",
    r"[¡!]": "sin signos de admiración",
    r"(?<!un )(?<!uno )\bsolo\b": "sólo",
    r"\b[éÉ](?:ste|sta|stos|stas|se|sa)\b": "este, sin acento",
    r"\"|“|'": "«»",
    r"\.\.\.": "…",
    r"  ": "un espacio",
}
ENGLISH_WORDS = {
    r"\b[Cc]atalogue|\b[Cc]ancelled|\b[Cc]olour|\bprogramme\b|uthoris|eighbour|\b[Cc]entre\b": "American spelling",
    r"\bon hold\b": "paused",
    r"\btickets?\b|\bpetitions?\b": "request",
    r"\bdeliverables?\b": "product",
    r"\bdependenc(?:y|ies)\b": "department",
    r"\boficios?\b": "official letter",
    r"\bacuse\b": "receipt",
    r"\w'\w": "’",
    r"\b\w+n’t\b": "not, in full",
    r"\bplease\b": "say it straight",
    r"!": "no exclamation marks",
    r"  ": "one space",
}


def texts(side: int) -> list[str]:
    """All that is said in Spanish (0) or in English (1)."""
    said = []
    for message in read():
        if message.id:
            text = (message.id, message.string)[side]
            said += [text] if isinstance(text, str) else list(text)
    return said + [str(m.string) for m in read(SECURITY[side]) if m.id]


@pytest.mark.parametrize(("side", "words"), [(0, SPANISH), (1, ENGLISH_WORDS)], ids=["spanish", "english"])
def test_every_text_keeps_to_the_glossary(side, words):
    wrong = set()
    for text in texts(side):
        bare = re.sub(r"%\(\w+\)[sd]|\{\w+\}|https?://|\w+@\w+[.\w]*|<[^>]*>", "X", text)
        wrong |= {
            f"{text} → {better}"
            for bad, better in words.items()
            if re.search(bad, bare, re.IGNORECASE if side == 0 else 0)
        }
    assert not wrong, "\n".join(sorted(wrong))
