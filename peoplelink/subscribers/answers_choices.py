"""What residents are told by text about their choices: zones and topics, language, the preference centre."""

from collections.abc import Sequence

from peoplelink.channels.segments import to_gsm
from peoplelink.languages import LANGUAGES, Language, listed
from peoplelink.languages import gettext as _


def gave_up(names: Sequence[str], still: Sequence[str]) -> str:
    """After STOP and a zone or topic."""
    what, zones = listed(names), listed(still)
    return to_gsm(
        _(
            "People Link: done, nothing more about %(what)s. You still hear from us about %(zones)s. "
            "To stop all texts, reply STOP.",
            what=what,
            zones=zones,
        )
    )


def gave_up_all(names: Sequence[str]) -> str:
    """After STOP and the last zone, or the last topic, that somebody had."""
    return to_gsm(
        _(
            "People Link: you got only %(what)s from us, so you have left and we will not text you again. "
            "To come back, reply START.",
            what=listed(names),
        )
    )


def not_theirs(names: Sequence[str], still: Sequence[str]) -> str:
    """After STOP and a zone or topic that they did not get anyway."""
    if not still:
        return to_gsm(
            _(
                "People Link: you don't get texts about %(what)s. To stop all texts, reply STOP.",
                what=listed(names, last="or"),
            )
        )
    return to_gsm(
        _(
            "People Link: you don't get texts about %(what)s. You hear from us about %(zones)s. "
            "To stop all texts, reply STOP.",
            what=listed(names, last="or"),
            zones=listed(still),
        )
    )


def stop_which(close: Sequence[str]) -> str:
    """After STOP and a word that is nearly a zone: nothing is taken silently."""
    words = listed([f"STOP {name.upper()}" for name in close], last="or")
    return to_gsm(
        _("People Link: which zone did you mean? Reply %(words)s. To stop all texts, reply STOP.", words=words)
    )


def topics(chosen: Sequence[str], others: Sequence[str]) -> str:
    """After TOPICS, or ADD and something else, by a resident; topics by the words that stand for them."""
    if not chosen:
        return to_gsm(
            _("People Link: you get all topics: %(topics)s. For fewer, reply STOP and one.", topics=", ".join(others))
        )
    if not others:
        return to_gsm(
            _("People Link: you chose all topics: %(topics)s. For fewer, reply STOP and one.", topics=", ".join(chosen))
        )
    return to_gsm(
        _(
            "People Link: you get %(chosen)s. For more, reply ADD and one of %(others)s.",
            chosen=", ".join(chosen),
            others=", ".join(others),
        )
    )


def topics_for_strangers(words: Sequence[str]) -> str:
    """After TOPICS by somebody who has not joined."""
    return to_gsm(
        _("People Link topics: %(topics)s. To get texts, first reply JOIN and your zone.", topics=", ".join(words))
    )


def topic_added(name: str) -> str:
    """After ADD and a topic."""
    return to_gsm(
        _("People Link: done. We'll text you about %(topic)s too. To see all you get, reply TOPICS.", topic=name)
    )


def topic_had(name: str) -> str:
    """After ADD and a topic that they get already."""
    return to_gsm(
        _("People Link: you get texts about %(topic)s already. To see all you get, reply TOPICS.", topic=name)
    )


def language_set(language: Language, *, checked: bool) -> str:
    """After LANG and a language; said in that language, where its words have been checked."""
    if checked:
        words = _(
            "People Link: done. We will write to you in %(language)s. For another, reply LANG.", language=language.name
        )
    else:
        words = _(
            "People Link: done. We will write to you in %(language)s once its words have been checked, and in English "
            "until then. For another, reply LANG.",
            language=language.english,
        )
    return to_gsm(words)


def which_language() -> str:
    """After LANG and nothing, or a language we do not have."""
    names = listed([language.english for language in LANGUAGES.values()], last="or")
    return to_gsm(_("People Link: reply LANG and your language: %(languages)s.", languages=names))


def settings(link: str) -> str:
    """After SETTINGS or MYDATA."""
    return to_gsm(_("People Link, your choices (24h): %(link)s", link=link))
