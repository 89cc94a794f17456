"""The doctor names what is wrong, and what to do."""

import base64
import datetime as dt
import threading

import pytest
from rq import Queue, Worker
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from peoplelink import clock, doctor, scheduler, schema
from peoplelink.doctor import Verdict
from peoplelink.embedded import environment, secrets
from peoplelink.inbound import catching_up
from peoplelink.inbound.models import Mark
from peoplelink.outbound.models import Lane


@pytest.fixture
def provider():
    """Answers as both providers would to the right credentials; `provider.status` orders something else."""

    class Provider:
        status = 200

        def __init__(self):
            self.asked = []

        @Request.application
        def __call__(self, request):
            self.asked.append((request.path, request.headers.get("Authorization")))
            return Response("{}", status=self.status)

    made = Provider()
    server = make_server("127.0.0.1", 0, made, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_port}"
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def env(tmp_path, database_url, valkey_url, provider):
    kept = secrets.load_or_make(tmp_path)
    completed = environment.complete(
        {"DATABASE_URL": database_url, "REDIS_URL": valkey_url}, tmp_path, kept, port=9, sandbox=9
    )
    return completed.values | {
        "TWILIO_BASE_URL": provider.url,
        "SENDGRID_BASE_URL": provider.url,
        "PEOPLELINK_PUBLIC_URL": provider.url,
    }


def says(env, part):
    return {(finding.verdict, finding.says) for finding in doctor.examine(env) if finding.part == part}


def wrong(env, part):
    return " ".join(text for verdict, text in says(env, part) if verdict is Verdict.WRONG)


def test_missing_settings_are_listed_with_what_to_do(env):
    del env["TWILIO_AUTH_TOKEN"]

    assert doctor.examine(env) == [
        doctor.Finding("Settings", Verdict.WRONG, "Set TWILIO_AUTH_TOKEN: the auth token from the Twilio console.")
    ]


def test_a_database_that_is_up_to_date_is_well(env):
    assert wrong(env, "Database") == ""


def test_a_database_of_another_version_is_to_be_upgraded(env, database_url):
    schema.downgrade(database_url)

    assert "peoplelink db upgrade" in wrong(env, "Database")


def test_a_database_out_of_reach_is_named_without_its_password(env):
    env["DATABASE_URL"] = "postgresql://someone:hidden@127.0.0.1:9/none"

    assert "Check DATABASE_URL" in wrong(env, "Database")
    assert not any("hidden" in finding.says for finding in doctor.examine(env))


def test_redis_out_of_reach_is_named(env):
    env["REDIS_URL"] = "redis://127.0.0.1:9/0"

    assert "Check REDIS_URL" in wrong(env, "Redis")
    assert "not known" in wrong(env, "Workers")


def test_of_an_installation_that_does_not_run_only_that_is_said(env):
    stopped = doctor.Stopped(("Database", "Queue", "Texts", "Email"), "make run")
    env |= {"REDIS_URL": environment.REDIS_TO_COME, "TWILIO_BASE_URL": "http://127.0.0.1:9"}

    found = doctor.examine(env, stopped)

    assert [finding.part for finding in found if finding.verdict is not Verdict.WELL] == ["People Link"]
    assert {finding.part for finding in found} == {"Settings", "People Link", "Database", "Pages"}
    assert "is not running" in found[1].says
    assert "make run" in found[1].says


def test_what_is_not_embedded_is_looked_at_though_the_rest_does_not_run(env):
    env["REDIS_URL"] = "redis://127.0.0.1:9/0"

    found = {
        finding.part: finding.verdict for finding in doctor.examine(env, doctor.Stopped(("Database",), "make run"))
    }

    assert found["Redis"] is Verdict.WRONG
    assert found["Twilio"] is found["SendGrid"] is Verdict.WELL


@pytest.mark.parametrize(
    ("version", "verdict"), [("6.0.16", Verdict.WRONG), ("6.2.0", Verdict.WELL), ("8.1", Verdict.WELL)]
)
def test_an_old_redis_is_too_old(version, verdict):
    assert doctor._redis_version(version).verdict is verdict


def test_a_redis_that_forgets_is_worth_a_look(env):
    assert any(verdict is Verdict.WORTH_A_LOOK and "appendonly" in text for verdict, text in says(env, "Redis"))


def test_queues_without_a_worker_are_named(env, valkey):
    worker = Worker([Queue("urgent", connection=valkey)], connection=valkey)
    worker.register_birth()

    assert "none listens to bulk" in wrong(env, "Workers")
    assert "none listens to urgent" not in wrong(env, "Workers")


def test_a_scheduler_at_work_is_well(env, database):
    with database.transaction() as session:
        scheduler.take(session, "this one", lasts=dt.timedelta(seconds=30), now=clock.now())

    assert wrong(env, "Scheduler") == ""


def test_a_scheduler_that_stopped_is_named(env, database):
    with database.transaction() as session:
        scheduler.take(session, "this one", lasts=dt.timedelta(seconds=30), now=clock.now() - dt.timedelta(minutes=5))

    assert "peoplelink scheduler" in wrong(env, "Scheduler")


def test_a_paused_lane_says_why(env, database):
    with database.transaction() as session:
        session.add(Lane(name="sms:bulk", paused_at=clock.now(), paused_because="the auth token is wrong"))

    assert wrong(env, "Sending") == "sms:bulk is paused: the auth token is wrong"


def test_credentials_that_are_taken_are_well(env, provider):
    assert wrong(env, "Twilio") == wrong(env, "SendGrid") == ""

    sid, token = env["TWILIO_ACCOUNT_SID"], env["TWILIO_AUTH_TOKEN"]
    basic = base64.b64encode(f"{sid}:{token}".encode()).decode()
    assert (f"/2010-04-01/Accounts/{sid}.json", f"Basic {basic}") in provider.asked
    assert ("/v3/scopes", f"Bearer {env['SENDGRID_API_KEY']}") in provider.asked


@pytest.mark.parametrize(("status", "words"), [(401, "does not know us"), (403, "does not know us"), (503, "HTTP 503")])
def test_what_a_provider_refuses_is_named(env, provider, status, words):
    provider.status = status

    assert words in wrong(env, "Twilio")
    assert words in wrong(env, "SendGrid")


def test_a_website_that_does_not_answer_is_worth_a_look_but_not_wrong(env):
    env["PEOPLELINK_PUBLIC_URL"] = "http://127.0.0.1:9"

    assert [verdict for verdict, _ in says(env, "Website")] == [Verdict.WORTH_A_LOOK]


def test_of_two_tokens_the_first_is_asked_with(env, provider):
    env["TWILIO_AUTH_TOKEN"] = "first second"

    says(env, "Twilio")

    credentials = [
        base64.b64decode(auth.removeprefix("Basic ")).decode()
        for _, auth in provider.asked
        if auth and auth.startswith("Basic ")
    ]
    assert [pair.partition(":")[2] for pair in credentials] == ["first"]


@pytest.mark.parametrize(("minutes", "said"), [(19, ""), (21, "catch_up_failed")])
def test_a_catch_up_that_has_failed_for_a_while_is_named(env, change, minutes, said):
    change(lambda s: s.add(Mark(name=catching_up.MARK, at=clock.now() - dt.timedelta(minutes=minutes))))

    assert said in wrong(env, "Texts")
    assert bool(wrong(env, "Texts")) is bool(said)


def test_an_installation_that_has_never_caught_up_is_not_blamed(env):
    assert says(env, "Texts") == set()
