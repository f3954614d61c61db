"""Secrets and parameters, and the keys that encrypt them: section 4 of AWS's rules."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Sequence

from tests.proof.agent.needs import EXECUTION, Need, Place, exactly

GET_SECRET, GET_PARAMETERS, DECRYPT = "secretsmanager:GetSecretValue", "ssm:GetParameters", "kms:Decrypt"
PASS_THROUGH = "/aws/reference/secretsmanager/"


def value_needs(place: Place) -> Iterator[Need]:
    """Yield the calls that read `secrets` and `secretOptions`."""
    for container in place.containers:
        log = container.get("logConfiguration") or {}
        for secret in [*(container.get("secrets") or ()), *(log.get("secretOptions") or ())]:
            text = secret["valueFrom"]
            if ":secretsmanager:" in text:
                yield from secret_needs(place, text, "SM")
            else:
                yield from parameter_needs(place, text)
    if place.options.deny_service_connect_secrets:
        scope = exactly(place.arn("secretsmanager", "secret:ecs-sc!", region="REGION", account="ACCOUNT"))
        scope = scope.replace("REGION", ".*").replace("ACCOUNT", ".*") + ".*"
        yield Need(EXECUTION, GET_SECRET, "", scope, "SM-DENY", {}, effect="Deny")


def secret_of_name(place: Place, name: str) -> str:
    """Return the ARN, without its suffix, of a secret of this name in the task's region and account."""
    return place.arn("secretsmanager", f"secret:{name}")


def secret_needs(place: Place, text: str, rule: str, *, is_name: bool = False) -> Iterator[Need]:
    """Yield the call that reads a secret; all behind its id, a JSON key and versions, is no part of the resource."""
    whole = ":".join(text.split(":")[:7])
    id_ = whole.split(":")[6]
    has_suffix = not is_name and re.search(r"-[A-Za-z0-9]{6}$", id_) is not None
    # What people could have written may be either: AWS's random suffix is seldom like it.
    is_word = has_suffix and could_be_name(id_[-6:])
    is_both = is_word and place.options.ambiguous_secret_suffix == "both"
    stored: list[tuple[str, str]] = [(whole, exactly(whole))] if has_suffix else []
    if not has_suffix or is_both:
        letters = place.chance(whole)
        suffix = "".join(letters.choices(string.ascii_letters + string.digits, k=6))
        stored.append((f"{whole}-{suffix}", exactly(f"{whole}-") + "." * 6))
    for arn, scope in stored:
        yield Need(EXECUTION, GET_SECRET, arn, scope, rule, {})
    names = [whole, id_] + ([whole[:-7], id_[:-7]] if has_suffix else [])
    region = whole.split(":")[3]
    for arn, _ in stored:
        all_of_them = "|".join(scope for _, scope in stored)
        yield from decrypt(place, names, "secretsmanager", region, ("SecretARN", arn, all_of_them))


def could_be_name(text: str) -> bool:
    """Return whether six characters are at most two words or numbers, or three in one case."""
    words = 0
    before = ""
    for index, character in enumerate(text):
        kind = "0" if character.isdigit() else "A" if character.isupper() else "a"
        begins_word = kind == "A" and text[index + 1 : index + 2].islower()
        if (kind != before and not (kind == "a" and before == "A")) or (begins_word and before == "A"):
            words += 1
        before = kind
    letters = [character for character in text if character.isalpha()]
    is_one_case = all(map(str.islower, letters)) or all(map(str.isupper, letters))
    return words <= 2 or (words == 3 and is_one_case)


def parameter_needs(place: Place, text: str) -> Iterator[Need]:
    """Yield the call that reads a parameter by its name or ARN, and its secret where it passes one through."""
    region = text.split(":")[3] if text.startswith("arn:") else place.context.region
    name = text.split(":parameter/", 1)[1] if text.startswith("arn:") else text.removeprefix("/")
    yield from one_parameter(place, name, region, is_decrypted=f"/{name}".startswith(PASS_THROUGH) is False)
    if f"/{name}".startswith(PASS_THROUGH):
        secret = f"/{name}".removeprefix(PASS_THROUGH)
        arn = place.arn("secretsmanager", f"secret:{secret}", region=region)
        yield from secret_needs(place, arn, "SSM-6", is_name=True)


def one_parameter(place: Place, name: str, region: str, *, is_decrypted: bool = True) -> Iterator[Need]:
    """Yield the call that reads a parameter of the task's account."""
    arn = place.arn("ssm", f"parameter/{name}", region=region)
    yield Need(EXECUTION, GET_PARAMETERS, arn, exactly(arn), "SSM", {})
    if is_decrypted:
        names = [arn, name, f"/{name}"]
        yield from decrypt(place, names, "ssm", region, ("PARAMETER_ARN", arn, exactly(arn)))


def decrypt(
    place: Place,
    names: Sequence[str],
    service: str,
    region: str | None,
    encryption_context: tuple[str, str, str] | None = None,
    *,
    role: str = EXECUTION,
) -> Iterator[Need]:
    """Yield the call to KMS by way of the service, where options say that a customer's key encrypts the thing.

    The name of the service ends in amazonaws.com in every partition, also in China.
    """
    keys = place.options.kms_keys
    key = next((keys[name] for name in names if name in keys), None)
    if key is None and service in ("secretsmanager", "ssm"):
        of_all = keys.get("*", "")
        key = of_all if f":kms:{region}:" in of_all else None
    if key is None or "alias/aws/" in key or key == "aws-owned":
        return
    via = f"{service}.{region or key.split(':')[3]}.amazonaws.com"
    context, demanded = {"kms:ViaService": via}, [("kms:ViaService", exactly(via))]
    if encryption_context:
        name, value, pattern = encryption_context
        context[f"kms:EncryptionContext:{name}"] = value
        if place.options.kms_encryption_context:
            demanded.append((f"kms:EncryptionContext:{name}", pattern))
    yield Need(role, DECRYPT, key, exactly(key), "KMS", context, tuple(demanded))
