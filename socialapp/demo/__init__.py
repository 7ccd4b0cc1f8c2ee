"""The demo: people, clips and sixty days of history, all generated here. Part of the composition root.

`canvas` is the paint box, `fields` `life` `swarms` `shapes` `scapes` `lettering` hold the scenes, `sound` the music,
`catalogue` says which clip uses what, `rendering` makes the files, `cast` and `story` make the rows.
"""
