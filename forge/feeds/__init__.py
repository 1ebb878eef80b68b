"""The doors alarms come in by: HTTP, syslog, SNMP traps, polls, RADIUS accounting."""
