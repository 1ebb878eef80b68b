"""The doors: HTTP and the command line; here the house is put together."""

import warnings

# The embedded server's wheel asks for a runtime folder on import, which root and containers don't have or need.
warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
