"""The equipment: devices, models, firmware, maintenance windows."""
