"""Short invented articles in several languages, for tests of reading and grounding."""

from __future__ import annotations

from pathlib import Path

from factcheck.inputs.documents import document_from_text, read
from factcheck.models import Document

SEEDS = Path(__file__).parent.parent.parent / "seeds" / "nato-2014"

TEXTS = {
    "en": (
        "The harbour board of Tollmere met on 4 March and did not publish its minutes. “We have never leased Pier 7 to "
        "Halden Freight,” said its chair, Ines Corbett, “and we will not do so while I sit here.” A ledger seen by this "
        "paper lists 1,250 lorries in May, 38 percent more than a year earlier. Corbett denied that she had met the "
        "freight firm in Ostley. She told reporters that the board would spend £3.5 million on the quay wall. The union’s "
        "secretary, Piet Haan, said dockers had not been asked and would strike for 12 days. Nobody at Halden Freight "
        "answered questions – its office was dark – but its lawyer, Maud Ferris, rejected the claim that it owed 90,000 "
        "pounds in fees. “It’s a first-class fiction,” she said."
    ),
    "de": (
        "Der Stadtrat von Kehlbach hat am 3. Mai beschlossen, die Brücke nicht abzureißen. „Wir werden 48 Millionen Euro "
        "ausgeben und keinen Cent mehr“, sagte Bürgermeisterin Hanna Voss. Ihr Vorgänger Jörg Lindt bestreitet, dass er "
        "den Vertrag unterschrieben habe. Nach seinen Worten waren 17 Angebote eingegangen – zwei davon aus Österreich. "
        "Das Gutachten unterstützt den Plan der Stadt nicht."
    ),
    "fr": (
        "La maire de Varelles, Odile Brun, a promis mardi que l’école ne fermera pas. « Nous n’avons jamais vendu ce "
        "terrain », a-t-elle déclaré devant 230 parents. Le promoteur Luc Testard dément avoir versé 15 000 euros au "
        "comité des fêtes. Selon lui, l’œuvre coûtera 2,4 millions d’euros et finira en septembre. « C’est efficace ! »"
    ),
    "es": (
        "El alcalde de Rocaseca, Darío Peña, aseguró que el embalse no se vaciará este año. «Nunca firmamos con esa "
        "empresa», dijo ante 64 vecinos. La ingeniera Alba Ruiz negó que hubiera grietas en el muro. El informe habla de "
        "7,3 millones de metros cúbicos y de 19 aldeas afectadas."
    ),
    "fi": (
        "Kaupunginjohtaja Aino Salo sanoi, että satama ei laajene ennen vuotta 2031. ”Emme ole myyneet tonttia 12”, hän "
        "vakuutti. Yrittäjä Matti Lehto kiisti, että hän olisi tavannut johtajan Turussa. Raportin mukaan hanke maksaa 84 "
        "miljoonaa euroa ja työllistää 350 ihmistä."
    ),
    "ru": (
        "Мэр Северска Ирина Лапина заявила, что завод не будет закрыт до 2030 года. «Мы никогда не продавали этот "
        "участок», — сказала она 45 журналистам. Директор Олег Бурцев отрицает, что подписал договор в мае. По его "
        "словам, ремонт обойдётся в 6,5 миллиона рублей, а рабочих станет на 120 больше."
    ),
    "ja": (
        "市長の森田恵子は五月三日、橋を取り壊さないと述べた。「私たちは２５億円を超えて支出しない」と彼女は記者団に語った。"
        "建設会社の大野社長は、契約書に署名したことを否定した。報告書によると、工事には１８か月かかり、四十人が働く。"
    ),
    "ar": (
        "قالت رئيسة البلدية ليلى حداد إن الميناء لن يُغلق قبل عام 2031. وأضافت أمام 60 صحفيا أن المجلس لم يبع الأرض رقم 12. "
        "وقال المهندس سامي درويش إن المشروع سيكلف 84 مليون دينار وسيوظف 350 عاملا."
    ),
}


def articles() -> list[Document]:
    """The invented articles and the seeds."""
    invented = [document_from_text(text, language=language, title=language) for language, text in TEXTS.items()]
    return [*invented, *read([SEEDS]).documents]
