"""Signs that a text speaks to the program that reads it: marks of chat formats, forged answers, orders to a model.

A hit costs little (the document is compared alone), so the patterns rather take too much; they add to what the
model says of the document, since a model that obeys an order would not report it.
"""

from __future__ import annotations

import re

MARKS = re.compile(
    r"<\|?(?:im_(?:start|end)|endoftext|eot_id|start_header_id|system|assistant|user)\|>?"
    r"|\[/?INST\]|<<SYS>>|<\s*/?\s*(?:article|new|other|rejected|pairs|dossier|entries|document|untrusted|system)"
    r"(?:-[0-9a-f]{4,8})?\s*>"
    r"|^\s*#{0,4}\s*(?:system|assistant)\s*(?:prompt|message)?\s*:",
    re.IGNORECASE | re.MULTILINE,
)
"""Marks with which chat templates and prompts part their messages."""

FORGED = re.compile(
    r"[\"“”']?(?:sources|claims|pairs|verdict|missed|both_can_be_true|looks)[\"“”']?\s*:\s*[\[{\"“]"
    r"|^\s*\[\d{1,4}\]\s.*\n\s*\[\d{1,4}\]\s|(?:statement|claim)s?\s+#\s?\d+",
    re.IGNORECASE | re.MULTILINE,
)
"""Parts of an answer, or of a numbered request, in the text of an article."""

_DROP = (
    r"ignor\w*|disregard\w*|forget|overrid\w*|vergiss|vergessen sie|ignorier\w*|missachte\w*|oublie[zr]?|olvid\w*|"
    r"esquec\w*|dimentica\w*|negeer|vergeet|glöm|glem|unohda|zapomnij|zignoruj|zapomeň|felejtsd|uită|"
    r"забудь\w*|игнорируй\w*|ігноруй\w*|αγνόησε|αγνοήστε|unut|yok say|تجاهل|انس|התעלם|שכח|نادیده|"
    r"अनदेखा|भूल|무시|忽略|无视|忘记|無視"
)
_RULES = (
    r"instruct\w*|prompts?\b|rules|guidelines|directions|anweisung\w*|vorgaben|consignes|instrucci\w*|instru[çc]\w*|"
    r"istruzioni|instructies|instruktion\w*|instruksjon\w*|ohjee\w*|instrukcj\w*|poleceni\w*|pokyn\w*|utasítás\w*|"
    r"instrucțiun\w*|указани\w*|инструкци\w*|вказівк\w*|інструкц\w*|οδηγίες|talimat\w*|التعليمات|تعليمات|ההוראות|"
    r"הוראות|دستور\w*|निर्देश|지시|指示|指令|提示"
)
ORDERS = re.compile(
    rf"(?:{_DROP})[^.!?\n。]{{0,60}}(?:{_RULES})|(?:{_RULES})[^.!?\n。]{{0,30}}(?:{_DROP})"
    r"|\byou are (?:now|no longer) (?:a|an|the|in)\b"
    r"|\bnew (?:task|instructions?)\b[^.\n]{0,30}(?::|for the (?:reader|model))"
    r"|\b(?:as|dear|attention|note to)[, ]+(?:an? |the |any )?"
    r"(?:ai|llm|language model|assistant|chatbot|whoever compares)\b"
    r"|\b(?:ai|llm|language) (?:model|assistant|reader)s?\b[^.\n]{0,40}\b(?:must|should|shall|please)\b"
    r"|\b(?:treat|list|report|mark|count|rate) (?:all|every|each|any)\b[^.\n]{0,40}\b(?:claim|statement|article)s?\b"
    r"|\brepeat after me\b|\b[A-Z]{3,}_API_KEY\b|\breport that\b[^.\n]{0,60}\binstead\b",
    re.IGNORECASE,
)
"""Orders to a reader that is a program, in the languages of most news agencies."""

PATTERNS = (MARKS, FORGED, ORDERS)


def speaks_to_machine(text: str) -> bool:
    """Whether a text holds signs that it addresses the program that reads it."""
    return any(pattern.search(text) for pattern in PATTERNS)
