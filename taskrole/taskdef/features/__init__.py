"""One module or package per feature; `registry.py` lists them."""
