"""公共支付: what is to be paid to the state, that it is paid exactly once, and the receipt for it."""
