DROP TABLE unit_parents;
