"""基础库: the population and legal persons that forms and rules may rely on."""
