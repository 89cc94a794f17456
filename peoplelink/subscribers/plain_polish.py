"""What a wish to hear no more looks like in Polish, with or without its accents; see `plain_english`."""

import re

_END = r"(?= prosze| juz| wiecej| dziekuje| \.|$)"
_TEXTS = (
    r"(?:te |tych |tymi |takich |tym |wiecej |zadnych |waszych )*"
    r"(?:sms\w*|es ?em\w*|wiadomosc\w*|mail\w*|subskrypcj\w*|tego(?= prosze| \.|$)|list[ay]?\b)"
)
_FROM_TEXTS = rf"(?: (?:z|od) {_TEXTS})?{_END}"
_FROM_LIST = rf"(?: z (?:bazy|tej listy|waszej listy|listy))?{_END}"

_WISHES = (
    # proszę przestać pisać; przestańcie wysyłać mi te smsy
    (
        rf"(?:przestan\w*|przestac|skoncz\w*) (?:do mnie |mi |to )*(?:pisac|wysylac|sms\w*)"
        rf"(?: do mnie| mi)?(?: {_TEXTS})?{_END}"
    ),
    # nie piszcie do mnie; proszę więcej nie pisać na ten numer
    r"nie (?:do mnie )?pi(?:sz|szcie|sac)(?: do mnie)?(?: wiecej| juz| na ten numer)*(?= prosze| \.|$)",
    r"(?:do mnie|wiecej|juz) nie pi(?:sac|szcie|sz)(?: na ten numer| do mnie| wiecej)*(?= prosze| \.|$)",
    # proszę nie wysyłać mi więcej wiadomości
    rf"nie wysyl(?:ac|aj|ajcie)(?: mi| do mnie| juz| nic| wiecej)*(?: {_TEXTS})?{_END}",
    # nie kontaktujcie się ze mną
    r"nie kontakt(?:owac|uj|ujcie) sie ze mna",
    r"(?:sie ze mna|ze mna sie) nie kontaktowac",
    # wypisz mnie z listy; proszę mnie wypisać; chcę się wypisać; proszę o wypisanie
    rf"(?:wypisz|wypiszcie|wypisac)(?: mnie| sie)?{_FROM_TEXTS}",
    rf"(?:mnie|sie) wypisac{_FROM_TEXTS}",
    rf"(?:prosze o wypisanie|wypisuje sie|chcial(?:a|)bym zrezygnowac)(?: mnie)?{_FROM_TEXTS}",
    # usuńcie mnie z listy; proszę mnie skreślić; proszę o usunięcie mojego numeru
    rf"(?:usun|usuncie|usunac|skresl|skreslcie|skreslic) (?:mnie|(?:moj |ten )numer){_FROM_LIST}",
    rf"mnie (?:usunac|skreslic){_FROM_LIST}",
    rf"prosze o usuniecie (?:mnie|mojego numeru|tego numeru){_FROM_LIST}",
    # nie chcę więcej wiadomości; nie życzę sobie takich smsów
    (
        rf"nie (?:chce|chcemy|potrzebuje|potrzebujemy|zycze sobie|wyrazam zgody na|zgadzam sie na)"
        rf"(?: (?:juz|wiecej|dostawac|otrzymywac|od was))* {_TEXTS}"
    ),
    # rezygnuję z tych wiadomości; anuluj subskrypcję; rezygnuję
    rf"(?:rezygnuje|anuluj\w*|anulowac|zatrzymaj\w*|wylacz\w*|koniec)(?: z)? {_TEXTS}",
    r"(?:^| \. )(?:prosze )?(?:rezygnuje|anuluj|anulowac)(?= prosze| \.|$)",
    # cofam zgodę
    r"(?:cofam|wycofuje) (?:moja )?zgode",
    # dajcie mi spokój
    r"(?:daj|dajcie) mi (?:swiety )?spokoj",
    r"(?:zostaw|zostawcie) mnie w spokoju",
    r"(?:odczep|odczepcie|odwal|odwalcie) sie",
)
_CONTRARIES = (
    # nie wypisujcie mnie; nie chcę się wypisywać
    r"nie (?:chce sie|wypis\w+|usuwaj\w*|przesta\w+)(?: \w+){0,2}",
    # dlaczego przestaliście pisać
    r"(?:dlaczego|czemu|kiedy|czy|jesli|jak napisze)(?: \w+){0,3}? (?:stop|przesta\w+)",
)

WISH = re.compile("|".join(rf"\b{pattern}" for pattern in _WISHES))
CONTRARY = re.compile("|".join(rf"\b{pattern}" for pattern in _CONTRARIES))
STOP_SENTENCE = re.compile(
    r"(?:^|\. )(?:prosze )*(?:stop+|wypisz|przestan|przestancie)(?: prosze| stop+| juz)*(?= \.|$)"
)
"""A sentence of its own that says nothing but STOP."""
