"""`make bench`: how fast Sekisho is, as ratios against what else can be run on the same machine in the same minutes.

In: this machine. Out: a table of figures with their bars. Fails: exit 1 where a bar is missed.

Absolute figures move by a factor of two between runs of a shared machine; rounds are therefore interleaved (A B A B) and
each figure is the ratio of two medians.
"""
