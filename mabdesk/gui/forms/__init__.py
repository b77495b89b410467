"""Forms made from the declarations of options: one field a setting, with unit, limits, help and the way back."""
