"""Images: `containerDefinitions[].image`."""

from __future__ import annotations

from taskrole.taskdef.feature import IMAGES, Feature, container_fields
from taskrole.taskdef.features.images.options import ImageOptions
from taskrole.taskdef.features.images.pulls import image_items
from taskrole.taskdef.features.images.rules import RULES
from taskrole.taskdef.shape import Scalar

# A placeholder in the tag is harmless, so placeholders are checked after the name is parsed.
_SHAPE = container_fields({"name": Scalar.RESOLVED, "image": Scalar.TEXT})

FEATURE = Feature(IMAGES, RULES, _SHAPE, ImageOptions, image_items)
