"""The floor: a CDKTF app that imports no provider and has one empty stack."""

import sys

from cdktf import App, TerraformStack

app = App(outdir=sys.argv[1])
TerraformStack(app, "bare")
app.synth()
