"""Runs applications under roles that allow everything, and again under the roles proposed from their calls."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from botocore.exceptions import ClientError

from tests.e2e.console import click_role, put_policy
from tests.e2e.enforcing import ACCOUNT, REGION, EnforcingAws
from tests.e2e.project import Project
from tests.e2e.recorded.application import Application, Step, Use
from tests.e2e.recorded.recorder import Recorder, recorder_of

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
    ],
}
ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
STACK = f"""\
version: 1
stacks:
  s:
    region: {REGION}
    account: "{ACCOUNT}"
    roles:
"""
ROLE = f"""\
      %s:
        kind: task
        trust: {{principals: {{aws: ["{ACCOUNT}"]}}}}
        grants: []
"""
DENIED = ("AccessDenied", "AccessDeniedException", "AuthorizationError", "403")


@dataclass
class Circle:
    """The account of the applications. `before` are their events under the roles that allow everything."""

    aws: EnforcingAws
    recorder: Recorder
    project: Project
    before: Path
    applications: Sequence[Application]
    prepared: dict[str, Use] = field(default_factory=dict)

    def codes(self, application: Application, steps: Mapping[str, Step], name: str = "") -> dict[str, str]:
        """Run steps as a new task of the application, despite errors; return the error code of each.

        `name` is the name of the resources. Default: those of the application.
        """
        made = self.prepared[name or application.resources]
        credentials = self.recorder.aws.assume(f"arn:aws:iam::{ACCOUNT}:role/{application.name}", secrets.token_hex(16))
        use = Use(self.recorder.aws, made.name, credentials, dict(made.kept))
        return {step: _code(make, use) for step, make in steps.items()}

    def prepare(self, application: Application) -> None:
        """Create a role that allows everything, the resources of the application, and the same with a longer name."""
        click_role(self.aws.client("iam"), application.name, TRUST, ())
        put_policy(self.aws.client("iam"), application.name, "all", ALL)
        for name in (application.resources, application.other_resources):
            self.prepared[name] = Use(self.aws, name)
            application.prepare(self.prepared[name])

    def forget(self, application: Application) -> None:
        """Delete the role that allows everything."""
        iam = self.aws.client("iam")
        iam.delete_role_policy(RoleName=application.name, PolicyName="all")
        iam.delete_role(RoleName=application.name)


@contextmanager
def circle(aws: EnforcingAws, project: Project, applications: Sequence[Application]) -> Iterator[Circle]:
    """Run applications, derive their roles from the recorded calls, and deploy them."""
    with recorder_of(aws) as recorder:
        made = Circle(aws, recorder, project, project.folder / "before", applications)
        for application in applications:
            made.prepare(application)
            codes = made.codes(application, application.steps)
            assert not any(codes.values()), codes
        recorder.deliver(made.before)
        project.write(STACK + "".join(ROLE % application.name for application in applications))
        project.taskrole("observe", made.before, "--stack", "s", "--write", "--strict")
        for application in applications:
            made.forget(application)
        project.deploy()
        yield made


def _code(make: Step, use: Use) -> str:
    try:
        make(use)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""
