"""Recognise pages that are not the article: consent and login walls, paywalls, checks for robots, empty shells."""

from __future__ import annotations

import re

MIN_ARTICLE = 250
"""Code points of text in scripts with spaces below which a page is hardly an article; shorter news items exist but
do not come with a wall's words."""

LONG_ENOUGH = 1500
"""A text of this length is an article even if it speaks of cookies or subscriptions."""

CONSENT = re.compile(
    r"accept (all )?cookies|we use cookies|your privacy|we and our (\d+ )?partners|manage (my )?(consent|preferences)|"
    r"alle akzeptieren|cookies? (zu|akzeptieren)|einwilligung|wir verwenden cookies|accepter (et|les|tout)|"
    r"nous utilisons des cookies|vos données|aceptar (todas|cookies)|utilizamos cookies|accetta (tutti|i cookie)|"
    r"utilizziamo i cookie|aceitar (todos|cookies)|alle cookies accepteren|wij gebruiken cookies|godkänn|"
    r"vi använder (kakor|cookies)|hyväksy (kaikki )?evästeet|käytämme evästeitä|akceptuj|używamy plików cookie|"
    r"принять (все )?(файлы )?cookie|мы используем (файлы )?cookie|クッキー|cookie\s?を使用|쿠키|使用\s?cookie|"
    r"接受所有|ملفات تعريف الارتباط|עוגיות|çerez",
    re.IGNORECASE,
)
PAYWALL = re.compile(
    r"subscribe (now |today )?to (continue|keep|read)|to (continue|keep) reading|already a subscriber|"
    r"this (article|content|story) is (reserved )?for (our )?(subscribers|members)|for subscribers only|"
    r"weiterlesen mit|jetzt weiterlesen|bereits abonnent|nur für abonnenten|mit .{0,20}abo weiterlesen|"
    r"réservée? (à nos|aux) abonnés|pour lire la suite|déjà abonné|abonnez-vous pour|"
    r"suscr[ií]bete para|solo para suscriptores|ya eres suscriptor|contenuto riservato agli abbonati|abbonati per|"
    r"exclusivo para assinantes|assine para|alleen voor abonnees|verder lezen\?|för prenumeranter|tilaajille|"
    r"tylko dla prenumeratorów|czytaj dalej z|только для подписчиков|оформите подписку|"
    r"この記事は(有料)?会員限定|続きを読むには|有料会員|구독자 전용|订阅(后|以)继续|仅限订阅|"
    r"للمشتركين فقط|למנויים בלבד|abonelere özel",
    re.IGNORECASE,
)
ROBOT = re.compile(
    r"verify (that )?you are (a )?human|checking your browser|unusual traffic|are you a robot|complete the captcha|"
    r"access denied|enable javascript and cookies to continue|ddos protection|just a moment",
    re.IGNORECASE,
)
SCRIPT = re.compile(
    r"(enable|activate|requires?|turn on|need to) java\s?script|javascript (aktivieren|is disabled)|activer javascript",
    re.IGNORECASE,
)
NOT_FREE = re.compile(r'"isAccessibleForFree"\s*:\s*(?:"?false"?)', re.IGNORECASE)


def wall(text: str, page: str) -> tuple[str, str] | None:
    """Why a page is no article, as a code and a line, or None; `text` was extracted of all that is seen, `page`."""
    if len(text) >= LONG_ENOUGH:
        return None
    seen = page[: 4 * LONG_ENOUGH]
    short = _length(text) < MIN_ARTICLE
    if ROBOT.search(seen) and short:
        return ("robot_wall", "asks whether a person is there; save the page from a browser")
    if CONSENT.search(text or seen) and _share(CONSENT, text):
        return ("consent_wall", "shows a consent page instead of the article; save the page from a browser")
    if SCRIPT.search(seen) and short:
        return ("script_only", "is drawn by scripts, which are not run; save the page from a browser")
    if not any(c.isalnum() for c in text):
        return ("boilerplate", "holds no article, only menus, notices or pictures; save its text to a file")
    return None


def is_paywalled(text: str, page: str, source: str) -> bool:
    """Whether what was extracted seems to be only the free beginning of an article."""
    if len(text) >= 2 * LONG_ENOUGH:
        return False
    return bool(PAYWALL.search(page)) or (bool(NOT_FREE.search(source)) and len(text) < LONG_ENOUGH)


def _share(pattern: re.Pattern[str], text: str) -> bool:
    """Whether a short text is mostly about this: most of its paragraphs speak of it, or it is one notice."""
    paragraphs = [line for line in text.split("\n") if line.strip()]
    about = sum(bool(pattern.search(line)) for line in paragraphs)
    return not paragraphs or (_length(text) < LONG_ENOUGH and about * 3 >= len(paragraphs))


def _length(text: str) -> int:
    """Code points, those of scripts without spaces counted three times."""
    return sum(3 if char >= "\u2e80" else 1 for char in text)
