"""Tests the fast start of the provider of CDK Terrain, whose index has another form than that of CDKTF."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from taskrole_cdktf.fast_start import HOOK

INDEX = """\
"use strict";
/**
 * Copyright
 */
var __createBinding = (this && this.__createBinding) || (Object.create ? (function(o, m, k, k2) {
    if (k2 === undefined) k2 = k;
    Object.defineProperty(o, k2, { enumerable: true, get: function() { return m[k]; } });
}) : (function(o, m, k, k2) {
    o[k2 === undefined ? k : k2] = m[k];
}));
var __setModuleDefault = (this && this.__setModuleDefault) || (Object.create ? (function(o, v) {
    Object.defineProperty(o, "default", { enumerable: true, value: v });
}) : function(o, v) {
    o["default"] = v;
});
var __importStar = (this && this.__importStar) || (function () {
    return function (mod) {
        if (mod && mod.__esModule) return mod;
        var result = {};
        for (var k of Object.getOwnPropertyNames(mod)) if (k !== "default") __createBinding(result, mod, k);
        __setModuleDefault(result, mod);
        return result;
    };
})();
Object.defineProperty(exports, "__esModule", { value: true });
exports.plain = exports.old = exports.iamRole = void 0;
exports.iamRole = __importStar(require("./iam-role/index"));
exports.old = __importStar(require("./old/index"));
exports.plain = require("./plain");
//# sourceMappingURL=index.js.map
"""

SCRIPT = """
    global.loaded = [];
    const index = require("@cdktn/provider-fake/lib/index.js");
    const atFirst = [...loaded];
    const role = index.iamRole.name;
    const afterOne = [...loaded];
    const seen = [Object.keys(index).sort(), role, index.old.name, index.old.default?.name, index.plain.name];
    console.log(JSON.stringify({atFirst, afterOne, seen, whole: index.__esModule === true}));
"""


def required(folder: Path, source: str, *options: str) -> dict[str, Any]:
    library = folder / "node_modules/@cdktn/provider-fake/lib"
    modern = 'Object.defineProperty(exports, "__esModule", { value: true });'
    for path, first in (("iam-role/index.js", modern), ("old/index.js", ""), ("plain.js", "")):
        file = library / path
        file.parent.mkdir(parents=True, exist_ok=True)
        name = path.removesuffix("/index.js").removesuffix(".js")
        file.write_text(f'{first}(global.loaded ??= []).push("{name}"); exports.name = "{name}";\n')
    (library / "index.js").write_text(source)
    done = subprocess.run(["node", *options, "-e", SCRIPT], cwd=folder, check=True, capture_output=True, text=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def test_used_modules_are_loaded_and_equal_those_without_the_hook(tmp_path: Path) -> None:
    plain = required(tmp_path, INDEX)

    result = required(tmp_path, INDEX, f"--require={HOOK}")

    assert plain["atFirst"] == ["iam-role", "old", "plain"]
    assert (result["atFirst"], result["afterOne"]) == ([], ["iam-role"])
    assert result["seen"] == plain["seen"] == [["iamRole", "old", "plain"], "iam-role", "old", "old", "plain"]
    assert result["whole"] is True


@pytest.mark.parametrize(
    "more",
    ["var __other = (this && this.__other) || (function () {\n})();\n", "exports.more = __importStar(process);\n"],
)
def test_an_unusual_index_is_left_to_node(tmp_path: Path, more: str) -> None:
    result = required(tmp_path, INDEX + more, f"--require={HOOK}")

    assert result["atFirst"] == ["iam-role", "old", "plain"]
