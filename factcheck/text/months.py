"""The names of the months, as dates are written in about fifty languages."""

from __future__ import annotations

NAMES = (
    (
        "ean eanáir ene enero gen gener gennaio ian ianuarie ion ionawr jaan jaanuar jan janar janeiro januar "
        "januari januarie january január januára janv janvier janvāris janúar led leden ledna oca ocak saus "
        "sausio sausis sij siječanj siječnja sty styczeń stycznia tammi tammikuu tammikuuta urt urtarrila xan "
        "xaneiro yan yanvar ιαν ιανουάριοσ ιανουαρίου сту студзень студзеня січ січень січня янв январь января "
        "яну януари јан јануар јануари қаң қаңтар հնվ հունվար հունվարի ינואר ינו׳ جانفي جنوری كانون_الثاني يناير "
        "ژانویه जनवरी जन॰ জানু জানুয়ারি ม.ค มกราคม იან იანვარი "
    ),
    (
        "chw chwef chwefror feabh feabhra feb febbraio febr febreiro febrer febrero februar februari februarie "
        "february február februára februāris febrúar fev fevereiro fevral févr février helmi helmikuu helmikuuta "
        "lut lutego luty ots otsaila shk shkurt vas vasario vasaris veebr veebruar velj veljača veljače úno únor "
        "února şub şubat φεβ φεβρουάριοσ φεβρουαρίου ақп ақпан лют лютага лютий лютого люты феб фебруар фев февр "
        "февраль февраля февруари փետրվար փետրվարի փտվ פברואר פבר׳ شباط فبراير فروری فوریه فيفري फ़रवरी फ़र॰ ফেব "
        "ফেব্রুয়ারি ก.พ กุมภาพันธ์ თებ თებერვალი "
    ),
    (
        "bře březen března kov kovas kovo maalis maaliskuu maaliskuuta maart mac machi mar marca march marec "
        "maret mars mart martie marts martxoa marzec marzo març março maw mawrth mrt márc március márta mär märts "
        "märz ožu ožujak ožujka μάρ μάρτιοσ μαρ μαρτίου бер березень березня мар март марта нау наурыз сак "
        "сакавік сакавіка մարտ մարտի մրտ מרץ آذار مارس مارچ मार्च মার্চ มี.ค มีนาคม მარ მარტი "
    ),
    (
        "abr abril aib aibreán api apirila apr aprel april aprile aprili aprilie aprill apríl apríla aprīlis avr "
        "avril bal balandis balandžio dub duben dubna ebr ebrill huhti huhtikuu huhtikuuta kwi kwiecień kwietnia "
        "nis nisan pri prill tra travanj travnja ápr április απρ απρίλιοσ απριλίου апр апрель апреля април квіт "
        "квітень квітня кра красавік красавіка сәу сәуір ապր ապրիլ ապրիլի אפריל אפר׳ آوریل أبريل أفريل اپریل "
        "نيسان अप्रैल এপ্রি এপ্রিল เม.ย เมษายน აპრ აპრილი "
    ),
    (
        "beal bealtaine geg gegužė gegužės kvě květen května mag maggio mai maiatza maig maijs maio maj maja may "
        "mayo mayıs maí mei máj mája május svi svibanj svibnja touko toukokuu toukokuuta μάι μάιοσ μαΐ μαΐου май "
        "мам мамыр мая мај трав травень травня մայիս մայիսի մյս מאי أيار مئی ماي مايو مه मई মে พ.ค พฤษภาคม მაი "
        "მაისი "
    ),
    (
        "birž birželio birželis cze czerwca czerwiec eka ekaina giu giugno haz haziran iun iunie iyn iyun juin "
        "jun june junho juni junie junij junio juny juuni jún júna június júní jūn jūnijs kesä kesäkuu kesäkuuta "
        "lipanj lipnja meh mehefin meith meitheamh qer qershor xuño červen června čvn ιουν ιουνίου ιούν ιούνιοσ "
        "июн июнь июня мау маусым черв червень червня чэр чэрвень чэрвеня юни јун јуни հնս հունիս հունիսի יוני "
        "جوان جون حزيران يونيو ژوئن जून জুন มิ.ย มิถุนายน ივნ ივნისი "
    ),
    (
        "gor gorff gorffennaf heinä heinäkuu heinäkuuta iul iulie iyl iyul iúil juil juillet jul julai julho juli "
        "julie julij julio juliol july juuli júl júla július júlí jūl jūlijs korr korrik liep liepa liepos lipca "
        "lipiec lug luglio srpanj srpnja tem temmuz uzt uztaila xul xullo července červenec čvc ιουλ ιουλίου ιούλ "
        "ιούλιοσ июл июль июля лип липень липня ліп ліпень ліпеня шіл шілде юли јул јули հլս հուլիս հուլիսի יולי "
        "تموز جولائی جويلية يوليو ژوئیه जुलाई जुल॰ জুল জুলাই ก.ค กรกฎาคม ივლ ივლისი "
    ),
    (
        "abu abuztua ag ago agost agosti agosto agu agustus août aug august augusta augusti augusts augustus "
        "augusztus avg avgust avq avqust awst ağu ağustos elo elokuu elokuuta gush gusht kol kolovoz kolovoza lún "
        "lúnasa ogo ogos rugp rugpjūtis rugpjūčio sie sierpień sierpnia srpen srpna ágú ágúst αυγ αυγούστου αύγ "
        "αύγουστοσ авг август августа жні жнівень жніўня серп серпень серпня там тамыз օգոստոս օգոստոսի օգս "
        "אוגוסט אוג׳ آب أغسطس أوت اوت اگست अगस्त अग॰ আগ আগস্ট ส.ค สิงหาคม აგვ აგვისტო "
    ),
    (
        "eyl eylül ira iraila medi meán_fómhair mfómh rugs rugsėjis rugsėjo ruj rujan rujna sen sentyabr sep sept "
        "septemba septembar september septembra septembre septembrie septembris septiembre set setembre setembro "
        "settembre sht shtator syys syyskuu syyskuuta szept szeptember wrz wrzesień września zář září σεπ "
        "σεπτέμβριοσ σεπτεμβρίου вер верасень верасня вересень вересня сент сентябрь сентября сеп септембар "
        "септември қыр қыркүйек սեպ սեպտեմբեր սեպտեմբերի ספטמבר ספט׳ أيلول سبتمبر ستمبر سپتامبر सितंबर सित॰ সেপ "
        "সেপ্ট সেপ্টেম্বর ก.ย กันยายน სექ სექტემბერი "
    ),
    (
        "deireadh_fómhair dfómh eki ekim hyd hydref loka lokakuu lokakuuta oct october octobre octombrie octubre "
        "okt oktoba oktobar oktober oktobris oktoober oktyabr október októbra ott ottobre out outubro paź "
        "październik października spal spalio spalis tet tetor urr urria říj říjen října οκτ οκτωβρίου οκτώβριοσ "
        "жовт жовтень жовтня кас кастрычнік кастрычніка окт октобар октомври октябрь октября қаз қазан հոկ "
        "հոկտեմբեր հոկտեմբերի אוקטובר אוק׳ أكتوبر اکتبر اکتوبر تشرين_الأول अक्टूबर अक्टू॰ অক্টো অক্টোবর ต.ค "
        "ตุลาคม ოქტ ოქტომბერი "
    ),
    (
        "aza azaroa kas kasım lapkr lapkritis lapkričio listopadu marras marraskuu marraskuuta noiembrie nov "
        "novemba novembar november novembra novembre novembris novembro noviembre noy noyabr nën nëntor nóv "
        "nóvember samh samhain stu studeni studenoga tach tachwedd νοέ νοέμβριοσ νοε νοεμβρίου лист листопад "
        "листопада ліс лістапад лістапада нов новембар ное ноември нояб ноябрь ноября қар қараша նոյ նոյեմբեր "
        "նոյեմբերի נובמבר נוב׳ تشرين_الثاني نوامبر نوفمبر نومبر नवंबर नव॰ নভে নভেম্বর พ.ย พฤศจิกายน ნოე ნოემბერი "
    ),
    (
        "abe abendua ara aralık dec decembar december decembra decembrie decembris decembro dek dekabr des "
        "desemba desember desembre dets detsember dez dezember dezembro dhj dhjetor dic dicembre diciembre dis "
        "disember déc décembre gru grudnia grudzień gruod gruodis gruodžio joulu joulukuu joulukuuta noll nollaig "
        "pro prosinac prosinca prosince prosinec rhag rhagfyr δεκ δεκέμβριοσ δεκεμβρίου груд грудень грудня дек "
        "декабрь декабря декември дец децембар жел желтоқсан сне снежань снежня դեկ դեկտեմբեր դեկտեմբերի דצמבר "
        "דצמ׳ دسامبر دسمبر ديسمبر كانون_الأول दिसंबर दिस॰ ডিসে ডিসেম্বর ธ.ค ธันวาคม დეკ დეკემბერი "
    ),
)
"""January to December: full names, inflected forms and abbreviations, in lower case; `_` stands for a space."""

UNLIKE = {
    "listopad": {"hr": 10, "pl": 11, "cs": 11},
    "listopada": {"hr": 10, "pl": 11},
    "lis": {"hr": 10, "pl": 11, "cs": 11},
    "lip": {"hr": 6, "pl": 7},
    "srp": {"hr": 7, "cs": 8},
}
"""Names that mean one month in one language and another in the next: they count only where the language is known."""
