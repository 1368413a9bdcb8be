"""The server's reading of HTTP, with our errors and a bound on what may come before the body."""

from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from qualsvc.http.problems import Problem

MAX_HEAD = 64 * 1024
"""Bytes of request line and headers; they are read before anybody knows who sends them."""


class StrictHttp(HttpToolsProtocol):
    """Refuses in problem+json what cannot be read as HTTP, and heads that do not end."""

    _in_head = True
    _head = 0

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_head and not self.transport.is_closing():
            self._head += len(data)
            if self._head > MAX_HEAD:
                detail = f"the request line and headers are longer than {MAX_HEAD} bytes"
                self._refuse(Problem(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "head_too_large", detail))

    def on_message_begin(self) -> None:
        self._in_head, self._head = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  the server's own words say less
        detail = "this cannot be read as HTTP; percent-encode the address as UTF-8 and send no control characters"
        self._refuse(Problem(HTTPStatus.BAD_REQUEST, "malformed_request", detail))

    def _refuse(self, problem: Problem) -> None:
        body = bytes(problem.response().body)
        head = (
            f"HTTP/1.1 {problem.status} {HTTPStatus(problem.status).phrase}\r\ncontent-type: application/problem+json\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode("ascii") + body)
        self.transport.close()
