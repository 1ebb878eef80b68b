"""Worker slots: stable, one holder each, free again when the holder is gone."""

import psycopg
import pytest

from forge import runtime


def test_slots_are_given_from_the_first_and_to_one_holder_each(database: str) -> None:
    first, second = runtime.hold_slot(database), runtime.hold_slot(database)
    assert (first[1], second[1]) == ("worker-0", "worker-1")
    first[0].close()
    third = runtime.hold_slot(database)
    assert third[1] == "worker-0"
    for connection in (second[0], third[0]):
        connection.close()


def test_a_slot_is_free_when_its_holder_was_cut_off_from_the_database(database: str) -> None:
    holder, name = runtime.hold_slot(database)
    with psycopg.connect(database, autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 5000)", (holder.info.backend_pid,))
    successor, same_name = runtime.hold_slot(database)
    assert name == same_name
    successor.close()


def test_slots_are_of_one_database(database: str, server_url: str) -> None:
    here, elsewhere = runtime.hold_slot(database), runtime.hold_slot(server_url)
    assert here[1] == elsewhere[1] == "worker-0"
    for connection, _ in (here, elsewhere):
        connection.close()


def test_when_all_slots_are_taken_there_is_no_place(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "SLOTS", 1)
    holder, _ = runtime.hold_slot(database)
    with pytest.raises(RuntimeError, match="all 1 worker slots are taken"):
        runtime.hold_slot(database)
    holder.close()


def test_without_a_worker_there_is_no_runtime() -> None:
    with pytest.raises(RuntimeError, match="no worker runs in this process"):
        runtime.current()
