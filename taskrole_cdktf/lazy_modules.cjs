// Loads the modules of a prebuilt CDKTF provider one by one, when they are used.
//
// The index of @cdktf/provider-aws requires more than 2,200 modules, which takes two seconds and 500 MB of which a
// stack of roles needs a hundredth. This hook, given to Node by --require, replaces those requires by getters. It
// changes no installed file, touches that index and two requires of CDKTF's own (at the end), and leaves the index to
// Node where it holds anything unexpected.
"use strict";

const fs = require("fs");
const Module = require("module");

const INDEX = /[\\/]node_modules[\\/]@cdk(tf|tn)[\\/]provider-[^\\/]+[\\/]lib[\\/]index\.js$/;
const REQUIRE = /^exports\.(\w+) = (?:require\("(\.\/[\w-]+)"\)|__importStar\(require\("(\.\/[\w-]+\/index)"\)\));$/;
const CHAIN = /^(?:exports\.\w+ = )+void 0;$/;
const PREAMBLE = /^("use strict";|\/\*\*?|\*(?!\/).*|\*\/|\/\/.*|Object\.defineProperty\(exports, "__esModule", \{ value: true \}\);|)$/;

// What TypeScript writes before the index of CDK Terrain's provider, each of them one statement.
const HELPER = /^var (__createBinding|__setModuleDefault|__importStar) = \(this && this\.\1\) \|\| [^]*?^\}[()]*;$/gm;

// The names and files that an index exports, or null when it does anything beyond that.
function exportsOf(source) {
  const found = [];
  for (const line of source.replace(HELPER, "").split("\n").map((text) => text.trim())) {
    const match = REQUIRE.exec(line);
    if (match) {
      found.push([match[1], match[2] ?? match[3]]);
    } else if (!PREAMBLE.test(line) && !CHAIN.test(line)) {
      return null;
    }
  }
  return found.length ? found : null;
}

// As __importStar gives a module, which leaves those of its own kind alone.
function namespace(loaded) {
  return loaded.__esModule ? loaded : { ...loaded, default: loaded };
}

const load = Module._extensions[".js"];
Module._extensions[".js"] = function (module, filename) {
  const found = INDEX.test(filename) ? exportsOf(fs.readFileSync(filename, "utf8")) : null;
  if (!found) {
    return load.apply(this, arguments);
  }
  Object.defineProperty(module.exports, "__esModule", { value: true });
  for (const [name, path] of found) {
    Object.defineProperty(module.exports, name, {
      configurable: true,
      enumerable: true,
      get() {
        const loaded = module.require(path);
        const value = path.endsWith("/index") ? namespace(loaded) : loaded;
        Object.defineProperty(module.exports, name, { value, enumerable: true });
        return value;
      },
    });
  }
};

// CDKTF requires these when it starts, 250 modules and an eighth of the start, for archived assets and for a check of
// Terraform's version alone. Here they are loaded with their first use.
const LATE = [
  [/[\\/]node_modules[\\/]cdk(tf|tn)[\\/]lib[\\/]private[\\/]fs\.js$/, "archiver"],
  [/[\\/]node_modules[\\/]cdk(tf|tn)[\\/]lib[\\/]validations[\\/]validate-binary-version\.js$/, "semver"],
];

const require_ = Module.prototype.require;
Module.prototype.require = function (id) {
  if (!LATE.some(([user, name]) => id === name && user.test(this.filename))) {
    return require_.apply(this, arguments);
  }
  const loaded = () => require_.call(this, id);
  return new Proxy(function () {}, {
    apply: (_, self, values) => Reflect.apply(loaded(), self, values),
    get: (_, name) => loaded()[name],
  });
};
