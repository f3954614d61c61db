"""Measures `observe`: the cost of reading recorded calls, and how many events and resources are mapped.

`python -m bench.observe write FOLDER 1000000` writes that many events in CloudTrail's format, `read FOLDER ENGINE`
reads them.
"""

from __future__ import annotations

import gzip
import json
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.derive import ACCOUNT, REGION
from bench.processes import run
from bench.report import Row, Section
from bench.sizes import exponent, sized
from taskrole.observe.event_actions import EventActions, event_actions
from taskrole.observe.read import read_recording
from taskrole.observe.request_members import resource_rules
from taskrole.policy.catalogue.resource_types import resource_types

ROOT = Path(__file__).parent.parent
EVENTS = 1_000_000
FEW_EVENTS = 100_000
FEWEST_EVENTS = 10_000
PER_FILE = 5_000
TASKS = 2_000
ROLES = 40
KEYS = 20_000  # of objects
_SELF = (sys.executable, "-m", "bench.observe")
HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"


def write_events(folder: Path, count: int) -> None:
    """Write files with a number of events in the folders of CloudTrail deliveries."""
    chance = random.Random(12)  # noqa: S311 -- no secret
    place = folder / "AWSLogs" / ACCOUNT / "CloudTrail" / REGION / "2026" / "11" / "01"
    place.mkdir(parents=True, exist_ok=True)
    events = _events(chance, count)
    for number in range(0, count, PER_FILE):
        part = [event for _, event in zip(range(min(PER_FILE, count - number)), events, strict=False)]
        path = place / f"{ACCOUNT}_CloudTrail_{REGION}_20261101T0000Z_{number:08d}.json.gz"
        path.write_bytes(gzip.compress(b'{"Records":[' + b",".join(part) + b"]}", compresslevel=1))


def _events(chance: random.Random, count: int) -> Iterator[bytes]:
    for number in range(count):
        yield json.dumps(_event(chance, number), separators=(",", ":")).encode()


def _event(chance: random.Random, number: int) -> dict[str, Any]:
    role, task = number % ROLES, f"{chance.randrange(TASKS):032x}"
    service, name, request, arns = _call(chance, role)
    second = number % 86_400
    return {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": f"AROAEXAMPLE{role:09d}:{task}",
            "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/service-{role}-task/{task}",
            "accountId": ACCOUNT,
            "accessKeyId": "ASIAEXAMPLEEXAMPLE00",
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": f"AROAEXAMPLE{role:09d}",
                    "arn": f"arn:aws:iam::{ACCOUNT}:role/services/service-{role}-task",
                    "accountId": ACCOUNT,
                    "userName": f"service-{role}-task",
                },
                "attributes": {"creationDate": "2026-11-01T00:00:00Z", "mfaAuthenticated": "false"},
            },
        },
        "eventTime": f"2026-11-01T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}Z",
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": REGION,
        "sourceIPAddress": "192.0.2.10",
        "userAgent": "aws-sdk-go-v2/1.30.3 os/linux lang/go#1.22 md/GOOS#linux md/GOARCH#amd64 api/example#1.0",
        "requestParameters": request,
        "responseElements": None,
        "additionalEventData": {"SignatureVersion": "SigV4", "CipherSuite": "TLS_AES_128_GCM_SHA256"},
        "requestID": f"{chance.getrandbits(128):032x}",
        "eventID": "-".join(f"{chance.getrandbits(bits):0{bits // 4}x}" for bits in (32, 16, 16, 16, 48)),
        "readOnly": True,
        "resources": [{"accountId": ACCOUNT, "type": "AWS::Example::Type", "ARN": arn} for arn in arns],
        "eventType": "AwsApiCall",
        "managementEvent": False,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Data" if service in ("s3", "dynamodb", "sqs") else "Management",
        "tlsDetails": {"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256"},
    }


def _call(chance: random.Random, role: int) -> tuple[str, str, dict[str, Any], list[str]]:
    """Return the service, name, request and listed resources of a call; some services list none."""
    where = f"{REGION}:{ACCOUNT}"
    kind = chance.randrange(8)
    if kind < 3:
        key, bucket = f"uploads/{chance.randrange(KEYS)}.json", f"service-{role}-data"
        arns = [f"arn:aws:s3:::{bucket}/{key}", f"arn:aws:s3:::{bucket}"]
        return "s3", "GetObject", {"bucketName": bucket, "Host": f"{bucket}.s3.amazonaws.com", "key": key}, arns
    if kind == 3:
        return (
            "dynamodb",
            "GetItem",
            {"tableName": f"table-{role}", "key": {"id": HIDDEN}},
            [],
        )
    if kind == 4:
        url = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/queue-{role}"
        return "sqs", "SendMessage", {"queueUrl": url, "messageBody": HIDDEN}, []
    if kind == 5:
        return "secretsmanager", "GetSecretValue", {"secretId": f"service-{role}/db"}, []
    if kind == 6:
        context = {"aws:s3:arn": f"arn:aws:s3:::service-{role}-data"}
        key = f"arn:aws:kms:{where}:key/00000000-0000-4000-8000-{role:012d}"
        return "kms", "Decrypt", {"encryptionContext": context, "encryptionAlgorithm": "SYMMETRIC_DEFAULT"}, [key]
    return "ssm", "GetParameters", {"names": [f"/service-{role}/a", f"/service-{role}/b"], "withDecryption": True}, []


def measure() -> Section:
    """Return the costs of reading, and the number of mapped botocore operations."""
    rows = []
    seconds: dict[str, list[tuple[int, float]]] = {"duckdb": [], "python": []}
    for engine, whole in (
        ("duckdb", EVENTS),
        ("duckdb", FEW_EVENTS),
        ("python", FEW_EVENTS),
        ("python", FEWEST_EVENTS),
    ):
        count = sized(whole)
        with tempfile.TemporaryDirectory() as folder:
            run([*_SELF, "write", folder, str(count)], cwd=ROOT)
            cost = run([*_SELF, "read", folder, engine], cwd=ROOT)
        figures = (f"{cost.seconds:.1f} s", f"{cost.megabytes:.0f} MB")
        rows.append(Row(f"{count:,} events, {engine}", figures, f"python -m bench.observe read FOLDER {engine}"))
        seconds[engine].append((count, cost.seconds))
    for engine, (large, small) in seconds.items():
        grown = f"n^{exponent(small, large)}"
        name = f"growth from {small[0]:,} to {large[0]:,} events, {engine}"
        rows.append(Row(name, (grown, ""), "python -m bench observe"))
    for name, known, total in coverage():
        rows.append(Row(name, (f"{known:,} of {total:,}", f"{known / total:.1%}"), "python -m bench observe"))
    return Section(
        "Recorded calls",
        "Events of 40 roles and 2,000 tasks, three in eight on one of 800,000 objects, in gzip files of 5,000. A\n"
        "million must take at most 60 s and 1 GB on two cores. Below, of the operations that botocore knows: those\n"
        "with an action, and, in services that have templates, those whose request names the resource or that need\n"
        "none.",
        ("", ""),
        rows,
    )


def coverage() -> Iterator[tuple[str, int, int]]:
    """Yield the numbers of operations with an action, and with a resource template or no need of one; and the total."""
    import botocore.session

    session = botocore.session.get_session()
    models = [session.get_service_model(name) for name in session.get_available_services()]
    events = {(model.endpoint_prefix, name) for model in models for name in model.operation_names}
    known = {event: event_actions(f"{event[0]}.amazonaws.com", event[1]) for event in events}
    mapped = [event for event in known.values() if event.actions or "needs no permission" in event.because]
    yield "operations with an action", len(mapped), len(events)
    with_templates = [event for event in mapped if event.actions and resource_rules(event.service)]
    named = [event for event in with_templates if _has_resource(event)]
    yield "operations with a resource", len(named), len(with_templates)


def _has_resource(event: EventActions) -> bool:
    has_rule = any(event.name in rule.events for rule in resource_rules(event.service))
    return has_rule or not any(resource_types(action) for action in event.actions)


def main(arguments: list[str]) -> None:
    """Write events, or read them."""
    if arguments[0] == "write":
        write_events(Path(arguments[1]), int(arguments[2]))
        return
    recording = read_recording([arguments[1]], engine="python" if arguments[2] == "python" else "duckdb")
    print(len(recording.calls), recording.reach.events)


if __name__ == "__main__":
    main(sys.argv[1:])
