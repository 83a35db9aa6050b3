"""Red Bag: the pack, the label, the handovers and the evidence of the hospital transfer pathway."""
