"""The home's own software (DUI): it tells Liaison, by HL7 ADT over MLLP, who comes, goes and returns."""
