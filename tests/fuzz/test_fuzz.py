"""`FUZZ_TEXTS=10000 FUZZ_MAILS=1000` makes it a long run, FUZZ_SEED another one; -s shows what came of it."""

import os

import pytest

from peoplelink.config import KeywordMode
from tests.fuzz import mails, texts
from tests.fuzz.play import ENOUGH, play

TEXTS = int(os.environ.get("FUZZ_TEXTS", "200"))
MAILS = int(os.environ.get("FUZZ_MAILS", "60"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
pytestmark = pytest.mark.timeout(0 if "FUZZ_TEXTS" in os.environ or "FUZZ_MAILS" in os.environ else 120)


@pytest.mark.parametrize("site", list(KeywordMode), indirect=True, ids=str)
def test_no_text_is_answered_by_an_error_breaks_a_job_or_starts_an_endless_talk(site):
    outcome = play(site, "twilio_inbound", texts.text, posts=TEXTS // len(KeywordMode), seed=f"{SEED}:{site.mode}")

    print(f"\n{site.mode}: {outcome}")  # noqa: T201 - shown by pytest -s
    assert set(outcome.statuses) <= {200}
    assert outcome.faults == []
    assert outcome.most_to_one <= ENOUGH
    assert outcome.read > outcome.kept / 2


@pytest.mark.parametrize("site", [KeywordMode.OFF], indirect=True, ids=str)
def test_no_mail_is_answered_by_an_error_breaks_a_job_or_starts_an_endless_talk(site):
    outcome = play(site, "sendgrid_inbound", mails.post, posts=MAILS, seed=SEED)

    print(f"\n{outcome}")  # noqa: T201 - shown by pytest -s
    assert set(outcome.statuses) <= {200}
    assert outcome.faults == []
    assert outcome.most_to_one <= ENOUGH
    assert outcome.read > outcome.kept / 2
