// Creates constructs, those of many roles in one call; taskrole_cdktf/role.py creates them from Python, with two requests
// to Node per construct. Python calls this jsii module like CDKTF; `.jsii` describes it.
"use strict";

const { Construct } = require("constructs");

const { withResolvedAttributes } = require("./resolved");

const classes = new Map();

// The class with a jsii name, such as `@cdktf/provider-aws.iamRole.IamRole`.
function classOf(name) {
  const [, module, path] = /^((?:@[^/]+\/)?[^./]+)\.(.+)$/.exec(name);
  return path.split(".").reduce((namespace, part) => namespace[part], require(module));
}

// The class of an element, a resource or output, that searches its attributes for tokens itself.
function elementClassOf(name) {
  if (!classes.has(name)) {
    classes.set(name, withResolvedAttributes(classOf(name)));
  }
  return classes.get(name);
}

// Adds a role with its resources and outputs to a stack.
function addRole(scope, { id, resources, outputs }, Output) {
  const role = new Construct(scope, id);
  const constructs = new Map();
  const values = new Map();
  const tokens = new Map();
  const valueOf = ({ of, name }) => {
    const key = `${name} ${of}`;
    if (!values.has(key)) {
      values.set(key, constructs.get(of)[name]);
      tokens.set(values.get(key), undefined);
    }
    return values.get(key);
  };
  for (const { type, id, logicalId, importId, arguments: given, references } of resources) {
    for (const [name, reference] of Object.entries(references)) {
      given[name] = Array.isArray(reference) ? reference.map(valueOf) : valueOf(reference);
    }
    const construct = new (elementClassOf(type))(role, id, given, tokens);
    construct.overrideLogicalId(logicalId);
    if (importId !== null) {
      construct.importFrom(importId);
    }
    constructs.set(id, construct);
  }
  for (const { id, value, description } of outputs) {
    new Output(scope, id, { value: valueOf(value), description }, tokens);
  }
}

class Batch {
  // Adds a construct to a stack; `values` are its arguments as JSON.
  static create(scope, type, id, values) {
    new (classOf(type))(scope, id, JSON.parse(values));
  }

  // Adds roles to a stack; `batch` is JSON from taskrole_cdktf/role_batch.py.
  static add(scope, batch) {
    const { output, roles } = JSON.parse(batch);
    // Each token stores the stack trace of its creation, which is always this place: tracing is turned off.
    const capture = Error.captureStackTrace;
    Error.captureStackTrace = () => {};
    try {
      roles.forEach((role) => addRole(scope, role, elementClassOf(output)));
    } finally {
      Error.captureStackTrace = capture;
    }
  }
}

exports.Batch = Batch;
