"""The parts started by us when none is given: database, queue, sandbox, web, workers."""
