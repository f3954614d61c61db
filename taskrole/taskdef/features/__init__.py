"""One module, or one package, a feature; `registry.py` lists them all."""
