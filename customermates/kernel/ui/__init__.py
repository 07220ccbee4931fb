"""What every page is made of: icons, formats, navigation, toasts. It knows nothing of the product's data."""
