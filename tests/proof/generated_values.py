"""Random references to secrets, parameters and objects, with the options that they may need."""

from __future__ import annotations

from tests.proof.setting import OTHER_ACCOUNT, Draft

NAMES = (
    "app",
    "app/db",
    "app/db-x",
    "app/db2",
    "app/d",
    "prod/stripe-secret",
    "app/db-prod01",
    "ecs-sc!tls",
    "Team_1+a=.@-!",
)
SUFFIXES = ("a1B2c3", "Zz9Yy8", "0aA1bB")
PARAMETERS = ("app", "app-x", "/app", "/app/db", "/app/db/x", "/app/db-x", "a.b_c-d")
BUCKETS = ("app-config", "app-config-x", "app.config")
OBJECTS = ("prod/app", "prod/app-x", "prod/ap", "prod/a*p", "prod/a?p", "a$1", "über/app", "日本/app", "a b/~'()&")


def secret_arn(draft: Draft, *, may_have_tail: bool = False) -> str:
    """Return the ARN of a secret, possibly with a JSON key, a stage or a version."""
    region, account = draft.region(), draft.account()
    id_ = _name(draft, NAMES)
    if account == OTHER_ACCOUNT or draft.maybe(0.6):
        id_ = f"{id_}-{draft.pick(SUFFIXES)}"
    arn = draft.place.arn("secretsmanager", f"secret:{id_}", region, account)
    if account == OTHER_ACCOUNT:
        # The AWS managed key cannot be used from another account, so another key is needed.
        draft.note("kms_keys", arn, draft.key_arn(region, OTHER_ACCOUNT))
    else:
        draft.note_key(arn, region)
    tails = ("", ":::", ":user::", ":user:AWSPREVIOUS:", ":user::EXAMPLE1-90ab-cdef-fedc-ba987EXAMPLE")
    return arn + (draft.pick(tails) if may_have_tail else "")


def secret_name(draft: Draft) -> str:
    """Return the bare name of a secret in the task's region and account."""
    name = _name(draft, (*NAMES, "registry-login", "registry-login2"))
    if name.startswith("registry"):
        draft.note_key(name, draft.place.context.region)
    return name


def _name(draft: Draft, names: tuple[str, ...]) -> str:
    name = draft.pick(names)
    draft.reads_service_connect |= name.startswith("ecs-sc!")
    return name


def parameter_arn(draft: Draft, *, region: str | None = None) -> str:
    """Return the ARN of a parameter of the task's account."""
    region = region or draft.region()
    arn = draft.place.arn("ssm", f"parameter/{draft.pick(PARAMETERS).removeprefix('/')}", region)
    draft.note_key(arn, region)
    return arn


def value_from(draft: Draft) -> str:
    """Return a valid `valueFrom` of a secret."""
    form = draft.pick(["secret", "secret", "secret", "parameter", "name", "through", "through ARN"])
    if form == "secret":
        return secret_arn(draft, may_have_tail=True)
    if form == "parameter":
        return parameter_arn(draft)
    if form == "name":
        name = draft.pick(PARAMETERS)
        arn = draft.place.arn("ssm", f"parameter/{name.removeprefix('/')}")
        draft.note_key(arn, draft.place.context.region)
        return name
    through = f"/aws/reference/secretsmanager/{draft.pick(['app', 'app-x', 'app/db', 'prod/stripe-secret'])}"
    return through if form == "through" else draft.place.arn("ssm", f"parameter{through}", draft.region())


def object_arn(draft: Draft, extension: str = "") -> str:
    """Return the ARN of an object, and sometimes set the owner and key of its bucket."""
    bucket = draft.pick(BUCKETS)
    if draft.maybe(0.2):
        draft.note("bucket_owners", bucket, draft.account())
    draft.note_key(bucket, draft.region(), share=0.15)
    return draft.place.arn("s3", f"{bucket}/{draft.pick(OBJECTS)}{extension}", "", "")
