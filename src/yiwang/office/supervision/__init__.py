"""督查督办: watches time limits from above, and gives out cards that units sign for, plead against and put right."""
