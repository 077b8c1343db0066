"""How every page looks, in one design system."""
