DROP FUNCTION is_calendar_free(integer);
DROP FUNCTION hold_calendar();
DROP TABLE calendar_moves;
DROP TABLE calendar_publications;
