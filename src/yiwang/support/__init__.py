"""公共支撑: login, licences, messages, delivery."""
