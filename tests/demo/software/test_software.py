"""What the home's software of the demo tells is what the product takes; its opening shows each kind of movement."""

import socket
import threading
from collections import Counter
from datetime import datetime, timedelta

import pytest

from liaison.core.hl7v2.adt import MEANINGS, AdtEvent, read_adt
from liaison.core.hl7v2.message import Hl7Message, read_hl7
from liaison.demo.actors import PARIS
from liaison.demo.hospital.rounds import opening, sequels
from liaison.demo.software.diary import later_movements, local_id, opening_movements
from liaison.demo.software.messages import Movement, write_adt
from liaison.demo.software.talk import END, START, say
from liaison.demo.world import build_world

WORLD = build_world()
NOW = datetime(2026, 11, 22, 15, 4, tzinfo=PARIS)


def event_of(movement: Movement) -> AdtEvent:
    read = read_hl7(write_adt(WORLD.home, movement))
    assert isinstance(read, Hl7Message)
    event = read_adt(read)
    assert isinstance(event, AdtEvent)
    return event


def test_every_movement_of_the_opening_is_read_as_what_it_is() -> None:
    meanings = Counter(event_of(movement).meaning for movement in opening_movements(WORLD, NOW))
    assert meanings == {
        "absent": 9, "back": 3, "arrives": 3, "leaves": 1, "identity": 4, "merge": 1,
        "arrival_cancelled": 1, "leaving_cancelled": 1, "move_cancelled": 1,
        "absence_cancelled": 1, "return_cancelled": 1,
    }  # fmt: skip


def test_the_opening_shows_every_event_the_product_takes() -> None:
    assert {movement.event for movement in opening_movements(WORLD, NOW)} == set(MEANINGS)


def test_no_hospital_writes_of_those_whose_movements_are_taken_back() -> None:
    cancelled = {
        each.resident.key for each in opening_movements(WORLD, NOW) if each.event in {"A12", "A13", "A52", "A53"}
    }
    assert cancelled.isdisjoint({planned.resident.key for planned in (*opening(WORLD), *sequels(WORLD))})


def test_a_return_is_after_its_leaving_and_in_the_past() -> None:
    movements = opening_movements(WORLD, NOW)
    left = {movement.local_id: movement.at for movement in movements if movement.event == "A21"}
    back = [movement for movement in movements if movement.event == "A22"]
    assert all(left[movement.local_id] < movement.at < NOW for movement in back)


def test_every_resident_of_the_home_can_be_told_with_all_his_traits() -> None:
    for resident in WORLD.residents_of(WORLD.home):
        event = event_of(Movement("A08", resident, NOW, local_id(resident)))
        assert event.traits["birth_family"] == resident.birth_family
        assert event.traits["birth_date"] == resident.birth_date.isoformat()
        assert event.traits.get("ins", "") == (resident.ins if resident.ins_status == "QUAL" else "")


def test_the_one_who_left_comes_back_the_next_time() -> None:
    for count in range(2, 40):
        _, back = later_movements(WORLD, count, NOW)
        before = later_movements(WORLD, count - 1, NOW - timedelta(minutes=4))[0]
        assert (before.event, back.event, back.resident) == ("A21", "A22", before.resident)


@pytest.mark.parametrize(("answer", "code"), [(b"MSH|^~\\&|\rMSA|AA|1\r", "AA"), (b"MSH|\rMSA|AE|1|207\r", "AE")])
def test_the_acknowledgment_is_read(answer: bytes, code: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def acknowledge() -> None:
            link, _ = server.accept()
            with link:
                link.recv(65536)
                link.sendall(START + answer + END)

        door = threading.Thread(target=acknowledge)
        door.start()
        assert say("127.0.0.1", port, b"MSH|") == code
        door.join()


def test_a_connection_cut_before_the_acknowledgment_is_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up() -> None:
            link, _ = server.accept()
            link.close()

        door = threading.Thread(target=hang_up)
        door.start()
        with pytest.raises(OSError, match=r"."):
            say("127.0.0.1", server.getsockname()[1], b"MSH|")
        door.join()
