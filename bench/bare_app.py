"""The baseline: a CDKTF app without a provider and with one empty stack."""

import sys

from cdktf import App, TerraformStack

app = App(outdir=sys.argv[1])
TerraformStack(app, "bare")
app.synth()
