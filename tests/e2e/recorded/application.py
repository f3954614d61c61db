"""What an application is: the calls it makes, on resources that an administrator made for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tests.e2e.enforcing import ACCOUNT, REGION, EnforcingAws


@dataclass
class Use:
    """Resources of one name, and who uses them. `kept` is what calls returned that later ones need."""

    aws: EnforcingAws
    name: str
    credentials: dict[str, str] | None = None
    kept: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def clients(self) -> dict[str, Any]:
        return {}

    def client(self, service: str) -> Any:
        """Return the client of a service, made once."""
        if service not in self.clients:
            self.clients[service] = self.aws.client(service, self.credentials)
        return self.clients[service]

    def arn(self, service: str, resource: str) -> str:
        """Return an ARN in this account and region."""
        return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"

    @property
    def queue(self) -> str:
        """The URL of the queue."""
        return f"{self.aws.endpoint}/{ACCOUNT}/{self.name}"


Step = Callable[[Use], object]


@dataclass(frozen=True)
class Application:
    """Steps that an application makes one after another, and others on its resources that it never makes.

    `without_resource` names the steps whose action cannot be limited to a resource.
    """

    name: str
    prepare: Step
    steps: Mapping[str, Step]
    other_actions: Mapping[str, Step]
    without_resource: frozenset[str] = frozenset()

    @property
    def resources(self) -> str:
        """The name of its resources."""
        return f"{self.name}-data"

    @property
    def other_resources(self) -> str:
        """The name of resources that are not its own: a longer one."""
        return f"{self.resources}-2"
