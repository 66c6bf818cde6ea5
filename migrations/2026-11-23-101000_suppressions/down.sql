DROP TABLE notice_consents;
DROP TABLE notice_suppressions;
