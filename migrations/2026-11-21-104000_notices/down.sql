DROP TABLE sending, notice_receipts, notice_attempts, notice_queue, notices, notice_templates;
