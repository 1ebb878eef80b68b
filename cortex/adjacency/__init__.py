"""Who is next to whom, learned from what devices say: for networks, and parts of one, that nobody wrote down.

`ends` knows how addresses of one link's two ends belong together, `sides` which end a message blames, `learner`
gathers the sessions and says whose address is whose, `timing` finds owners and hints by who speaks together,
`clocks` how far the clocks of two neighbours are apart, `gaps` what a documented topology lacks or has too much.
"""
