"""一码通: the signed code of a person, a firm or a door plate, and what a scene may learn by scanning it."""
