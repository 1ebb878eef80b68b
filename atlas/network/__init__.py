"""The network as it is: nodes, links, alarms, samples, access sessions."""
