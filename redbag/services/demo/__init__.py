"""An invented borough, made by rule from a seed: every person, place and figure in it is made up."""
