"""The context of generated task definitions, and their state while they are drawn."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from taskrole.arns import Context

T = TypeVar("T")

ACCOUNT, OTHER_ACCOUNT = "111122223333", "444455556666"


@dataclass(frozen=True)
class Where:
    """A region and account, another region of the partition, and the hosts of ECR there."""

    context: Context
    other_region: str
    suffix: str
    dual_stack: str | None = None
    fips_regions: tuple[str, ...] = ()

    def arn(self, service: str, resource: str, region: str | None = None, account: str | None = None) -> str:
        """Return an ARN here; empty text leaves region or account out."""
        region = self.context.region if region is None else region
        account = self.context.account if account is None else account
        return f"arn:{self.context.partition}:{service}:{region}:{account}:{resource}"


PLACES = (
    Where(Context("aws", "us-east-1", ACCOUNT), "eu-west-1", "amazonaws.com", "on.aws", ("us-east-1",)),
    Where(Context("aws", "eu-central-1", ACCOUNT), "us-west-2", "amazonaws.com", "on.aws", ("us-west-2",)),
    Where(Context("aws", "eu-west-1", ACCOUNT), "ap-south-2", "amazonaws.com", "on.aws"),
    Where(
        Context("aws-cn", "cn-north-1", ACCOUNT), "cn-northwest-1", "amazonaws.com.cn", "on.amazonwebservices.com.cn"
    ),
    Where(
        Context("aws-us-gov", "us-gov-west-1", ACCOUNT),
        "us-gov-east-1",
        "amazonaws.com",
        "on.aws",
        ("us-gov-west-1", "us-gov-east-1"),
    ),
    Where(Context("aws-eusc", "eusc-de-east-1", ACCOUNT), "eusc-de-east-1", "amazonaws.eu"),
    Where(Context("aws-iso", "us-iso-east-1", ACCOUNT), "us-iso-west-1", "c2s.ic.gov"),
)


@dataclass
class Draft:
    """The drawn state: context, launch type, and the options that the fields need."""

    rng: random.Random
    place: Where
    launch: Sequence[str] = ()
    is_windows: bool = False
    options: dict[str, Any] = field(default_factory=dict)
    reads_service_connect: bool = False

    def maybe(self, share: float = 0.5) -> bool:
        """Return True at random."""
        return self.rng.random() < share

    def pick(self, values: Sequence[T]) -> T:
        """Return one of the values."""
        return self.rng.choice(values)

    def region(self) -> str:
        """Return the region of the task, or sometimes the other."""
        return self.pick([self.place.context.region] * 3 + [self.place.other_region])

    def account(self) -> str:
        """Return the account of the task, or sometimes another."""
        return self.pick([ACCOUNT] * 4 + [OTHER_ACCOUNT])

    def key_arn(self, region: str, account: str = ACCOUNT) -> str:
        """Return the ARN of a key."""
        id_ = self.pick(["1a2b3c4d-1234-1234-1234-1a2b3c4d5e6f", "mrk-1a2b3c4d5e6f1a2b3c4d5e6f1a2b3c4d"])
        return self.place.arn("kms", f"key/{id_}", region, account)

    def note(self, option: str, name: str, value: Any) -> None:
        """Set an entry of an option that is a mapping, unless it has one."""
        self.options.setdefault(option, {}).setdefault(name, value)

    def note_key(self, name: str, region: str, *, share: float = 0.3, account: str = ACCOUNT) -> None:
        """Sometimes set a customer managed key for a value."""
        if self.maybe(share):
            self.note("kms_keys", name, self.key_arn(region, account))
