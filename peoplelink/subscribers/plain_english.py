"""What a wish to hear no more looks like in English; read by `plain_stop`, which says how a text is prepared.

Small letters, no apostrophes, "." between sentences. Each pattern has the words it was written for above it.
"""

import re

_POLITE = r"(?:please|pls|plz|thanks|thank you|thankyou|thx|ta|ok|okay|now|hi|hello|sorry|mate)\b"
_END = rf"(?= {_POLITE}| \.|$)"
"""Nothing that matters follows: politeness, the end of the sentence or of the text."""
_ME = (
    r"(?>me|us|this(?: number| phone| email)?|"
    r"my (?:phone number|number|phone|mobile|e?mail|details|name)(?: address)?)"
)
"""Atomic, so that what must not follow is looked for behind all of it: "this number after 9pm"."""
_THESE = r"(?:(?:all|any|of|the|these|this|those|your|ur|my|more|such|from|further) )*"
_TEXTS = (
    r"(?:te?xts?|te?xting|ms?gs?|messages?|messaging|alerts?|e ?mails?|sms|updates?|offers|newsletters?|"
    r"subscriptions?|membership|people ?link)"
)
_OURS = (
    rf"(?:{_THESE}{_TEXTS}\b|"
    rf"(?:any|of|more|all)? ?(?:these|those|them|this)(?:(?= any ?more| again)|{_END}))"
)
"""What we send: "any more of your texts", or "these" where that is all that is said."""
_LIST = (
    r"(?:(?:the|this|that|these|your|ur|any|all|mailing|texting|text|email|contact|phone) )*"
    r"(?:lists?|system|database)"
)
_WRITE = (
    r"(?:te?xt|te?xting|messag(?:e|ing)|contact(?:ing)?|e ?mail(?:ing)?|spam(?:ming)?|bother(?:ing)?|writ(?:e|ing))"
)
_STOP = r"(?:stop|quit|cease|end|cancel)"
_SEND = r"(?:sending|getting|receiving)"
_DONT = r"(?:dont|do not|never)"
_NOT_LESS = (
    r"(?! (?:at(?! all| once| this| my)|after|before|so|in(?! (?:the )?future)|until(?! further)|till|when|while|"
    r"during|about(?! any| every| all| your| ur)|late|early|by(?! (?:te?xt|sms|e ?mail|phone))|nasty|"
    r"my|the|and driving|going|from (?:him|her|them)|on (?!this|my))\b)"
)
"""A wish for less ("after 9pm", "about bingo", but not "at all") or somebody else's doing is not for a machine."""

_WISHES = (
    # stop texting me
    rf"{_STOP} {_WRITE}(?: to)?(?: {_ME})?+\b{_NOT_LESS}",
    # stop sending me these; stop receiving
    rf"{_STOP} {_SEND}(?: {_ME})?(?: \w+)? ?{_OURS}{_NOT_LESS}",
    rf"{_STOP} {_SEND}(?: {_ME})?(?:(?= anything)|{_END})",
    # stop the messages; turn off the alerts; turn these texts off
    rf"(?:{_STOP}|(?:turn|switch) off) {_THESE}{_TEXTS}\b(?: {_ME})?+{_NOT_LESS}",
    rf"(?:turn|switch) {_THESE}{_TEXTS} off\b",
    # don't text me again; do not contact this number; do not text
    rf"(?:{_DONT}|not)(?: ever| please| to)? {_WRITE}(?: to)? (?:{_ME}|again|any ?more)\b{_NOT_LESS}",
    rf"{_DONT}(?: ever| please)? {_WRITE}{_END}",
    # don't send any more; don't send me texts
    r"(?:dont|do not|never|not)(?: ever| please)? send(?: me| us)? (?:any|any ?more|anything|these|more)\b",
    rf"{_DONT}(?: ever| please)? send(?: me| us)? {_TEXTS}{_END}",
    # I don't want any more messages; no longer wish to receive these; rather not get them
    rf"(?:{_DONT}|no longer|not) (?:wanna|(?:want|wish|need|like)(?: to)?)(?: get| receive| be sent)? ?{_OURS}",
    rf"(?:no longer|not) (?:get|receive) {_OURS}",
    rf"(?:{_DONT}|no longer) (?:want|wish)(?: to)? be on {_LIST}",
    rf"{_DONT} (?:need|want) (?:these|them) any ?more",
    # no more texts; enough now, no more
    rf"no more {_THESE}{_TEXTS}{_END}",
    r"(?:enough|right) \w+ no more(?= \.|$)",
    # take me off the list; can I be taken off; can I come off this; get me off this list
    rf"take (?:{_ME}|\w+ (?:number|name)) (?:off|out)(?: (?:of )?{_LIST})?(?:(?= asap| i )|{_END})",
    rf"(?:get|take) {_ME} off (?:{_LIST}|this|these)(?:(?= asap)|{_END})",
    rf"(?:taken|come|get|getting) off (?:{_LIST}|this|these|here){_END}",
    rf"be (?:taken off|removed)(?: of| from)?(?: {_LIST})?{_END}",
    # remove my number from your system; please remove; delete my details and
    rf"(?:remove|delete|lose) {_ME}(?:(?= and)| from {_LIST}|{_END})",
    rf"(?:remove|delete) (?:her|his|their) (?:number|details){_END}",
    rf"(?:^| \. )(?:{_POLITE} )*(?:remove|delete)(?: {_POLITE})*(?= \.|$)",
    # unsubscribe me, in every spelling; opt me out; I want to leave this group
    rf"unsub(?: me)?{_END}",
    rf"unsu[bs]\w{{0,3}}[sc]ri?b?\w*(?: {_ME})?(?: from {_THESE}(?:{_LIST}|{_TEXTS}))?{_END}",
    rf"opt (?:me )?out(?: of {_OURS})?{_END}",
    rf"(?:want to|wanna|like to|do i) leave (?:this(?: group)?|the group|{_THESE}people ?link){_END}",
    # I withdraw my consent; you do not have my consent to contact me
    r"withdraw my (?:consent|permission)",
    (
        r"(?:no|not|dont|do not) (?:have|give)(?: you)? (?:my )?(?:consent|permission)"
        r" to (?:te?xt|contact|message|e ?mail)"
    ),
    # leave, and nothing else
    rf"^(?:{_POLITE} )*leave(?: {_POLITE})*$",
    # leave me alone, said to us; sick of these texts, stop
    r"(?:^| \. |just |please |pls )leave me alone",
    rf"(?:texts|messages|interested|this|please|pls) stop{_END}",
)
_CONTRARIES = (
    # please don't stop these; never take me off
    (
        r"(?:dont|do not|never|wont|will not|wouldnt|cant|not|not to)(?: ever| please| want to| wanna)?"
        r" (?:stop|quit|cancel|end|take|remove|unsubscribe|opt|delete|lose|leave)\b(?: \w+){0,3}"
    ),
    # why did you stop texting; he keeps texting me and won't stop; have the texts stopped
    (
        r"(?:why|when|did|(?:have|has|had) (?:you|they|the (?:texts|messages|emails))|"
        r"if|they|he|she|people|them|him|her|someone|kids|says?|keeps?)"
        r"(?: \w+){0,3}? (?:stop|stopped|text|texting|messaging|send|sending|sends|unsubscribed?)\b(?: \w+){0,3}"
    ),
    # do I have to reply STOP
    r"reply stop\b",
    # no more texts since Friday
    r"no more (?:texts|messages) (?:for|since)",
)

WISH = re.compile("|".join(rf"\b{pattern}" for pattern in _WISHES))
CONTRARY = re.compile("|".join(rf"\b{pattern}" for pattern in _CONTRARIES))
STOP_SENTENCE = re.compile(
    rf"(?:^|\. )(?:{_POLITE} )*(?:st[o0]+p+|stpo|sotp|stpp|unsubscribe)(?: {_POLITE}| stop+| all| this| it| me)*"
    r"(?= \.|$| (?:nie chce|i (?:dont want|said stop)|this number))"
)
"""A sentence of its own that says nothing but STOP, whatever else is said: "Stop. We are moving to Derby"."""
