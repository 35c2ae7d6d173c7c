"""Web pages as desks meet them, with what is to be read of each: lines, corrections, live blogs, dates, lists."""

from __future__ import annotations

from collections.abc import Mapping

BEFORE = "The harbour board of Tollmere met on Monday evening in the town hall to talk about the lease of the old quay."
AFTER = "The next meeting is planned for the second week of April, when the budget of the coming year is put to a vote."


def page(body: str, *, head: str = "", language: str = "en", outside: str = "") -> str:
    """An article with this between its first and last paragraph."""
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>Harbour board meets</title>{head}</head>'
        f"<body><nav><a href='/'>Home</a> <a href='/n'>News</a></nav><main><article><h1>Harbour board meets</h1>"
        f"<p>{BEFORE}</p>{body}<p>{AFTER}</p></article></main>{outside}<footer>© Echo</footer></body></html>"
    )


LINES: Mapping[str, tuple[str, str]] = {
    # quotations: what stands in the page, what is read
    "q": (page("<p>The chair said that <q>we will not lease the quay</q> and called the plan <q>a joke</q>.</p>"),
          "The chair said that “we will not lease the quay” and called the plan “a joke”."),
    "q, German": (page("<p>Die Vorsitzende sagte: <q>Wir verpachten den Kai nicht.</q></p>", language="de"),
                  "Die Vorsitzende sagte: „Wir verpachten den Kai nicht.“"),
    "q, inside another": (page("<p>He said: <q>She told me <q>never</q> twice.</q></p>"),
                          "He said: “She told me ‘never’ twice.”"),
    "q, Japanese": (page("<p>知事は<q>橋を閉鎖しない</q>と述べた。</p>", language="ja"), "知事は「橋を閉鎖しない」と述べた。"),
    "q, with marks of its own": (page("<p>The chair called it <q>“a joke”</q> and “<q>a shame</q>”.</p>"),
                                 "The chair called it “a joke” and “a shame”."),
    "q, language unknown": (page("<p>Hij zei: <q>nooit</q>.</p>", language="xx"), "Hij zei: “nooit”."),
    # struck text
    "del and ins": (page("<p>The storm killed <del>12</del> <ins>14</ins> people, the mayor said.</p>"),
                    "The storm killed 14 people, the mayor said."),
    "s": (page("<p>The bridge is <s>closed</s> open again, according to the police.</p>"),
          "The bridge is open again, according to the police."),
    "strike before a mark": (page("<p>The mayor <strike>resigned</strike>, the town said on Monday.</p>"),
                             "The mayor, the town said on Monday."),
    "struck by style": (page('<p>It costs <span style="text-decoration: red line-through">900</span> 700 euros a day.</p>'),
                        "It costs 700 euros a day."),
    "struck with links inside": (page('<p>He is <del><a href="/x">the <b>mayor</b></a></del> the former mayor of Norby.</p>'),
                                 "He is the former mayor of Norby."),
    "del at the beginning": (page("<p><del>Wrong.</del> The ferry runs again since Monday morning.</p>"),
                             "The ferry runs again since Monday morning."),
    # superscripts
    "note with a link": (page("<p>The quay earned 3.2 million euros<sup><a href='#f1'>1</a></sup> last year.</p>"),
                         "The quay earned 3.2 million euros last year."),
    "note behind a number": (page("<p>It earned more.<sup>1</sup> It has 12<sup>2</sup> berths in all.</p>"),
                             "It earned more. It has 12 berths in all."),
    "note in brackets": (page("<p>The board denied it.<sup>[3]</sup> Nobody was hurt.<sup>(a)</sup></p>"),
                         "The board denied it. Nobody was hurt."),
    "note, a sign": (page("<p>The board* denied<sup>†</sup> that it had met in March.</p>"),
                     "The board* denied that it had met in March."),
    "note without sup": (page('<p>The board denied it.<a class="footnote-ref" href="#fn1">[1]</a> Nobody asked.</p>'),
                         "The board denied it. Nobody asked."),
    "note by role": (page('<p>The board denied it.<sup><a role="doc-noteref" href="/notes">7</a></sup></p>'),
                     "The board denied it."),
    "two notes": (page("<p>The board denied it.<sup>1, 2</sup> Nobody asked.</p>"), "The board denied it. Nobody asked."),
    "square metres": (page("<p>The area is 500 m<sup>2</sup>, or 12 km<sup>2</sup> with the sea.</p>"),
                      "The area is 500 m², or 12 km² with the sea."),
    "a power": (page("<p>There are 10<sup>6</sup> of them and 10<sup>-3</sup> of those.</p>"),
                "There are 10⁶ of them and 10⁻³ of those."),
    "an ordinal": (page("<p>The 1<sup>st</sup> of May and le 1<sup>er</sup> mai, the 2<sup>nd</sup> try.</p>"),
                   "The 1st of May and le 1er mai, the 2nd try."),
    "a formula": (page("<p>It stores CO<sub>2</sub> and H<sub>2</sub>O, and Ca<sup>2+</sup> too.</p>"),
                  "It stores CO2 and H2O, and Ca²⁺ too."),
    "a mark of trade": (page("<p>They drink Norbyale<sup>TM</sup> at the quay every evening.</p>"),
                        "They drink NorbyaleTM at the quay every evening."),
    "an editor's remark": (page("<p>The quay is the oldest.<sup>[citation needed]</sup> It is long.</p>"),
                           "The quay is the oldest. It is long."),
    # readings
    "ruby": (page("<p><ruby>東京<rt>とうきょう</rt></ruby>の<ruby>知事<rp>(</rp><rt>ちじ</rt><rp>)</rp></ruby>は橋を閉鎖しない。</p>", language="ja"),
             "東京の知事は橋を閉鎖しない。"),
    "ruby, by characters": (page("<p><ruby>漢<rp>（</rp><rt>ㄏㄢˋ</rt><rp>）</rp>字<rp>（</rp><rt>ㄗˋ</rt><rp>）</rp></ruby>很難寫，他說。</p>", language="zh"),
                            "漢字很難寫，他說。"),
    "ruby, with bases": (page("<p><ruby><rb>東</rb><rb>京</rb><rtc><rt>とう</rt><rt>きょう</rt></rtc></ruby>の橋は開く。</p>", language="ja"),
                         "東京の橋は開く。"),
    "ruby, a link inside": (page("<p><a href='/t'><ruby>大阪<rt>おおさか</rt></ruby></a>の橋は開く。</p>", language="ja"), "大阪の橋は開く。"),
    "ruby in a sentence of Latin letters": (page("<p>The word <ruby>kanji<rt>漢字</rt></ruby> is Japanese, he said.</p>"),
                                            "The word kanji is Japanese, he said."),
    # layout
    "a line break": (page("<p>The board met.<br>It denied the story of the lease.</p>"), "It denied the story of the lease."),
    "words over inline tags": (page("<p>The <b>har</b>bour <em>board</em>, <i>it</i> said, met.</p>"), "The harbour board, it said, met."),
    "a table": (page("<table><tr><th>Crew</th><th>Contract</th></tr><tr><td>One</td><td>none</td></tr></table>"), "Crew | Contract"),
}  # fmt: skip
"""Pages by what is special about them, with a line that must be read from them."""

LACKS = {
    "q": ['"'],
    "del and ins": ["12"],
    "s": ["closed"],
    "strike before a mark": ["resigned"],
    "struck by style": ["900"],
    "struck with links inside": ["the mayor the"],
    "note behind a number": ["122"],
    "note with a link": ["euros1"],
    "ruby": ["とう", "ちじ", "("],
    "ruby, by characters": ["ㄏ", "（"],
    "ruby, with bases": ["とう"],
}
KINDS = {
    "del and ins": ("struck", ["12"]),
    "s": ("struck", ["closed"]),
    "struck by style": ("struck", ["900"]),
    "note with a link": ("note_mark", ["1"]),
    "note behind a number": ("note_mark", ["1", "2"]),
    "note, a sign": ("note_mark", ["†"]),
    "an editor's remark": ("note_mark", ["[citation needed]"]),
    "ruby": ("ruby", ["とうきょう", "ちじ"]),
    "ruby, by characters": ("ruby", ["ㄏㄢˋ", "ㄗˋ"]),
}
CORRECTED = "The treasurer told the meeting that the quay had earned 3.2 million euros in the last year."
CORRECTIONS: Mapping[str, tuple[str, str, str]] = {
    # the page, how the correction begins, the sentence that it corrects
    "in an aside": (
        page(f'<p>{CORRECTED}</p><aside class="note"><p>Correction, 5 March: An earlier version said the quay earned '
             "3.2 million euros. It earned 2.3 million euros.</p></aside>"),
        "Correction, 5 March", CORRECTED),
    "below the article": (
        page(f"<p>{CORRECTED}</p>", outside='<div class="corrections"><h4>Clarification</h4><p>This article was amended on 5 March: '
             "the quay earned 2.3 million euros, not 3.2 million euros as first said.</p></div>"),
        "Clarification", CORRECTED),
    "in the footer": (
        page(f"<p>{CORRECTED}</p>", outside="<footer><p>An earlier version of this article misstated what the quay had earned in the "
             "last year. It is 2.3 million euros.</p></footer>"),
        "An earlier version", CORRECTED),
    "German": (
        page("<p>Der Kai hat im letzten Jahr 3,2 Millionen Euro eingebracht, sagte der Kämmerer.</p>"
             "<aside><p>Korrektur: In einer früheren Version hieß es, der Kai habe 3,2 Millionen Euro eingebracht. "
             "Es waren 2,3 Millionen.</p></aside>", language="de"),
        "Korrektur:", "Der Kai hat im letzten Jahr 3,2 Millionen Euro eingebracht, sagte der Kämmerer."),
    "French": (
        page("<p>Le quai a rapporté 3,2 millions d’euros l’an dernier, selon le trésorier.</p>"
             "<div class='box'><p>Rectificatif : une première version de cet article disait que le quai avait rapporté "
             "3,2 millions d’euros ; c’est 2,3 millions.</p></div>", language="fr"),
        "Rectificatif", "Le quai a rapporté 3,2 millions d’euros l’an dernier, selon le trésorier."),
    "Russian": (
        page("<p>Причал заработал в прошлом году 3,2 миллиона евро, сообщил казначей.</p>"
             "<aside>Исправление: в предыдущей версии статьи говорилось, что причал заработал 3,2 миллиона евро, "
             "на самом деле 2,3 миллиона.</aside>", language="ru"),
        "Исправление", "Причал заработал в прошлом году 3,2 миллиона евро, сообщил казначей."),
    "Japanese": (
        page("<p>会計係は昨年の岸壁の収入が三億円だったと述べた。</p><aside><p>訂正：当初の記事で岸壁の収入を三億円としましたが、"
             "正しくは二億円でした。</p></aside>", language="ja"),
        "訂正", "会計係は昨年の岸壁の収入が三億円だったと述べた。"),
    "of something that is not there": (
        page("<aside><p>Correction: the name of the harbour master is Ole Dahl.</p></aside>"), "Correction", ""),
}  # fmt: skip


def post(
    time: str, words: str, tag: str = "div", inside: str = '<time datetime="2024-03-04T{0}:00Z">{0}</time>'
) -> str:
    return f'<{tag} class="post">{inside.format(time)}<h2>Storm</h2><p>{words}</p></{tag}>'


UPDATES = {
    "10:05": "The mayor says that all roads to the harbour are open again and that nobody has been hurt in the storm so far.",
    "11:05": "Police say that two people were hurt when a tree fell on the road to the harbour, and that the road is closed.",
    "12:35": "The mayor now says that three people were hurt and that the road to the harbour will stay closed until Tuesday.",
}
LIVE: Mapping[str, tuple[str, str]] = {
    "times": (page("".join(post(t, w) for t, w in UPDATES.items())), "{}"),
    "sections": (page("".join(post(t, w, "section") for t, w in UPDATES.items())), "{}"),
    "articles in an article": (page("".join(post(t, w, "article") for t, w in UPDATES.items())), "{}"),
    "names beside times": (page("".join(post(t, w, inside="<p class='meta'><time>{0}</time> Anna Berg</p>") for t, w in UPDATES.items())),
                           "{} Anna Berg"),
    "times in words": (page("".join(post(t, w, inside="<span class='time'>um {0} Uhr</span>") for t, w in UPDATES.items()), language="de"),
                       "um {} Uhr"),
    "items of a list": (page("<ul>" + "".join(post(t, w, "li") for t, w in UPDATES.items()) + "</ul>"), "{}"),
}  # fmt: skip


RELATED = "<aside class='related'><h2>More</h2><ul><li><time datetime='2019-01-02'>2 January 2019</time> <a href='/x'>Old quay</a></li></ul></aside>"
DATED: Mapping[str, tuple[str, str | None, str]] = {
    # the page, its date, where it was found
    "time": (page("<time datetime='2024-03-04T10:00:00Z'>4 March 2024</time>"), "2024-03-04", "element time"),
    "time, and another beside": (page("<time datetime='2024-03-04'>4 March</time>", outside=RELATED), "2024-03-04", "element time"),
    "byline": (page("").replace("</h1>", "</h1><p class='byline'>By S. Holt | 4 March 2024</p>"), "2024-03-04", "line under the title"),
    "declared, and changed later": (
        page("", head="<meta property='article:published_time' content='2024-03-04T10:00:00Z'>"
             "<meta property='article:modified_time' content='2024-03-09T10:00:00Z'>", outside=RELATED),
        "2024-03-04", "meta article:published_time"),
    "data": (page("", head='<script type="application/ld+json">{"@graph": [{"@type": "NewsArticle", "datePublished": "2024-03-04T23:30:00+02:00", '
                           '"dateModified": "2024-03-06"}]}</script>'), "2024-03-04", "JSON-LD datePublished"),
    "itemprop": (page("<span itemprop='datePublished' content='2024-03-04'>Monday</span>", outside=RELATED), "2024-03-04", "element datePublished"),
    "compact": (page("", head="<meta name='date' content='20240304'>"), "2024-03-04", "meta date"),
    "byline, German": (page("", language="de").replace("</h1>", "</h1><p class='meta'>4. März 2024, 10:15 Uhr</p>"), "2024-03-04", "line under the title"),
    "byline, French": (page("", language="fr").replace("</h1>", "</h1><div>Publié le 4 mars 2024</div>"), "2024-03-04", "line under the title"),
    "byline, Japanese": (page("", language="ja").replace("</h1>", "</h1><p class='date'>2024年3月4日</p>"), "2024-03-04", "line under the title"),
    "byline, Russian": (page("", language="ru").replace("</h1>", "</h1><p class='date'>4 марта 2024</p>"), "2024-03-04", "line under the title"),
    "byline, day or month unknown": (page("").replace("</h1>", "</h1><p class='date'>03/04/2024</p>"), None, ""),
    "only a related item's": (page("", outside=RELATED), None, ""),
    "only of the change": (page("<p class='updated'><time datetime='2024-03-09'>9 March 2024</time></p>"), None, ""),
    "only in its text": (page("<p>The lease that was signed on 4 March 1999 runs out in the spring of 2031, she said.</p>"), None, ""),
}  # fmt: skip


def entry(title: str, day: int, words: str, href: str = "/{}") -> str:
    link = f"<a href='{href.format(day)}'>{title}</a>" if href else title
    return f"<article><h2>{link}</h2><time datetime='2024-03-{day:02}'>{day} March</time><p>{words}</p></article>"


LONG = {
    n: f"{subject} was the matter of the day in Tollmere, where the board met for the {n}th time this year. It heard four speakers, "
    f"who all said that the plan was too dear, and one who said that it was not. In the end the board put off its vote by {n} weeks, "
    "because the chair was ill and the treasurer had left the papers at home, as he told our reporter after the meeting."
    for n, subject in ((4, "The quay"), (5, "The ferry"), (6, "The bridge"))
}
LIST = "".join(entry(words.split(" was")[0], day, words) for day, words in LONG.items())
HTML = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{}</title></head><body>{}</body></html>'
SEVERAL = {
    "a list": HTML.format("Tollmere Echo", f"<main>{LIST}</main>"),
    "a list under a heading": HTML.format("News of March", f"<h1>News of March</h1><div>{LIST}</div>"),
    "one, and others below": HTML.format(
        "The pier opens",
        f"<article><h1>The pier opens</h1><p>{BEFORE}</p><p>{AFTER}</p><p>{BEFORE.replace('Monday', 'Friday')} It lasted four hours, and in "
        f"the end nobody was content, the clerk said on the next morning, but the pier opened all the same.</p></article>{LIST}"),
    "one, and announcements": page("", outside="".join(f"<article><h3><a href='/{n}'>Ferry {n}</a></h3><p>More.</p></article>" for n in range(4))),
    "sections of one": HTML.format(
        "A year in Tollmere", "<h1>A year in Tollmere</h1>" + "".join(f"<article><h2>Part {n}</h2><p>{w}</p></article>" for n, w in LONG.items())),
}  # fmt: skip
