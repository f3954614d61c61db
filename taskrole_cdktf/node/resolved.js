// CDKTF classes whose attributes CDKTF does not search for tokens, key by key and text by text, three times.
//
// A synthesis resolves an element when its stack is prepared, when the element is written, and when the stack is, and
// each time searches all of it, down to the last line of a policy: two thirds of the time of a large stack. A class
// created here searches its attributes itself, passes CDKTF those that may contain a token, and leaves the others
// unchanged.
"use strict";

// The text in every token: of strings, lists and maps, and of numbers.
const MAYBE_TOKEN = /TfToken\[|Map Token Value|[-|\d.+]e[-|\d.eE+]/;

const TOKENS = Symbol("tokens");

// Whether CDKTF would return a value unchanged.
function isPlain(value) {
  if (typeof value === "string") {
    return !MAYBE_TOKEN.test(value);
  }
  if (typeof value !== "object") {
    return typeof value === "boolean";
  }
  if (Array.isArray(value)) {
    return value.every(isPlain);
  }
  return value === null;
}

// A value with its tokens resolved. `context` is CDKTF's, `tokens` are the texts of those already known.
function resolved(value, context, tokens) {
  if (isPlain(value)) {
    return value;
  }
  if (typeof value === "string" && tokens.has(value)) {
    if (tokens.get(value) === undefined) {
      tokens.set(value, context.resolve(value));
    }
    return tokens.get(value);
  }
  const isObject = typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype;
  if (!isObject || Object.keys(value).some((key) => MAYBE_TOKEN.test(key))) {
    return context.resolve(value);
  }
  const result = {};
  for (const key of Object.keys(value)) {
    const part = value[key] === undefined ? undefined : resolved(value[key], context, tokens);
    if (part !== undefined) {
      result[key] = part;
    }
  }
  return result;
}

// A token for a value without tokens, which CDKTF does not search.
class Resolved {
  constructor(value) {
    this.value = value;
  }

  resolve(context) {
    context.registerPostProcessor({ postProcess: () => this.value });
  }
}

// A token for an element's part of the stack, with its attributes at `path`.
class Fragment {
  constructor(terraform, path, tokens) {
    this.terraform = terraform;
    this.path = path;
    this.tokens = tokens;
  }

  resolve(context) {
    const fragment = resolved(this.terraform, context, this.tokens);
    if (!context.preparing && !(this.path[0] in context.scope.rawOverrides)) {
      const parents = this.path.slice(0, -1);
      const [name] = this.path.slice(-1);
      const parent = parents.reduce((terraform, key) => terraform?.[key], fragment);
      if (parent !== undefined) {
        parent[name] = new Resolved(parent[name]);
      }
    }
    context.registerPostProcessor({ postProcess: () => fragment });
  }
}

// The class of a resource or output with such attributes; `tokens`, the last argument of its constructor, is a map
// whose keys are the tokens of its own stack that attributes can contain.
exports.withResolvedAttributes = (Class) =>
  class extends Class {
    constructor(scope, id, config, tokens) {
      super(scope, id, config);
      this[TOKENS] = tokens;
    }

    toTerraform() {
      const type = this.terraformResourceType;
      const path = type ? ["resource", type, this.friendlyUniqueId] : ["output", this.friendlyUniqueId];
      return new Fragment(super.toTerraform(), path, this[TOKENS]);
    }
  };
