// Reads one request a line as JSON (policies, boundary, action, resource, context) and prints one decision a line.
'use strict'
const readline = require('node:readline')
const { runUnsafeSimulation } = require('@cloud-copilot/iam-simulate')

const ACCOUNT = '111122223333'

function decide({ policies, boundary, action, resource, context }) {
  const named = policies.map((policy, index) => ({ name: `policy-${index}`, policy }))
  const simulation = {
    request: {
      principal: `arn:aws:sts::${ACCOUNT}:assumed-role/app/task`,
      action,
      resource: { resource, accountId: ACCOUNT },
      contextVariables: context
    },
    identityPolicies: named,
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    permissionBoundaryPolicies: boundary ? [{ name: 'boundary', policy: boundary }] : undefined
  }
  try {
    return runUnsafeSimulation(simulation, {})
  } catch (error) {
    return `error: ${error.message}`
  }
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  process.stdout.write(`${JSON.stringify(decide(JSON.parse(line)))}\n`)
})
