"""Every stable code of a problem, said once: with which status it comes, what is the matter, what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """`statuses` a problem with this code can have; of several errors, the problem has a code that stands for all of them."""

    statuses: tuple[int, ...]
    meaning: str
    remedy: str


CODES: Mapping[str, Code] = {
    # the request as such
    "malformed": Code((400,), "the question cannot be understood", "mend each parameter that `errors[]` names"),
    "malformed_json": Code(
        (400,), "the body is not JSON as it is read here: strictly, in UTF-8", "send valid JSON, each key once"
    ),
    "malformed_query": Code((400,), "the query is not percent-encoded UTF-8", "encode it; write a `+` as `%2B`"),
    "malformed_path": Code((400,), "the path is not percent-encoded UTF-8", "encode the code in the path"),
    "malformed_parameter": Code((400,), "a parameter cannot be read", "mend the parameter that `errors[]` names"),
    "unknown_parameter": Code((400,), "a parameter is not known here", "leave it out; `errors[]` lists those there are"),
    "repeated_parameter": Code((400,), "a parameter is given twice", "give it once"),
    "malformed_header": Code((400,), "a header cannot be read", "mend the header that `errors[]` names"),
    "malformed_request": Code((400,), "the bytes are not HTTP", "percent-encode the address, send no control characters"),
    "incomplete_body": Code((400,), "the connection ended before the body did", "send it again"),
    "unexpected_body": Code((400,), "there is a body where none is taken", "send none"),
    "invalid_request": Code((400,), "the request is not as documented", "mend what `errors[]` names"),
    "head_too_large": Code((431,), "request line and headers are longer than 64 KiB", "send less in the address and headers"),
    "method_not_allowed": Code((405,), "the path does not take this method", "use one that the `Allow` header names"),
    "not_found": Code((404,), "there is nothing at this path", "see `/docs` for what there is"),
    # one parameter of a question; the problem's own code is `malformed`
    "unknown": Code((400,), "the parameter is not known", "leave it out"),
    "repeated": Code((400,), "the parameter is given twice", "give it once"),
    "bad_instant": Code((400,), "not an instant", "write RFC 3339 with an offset, `2026-11-21T03:30:00Z`"),
    "not_after_at": Code((400,), "`until` is not after `at`, or not after now", "give a later `until`, or `at`"),
    "in_future": Code((400,), "`known_at` has not come yet", "give an instant that is past, or leave it out"),
    "not_in_batch": Code((400,), "a batch takes no `known_at`", "ask each such question by itself"),
    "badge_with_person": Code((400,), "`person` and `badge` are both given", "give one of them"),
    "too_many_questions": Code((400,), "a batch of more than 10,000 questions", "ask in several batches"),
    # who asks
    "unauthorized": Code((401,), "no API key, an unknown one, or a revoked one", "send `Authorization: Bearer KEY`"),
    "scope_missing": Code((403,), "the key lacks the scope that this needs", "use a key that has it"),
    "admin_required": Code((403, 422), "only an admin may write this", "leave it out, or ask somebody with an admin key"),
    # which record, and what is there now
    "record_not_found": Code((404, 422), "there is no record with this code", "check the code"),
    "before_log": Code((400,), "the change log no longer reaches back to `known_at`", "ask about a later instant"),
    "still_referenced": Code((409, 422), "other records refer to the one to be deleted", "delete or change those first"),
    "precondition_failed": Code(
        (412,), "the record is not the one that `If-Match` or `If-None-Match` means", "read it again and decide anew"
    ),
    "idempotency_key_reused": Code(
        (422,), "the `Idempotency-Key` stands for another request", "use a new key for each request"
    ),
    # bodies
    "body_too_large": Code((413,), "the body is longer than is read here", "send less at a time"),
    "line_too_long": Code((413,), "a line of a bulk is longer than 1 MiB", "a record is one short line"),
    "too_many_records": Code((413,), "a bulk of more than 200,000 records", "send them in several requests"),
    "unsupported_media_type": Code((415,), "not the media type, character set or encoding read here", "set `Content-Type`"),
    # several errors at once
    "invalid_record": Code((422,), "several things are wrong with the record", "mend what `errors[]` names"),
    "write_refused": Code((403, 409, 422), "several things stand against the write", "mend what `errors[]` names"),
    "invalid_lines": Code(
        (400, 422), "several lines are wrong; 400 when one is no JSON", "mend the lines that `errors[]` names"
    ),
    # one field of a record
    "missing": Code((400, 422), "a required field or parameter is left out, null or blank", "give it a value"),
    "unknown_field": Code((422,), "a field is not known", "leave it out, or mend its name"),
    "wrong_type": Code((422,), "a value is not of the type of its field; nothing is converted", "send the type documented"),
    "not_one_of": Code((422,), "a value is not one of the enumeration", "use one that the message lists"),
    "invalid_code": Code((422,), "not a code", "use 1 to 64 printable characters without space, `/`, `?`, `#`, `%`"),
    "code_mismatch": Code((422,), "the code in the body is not that of the path", "leave it out; records are not renamed"),
    "invalid_text": Code((422,), "text that is too long, empty where it may not be, or cannot be stored", "mend the text"),
    "invalid_number": Code((422,), "a number out of its bounds", "use a number within those the message names"),
    "invalid_date": Code((422,), "not a date", "write `2026-11-21`"),
    "invalid_instant": Code((422,), "not an instant", "write RFC 3339 with an offset, `2026-11-21T03:30:00Z`"),
    "unknown_time_zone": Code((422,), "not an IANA time zone", "use a name like `Asia/Shanghai`"),
    # a record against itself
    "end_before_start": Code((422,), "an end before its start", "mend one of the two"),
    "duplicate_badge": Code((422,), "a badge twice in one list", "name it once"),
    "duplicate_level": Code((422,), "a level twice in one list", "an order names each level once"),
    "equipment_or_class": Code((422,), "a rule with `equipment` and `equipment_class`", "give one of them"),
    "monitor_on_grant": Code((422,), "a grant that only monitors would let everyone in", "use `block`, or make it a guard"),
    "confirm_without_position": Code(
        (422,),
        "a grant without position that only asks for confirmation would let anyone in",
        "name a position, or use `block`",
    ),
    "requirement_invalid": Code((422,), "not a requirement", "use one of the five forms, at the place `errors[]` names"),
    "requirement_too_deep": Code((422,), "a requirement nested deeper than 8", "split the rule"),
    "requirement_too_large": Code((422,), "a requirement of more than 200 parts", "split the rule"),
    # a record against others
    "unknown_reference": Code((422,), "a reference to a record that is not there", "make that first, or both in one bulk"),
    "tree_cycle": Code((422,), "a record would be its own ancestor", "choose another parent"),
    "badge_taken": Code((422,), "the badge is another person's", "take it away there first"),
    "statutory_rule": Code(
        (422,), "a rule that asks for a statutory certificate is softened", "block, do not waive, do not supervise"
    ),
    "unknown_level": Code((422,), "`min_level` is no level of its certificate type", "use one that the message lists"),
    "rule_not_waivable": Code((422,), "the rule is not waivable", "have the rule changed, or meet it"),
    "duplicate_record": Code((422,), "the same record on two lines", "name each record once"),
    # waivers
    "waiver_settled": Code(
        (409,), "the waiver is approved, rejected or revoked already", "write a new one if it is needed still"
    ),
    "waiver_too_long": Code((422,), "a waiver over more than `QUALSVC_MAX_WAIVER_DAYS`", "end it earlier"),
    "approved_by_requester": Code((403, 422), "whoever asked for a waiver approves it", "somebody else must approve"),
    "approved_by_beneficiary": Code((403, 422), "the person a waiver is for approves it", "somebody else must approve"),
    "rejected_by_requester": Code((403,), "whoever asked for a waiver rejects it", "revoke it instead"),
    "rejected_by_beneficiary": Code((403,), "the person a waiver is for rejects it", "somebody else must reject"),
    # who comes and goes
    "already_employed": Code((409,), "the person to be hired is employed", "use `transfer`, or `leave` first"),
    "not_employed": Code((409,), "the person has left, or will have by then", "use `hire`, or an earlier `at`"),
    "already_on_site": Code((409,), "the person is on a site already", "record the exit there first"),
    "not_on_site": Code((409,), "the person is on no site", "nothing needs ending; see `GET /v1/site-stays?person=`"),
    "entry_refused": Code((409,), "gates of the person fail on the site", "lift the causes that `errors[]` names by reason"),
    "code_taken": Code((409,), "another record has the code given for a new one", "leave `code` out"),
    "duplicate_position": Code((422,), "a position twice in one list", "name it once"),
    "duplicate_code": Code((422,), "a code twice in one list", "give each its own, or leave `code` out"),
    "too_many_items": Code((422,), "a list longer than may be kept", "shorten it"),
    "person_suspended": Code((409,), "to be hired, but they are suspended", "have the suspension lifted first"),
    "implausible_instant": Code(
        (422,), "`at` is more than a year away, or has not come yet where something was seen", "look at the year and the clock"
    ),
    "begun_since": Code((409,), "an assignment held now began after `at`", "choose a later `at`, or correct that first"),
    "still_employed": Code((409,), "the person to be erased is employed", "use `leave` first"),
    "too_many_positions": Code((422,), "more than 50 positions at once", "send fewer"),
    # incidents
    "too_much_evidence": Code(
        (422,), "more than 10,000 answers or 1,000 persons in the window", "give a smaller `window`, or a `process`"
    ),
    "incident_concluded": Code((409,), "the incident is concluded already", "write restrictions and suspensions by themselves"),
    "certificate_revoked": Code((409,), "a certificate to be suspended is revoked", "leave it out"),
    # not now
    "stale": Code(
        (503,), "no word from the database in time, or `min_revision` is not here yet", "try again; look at `/readyz`"
    ),
    "clock_skew": Code((503,), "the clocks of this host and the database are more than 2 s apart", "set the clock"),
    "audit_unavailable": Code((503,), "the answer cannot be put on record, so it is not given", "free space on the disk"),
    "draining": Code((503,), "the process was told to stop, and answers for a few seconds still", "ask another one"),
    "busy": Code((503,), "another long write goes on", "try again"),
    "database_unavailable": Code((503,), "the database does not answer", "try again"),
    "outcome_unknown": Code((503,), "the connection was lost while committing: all was written or nothing", "read it back"),
    "internal": Code((500,), "a defect of ours; the detail names the request in the log", "tell us"),
}
