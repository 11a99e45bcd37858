"""What a model has learnt: pictures that it finds emotional, bred in archives; ways of making them compared.

judge.py        Judge: a frozen model that looks at pictures; load_judge

genome.py       the kinds of genomes and what all can: Genome, Species, SPECIES, make_species, distance
cppn.py         CPPN: networks from place to colour; cppn_variation.py: how they are drawn, varied and crossed
expressions.py  Expression: trees of functions; expression_variation.py: the same for them
weights.py      FixedCPPN: a network of fixed shape, whose weights are the genome; differentiable
program.py      many formulas as one program of rows; functions.py and colors.py: what these are written in

atlas.py        make_atlas: the search that fills an archive; atlas_settings.py: AtlasSettings
archives.py     what pictures compete for: emotions × confidence, valence × arousal, probabilities, the cube
emitters.py     where genomes come from: mutation, random search, CMA-ME, CMA-MEGA
fitness.py      Jury: confidence of one model, agreement of several and of views; views.py: these
journal.py      what was said of every batch, so that a killed run goes on without loss
atlas_rows.py   an archive as rows and pictures
atlas_cells.py  the axes of an atlas, its cells' numbers, the columns of its files
atlas_folder.py Atlas: pictures in the cells of an archive, on disk; read_atlas, write_atlas
atlas_check.py  what an atlas must hold
atlas_mosaic.py an atlas's pictures in its cells
atlas_comparison.py several atlases at as many evaluations; atlas_tables.py writes that down

made.py         a folder of pictures and the Table that says what they were made for; write_made
fresh_views.py  mirror, crop, JPEG, blur, noise: what no maker has looked at
looked.py       what judges say of ways of making pictures; ways_of, look
achieved.py     what was asked for against what was said; what is left on fresh views; transfer
spread.py       how different pictures and genomes of a way are; the nearest real images
style_found.py  what pictures of an emotion look like, made ones beside real ones
comparison.py   Comparison: all of this of several ways and judges; compare_pictures
comparison_text.py the comparison as tables of text
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
