"""Blacklists: who is on them, and that whoever is found is found exactly once."""

import threading
from uuid import uuid4

from ledger.database import Database
from moderation.registers.commands import TakeOffBlacklist
from tests.moderation.registers.lists import LIST, Screened, imported
from tests.settlement.payees.sample import KEYS, NAME, NUMBER, OTHER_NAME, OTHER_NUMBER


def test_a_list_keeps_keyed_hashes_and_nothing_that_can_be_read(empty_database: Database) -> None:
    house = Screened(empty_database)
    house.read_in(NUMBER, name=NAME)
    with empty_database.owner.connect() as connection:
        tables = connection.exec_driver_sql(
            "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables "
            "WHERE schemaname IN ('ledger', 'moderation', 'settlement', 'work')"
        ).scalars()
        for table in list(tables):
            for row in connection.exec_driver_sql(f"SELECT t::text FROM {table} AS t").scalars():
                assert NUMBER not in row, table
                assert NAME not in row, table
    ((kept,),) = house.rows("SELECT number_hash FROM moderation.blacklist_listings")
    assert kept == KEYS.digest("number", f" {NUMBER.lower()} ")


def test_a_number_is_on_a_list_once_however_often_it_is_named(empty_database: Database) -> None:
    house = Screened(empty_database)
    house.read_in(NUMBER, NUMBER, OTHER_NUMBER)
    house.read_in(NUMBER)
    house.read_in(NUMBER, of="警示名单")
    assert house.rows("SELECT list, named, added FROM moderation.blacklist_imports ORDER BY entry") == [
        (LIST, 2, 2),
        (LIST, 1, 0),
        ("警示名单", 1, 1),
    ]
    house.take_off()
    again = house.read_in(NUMBER)
    assert house.rows(f"SELECT added FROM moderation.blacklist_imports WHERE import = '{again}'") == [(1,)]
    assert house.breaches() == []


def test_who_is_on_no_list_is_not_taken_off_it(empty_database: Database) -> None:
    house = Screened(empty_database)
    house.read_in(OTHER_NUMBER)
    taken = TakeOffBlacklist(*house.head("moderator:m1"), LIST, KEYS.digest("number", NUMBER), "除名到期")
    assert house.refused(taken) == "not_listed"


def test_whoever_is_listed_is_found_at_import_and_at_verification_and_once(empty_database: Database) -> None:
    house = Screened(empty_database)
    house.payee("bo", 50_000)
    house.payee("mei", 50_000, name=OTHER_NAME, number=OTHER_NUMBER)
    fact = house.read_in(NUMBER, name=OTHER_NAME)
    (hit,) = house.screened(fact)
    assert (hit.party, hit.list, hit.names_agree) == ("bo", LIST, False)
    assert house.screened(fact) == []
    assert house.screened() == []
    # Another party of the same person is another hit, as soon as it is verified.
    house.payee("bo2", 10_000)
    assert [one.party for one in house.screened()] == ["bo2"]
    assert house.rows("SELECT party FROM moderation.blacklist_hits ORDER BY entry") == [("bo",), ("bo2",)]
    # Taken off and listed again is a new listing, and so a new hit.
    house.take_off()
    assert house.screened() == []
    house.read_in(NUMBER)
    assert [one.party for one in house.screened()] == ["bo", "bo2"]


def test_many_who_look_at_once_find_a_hit_once(empty_database: Database) -> None:
    house = Screened(empty_database)
    for n in range(6):
        house.payee(f"bo{n}", 1_000)
    house.read_in(NUMBER)
    found: list[str] = []

    def look() -> None:
        found.extend(hit.party for hit in house.screened())

    threads = [threading.Thread(target=look) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [f"bo{n}" for n in range(6)]
    assert house.rows("SELECT count(*), count(DISTINCT party) FROM moderation.blacklist_hits") == [(6, 6)]
    assert house.rows("SELECT count(*) FROM moderation.cases WHERE source = 'blacklist'") == [(6,)]
    assert house.rows("SELECT count(*) FROM moderation.decisions") == [(6,)]


def test_an_import_and_a_verification_at_once_make_one_hit(empty_database: Database) -> None:
    house = Screened(empty_database)
    house.payee("bo", number=OTHER_NUMBER, name=OTHER_NAME)
    both = threading.Barrier(2)

    def verify() -> None:
        both.wait()
        house.verified("bo", name=NAME, number=NUMBER)
        house.screened()

    def read_in() -> None:
        both.wait()
        house.screened(house.did(imported(house.head("moderator:m1", uuid4()), NUMBER)))

    for _ in range(3):
        threads = [threading.Thread(target=verify), threading.Thread(target=read_in)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        house.take_off()
        house.verified("bo", name=OTHER_NAME, number=OTHER_NUMBER)
    assert house.rows("SELECT count(*) FROM moderation.blacklist_hits") == [(3,)]


def test_two_imports_of_one_list_at_once_list_everybody_once(empty_database: Database) -> None:
    house = Screened(empty_database)
    numbers = [f"P{n:07d}" for n in range(40)]
    parts = [numbers[:30], numbers[10:], numbers[::2], numbers[::-1]]
    threads = [threading.Thread(target=house.read_in, args=part) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert house.rows("SELECT count(*), max(number) FROM moderation.blacklist_listings") == [(40, 1)]
    assert house.rows("SELECT sum(added) FROM moderation.blacklist_imports") == [(40,)]
