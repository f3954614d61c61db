// Lets cdktf-cli 0.21.0 run where its terminal module has no prebuilt binary: Node 23 and newer, or arm64 with Node 22.
//
//     NODE_OPTIONS="--require ./tools/pty_stand_in.cjs" npx cdktf deploy --auto-approve
//
// cdktf starts terraform in a pseudo terminal. Where that module loads, nothing changes; where it does not, terraform
// gets pipes instead, which is the same to it when nobody has to answer a question.
"use strict";

const { spawn } = require("child_process");
const Module = require("module");

const NAME = "@cdktf/node-pty-prebuilt-multiarch";

const standIn = {
  spawn(file, args, options) {
    const child = spawn(file, args, { cwd: options.cwd, env: options.env, stdio: "pipe" });
    return {
      write: (text) => child.stdin.write(text),
      onData(listener) {
        child.stdout.on("data", (chunk) => listener(String(chunk)));
        child.stderr.on("data", (chunk) => listener(String(chunk)));
      },
      onExit(listener) {
        child.on("error", (error) => listener({ exitCode: error.errno || 1 }));
        child.on("close", (code, signal) => listener({ exitCode: code === null ? 1 : code, signal }));
      },
    };
  },
};

const load = Module._load;
Module._load = function (request, ...others) {
  if (request !== NAME) {
    return load.call(this, request, ...others);
  }
  try {
    return load.call(this, request, ...others);
  } catch (error) {
    if (error.code !== "MODULE_NOT_FOUND") {
      throw error;
    }
    return standIn;
  }
};
