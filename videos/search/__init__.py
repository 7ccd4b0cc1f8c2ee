"""Finding people, clips, sounds, tags and challenges by words, in spite of a typing error, for who may see them.

words.py says what words are, indexing.py keeps the index (models/search.py) in step, matching.py reads it, finding.py lets
the gate decide, suggesting.py helps while somebody types.
"""
