DROP TABLE log_ins;
