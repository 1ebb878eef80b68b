"""Storms on real backbones, with the truth kept apart: how well Cortex groups alarms and names their cause.

`backbones` reads real topologies, `access` hangs subscribers under them, `world` knows physically who is cut off,
`voices` what the network says of it and when, `faults` what breaks, `truth` which faults no alarm can tell apart.
`scenarios` puts difficulties on top. `play` asks Cortex, `baselines` what people use today, `measures` compares. None
of the first seven imports Cortex.
"""
