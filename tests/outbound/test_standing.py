"""What is asked of the partial indexes is answered by them, in the plan that PostgreSQL keeps as well."""

import re

import pytest
from psycopg import sql
from sqlalchemy.dialects.postgresql import asyncpg

from peoplelink.outbound import claim, receipts, tasks, turns
from tests.factories import NOW

ASKED = {
    "the dispatches of a lane": (turns._waiting("sms:bulk"), "ix_deliveries_waiting"),
    "the rows of a dispatch": (claim._of("sms:bulk", [1], 0, 1000, NOW), "ix_deliveries_waiting"),
    "the rows of several": (claim._of("sms:urgent", [1, 2], 0, 1000, NOW), "ix_deliveries_waiting"),
    "the lanes": (tasks._waiting_lanes(NOW), "ix_deliveries_waiting"),
    "doubts": (tasks._doubts(NOW), "ix_deliveries_(asked|unconfirmed)"),
    "receipts": (receipts._due(NOW), "ix_deliveries_asked"),
}


def kept_plan(session, statement):
    """The plan that is kept of a statement, whatever its parameters are. `$1` is how asyncpg's dialect writes them."""
    compiled = statement.compile(dialect=asyncpg.dialect(), compile_kwargs={"render_postcompile": True})
    values = [compiled.params[name] for name in compiled.positiontup]
    given = sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Literal, values))) if values else sql.SQL("")
    cursor = session.connection().connection.cursor()
    cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
    cursor.execute("SET LOCAL enable_seqscan = off")  # a table as small as here is read whole otherwise
    cursor.execute(f"PREPARE asked AS {compiled}")
    rows = cursor.execute(sql.SQL("EXPLAIN EXECUTE asked{}").format(given)).fetchall()
    cursor.execute("DEALLOCATE asked")
    return "\n".join(line for (line,) in rows)


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
@pytest.mark.parametrize("asked", ASKED)
def test_a_partial_index_answers_although_the_plan_was_kept(session, asked):
    statement, index = ASKED[asked]

    assert re.search(rf"\bIndex (Only )?Scan (using|on) {index} ", kept_plan(session, statement))
