"""The owner's socket, with real sockets."""

import socket

import pytest

from app.services.owner import MAX_MESSAGE, OwnerClient, OwnerError, OwnerSocket


@pytest.fixture
def owner():
    def serve(request):
        if request.get("do") == "fail":
            raise ValueError("V1 is locked")
        return {"got": request}

    made = OwnerSocket(serve)
    yield made
    made.close()


def test_requests_are_answered_in_order_on_one_connection(owner):
    client = OwnerClient(owner.address)
    assert [client.ask({"do": "run", "n": n})["got"]["n"] for n in range(3)] == [0, 1, 2]
    client.close()


def test_a_refusal_reaches_the_caller_in_words_and_the_connection_stays(owner):
    client = OwnerClient(owner.address)
    with pytest.raises(OwnerError, match="V1 is locked"):
        client.ask({"do": "fail"})
    assert client.ask({"do": "x"})["got"] == {"do": "x"}
    client.close()


def test_a_wrong_token_is_refused(owner):
    client = OwnerClient(owner.address.partition("#")[0] + "#guess")
    with pytest.raises(OwnerError, match="not allowed"):
        client.ask({"do": "run"})
    client.close()


def test_garbage_and_oversized_messages_do_not_stop_the_owner(owner):
    path = owner.address.partition("#")[0].removeprefix("unix:")
    for rubbish in (b"\n", b"[]\n", b'{"token": 5}\n', b"\xff\xfe\n", b"[" * 200_000 + b"\n"):
        with socket.socket(socket.AF_UNIX) as raw:
            raw.connect(path)
            raw.sendall(rubbish)
            assert b"error" in raw.recv(4096)
    with socket.socket(socket.AF_UNIX) as raw:
        raw.connect(path)
        try:
            raw.sendall(b"x" * (MAX_MESSAGE + 2))
            assert raw.recv(10) == b""
        except (BrokenPipeError, ConnectionResetError):
            pass
    client = OwnerClient(owner.address)
    assert client.ask({"do": "x"})
    client.close()


@pytest.mark.parametrize("address", ["", "unix:/nowhere/door#t", "tcp:example.org:80#t", "tcp:127.0.0.1:1#t", "file:/etc/passwd#t"])
def test_an_owner_that_cannot_be_reached_is_said_in_words(address):
    with pytest.raises(OwnerError, match="close it there first"):
        OwnerClient(address, timeout=1)


def test_closing_leaves_nothing_behind():
    made = OwnerSocket(lambda request: None)
    path = made.address.partition("#")[0].removeprefix("unix:")
    made.close()
    with pytest.raises(OwnerError):
        OwnerClient(f"unix:{path}#x", timeout=1)
