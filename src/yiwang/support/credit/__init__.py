"""公共信用: records of firms, how long they are public, grades, checks, measures, objection and repair."""
