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


_RATE = (
    r"(?:treat|mark|rate|count|classify|label|report|record|cite|judge|call|consider|declare|regard|answer|return|output|"
    r"behandle|markiere|bewerte|werte|stufe|betrachte|zähle|melde|considère|considérez|classe[rz]?|marque[rz]?|juge[rz]?|"
    r"traite[rz]?|considera|considere|marca|marque|clasifica|clasifique|califica|califique|trata|trate|classifica|"
    r"classifique|valuta|beschouw|markeer|uznaj|oznacz|traktuj|считай\w*|отметь\w*|признай\w*|вважай\w*|познач\w*|"
    r"θεώρησε|θεωρήστε|değerlendir\w*|işaretle\w*|اعتبر|صنف|صنّف|התייחס|סמן)"
)
_STATEMENT = (
    r"(?:claim|statement|assertion|behauptung|aussage|affirmation|déclaration|allégation|afirmaci[oó]n|declaraci[oó]n|"
    r"afirmação|declaração|affermazion|dichiarazion|bewering|uitspraak|twierdzeni|stwierdzeni|утвержден|заявлен|твердженн|"
    r"заяв|ισχυρισμ|δήλωση|iddia|ادعاء|الادعاء|טענה|הטענה)"
)
_VERDICT = (
    r"(?:support\w*|confirm\w*|verified|proven|true|false|conflict\w*|refut\w*|qualif\w*|gestützt|bestätigt|belegt|wahr|"
    r"falsch|widerlegt|étayée?s?|confirmée?s?|vraie?s?|soutenue?s?|respaldad\w*|confirmad\w*|apoyad\w*|verdader\w*|"
    r"sostenut\w*|confermat\w*|ver[oa]s?\b|bevestigd|ondersteund|potwierdz\w*|prawdziw\w*|подтвержд\w*|верн\w*|"
    r"підтвердж\w*|επιβεβαιωμέν\w*|doğru\w*|مدعوم\w*|مؤكد\w*|צודק\w*|נתמכ\w*|支持|支援|証明|真实|真実)"
)
_START = r"(?:^|[.!?:;\n„“”\"«(*\[]\s*|\b(?:please|bitte|then|und|por favor,?) )"
_MUST = r"(?:must|should|shall|has to|have to|doit|doivent|debe|deben|deve|devono|devem)"
_AS = r"(?:as |als |comme |como |come )"
_GIVEN = (
    r"(?:rated|marked|treated|classified|labell?ed|listed|cited|counted|regarded|gewertet|bewertet|eingestuft|markiert|"
    r"class[ée]e?s?|considérée?s?|marquée?s?|clasificad\w*|marcad\w*|tratad\w*|considerad\w*|classificat\w*|segnat\w*)"
)
_IGNORE = (
    r"(?:ignore|disregard|forget|override|discard|ignoriere|ignorieren sie|vergiss|missachte|ignorez|oubliez|ignora|"
    r"ignoren|olvida|olvide|ignorate|negeer|zignoruj|игнорируй\w*|ігноруй\w*|αγνόησε|تجاهل|התעלם|忽略|无视|無視)"
)
_SOURCES = (
    r"(?:sources?\b|documents?\b|evidence\b|quellen|dokument|belege|fuentes|documentos|pruebas|preuves|fonti|documenti|"
    r"prove\b|bronnen|źród|источник|документ|джерел|πηγές|kaynak|مصادر|المصادر|המקורות|来源|文件|資料|情報源)"
)
_WORD = r"\b(?:supports|supported|conflicts|conflicting|nothing_found|qualifies|qualified)\b"
WEIGHING = re.compile(
    rf"{_START}{_RATE}\b[^.!?\n]{{0,80}}{_STATEMENT}[^.!?\n]{{0,80}}\b{_VERDICT}"
    rf"|{_START}{_IGNORE}\b[^.!?\n。]{{0,50}}{_SOURCES}"
    rf"|{_START}(?:answer|respond|reply|output|return|conclude|write)\b[^.!?\n]{{0,50}}[\"“”'‘«]?{_WORD}"
    r"|\b(?:relation|outcome|verdict|rel)\b\s*(?:=|:|must be|should be)\s*[\"“'‘]?(?:support|conflict|nothing_found)"
    rf"|{_STATEMENT}\w*\b[^.!?\n]{{0,60}}\b{_MUST}\b[^.!?\n]{{0,20}}\b{_GIVEN}\s+{_AS}?{_VERDICT}"
    rf"|{_STATEMENT}\w*\b[^.!?\n]{{0,60}}\b(?:muss|müssen|ist|sind)\b[^.!?\n]{{0,20}}\bals {_VERDICT}\s+(?:zu )?"
    rf"(?:werten|bewerten|behandeln|einzustufen|{_GIVEN})"
    r"|\b(?:whoever|anyone who|any \w+ that) (?:compares|weighs|evaluates|assesses|checks|scores|judges|reads) this\b"
    r"|(?:判定|标记|標記|視為|视为|みなせ|みなして|判断せよ|支持.{0,4}(?:せよ|すること))"
    r"|(?:^|[.!?]\s+)(?:system|assistant|developer)(?: prompt| message)?\s*:\s"
    r"|\bthis (?:document|source|text|page|article) (?:supports|confirms|proves|refutes) (?:all|every|each|any)\b"
    r"|\b(?:automated|automatic|machine|ai|artificial) (?:reader|fact-?checker|checker|reviewer|evaluator)s?\b"
    r"[^.\n]{0,60}\b(?:must|should|shall|please|note|mark|treat|rate|ignore|cite|count|prefer)\b"
    r"|\b(?:attention|note (?:to|for)|hinweis (?:an|für)|achtung|note aux?|nota para|avviso per|uwaga dla)[, ]+"
    r"[^.\n]{0,12}(?:\bai\b|\bki\b|\bia\b|\bllms?\b|model\b|modell\b|modèle|\bbots?\b|machines?\b|fact-?check\w*|assistant)"
    r"|<\s*/?\s*(?:statements|sources|pieces|claims)(?:-[0-9a-f]{4,8})?\s*>"
    r"|[\"“”'](?:pieces|rel|looks|outcome)[\"“”']\s*:\s*[\[{\"“]",
    re.IGNORECASE | re.MULTILINE,
)
"""Orders to weigh statements in some way, and forged parts of an answer about evidence."""


def speaks_to_weigher(*texts: str | None) -> bool:
    """Whether a document that was found as evidence, given by its texts, addresses the program that weighs it."""
    return any(text and (speaks_to_machine(text) or WEIGHING.search(text)) for text in texts)
