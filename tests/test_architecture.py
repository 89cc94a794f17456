"""Rules about the shape of the code that no type checker holds."""

import ast
import enum
import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from importlinter.cli import lint_imports

import peoplelink.audit
import peoplelink.catalogues.models
import peoplelink.intelligence.models
import peoplelink.rights.models  # noqa: F401 - the top of the models: together they import all those below
from peoplelink import web
from peoplelink.db import Base
from peoplelink.embedded.run import WORKERS
from peoplelink.inbound import webhooks
from peoplelink.jobs import BULK, QUEUES, queue_of

PACKAGE = Path(__file__).parents[1] / "peoplelink"
SOURCES = sorted(path for path in PACKAGE.rglob("*.py") if "versions" not in path.parts)
TEMPLATES = sorted((PACKAGE / "templates").rglob("*.html"))

PUBLIC = {
    *("static", "console.home", "rights.privacy", "console.accessibility", "console.cookies", "console.contact"),
    *("console.healthz", "console.readyz"),
    *("subscribers.join", "subscribers.join_post", "subscribers.check"),
    *("waiting.find", "waiting.find_post", "waiting.not_yet", "waiting.not_yet_post", "waiting.check"),
    *("waiting.confirm", "waiting.confirm_post"),
    *("again.again", "again.again_post", "embed.join", "embed.join_post", "embed.check"),
    *("subscribers.confirm", "subscribers.confirm_post", "subscribers.leave", "subscribers.leave_post"),
    *("preference_links.ask", "preference_links.ask_post", "preference_links.check"),
    *("preferences.home", "preferences.person", "preferences.part", "preferences.part_post"),
    *("preferences.what_we_hold", "preferences.leave", "preferences.leave_post"),
    *("rights.complain", "rights.complain_post", "rights.complained"),
    *("my_data.show", "my_data.receipt", "my_data.download", "my_data.object_", "my_data.object_no_more"),
    *("my_data.erase", "my_data.erase_post", "my_data.erased", "my_data.asked"),
    *("officers.sign_in", "officers.sign_in_post", "officers.sign_out"),
}
"""Who may be reached by anybody. A new name here is a decision, not a detail."""

WEBHOOKS = {
    *("webhooks.twilio_inbound", "webhooks.twilio_status", "webhooks.sendgrid_events", "webhooks.sendgrid_inbound"),
}
"""What is open to providers; each checks a signature of its own."""

WITHOUT_TOKEN = {"subscribers.leave_post", "embed.join_post"}
"""Mail programs post to the one by themselves (RFC 8058); the signed link is what allows it. The other stands in a
frame where browsers keep no cookie, does nothing in anybody's name, and has a mark of its own."""

BELLS = (
    "lane:sms:urgent",
    "lane:sms:bulk",
    "lane:email:urgent",
    "lane:email:bulk",
    "webhooks",
    "release",
    "cancel",
    "digests",
    "reconcile",
    "catch-up",
    "receipts",
    "imports",
    "rights",
)


def name_of(path):
    return str(path.relative_to(PACKAGE))


def calls(path):
    return [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]


def imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def enum_columns():
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, sa.Enum):
                yield pytest.param(table, column, id=f"{table.name}.{column.name}")


def test_layers_are_only_crossed_downwards():
    assert lint_imports(no_cache=True) == 0


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_every_page_says_who_may_reach_it(app):
    unguarded = {name for name, view in app.view_functions.items() if not hasattr(view, "guard")}

    assert unguarded == {"static"}


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_only_the_listed_pages_are_open_to_anybody(app):
    open_to_all = {name for name, view in app.view_functions.items() if getattr(view, "guard", "public") == "public"}

    assert open_to_all == PUBLIC


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_machines_find_only_the_webhooks_where_nothing_of_pages_is_checked(runtime):
    assert set(webhooks.make_app(runtime).view_functions) == WEBHOOKS


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_every_guard_names_a_permission_that_somebody_has(app):
    from peoplelink.officers.permissions import PERMISSIONS  # noqa: PLC0415

    known = set().union(*PERMISSIONS.values())
    named = {getattr(view, "guard", "public") for view in app.view_functions.values()} - {"public"}

    assert named <= known


def test_every_queue_has_a_worker():
    assert {queue for queues in WORKERS for queue in queues} == set(QUEUES)


def test_one_worker_never_takes_bulk_so_that_urgent_work_finds_it_free():
    assert any(BULK not in queues for queues in WORKERS)


@pytest.mark.parametrize("bell", BELLS)
def test_every_bell_rings_where_a_worker_listens(bell):
    assert queue_of(bell) in QUEUES


def test_every_kind_of_bell_has_a_task():
    from peoplelink.app import TASKS  # noqa: PLC0415

    assert {bell.partition(":")[0] for bell in BELLS} == set(TASKS)


def test_only_db_commits():
    commits = [
        f"{name_of(path)}:{call.lineno}"
        for path in SOURCES
        for call in calls(path)
        if getattr(call.func, "attr", "") == "commit" and name_of(path) != "db.py"
    ]

    assert commits == []


def test_only_the_clock_reads_the_time_of_day():
    readings = re.compile(r"(datetime|dt|date)\..*\b(now|utcnow|today)$|^(datetime|date)\.(now|utcnow|today)$")
    read = [
        f"{name_of(path)}:{call.lineno}"
        for path in SOURCES
        for call in calls(path)
        if readings.search(ast.unparse(call.func)) and name_of(path) != "clock.py"
    ]

    assert read == []


def test_services_and_models_know_no_framework_and_no_queue():
    above = {"flask", "flask_login", "flask_wtf", "wtforms", "rq", "redis"}
    paths = [path for path in SOURCES if path.name in {"services.py", "models.py", "states.py"}]
    reaching = [name_of(path) for path in paths if above & {module.partition(".")[0] for module in imports(path)}]

    assert paths
    assert reaching == []


@pytest.mark.parametrize(("table", "column"), list(enum_columns()))
def test_every_enum_column_has_a_check_with_exactly_its_values(table, column):
    members = column.type.enum_class
    assert issubclass(members, enum.Enum)
    name = f"ck_{table.name}_{column.name}_values"
    texts = [str(check.sqltext) for check in table.constraints if check.name == name]

    assert [set(text.split("'")[1::2]) for text in texts] == [{member.value for member in members}]


_MACRO = re.compile(r"{%-? *macro (\w+)\(.*?endmacro", re.DOTALL)


def test_every_form_that_posts_carries_a_token():
    texts = {path.relative_to(PACKAGE / "templates"): path.read_text() for path in TEMPLATES}
    macros = [macro for text in texts.values() for macro in _MACRO.finditer(text)]
    token = re.compile("csrf_token|hidden_tag")
    for _ in range(3):  # a macro may leave it to another
        names = {macro[1] for macro in macros if token.search(macro[0])}
        token = re.compile("|".join(["csrf_token", "hidden_tag", *(rf"\b{name}\(" for name in sorted(names))]))
    forms = re.compile(r"<form\b[^>]*method=[\"']?post.*?</form>", re.DOTALL | re.IGNORECASE)
    posting = [(str(name), form) for name, text in texts.items() for form in forms.findall(text)]
    unmarked = [(name, form) for name, form in posting if not token.search(form)]

    assert posting
    assert [(name, form) for name, form in unmarked if not any(f"'{view}'" in form for view in WITHOUT_TOKEN)] == []


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_only_one_click_and_a_frame_take_a_post_without_a_token(app):
    exempt = web.csrf._exempt_views
    names = {name for name, view in app.view_functions.items() if f"{view.__module__}.{view.__name__}" in exempt}

    assert names == WITHOUT_TOKEN
    assert web.csrf._exempt_blueprints == set()


def test_every_module_says_what_it_is_for():
    trees = {name_of(path): ast.parse(path.read_text()) for path in SOURCES}

    assert [name for name, tree in trees.items() if tree.body and not ast.get_docstring(tree)] == []
