"""The law as data: what each region's documents fix, with the document and section of every value.

`model` types it, `lookup` finds what is in force for a region on a day, `load` reads the YAML,
`calendar` counts working days.
"""
