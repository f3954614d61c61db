"""Constants that tables of plugins share."""

from __future__ import annotations

OPTIONS_FIELD = "containerDefinitions[].logConfiguration.options"
EXAMPLES = "https://github.com/aws-samples/amazon-ecs-firelens-examples"
FLUENT_BIT = "https://docs.fluentbit.io/manual/pipeline/outputs"
