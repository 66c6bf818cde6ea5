DROP TABLE approvals, api_keys, sessions, staff;
